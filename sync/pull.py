"""The half of a sync call that gives records out: what is new in each followed book, in one snapshot (O3)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, or_, select

from sync.actors import Actor
from sync.calls import Call, Cursor
from sync.clock import to_text
from sync.protocol import MAX_REPLY_COMPRESSED
from sync.tables import book, change, record

Json = dict[str, Any]
_CHUNK = 1000


@dataclass(slots=True)
class Pulled:
    """The pull's part of a reply. `reoffer`: a cursor is not of this book as it is now (L3); then nothing else counts."""

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


def pull(conn: Connection, actor: Actor, call: Call) -> Pulled:
    """What is new for this device. `conn` is one snapshot, begun after the push."""
    followed = actor.books()
    wanted = [each for each in followed if call.only is None or each in call.only]
    pulled, budget = Pulled(), Budget(call.limit)
    if not wanted:
        return pulled
    rows = conn.execute(select(book.c.id, book.c.head, book.c.head_change).where(book.c.id.in_(wanted))).all()
    heads = {row.id: (row.head, row.head_change) for row in rows}
    if _is_foreign(conn, call.cursors, heads):
        pulled.reoffer = True
        return pulled
    for each in (each for each in wanted if each in heads):
        page = _page(conn, actor, each, heads[each], call.cursors.get(each), budget)
        if page:
            pulled.books.append(page)
            pulled.more = pulled.more or page["cursor"][0] < page["head"]
    return pulled


def _is_foreign(conn: Connection, cursors: Mapping[str, Cursor], heads: Mapping[str, tuple[int, str | None]]) -> bool:
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


def _page(
    conn: Connection, actor: Actor, each: str, head: tuple[int, str | None], cursor: Cursor | None, budget: Budget
) -> Json | None:
    scope = actor.scope(each)
    restart = cursor is not None and cursor[2] != scope
    start = 0 if cursor is None or restart else cursor[0]
    if cursor is not None and not restart and start == head[0]:
        return None
    page: Json = {"book": each, "restart": restart, "erased": [], "forget": [], "records": [], "head": head[0]}
    reached = start
    while reached < head[0] and not budget.is_spent:
        reached = _read_chunk(conn, actor, each, start, reached, head[0], budget, page)
    page["cursor"] = [reached, _change_at(conn, each, reached, head), scope]
    return page


def _change_at(conn: Connection, each: str, seq: int, head: tuple[int, str | None]) -> str | None:
    if seq == head[0]:
        return head[1]
    query = select(change.c.id).where(change.c.book_id == each, change.c.seq == seq)
    found: str | None = conn.execute(query).scalar()
    return found


def _read_chunk(
    conn: Connection, actor: Actor, each: str, start: int, after: int, head: int, budget: Budget, page: Json
) -> int:
    """Read on from `after`; gives how far the book has then been read. `start` is where the phone's cursor stood."""
    count = min(_CHUNK, budget.records)
    query = select(record).where(record.c.book_id == each, record.c.seq > after, record.c.seq <= head)
    rows = conn.execute(query.order_by(record.c.seq).limit(count)).mappings().all()
    for row in rows:
        _give(actor, each, row, start, page)
    budget.records -= len(rows)
    # Level 1 packs a little less than what is sent in the end, so that the estimate errs on the safe side.
    budget.compressed -= len(zlib.compress(orjson.dumps(page["records"][-len(rows) :]), 1)) if rows else 0
    return head if len(rows) < count else int(rows[-1]["seq"])


def _give(actor: Actor, each: str, row: Mapping[str, Any], start: int, page: Json) -> None:
    if row["erased"]:
        page["erased"].append(row["id"])
    elif actor.sees(each, row["type"], row["sight"]):
        page["records"].append(wire(row))
    elif start and _was_seen(actor, each, row, start):
        page["forget"].append(row["id"])


def _was_seen(actor: Actor, each: str, row: Mapping[str, Any], start: int) -> bool:
    """Could this person see the record as it stood at the cursor? Then the phone may hold it (S8)."""
    then = next((sight for seq, sight in row["sights"] or () if seq > start), None)
    return then is not None and actor.sees(each, row["type"], then)


def wire(row: Mapping[str, Any]) -> Json:
    """A row of `record` as RECORD."""
    return {
        "id": row["id"],
        "type": row["type"],
        "book": row["book_id"],
        "seq": row["seq"],
        "schema": row["schema"],
        "fields": row["fields"],
        "by": row["by"],
        "made_at": to_text(row["made_at"]),
        "changed_at": to_text(row["changed_at"]),
        "void": bool(row["hidden"]),
        **(row["extra"] or {}),
    }


def records_by_id(conn: Connection, ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Rows of `record` in whatever books they stand."""
    return conn.execute(select(record).where(record.c.id.in_(ids))).mappings().all()
