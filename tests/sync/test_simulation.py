"""Many short stories by a seed. `make torture` tells more of them; a seed that failed stays here by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync.simulation import Simulation
from tests.sync.toys import make_world

RUNS, STEPS = 60, 40


def play(folder: Path, seed: int, steps: int = STEPS) -> Simulation:
    world = make_world(folder)
    story = Simulation(world, seed)
    try:
        story.run(steps)
        story.check()
    except Exception as error:
        error.add_note(f"seed {seed}:\n" + "\n".join(story.history))
        raise
    finally:
        world.database.sql_engine.dispose()
    return story


@pytest.mark.parametrize("seed", range(RUNS))
def test_M8_nothing_is_lost_whatever_goes_wrong(tmp_path: Path, seed: int, first_seed: int) -> None:
    play(tmp_path, first_seed + seed)


def test_S8_seed_273_a_page_passed_the_change_that_hid_a_record(tmp_path: Path) -> None:
    play(tmp_path, 273, steps=60)


def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    stories = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        stories.append(play(tmp_path / name, 7).history)
    assert stories[0] == stories[1]
