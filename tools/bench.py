"""`make bench`: set-up, then the measurements of tools/measure.py."""

from __future__ import annotations

from tools.inside import go

if __name__ == "__main__":
    go("tools.measure")
