"""Every statement that phones cause keeps to one book at a time: so books can be spread over partitions, or over servers.

What the databases are asked while phones push, pull, ask and upload is collected, and each mention of a table that is kept
by book must be bound to a book. What is not, is named here with its reason, and nothing else may be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import Connection, event

from bench import partitions
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import Phone, change, drawing, report
from tests.postgres import POSTGRESQL
from web.app import create_app
from web.config import Config

BY_BOOK: Final = {
    "book": "id",
    "record": "book_id",
    "change": "book_id",
    "parked": "book_id",
    "named": "book_id",
    "erasure": "book_id",
    "push_mark": "book_id",
}
"""Table -> the column that says whose it is."""
REASONS: Final = {
    "SELECT book.id, book.head": "how far the books are that this phone follows: one row of each, asked for by name",
    "SELECT change.book_id, change.seq": "is the change at each cursor the one that it names: one row of each, by name",
    "named.awaited_since IS NOT NULL": "what an account still owes: an index of its own, of what is awaited only",
    "EXISTS (SELECT * \nFROM named": "do these bytes belong to anybody: asked of a picture, not of a book, when one is sent",
    "SELECT named.sha256": "may this account send these bytes: asked when a picture is begun",
    "SELECT named.kind": "is a picture or a voice awaited: asked when one has come",
    "UPDATE named SET awaited_since": "the bytes have come, for all who name them: once a picture",
    "FROM named LEFT OUTER JOIN record": "who may see these bytes: asked when a picture is looked at",
    "FROM place": "the tree of places is not kept by book: it is small, the same for all, and written by administrators",
}
"""A piece of the statement -> why it may do without one book. A distributed database keeps `named` by picture instead."""


@contextmanager
def told(app: Flask) -> Iterator[list[str]]:
    """The statements of this app's database while the block lasts."""
    found: list[str] = []

    def note(_conn: Connection, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    engine = services(app).database.sql_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


_MENTION: Final = re.compile(
    r"(?:\b(FROM|JOIN|UPDATE|INTO)\s+|,\s*)(book|record|change|parked|named|erasure|push_mark)\b(?:\s+AS\s+(\w+))?"
)


def not_bound(statement: str) -> list[str]:
    """The tables by book that the statement touches without naming one book by equality."""
    if statement.startswith("INSERT INTO"):
        table = statement.split()[2]
        column = BY_BOOK.get(table)
        return [] if column is None or column in statement.partition("(")[2].partition(")")[0] else [table]
    found = {(match[2], match[3] or match[2]) for match in _MENTION.finditer(statement) if match[1]}
    return sorted(name for table, name in found if not _is_bound(statement, name, BY_BOOK[table]))


def _is_bound(statement: str, name: str, column: str) -> bool:
    return re.search(rf"\b{name}\.{column} = %\(", statement) is not None


def unexcused(statements: list[str]) -> list[str]:
    wrong = [each for each in statements if not_bound(each)]
    return [each for each in dict.fromkeys(wrong) if not any(piece in each for piece in REASONS)]


@pytest.mark.only_on(POSTGRESQL)
def test_no_hot_statement_spans_books(app: Flask, worker: Phone, supervisor: Phone) -> None:
    other = Phone(app).sign_in("outsider")
    data = drawing(71)
    worker.sync()
    with told(app) as said:
        made = [report(data), report(), report()]
        worker.sync(*made)
        worker.sync(*made)  # once more: the same receipts
        worker.sync(change(made[1]["record"], 0, {"place_note": "三单元楼下"}))
        other.sync(report(book=world.OTHER_GRID), report(book=world.TOWN))  # the second is not taken
        for phone in (worker, supervisor, other):
            cursors = {each["book"]: each["cursor"] for each in phone.sync(cursors={})["books"]}  # everything
            phone.sync(cursors=cursors, missing=True)  # nothing new
        worker.upload(data)
        assert supervisor.get(f"/photos/{hashlib.sha256(data).hexdigest()}?size=full").status_code == 200
    assert len(said) > 60
    assert unexcused(said) == []
    # And the other way round: it would have noticed.
    assert unexcused(["SELECT record.id FROM record WHERE record.id = %(id)s"])
    assert unexcused(["UPDATE change SET body = NULL WHERE change.seq = %(seq)s"])


@pytest.mark.only_on(POSTGRESQL)
def test_the_engine_runs_unchanged_on_tables_cut_by_hash_of_the_book(config: Config) -> None:
    partitions.cut_at(config.database_url)
    app = create_app(config)
    worker, other = Phone(app).sign_in("worker"), Phone(app).sign_in("outsider")
    data, made = drawing(72), report(drawing(72))
    told_once = worker.sync(made, report(), change(made["record"], 0, {"place_note": "三单元楼下"}))
    again = worker.sync(made)
    assert again["receipts"][0] == told_once["receipts"][0], "X2"
    other.sync(report(book=world.OTHER_GRID))
    assert worker.upload(data).status_code == 204
    both = Phone(app).sign_in("supervisor").sync(cursors={})
    assert sum(len(each["records"]) for each in both["books"]) == 3
    with services(app).database.read() as conn:
        spread = conn.exec_driver_sql("SELECT DISTINCT tableoid FROM record").all()
        plan = conn.exec_driver_sql(f"EXPLAIN SELECT * FROM record WHERE book_id = '{world.GRID}' AND id IN ('a', 'b')")
        touched = set(re.findall(r"\brecord_\d+", " ".join(row[0] for row in plan)))
    assert len(spread) == 2, "two books, two partitions"
    assert len(touched) <= 1, "a statement that names its book looks into its partition only"
    services(app).database.sql_engine.dispose()


def test_every_reason_is_of_a_statement_that_says_so() -> None:
    assert not_bound("SELECT record.id FROM record WHERE record.book_id = %(book)s::VARCHAR") == []
    assert not_bound("SELECT book.id FROM book JOIN record ON record.book_id = book.id WHERE book.id = %(b)s") == [
        "record"
    ]
    assert not_bound("INSERT INTO change (book_id, seq) SELECT") == []
