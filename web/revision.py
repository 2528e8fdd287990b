"""Which form a database is in, and which one this version needs. Apart from web/upgrade.py: every start asks this,
and few starts need Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect

from sync.database import Database, connect

VERSIONS: Final = Path(__file__).resolve().parent.parent / "migrations" / "versions"


def newest() -> str | None:
    """The revision that this version of the program needs: migrations are numbered, one after the other."""
    return max((path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py")), default=None)


def of(conn: Connection) -> str | None:
    """The revision that a database is at; None if it is empty."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def present(url: str) -> str | None:
    """The revision that the database at `url` is at; None if it is empty."""
    engine = connect(url)
    try:
        with Database(engine).read() as conn:
            return of(conn)
    finally:
        engine.dispose()
