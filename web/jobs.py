"""Work that goes by the clock: huey, its queue a file of its own in the data folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from huey import SqliteHuey, crontab  # type: ignore[import-untyped]
from huey.consumer import Consumer  # type: ignore[import-untyped]
from sqlalchemy import ColumnElement, Row, select

from api.services import Services
from domain import sessions
from domain.access import ServerActor
from domain.days import DAY
from domain.json_text import json_text
from sync.clock import to_text
from sync.tables import record

SILENCE: Final = 7 * DAY
"""Milliseconds after which a resolved case that nobody has answered for closes by itself (超期默认)."""
REOPENABLE: Final = 30 * DAY
"""Milliseconds for which a closed case can be opened again."""

_BATCH: Final = 500
_LOG: Final = logging.getLogger("gridwalk.jobs")

Case = Row[Any, Any, Any, Any]
"""book_id, id, seq, fields"""


def make(services: Services) -> SqliteHuey:
    """The queue with its periodic tasks."""
    queue = SqliteHuey("gridwalk", filename=str(services.config.data / "jobs.db"))

    @queue.periodic_task(crontab(minute="*/10"))  # type: ignore[untyped-decorator]  # huey ships no types
    def cases() -> None:
        close_silent_cases(services)
        seal_old_cases(services)

    @queue.periodic_task(crontab(minute="17", hour="*/6"))  # type: ignore[untyped-decorator]
    def sweep() -> None:
        with services.database.write() as conn:
            sessions.forget_old(conn, services.clock.now())

    return queue


def consume(services: Services) -> None:
    """Do the work until the process is ended. One worker: the jobs are few, the database has one writer."""
    # What came due while the server was off.
    close_silent_cases(services)
    seal_old_cases(services)
    Consumer(make(services), workers=1, periodic=True, check_worker_health=False).run()


def close_silent_cases(services: Services) -> int:
    """Close what was resolved and not answered for seven days, and mark it so. Returns how many."""
    before = services.clock.now() - SILENCE
    resolved = json_text(record.c.fields, "status.status") == "resolved"
    closed = 0
    for case in _cases(services, resolved, record.c.changed_at < before):
        step = {"from": "resolved", "to": "closed", "cycle": case.fields["status"]["cycle"]}
        closed += _write(services, case, {"status": step, "auto_closed": True})
    return closed


def seal_old_cases(services: Services) -> int:
    """Mark what has been closed for thirty days: it is not opened again. Returns how many."""
    before = to_text(services.clock.now() - REOPENABLE)
    closed = json_text(record.c.fields, "status.status") == "closed"
    old = json_text(record.c.fields, "closed_at") < before
    unsealed = json_text(record.c.fields, "sealed").is_(None)
    return sum(_write(services, case, {"sealed": True}) for case in _cases(services, closed, old, unsealed))


def _write(services: Services, case: Case, written: Mapping[str, Any]) -> bool:
    """One change by the server's own device, through the same door as everybody's (M10)."""
    receipt = services.engine.edit(
        ServerActor(), book=case.book_id, record=case.id, type="case", seen=case.seq, set=written
    )
    if receipt["outcome"] in {"refused", "held"}:
        _LOG.warning("the clock's change was not taken", extra={"code": receipt["reason"]})
        return False
    return True


def _cases(services: Services, *conditions: ColumnElement[bool]) -> Sequence[Case]:
    its = record.c
    there = (its.type == "case", its.hidden.is_(False), its.erased.is_(False))
    query = select(its.book_id, its.id, its.seq, its.fields).where(*there, *conditions)
    with services.database.read() as conn:
        return conn.execute(query.order_by(its.changed_at).limit(_BATCH)).all()
