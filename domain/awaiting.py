"""Pictures and voice notes that are named and have not arrived, by the phone that they are on. Reads only.

For help, not for judging: who decides in a place can ring and say 「把手机连上 Wi-Fi」. Nothing is counted up over time,
nobody is compared; as soon as the bytes are here, the line is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from domain.access import Person, can_decide
from domain.accounts import device
from domain.records import TYPES
from sync.awaited import is_here
from sync.tables import named, record

ON_ITS_WAY: Final = 3600 * 1000
"""Milliseconds in which a picture is simply on its way, and nobody's concern."""


@dataclass(slots=True)
class Waiting:
    """What is still on one phone (`device` None: nobody knows on which). `since`: the oldest of it."""

    account: str
    device: str | None
    phone: str
    count: int = 0
    since: int = 0
    records: dict[str, str] = field(default_factory=dict)
    """record -> its number, "" where it has none yet; in the order in which they were named"""


def waiting(conn: Connection, person: Person, now: int) -> list[Waiting]:
    """By phone, for the books in which this person decides, of records that they see; in the order of the accounts."""
    books = [book for book in person.books() if can_decide(person, book)]
    its, of = named.c, record.c
    columns = (its.account, its.device, its.awaited_since, its.sha256, its.book_id, its.record_id)
    query = (
        select(*columns, of.type, of.sight, of.fields, device.c.name.label("phone"))
        .join_from(named, record, (of.book_id == its.book_id) & (of.id == its.record_id) & of.erased.is_(False))
        .outerjoin(device, device.c.id == its.device)
        .where(its.awaited_since.is_not(None), its.awaited_since < now - ON_ITS_WAY, its.book_id.in_(books), ~is_here())
        .order_by(its.account, its.device, its.awaited_since, its.sha256)
    )
    found: dict[tuple[str, str | None], Waiting] = {}
    for row in conn.execute(query) if books else ():
        if person.sees(row.book_id, row.type, row.sight) and _is_wanted(row.type, row.fields, row.sha256):
            _add(found.setdefault((row.account, row.device), Waiting(row.account, row.device, row.phone or "")), row)
    return list(found.values())


def _is_wanted(kind: str, fields: dict[str, Any], sha256: str) -> bool:
    """Does the record still show it? A preview that went ahead is not missed, nor what somebody has taken out."""
    declared = TYPES[kind].picture_fields if kind in TYPES else ()
    return any(sha256 in (fields.get(each.name) or {}) for each in declared)


def _add(line: Waiting, row: Any) -> None:
    line.count += 1
    line.since = min(line.since or row.awaited_since, row.awaited_since)
    line.records.setdefault(row.record_id, str(row.fields.get("no") or row.fields.get("temp_no") or ""))
