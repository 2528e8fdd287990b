"""What only a database with many writers can be asked: who waits for whom (O1, O4), and what a knot of locks comes to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sync import shelf
from sync.ids import derived
from sync.troubles import trouble_of
from tests.postgres import POSTGRESQL
from tests.sync.toys import BOOK, OTHER_BOOK, MakeWorld, Person, World

# SQLite has one writer at a time.
pytestmark = pytest.mark.parametrize("make_world", [POSTGRESQL], indirect=True)
ANN = Person("ann")
HEIR = Person("heir", follows={OTHER_BOOK: "write"})
TOY = derived("toy", "1")


@contextmanager
def held(world: World, book: str) -> Iterator[Connection]:
    """Somebody is writing this book."""
    with world.database.write() as conn:
        shelf.lock_book(conn, book)
        yield conn


def test_O4_a_writer_of_one_book_waits_for_nobody_in_another(make_world: MakeWorld) -> None:
    world = make_world(patience=5)
    heir = world.phone(HEIR)
    with held(world, BOOK):
        heir.create(TOY, {"title": "x"}, book=OTHER_BOOK)
        assert heir.sync()["busy"] == []
    assert heir.outbox == []


def test_O1_a_number_is_given_only_to_who_holds_the_book(make_world: MakeWorld) -> None:
    world = make_world()
    first, second, reader = world.phone(ANN), world.phone(Person("bob")), world.phone(Person("reader"))
    first.create(TOY, {"title": "x"})
    first.sync()
    second.create(derived("toy", "2"), {"title": "y"})
    with ThreadPoolExecutor(1) as pool:
        with held(world, BOOK) as conn:
            waiting = pool.submit(second.sync)
            while not _somebody_waits(world):
                pass
            shelf.move_head(conn, BOOK, 7, "another change")
            assert reader.sync()["books"][0]["head"] == 1
        waiting.result(30)
    assert [receipt["seq"] for receipt in second.receipts.values()] == [8]


def _somebody_waits(world: World) -> bool:
    with world.database.read() as conn:
        return bool(conn.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


def test_O4_a_knot_of_two_books_is_cut_and_may_be_tried_again(make_world: MakeWorld) -> None:
    world = make_world()
    both_hold_one = threading.Barrier(2)

    def tie(first: str, then: str) -> str | None:
        try:
            with world.database.write() as conn:
                conn.exec_driver_sql("SET LOCAL deadlock_timeout = '20ms'")
                shelf.lock_book(conn, first)
                both_hold_one.wait(30)
                shelf.lock_book(conn, then)
        except DBAPIError as error:
            return trouble_of(error)
        return "had it"

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(tie, *books) for books in ((BOOK, OTHER_BOOK), (OTHER_BOOK, BOOK))]
        assert sorted(str(end.result(60)) for end in ends) == ["busy", "had it"]


def test_S7_two_moves_that_cross_wait_for_each_other_and_both_happen(make_world: MakeWorld) -> None:
    world = make_world()
    ann, heir = world.phone(ANN), world.phone(HEIR)
    toys = [derived("toy", str(number)) for number in range(20)]
    for number, toy in enumerate(toys):
        phone, book = ((ann, BOOK), (heir, OTHER_BOOK))[number % 2]
        phone.create(toy, {"title": "x"}, book=book)
        phone.sync()

    def move(number: int) -> int | None:
        source, target = ((BOOK, OTHER_BOOK), (OTHER_BOOK, BOOK))[number % 2]
        return world.engine.move(toys[number], source, target, f"move {number}")

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(move, range(20)))


def test_O1_a_program_that_hangs_in_a_book_does_not_keep_it(world: World) -> None:
    with world.database.read() as conn:
        assert conn.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "1min"
        assert conn.exec_driver_sql("SHOW lock_timeout").scalar() == "20s"
