"""`make torture BODIES=100000`: so many hostile sync calls on each database, new ones every time."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

from sync.clock import SystemClock
from tests import postgres
from tests.torture.fuzzed import Fuzz, books_are_whole
from tests.torture.world import on_postgresql, on_sqlite
from web.app import create_app
from web.config import Config

BODIES = int(os.environ.get("BODIES") or 10_000)
SEED = int(os.environ.get("SEED") or secrets.randbelow(2**31))


def send(name: str, config: Config) -> None:
    """All of them; AssertionError with seed and number where something does not hold."""
    fuzz = Fuzz(create_app(config, SystemClock()), SEED)
    began = time.monotonic()
    for _ in range(BODIES):
        fuzz.one()
    books_are_whole(fuzz.services)
    fuzz.services.database.sql_engine.dispose()
    met = ", ".join(f"{count} {what}" for what, count in sorted(fuzz.met.items()))
    print(f"{name}: {BODIES} calls in {time.monotonic() - began:.0f} s, nothing broke. {met}", flush=True)


def main() -> int:
    print(f"{BODIES} hostile calls on each database, SEED={SEED}", flush=True)
    with tempfile.TemporaryDirectory(prefix="gridwalk-bodies-") as folder, postgres.running() as cluster:
        send("SQLite", on_sqlite(Path(folder) / "sqlite"))
        send("PostgreSQL", on_postgresql(Path(folder) / "postgresql", cluster.create()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
