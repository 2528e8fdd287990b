"""`make torture`: set-up, then the search of tools/search.py; with KILLS, BODIES, SEEDS or SEED given, what they name instead."""

from __future__ import annotations

import os
from typing import Final

from tools.inside import go

INSTEAD: Final = {
    "KILLS": "tools.kills",
    "BODIES": "tools.bodies",
    "SEEDS": "tools.seeds",
    "SEED": "tools.seeds",
}

if __name__ == "__main__":
    go(next((module for name, module in INSTEAD.items() if os.environ.get(name)), "tools.search"), tests=True)
