"""`make torture`: set-up, then the search of tools/search.py."""

from __future__ import annotations

from tools.inside import go

if __name__ == "__main__":
    go("tools.search", tests=True)
