"""Work that goes by the clock: huey, its queue a file of its own in the data folder."""

from __future__ import annotations

import logging
from typing import Final

from huey import SqliteHuey, crontab  # type: ignore[import-untyped]
from huey.consumer import Consumer  # type: ignore[import-untyped]

from api.services import Services
from domain import jobs, sessions

_LOG: Final = logging.getLogger("gridwalk.jobs")


def make(services: Services) -> SqliteHuey:
    """The queue with its periodic tasks."""
    queue = SqliteHuey("gridwalk", filename=str(services.config.data / "jobs.db"))

    @queue.periodic_task(crontab(minute="41"))  # type: ignore[untyped-decorator]  # huey ships no types
    def cases() -> None:
        cases_by_the_clock(services)

    @queue.periodic_task(crontab(minute="17"))  # type: ignore[untyped-decorator]
    def sweep() -> None:
        with services.database.write() as conn:
            sessions.forget_old(conn, services.clock.now())
        services.uploads.forget_unnamed()

    return queue


def consume(services: Services) -> None:
    """Do the work until the process is ended. One worker: the jobs are few, the database has one writer."""
    # What a newer version of the program stores otherwise, and what came due while the server was off.
    lifted = services.engine.lift_records()
    if lifted:
        _LOG.info("records lifted", extra={"count": lifted})
    cases_by_the_clock(services)
    Consumer(make(services), workers=1, periodic=True, check_worker_health=False).run()


def cases_by_the_clock(services: Services) -> None:
    """What domain.jobs does to cases; the log says how many changed, never which."""
    for name, count in jobs.run_daily(services.engine).items():
        if count:
            _LOG.info("cases by the clock", extra={"job": name, "count": count})
