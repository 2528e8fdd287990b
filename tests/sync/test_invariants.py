"""Three invariants that no broken engine of tests/sync/mutants reaches before another does: each fails where a hand has
been at the database or at a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sync import invariants
from tests.sync.invariants import watch
from tests.sync.island import Island
from tests.sync.memory import MemoryWorld
from tests.sync.sayings import TOYS

BY_HAND: dict[str, Callable[[Island], object]] = {
    "what_is_numbered_stays": lambda island: island.world.raw.execute("UPDATE change SET hash = 'x' WHERE seq = 1"),
    "receipts_never_change": lambda island: next(iter(island.phones[0].receipts.values())).update(seq=7),
    "nobody_is_told_twice": lambda island: island.phones[0].outbox.append({"id": "x", "book": "x"}),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_invariant_fails_where_a_hand_has_been(name: str) -> None:
    """Ann and Bob have named a toy, neither having seen the other, and a lead has decided."""
    island = Island(MemoryWorld())
    watching = watch(island)
    ann, bob, _cy, lead = island.phones
    invariant = getattr(invariants, name)
    ann.create(TOYS[0], {"name": "a"})
    bob.create(TOYS[0], {"name": "b"})
    for phone in (ann, bob, lead):
        phone.sync()
        watching.after_step()
    lead.edit(TOYS[0], {"name": "a"})
    assert list(invariant(watching)) == []
    BY_HAND[name](island)
    assert list(invariant(watching)) != []
