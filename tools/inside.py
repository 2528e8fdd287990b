"""Going on inside the project's own Python environment: set-up first, then a module that may import the project."""

from __future__ import annotations

import os
import sys

from tools import python, setup
from tools.say import ROOT, Trouble


def go(module: str, *, tests: bool = False) -> None:
    """Run `python -m module` in `.venv` in the place of this process."""
    try:
        if tests:
            setup.for_tests()
        else:
            setup.for_running()
    except Trouble as trouble:
        sys.exit(f"\nSet-up stopped: {trouble}")
    os.chdir(ROOT)
    inner = str(python.program("python"))
    os.execv(inner, [inner, "-m", module])  # noqa: S606
