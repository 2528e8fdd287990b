"""Stories played through the real engine: a phone for each device, one push for each change, a record for each order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sync.clock import to_text
from sync.ids import derived
from sync.merge import View
from sync.protocol import CallError
from tests.sync.memory import MemoryWorld
from tests.sync.orders import Saying, Story, Told, make_story
from tests.sync.toys import BOOK, START, Json, Person, lead

STEPS: list[Json] = [
    {"status": {"from": come_from, "to": to, "cycle": cycle}, **({"reason": "why"} if to == "dropped" else {})}
    for come_from, to, cycle in (
        (None, "open", 1), ("open", "working", 1), ("open", "done", 1), ("open", "dropped", 1), ("working", "done", 1),
        ("working", "paused", 1), ("working", "dropped", 1), ("done", "working", 2), ("done", "done", 1),
        ("dropped", "done", 1),
    )
]  # fmt: skip
SAID: dict[str, list[Saying]] = {
    "latest": [({"title": "a"}, None), ({"title": "b"}, None), ({"title": None}, None)],
    "first": [({"finder": "a"}, None), ({"finder": "b"}, None)],
    "ask": [({"name": "a"}, None), ({"name": "b"}, None), ({"name": "c"}, None)],
    "fixed": [({"kind": "a"}, None), ({"kind": "b"}, None), ({"title": "a"}, None)],
    "furthest": [(each, None) for each in STEPS],
    "collect": [({"tags": {"x": "1"}}, None), ({"tags": {"x": None}}, None), ({"tags": {"y": "1"}}, None)],
    "void": [({"title": "a"}, None), ({}, True), ({"title": "b"}, False), ({"severity": "high"}, None)],
    "owner": [({"price": 1}, None), ({"price": 2}, None), ({"title": "a"}, None)],
    "judge": [({"level": "locked"}, None), ({"level": "free"}, None), ({"title": "a"}, None), ({"rank": 2}, None)],
}


@dataclass(frozen=True)
class End:
    """Where an order ended: the record without its seqs, and what was not taken, by change."""

    fields: Json
    values: Json
    hidden: bool
    refused: dict[str, str]


class AtTheDoor:
    """Every order is another record of the same book."""

    def __init__(self, world: MemoryWorld) -> None:
        self.world = world
        self.world.clock.at = START + 1_000_000
        self._told = 0

    def stories(self, chance: random.Random) -> Iterator[Story]:
        for said in SAID.values():

            def tell(by: random.Random, _told: list[Json], said: list[Saying] = said) -> tuple[Json, bool, bool | None]:
                values, void = by.choice(said)
                return values, by.random() < 0.5, void

            story = make_story(
                chance, chance.choice([2, 3, 3, 4]), chance.randint(2, 3), tell, late=chance.random() < 0.3
            )
            # What comes first of all has no seq yet that it could have seen.
            if not any(told.late and told.saw for told in story):
                yield story

    def play(self, order: Sequence[Told]) -> End:
        self._told += 1
        record = derived("story", str(self._told))
        ids = self._ids(order)
        refused: dict[str, str] = {}
        for told in order:
            if told.late:  # it came first of all, for a book that its writer may not write
                self._push(told, ids, record, 0, Person(told.device, phone=self._told, follows={}))
        seqs = [0]
        for told in order:
            seen = seqs[len(told.saw)]
            if told.late:
                self._let_in(ids[told.number], refused, told)
            else:
                receipt = self._push(told, ids, record, seen, self._person(told))
                if receipt["seq"] is None:
                    refused[told.id] = receipt["reason"]
            seqs.append(self._seq(record) or 0)
        return self._end(record, ids, refused)

    def _ids(self, order: Sequence[Told]) -> dict[int, str]:
        new = [self.world.engine.ids.new() for _ in order]
        return dict(zip(sorted(told.number for told in order), new, strict=True))

    def _person(self, told: Told) -> Person:
        person = lead(told.device) if told.decides else Person(told.device)
        person.phone = self._told
        return person

    def _push(self, told: Told, ids: dict[int, str], record: str, seen: int, person: Person) -> Json:
        # Whoever has seen nothing of it creates it; else its fate would hang on whether somebody had (X5).
        change = {
            "id": ids[told.number], "book": BOOK, "record": record, "type": "toy", "schema": 2,
            "epoch": self.world.engine.epoch, "seen": seen, "made_at": to_text(START + told.at),
            "set": told.values, "create": not seen,
            **({} if told.void is None else {"void": told.void}),
        }  # fmt: skip
        return self.world.engine.push(person, [change])[0]

    def _let_in(self, held: str, refused: dict[str, str], told: Told) -> None:
        try:
            if not self.world.engine.let_in(lead(), BOOK, held):
                refused[told.id] = "not held"
        except CallError as error:
            refused[told.id] = error.code

    def _seq(self, record: str) -> int | None:
        found = self.world.look("SELECT seq FROM record WHERE book_id = ? AND id = ?", BOOK, record)
        return int(found[0]["seq"]) if found else None

    def _end(self, record: str, ids: dict[int, str], refused: dict[str, str]) -> End:
        shown = self.world.engine.record(lead(), record)
        names = {change: f"c{number}" for number, change in ids.items()}
        if shown is None:
            return End({}, {}, False, refused)
        rows = {what: shown.get(what, {}) for what in ("conflicts", "others")}
        return End(shown["fields"], _named(rows, names), shown["void"], refused)

    @staticmethod
    def plain(fields: Json) -> Json:
        return fields

    @staticmethod
    def listed(shown: View) -> Json:
        return _named({"conflicts": shown.conflicts, "others": shown.others}, {})


def _named(rows: Json, names: dict[str, str]) -> Json:
    """Every `change` by the name that it has in the story; who and when are left out, for devices are made anew."""

    def go(value: Any) -> Any:
        if isinstance(value, dict):
            if "change" in value:
                return value["value"], names.get(value["change"], value["change"])
            return {key: go(each) for key, each in value.items()}
        return [go(each) for each in value] if isinstance(value, list) else value

    named: Json = go(rows)
    return named
