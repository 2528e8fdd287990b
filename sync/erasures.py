"""The list of erasures that is kept apart from the backups, and what it does to a database that was set back (S4).

A backup knows nothing of what was erased after it was made. So each erasure is noted in a file of its own, on the disk
before the transaction commits: whatever dies in between, what was to be gone does not come back. Only ids and times are
in it, nothing of what was erased.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import Connection, insert, select

from sync import desk
from sync.actors import SERVER
from sync.clock import Clock
from sync.database import Database
from sync.ids import derived
from sync.notes import enter_note
from sync.push import Shop
from sync.shelf import lock_book
from sync.tables import erasure, record

_LONGEST: Final = 64 * 1024
"""Bytes that no line is longer than."""

SETTLED: Final = 3600 * 1000
"""Milliseconds after which an erasure that was begun has either been committed, or never will be."""


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure: a record, of what type, in which books it lived, and when it was (milliseconds)."""

    record: str
    type: str
    books: tuple[str, ...]
    at: int

    @property
    def id(self) -> str:
        return derived("erased", self.record, *self.books, str(self.at))

    @classmethod
    def now(cls, record: str, stands: Mapping[str, str], clock: Clock) -> Erased:
        """Of a record that stands in these books, book -> type."""
        return cls(record, next(iter(stands.values())), tuple(sorted(stands)), clock.now())


class UnreadableListError(Exception):
    """A line of the list cannot be read: somebody must look before anything is restored. `line` counts from 1."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path}:{line}")
        self.path, self.line = path, line


class ErasureList:
    """A file to which lines are only ever added; several processes may do so at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return self.path.exists()

    def note(self, each: Erased) -> None:
        """Note an erasure, durably: the last thing before its transaction commits. Should that fail, or the process
        die, the note stays until `agree_with`: what was begun counts as done."""
        self._add([{"erased": each.record, "type": each.type, "books": each.books, "at": each.at}])

    def entries(self) -> list[Erased]:
        """What is to stay erased, in order. UnreadableListError if a whole line cannot be read."""
        lines = self._lines()
        withdrawn = {line["withdrawn"] for line in lines if "withdrawn" in line}
        noted = [
            Erased(each["erased"], each["type"], tuple(each["books"]), each["at"]) for each in lines if "erased" in each
        ]
        return [each for each in noted if each.id not in withdrawn]

    def agree_with(self, database: Database, now: int) -> None:
        """Bring the list and a database that was never set back into agreement; for the start of a server.

        What the database has erased and the list has not is added; what was begun and never came to be is withdrawn.
        """
        with database.read() as conn:
            done = {(row.book_id, row.record_id): row for row in conn.execute(_ERASED)}
        noted = self.entries()
        known = {(each_book, each.record) for each in noted for each_book in each.books}
        missing = [
            {"erased": row.record_id, "type": row.type, "books": [row.book_id], "at": row.at}
            for key, row in done.items()
            if key not in known
        ]
        never = [
            {"withdrawn": each.id}
            for each in noted
            if each.at < now - SETTLED and not any((each_book, each.record) in done for each_book in each.books)
        ]
        if missing or never or not self.exists():
            self._add([*missing, *never])

    def _lines(self) -> list[dict[str, Any]]:
        if not self.exists():
            return []
        whole, _, cut = self.path.read_bytes().rpartition(b"\n")
        lines = whole.split(b"\n") if whole else []
        found = [self._read(line, number) for number, line in enumerate(lines, 1)]
        # The last line may have been cut short by a power cut: its erasure was not committed then.
        return found if not cut or _is_cut(cut) else [*found, self._read(cut, len(found) + 1)]

    def _read(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise UnreadableListError(self.path, number) from error
        if not isinstance(found, dict):
            raise UnreadableListError(self.path, number)
        return found

    def _add(self, lines: Iterable[dict[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _mend_end(handle)
            _write_all(handle, b"".join(orjson.dumps(line) + b"\n" for line in lines))
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _name_to_disk(self.path.parent)


_ERASED: Final = select(erasure.c.book_id, erasure.c.record_id, erasure.c.at, record.c.type).join(
    record, (record.c.book_id == erasure.c.book_id) & (record.c.id == erasure.c.record_id)
)


def _is_cut(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    return False


def _mend_end(handle: int) -> None:
    """Take away a last line that was cut short: nobody committed after it. One that is whole gets its end."""
    size = os.fstat(handle).st_size
    end = os.pread(handle, min(size, _LONGEST), max(size - _LONGEST, 0)).rpartition(b"\n")[2]
    if end and _is_cut(end):
        os.ftruncate(handle, size - len(end))
    elif end:
        _write_all(handle, b"\n")


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _name_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- after a restore ----------------------------------------------------------------------------------------------


def erase_again(shop: Shop, conn: Connection, entries: Iterable[Erased]) -> int:
    """Erase in a restored database what had been erased after its backup; gives how many records that were.

    To be called before the next epoch begins: its heads then count the erasures in. What the database has never heard
    of is entered as erased, so that a phone that offers it again is told that it is gone.
    """
    newest = {each.record: each for each in entries if each.type in shop.types}
    done = {(row.book_id, row.record_id): row.at for row in conn.execute(select(erasure))}
    return sum(_erase_again(shop, conn, each, done) for each in newest.values())


def _erase_again(shop: Shop, conn: Connection, each: Erased, done: Mapping[tuple[str, str], int]) -> bool:
    books = {*each.books, *desk.standing(conn, each.record)}
    left = [one for one in sorted(books) if done.get((one, each.record), -1) < each.at]
    for one in left:
        if desk.erase(shop, conn, one, each.record, each.at) is None:
            _enter_as_erased(shop, conn, one, each)
    return bool(left)


def _enter_as_erased(shop: Shop, conn: Connection, book_id: str, each: Erased) -> None:
    """A record that came and was erased after the backup: its id, and that it is gone."""
    head, _ = lock_book(conn, book_id)
    if head is None:
        return
    now, record_type = shop.clock.now(), shop.types[each.type]
    row = {"book_id": book_id, "id": each.record, "type": each.type, "schema": record_type.schema, "by": SERVER}
    sight = record_type.sight({}, SERVER)
    conn.execute(insert(record).values(**row, **desk.emptied(head + 1, now), sight=sight, made_at=each.at))
    desk.empty_others(conn, book_id, each.record)
    enter_note(shop, conn, book_id, each.record, head + 1, shop.ids.new(), {"erase": each.record}, kept=False)
    desk.note_erasure(conn, book_id, each.record, head + 1, each.at)
