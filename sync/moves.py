"""Moving a record to another book (S7): one transaction that holds both books, and says so in both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from sync import shelf
from sync.draft import Draft
from sync.ids import derived
from sync.notes import enter_note
from sync.push import Shop
from sync.seed import pack_seed, planted
from sync.state import pack
from sync.tables import named, parked, record

Row = Mapping[str, Any]


def move(shop: Shop, conn: Connection, record_id: str, source: str, target: str, move_id: str) -> int | None:
    """Move a record from one book to another: the seq that it has there; of a move that happened before, that one.

    None where there is no such record in `source`, no such book as `target`, or another record there under this id.
    """
    heads = {each: shelf.lock_book(conn, each)[0] for each in sorted({source, target})}
    arrival = derived("move", move_id, "in")
    for row in shelf.receipts(conn, target, [arrival]):
        return int(orjson.loads(row["receipt"])["seq"])
    found = next(iter(shelf.records(conn, source, [record_id])), None)
    if found is None or found["erased"] or found["moved_to"] or heads[target] is None or source == target:
        return None
    if any(not each["moved_to"] for each in shelf.records(conn, target, [record_id])):
        return None
    draft = Draft(shop.types[found["type"]], record_id, found, lambda each: shelf.history(conn, source, each))
    leaving, arriving = (heads[source] or 0) + 1, (heads[target] or 0) + 1
    _leave(shop, conn, draft, source, target, leaving, derived("move", move_id, "out"))
    _arrive(shop, conn, draft, source, target, arriving, arrival)
    _bring_along(conn, record_id, source, target)
    return arriving


def _bring_along(conn: Connection, record_id: str, source: str, target: str) -> None:
    """The pictures that it names, and what waits to be decided about it."""
    here = (named.c.book_id == source, named.c.record_id == record_id)
    pictures = shelf.rows(conn, select(named).where(*here))
    shelf.insert_once(conn, named, [{**each, "book_id": target} for each in pictures])
    conn.execute(delete(named).where(*here))
    waiting = (parked.c.desk_book == source, parked.c.record_id == record_id)
    conn.execute(update(parked).where(*waiting).values(desk_book=target))


def _leave(shop: Shop, conn: Connection, draft: Draft, source: str, target: str, seq: int, its_id: str) -> None:
    """What stays in the old book: the history, and a stub by which late changes are still judged."""
    draft.stand_still(seq, shop.server_device)
    stub = {
        "seq": seq,
        "fields": {},
        "extra": None,
        "hidden": True,
        "moved_to": target,
        "changed_at": shop.clock.now(),
        "state": orjson.dumps(pack(draft.state, {})).decode(),
    }
    its = record.c
    conn.execute(update(record).where(its.book_id == source, its.id == draft.id).values(**stub))
    enter_note(shop, conn, source, draft.id, seq, its_id, {"moved_to": target})


def _arrive(shop: Shop, conn: Connection, draft: Draft, source: str, target: str, seq: int, its_id: str) -> None:
    here = planted(draft.whole(), seq, shop.server_device)
    fields = draft.shown.fields
    arrived = {
        **draft.store(target),
        "seq": seq,
        "state": orjson.dumps(pack(here, fields)).decode(),
        "sights": None,
        "moved_from": source,
        "moved_to": None,
    }
    its = record.c
    if shelf.records(conn, target, [draft.id]):  # it comes back to where it once was
        conn.execute(update(record).where(its.book_id == target, its.id == draft.id).values(**arrived))
    else:
        conn.execute(insert(record).values(**arrived))
    body = {"moved_from": source, "seed": pack_seed(draft.record_type, here, fields)}
    enter_note(shop, conn, target, draft.id, seq, its_id, body)


def earlier_lives(conn: Connection, row: Row) -> list[Row]:
    """The changes of a record from before it came to the book of this row of `record`, oldest first."""
    homes = {each["book_id"]: each for each in shelf.rows(conn, select(record).where(record.c.id == row["id"]))}
    told: list[Row] = []
    walked = {row["book_id"]}
    book = row["moved_from"]
    while book in homes and book not in walked:
        walked.add(book)
        told = [*shelf.history(conn, book, row["id"]), *told]
        book = homes[book]["moved_from"]
    return told
