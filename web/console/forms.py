"""The forms of the case page as data: fields, buttons, and the situation in which they are offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.records.case_steps import status_of
from domain.roles import STAFF
from sync.types import RecordType, Step
from web.console.reader import Reader

_EDITS: Final = frozenset({"due", "severity", "classify", "visibility", "summary", "helpers", "hide", "move"})

Choice = tuple[str, str, str]
"""value, words, a line of help (empty for none)."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `kind`: text, date, search, select, choices."""

    name: str
    label: str
    kind: str
    required: bool = True
    value: str = ""
    rows: int = 3
    max_length: int = 2000
    choices: tuple[Choice, ...] = ()
    chosen: tuple[str, ...] = ()
    many: bool = False
    min: str = ""
    help: str = ""
    none: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    word: str
    tone: str = "strong"
    name: str = ""
    value: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One form of the case page."""

    name: str
    title: str
    href: str
    seen: int
    buttons: tuple[Button, ...]
    fields: tuple[FormField, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    help: str = ""
    tone: str = ""
    pictures: bool = False
    photos: str = ""
    """What the form already names, as JSON; the bytes wait in the browser."""
    failed: bool = False

    @property
    def edit(self) -> bool:
        """A correction of the facts, not a step of the case: it stands aside."""
        return self.name in _EDITS

    def with_answers(self, sent: Mapping[str, list[str]], errors: Mapping[str, str]) -> Action:
        """The same form with what was typed, and what was wrong with it."""
        filled = tuple(_filled(field, sent.get(field.name, []), errors.get(field.name, "")) for field in self.fields)
        photos = (sent.get("photos") or [""])[0]
        return replace(self, fields=filled, photos=photos, failed=True)


def _filled(field: FormField, sent: list[str], error: str) -> FormField:
    if field.kind in {"choices", "select"}:
        return replace(field, chosen=tuple(sent), error=error)
    return replace(field, value=sent[0] if sent else "", error=error)


@dataclass(frozen=True)
class Situation:
    """A case as its reader stands towards it, and whom and what the forms may offer."""

    record: Mapping[str, Any]
    roles: frozenset[str]
    me: str
    type: RecordType
    reader: Reader
    href: Callable[[str], str]
    """The address of an action by its name."""
    nonce: Callable[[], str]
    people: tuple[Choice, ...] = ()
    """Who may be sent: account, name, role."""
    books: tuple[Choice, ...] = ()
    """Where the case may be moved to by the reader."""
    similar: tuple[Choice, ...] = ()
    """Cases that this one may be a double of: id, number and category, place and time."""

    @property
    def fields(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.record["fields"]
        return found

    @property
    def status(self) -> str | None:
        return status_of(self.fields)

    def may_step(self, to: str) -> bool:
        """Is there a step to `to` from here for one of the reader's roles?"""
        return any(self._fits(step, to) for step in self.type.steps)

    def _fits(self, step: Step, to: str) -> bool:
        return step.come_from == self.status and step.to == to and bool(step.roles & self.roles)

    def may_write(self, name: str) -> bool:
        writers = self.type.by_name[name].writers
        return bool(self.roles & (STAFF if writers is None else writers))

    def words(self, key: str, **values: object) -> str:
        return self.reader.say(f"act.{key}", **values)


Failed = tuple[str, Mapping[str, list[str]], Mapping[str, str]]
