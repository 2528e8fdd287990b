"""Writers, slow and fast, in one book, and readers who page through it at the same time: who misses a change?

`naive_numbers` and `naive_head` put the two usual mistakes into the engine, so that the race can be seen to be lost.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import Connection, case, delete, select, update

from sync import pull, push, shelf, tables
from sync.clock import SystemClock
from sync.database import Database, connect, metadata
from sync.engine import Engine
from sync.ids import Ids
from sync.ledger import Ledger
from tests.sync.toys import BOOK, OTHER_BOOK, TYPES, Json, Person

IDS: Final = Ids(SystemClock())
WRITERS, CHANGES, READERS = 4, 25, 2
_HERE: Final = threading.local()


class SlowLedger(Ledger):
    """Numbers a change, and now and then takes its time before anything is stored."""

    def next_seq(self) -> int:
        seq = super().next_seq()
        time.sleep(random.choice((0, 0, 0.002, 0.01)))
        return seq


def an_engine(url: str, patience: float = 20) -> Engine:
    """An engine with connections of its own, as another process would have."""
    return Engine(Database(connect(url, patience), patience), TYPES, SystemClock())


def with_books(url: str) -> str:
    """The database at `url`, with the engine's tables and two empty books; whatever was in them is gone."""
    engine = an_engine(url)
    metadata.create_all(engine.database.sql_engine)
    with engine.database.write() as conn:
        for each in reversed(metadata.sorted_tables):
            conn.execute(delete(each))
        for book in (BOOK, OTHER_BOOK):
            engine.open_book(conn, book)
    engine.database.sql_engine.dispose()
    return url


def creation(book: str = BOOK, values: Json | None = None) -> Json:
    return {
        "id": IDS.new(),
        "book": book,
        "record": IDS.new(),
        "type": "toy",
        "schema": 2,
        "seen": 0,
        "made_at": "2026-06-13T08:40:12.123Z",
        "create": True,
        "set": values or {"title": "x"},
    }


def call(person: Person, *changes: Any, last: str | None = None, **more: Any) -> Json:
    newest = max([*(each["id"] for each in changes), last or ""]) or None
    return {"protocol": 1, "device": person.device, "last": last, "newest": newest, "changes": list(changes), **more}


def missed(url: str) -> dict[str, list[int]]:
    """Run the race on the book at `url`: the seqs that each reader has passed over for good."""
    readers = [Reader(an_engine(url), Person(f"reader {n}")) for n in range(READERS)]
    writers = [Writer(an_engine(url), Person(f"writer {n}")) for n in range(WRITERS)]
    try:
        _run(readers, writers)
        there = seqs_of(readers[0].engine)
        assert len(there) == WRITERS * CHANGES
        return {each.person.name: sorted(set(there) - each.seen) for each in readers}
    finally:
        for runner in (*readers, *writers):
            runner.engine.database.sql_engine.dispose()


def _run(readers: Sequence[Reader], writers: Sequence[Writer]) -> None:
    over = threading.Event()
    reading = [threading.Thread(target=each.run, args=(over,)) for each in readers]
    writing = [threading.Thread(target=each.run) for each in writers]
    for thread in (*reading, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    over.set()
    for thread in reading:
        thread.join()
    raise_first(*readers, *writers)


def seqs_of(engine: Engine) -> list[int]:
    with engine.database.read() as conn:
        its = tables.change.c
        return list(conn.execute(select(its.seq).where(its.book_id == BOOK).order_by(its.seq)).scalars())


class Runner:
    """Somebody with a connection of their own; what went wrong in their thread is kept."""

    def __init__(self, engine: Engine, person: Person) -> None:
        self.engine, self.person = engine, person
        self.trouble: BaseException | None = None
        self.last: str | None = None

    def send(self, *changes: Any, **more: Any) -> Json:
        """One call; its reply."""
        reply = self.engine.sync(self.person, call(self.person, *changes, last=self.last, **more))
        self.last = max([*(each["id"] for each in reply["receipts"]), self.last or ""]) or None
        return reply


def raise_first(*runners: Runner) -> None:
    for each in runners:
        if each.trouble:
            raise each.trouble


class Writer(Runner):
    def run(self) -> None:
        try:
            for _ in range(CHANGES):
                [receipt] = self.send(creation(), limit=0)["receipts"]
                assert receipt["outcome"] == "applied"
        except BaseException as trouble:
            self.trouble = trouble


class Reader(Runner):
    """Pages through the book, three records at a time, until the writers are done and nothing is left."""

    def __init__(self, engine: Engine, person: Person) -> None:
        super().__init__(engine, person)
        self.seen: set[int] = set()
        self.cursors: dict[str, list[Any]] = {}

    def run(self, over: threading.Event) -> None:
        try:
            while True:
                last_round = over.is_set()
                while self.read_a_page():
                    pass
                if last_round:
                    return
        except BaseException as trouble:
            self.trouble = trouble

    def read_a_page(self) -> bool:
        """Is there more?"""
        reply = self.send(cursors=self.cursors, limit=3)
        for page in reply["books"]:
            self.seen |= {record["seq"] for record in page["records"]}
            self.cursors[page["book"]] = page["cursor"]
        return bool(reply["more"])


# -- the mistakes -------------------------------------------------------------------------------------------------


def naive_numbers(monkeypatch: pytest.MonkeyPatch, number: Callable[[Connection, str], int]) -> None:
    """A change is numbered by `number` before the commit, and nobody holds the book's row for that."""

    def lock_book(conn: Connection, book_id: str) -> tuple[int | None, str | None]:
        _HERE.conn, _HERE.book = conn, book_id
        its = tables.book.c
        row = conn.execute(select(its.head, its.head_change).where(its.id == book_id)).first()
        return (row.head, row.head_change) if row else (None, None)

    class NaiveLedger(Ledger):
        def next_seq(self) -> int:
            self.head = number(_HERE.conn, _HERE.book)
            time.sleep(random.choice((0, 0, 0.002, 0.01)))
            return self.head

    def move_head(conn: Connection, book_id: str, head: int, head_change: str | None) -> None:
        its = tables.book.c
        ahead = its.head < head
        moved = {"head": case((ahead, head), else_=its.head)}
        moved |= {"head_change": case((ahead, head_change), else_=its.head_change)}
        conn.execute(update(tables.book).where(its.id == book_id).values(**moved))

    monkeypatch.setattr(shelf, "lock_book", lock_book)
    monkeypatch.setattr(shelf, "move_head", move_head)
    monkeypatch.setattr(push, "Ledger", NaiveLedger)


def by_sequence(conn: Connection, _book: str) -> int:
    """As AUTO_INCREMENT does."""
    return int(conn.exec_driver_sql("SELECT nextval('naive')").scalar() or 0)


def by_highest(conn: Connection, book: str) -> int:
    its = tables.change.c
    highest = select(its.seq).where(its.book_id == book).order_by(its.seq.desc()).limit(1)
    return int(conn.execute(highest).scalar() or 0) + 1


def naive_head(monkeypatch: pytest.MonkeyPatch, outside: Engine) -> None:
    """The records are read first, and the head then, in another transaction; the cursor is set to it."""

    class NaivePage(pull.Page):
        def _read_chunk(self, after: int, budget: Any) -> int:
            self.head = (2**40, None)
            reached = super()._read_chunk(after, budget)
            time.sleep(random.choice((0, 0, 0.002, 0.01)))
            with outside.database.read() as conn:
                self.head = pull.heads_of(conn, [self.book])[self.book]
            return min(reached, self.head[0])

    monkeypatch.setattr(pull, "Page", NaivePage)


@contextmanager
def held(engine: Engine, book: str) -> Iterator[None]:
    """While this lasts, somebody else is in the middle of writing into the book."""
    with engine.database.write() as conn:
        shelf.lock_book(conn, book)
        yield
