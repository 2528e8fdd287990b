"""Thousands of short stories by a seed. `make torture` tells others; a seed that failed stays in tests/sync/test_found.py."""

from __future__ import annotations

import pytest

from tests.sync.memory import MemoryWorld
from tests.sync.simulation import run

BATCHES, SEEDS, STEPS = 28, 75, 16
"""Short runs meet what needs no long story, in their thousands; a few long ones what only time brings about."""
LONG_SEEDS, LONG_STEPS = 16, 80


@pytest.fixture(scope="module")
def memory() -> MemoryWorld:
    return MemoryWorld()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_M8_nothing_is_lost_whatever_goes_wrong(memory: MemoryWorld, batch: int, first_seed: int) -> None:
    for seed in range(first_seed + batch * SEEDS, first_seed + (batch + 1) * SEEDS):
        run(memory, seed, STEPS)


@pytest.mark.parametrize("seed", range(LONG_SEEDS))
def test_M8_nothing_is_lost_in_the_long_run(memory: MemoryWorld, seed: int, first_seed: int) -> None:
    run(memory, 1_000_000 + first_seed + seed, LONG_STEPS)


def test_the_same_seed_tells_the_same_story(memory: MemoryWorld) -> None:
    """And leaves the same database, to the last byte, also in another world made for it."""
    one, two = run(memory, 7, 60), run(MemoryWorld(), 7, 60)
    assert one.history == two.history
    assert one.dump == two.dump
    assert run(memory, 8, 60).history != one.history
