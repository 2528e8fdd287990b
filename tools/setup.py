"""`make setup`: everything that the other commands need, from nothing."""

from __future__ import annotations

import sys
import time

from tools import browser, client, node, python
from tools.say import Trouble, line


def for_running() -> None:
    """What `make run` needs."""
    python.make()
    node.make()
    client.build()


def for_tests() -> str | None:
    """What `make test` needs; the path of the browser, or None if none could be had."""
    for_running()
    return browser.make()


def main() -> int:
    began = time.monotonic()
    try:
        for_tests()
    except Trouble as trouble:
        print(f"\nSet-up stopped: {trouble}", file=sys.stderr)
        return 1
    line(f"ready ({time.monotonic() - began:.0f} s). Now: make run, or make test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
