"""What the page of a case is put together from, and what it is put together to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.types import RecordType
from web.console.arrived import Arrived, Picture
from web.console.forms import Action
from web.console.letters import Dispute
from web.console.marks import Mark, Progress, State
from web.console.reader import Reader, When
from web.console.story import Entry

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A voice note. `href` is its address; empty while it is on its way."""

    href: str
    name: str
    when: When | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A text, or one of several values, with who wrote it and when."""

    text: str
    who: str
    when: When
    label: str = ""
    change: str = ""

    @property
    def value(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Rung:
    word: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    word: str


@dataclass(frozen=True)
class CaseView:
    """Everything that `console/_case.html` shows."""

    id: str
    seen: int
    token: str
    no: str
    category: str
    place: str
    state: State
    progress: Progress
    marks: list[Mark]
    open: bool
    before: list[Picture]
    after: list[Picture]
    description: list[Letter]
    additions: list[Letter]
    voices: list[Heard]
    resolution: list[Letter]
    reasons: list[tuple[str, list[str]]]
    merged_into: Link | None
    disputes: tuple[Dispute, ...]
    others: list[Letter]
    line: list[Entry]
    line_more: bool
    ladder: list[Rung]
    facts: list[tuple[str, str | When]]
    primary: list[Action]
    secondary: list[Action]
    nothing_to_do: str


@dataclass(frozen=True)
class Source:
    """What a page is made of. `here`: the pictures whose bytes the server has; `person_roles`: account -> role word."""

    record: Json
    changes: Sequence[Json]
    more: bool
    type: RecordType
    reader: Reader
    roles: frozenset[str]
    me: str
    here: Arrived
    token: str
    grid: str
    photo: Callable[[str, str], str]
    """(sha256, size) -> address."""
    voice: Callable[[str], str]
    """sha256 -> address."""
    case: Callable[[str], str]
    """record id -> address."""
    disputes: tuple[Dispute, ...] = ()

    @property
    def fields(self) -> Json:
        found: Json = self.record["fields"]
        return found
