"""Rounds as a desk asks for them: what is planned, and what nobody has ended."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from domain.access import Person
from domain.indexes import Keys
from sync.clock import from_text
from sync.tables import record


@dataclass(frozen=True, slots=True)
class Walk:
    """One round; `at`: for when it is planned, or since when it runs, in milliseconds; `stops`: how many it asks for."""

    id: str
    seq: int
    kind: str
    at: int | None
    stops: int
    walkers: tuple[str, ...]


def planned(conn: Connection, person: Person, book: str) -> list[Walk]:
    """The planned rounds of a book that this person sees, those without a day last."""
    found = _in_state(conn, person, book, "planned", "planned_at")
    return sorted(found, key=lambda each: (each.at is None, each.at or 0, each.id))


def running(conn: Connection, person: Person, book: str, before: int) -> list[Walk]:
    """Those under way that began before this moment, the oldest first: somebody forgot to end them."""
    found = _in_state(conn, person, book, "active", "started_at")
    return sorted((each for each in found if each.at is not None and each.at <= before), key=lambda each: each.at or 0)


def _in_state(conn: Connection, person: Person, book: str, state: str, moment: str) -> list[Walk]:
    its = record.c
    query = select(its.id, its.seq, its.fields, its.sight).where(
        its.book_id == book, its.type == "round", Keys.status == state, its.erased.is_(False), its.hidden.is_(False)
    )
    return [
        Walk(
            row.id,
            row.seq,
            str(row.fields["kind"]),
            from_text(row.fields[moment]) if row.fields.get(moment) else None,
            len(row.fields.get("wanted") or {}),
            tuple(sorted(row.fields.get("members") or {})),
        )
        for row in conn.execute(query)
        if person.sees(book, "round", row.sight)
    ]
