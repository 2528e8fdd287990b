"""A run of the island by a seed: the same seed, the same story."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sync.invariants import watch
from tests.sync.island import Island, Seeded
from tests.sync.memory import MemoryWorld

ACTS = {
    "write": 32,
    "sync": 26,
    "edit_on_the_console": 4,
    "at_the_desk": 6,
    "deliver_late": 3,
    "jump": 3,
    "move_person": 5,
    "open_eyes": 1,
    "erase": 1,
    "move_record": 3,
    "rescue": 1,
    "back_up": 3,
    "restore": 2,
    "copy_a_phone": 1,
}
"""How often each act happens, in the simulation and in the model."""
_WEIGHTED = [act for act, weight in ACTS.items() for _ in range(weight)]


@dataclass(frozen=True)
class Ran:
    """What a run was: its history, what was in the database at the end, and how many questions were asked."""

    history: list[str]
    dump: list[str]
    steps: int
    asked: int


def run(world: MemoryWorld, seed: int, steps: int) -> Ran:
    """Play one seed; an error carries the history, and how to play it again."""
    world.begin_again()
    island, chance = Island(world), Seeded(seed)
    watching = watch(island)
    try:
        for _ in range(steps):
            getattr(island, chance.pick(_WEIGHTED))(chance)
            watching.after_step()
        island.calm()
        watching.at_the_end()
    except Exception as error:
        error.add_note("\n".join([f"SEED={seed} STEPS={steps}", *island.history]))
        raise
    return Ran(island.history, world.dump(), steps, watching.asked)
