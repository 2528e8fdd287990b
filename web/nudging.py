"""Looking through the books for what somebody should be nudged about, and nudging: the jobs' part of web push."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from api.catalogue import choose
from api.services import Services
from domain import nudges, pushes
from domain.pushes import TOPICS, Subscription, Topic
from web.pushing import Push

_LOG: Final = logging.getLogger("gridwalk.push")
Pair = tuple[str, Topic]
"""(subscription, topic)"""

LOOK_EVERY: Final = 3.0
"""Seconds. An idle look is one small query."""
_AT_ONCE: Final = 8
_BATCH: Final = 100


def look(services: Services, send: Callable[[Sequence[Pair]], None]) -> int:
    """Nudge about what has come in since the last look, and about what has waited for the morning: how many nudges."""
    now = services.clock.now()
    happened = pushes.look(services.database)
    pairs = _fresh(services, happened, now) + _woken(services, now)
    for begin in range(0, len(pairs), _BATCH):
        send(pairs[begin : begin + _BATCH])
    return len(pairs)


def _fresh(services: Services, happened: Sequence[pushes.Happened], now: int) -> list[Pair]:
    if not happened:
        return []
    topics: dict[str, set[Topic]] = defaultdict(set)
    with services.database.read() as conn:
        for who, topic in nudges.nudges(conn, happened, now):
            topics[who].add(topic)
        found = pushes.of_accounts(conn, topics, now)
    told = [(each, topic) for each in found for topic in TOPICS if topic in topics[each.account]]
    quiet = [(each, topic) for each, topic in told if topic != "urgent" and each.is_quiet(now)]
    _hold_back(services, quiet)
    return [(each.id, topic) for each, topic in told if (each, topic) not in quiet]


def _hold_back(services: Services, quiet: Sequence[tuple[Subscription, Topic]]) -> None:
    waiting: dict[str, tuple[Subscription, set[Topic]]] = {}
    for each, topic in quiet:
        waiting.setdefault(each.id, (each, set()))[1].add(topic)
    if waiting:
        with services.database.write() as conn:
            for each, held in waiting.values():
                pushes.hold_back(conn, each, held)


def _woken(services: Services, now: int) -> list[Pair]:
    with services.database.read() as conn:
        if not pushes.held_back(conn, now):
            return []
    with services.database.write() as conn:
        found = pushes.held_back(conn, now)
        pushes.let_go(conn, found)
    return [(each.id, topic) for each in found for topic in TOPICS if topic in each.waiting]


def nudge(services: Services, pairs: Sequence[Pair]) -> list[Pair]:
    """Send these: those that are worth another try. Where nobody is any more, the subscription is forgotten."""
    # Loaded where it is needed: the processes that answer phones never send a push.
    from web.push_post import Sent, send

    push, now = services.push, services.clock.now()
    assert isinstance(push, Push)  # noqa: S101 - web/app.py makes it

    def one(pair: Pair) -> tuple[Pair, Sent]:
        with services.database.read() as conn:
            found = pushes.by_id(conn, pair[0], now)
        return pair, send(push, found, pair[1], words(services, found.language, pair[1])) if found else "sent"

    with ThreadPoolExecutor(_AT_ONCE) as several:
        became = list(several.map(one, pairs))
    gone = [pair[0] for pair, sent in became if sent == "gone"]
    if gone:
        with services.database.write() as conn:
            for each in gone:
                pushes.forget(conn, each)
    return [pair for pair, sent in became if sent == "later"]


def words(services: Services, language: str, topic: Topic) -> dict[str, str]:
    """What the phone shows: the same for everybody, of nobody and nothing in particular."""
    spoken = choose([language])
    title, body = (services.catalogue.say(spoken, f"push.{name}") for name in ("title", topic))
    return {"title": title, "body": body, "lang": spoken}


class Lookout:
    """Looks every few seconds, in a thread of its own, until it is stopped."""

    def __init__(self, services: Services, send: Callable[[Sequence[Pair]], None]) -> None:
        self._services, self._send = services, send
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY):
            try:
                look(self._services, self._send)
            except Exception:  # a push is a help: the next look comes in a moment
                _LOG.exception("looking for what to nudge about")
