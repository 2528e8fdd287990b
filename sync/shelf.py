"""The statements of a push: each fetches or stores many rows at once, all of one book."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sync.ids import is_change_id
from sync.picture_tables import picture
from sync.tables import book, change, named, parked, record

Row = Mapping[str, Any]


def rows(conn: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in conn.execute(query).mappings()]


def lock_book(conn: Connection, book_id: str) -> tuple[int | None, str | None]:
    """Hold the book's row until the end of the transaction: (head, id of the change there); head None of no book."""
    if not book_id:
        return None, None
    query = select(book.c.head, book.c.head_change).where(book.c.id == book_id).with_for_update()
    row = conn.execute(query).first()
    return (row.head, row.head_change) if row else (None, None)


def own_ids(conn: Connection, book_id: str, device: str, last: str | None) -> list[str]:
    """The ids of this device's changes above `last` that the book holds, parked ones too, erased ones not (X7)."""
    found: list[str] = []
    for table in (change, parked):
        query = select(table.c.id).where(
            table.c.book_id == book_id, table.c.device == device, table.c.id > (last or ""), table.c.body.is_not(None)
        )
        found.extend(conn.execute(query).scalars())
    # Not the names that were made up for what came without an id: no device has ever made those.
    return sorted({each for each in found if is_change_id(each)})


def records(conn: Connection, book_id: str, ids: Collection[str]) -> Sequence[Row]:
    query = select(record).where(record.c.book_id == book_id, record.c.id.in_(ids))
    return rows(conn, query) if ids else []


def receipts(conn: Connection, book_id: str, ids: Collection[str]) -> Sequence[Row]:
    query = select(change.c.id, change.c.hash, change.c.receipt).where(
        change.c.book_id == book_id, change.c.id.in_(ids)
    )
    return rows(conn, query) if ids else []


def parked_about(conn: Connection, book_id: str, ids: Collection[str], record_ids: Collection[str]) -> Sequence[Row]:
    """What is parked under these ids, or about these records; oldest first."""
    about = or_(parked.c.id.in_(ids), parked.c.record_id.in_(record_ids))
    query = select(parked).where(parked.c.book_id == book_id, about).order_by(parked.c.received_at, parked.c.id)
    return rows(conn, query) if ids or record_ids else []


def history(conn: Connection, book_id: str, record_id: str) -> Sequence[Row]:
    """Every accepted change of a record, in order of seq."""
    mine = (change.c.book_id == book_id, change.c.record_id == record_id)
    return rows(conn, select(change).where(*mine).order_by(change.c.seq))


def home_of(conn: Connection, record_id: str) -> str | None:
    """The book in which a record that has moved lives now (S7)."""
    here = (record.c.id == record_id, record.c.moved_to.is_(None), record.c.erased.is_(False))
    found: str | None = conn.execute(select(record.c.book_id).where(*here)).scalar()
    return found


_CHANGING = (
    "schema", "seq", "fields", "state", "extra", "by", "made_at", "changed_at", "hidden", "erased", "sight", "sights",
)  # fmt: skip
_UPDATE_RECORD = (
    update(record)
    .where(record.c.book_id == bindparam("in_book"), record.c.id == bindparam("its_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)


def store_records(conn: Connection, fresh: Sequence[Row], known: Sequence[Row]) -> None:
    if fresh:
        conn.execute(insert(record), list(fresh))
    if known:
        changed = [
            {"in_book": row["book_id"], "its_id": row["id"], **{f"new_{name}": row[name] for name in _CHANGING}}
            for row in known
        ]
        conn.execute(_UPDATE_RECORD, changed)


def store_changes(conn: Connection, changes: Sequence[Row]) -> None:
    if changes:
        conn.execute(insert(change), list(changes))


def insert_once(conn: Connection, table: Table, entries: Sequence[Row]) -> None:
    """Insert those that are not there yet; the key says which are."""
    if entries:
        make = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
        conn.execute(make(table).on_conflict_do_nothing(), list(entries))


def store_parked(conn: Connection, entries: Sequence[Row]) -> None:
    insert_once(conn, parked, entries)


Name = tuple[str, str, str, str, str]
"""(SHA-256 of some bytes, record that speaks of them, account, device, "picture" or "voice")."""


def store_named(conn: Connection, book_id: str, names: Collection[Name], now: int) -> None:
    """Note who may send which bytes; what is here already stays, the rest is awaited from now on."""
    here = claim(conn, sorted({name[0] for name in names}), now)
    keys = ("sha256", "record_id", "account", "device", "kind")
    entries = [{"book_id": book_id, **dict(zip(keys, name, strict=True))} for name in sorted(names)]
    awaited = [{**each, "awaited_since": None if each["sha256"] in here else now} for each in entries]
    insert_once(conn, named, awaited)


def claim(conn: Connection, hashes: Sequence[str], now: int) -> set[str]:
    """Which of these bytes are here. They stay for the whole time of grace from now, whoever is tidying up."""
    here = (picture.c.sha256.in_(hashes), picture.c.lost_at.is_(None))
    query = select(picture.c.sha256).where(*here).order_by(picture.c.sha256).with_for_update()
    found = set(conn.execute(query).scalars()) if hashes else set()
    if found:
        conn.execute(update(picture).where(picture.c.sha256.in_(sorted(found))).values(claimed_at=now))
    return found


def move_head(conn: Connection, book_id: str, head: int, head_change: str | None) -> None:
    conn.execute(update(book).where(book.c.id == book_id).values(head=head, head_change=head_change))
