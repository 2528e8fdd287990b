"""Many short stories by a seed. `make torture` tells more of them; a seed that failed stays here by its name."""

from __future__ import annotations

import pytest

from tests.sync.simulation import Simulation
from tests.sync.toys import MakeWorld

RUNS, STEPS = 60, 40


def play(make_world: MakeWorld, seed: int, steps: int = STEPS) -> Simulation:
    story = Simulation(make_world(), seed)
    try:
        story.run(steps)
        story.check()
    except Exception as error:
        error.add_note(f"seed {seed}:\n" + "\n".join(story.history))
        raise
    return story


@pytest.mark.parametrize("seed", range(RUNS))
def test_M8_nothing_is_lost_whatever_goes_wrong(make_world: MakeWorld, seed: int, first_seed: int) -> None:
    play(make_world, first_seed + seed)


def test_S8_seed_273_a_page_passed_the_change_that_hid_a_record(make_world: MakeWorld) -> None:
    play(make_world, 273, steps=60)


def test_the_same_seed_tells_the_same_story(make_world: MakeWorld) -> None:
    stories = [play(make_world, 7).history for _ in range(2)]
    assert stories[0] == stories[1]
