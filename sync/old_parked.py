"""What was never taken in is not kept for ever either: retention of what is held or was refused (S4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, exists, select, update

from sync.tables import named, parked, record
from sync.types import RecordType

_DAY: Final = 24 * 3600 * 1000
LONGEST_DAYS: Final = 365
"""How long a change waits for somebody's word at most, whatever its type: also of what is no type at all."""
_PAGE: Final = 500


def empty_old(conn: Connection, types: Mapping[str, RecordType], now: int) -> int:
    """Empty the changes that were never taken in and are older than their type keeps anything; gives how many.

    Their ids, hashes and outcomes stay, as with what was erased: whoever sends one again has the same answer (X2).
    """
    kept_days = {name: each.retention_days or LONGEST_DAYS for name, each in types.items()}
    shortest = min([LONGEST_DAYS, *kept_days.values()])
    aged = _received_before(conn, now - shortest * _DAY)
    old = [(row.book_id, row.id, row.hash, row.record_id) for row in aged if _is_over(row, kept_days, now)]
    its = parked.c
    for book, id, content, _about in old:
        this = (its.book_id == book, its.id == id, its.hash == content)
        conn.execute(update(parked).where(*this).values(body=None, note=None))
    for book, about in sorted({(book, about) for book, _id, _content, about in old if about}):
        _let_go_of_pictures(conn, book, about)
    return len(old)


def _received_before(conn: Connection, before: int) -> Iterator[Any]:
    """Read in pages: there may be many, and each may be large."""
    its = parked.c
    columns = (its.book_id, its.id, its.hash, its.record_id, its.body, its.received_at)
    aged = select(*columns).where(its.body.is_not(None), its.received_at < before)
    yield from conn.execute(aged.execution_options(yield_per=_PAGE))


def _is_over(row: Any, kept_days: Mapping[str, int], now: int) -> bool:
    said = orjson.loads(row.body)
    name = said.get("type") if isinstance(said, dict) else None
    days = kept_days.get(name, LONGEST_DAYS) if isinstance(name, str) else LONGEST_DAYS
    return bool(row.received_at < now - min(days, LONGEST_DAYS) * _DAY)


def _let_go_of_pictures(conn: Connection, book: str, about: str) -> None:
    """What only emptied changes named is nobody's any more."""
    stands = exists().where(record.c.book_id == book, record.c.id == about)
    waits = exists().where(parked.c.book_id == book, parked.c.record_id == about, parked.c.body.is_not(None))
    conn.execute(delete(named).where(named.c.book_id == book, named.c.record_id == about, ~stands, ~waits))
