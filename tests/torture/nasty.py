"""Changes as no honest phone would write them: every key, every type, every size, every odd text, by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain.records import TYPES
from sync.ids import derived
from sync.types import Field
from tests.api import world

Json = dict[str, Any]

TEXTS: Final = (
    "", " ", "\x00", "a\x00b", "\ud800", "好\udfff", "\u202e反", "\ufeff", "\u2028", "e\u0301" * 40, "𠮷" * 50, "\x1b[2J", "\r\n\r\nX: 1",
    "'; DROP TABLE change; --", "' OR 1=1 --", "\" OR \"\"=\"", "%s%s%n", "{0.__class__}", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;b&gt;", "]]>", "<!--", "-->",
    "__proto__", "constructor", "toString", "null", "undefined", "NaN", "true", "0", "-1", "1e999", "x" * 1000, "长" * 5000, "\t", "\\", "\"",
)  # fmt: skip
NUMBERS: Final = (
    0, 1, -1, -0.0, 0.1, 1.0, 1.5, 1e308, -1e308, 5e-324, 2**31, 2**53 - 1, 2**53, -(2**53), 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400,
)  # fmt: skip
TIMES: Final = (
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999-14:00", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-06-13T24:00:00Z",
    "2026-06-13T23:59:60Z", "2026-06-13t08:40:12z", "2026-06-13 08:40:12Z", "2026-06-13T08:40:12", "2026-06-13", "2026-W24-6T08:40Z",
    "20260613T084012Z", "2026-06-13T08:40:12.123456789Z", "2026-06-13T08:40:12+99:99", "2026-06-13T08:40:12+23:59", "２０２６-06-13T08:40:12Z",
    "-2026-06-13T08:40:12Z", "+12026-06-13T08:40:12Z", "now", "1781340012123", " 2026-06-13T08:40:12Z", "2026-06-13T08:40:12Z ", "2" * 5000,
)  # fmt: skip
_DEEP: Final = (2, 9, 12, 13, 14, 15, 16, 20, 24)


@dataclass
class Ground:
    """What there is to point at: own and others' ids, heads and epochs."""

    records: list[str]
    changes: list[str]
    accounts: list[str]
    epoch: str
    new_id: Callable[[], str]


class Nasty:
    """Spoils changes, by `chance`."""

    def __init__(self, chance: random.Random, ground: Ground) -> None:
        self.chance, self.ground = chance, ground
        self._ways: tuple[Callable[[Json], Any], ...] = (
            self._without, self._more, self._odd_id, self._odd_book, self._odd_record, self._odd_type, self._odd_number, self._odd_time,
            self._odd_flag, self._odd_epoch, self._whatever, self._in_a_field, self._in_a_field, self._in_a_field, self._in_a_field,
            self._somewhere, self._somewhere, self._deep, self._large, self._any_step, self._any_fields, self._any_fields,
        )  # fmt: skip

    def change(self, base: Json) -> Any:
        """`base`, spoilt in one to three ways."""
        changed: Any = base
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            if isinstance(changed, dict):
                made = self.chance.choice(self._ways)(changed)
                changed = changed if made is None else made
        return changed

    def value(self, depth: int = 0) -> Any:
        """Anything that JSON can say."""
        kind = self.chance.randrange(8 if depth < 2 else 5)
        if kind == 0:
            return self.chance.choice(TEXTS)
        if kind == 1:
            return self.chance.choice(NUMBERS)
        if kind == 2:
            return self.chance.choice((None, True, False))
        if kind == 3:
            return self.chance.choice(TIMES)
        if kind == 4:
            return self.chance.choice((*self.ground.records, *self.ground.accounts, self.ground.new_id()))
        if kind == 5:
            return [self.value(depth + 1) for _ in range(self.chance.randrange(4))]
        return {self.chance.choice(TEXTS): self.value(depth + 1) for _ in range(self.chance.randrange(4))}

    def odd_id(self, one: str) -> Any:
        """Something that looks like the id, and is not."""
        far = "ffffffff-ffff-7fff-bfff-" + "".join(self.chance.choices("0123456789abcdef", k=12))
        return self.chance.choice(
            (
                one.upper(), f" {one}", f"{one} ", f"{one}\n", f"{{{one}}}", f"urn:uuid:{one}", one.replace("-", ""), one[:-1], one + "0", far,
                one.replace("-7", "-4", 1), "00000000-0000-0000-0000-000000000000", derived("x"), one.translate(_FULL_WIDTH), self.value(),
            )
        )  # fmt: skip

    # -- ways to spoil a change -----------------------------------------------------------------------------------

    def _without(self, change: Json) -> None:
        change.pop(self.chance.choice(sorted(change) or [""]), None)

    def _more(self, change: Json) -> None:
        change[self.chance.choice((*TEXTS, "at", "by", "seq", "Id", "void ", "receipt"))] = self.value()

    def _odd_id(self, change: Json) -> None:
        others = self.chance.choice(self.ground.changes)
        change["id"] = self.chance.choice(
            (self.odd_id(self.ground.new_id()), self.odd_id(self.ground.new_id()), others)
        )

    def _odd_book(self, change: Json) -> None:
        books = (
            world.OTHER_GRID,
            world.TOWN,
            world.COMMUNITY,
            world.POST,
            derived("no", "book"),
            self.odd_id(world.GRID),
        )
        change["book"] = self.chance.choice(books)

    def _odd_record(self, change: Json) -> None:
        change["record"] = self.chance.choice(
            (self.chance.choice(self.ground.records), self.odd_id(world.UNIT), world.UNIT)
        )
        if self.chance.random() < 0.5:
            change.pop("create", None)

    def _odd_type(self, change: Json) -> None:
        change["type"] = self.chance.choice((*TYPES, "no_such", "CASE", "case ", "x" * 41, self.value()))

    def _odd_number(self, change: Json) -> None:
        change[self.chance.choice(("seen", "schema"))] = self.chance.choice(
            (*NUMBERS, "1", True, None, [], self.value())
        )

    def _odd_time(self, change: Json) -> None:
        change["made_at"] = self.chance.choice((*TIMES, self.value()))

    def _odd_flag(self, change: Json) -> None:
        change[self.chance.choice(("create", "void"))] = self.chance.choice((True, False, None, 1, "true", [], {}))

    def _odd_epoch(self, change: Json) -> None:
        change["epoch"] = self.chance.choice(
            (self.ground.epoch, derived("epoch"), self.odd_id(self.ground.epoch), self.value())
        )

    def _whatever(self, _change: Json) -> Any:
        made = self.value()
        return [] if made is None else made

    def _in_a_field(self, change: Json) -> None:
        fields = TYPES[change["type"]].by_name if _is_type(change.get("type")) else {}
        name = self.chance.choice((*fields, *TEXTS)) if fields else self.chance.choice(TEXTS)
        if not isinstance(change.get("set"), dict):
            change["set"] = {}
        field = fields.get(name)
        change["set"][name] = self._near(field) if field and self.chance.random() < 0.6 else self.value()

    def _near(self, field: Field) -> Any:
        """The field's example with one thing in it wrong."""
        made = {self.chance.choice(TEXTS): field.example} if field.is_keyed else field.example
        if isinstance(made, dict) and self.chance.random() < 0.8:
            key = self.chance.choice((*made, *made, self.chance.choice(TEXTS)))
            made = {**made, key: self.chance.choice((self.value(), None))}
        return made

    def _any_fields(self, change: Json) -> None:
        """Whatever its type may say, as it may be said; whether this person may is another question."""
        if _is_type(change.get("type")):
            fields = TYPES[change["type"]].fields
            change["set"] = {
                each.name: each.example for each in self.chance.sample(fields, self.chance.randint(0, len(fields)))
            }

    def _any_step(self, change: Json) -> None:
        states = (
            "reported",
            "accepted",
            "working",
            "closed",
            "rejected",
            "merged",
            "proposed",
            "active",
            "retired",
            None,
        )
        step = {
            "from": self.chance.choice(states),
            "to": self.chance.choice(states),
            "cycle": self.chance.choice((0, 1, 2, 10_001, -1)),
        }
        change["set"] = {"status": step}
        change.pop("create", None)

    def _somewhere(self, change: Json) -> None:
        """One value, wherever it stands, becomes something else."""
        places: list[tuple[Any, Any]] = []
        waiting: list[Any] = [change]
        while waiting:
            each = waiting.pop()
            for key, inner in list(each.items() if isinstance(each, dict) else enumerate(each)):
                places.append((each, key))
                if isinstance(inner, dict | list):
                    waiting.append(inner)
        where, key = self.chance.choice(places) if places else ({}, "")
        where[key] = self.value()

    def _deep(self, change: Json) -> None:
        made: Any = "x"
        for _ in range(self.chance.choice(_DEEP)):
            made = {"text": made} if self.chance.random() < 0.5 else [made]
        self._put(change, made)

    def _large(self, change: Json) -> None:
        size = self.chance.choice((4_000, 4_000, 8_000, 66_000))
        large: tuple[Any, ...] = (
            "x" * size,
            "长" * (size // 3),
            [0] * (size // 8),
            {str(n): n for n in range(size // 20)},
            [[]] * (size // 9),
        )
        self._put(change, self.chance.choice(large))

    def _put(self, change: Json, made: Any) -> None:
        if isinstance(change.get("set"), dict) and self.chance.random() < 0.8:
            change["set"][self.chance.choice(("description", "additions", "photos", "gps", "nothing"))] = made
        else:
            change[self.chance.choice(("set", "id", "extra"))] = made


_FULL_WIDTH: Final = {ord(each): ord(each) + 0xFEE0 for each in "0123456789abcdef"}


def _is_type(name: object) -> bool:
    return isinstance(name, str) and name in TYPES
