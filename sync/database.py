"""The database: how it is opened, and the only place that commits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

import orjson
from sqlalchemy import JSON, Connection, MetaData, create_engine, event, make_url, text
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Json: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


_SAID_TO_POSTGRESQL: Final = {
    # A receipt leaves only after its commit is on the disk (X1), however the server is set.
    "synchronous_commit": "on",
    # A program that hangs in the middle of a book, or whose machine has gone, must not keep the book for ever.
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
}

_POOLED: Final = "pooled"
"""Noted of a connection that leads to a pooler (pgbouncer), not to PostgreSQL itself: each transaction may have another
one behind it, so nothing can be said for longer than one, and no statement prepared."""
_RESTED: Final = "rested_since"
_ASK_AFTER: Final = 1.0
"""Seconds without use after which a connection is asked whether it still stands: in a storm it has just answered."""
_SAY_LOCAL: Final = text(
    "SELECT set_config('synchronous_commit', 'on', true), set_config('idle_in_transaction_session_timeout', '60s', true),"
    " set_config('lock_timeout', :patience, true)"
)

PATIENCE: Final = 20.0
"""Seconds that a writer waits for a book that somebody else is writing, before the call says `busy`."""


def engine_options(url: str, patience: float = PATIENCE) -> dict[str, Any]:
    """What every engine of this project is made with, whoever makes it."""
    options: dict[str, Any] = {"json_serializer": dumps, "json_deserializer": orjson.loads}
    if url.startswith("sqlite"):
        # No isolation level: we say BEGIN, so that a reader begins a snapshot and a writer takes the lock at once.
        options["connect_args"] = {"timeout": patience, "check_same_thread": False, "isolation_level": None}
    else:
        said = {**_SAID_TO_POSTGRESQL, "lock_timeout": str(round(patience * 1000))}
        # What the URL says beside it stays (a search_path, say).
        given = [str(make_url(url).query.get("options", ""))]
        words = " ".join([*given, *(f"-c {name}={value}" for name, value in said.items())]).strip()
        options["connect_args"] = {"options": words, "connect_timeout": 10}
    # As many as the server has threads, whatever was chosen; a thread that has one may need a second to finish.
    # The one used last first: what it has prepared, and has in its cache, is warm.
    options |= {"pool_size": 20, "max_overflow": -1, "pool_use_lifo": True}
    return options


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # FULL: a receipt leaves only after its commit is on the disk (X1).
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _connect_through_pooler(dialect: Any, _record: object, given: Any, named: dict[str, Any]) -> Any:
    """A pooler may take no `options`: then it is reached without, and each transaction says for itself what must hold."""
    try:
        return dialect.connect(*given, **named)
    except dialect.loaded_dbapi.OperationalError as error:
        if "unsupported startup parameter" not in str(error):
            raise
    return dialect.connect(*given, **{name: value for name, value in named.items() if name != "options"})


def _find_out_what_is_behind(connection: Any, record: Any) -> None:
    """A pooler has made up the process number that it gave us; PostgreSQL gives its own."""
    behind = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    connection.rollback()
    if behind != connection.info.backend_pid:
        record.info[_POOLED] = True
        connection.prepare_threshold = None


def _note_rest(_connection: Any, record: Any) -> None:
    record.info[_RESTED] = monotonic()


def _ask_whether_it_stands(sql_engine: SqlEngine) -> Callable[..., None]:
    def ask(connection: Any, record: Any, _proxy: object) -> None:
        if monotonic() - record.info.get(_RESTED, 0.0) < _ASK_AFTER:
            return
        dialect = sql_engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool takes another one

    return ask


def prepare(sql_engine: SqlEngine) -> None:
    """Set what must hold on every connection of an engine that somebody else made."""
    if sql_engine.dialect.name == "sqlite":
        event.listen(sql_engine, "connect", _prepare_sqlite)
    else:
        event.listen(sql_engine, "do_connect", _connect_through_pooler)
        event.listen(sql_engine, "connect", _find_out_what_is_behind)
        event.listen(sql_engine, "checkin", _note_rest)
        event.listen(sql_engine, "checkout", _ask_whether_it_stands(sql_engine))


def connect(url: str, patience: float = PATIENCE) -> SqlEngine:
    """An engine on a database `url`, `sqlite:///…` or `postgresql+psycopg://…`, prepared. `patience` in seconds."""
    sql_engine = create_engine(url, **engine_options(url, patience))
    prepare(sql_engine)
    return sql_engine


class Database:
    """Transactions on one database: `read()` for one snapshot, `write()` for one unit of work."""

    def __init__(self, sql_engine: SqlEngine, patience: float = PATIENCE) -> None:
        self.sql_engine = sql_engine
        self.is_sqlite = sql_engine.dialect.name == "sqlite"
        self._writers = threading.Lock()
        self._patience = patience
        self._reader = sql_engine if self.is_sqlite else sql_engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose every query sees the same state of the book (O3)."""
        with self._reader.connect() as conn:
            if self.is_sqlite:
                conn.exec_driver_sql("BEGIN")
            try:
                yield conn
                if not self.is_sqlite:
                    # Nothing was written; but a rollback would make psycopg forget what it has prepared on the server.
                    conn.connection.commit()
            finally:
                conn.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one write transaction: committed at the end, rolled back on an error."""
        with self._turn(), self.sql_engine.connect() as conn:
            if self.is_sqlite:
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                if conn.info.get(_POOLED):
                    conn.execute(_SAY_LOCAL, {"patience": f"{round(self._patience * 1000)}ms"})
                yield conn
                conn.commit()
            except BaseException:
                conn.rollback()
                raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite's writers do not queue: each sleeps and tries again, the unlucky for seconds. Ours of one process do;
        whoever waits too long leaves the queue and takes the luck of BEGIN IMMEDIATE."""
        mine = self.is_sqlite and self._writers.acquire(timeout=self._patience / 2)
        try:
            yield
        finally:
            if mine:
                self._writers.release()
