"""A toy world whose database lies in memory: thousands of them in a minute, and a copy of the whole is one stroke."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from sync.clock import FixedClock
from sync.database import Database, dumps, metadata, prepare
from sync.engine import Engine
from sync.epochs import begin_epoch
from sync.erasures import Erased, erase_again
from sync.ids import Ids
from tests.sync.toys import BOOK, OTHER_BOOK, START, TYPES, World

Row = dict[str, Any]


class Killed(Exception):
    """The server is gone in the middle of something."""


class MemoryWorld(World):
    """As `World`, on one connection to one SQLite in memory. `begin_again()` makes it new."""

    def __init__(self) -> None:
        self.sql = create_engine(
            "sqlite://",
            poolclass=StaticPool,
            json_serializer=dumps,
            json_deserializer=orjson.loads,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
        prepare(self.sql)
        metadata.create_all(self.sql)
        self.clock = FixedClock(START)
        self.database = Database(self.sql)
        with self.database.write() as conn:
            raw = conn.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            for book in (BOOK, OTHER_BOOK):
                Engine(self.database, TYPES, self.clock).open_book(conn, book)
        self.raw = raw
        self.statements_left: int | None = None
        event.listen(self.sql, "before_cursor_execute", self._count_down)
        event.listen(self.sql, "commit", self._count_down)
        self._new = self.image()
        self.begin_again()

    def begin_again(self) -> None:
        """Nothing has happened yet."""
        self.statements_left = None
        self.raw.deserialize(self._new)
        self.clock.at = START
        self.start_server()

    def start_server(self, ids: Ids | None = None) -> None:
        """A new process over the same database; the one before is gone, with all that it knew by heart."""
        self.engine = Engine(self.database, TYPES, self.clock, ids or Ids(self.clock, _no_chance))

    # -- backups ----------------------------------------------------------------------------------------------------

    def image(self) -> bytes:
        """A copy of everything the server has."""
        return self.raw.serialize()

    def restore(self, image: bytes, erased: Sequence[Erased]) -> None:
        """Set the server back to `image`, erase again what had been erased since, and begin the next epoch."""
        self.raw.deserialize(image)
        self.start_server(self.engine.ids)
        shop = self.engine._shop()
        with self.database.write() as conn:
            erase_again(shop, conn, erased)
            begin_epoch(conn, self.engine.ids.new(), self.clock.now())
        self.start_server(self.engine.ids)

    # -- a server that is killed ------------------------------------------------------------------------------------

    @contextmanager
    def killed_after(self, statements: int) -> Iterator[None]:
        """The server dies before the statement (or commit) after so many; what was not committed is lost."""
        self.statements_left = statements
        try:
            yield
        finally:
            self.statements_left = None

    def _count_down(self, *_: object) -> None:
        if self.statements_left is None:
            return
        if self.statements_left == 0:
            self.statements_left = None
            raise Killed
        self.statements_left -= 1

    # -- looking in without the engine ------------------------------------------------------------------------------

    def look(self, query: str, *values: Any) -> list[Row]:
        cursor = self.raw.execute(query, values)
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def dump(self) -> list[str]:
        """The whole content, as SQL."""
        return list(self.raw.iterdump())


def _no_chance(_bits: int) -> int:
    return 0
