"""Changes that wait for a person before they enter a book (待认领). Reads only.

Whoever decides in a book sees what waits for it, as far as the person may see the record that it is about; of a record
that is not there yet, what the change itself says of it decides. Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, and_, select, text

from domain.access import Person, can_decide
from domain.powers import CASE
from domain.records import TYPES
from sync.desk import BENDABLE, WAITING
from sync.tables import parked, record
from sync.types import RecordType, Sight

_WAITS: Final = text("parked.state IN ({})".format(", ".join(f"'{each}'" for each in WAITING)))
"""Said in the words of the index of what waits: a parameter would hide from the planner that it fits."""
MOST: Final = 500
"""Waiting changes that one person is shown at most, the oldest first."""
_KEPT: Final = ("id", "book_id", "desk_book", "record_id", "device", "account", "via", "state", "reason", "body")
_COLUMNS: Final = (
    *(parked.c[name] for name in _KEPT),
    *(parked.c[name] for name in ("receipt", "received_at", "decided_by", "decided_at", "note", "handed_to")),
    record.c.fields,
    record.c.seq,
    record.c.sight,
    record.c.by,
    record.c.hidden,
)


@dataclass(frozen=True, slots=True)
class Now:
    """The record as it stands while a change about it waits."""

    seq: int
    fields: Mapping[str, Any]
    by: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class HeldChange:
    """One waiting change, whole. `book` decides about it, it was written for `written_for`; `handed_by` laid it on the
    desk of `handed_to` first. `now` is None while its record is not in the book."""

    id: str
    book: str
    written_for: str
    record: str | None
    device: str
    account: str
    via: str | None
    state: str
    reason: str
    received_at: int
    change: Mapping[str, Any]
    handed_to: str | None = None
    handed_by: str | None = None
    now: Now | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.change.get("type") or "")

    @property
    def written(self) -> Mapping[str, Any]:
        found = self.change.get("set")
        return found if isinstance(found, Mapping) else {}

    @property
    def is_suggestion(self) -> bool:
        return self.state == "held" and self.reason == "suggestion"

    @property
    def can_enter(self) -> bool:
        """May a person's word let it in? A change that no book may hold has to be written anew by its author."""
        return self.state == "held" or self.reason in BENDABLE


def held_changes(conn: Connection, person: Person) -> list[HeldChange]:
    """What waits for the books in which this person decides, the oldest first."""
    books = [each for each in person.powers if can_decide(person, each)]
    if not books:
        return []
    query = _waiting().where(parked.c.desk_book.in_(books))
    found = conn.execute(query.order_by(parked.c.received_at, parked.c.id).limit(MOST))
    return list(_in_sight(person, found))


def held_change(conn: Connection, person: Person, book: str, id: str) -> HeldChange | None:
    """One waiting change; None where there is none, or it is not this person's to see or to decide."""
    if not can_decide(person, book):
        return None
    found = conn.execute(_waiting().where(parked.c.desk_book == book, parked.c.id == id))
    return next(_in_sight(person, found), None)


def waits_for(conn: Connection, person: Person, record_id: str) -> bool:
    """Does a change about this record lie before the person? Then its pictures may be looked at, too."""
    books = [each for each in person.powers if can_decide(person, each)]
    found = conn.execute(_waiting().where(parked.c.desk_book.in_(books), parked.c.record_id == record_id))
    return next(_in_sight(person, found), None) is not None


def tally(conn: Connection, person: Person) -> int:
    """How many lie on this person's own desk: not those that were handed to somebody else."""
    return sum(each.handed_to in (None, person.account) for each in held_changes(conn, person))


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a change that waits no more."""

    state: str
    by: str
    at: int


def decided(conn: Connection, person: Person, book: str, id: str) -> Decided | None:
    """Who has decided about a change already, in a book in which this person decides too."""
    if not can_decide(person, book):
        return None
    its = parked.c
    here = and_(its.desk_book == book, its.id == id, its.decided_at.is_not(None))
    row = conn.execute(select(its.state, its.decided_by, its.decided_at).where(here)).first()
    return Decided(*row) if row else None


def was_here(conn: Connection, person: Person, book: str, id: str) -> bool:
    """Did a change lie on this desk that lies elsewhere now, because its record has moved (S7)?"""
    its = parked.c
    query = select(its.id).where(its.book_id == book, its.id == id, its.desk_book != book)
    return can_decide(person, book) and conn.execute(query).first() is not None


def _waiting() -> Select[Any]:
    its = parked.c
    same = and_(record.c.book_id == its.desk_book, record.c.id == its.record_id, record.c.erased.is_(False))
    here = and_(_WAITS, its.body.is_not(None))
    return select(*_COLUMNS).join_from(parked, record, same, isouter=True).where(here)


def _in_sight(person: Person, found: Any) -> Iterator[HeldChange]:
    for row in found:
        waiting = _held(row)
        if _sees(person, waiting, row.sight):
            yield waiting


def _held(row: Row[Any]) -> HeldChange:
    receipt = _read(row.receipt)
    return HeldChange(
        id=row.id,
        book=row.desk_book,
        written_for=row.book_id,
        record=row.record_id,
        device=row.device,
        account=row.account,
        via=row.via,
        state=row.state,
        reason=row.reason,
        received_at=row.received_at,
        change=_read(row.body),
        handed_to=row.handed_to,
        handed_by=row.decided_by if row.handed_to else None,
        now=Now(row.seq, row.fields, row.by, row.hidden) if row.seq is not None else None,
        errors=receipt.get("errors") or {},
    )


def _sees(person: Person, waiting: HeldChange, sight: Mapping[str, Any] | None) -> bool:
    type = TYPES.get(waiting.type)
    return type is None or person.sees(waiting.book, type.name, _sight_of(type, waiting) if sight is None else sight)


def _sight_of(type: RecordType, waiting: HeldChange) -> Sight:
    """What a change that makes a record says of who may see it; of one that cannot be read, only whose it is."""
    values = dict(waiting.written)
    if type.name == CASE and values.get("category") == "dispute":
        values["visibility"] = "restricted"  # as the server will make it in the moment it enters
    try:
        return type.sight(type.lift(values, int(waiting.change.get("schema") or 1)), waiting.account)
    except (AttributeError, KeyError, TypeError, ValueError):
        return {"by": waiting.account}


def _read(body: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
