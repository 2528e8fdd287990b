"""Whose eyes a page is made for: the language, the time of day, and what ids are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.days import local
from sync.actors import SERVER
from sync.clock import from_text, to_text
from sync.types import Field, Labels
from web.i18n import say


@dataclass(frozen=True, slots=True)
class When:
    """An instant for people: `text` is short, `full` leaves nothing out, `iso` is for machines."""

    iso: str
    text: str
    full: str


@dataclass(frozen=True, slots=True)
class Reader:
    """`now` in milliseconds; `names`: account id -> work name; `places`: id of a place -> what people call it."""

    language: str
    now: int
    names: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    cases: Mapping[str, str] = field(default_factory=dict)
    """case id -> its number, of the cases that a page speaks of."""

    def say(self, key: str, /, **values: object) -> str:
        return say(self.language, f"console.{key}", **values)

    def label(self, labels: Labels) -> str:
        return labels.get(self.language) or labels["zh-CN"]

    def name(self, account: str) -> str:
        """Who an account is; the server's own devices have a name too."""
        return self.say("who.server") if account == SERVER else self.names.get(account) or self.say("who.somebody")

    def place(self, id: str | None) -> str:
        return self.places.get(id or "") or self.say("row.unknown_place" if id else "row.no_place")

    def when(self, at: int | str) -> When:
        """Milliseconds, or an instant in its wire form."""
        moment = from_text(at) if isinstance(at, str) else at
        there, today = local(moment), local(self.now)
        clock = f"{there:%H:%M}"
        parts: dict[str, object] = {"time": clock, "day": there.day, "month": there.month, "year": there.year}
        full = self.say("when.full", **parts, month_name=self.say(f"when.months.m{there.month}"))
        return When(to_text(moment), self._short(there.date(), today.date(), parts, full), full)

    def _short(self, day: Any, today: Any, parts: dict[str, object], full: str) -> str:
        away = (day - today).days
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(away)
        if near:
            return self.say(f"when.{near}", **parts)
        if day.year != today.year:
            return full
        return self.say("when.this_year", **parts, month_name=self.say(f"when.months.m{day.month}"))

    def value(self, field: Field, value: Any) -> str:
        """One value of a field (of a keyed field: one entry) in words."""
        if value is None:
            return self.say("value.nothing")
        if field.kind == "step":
            return self._step(field, value)
        if field.kind == "enum":
            return next((self.label(each.labels) for each in field.choices if each.value == value), str(value))
        if field.kind == "boolean" or isinstance(value, bool):
            return self.say("value.yes" if value else "value.no")
        if field.kind == "instant":
            return self.when(value).text
        if field.kind == "ref":
            return self._ref(field, str(value))
        return self._loose(value)

    def _step(self, field: Field, value: Any) -> str:
        state = value["to"] if "to" in value else value["status"]
        word = next((self.label(each.labels) for each in field.choices if each.value == state), str(state))
        return word if value.get("cycle", 1) == 1 else self.say("value.again", state=word, n=value["cycle"])

    def _ref(self, field: Field, id: str) -> str:
        if field.name in {"place_id", "place_guess"}:
            return self.place(id)
        return self.names.get(id) or self.cases.get(id) or self.place(id)

    def _loose(self, value: Any) -> str:
        if isinstance(value, Mapping):
            if "text" in value:
                return str(value["text"])
            return " · ".join(self._loose(each) for each in value.values() if each not in (None, ""))
        if isinstance(value, bool):
            return self.say("value.yes" if value else "value.no")
        if isinstance(value, str) and _is_instant(value):
            return self.when(value).text
        return str(value)


def _is_instant(text: str) -> bool:
    if len(text) != 24 or not text.endswith("Z"):
        return False
    try:
        from_text(text)
    except ValueError:
        return False
    return True
