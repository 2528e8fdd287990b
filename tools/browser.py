"""A Chromium for the tests: the machine's own, else Playwright's, else the system package."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import python, system
from tools.say import Trouble, line, output, run, warn

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """The path of a browser that is there, or None."""
    there = [*map(shutil.which, NAMES), str(MAC)]
    return next((path for path in there if path and _starts(path)), None) or _playwrights()


def make() -> str | None:
    """Find or fetch a browser; None if none can be had (then the reason has been said)."""
    found = find() or _fetch()
    if found is None:
        warn("no browser could be had: the tests in a real browser cannot run here")
    elif not _can_write_chinese() and system.can_install():
        system.install("fonts-noto-cjk")
    return found


def _fetch() -> str | None:
    line("a browser for the tests (Chromium)")
    try:
        run([python.program("playwright"), "install", "chromium"], what="Fetching Chromium", env=_patient(), show=False)
    except Trouble as trouble:
        line(f"{trouble}; trying the system's packages")
        system.install("chromium", "fonts-noto-cjk")
    return find()


def _patient() -> dict[str, str]:
    return {**os.environ, "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "20000"}


def _playwrights() -> str | None:
    """The Chromium that Playwright has fetched, if it has."""
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    path = output([python.program("python"), "-c", code])
    return path if path and _starts(path) else None


def _starts(path: str) -> bool:
    """It is there, and the system has the libraries that it needs."""
    return output([path, "--version"]) is not None


def _can_write_chinese() -> bool:
    listed = output(["fc-list", ":lang=zh"])
    return listed is None or listed != ""
