"""Programs of others that the tests want running beside them: fetched, started, waited for."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from tools import system
from tools.say import Trouble, line, warn

START_WITHIN: Final = 20
"""Seconds."""


def fetch(name: str, package: str, find: Callable[[], Path | None], without: str) -> Path | None:
    """Find the program, or install the system's package; None if none can be had (then it is said what goes `without`)."""
    found = find()
    if found is None and system.can_install():
        line(f"{name} for the tests")
        system.install(package)
        found = find()
    if found is None:
        warn(f"no {name} could be had: {without}")
    return found


def least_user() -> str | None:
    """Whom a server runs as that root may not start. None: whoever we are."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def group_of(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid


def start(words: Sequence[str], log: IO[bytes], user: str | None = None) -> subprocess.Popen[bytes]:
    """A process of its own group, as `user`, that says everything to `log`."""
    return subprocess.Popen(
        words,
        user=user,
        group=group_of(user),
        extra_groups=None if user is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, otherwise: str, within: float = START_WITHIN
) -> None:
    """Trouble, with the end of what it said, where the process ends or so many seconds pass before it is `ready`."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.02)
    raise Trouble(f"{otherwise}:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def answers(port: int) -> bool:
    """Does something listen at 127.0.0.1:`port`?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
