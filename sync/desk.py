"""What people do with what is not in a book: let it in, decline it, hand in a rescue file; and what time does:
erase. Each is one transaction on one book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from sync import shelf
from sync.actors import SERVER, Actor, Author
from sync.changes import Change, canonical, digest_of, read_change
from sync.push import BookPush, Shop
from sync.receipts import Receipt
from sync.state import State, pack
from sync.tables import change, erasure, named, parked, record

Row = Mapping[str, Any]


def let_in(shop: Shop, conn: Connection, decider: Actor, book: str, held: str) -> list[dict[str, Any]]:
    """Let a held change into its book, after the earlier ones of its device and record that it stands on (S6).

    Gives what each has become, in order, as receipts; the receipts that were sent never change.
    """
    became: list[dict[str, Any]] = []
    for row in _standing_on(conn, book, held):
        author = Author(row["device"], row["account"], via=decider.account)
        sound = read_change(orjson.loads(row["body"]))
        if isinstance(sound, Change):
            receipt: Receipt = BookPush(shop, conn, author, book).let_in(sound, row["at"])
            _decide(conn, row, decider, "let_in", None, shop.clock.now())
            became.append(receipt.wire(len(became), sound.id))
    return became


def _standing_on(conn: Connection, book: str, held: str) -> list[Row]:
    """The held change, and before it those of the same device and record that it follows."""
    its = parked.c
    waiting = (its.book_id == book, its.state == "held", its.body.is_not(None))
    last = next(iter(shelf.rows(conn, select(parked).where(*waiting, its.id == held))), None)
    if last is None:
        return []
    chain = (its.record_id == last["record_id"], its.device == last["device"], its.id <= held)
    return shelf.rows(conn, select(parked).where(*waiting, *chain, its.reason != "suggestion").order_by(its.id))


def decline(conn: Connection, decider: Actor, book: str, held: str, note: str, now: int) -> bool:
    """Leave a held change out of the book for good, with a word to its author; False where nothing waits."""
    its = parked.c
    waiting = (its.book_id == book, its.id == held, its.state == "held")
    rows = shelf.rows(conn, select(parked).where(*waiting))
    for row in rows:
        _decide(conn, row, decider, "declined", note, now)
    return bool(rows)


def _decide(conn: Connection, row: Row, decider: Actor, state: str, note: str | None, now: int) -> None:
    its = parked.c
    this = (its.book_id == row["book_id"], its.id == row["id"], its.hash == row["hash"])
    decided = {"state": state, "decided_by": decider.account, "decided_at": now, "note": note}
    conn.execute(update(parked).where(*this).values(**decided))


def hand_in(shop: Shop, conn: Connection, author: Author, book: str, items: Sequence[Any]) -> list[dict[str, Any]]:
    """Take a rescue file's changes for one book: each is held for a look, unless it has its receipt already (L5)."""
    return BookPush(shop, conn, author, book, hold="rescue").run(items)


def erase(shop: Shop, conn: Connection, book: str, record_id: str) -> int | None:
    """Empty a record, its history, its parked copies and its claim to pictures; keep ids, hashes, seqs, outcomes (S4).

    Gives the seq of the erasure; of one that happened before, that one; None where there is no such record.
    """
    head, _ = shelf.lock_book(conn, book)
    found = next(iter(shelf.records(conn, book, [record_id])), None)
    if head is None or found is None:
        return None
    if found["erased"]:
        return int(found["seq"])
    seq, now = head + 1, shop.clock.now()
    its_id = shop.ids.new()
    for table in (change, parked):
        emptied: dict[str, Any] = {"body": None, **({"writes": None} if table is change else {"note": None})}
        conn.execute(update(table).where(table.c.book_id == book, table.c.record_id == record_id).values(**emptied))
    conn.execute(delete(named).where(named.c.book_id == book, named.c.record_id == record_id))
    conn.execute(insert(change).values(**_erasing(shop, book, record_id, its_id, seq, now)))
    conn.execute(update(record).where(record.c.book_id == book, record.c.id == record_id).values(**_empty(seq, now)))
    conn.execute(insert(erasure).values(book_id=book, record_id=record_id, seq=seq, at=now))
    shelf.move_head(conn, book, seq, its_id)
    return seq


def _erasing(shop: Shop, book: str, record_id: str, its_id: str, seq: int, now: int) -> dict[str, Any]:
    return {
        "book_id": book,
        "seq": seq,
        "id": its_id,
        "record_id": record_id,
        "device": shop.server_device,
        "account": SERVER,
        "hash": digest_of(canonical({"erase": record_id})),
        "receipt": orjson.dumps(Receipt("applied", seq).pack()).decode(),
        "seen": seq - 1,
        "at": now,
        "made_at": now,
        "received_at": now,
    }


def _empty(seq: int, now: int) -> dict[str, Any]:
    nothing = State(seq=seq, top_at=now, floor=seq)
    return {
        "seq": seq,
        "fields": {},
        "state": orjson.dumps(pack(nothing, {})).decode(),
        "extra": None,
        "changed_at": now,
        "hidden": False,
        "erased": True,
        "sights": None,
    }
