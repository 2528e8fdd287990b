"""Changes that wait for a person before they enter a book (待认领). Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from domain.access import Person, can_decide
from sync.desk import WAITING
from sync.tables import parked


@dataclass(frozen=True, slots=True)
class HeldChange:
    """One held change, whole. `received_at` in milliseconds."""

    id: str
    book: str
    record: str | None
    account: str
    reason: str
    received_at: int
    change: Mapping[str, Any]


def held_changes(conn: Connection, person: Person, limit: int = 200) -> list[HeldChange]:
    """What is held for the books in which this person decides, newest first."""
    books = [each for each in person.powers if can_decide(person, each)]
    its = parked.c
    columns = (its.id, its.book_id, its.record_id, its.account, its.reason, its.received_at, its.body)
    query = select(*columns).where(its.desk_book.in_(books), its.state.in_(WAITING), its.body.is_not(None))
    if not books:
        return []
    found = conn.execute(query.order_by(its.received_at.desc()).limit(limit))
    return [
        HeldChange(row.id, row.book_id, row.record_id, row.account, row.reason, row.received_at, _read(row.body))
        for row in found
    ]


def _read(body: str) -> Mapping[str, Any]:
    try:
        change = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return change if isinstance(change, dict) else {}
