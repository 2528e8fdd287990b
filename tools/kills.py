"""`make torture KILLS=1000`: a server is killed so many times under eight phones, half of them on each database."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.torture.cluster import cluster
from tests.torture.siege import Siege, seen_by
from tests.torture.world import on_postgresql, on_sqlite

KILLS = int(os.environ.get("KILLS") or 1000)
ON = (os.environ.get("ON") or "sqlite postgresql").split()
SEED = int(os.environ.get("SEED") or secrets.randbelow(2**31))


def say(text: str) -> None:
    print(f"· {time.strftime('%H:%M:%S')} {text}", flush=True)


def survive(name: str, make: Callable[[Path], Siege], kills: int) -> None:
    with tempfile.TemporaryDirectory(prefix="gridwalk-kills-") as folder:
        siege = make(Path(folder) / "data")
        began = time.monotonic()
        try:
            siege.run(kills, say)
        except BaseException:
            say(f"after {siege.met['cuts']} kills: {siege.tell()}\n{_last_words(siege)}")
            raise
        seconds = time.monotonic() - began
        say(f"{name}: {kills} kills survived in {seconds:.0f} s, {seen_by(siege.phones)} changes, each there once.")


def _last_words(siege: Siege) -> str:
    lines = siege.server.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line[:2000] for line in lines if '"level":"info"' not in line)[-6000:]


def main() -> int:
    say(f"{KILLS} kills, SEED={SEED}")
    share = KILLS // len(ON)
    if "sqlite" in ON:
        survive("SQLite", lambda data: Siege(on_sqlite(data), SEED), share)
    if "postgresql" in ON:
        with cluster() as broken:
            make = lambda data: Siege(on_postgresql(data, broken.new_database()), SEED, broken.break_somehow)  # noqa: E731
            survive("PostgreSQL", make, share)
    return 0


if __name__ == "__main__":
    sys.exit(main())
