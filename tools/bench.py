"""`make bench`: set-up, then the measurements of the folder bench/. ROUNDS=3, QUICK=1, PEERS=1, PHONE=0: see bench/__main__.py."""

from __future__ import annotations

from tools.inside import go

if __name__ == "__main__":
    go("bench", tests=True)
