"""Proof that everything has arrived: phone and server compare a digest of what this device wrote in a book."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from sync.protocol import MAX_CHANGES
from sync.tables import change, parked

Json = dict[str, Any]
MOST_ENTRIES: Final = 20 * MAX_CHANGES
Entry = tuple[str, str]
"""(change id, hash of its content)."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a phone says it has receipts for: `count` changes with `after` < id ≤ `until`, of this `digest`."""

    after: str | None
    until: str
    count: int
    digest: str


def prove(conn: Connection, device: str, book: str, span: Span) -> Json:
    """Has everything of `span` arrived? Where not, what has: [[id, hash] …], no more than MOST_ENTRIES, the newest."""
    entries = _arrived(conn, device, book, span)
    if len(entries) == span.count and digest_of_entries(entries) == span.digest:
        return {"same": True, "count": len(entries)}
    return {"same": False, "count": len(entries), "entries": [list(each) for each in entries[-MOST_ENTRIES:]]}


def digest_of_entries(entries: Iterable[Entry]) -> str:
    """Hex SHA-256 of the lines `ID HASH`, by id."""
    lines = "".join(f"{its_id} {its_hash}\n" for its_id, its_hash in sorted(entries))
    return hashlib.sha256(lines.encode()).hexdigest()


def _arrived(conn: Connection, device: str, book: str, span: Span) -> list[Entry]:
    """What the book has of this device, accepted or parked; what has been erased is no longer anybody's."""
    found: set[Entry] = set()
    for table in (change, parked):
        its = table.c
        mine = (its.book_id == book, its.device == device, its.id > (span.after or ""), its.id <= span.until)
        found |= {
            (row.id, row.hash) for row in conn.execute(select(its.id, its.hash).where(*mine, its.body.is_not(None)))
        }
    return sorted(found)
