"""The bytes that are here: put away once, found again, made smaller, and let go when nobody names them any more.

Nothing half is ever seen: bytes are put under a name that is new each time, and only then does a row say that they are
there. Whatever a crash leaves lying about was noted in `leftover` before it was put, and is swept away later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from sync.blobs import Blobs, StoreDownError
from sync.clock import Clock
from sync.database import Database
from sync.ids import Ids
from sync.picture_tables import leftover, picture
from sync.pictures import Picture, smaller
from sync.shelf import claim, insert_once
from sync.tables import named

GRACE: Final = 24 * 3600 * 1000
"""Milliseconds for which bytes that nobody names are kept all the same."""

_LIES_ABOUT: Final = 3600 * 1000
"""Milliseconds after which a put that has not said that it is through is taken for dead."""

_TAKEN: Final = -1

SIZES: Final = ("preview", "screen", "full")


@dataclass(frozen=True, slots=True)
class Stored:
    """What is here: the type to serve it as, its size as kept and in pixels; `ms` of a voice note."""

    sha256: str
    type: str
    bytes: int
    width: int
    height: int
    blob: str
    ms: int | None = None
    sized: bool = False
    preview_bytes: int | None = None
    screen_bytes: int | None = None

    @property
    def is_voice(self) -> bool:
        return self.type.startswith("audio/")

    def bytes_of(self, size: str) -> int:
        """Bytes of a size that has been made; a size that is not made is the full one."""
        return {"preview": self.preview_bytes, "screen": self.screen_bytes}.get(size) or self.bytes

    def has(self, size: str) -> bool:
        return size == "full" or bool({"preview": self.preview_bytes, "screen": self.screen_bytes}[size])


_COLUMNS: Final = [each for each in picture.c if each.name not in {"stored_at", "claimed_at", "lost_at"}]


class Gallery:
    """Pictures and voice notes that are here whole."""

    def __init__(self, database: Database, blobs: Blobs, folder: Path, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._blobs = blobs
        self._folder = folder
        self._clock = clock
        self._ids = ids
        self._hands = threading.BoundedSemaphore(1)
        self.on_kept: Callable[[str], object] = _nothing
        """Called with the hash of what is new here, so that a job may make the smaller sizes soon."""

    # -- coming -------------------------------------------------------------------------------------------------------

    def claim(self, conn: Connection, sha256: str) -> bool:
        """Is it here? Then it stays here for as long as GRACE, whoever is tidying up at this moment."""
        return bool(claim(conn, [sha256], self._clock.now()))

    def keep(self, sha256: str, facts: dict[str, Any], source: Path | bytes) -> None:
        """Put clean bytes away under the hash of what was sent. Bytes first, then the row; the same bytes once."""
        with self._database.write() as conn:
            if self.claim(conn, sha256):
                return
        blob = self._ids.new()
        key = _key(sha256, blob, "full")
        self._note([key])
        self._blobs.put(key, source)
        self._enter(sha256, blob, key, facts)
        with suppress(Exception):  # a queue that is locked: the minute's round finds it, too
            self.on_kept(sha256)

    def _note(self, keys: Iterable[str]) -> None:
        with self._database.write() as conn:
            insert_once(conn, leftover, [{"key": key, "noted_at": self._clock.now()} for key in keys])

    def _enter(self, sha256: str, blob: str, key: str, facts: dict[str, Any]) -> None:
        now = self._clock.now()
        with self._database.write() as conn:
            self._cross_out(conn, [key])
            fresh = {"blob": blob, "stored_at": now, "claimed_at": now, "lost_at": None, "sized_at": None, **facts}
            lost = (picture.c.sha256 == sha256, picture.c.lost_at.is_not(None))
            if conn.execute(update(picture).where(*lost).values(**fresh)).rowcount == 0:
                insert_once(conn, picture, [{"sha256": sha256, **fresh}])
            kept = conn.execute(select(picture.c.blob).where(picture.c.sha256 == sha256)).scalar()
            if kept != blob:  # somebody else was quicker with the same picture
                conn.execute(insert(leftover).values(key=key, noted_at=0))
            arrived = (named.c.sha256 == sha256, named.c.awaited_since.is_not(None))
            conn.execute(update(named).where(*arrived).values(awaited_since=None))

    def _cross_out(self, conn: Connection, keys: list[str]) -> None:
        """What was put is somebody's now. StoreDownError if the put took so long that it was taken for dead."""
        these = (leftover.c.key.in_(keys), leftover.c.noted_at != _TAKEN)
        if conn.execute(delete(leftover).where(*these)).rowcount != len(keys):
            raise StoreDownError("the store took too long")

    def put(self, sha256: str, kept: Picture) -> None:
        """Keep a picture that is clean already, with its preview (drawn by a demo world)."""
        facts = {"type": kept.type, "bytes": len(kept.data), "width": kept.width, "height": kept.height}
        self.keep(sha256, facts, kept.data)

    # -- going out ----------------------------------------------------------------------------------------------------

    def picture(self, sha256: str) -> Stored | None:
        """What is known of bytes that are here whole."""
        with self._database.read() as conn:
            row = conn.execute(select(*_COLUMNS).where(picture.c.sha256 == sha256)).mappings().first()
        if row is None:
            return None
        facts = {name: value for name, value in row.items() if name != "sized_at"}
        return Stored(**facts, sized=row["sized_at"] is not None)

    def stream(self, stored: Stored, size: str, start: int = 0, stop: int | None = None) -> Iterator[bytes] | None:
        """The bytes of one size in pieces, from `start` to before `stop`. None if the store has them no more: then
        those who named them will be asked for them again."""
        found = self._blobs.stream(_key(stored.sha256, stored.blob, size), start, stop)
        if found is None:
            self._note_lost(stored, size)
        return found

    def bytes_of(self, sha256: str, size: str) -> bytes | None:
        """All the bytes of one size, made now if need be. For small things and tests; the large are streamed."""
        stored = self.picture(sha256)
        if stored is not None and not stored.sized:
            stored = self.make_sizes(sha256)
        if stored is None or not stored.has(size):
            return None
        return self._blobs.get(_key(sha256, stored.blob, size))

    def _note_lost(self, stored: Stored, size: str) -> None:
        now = self._clock.now()
        with self._database.write() as conn:
            this = (picture.c.sha256 == stored.sha256, picture.c.blob == stored.blob, picture.c.lost_at.is_(None))
            if size != "full":  # can be made again
                conn.execute(update(picture).where(*this).values(sized_at=None))
            elif conn.execute(update(picture).where(*this).values(lost_at=now)).rowcount:
                conn.execute(update(named).where(named.c.sha256 == stored.sha256).values(awaited_since=now))

    # -- smaller sizes ------------------------------------------------------------------------------------------------

    def unsized(self, limit: int = 50) -> list[str]:
        """Pictures whose smaller sizes are still to be made, the oldest first."""
        waiting = (picture.c.sized_at.is_(None), picture.c.lost_at.is_(None))
        query = select(picture.c.sha256).where(*waiting).order_by(picture.c.stored_at).limit(limit)
        with self._database.read() as conn:
            return list(conn.execute(query).scalars())

    def make_sizes(self, sha256: str) -> Stored | None:
        """Make the smaller sizes of a picture, unless they are there; gives what is known of it then. May be killed
        at any moment and repeated at any time: they count only once a row says so."""
        with self._hands:
            stored = self.picture(sha256)
            if stored is None or stored.sized:
                return stored
            made = {} if stored.is_voice else self._smaller(stored)
            if made is None:
                return None
            keys = {size: _key(sha256, stored.blob, size) for size in made}
            self._note(keys.values())
            for size, data in made.items():
                self._blobs.put(keys[size], data)
            self._enter_sizes(stored, made, list(keys.values()))
        return self.picture(sha256)

    def _smaller(self, stored: Stored) -> dict[str, bytes] | None:
        work = self._folder / f"{self._ids.new()}.work"
        try:
            if not self._blobs.fetch(_key(stored.sha256, stored.blob, "full"), work):
                self._note_lost(stored, "full")
                return None
            return smaller(work)
        finally:
            work.unlink(missing_ok=True)

    def _enter_sizes(self, stored: Stored, made: dict[str, bytes], keys: list[str]) -> None:
        lengths = {f"{size}_bytes": len(data) for size, data in made.items()}
        with self._database.write() as conn:
            this = (picture.c.sha256 == stored.sha256, picture.c.blob == stored.blob)
            if conn.execute(update(picture).where(*this).values(sized_at=self._clock.now(), **lengths)).rowcount:
                # Another process may have made the same at the same time: then these are crossed out already.
                conn.execute(delete(leftover).where(leftover.c.key.in_(keys), leftover.c.noted_at != _TAKEN))

    # -- letting go ---------------------------------------------------------------------------------------------------

    def forget_unnamed(self) -> int:
        """Let go of what no record names any more: what it showed was erased (S4), or it never came to be named.

        The row goes first, in one stroke with the question whether anybody names it; then the bytes. What somebody
        claims in the same moment is either claimed first and stays, or is found gone and sent again.
        """
        before = self._clock.now() - GRACE
        old = picture.c.claimed_at < before
        with self._database.read() as conn:
            gone = conn.execute(select(picture.c.sha256).where(old, _nobody())).scalars().all()
        return sum(self._let_go(sha256, before) for sha256 in gone)

    def _let_go(self, sha256: str, before: int) -> bool:
        with self._database.write() as conn:
            this = (picture.c.sha256 == sha256, picture.c.claimed_at < before, _nobody())
            blob = conn.execute(delete(picture).where(*this).returning(picture.c.blob)).scalar()
            if blob is None:
                return False
            keys = [_key(sha256, blob, size) for size in SIZES]
            insert_once(conn, leftover, [{"key": key, "noted_at": 0} for key in keys])
        self.sweep()
        return True

    def sweep(self) -> int:
        """Take out of the store what belongs to nobody; how many names that were."""
        before = self._clock.now() - _LIES_ABOUT
        with self._database.read() as conn:
            keys = conn.execute(select(leftover.c.key).where(leftover.c.noted_at < before)).scalars().all()
        for key in keys:
            self._sweep_one(key, before)
        return len(keys)

    def _sweep_one(self, key: str, before: int) -> None:
        its = leftover.c
        with self._database.write() as conn:
            # Taken: a put that comes to its end right now finds out by this, and does not count.
            conn.execute(update(leftover).where(its.key == key, its.noted_at < before).values(noted_at=_TAKEN))
        self._blobs.delete(key)
        with self._database.write() as conn:
            conn.execute(delete(leftover).where(its.key == key, its.noted_at == _TAKEN))


def _nobody() -> ColumnElement[bool]:
    return ~exists().where(named.c.sha256 == picture.c.sha256)


def _nothing(_sha256: str) -> None:
    """Where no queue was given, the minute's round makes the sizes."""


def keys_of(sha256: str, blob: str) -> dict[str, str]:
    """size -> where the store has it, if it has been made."""
    return {size: _key(sha256, blob, size) for size in SIZES}


def _key(sha256: str, blob: str, size: str) -> str:
    return f"pictures/{sha256[:2]}/{blob}.{size}"
