"""What one person may read of the books: a record, its history, its open conflicts, one's own parked changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from sync import moves, shelf
from sync.actors import Actor
from sync.clock import to_text
from sync.conflicts import open_conflicts
from sync.tables import change, named, parked, record
from sync.types import Registry, Sight

Json = dict[str, Any]
Row = shelf.Row


@dataclass(frozen=True, slots=True)
class NamedBy:
    """A record that names some uploaded bytes; `sight` None where only a parked change names them."""

    book: str
    record: str
    account: str
    type: str | None
    sight: Sight | None


def visible(conn: Connection, actor: Actor, record_id: str) -> Row | None:
    """The row of `record` where it lives; for whom that is out of sight, the stub where it lived (S7)."""
    found = shelf.rows(conn, select(record).where(record.c.id == record_id))
    for row in sorted(found, key=lambda each: each["moved_to"] is not None):
        if row["erased"] or row["book_id"] not in actor.books():
            continue
        if actor.sees(row["book_id"], row["type"], row["sight"]):
            return row
    return None


def history(conn: Connection, actor: Actor, record_id: str, after: int, limit: int) -> Json | None:
    """{"changes": […], "next": seq to go on after, or None}; the first page tells also what was before a move."""
    row = visible(conn, actor, record_id)
    if row is None:
        return None
    mine = (change.c.book_id == row["book_id"], change.c.record_id == record_id, change.c.seq > after)
    found = shelf.rows(conn, select(change).where(*mine).order_by(change.c.seq).limit(limit + 1))
    more = found[limit - 1]["seq"] if len(found) > limit else None
    earlier = [] if after else moves.earlier_lives(conn, row)
    return {"changes": [_history_entry(each) for each in [*earlier, *found[:limit]]], "next": more}


def conflicts(conn: Connection, actor: Actor, record_id: str, types: Registry) -> list[Json] | None:
    """What waits for a decision, as `open_conflicts` tells it; None where there is no such record in sight."""
    row = visible(conn, actor, record_id)
    if row is None:
        return None
    rows = () if row["moved_to"] else shelf.history(conn, row["book_id"], record_id)
    return open_conflicts(types[row["type"]], rows)


def own_parked(conn: Connection, actor: Actor) -> list[Json]:
    """What of this person's did not enter a book, whole; oldest first."""
    mine = (parked.c.account == actor.account, parked.c.body.is_not(None))
    query = select(parked).where(*mine).order_by(parked.c.received_at, parked.c.id)
    return [_parked_entry(each) for each in shelf.rows(conn, query)]


def naming(conn: Connection, sha256: str) -> list[NamedBy]:
    """Every record that names these bytes."""
    name, its = named.c, record.c
    same = (its.book_id == name.book_id) & (its.id == name.record_id) & its.erased.is_(False)
    columns = (name.book_id, name.record_id, name.account, its.type, its.sight)
    query = select(*columns).join_from(named, record, same, isouter=True).where(name.sha256 == sha256)
    return [NamedBy(*row) for row in conn.execute(query)]


def _history_entry(row: Row) -> Json:
    body = orjson.loads(row["body"]) if row["body"] else {}
    return {
        "id": row["id"],
        "seq": row["seq"],
        "seen": body.get("seen", row["seen"]),
        "epoch": body.get("epoch"),
        "device": row["device"],
        "by": row["account"],
        "at": to_text(row["at"]),
        "made_at": to_text(row["made_at"]),
        "set": body.get("set") or {},
        "void": body.get("void"),
        "outcome": orjson.loads(row["receipt"])["outcome"],
        "via": row["via"],
    }


def _parked_entry(row: Row) -> Json:
    try:
        change = orjson.loads(row["body"])
    except orjson.JSONDecodeError:
        change = {"unreadable": row["body"]}
    decided_at = row["decided_at"]
    decided = {"by": row["decided_by"], "at": to_text(decided_at), "note": row["note"]} if decided_at else None
    return {
        "change": change,
        "book": row["book_id"],
        "state": row["state"],
        "reason": row["reason"],
        "at": to_text(row["at"]),
        "decided": decided,
        "for_book": row["desk_book"] if row["desk_book"] != row["book_id"] else None,
        "handed_to": row["handed_to"],
    }
