"""What stands behind an error of the database or of the disk, as far as whoever called can do something about it."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final, Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

Trouble = Literal["busy", "storage_full", "away"]
"""`busy`: somebody else holds what is needed; `storage_full`: there is no room; `away`: the database cannot be reached."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE: Final[dict[int, Trouble]] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_FULL: "storage_full",
}
_POSTGRESQL: Final[tuple[tuple[str, Trouble], ...]] = (
    ("55P03", "busy"),  # a lock was not to be had in time
    ("40", "busy"),  # a deadlock, or two that cannot both be
    ("53100", "storage_full"),
    ("53", "away"),  # too many connections, no memory
    ("57P", "away"),  # it is being shut down, has crashed, or does not take connections yet
    ("08", "away"),
)


def trouble_of(error: BaseException) -> Trouble | None:
    """What the error comes down to; None of one that is a mistake of the program."""
    if isinstance(error, OSError):
        return "storage_full" if error.errno in _NO_ROOM else None
    if isinstance(error, NoConnectionError):
        return "busy"
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    return _of_postgresql(error)


def _of_sqlite(error: sqlite3.Error) -> Trouble | None:
    code = getattr(error, "sqlite_errorcode", 0)
    # A quota, or a limit on the size of a file, is no "disk full" for SQLite.
    return "storage_full" if code == sqlite3.SQLITE_IOERR_WRITE else _SQLITE.get(code & 0xFF)


def _of_postgresql(error: DBAPIError) -> Trouble | None:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # nothing that the server said: the line to it is gone, or was never there
        return "away" if error.connection_invalidated or "connection" in str(error.orig).lower() else None
    return next((trouble for start, trouble in _POSTGRESQL if state.startswith(start)), None)
