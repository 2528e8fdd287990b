"""Searching for trouble: the tests of the engine, of the domain and of the door over and over, with new random values.

`make test` tries the same values every time, so that a red run means a changed project. Here every round is new. It
stops at the first failure and prints what repeats it; a failure that was found becomes a test with a name.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time

from tools.say import ROOT

FOLDERS = ("tests/sync", "tests/domain", "tests/api")
MINUTES = float(os.environ.get("MINUTES") or 5)


def one_round(seed: int) -> int:
    words = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", f"--hypothesis-seed={seed}", *FOLDERS]
    there = [word for word in words if not word.startswith("tests/") or any((ROOT / word).glob("test_*.py"))]
    return subprocess.run(there, cwd=ROOT, check=False, env={**os.environ, "GRIDWALK_TESTS": "torture"}).returncode


def main() -> int:
    end = time.monotonic() + MINUTES * 60
    rounds = 0
    while rounds == 0 or time.monotonic() < end:
        seed = secrets.randbelow(2**31)
        print(f"· round {rounds + 1}, seed {seed}", flush=True)
        if one_round(seed) != 0:
            again = f"GRIDWALK_TESTS=torture .venv/bin/pytest --hypothesis-seed={seed} {' '.join(FOLDERS)}"
            print(f"\nFOUND SOMETHING in round {rounds + 1}. To repeat: {again}")
            return 1
        rounds += 1
    print(f"\n{rounds} rounds in {MINUTES:g} minutes found nothing.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
