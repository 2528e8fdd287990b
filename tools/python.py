"""The Python environment: `.venv` from uv.lock, made by uv; uv itself comes from PyPI where the machine has none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import stamps
from tools.say import ROOT, Trouble, line, run

VENV = ROOT / ".venv"
UV_VENV = ROOT / ".tools" / "uv"
UV = "uv>=0.11,<1"
STAMP = VENV / ".stamp"


def program(name: str) -> Path:
    """The path of a program inside the environment (it need not exist)."""
    return VENV / "bin" / name


def make() -> None:
    """Make `.venv`, or bring it up to the lock file. Nothing is done if it is already so."""
    wanted = stamps.digest([ROOT / "pyproject.toml", ROOT / "uv.lock"], sys.version)
    if stamps.fresh(STAMP, wanted) and program("python").exists():
        return
    uv = uv_program()
    line("Python packages (about 70; a minute the first time)")
    run(
        [uv, "sync", "--frozen", "--quiet", "--python", sys.executable],
        what="Installing Python packages",
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV), "UV_LINK_MODE": "copy"},
    )
    stamps.put(STAMP, wanted)


def uv_program() -> str:
    """uv: the machine's own, else one in a private environment."""
    found = shutil.which("uv")
    if found and _works(found):
        return found
    mine = UV_VENV / "bin" / "uv"
    if not _works(str(mine)):
        line("uv, the installer of Python packages")
        _private_venv(UV_VENV)
        run([UV_VENV / "bin" / "python", "-m", "pip", "install", "--quiet", UV], what="Installing uv")
    return str(mine)


def _private_venv(folder: Path) -> None:
    """A bare environment with pip. Some systems ship Python without venv: then its package is asked for."""
    try:
        run([sys.executable, "-m", "venv", "--clear", folder], what="Making a private environment for uv")
    except Trouble:
        if not _apt("python3-venv"):
            raise Trouble(
                "this Python comes without venv. Install it (Debian, Ubuntu: `apt install python3-venv`), "
                "or install uv, then call the same command again"
            ) from None
        run([sys.executable, "-m", "venv", "--clear", folder], what="Making a private environment for uv")


def _apt(package: str) -> bool:
    from tools import system

    return system.install(package)


def _works(uv: str) -> bool:
    try:
        return subprocess.run([uv, "--version"], check=False, capture_output=True).returncode == 0
    except OSError:
        return False
