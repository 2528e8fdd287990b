"""What the server itself enters in a book's history beside people's changes: an erasure, a move, a lift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, insert

from sync import shelf
from sync.actors import SERVER
from sync.changes import canonical, digest_of
from sync.push import Shop
from sync.receipts import Receipt
from sync.tables import change


def enter_note(
    shop: Shop,
    conn: Connection,
    book: str,
    record_id: str,
    seq: int,
    note_id: str,
    said: Mapping[str, Any],
    *,
    kept: bool = True,
) -> None:
    """Number one entry about a record, `seq` being the next of the book, whose row the caller holds.

    `said` is its body: no `set`, so nothing that stands is touched. Of an erasure not even that is `kept`.
    """
    now = shop.clock.now()
    told = canonical(said)
    conn.execute(
        insert(change).values(
            book_id=book,
            seq=seq,
            id=note_id,
            record_id=record_id,
            device=shop.server_device,
            account=SERVER,
            hash=digest_of(told),
            body=told.decode() if kept else None,
            receipt=orjson.dumps(Receipt("applied", seq).pack()).decode(),
            seen=seq - 1,
            at=now,
            made_at=now,
            received_at=now,
        )
    )
    shelf.move_head(conn, book, seq, note_id)
