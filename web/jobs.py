"""Work that goes by the clock: huey, its queue a file of its own in the data folder."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Final

from huey import SqliteHuey, crontab  # type: ignore[import-untyped]
from huey.consumer import Consumer  # type: ignore[import-untyped]

from api.services import Services
from domain import campaign_work, jobs, notices, sessions, visiting, withdrawal
from web import nudging

_LOG: Final = logging.getLogger("gridwalk.jobs")
_TRIES: Final = 3
"""How often a nudge is tried again, after 1, 4 and 16 minutes."""


def make(services: Services) -> SqliteHuey:
    """The queue with its periodic tasks."""
    queue = SqliteHuey("gridwalk", filename=str(services.config.data / "jobs.db"))

    @queue.periodic_task(crontab(minute="41"))  # type: ignore[untyped-decorator]  # huey ships no types
    def cases() -> None:
        cases_by_the_clock(services)
        campaigns_by_the_clock(services, everything=True)

    @queue.periodic_task(crontab(minute="17"))  # type: ignore[untyped-decorator]
    def sweep() -> None:
        with services.database.write() as conn:
            sessions.forget_old(conn, services.clock.now())
        services.uploads.forget_unnamed()

    @queue.periodic_task(crontab())  # type: ignore[untyped-decorator]
    def pictures() -> None:
        finish_pictures(services)

    @queue.periodic_task(crontab())  # type: ignore[untyped-decorator]
    def kept_word() -> None:
        keep_the_word_of_households(services)

    @queue.periodic_task(crontab())  # type: ignore[untyped-decorator]
    def hang_notices() -> None:
        notices_by_the_clock(services)

    @queue.periodic_task(crontab())  # type: ignore[untyped-decorator]
    def campaigns() -> None:
        campaigns_by_the_clock(services)

    @queue.task(name="sizes")  # type: ignore[untyped-decorator]
    def sizes(sha256: str) -> None:
        services.uploads.gallery.make_sizes(sha256)

    @queue.task(name="nudges")  # type: ignore[untyped-decorator]
    def nudges(pairs: Sequence[nudging.Pair], tried: int = 0) -> None:
        left = nudging.nudge(services, pairs)
        if left and tried < _TRIES:
            nudges.schedule((left, tried + 1), delay=60 * 4**tried)

    queue.sizes, queue.nudges = sizes, nudges
    return queue


class Later:
    """Puts work into the queue from a process that answers calls; the queue is opened when it is first needed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._queue: SqliteHuey | None = None

    def make_sizes(self, sha256: str) -> None:
        """Let the smaller sizes of a picture be made soon. Should this be lost, the minute's round makes them."""
        with self._lock:
            self._queue = self._queue or make(self._services)
        self._queue.sizes(sha256)


def consume(services: Services) -> None:
    """Do the work until the process is ended. One worker: the jobs are few, the database has one writer."""
    # What a newer version of the program stores otherwise, and what came due while the server was off.
    lifted = services.engine.lift_records()
    if lifted:
        _LOG.info("records lifted", extra={"count": lifted})
    cases_by_the_clock(services)
    keep_the_word_of_households(services)
    finish_pictures(services)
    queue = make(services)
    nudging.Lookout(services, queue.nudges).start()
    Consumer(queue, workers=1, periodic=True, check_worker_health=False).run()


def cases_by_the_clock(services: Services) -> None:
    """What domain.jobs does to cases; the log says how many changed, never which."""
    for name, count in jobs.run_daily(services.engine).items():
        if count:
            _LOG.info("cases by the clock", extra={"job": name, "count": count})


def keep_the_word_of_households(services: Services) -> None:
    """What stood on somebody's consent goes with it; whoever said no is spared. Also what a phone brings later."""
    fallen = withdrawal.erase_what_falls(services.engine)
    spared = visiting.spare_the_declined(services.engine)
    if fallen or spared:
        _LOG.info("the word of households", extra={"erased": fallen, "called_off": spared})


def notices_by_the_clock(services: Services) -> None:
    """Notices go up and come down at the minute that their publisher named."""
    for name, count in notices.by_the_clock(services.engine).items():
        if count:
            _LOG.info("notices by the clock", extra={"job": name, "count": count})


def campaigns_by_the_clock(services: Services, *, everything: bool = False) -> None:
    """Tasks of new doors, what is over, what is due to go; the log says how many, never which."""
    count = campaign_work.tend(services.engine, everything=everything)
    if count:
        _LOG.info("campaigns by the clock", extra={"count": count})


def finish_pictures(services: Services) -> None:
    """What a crash, or a store that did not answer, left undone: transfers that came whole, smaller sizes not made."""
    services.uploads.finish_waiting()
    for sha256 in services.uploads.gallery.unsized():
        try:
            services.uploads.gallery.make_sizes(sha256)
        except Exception:  # one picture must not stop the others
            _LOG.exception("sizes of a picture")
