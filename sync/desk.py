"""What people do with what is not in a book: let it in, decline it, hand in a rescue file; and what time does:
erase. Each is one transaction on one book."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, insert, or_, select, update

from sync import shelf
from sync.actors import Actor, Author
from sync.changes import Change, read_change
from sync.notes import enter_note
from sync.protocol import CallError
from sync.push import BookPush, Shop
from sync.receipts import Receipt
from sync.state import State, pack
from sync.tables import change, erasure, named, parked, record
from sync.types import never_spent

Row = Mapping[str, Any]
WAITING: Final = ("held", "asked")
"""The states of a parked change in which a person may still decide about it."""

BENDABLE: Final = frozenset({"needs", "void", "not_from_here", "requires", "not_allowed", "fixed"})
"""Why a change may have been refused and still be let in, where somebody entitled answers for it."""


def let_in(shop: Shop, conn: Connection, decider: Actor, book: str, held: str) -> list[dict[str, Any]]:
    """Let a held change into its book, after the earlier ones of its device and record that it stands on (S6).

    Gives what each has become, in order, as receipts; the receipts that were sent never change.
    """
    became: list[dict[str, Any]] = []
    for row in _standing_on(conn, book, held):
        author = Author(row["device"], row["account"], via=decider.account)
        receipt: Receipt = BookPush(shop, conn, author, book).let_in(_sound(row), row["at"])
        _decide(conn, row, decider, "let_in", None, shop.clock.now())
        became.append(receipt.wire(len(became), row["id"]))
    return became


def _sound(row: Row) -> Change:
    """The change that waits; CallError `not_yet` where nobody's word can make it one that a book may hold."""
    if row["state"] == "held" or row["reason"] in BENDABLE:
        sound = read_change(orjson.loads(row["body"]))
        if isinstance(sound, Change):
            return sound
    raise CallError("not_yet", reason=row["reason"])


def _standing_on(conn: Connection, book: str, held: str) -> list[Row]:
    """The held change, and before it those of the same device and record that it follows."""
    its = parked.c
    waiting = (its.desk_book == book, its.state.in_(WAITING), its.body.is_not(None))
    last = next(iter(shelf.rows(conn, select(parked).where(*waiting, its.id == held))), None)
    if last is None:
        return []
    chain = (its.record_id == last["record_id"], its.device == last["device"], its.id <= held)
    before = or_(its.id == held, (its.state == "held") & (its.reason != "suggestion"))
    return shelf.rows(conn, select(parked).where(*waiting, *chain, before).order_by(its.id))


def decline(conn: Connection, decider: Actor, book: str, held: str, note: str, now: int) -> bool:
    """Leave a held change out of the book for good, with a word to its author; False where nothing waits."""
    rows = _waiting(conn, book, held)
    for row in rows:
        _decide(conn, row, decider, "declined", note, now)
    return bool(rows)


def adopt(conn: Connection, owner: Actor, book: str, held: str, now: int) -> bool:
    """A suggestion has been taken up by a change of the owner's own (S6): it waits no more. False where none waits."""
    rows = [row for row in _waiting(conn, book, held) if row["reason"] == "suggestion"]
    for row in rows:
        _decide(conn, row, owner, "let_in", None, now)
    return bool(rows)


def hand_on(conn: Connection, decider: Actor, book: str, held: str, to: str) -> bool:
    """Lay a waiting change on the desk of the account `to` first; False where nothing waits under this id. While
    nothing is decided, `decided_by` says who handed it on."""
    rows = _waiting(conn, book, held)
    for row in rows:
        conn.execute(update(parked).where(*_this(row)).values(handed_to=to, decided_by=decider.account))
    return bool(rows)


def ask(conn: Connection, account: str, book: str, refused: str) -> bool:
    """The author gives a refused change to the people of the book; False where there is none of this account's."""
    its = parked.c
    mine = (its.book_id == book, its.id == refused, its.account == account, its.body.is_not(None))
    rows = [row for row in shelf.rows(conn, select(parked).where(*mine)) if row["state"] in ("refused", "asked")]
    for row in rows:
        conn.execute(update(parked).where(*_this(row)).values(state="asked"))
    return bool(rows)


def _waiting(conn: Connection, book: str, held: str) -> list[Row]:
    its = parked.c
    return shelf.rows(conn, select(parked).where(its.desk_book == book, its.id == held, its.state.in_(WAITING)))


def _this(row: Row) -> tuple[Any, ...]:
    its = parked.c
    return (its.book_id == row["book_id"], its.id == row["id"], its.hash == row["hash"])


def _decide(conn: Connection, row: Row, decider: Actor, state: str, note: str | None, now: int) -> None:
    decided = {"state": state, "decided_by": decider.account, "decided_at": now, "note": note}
    conn.execute(update(parked).where(*_this(row)).values(**decided))


def hand_in(shop: Shop, conn: Connection, author: Author, book: str, items: Sequence[Any]) -> list[dict[str, Any]]:
    """Take a rescue file's changes for one book: each is held for a look, unless it has its receipt already (L5)."""
    return BookPush(shop, conn, author, book, hold="rescue").run(items)


def about(conn: Connection, book: str, held: str) -> set[str]:
    """The record that a waiting change is about, if one waits under this id."""
    return {str(row["record_id"]) for row in _waiting(conn, book, held)}


def spent(shop: Shop, conn: Connection, book: str, records: Collection[str]) -> list[str]:
    """Which of these records of the book have come to where nothing of them may be kept (RecordType.spent)."""
    asked = [each.name for each in shop.types.values() if each.spent is not never_spent]
    if not asked or not records:
        return []
    its = record.c
    here = (its.book_id == book, its.id.in_(sorted(records)), its.type.in_(asked), its.erased.is_(False))
    query = select(its.id, its.type, its.fields, its.extra).where(*here, its.moved_to.is_(None)).order_by(its.id)
    found = conn.execute(query).all()
    return [row.id for row in found if shop.types[row.type].spent(row.fields, (row.extra or {}).get("others", {}))]


def standing(conn: Connection, record_id: str) -> dict[str, str]:
    """The books that hold something of this record, where it has lived before among them (S7), each with its type."""
    its = record.c
    found = conn.execute(select(its.book_id, its.type).where(its.id == record_id, its.erased.is_(False)))
    return {row.book_id: row.type for row in found}


def erase(shop: Shop, conn: Connection, book: str, record_id: str, at: int | None = None) -> int | None:
    """Empty a record, its history, its parked copies and its claim to pictures; keep ids, hashes, seqs, outcomes (S4).

    Gives the seq of the erasure; of one that happened before, that one; None where there is no such record. `at`: when
    it was first erased, of an erasure that is repeated after a restore.
    """
    head, _ = shelf.lock_book(conn, book)
    found = next(iter(shelf.records(conn, book, [record_id])), None)
    if head is None or found is None:
        return None
    if found["erased"]:
        return int(found["seq"])
    seq, now = head + 1, shop.clock.now()
    empty_others(conn, book, record_id)
    enter_note(shop, conn, book, record_id, seq, shop.ids.new(), {"erase": record_id}, kept=False)
    conn.execute(update(record).where(record.c.book_id == book, record.c.id == record_id).values(**emptied(seq, now)))
    note_erasure(conn, book, record_id, seq, now if at is None else at)
    return seq


def empty_others(conn: Connection, book: str, record_id: str) -> None:
    """Empty what is kept of a record beside itself: its history, its parked copies, its claim to pictures."""
    for table in (change, parked):
        nothing: dict[str, Any] = {"body": None, **({"writes": None} if table is change else {"note": None})}
        conn.execute(update(table).where(table.c.book_id == book, table.c.record_id == record_id).values(**nothing))
    conn.execute(delete(named).where(named.c.book_id == book, named.c.record_id == record_id))


def note_erasure(conn: Connection, book: str, record_id: str, seq: int, at: int) -> None:
    """The newest erasure of a record: one with a derived id may be made again, and erased again."""
    conn.execute(delete(erasure).where(erasure.c.book_id == book, erasure.c.record_id == record_id))
    conn.execute(insert(erasure).values(book_id=book, record_id=record_id, seq=seq, at=at))


def emptied(seq: int, now: int) -> dict[str, Any]:
    """What an erased record is, beside its id, its type and whose it is to see."""
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
