"""Building what the browser loads: the phone app into static/app, third-party scripts into static/vendor."""

from __future__ import annotations

import shutil

from tools import node, stamps
from tools.say import ROOT, Trouble, line, run

APP = ROOT / "static" / "app"
VENDOR = ROOT / "static" / "vendor"
STAMP = ROOT / ".cache" / "client.stamp"
SOURCES = [
    ROOT / "web" / "client",
    ROOT / "web" / "catalogue",
    ROOT / "api" / "phrases.gen.txt",
    ROOT / "static" / "css",
    ROOT / "static" / "icons",
    ROOT / "vite.config.ts",
    ROOT / "tsconfig.json",
    ROOT / "package-lock.json",
]
VENDORED = {"htmx.org/dist/htmx.min.js": "htmx.min.js"}


def build() -> None:
    """Build if the sources have changed since the last time."""
    wanted = stamps.digest(SOURCES)
    if stamps.fresh(STAMP, wanted) and (APP / "index.html").exists() and _vendored():
        return
    line("building the phone app")
    env = node.environment()
    _copy_vendored()
    run([node.program("npx", env), "--no-install", "vite", "build"], what="Building the phone app", env=env)
    stamps.put(STAMP, wanted)


def _vendored() -> bool:
    return all((VENDOR / name).exists() for name in VENDORED.values())


def _copy_vendored() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in VENDORED.items():
        path = ROOT / "node_modules" / source
        if not path.exists():
            raise Trouble(f"{path.relative_to(ROOT)} is missing; remove node_modules and try again")
        shutil.copyfile(path, VENDOR / name)
