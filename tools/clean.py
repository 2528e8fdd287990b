"""`make clean`: remove what set-up and build have made. Data (var/) stays."""

from __future__ import annotations

import shutil

from tools.say import ROOT, line

MADE = (
    ".venv",
    ".tools",
    ".cache",
    "node_modules",
    "static/app",
    "static/vendor",
    ".import_linter_cache",
    ".hypothesis",
)


def main() -> None:
    for name in MADE:
        path = ROOT / name
        if path.exists():
            line(f"removing {name}")
            shutil.rmtree(path)


if __name__ == "__main__":
    main()
