"""`make build`: set-up, then the phone app."""

from __future__ import annotations

import sys

from tools import setup
from tools.say import Trouble, line


def main() -> int:
    try:
        setup.for_running()
    except Trouble as trouble:
        print(f"\nThe build stopped: {trouble}", file=sys.stderr)
        return 1
    line("static/app is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
