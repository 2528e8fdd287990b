"""Work that goes by the clock: huey, its queue a file of its own in the data folder, or a Redis that several server
machines share. Nothing is lost with the queue: what it is told of, the rounds by the clock find by themselves."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from huey import Huey, RedisExpireHuey, SqliteHuey, crontab  # type: ignore[import-untyped]
from huey.consumer import Consumer  # type: ignore[import-untyped]
from redis import ConnectionPool, RedisError

from api.services import Services
from domain import campaign_work, jobs, notices, sessions, visiting, withdrawal
from web import nudging

_LOG: Final = logging.getLogger("gridwalk.jobs")
_TRIES: Final = 3
"""How often a nudge is tried again, after 1, 4 and 16 minutes."""


_AT_MOST: Final = 300
"""Seconds after which a round of a machine that has gone is somebody else's."""


class SharedQueue(RedisExpireHuey):  # type: ignore[misc]  # huey ships no types
    """A queue of several machines, each of which looks at the clock: what is due is given to one of them."""

    def __init__(self, url: str) -> None:
        pool = ConnectionPool.from_url(url, socket_timeout=10, socket_connect_timeout=2)
        super().__init__("gridwalk", connection_pool=pool, expire_time=3600)

    def read_periodic(self, timestamp: datetime | None) -> list[Any]:
        minute = f"{timestamp or self._get_timestamp():%Y%m%d%H%M}"
        due = super().read_periodic(timestamp)
        return [task for task in due if self.first(f"due.{task.name}.{minute}", 3600)]

    def first(self, key: str, seconds: int) -> bool:
        """Is nobody else at what has this name, for so long? No where the queue is away: its next minute will come."""
        try:
            return bool(self.storage.put_if_empty(key, b"1", ttl=seconds))
        except RedisError:
            _LOG.warning("the queue is away", extra={"what": key})
            return False


@contextmanager
def alone(queue: Huey, name: str) -> Iterator[bool]:
    """Is this round ours, while the block lasts? One file has one consumer; of several machines one goes this round."""
    if not isinstance(queue, SharedQueue):
        yield True
        return
    key = f"round.{name}"
    mine = queue.first(key, _AT_MOST)
    try:
        yield mine
    finally:
        with suppress(RedisError):
            if mine:
                queue.storage.delete_data(key)


def open_queue(services: Services) -> Huey:
    url = services.config.redis_url
    return SharedQueue(url) if url else SqliteHuey("gridwalk", filename=str(services.config.data / "jobs.db"))


def make(services: Services) -> Huey:
    """The queue with its periodic tasks."""
    queue = open_queue(services)

    def by_the_clock(when: Any, name: str, work: Callable[[], object]) -> None:
        def go() -> None:
            with alone(queue, name) as mine:
                if mine:
                    work()

        queue.periodic_task(when, name=name)(go)

    by_the_clock(crontab(minute="41"), "cases", lambda: _cases_and_campaigns(services))
    by_the_clock(crontab(minute="17"), "sweep", lambda: sweep(services))
    by_the_clock(crontab(), "pictures", lambda: finish_pictures(services))
    by_the_clock(crontab(), "kept_word", lambda: keep_the_word_of_households(services))
    by_the_clock(crontab(), "hang_notices", lambda: notices_by_the_clock(services))
    by_the_clock(crontab(), "campaigns", lambda: campaigns_by_the_clock(services))

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
        self._queue: Huey | None = None

    def make_sizes(self, sha256: str) -> None:
        """Let the smaller sizes of a picture be made soon. Should this be lost, the minute's round makes them."""
        with self._lock:
            self._queue = self._queue or make(self._services)
        self._queue.sizes(sha256)


class OwnRounds(threading.Thread):
    """What a machine does for its own folder, whoever does the rounds of the whole instance: transfers that came whole
    to this one, leftovers of those that were ended elsewhere, its list of erasures."""

    def __init__(self, services: Services) -> None:
        super().__init__(name="own rounds", daemon=True)
        self._services = services
        self.ended = threading.Event()

    def run(self) -> None:
        for number in itertools.count(1):
            if self.ended.wait(60):
                return
            try:
                self.go(everything=number % 60 == 0)
            except Exception:  # the next round comes in a minute
                _LOG.exception("own rounds")

    def go(self, *, everything: bool) -> None:
        self._services.uploads.finish_waiting()
        if everything:
            self._services.uploads.tidy_folder()
            self._services.engine.agree_on_erasures()


def consume(services: Services) -> None:
    """Do the work until the process is ended. One worker: the jobs are few, the database has one writer."""
    # What a newer version of the program stores otherwise, and what came due while the server was off.
    lifted = services.engine.lift_records()
    if lifted:
        _LOG.info("records lifted", extra={"count": lifted})
    queue = make(services)
    for name, work in (("cases", cases_by_the_clock), ("kept_word", keep_the_word_of_households)):
        with alone(queue, name) as mine:
            if mine:
                work(services)
    finish_pictures(services)
    OwnRounds(services).start()
    nudging.Lookout(services, queue.nudges).start()
    Consumer(queue, workers=1, periodic=True, check_worker_health=False).run()


def _cases_and_campaigns(services: Services) -> None:
    cases_by_the_clock(services)
    campaigns_by_the_clock(services, everything=True)


def sweep(services: Services) -> None:
    """What nobody needs any more: old sessions, transfers that have run out, bytes that no record names."""
    with services.database.write() as conn:
        sessions.forget_old(conn, services.clock.now())
    services.uploads.forget_unnamed()


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
