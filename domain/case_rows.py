"""A case as lists show it, and what a list may be narrowed to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from domain.access import Person
from domain.records.case_steps import ENDS, status_of
from sync.clock import from_text


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. `statuses` are states of a case; `book` is a place's id, `place` one inside a grid;
    `overdue`: due and not ended; `undecided`: with an open conflict; `mine`: dispatched to the person; `text`: in the
    number, the description or the note on the place."""

    statuses: tuple[str, ...] = ()
    category: str | None = None
    severity: str | None = None
    book: str | None = None
    place: str | None = None
    overdue: bool = False
    undecided: bool = False
    mine: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as lists show it; `fields` as in a RECORD."""

    id: str
    book: str
    seq: int
    fields: Mapping[str, Any]
    by: str
    made_at: int
    changed_at: int
    undecided: bool
    """Has it an open conflict?"""

    @property
    def status(self) -> str:
        return status_of(self.fields) or "reported"

    @property
    def cycle(self) -> int:
        return int((self.fields.get("status") or {}).get("cycle", 1))

    @property
    def is_open(self) -> bool:
        return self.status not in ENDS

    @property
    def place(self) -> str | None:
        """What a person set goes before what the phone guessed."""
        return self.fields.get("place_id") or self.fields.get("place_guess")

    @property
    def description(self) -> str:
        texts = self.fields.get("description") or []
        return texts[-1]["text"] if texts else ""

    def photos(self, stage: str = "before") -> list[str]:
        """SHA-256 of the pictures of this stage, as they were taken."""
        found = [(each.get("taken_at") or "", key) for key, each in (self.fields.get("photos") or {}).items()
                 if each.get("stage", "before") == stage]  # fmt: skip
        return [key for _, key in sorted(found)]

    def is_overdue(self, now: int) -> bool:
        due = self.fields.get("due_at")
        return due is not None and self.is_open and from_text(due) < now


def case_row(row: RowMapping) -> CaseRow:
    """A row of `record` as a CaseRow."""
    return CaseRow(
        row["id"],
        row["book_id"],
        row["seq"],
        row["fields"],
        row["by"],
        row["made_at"],
        row["changed_at"],
        bool((row["extra"] or {}).get("conflicts")),
    )


def matches(row: CaseRow, filters: Filters, person: Person, now: int) -> bool:
    """Does a row that is in sight belong into the list so narrowed? For what has just come in."""
    wanted = (
        (filters.category, row.fields.get("category")),
        (filters.severity, row.fields.get("severity")),
        (filters.book, row.book),
        (filters.place, row.place),
    )
    asked = (
        (filters.overdue, row.is_overdue(now)),
        (filters.undecided, row.undecided),
        (filters.mine, person.account in (row.fields.get("assignees") or {})),
        (bool(filters.statuses), row.status in filters.statuses),
        (bool(filters.text), _has(row, filters.text or "")),
    )
    return all(want in (None, has) for want, has in wanted) and all(has for ask, has in asked if ask)


def _has(row: CaseRow, words: str) -> bool:
    texts = [row.fields.get("no"), row.fields.get("place_note"), row.description]
    return any(words.strip().casefold() in (each or "").casefold() for each in texts)
