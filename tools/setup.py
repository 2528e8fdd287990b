"""`make setup`: everything that the other commands need, from nothing."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from tools import browser, client, node, pooler, postgres, python, redis_server
from tools.say import Trouble, line


@dataclass(frozen=True)
class Parts:
    """What the tests can use of what not every machine has."""

    browser: bool
    postgres: bool
    s3: bool = True
    machines: bool = True
    """pgbouncer and Redis, for an instance of several server machines."""


def for_running() -> None:
    """What `make run` needs."""
    python.make()
    node.make()
    client.build()


def for_tests() -> Parts:
    """What `make test` needs; what could not be had has been said."""
    for_running()
    there = python.program("rclone").exists()
    found = browser.make() is not None, postgres.make() is not None
    # PostgreSQL comes first: its packages make the user that pgbouncer runs as.
    machines = pooler.make() is not None and redis_server.make() is not None
    return Parts(browser=found[0], postgres=found[1], s3=there, machines=machines)


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
