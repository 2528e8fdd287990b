"""Every admissible order of 2 to 5 changes by up to 4 devices ends in the same fields, conflicts and others."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.sync.orders import make_story, orders, play
from tests.sync.toys import TOY

STORIES = 400
Tell = Callable[[random.Random, list[dict[str, Any]]], tuple[dict[str, Any], bool, bool | None]]


def one_of(name: str, *values: Any) -> Tell:
    def tell(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
        return {name: chance.choice(values)}, chance.random() < 0.3, None

    return tell


def a_step(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
    to = chance.choice(["open", "working", "paused", "done", "dropped"])
    return {"status": {"from": None, "to": to, "cycle": chance.choice([1, 1, 2])}}, chance.random() < 0.3, None


def a_note(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
    named = [f"c{number}" for number in range(1, len(told) + 1) if chance.random() < 0.5]
    return {"notes": {"text": chance.choice(["a", "b", "c"]), "replaces": named}}, False, None


def a_void(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
    void = chance.choice([True, True, False, None])
    values = {"title": chance.choice(["a", "b"])} if void is None or (void is False and chance.random() < 0.5) else {}
    return values, chance.random() < 0.3, void


def many(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
    values: dict[str, Any] = {}
    for tell in chance.sample(list(RULES.values()), 3):
        values |= tell(chance, told)[0]
    return values, chance.random() < 0.3, chance.choice([None, None, None, True, False])


RULES: dict[str, Tell] = {
    "fixed": one_of("kind", "a", "b"),
    "latest": one_of("title", "a", "b", None),
    "first": one_of("finder", "a", "b", "c"),
    "least": one_of("started", "2026-06-13T08:00:00Z", "2026-06-13T09:00:00Z"),
    "most": one_of("severity", "low", "mid", "high", None),
    "furthest": a_step,
    "collect": one_of("tags", {"x": "1"}, {"x": "2"}, {"x": None}, {"y": "1", "x": "1"}),
    "a map of most": one_of("ticks", {"door": True}, {"door": False}, {"door": None, "lamp": True}),
    "keep_all": a_note,
    "ask": one_of("name", "a", "b", None),
    "owner": one_of("price", 1, 2),
    "server": one_of("number", "1", "2"),
    "void": a_void,
}


@pytest.mark.parametrize("rule", [*RULES, "many at once"])
def test_M3_every_admissible_order_ends_the_same(rule: str, first_seed: int) -> None:
    chance = random.Random(f"{rule} {first_seed}")
    tell = RULES.get(rule, many)
    several = 0
    for _ in range(STORIES):
        story = make_story(chance, chance.randint(2, 5), chance.randint(2, 4), tell)
        ends = [(order, play(TOY, order)) for order in orders(story)]
        assert ends, "the order in which the story was written is admissible"
        several += len(ends) > 1
        for order, end in ends[1:]:
            assert end == ends[0][1], f"{[each.id for each in order]} of {story}"
    assert several > STORIES // 10, "most stories would prove nothing"
