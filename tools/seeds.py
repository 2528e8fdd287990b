"""`make torture SEEDS=10000`: so many stories of the simulation, by new seeds, on all cores; SEED=… plays one again.

STEPS (60) is how long each story is; with MINUTES the search ends then, whatever is left. What fails is printed with its
seed, its history and the line that repeats it, and the search goes on: the kinds of failure are what is wanted.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.sync.memory import MemoryWorld
from tests.sync.simulation import run

STEPS = int(os.environ.get("STEPS") or 60)
SEEDS = int(os.environ.get("SEEDS") or 1)
MINUTES = float(os.environ.get("MINUTES") or 24 * 60)
BATCH = 25
Batch = tuple[int, int, list[tuple[int, str]]]
"""(stories, questions asked, (seed, how it failed) of those that did)"""


def play(first: int) -> Batch:
    world, asked, failed = MemoryWorld(), 0, []
    for seed in range(first, first + BATCH):
        try:
            asked += run(world, seed, STEPS).asked
        except Exception as error:
            failed.append((seed, "".join(traceback.format_exception(error))))
            world = MemoryWorld()
    return BATCH, asked, failed


def batches(first: int) -> Iterator[Batch]:
    end = time.monotonic() + MINUTES * 60
    starts = range(first, first + SEEDS, BATCH)
    with ProcessPoolExecutor() as pool:
        width = 4 * (os.cpu_count() or 1)
        for begin in range(0, len(starts), width):
            yield from pool.map(play, starts[begin : begin + width])
            if time.monotonic() > end:
                return


def search() -> int:
    first = secrets.randbelow(2**31)
    print(f"· {SEEDS} stories of {STEPS} steps, from seed {first}", flush=True)
    stories = asked = found = 0
    for told, questions, failed in batches(first):
        stories, asked = stories + told, asked + questions
        for seed, how in failed:
            found += 1
            print(f"{how}\nFOUND SOMETHING. To repeat: make torture SEED={seed} STEPS={STEPS}\n", flush=True)
    print(f"\n{stories} stories, {stories * STEPS} steps, {asked} times an invariant was asked: {found} failed.")
    return 1 if found else 0


def main() -> int:
    if not os.environ.get("SEED"):
        return search()
    ran = run(MemoryWorld(), int(os.environ["SEED"]), STEPS)
    print("\n".join(ran.history))
    print(f"\n{ran.steps} steps, {ran.asked} times an invariant was asked: all is well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
