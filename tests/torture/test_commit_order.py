"""Numbers follow the order of the commits, so nobody who pages through a book misses a change (O1, O3, O4)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from sync import push
from sync.engine import Engine
from sync.ids import derived
from tests.sync.toys import BOOK, OTHER_BOOK, Person, lead
from tests.torture import race
from tests.torture.race import Runner, an_engine, call, creation, held

BOTH = (BOOK, OTHER_BOOK)


@contextmanager
def engine_at(url: str, patience: float = 20) -> Iterator[Engine]:
    made = an_engine(url, patience)
    yield made
    made.database.sql_engine.dispose()


def test_O1_O3_readers_miss_nothing_while_slow_and_fast_writers_fill_a_book(
    book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "Ledger", race.SlowLedger)
    assert race.missed(book_url) == {"reader 0": [], "reader 1": []}
    with engine_at(book_url) as engine:
        assert race.seqs_of(engine) == list(range(1, race.WRITERS * race.CHANGES + 1))


def somebody_misses_something(url: str) -> bool:
    """Whether the naive version loses depends on who is quick; so it is given many chances."""
    return any(any(race.missed(race.with_books(url)).values()) for _ in range(20))


def test_O1_the_same_race_is_lost_by_numbers_that_are_given_out_without_the_lock(
    postgres_book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine_at(postgres_book_url) as engine, engine.database.write() as conn:
        conn.exec_driver_sql("CREATE SEQUENCE naive")
    race.naive_numbers(monkeypatch, race.by_sequence)
    assert somebody_misses_something(postgres_book_url)


def test_O1_the_same_race_cannot_even_be_run_with_the_highest_number_and_one(
    postgres_book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    race.naive_numbers(monkeypatch, race.by_highest)
    with pytest.raises(IntegrityError):
        race.missed(postgres_book_url)


def test_O3_the_same_race_is_lost_where_the_head_is_read_outside_the_snapshot(
    book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "Ledger", race.SlowLedger)
    with engine_at(book_url) as outside:
        race.naive_head(monkeypatch, outside)
        assert somebody_misses_something(book_url)


def test_O1_what_is_numbered_but_not_committed_is_seen_by_nobody_and_numbered_by_nobody_else(
    postgres_book_url: str,
) -> None:
    ann, bob, reader = Person("ann"), Person("bob"), Person("reader")
    with engine_at(postgres_book_url, patience=0.3) as engine:
        engine.sync(ann, call(ann, creation()))
        with held(engine, BOOK):
            change = creation()
            assert engine.sync(bob, call(bob, change, limit=0))["busy"] == [BOOK]
            [page] = engine.sync(reader, call(reader))["books"]
            assert (page["cursor"][0], page["head"], len(page["records"])) == (1, 1, 1)
        assert engine.sync(bob, call(bob, change))["receipts"][0]["seq"] == 2


def test_O4_a_change_to_one_book_never_waits_for_another_book(postgres_book_url: str) -> None:
    ann = Person("ann", follows={BOOK: "write", OTHER_BOOK: "write"})
    with engine_at(postgres_book_url, patience=0.3) as engine, held(engine, BOOK):
        changes = [creation(BOOK), creation(OTHER_BOOK), creation(BOOK)]
        reply = engine.sync(ann, call(ann, *changes))
        # X4: what was not tried has no receipt, and its book is named.
        assert reply["busy"] == [BOOK]
        assert [(each["index"], each["outcome"]) for each in reply["receipts"]] == [(1, "applied")]
        assert {page["book"]: page["head"] for page in reply["books"]} == {BOOK: 0, OTHER_BOOK: 1}


class Mixer(Runner):
    """Somebody who writes into both books in whatever order, moves records between them and decides about what is
    held there."""

    def run(self, rounds: int, records: list[str]) -> None:
        try:
            for _ in range(rounds):
                random.choice((self.write, self.write, self.move, self.decide))(records)
        except BaseException as trouble:
            self.trouble = trouble

    def write(self, records: list[str]) -> None:
        changes: list[Any] = [creation(book) for book in random.choices(BOTH, k=3)]
        changes.append({**creation(random.choice(BOTH), {"price": 1}), "record": random.choice(records)})
        reply = self.send(*changes, limit=2)
        assert (len(reply["receipts"]), reply["busy"]) == (4, [])

    def move(self, records: list[str]) -> None:
        source, target = random.sample(BOTH, 2)
        self.engine.move(random.choice(records), source, target, race.IDS.new())

    def decide(self, _records: list[str]) -> None:
        for waiting in self.engine.parked(self.person)[:2]:
            change = waiting["change"]
            self.engine.decline(lead(), change["book"], change["id"])


def test_O4_writers_movers_and_deciders_of_two_books_never_stop_one_another_for_good(book_url: str) -> None:
    records = [derived("toy", str(number)) for number in range(4)]
    with engine_at(book_url) as first:
        starter = Person("starter", follows={BOOK: "write", OTHER_BOOK: "write"})
        first.sync(starter, call(starter, *({**creation(), "record": each} for each in records)))
    follows: Callable[[int], Person] = lambda n: Person(f"p{n}", follows=dict.fromkeys(BOTH, "write"))  # noqa: E731
    mixers = [Mixer(an_engine(book_url), follows(n)) for n in range(5)]
    threads = [threading.Thread(target=each.run, args=(15, records)) for each in mixers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in mixers:
        each.engine.database.sql_engine.dispose()
    race.raise_first(*mixers)
