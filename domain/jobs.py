"""What the server does by the clock. Each job changes records through the engine's door, as a device of the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, select

from domain.access import ServerActor
from domain.days import DAY
from domain.indexes import Keys
from domain.json_text import json_text
from domain.powers import CASE
from domain.records import TYPES
from domain.records.track import MAX_DAYS, TRACK
from sync.clock import to_text
from sync.engine import Engine
from sync.ids import derived
from sync.protocol import MAX_CHANGES
from sync.tables import book, record
from sync.types import RecordType

SILENCE: Final = 7 * DAY
"""A resolved case that nobody has said anything about for so long is taken as closed, and says so (超期默认)."""
REOPENING: Final = 30 * DAY
"""How long after its closing a case may be opened again."""
HARD_MAX: Final[Mapping[str, int]] = {TRACK.name: MAX_DAYS * DAY}
"""type -> milliseconds after which a record goes, whatever was said of it since."""
_ENTERED: Final = frozenset({"applied", "merged", "conflict"})


def run_daily(engine: Engine) -> dict[str, int]:
    """Every job once: name -> how many records it changed. To be called about once a day; more often does no harm."""
    changed = {"closed": close_silent(engine), "sealed": seal_closed(engine), "erased": erase_expired(engine)}
    return {**changed, "emptied": engine.empty_old_parked()}


def close_silent(engine: Engine) -> int:
    """Close what was resolved and then met seven days of silence; gives how many cases that were."""
    before = engine.clock.now() - SILENCE
    silent = and_(Keys.status == "resolved", record.c.changed_at < before)
    return _write(engine, silent, _close)


def _close(fields: Mapping[str, Any]) -> dict[str, Any]:
    step = {"from": "resolved", "to": "closed", "cycle": fields["status"]["cycle"]}
    return {"status": step, "auto_closed": True}


def seal_closed(engine: Engine) -> int:
    """From now on these cannot be opened again; gives how many cases that were."""
    before = to_text(engine.clock.now() - REOPENING)
    closed_at, sealed = json_text(record.c.fields, "closed_at"), json_text(record.c.fields, "sealed")
    old = and_(Keys.status == "closed", closed_at < before, sealed.is_(None))
    return _write(engine, old, lambda _fields: {"sealed": True})


def erase_expired(engine: Engine) -> int:
    """Erase what has been over for longer than its record type keeps it (S4); gives how many records that were.

    What has steps is over once it has ended; the days count from the last that was said of it.
    """
    count = 0
    for record_type in (each for each in engine.types.values() if each.retention_days is not None):
        with engine.database.read() as conn:
            expired = conn.execute(_expired(record_type, engine.clock.now())).all()
        count += sum(engine.erase(row.book_id, row.id) is not None for row in expired)
    return count


def _expired(record_type: RecordType, now: int) -> Select[Any]:
    its, steps = record.c, record_type.step_field
    aged = its.changed_at < now - (record_type.retention_days or 0) * DAY
    if record_type.name in HARD_MAX:
        aged = or_(aged, its.made_at < now - HARD_MAX[record_type.name])
    here = and_(its.book_id == book.c.id, its.type == record_type.name, its.moved_to.is_(None))
    query = select(its.book_id, its.id).join_from(book, record, here)
    query = query.where(its.erased.is_(False), aged)
    return query.where(Keys.status.in_(sorted(steps.ends))) if steps else query


def _write(engine: Engine, wanted: ColumnElement[bool], make: Any) -> int:
    count = 0
    for rows in _batches(engine, wanted):
        changes = [_change(engine, row, make(row.fields)) for row in rows]
        receipts = engine.push(ServerActor(derived("device", "jobs")), changes)
        count += sum(receipt["outcome"] in _ENTERED for receipt in receipts)
    return count


def _batches(engine: Engine, wanted: ColumnElement[bool]) -> Iterator[list[Any]]:
    here = and_(record.c.book_id == book.c.id, record.c.type == CASE, record.c.hidden.is_(False))
    query = select(record.c.book_id, record.c.id, record.c.seq, record.c.fields).join_from(book, record, here)
    with engine.database.read() as conn:
        found = list(conn.execute(query.where(wanted, record.c.erased.is_(False))))
    for begin in range(0, len(found), MAX_CHANGES):
        yield found[begin : begin + MAX_CHANGES]


def _change(engine: Engine, row: Any, written: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": engine.ids.new(),
        "book": row.book_id,
        "record": row.id,
        "type": CASE,
        "schema": TYPES[CASE].schema,
        "epoch": engine.epoch,
        "seen": row.seq,
        "made_at": to_text(engine.clock.now()),
        "set": written,
    }
