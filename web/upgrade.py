"""Bringing a database to the form that this version of the program needs, and back."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config as Alembic
from sqlalchemy import Connection, MetaData, event

import domain
import sync
from sync.database import Database, connect, metadata
from web import revision

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = 7_418_230_619
"""PostgreSQL: two programs that start together migrate one after the other."""


def tables() -> MetaData:
    """Every table of the project: the modules that declare them are loaded here."""
    for package in (sync, domain):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    return metadata


def upgrade(url: str, to: str = "head") -> None:
    """Bring the database at `url` up to a revision. All of it happens, or none."""
    _work(url, lambda config: command.upgrade(config, to))


def downgrade(url: str, to: str) -> None:
    """Bring the database at `url` back to an earlier revision (`base`: to nothing)."""
    _work(url, lambda config: command.downgrade(config, to))


def new(url: str, message: str) -> None:
    """Write a migration for what the declared tables have and the database at `url` has not."""
    _work(url, lambda config: _write(config, message))


def _write(config: Alembic, message: str) -> None:
    command.revision(config, message, autogenerate=True, rev_id=f"{int(revision.newest() or 0) + 1:04d}")


def _config() -> Alembic:
    return Alembic(str(ROOT / "alembic.ini"))


def _work(url: str, work: Callable[[Alembic], object]) -> None:
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        # A table is changed by copying it; with foreign keys on, dropping the old one would empty its neighbours.
        event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys = OFF"))
    try:
        with Database(engine).write() as conn:
            if engine.dialect.name == "postgresql":
                # The other program may migrate for long; then each waits for a table no longer than usual.
                conn.exec_driver_sql("SET LOCAL lock_timeout = 0")
                conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                conn.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
            config = _config()
            config.attributes["connection"] = conn
            work(config)
            _check_references(conn)
    finally:
        engine.dispose()


def _check_references(conn: Connection) -> None:
    if conn.dialect.name == "sqlite":
        broken = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration would leave references that lead nowhere: {broken[:5]}")
