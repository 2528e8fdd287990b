"""Records that were stored in an older schema, brought into today's (L1): what the program calls once after an upgrade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from sync import shelf
from sync.database import Database
from sync.draft import Draft
from sync.notes import enter_note
from sync.push import Shop
from sync.tables import record
from sync.types import RecordType

Row = Mapping[str, Any]
BATCH = 500


def lift_all(shop: Shop, database: Database) -> int:
    """Every stored record of an older schema, some hundreds in a transaction: how many."""
    lifted = 0
    for record_type in (each for each in shop.types.values() if each.upgrades):
        with database.read() as conn:
            books = stale_books(conn, record_type)
        for book in books:
            done = BATCH
            while done == BATCH:
                with database.write() as conn:
                    done = lift(shop, conn, book, record_type)
                lifted += done
    return lifted


def stale_books(conn: Connection, record_type: RecordType) -> list[str]:
    """The books that hold records of this type in an older schema."""
    its = record.c
    older = (its.type == record_type.name, its.schema < record_type.schema, its.erased.is_(False))
    return sorted(set(conn.execute(select(its.book_id).where(*older)).scalars()))


def lift(shop: Shop, conn: Connection, book: str, record_type: RecordType) -> int:
    """Lift up to BATCH records of one book, each under a seq of its own, so that every phone pulls it anew: how many."""
    head, _ = shelf.lock_book(conn, book)
    its = record.c
    older = (its.book_id == book, its.type == record_type.name, its.schema < record_type.schema, its.erased.is_(False))
    found = shelf.rows(conn, select(record).where(*older).order_by(its.seq).limit(BATCH))
    for seq, row in enumerate(found, start=(head or 0) + 1):
        _lift_one(shop, conn, record_type, row, seq)
    return len(found)


def _lift_one(shop: Shop, conn: Connection, record_type: RecordType, row: Row, seq: int) -> None:
    draft = Draft(record_type, row["id"], row, lambda each: shelf.history(conn, row["book_id"], each))
    draft.stand_still(seq, shop.server_device)
    stored = draft.store(row["book_id"])
    if row["moved_to"]:
        stored |= {"fields": {}, "extra": None, "hidden": True}
    its = record.c
    conn.execute(update(record).where(its.book_id == row["book_id"], its.id == row["id"]).values(**stored))
    said = {"lifted": [row["schema"], record_type.schema]}
    enter_note(shop, conn, row["book_id"], row["id"], seq, shop.ids.new(), said)
