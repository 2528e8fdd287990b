"""The statements of a push: each fetches or stores many rows at once, all of one book."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    String,
    Table,
    any_,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sync.database import dumps
from sync.ids import is_change_id
from sync.picture_tables import picture
from sync.tables import book, change, named, parked, record

Row = Mapping[str, Any]


def rows(conn: Connection, query: Select[Any], given: Mapping[str, Any] | None = None) -> list[Row]:
    found = conn.execute(query, given)
    names = tuple(found.keys())  # once, not once a row
    return [dict(zip(names, row, strict=True)) for row in found]


# The statements of every push are built once: building one costs as much as the database's answer.


def _own_ids(table: Table) -> Select[Any]:
    its = table.c
    mine = (its.book_id == bindparam("book"), its.device == bindparam("device"), its.body.is_not(None))
    return select(its.id).where(*mine, its.id > bindparam("last"))


_LOCK: Final = select(book.c.head, book.c.head_change).where(book.c.id == bindparam("book")).with_for_update()
_OWN_IDS: Final = tuple(_own_ids(table) for table in (change, parked))
_MOVE_HEAD: Final = update(book).where(book.c.id == bindparam("its_id"))


class _Lists:
    """The statements that ask for many rows by name."""

    def __init__(self, among: Callable[[ColumnElement[str], str], ColumnElement[bool]]) -> None:
        self.records = select(record).where(record.c.book_id == bindparam("book"), among(record.c.id, "ids"))
        self.receipts = select(change.c.id, change.c.hash, change.c.receipt).where(
            change.c.book_id == bindparam("book"), among(change.c.id, "ids")
        )
        self.parked = (
            select(parked)
            .where(parked.c.book_id == bindparam("book"))
            .where(or_(among(parked.c.id, "ids"), among(parked.c.record_id, "records")))
            .order_by(parked.c.received_at, parked.c.id)
        )
        self.histories = (
            select(change)
            .where(change.c.book_id == bindparam("book"), among(change.c.record_id, "records"))
            .order_by(change.c.record_id, change.c.seq)
        )


_LISTS: Final = {
    "sqlite": _Lists(lambda column, name: column.in_(bindparam(name, expanding=True))),
    # A list of fifty would be another statement than one of forty-nine, and none would stay prepared: it is one array.
    "postgresql": _Lists(lambda column, name: column == any_(bindparam(name, type_=ARRAY(String)))),
}


def _lists(conn: Connection) -> _Lists:
    return _LISTS[conn.dialect.name]


def lock_book(conn: Connection, book_id: str) -> tuple[int | None, str | None]:
    """Hold the book's row until the end of the transaction: (head, id of the change there); head None of no book."""
    if not book_id:
        return None, None
    row = conn.execute(_LOCK, {"book": book_id}).first()
    return (row.head, row.head_change) if row else (None, None)


def own_ids(conn: Connection, book_id: str, device: str, last: str | None) -> list[str]:
    """The ids of this device's changes above `last` that the book holds, parked ones too, erased ones not (X7)."""
    found: list[str] = []
    for query in _OWN_IDS:
        found.extend(conn.execute(query, {"book": book_id, "device": device, "last": last or ""}).scalars())
    # Not the names that were made up for what came without an id: no device has ever made those.
    return sorted({each for each in found if is_change_id(each)})


def records(conn: Connection, book_id: str, ids: Collection[str]) -> Sequence[Row]:
    return rows(conn, _lists(conn).records, {"book": book_id, "ids": list(ids)}) if ids else []


def receipts(conn: Connection, book_id: str, ids: Collection[str]) -> Sequence[Row]:
    return rows(conn, _lists(conn).receipts, {"book": book_id, "ids": list(ids)}) if ids else []


def parked_about(conn: Connection, book_id: str, ids: Collection[str], record_ids: Collection[str]) -> Sequence[Row]:
    """What is parked under these ids, or about these records; oldest first."""
    about = {"book": book_id, "ids": list(ids), "records": list(record_ids)}
    return rows(conn, _lists(conn).parked, about) if ids or record_ids else []


def history(conn: Connection, book_id: str, record_id: str) -> Sequence[Row]:
    """Every accepted change of a record, in order of seq."""
    mine = (change.c.book_id == book_id, change.c.record_id == record_id)
    return rows(conn, select(change).where(*mine).order_by(change.c.seq))


def histories(conn: Connection, book_id: str, record_ids: Collection[str]) -> dict[str, list[Row]]:
    """The same of several records at once."""
    found: dict[str, list[Row]] = {each: [] for each in record_ids}
    if found:
        for row in rows(conn, _lists(conn).histories, {"book": book_id, "records": list(found)}):
            found[row["record_id"]].append(row)
    return found


def home_of(conn: Connection, record_id: str) -> str | None:
    """The book in which a record that has moved lives now (S7)."""
    here = (record.c.id == record_id, record.c.moved_to.is_(None), record.c.erased.is_(False))
    found: str | None = conn.execute(select(record.c.book_id).where(*here)).scalar()
    return found


_CHANGING = (
    "schema", "seq", "fields", "state", "extra", "by", "made_at", "changed_at", "hidden", "erased", "sight", "sights",
)  # fmt: skip
_IN_THEIR_PLACE: Final = " ON CONFLICT (book_id, id) DO UPDATE SET " + ", ".join(
    f'"{name}" = excluded."{name}"' for name in _CHANGING
)


def insert_many(conn: Connection, table: Table, entries: Sequence[Row], clash: str = "") -> None:
    """Insert rows of one form, each a dict by column; `clash` says what else where a row is there already. One statement
    whose form does not depend on how many there are: what SQLAlchemy and the driver do for each row and column would
    cost more than what the database does."""
    if not entries:
        return
    names = tuple(entries[0])
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(_from_json(table, names) + clash, (dumps(entries),))
        return
    nested, told = _nested(table, names), []
    for entry in entries:
        row = list(entry.values())
        for place in nested:
            if row[place] is not None:
                row[place] = dumps(row[place])
        told.append(tuple(row))
    conn.exec_driver_sql(_from_values(table, names) + clash, told)


@cache
def _nested(table: Table, names: tuple[str, ...]) -> list[int]:
    """Where among these columns the JSON ones are."""
    return [place for place, name in enumerate(names) if isinstance(table.c[name].type, JSON)]


@cache
def _from_values(table: Table, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table.name} ({_quoted(names)}) VALUES ({', '.join('?' * len(names))})"


@cache
def _from_json(table: Table, names: tuple[str, ...]) -> str:
    """All rows travel as one JSON text, which PostgreSQL reads as a table."""
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    form = ", ".join(f'"{name}" {table.c[name].type.compile(dialect)}' for name in names)
    return f"INSERT INTO {table.name} ({_quoted(names)}) SELECT {_quoted(names)} FROM json_to_recordset(%s::json) AS t({form})"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def store_records(conn: Connection, fresh: Sequence[Row], known: Sequence[Row]) -> None:
    insert_many(conn, record, fresh)
    insert_many(conn, record, known, _IN_THEIR_PLACE)


def store_changes(conn: Connection, changes: Sequence[Row]) -> None:
    insert_many(conn, change, changes)


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
    conn.execute(_MOVE_HEAD, {"its_id": book_id, "head": head, "head_change": head_change})
