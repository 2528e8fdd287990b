"""What can be said under each rule, small enough that every story can be told, and stories of four and five by chance."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.sync.orders import Saying, Story, all_stories, make_story


@dataclass(frozen=True)
class Sayings:
    """What may be said of one field. `alike`: sayings that differ by name only; of two stories that do, one is told.

    `asks`: there can be a conflict, so that it matters who may decide.
    """

    all: tuple[Saying, ...]
    alike: tuple[tuple[int, ...], ...] = ()
    asks: bool = False

    def combinations(self, size: int) -> Iterator[tuple[Saying, ...]]:
        for numbers in itertools.product(range(len(self.all)), repeat=size):
            if all(self._in_order(numbers, group) for group in self.alike):
                yield tuple(self.all[number] for number in numbers)

    @staticmethod
    def _in_order(numbers: Sequence[int], group: tuple[int, ...]) -> bool:
        met = list(dict.fromkeys(number for number in numbers if number in group))
        return met == list(group[: len(met)])


def _of(name: str, *values: Any, alike: int = 0, asks: bool = False) -> Sayings:
    """`alike`: the first so many values differ by name only."""
    said = tuple(({name: value}, None) for value in values)
    return Sayings(said, (tuple(range(alike)),) if alike else (), asks)


def _step(to: str, cycle: int = 1) -> dict[str, Any]:
    return {"from": None, "to": to, "cycle": cycle}


RULES: dict[str, Sayings] = {
    "fixed": _of("kind", "a", "b", "c", alike=3, asks=True),
    "latest": _of("title", "a", "b", None, alike=2),
    "first": _of("finder", "a", "b", None, alike=2),
    "least": _of("started", "2026-06-13T08:00:00Z", "2026-06-13T09:00:00Z"),
    "most": _of("severity", "low", "high", None),
    "furthest": Sayings(
        tuple(({"status": _step(*each)}, None) for each in (("done",), ("dropped",), ("working",), ("paused",), ("working", 2))),
        ((0, 1), (2, 3)),
        asks=True,
    ),
    "collect": _of("tags", {"x": "1"}, {"x": "2"}, {"x": None}, alike=2),
    "a map of most": _of("ticks", {"door": True}, {"door": False}),
    "keep_all": _of("notes", {"text": "a"}, {"text": ""}, {"text": "b", "replaces": ["c1", "c2"]}),
    "ask": _of("name", "a", "b", None, alike=2, asks=True),
    "owner": _of("price", 1, 2, alike=2),
    "server": _of("number", "1", "2", alike=2),
    "void": Sayings((({"title": "a"}, None), ({}, True), ({"title": "b"}, False)), asks=True),
}  # fmt: skip


def every_story(rule: str, size: int, *, ties: bool = True) -> Iterator[Story]:
    """Every story of this size under a rule, that more than one order admits."""
    sayings = RULES[rule]
    return all_stories(size, list(sayings.combinations(size)), asks=sayings.asks, ties=ties)


# -- by chance ----------------------------------------------------------------------------------------------------------

Tell = Callable[[random.Random, list[dict[str, Any]]], tuple[dict[str, Any], bool, bool | None]]
"""(chance, what has been said so far) -> (set, may the writer decide, void)"""


def _one_of(rule: str) -> Tell:
    def tell(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
        values, void = chance.choice(RULES[rule].all)
        return values, chance.random() < 0.3, void

    return tell


def _a_note(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
    named = [f"c{number}" for number in range(1, len(told) + 1) if chance.random() < 0.5]
    return {"notes": {"text": chance.choice(["a", "b", ""]), "replaces": named}}, False, None


def _many(chance: random.Random, told: list[dict[str, Any]]) -> tuple[dict[str, Any], bool, bool | None]:
    values: dict[str, Any] = {}
    for tell in chance.sample(list(TELLERS.values())[:-1], 3):
        values |= tell(chance, told)[0]
    if chance.random() < 0.3:
        values |= {"tags": {"x": "1", "y": chance.choice(["1", None])}}
    return values, chance.random() < 0.3, chance.choice([None, None, None, True, False])


TELLERS: dict[str, Tell] = {rule: _a_note if rule == "keep_all" else _one_of(rule) for rule in RULES} | {
    "many at once": _many
}


def some_stories(rule: str, count: int, seed: int) -> Iterator[Story]:
    """Stories of four and five changes by up to four devices."""
    chance = random.Random(f"{rule} {seed}")
    for _ in range(count):
        yield make_story(
            chance, chance.choice([4, 4, 5]), chance.randint(2, 4), TELLERS[rule], late=chance.random() < 0.25
        )
