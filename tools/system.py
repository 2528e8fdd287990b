"""The system's own packages: only as root, only where apt is, and only what could not be had otherwise."""

from __future__ import annotations

import os
import shutil

from tools.say import Trouble, line, run


def can_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(*packages: str) -> bool:
    """Install packages by apt; False where that is not possible or fails."""
    if not can_install():
        return False
    line(f"system packages: {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install_ = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    try:
        run(["apt-get", "update", "-qq"], what="apt-get update", env=env)
        run(install_, what=f"Installing {' '.join(packages)}", env=env)
    except Trouble as trouble:
        line(str(trouble))
        return False
    return True
