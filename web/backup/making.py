"""Making a backup of an instance, running or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from api.services import Services
from sync.blobs import StoreDownError
from sync.clock import to_text
from sync.epochs import load_epochs
from sync.gallery import keys_of
from sync.picture_tables import picture
from web import revision, upgrade
from web.backup.archive import BYTES, BackupError, Head, Writer
from web.config import VERSION

LEFT_OUT: Final = {
    "attempt": "wrong passwords drain by themselves",
    "upload": "a transfer that was under way begins again",
    "leftover": "of this store, and what lies about in it",
}
"""Tables that are not kept, and why."""


@dataclass(frozen=True, slots=True)
class Made:
    """What is in it. `missing`: bytes that the store did not have, though a row says so."""

    rows: int
    pictures: int
    missing: int


def kept_tables() -> list[Table]:
    """Tables in an order in which each stands after those that it refers to."""
    return [each for each in upgrade.tables().sorted_tables if each.name not in LEFT_OUT]


def make(services: Services, path: Path) -> Made:
    """Write a backup of everything to `path`. BackupError `exists`, `store_down`.

    First every table, in one snapshot; then the bytes that this snapshot speaks of. A picture is in the store before a
    row says so, so all of them are there; what comes after the snapshot is as if it had come after the backup.
    """
    if path.exists():
        raise BackupError("exists", file=path)
    with Writer(path) as writer:
        with services.database.read() as conn:
            if conn.dialect.name == "postgresql":
                conn.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            writer.head(_head(services, conn))
            rows = sum(writer.table(each.name, each.c.keys(), _rows(conn, each)) for each in kept_tables())
            pictures = conn.execute(select(picture.c.sha256, picture.c.blob).order_by(picture.c.sha256)).all()
        try:
            missing = sum(_add_bytes(writer, services, sha256, blob) for sha256, blob in pictures)
        except StoreDownError as error:
            raise BackupError("store_down", why=error) from error
        writer.finish(rows=rows)
    return Made(rows, len(pictures), missing)


def _head(services: Services, conn: Connection) -> Head:
    epochs = load_epochs(conn)
    return Head(
        version=VERSION,
        revision=revision.of(conn) or "",
        made_at=to_text(services.clock.now()),
        database=conn.dialect.name,
        epoch=epochs.current if epochs else None,
    )


def _rows(conn: Connection, table: Table) -> Iterator[Any]:
    query = select(table).order_by(*table.primary_key).execution_options(stream_results=True, yield_per=1000)
    return iter(conn.execute(query))


def _add_bytes(writer: Writer, services: Services, sha256: str, blob: str) -> bool:
    """All sizes that are there; True where not even the full one is."""
    missing = False
    for size, key in keys_of(sha256, blob).items():
        found = services.blobs.stream(key)
        if found is not None:
            writer.data(f"{BYTES}{key}", found)
        missing = missing or (found is None and size == "full")
    return missing
