"""`make run`: set-up, then the demo world on this machine. Everything else is `gridwalk run`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools import python, setup
from tools.say import ROOT, Trouble, line


def words() -> list[str]:
    """The command that serves, from PORT=, DATA=, LAN= and WORLD=."""
    asked = os.environ.get
    data = Path(asked("DATA") or "var")
    command = [str(python.program("gridwalk")), "run", "--demo"]
    command += ["--port", asked("PORT") or "8000", "--data", str(data)]
    if asked("WORLD"):
        command += ["--world", str(asked("WORLD"))]
    if asked("LAN") not in (None, "", "0"):
        command += ["--lan"]
    return command


def main() -> None:
    try:
        setup.for_running()
    except Trouble as trouble:
        sys.exit(f"\nGridwalk could not be set up: {trouble}")
    line("starting")
    os.chdir(ROOT)
    # The server takes the place of this process, so that Ctrl-C reaches it and nothing is left behind.
    os.execv(words()[0], words())  # noqa: S606


if __name__ == "__main__":
    main()
