"""待您决定: every open conflict in which this person may decide, and since when it waits. Reads only.

A conflict waits from the moment at which its second candidate was received: before that there was nothing to decide.
Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, and_, or_, select, union_all

from domain.access import Person, can_decide
from domain.boards import torn
from domain.days import HOUR
from domain.records import TYPES
from domain.roles import ASSIGNEE, COMMAND_ROOM, DECIDERS, GRID_HEAD, REPORTER, SUPERVISOR
from sync.state import VOID
from sync.tables import change, record
from sync.types import RecordType

REMINDED: Final = 72 * HOUR
"""After so long the page and the headline say so. No clock ever decides."""
MOST: Final = 1000
"""Records of one type with several standing writes that are looked at in one book."""
_WALKS: Final = 200
"""SQLite puts at most 500 selects together."""
_OF_PEOPLE: Final = frozenset({"P2", "P3"})
_MAY_CALL: Final = frozenset({GRID_HEAD, SUPERVISOR, ASSIGNEE, REPORTER})
_COLUMNS: Final = tuple(record.c[name] for name in ("id", "book_id", "type", "seq", "extra", "sight"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open conflict of one field (of one `key` of it). `changes` wrote its candidates."""

    book: str
    record: str
    type: str
    field: str
    key: str | None
    changes: tuple[str, ...]
    since: int

    def is_long(self, now: int) -> bool:
        return now - self.since >= REMINDED


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a change came: `received_at`, and `via` whose hands if not its author's."""

    received_at: int
    via: str | None


def may_decide(person: Person, book: str, type: RecordType, sight: Mapping[str, Any], field: str) -> bool:
    """May this person close a conflict of this field of such a record?"""
    if field == VOID:
        deciders = type.voiders
    else:
        declared = type.by_name.get(field)
        deciders = (declared.deciders if declared else None) or DECIDERS
        if declared is not None and declared.personal in _OF_PEOPLE:
            deciders -= {COMMAND_ROOM}  # it sees cases, not people
    return can_decide(person, book) and bool(person.roles(book, type.name, sight) & deciders)


def may_read(person: Person, book: str, type: RecordType, sight: Mapping[str, Any], field: str) -> bool:
    """Is this field shown to the person? How to reach people only to those who work with the case."""
    declared = type.by_name.get(field)
    if declared is None or declared.personal not in _OF_PEOPLE:
        return True
    return bool(person.roles(book, type.name, sight) & _MAY_CALL)


def waiting(conn: Connection, person: Person) -> list[Waiting]:
    """What waits for this person's decision, oldest first."""
    found = [
        (row, field, key, tuple(str(each["change"]) for each in candidates))
        for row in _torn(conn, person)
        for field, key, candidates in split((row["extra"] or {}).get("conflicts") or {})
        if may_decide(person, row["book_id"], TYPES[row["type"]], row["sight"], field)
    ]
    came = arrivals(conn, ((row["book_id"], each) for row, _, _, changes in found for each in changes))
    waits = [
        Waiting(row["book_id"], row["id"], row["type"], field, key, changes, _since(came, row["book_id"], changes))
        for row, field, key, changes in found
    ]
    return sorted(waits, key=lambda each: (each.since, each.record, each.field, each.key or ""))


def _torn(conn: Connection, person: Person) -> Iterator[RowMapping]:
    books = [each for each in person.powers if can_decide(person, each)]
    walks = [_walk(book, type) for book in books for type in TYPES]
    for begin in range(0, len(walks), _WALKS):
        parts = [select(walk.subquery()) for walk in walks[begin : begin + _WALKS]]
        for row in conn.execute(union_all(*parts)).mappings():
            if person.sees(row["book_id"], row["type"], row["sight"]):
                yield row


def _walk(book: str, type: str) -> Select[Any]:
    """The torn records of a book: few, and with an index of their own, which the planner finds by their order."""
    here = and_(record.c.book_id == book, record.c.type == type, record.c.hidden.is_(False), record.c.erased.is_(False))
    query = select(*_COLUMNS).where(here, *torn())
    return query.order_by(record.c.made_at.desc(), record.c.id.desc()).limit(MOST)


def split(conflicts: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Sequence[Mapping[str, Any]]]]:
    """RECORD.conflicts (or others) as (field, key or None, entries)."""
    for field, entries in conflicts.items():
        if isinstance(entries, Mapping):
            for key, each in entries.items():
                yield field, key, each
        else:
            yield field, None, entries


def arrivals(conn: Connection, changes: Iterable[tuple[str, str]]) -> dict[str, Arrival]:
    """Of accepted changes, named by (book, id): when and how each was received."""
    wanted: dict[str, set[str]] = {}
    for book, id in changes:
        wanted.setdefault(book, set()).add(id)
    found: dict[str, Arrival] = {}
    its = change.c
    for book, ids in wanted.items():
        for begin in range(0, len(ids), 400):
            some = sorted(ids)[begin : begin + 400]
            query = select(its.id, its.received_at, its.via).where(its.book_id == book, its.id.in_(some))
            found |= {row.id: Arrival(row.received_at, row.via) for row in conn.execute(query)}
    return found


def _since(came: Mapping[str, Arrival], book: str, changes: Sequence[str]) -> int:
    times = sorted(came[each].received_at for each in changes if each in came)
    # Of a hidden record that somebody edits, only the hiding is a candidate.
    return (times[1] if len(times) > 1 else times[0]) if times else 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How many conflicts wait for this person, and how many of them longer than 72 hours."""

    undecided: int
    reminded: int


def tally(conn: Connection, person: Person, now: int) -> Tally:
    """The figures of the headline: as many as the page lists."""
    found = waiting(conn, person)
    return Tally(len(found), sum(each.is_long(now) for each in found))


def unseen_by(conn: Connection, book: str, id: str, void: str) -> list[RowMapping]:
    """The edits of a record that the change `void`, which hides it, had not seen: they keep it in sight (M11)."""
    its = change.c
    hiding = conn.execute(select(its.seen, its.device).where(its.book_id == book, its.id == void)).first()
    if hiding is None:
        return []
    others = and_(its.seq > hiding.seen, or_(its.device != hiding.device, its.id > void))
    columns = (its.id, its.account, its.at, its.made_at, its.received_at, its.seq, its.body)
    query = select(*columns).where(its.book_id == book, its.record_id == id, its.id != void, others)
    return list(conn.execute(query.order_by(its.seq).limit(20)).mappings())
