"""The half of a sync call that gives records out: what is new in each followed book, in one snapshot (O3)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import JSON, Connection, Text, cast, or_, select

from sync.actors import Actor
from sync.calls import Call, Cursor
from sync.clock import to_text
from sync.protocol import MAX_REPLY_COMPRESSED
from sync.shelf import Row, rows
from sync.tables import book, change, record
from sync.types import Registry

Json = dict[str, Any]
_CHUNK: Final = 1000
_MANY: Final = 200
_ONE_OF: Final = 8
_TEXTS: Final = tuple(column.name for column in record.c if isinstance(column.type, JSON))
_MAY_BE_NULL: Final = tuple(name for name in _TEXTS if record.c[name].nullable)
_SHOWN: Final = [
    cast(column, Text).label(column.name) if column.name in _TEXTS else column
    for column in record.c
    if column.name != "state"
]
"""All but what only merging needs; JSON as text, since ten thousand rows are read faster here than column by column."""
Head = tuple[int, str | None]
"""(newest seq, id of the change there)."""


@dataclass(slots=True)
class Pulled:
    """The pull's part of a reply, to be written as JSON: `fields` of a record is an `orjson.Fragment`, as it is stored.
    `reoffer`: a cursor is not of this book as it is now (L3); then nothing else counts."""

    books: list[Json] = field(default_factory=list)
    more: bool = False
    reoffer: bool = False


@dataclass(slots=True)
class Budget:
    """How much a reply may still carry: records, and compressed bytes (estimated from each chunk as it is read)."""

    records: int
    compressed: int = MAX_REPLY_COMPRESSED

    @property
    def is_spent(self) -> bool:
        return self.records <= 0 or self.compressed <= 0


def pull(conn: Connection, actor: Actor, call: Call, types: Registry) -> Pulled:
    """What is new for this device. `conn` is one snapshot, begun after the push."""
    followed = actor.books()
    wanted = [each for each in followed if call.only is None or each in call.only]
    pulled, budget = Pulled(), Budget(call.limit)
    if not wanted:
        return pulled
    heads = heads_of(conn, wanted)
    if is_foreign(conn, call.cursors, heads):
        pulled.reoffer = True
        return pulled
    for each in (each for each in wanted if each in heads):
        page = Page(conn, actor, types, each, heads[each]).read(call.cursors.get(each), budget)
        if page:
            pulled.books.append(page)
            pulled.more = pulled.more or page["cursor"][0] < page["head"]
    return pulled


def heads_of(conn: Connection, books: Sequence[str]) -> Mapping[str, Head]:
    """The head of each of these books that exists."""
    rows = conn.execute(select(book.c.id, book.c.head, book.c.head_change).where(book.c.id.in_(books))).all()
    return {row.id: (row.head, row.head_change) for row in rows}


def is_foreign(conn: Connection, cursors: Mapping[str, Cursor], heads: Mapping[str, Head]) -> bool:
    """Was a cursor made by another life of this database: beyond the head, or with another change at its seq?"""
    inside: dict[tuple[str, int], str | None] = {}
    for each, (head, head_change) in heads.items():
        seq, at, _scope = cursors.get(each, (0, None, ""))
        if seq > head or (seq == head and seq and at != head_change):
            return True
        if 0 < seq < head:
            inside[each, seq] = at
    if not inside:
        return False
    places = or_(*((change.c.book_id == each) & (change.c.seq == seq) for each, seq in inside))
    found = conn.execute(select(change.c.book_id, change.c.seq, change.c.id).where(places)).all()
    return {(row.book_id, row.seq): row.id for row in found} != inside


class Page:
    """What is new in one book since the phone's cursor, as far as the budget reaches."""

    def __init__(self, conn: Connection, actor: Actor, types: Registry, book_id: str, head: Head) -> None:
        self.conn, self.actor, self.types, self.book, self.head = conn, actor, types, book_id, head
        self.start = 0
        self.erased: list[str] = []
        self.forget: list[str] = []
        self.records: list[Json] = []

    def read(self, cursor: Cursor | None, budget: Budget) -> Json | None:
        """One element of `books`, or None where the phone has everything."""
        scope = self.actor.scope(self.book)
        restart = cursor is not None and cursor[2] != scope
        self.start = 0 if cursor is None or restart else cursor[0]
        if cursor is not None and not restart and self.start == self.head[0]:
            return None
        reached = self.start
        while reached < self.head[0] and not budget.is_spent:
            reached = self._read_chunk(reached, budget)
        return {
            "book": self.book,
            "cursor": [reached, self._change_at(reached), scope],
            "head": self.head[0],
            "restart": restart,
            "erased": self.erased,
            "forget": self.forget,
            "records": self.records,
        }

    def _change_at(self, seq: int) -> str | None:
        if seq == self.head[0]:
            return self.head[1]
        query = select(change.c.id).where(change.c.book_id == self.book, change.c.seq == seq)
        found: str | None = self.conn.execute(query).scalar()
        return found

    def _read_chunk(self, after: int, budget: Budget) -> int:
        """Read on from `after`; gives how far the book has then been read."""
        count = min(_CHUNK, budget.records)
        here = (record.c.book_id == self.book, record.c.seq > after, record.c.seq <= self.head[0])
        found = _read_json(rows(self.conn, select(*_SHOWN).where(*here).order_by(record.c.seq).limit(count)))
        already = len(self.records)
        for row in found:
            self._give(row)
        budget.records -= len(found)
        budget.compressed -= packed_size(self.records[already:])
        return self.head[0] if len(found) < count else int(found[-1]["seq"])

    def _give(self, row: Row) -> None:
        if row["moved_to"]:
            # Whoever holds it learns that it went; to a phone that begins anew it was never here.
            if self.start and (self.actor.sees(self.book, row["type"], row["sight"]) or self._was_seen(row)):
                self.records.append(wire(row))
        elif row["erased"]:
            self.erased.append(row["id"])
            # Where two people may make the same thing again, they must see first that it was erased (S4).
            if self.types[row["type"]].derived_id and self.actor.sees(self.book, row["type"], row["sight"]):
                self.records.append(wire(row))
        elif self.actor.sees(self.book, row["type"], row["sight"]):
            self.records.append(wire(row))
        elif self.start and self._was_seen(row):
            self.forget.append(row["id"])

    def _was_seen(self, row: Row) -> bool:
        """Could this person ever see the record? Then the phone may hold it (S8).

        Not only as it stood at the cursor: a page may have passed the change that hid it while a newer one had
        already carried the record on to a later page.
        """
        return any(self.actor.sees(self.book, row["type"], sight) for _, sight in row["sights"] or ())


def _read_json(found: list[Row]) -> list[Row]:
    """These rows with their texts read, as far as anybody here asks what they say: the fields go out as they stand. Many
    records are in the same people's sight: that is read once."""
    sights: dict[str, Json] = {}
    read: list[Row] = []
    for row in found:
        sight = sights.get(row["sight"])
        if sight is None:
            sight = sights[row["sight"]] = orjson.loads(row["sight"])
        seldom = {name: orjson.loads(row[name]) for name in _MAY_BE_NULL if row[name] is not None}
        read.append({**row, **seldom, "sight": sight, "fields": orjson.Fragment(row["fields"])})
    return read


def packed_size(records: Sequence[Json]) -> int:
    """About how many bytes these take when they are sent, from one of eight where there are many. What has less beside it
    packs worse, and level 1 worse than what packs the answer: so it errs on the safe side."""
    every = _ONE_OF if len(records) >= _MANY else 1
    return every * len(zlib.compress(orjson.dumps(records[::every]), 1))


def wire(row: Row) -> Json:
    """A row of `record` as RECORD."""
    made_at = to_text(row["made_at"])
    return {
        "id": row["id"],
        "type": row["type"],
        "book": row["book_id"],
        "seq": row["seq"],
        "schema": row["schema"],
        "fields": row["fields"],
        "by": row["by"],
        "made_at": made_at,
        "changed_at": made_at if row["changed_at"] == row["made_at"] else to_text(row["changed_at"]),
        "void": bool(row["hidden"]) and not row["moved_to"],
        **({"moved_to": row["moved_to"]} if row["moved_to"] else {}),
        **(row["extra"] or {}),
    }
