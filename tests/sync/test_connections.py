"""How the databases are spoken to: how often, with what prepared, and whether somebody who has rested still stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, event

from sync import database
from sync.database import Database, connect, metadata
from sync.ids import derived
from tests.postgres import Cluster
from tests.sync.conftest import make_tables
from tests.sync.toys import Person, World


@pytest.fixture
def books(postgres: Cluster) -> Iterator[Database]:
    with postgres.lent("toys", make_tables, metadata) as url:
        made = Database(connect(url))
        yield made
        made.sql_engine.dispose()


def ask(books: Database) -> int:
    """The process of PostgreSQL that answers."""
    with books.read() as conn:
        return int(conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_what_is_asked_often_is_prepared_and_stays_so_from_one_read_to_the_next(books: Database) -> None:
    for _ in range(10):
        ask(books)
    with books.read() as conn:
        prepared = conn.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    assert "SELECT pg_backend_pid()" in prepared


def test_a_connection_that_was_ended_while_it_rested_is_replaced_and_nobody_notices(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_ASK_AFTER", 0.0)
    first = ask(books)
    assert ask(books) == first
    admin = create_engine(books.sql_engine.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql("SELECT pg_terminate_backend(%s)", (first,))
    admin.dispose()
    assert ask(books) != first


def test_a_connection_that_has_just_answered_is_not_asked(books: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_ASK_AFTER", 3600.0)
    ask(books)
    asked: list[object] = []
    monkeypatch.setattr(books.sql_engine.dialect, "do_ping", asked.append)
    ask(books)
    assert asked == []
    monkeypatch.setattr(database, "_ASK_AFTER", 0.0)
    ask(books)
    assert len(asked) == 1


@pytest.mark.parametrize("met", [1, 12])
def test_a_push_asks_as_often_however_many_of_its_edits_meet_others(world: World, met: int) -> None:
    ann, bob = world.phone(Person("ann")), world.phone(Person("bob"))
    toys = [derived("toy", str(number)) for number in range(met)]
    for each in toys:
        ann.create(each, {"title": "a"})
    ann.sync()
    bob.sync()
    for each in toys:
        ann.write(each, {"title": "b"})
        bob.write(each, {"rank": 3})
    ann.sync()
    said: list[str] = []
    event.listen(world.database.sql_engine, "before_cursor_execute", lambda *each: said.append(each[2]))
    bob.sync(limit=0)
    # Is the cursor of this book; the device's own; receipts; histories.
    assert [sum(part in each for each in said) for part in ("FROM change", "INTO record", "INTO change")] == [4, 1, 1]
    assert {world.record(bob.person, each)["fields"]["title"] for each in toys} == {"b"}
