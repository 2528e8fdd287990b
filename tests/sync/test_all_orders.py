"""Whatever order changes arrive in, the record ends the same, and as the contract's own words say (oracle.py).

Every story of two and three changes there is, and some of four and five; a sample of them also through the real door.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable

import pytest

from tests.sync.door_orders import AtTheDoor
from tests.sync.memory import MemoryWorld
from tests.sync.orders import Story, orders, play
from tests.sync.rule_stories import RULES, TELLERS, every_story, some_stories
from tests.sync.toys import TOY

THOROUGH = os.environ.get("GRIDWALK_TESTS") == "torture"
ASKED = 1 if THOROUGH else 8
"""Of how many stories the oracle is asked about one; all of them must end the same in every order."""
CHANCED = 2000 if THOROUGH else 120
AT_THE_DOOR = 200 if THOROUGH else 12


def ends_the_same(story: Story, *, ask_oracle: bool) -> int:
    """How many orders there were."""
    played = [(order, play(TOY, order, ask_oracle=ask_oracle)) for order in orders(story)]
    assert played, "the order in which the story was written is admissible"
    for order, end in played[1:]:
        assert end == played[0][1], f"{[each.id for each in order]} of {story}"
    return len(played)


@pytest.mark.parametrize("rule", RULES)
def test_M3_every_order_of_every_story_of_two_and_three_ends_the_same(
    rule: str, record_property: Callable[[str, object], None]
) -> None:
    told = tried = 0
    three = every_story(rule, 3, ties=THOROUGH)
    for told, story in enumerate(itertools.chain(every_story(rule, 2), three), start=1):
        tried += ends_the_same(story, ask_oracle=told % ASKED == 0)
    print(f"{rule}: {told} stories, {tried} orders")
    record_property("orders", tried)
    assert told > 500
    assert tried > 2 * told


@pytest.mark.parametrize("rule", TELLERS)
def test_M3_every_order_of_some_stories_of_four_and_five_ends_the_same(rule: str, first_seed: int) -> None:
    counts = [ends_the_same(story, ask_oracle=True) for story in some_stories(rule, CHANCED, first_seed)]
    print(f"{rule}: {len(counts)} stories, {sum(counts)} orders")
    assert sum(count > 1 for count in counts) > CHANCED // 10, "most stories would prove nothing"


def test_M3_M12_the_door_ends_where_the_merge_does_and_refuses_the_same_in_every_order(first_seed: int) -> None:
    """Over a database, with phones: what is refused or held does not depend on the order either."""
    door = AtTheDoor(MemoryWorld())
    chance = random.Random(first_seed)
    entered = 0
    for _ in range(AT_THE_DOOR):
        for story in door.stories(chance):
            ends = [door.play(order) for order in itertools.islice(orders(story), 24)]
            for end in ends[1:]:
                assert end == ends[0], f"{story}"
            if not ends[0].refused:
                shown = play(TOY, next(orders(story)), ask_oracle=False)
                assert (ends[0].fields, ends[0].values) == (door.plain(shown.fields), door.listed(shown)), f"{story}"
                entered += 1
    assert entered > AT_THE_DOOR, "most stories would be refused"
