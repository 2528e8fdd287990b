"""Resumable transfers of pictures and voice notes (the server half of tus 1.0.0), framework-free.

When the last byte is in, the hash and the real format are checked, and what is clean goes into the gallery under the
hash that the author's change named (P1-P3). Bytes that came before their change wait in a small room of their own.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from sync import voices
from sync.blobs import Blobs
from sync.clock import Clock
from sync.database import Database
from sync.gallery import GRACE, Gallery, Stored
from sync.ids import Ids, is_id
from sync.picture_tables import picture, upload
from sync.pictures import NotAPictureError, Picture, clean_file
from sync.shared_spool import SharedSpool
from sync.spool import Checksum, Spool, UploadError
from sync.tables import named

__all__ = ["GRACE", "Stored", "Upload", "UploadError", "Uploads", "picture"]

LIFE: Final = 7 * 24 * 3600 * 1000
"""Milliseconds after its last sign of life in which a transfer can be gone on with."""
_REMEMBERED: Final = 30 * 24 * 3600 * 1000
"""Milliseconds for which an expired one is still answered as such (410), not as unknown."""
_HOUR: Final = 3600 * 1000

_PATIENCE: Final = 5.0
"""Seconds that a transfer waits for its turn before it is told to come back."""

MOST_OPEN: Final = 200
"""Unfinished transfers of one account."""
EARLY_ROOM: Final = 12 * 1024 * 1024
EARLY_COUNT: Final = 60
"""Bytes, and transfers, of one account that may wait within GRACE for the change that names them."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One transfer: `offset` of `length` bytes are here. `done` means checked and kept.

    `waiting`: no change of this account names the bytes yet; they are no more than put up for GRACE.
    """

    id: str
    account: str
    sha256: str
    length: int
    offset: int
    done: bool
    expires_at: int = 0
    waiting: bool = False


class Uploads:
    """Transfers under way, and the gallery that they end in."""

    def __init__(
        self, database: Database, blobs: Blobs, folder: Path, clock: Clock, ids: Ids, at_once: int = 16
    ) -> None:
        """`at_once`: how many transfers may bring bytes at a time, so that text never waits for pictures (P1). Where the
        store is no folder, other machines may share it: then they share what is unfinished, too."""
        self._database = database
        self._coming = threading.BoundedSemaphore(at_once)
        self._clock = clock
        self._ids = ids
        self._spool = Spool(folder) if blobs.is_folder else SharedSpool(folder, blobs)
        self.gallery = Gallery(database, blobs, folder, clock, ids)
        # A picture is decoded whole: two at a time, so that memory stays flat however many end at once.
        self._decoders = threading.BoundedSemaphore(2)

    # -- begin, ask, end ----------------------------------------------------------------------------------------------

    def create(self, account: str, sha256: str, length: int) -> Upload:
        """Begin a transfer, or go on with the one this account has begun; whole at once if the bytes are here.

        UploadError `not_named` where nothing names them and the waiting room is full, `no_room`,
        `too_many_uploads`, `not_a_picture` or `not_a_voice` of what was refused for good before.
        """
        self._spool.check_room(length)
        with self._database.write() as conn:
            wanted = conn.execute(select(_names(account, sha256))).scalar()
            sent = self._sent_row(conn, account, sha256, length)
            # Whoever neither names the bytes nor has sent them is not told that somebody else has.
            here = bool(wanted or sent) and self.gallery.claim(conn, sha256)
            row = sent if here and sent else self._open_row(conn, account, sha256, length)
            if row is None:
                self._check_limits(conn, account, length, early=not wanted)
                row = self._insert(conn, account, sha256, length, done=here, early=not wanted)
            elif here:
                conn.execute(update(upload).where(upload.c.id == row).values(done=True))
        found = self.find(account, row)
        if found is None:
            raise RuntimeError("a transfer is gone in the moment it began")
        return found

    def _sent_row(self, conn: Connection, account: str, sha256: str, length: int) -> str | None:
        its = upload.c
        mine = (its.account == account, its.sha256 == sha256, its.length == length, its.done)
        found: str | None = conn.execute(select(its.id).where(*mine).order_by(its.id.desc()).limit(1)).scalar()
        return found

    def _open_row(self, conn: Connection, account: str, sha256: str, length: int) -> str | None:
        """The transfer to go on with. One of another length is dropped: only one of the two can be right."""
        its, mine = upload.c, (upload.c.account == account, upload.c.sha256 == sha256)
        open_ones = (*mine, its.done.is_(False), its.expires_at > self._clock.now())
        same: str | None = None
        for row in conn.execute(select(its.id, its.length, its.refused).where(*open_ones)).all():
            if row.refused:
                raise _refusal(row.refused)
            if row.length == length:
                same = row.id
            else:
                conn.execute(delete(upload).where(its.id == row.id))
                self._spool.drop(row.id)
        return same

    def _check_limits(self, conn: Connection, account: str, length: int, *, early: bool) -> None:
        its = upload.c
        open_ones = (its.account == account, its.done.is_(False), its.expires_at > self._clock.now())
        if (conn.execute(select(func.count()).where(*open_ones)).scalar() or 0) >= MOST_OPEN:
            raise UploadError("too_many_uploads", limit=MOST_OPEN)
        if early:
            waiting = (its.account == account, its.early, its.created_at > self._clock.now() - GRACE, ~_is_named())
            count, size = conn.execute(select(func.count(), func.sum(its.length)).where(*waiting)).one()
            if count >= EARLY_COUNT or int(size or 0) + length > EARLY_ROOM:
                raise UploadError("not_named")

    def _insert(self, conn: Connection, account: str, sha256: str, length: int, *, done: bool, early: bool) -> str:
        now, its_id = self._clock.now(), self._ids.new()
        row = {"id": its_id, "account": account, "sha256": sha256, "length": length, "done": done, "early": early}
        conn.execute(insert(upload).values(**row, created_at=now, expires_at=now + LIFE))
        return its_id

    def find(self, account: str, upload_id: str) -> Upload | None:
        """A transfer of this account. One whose last byte came just before a crash is finished now.

        UploadError `upload_expired`, `upload_busy`.
        """
        row = self._row(account, upload_id)
        if row is not None and row.offset == row.length and not row.done:
            with self._spool.opened(row.id) as part:
                self._finish_or_forget(row, part)
            row = self._row(account, upload_id)
        return row

    def _row(self, account: str, upload_id: str) -> Upload | None:
        if not is_id(upload_id):
            return None
        mine = (upload.c.id == upload_id, upload.c.account == account)
        with self._database.read() as conn:
            row = conn.execute(select(upload, _is_named().label("wanted")).where(*mine)).first()
        if row is None:
            return None
        if row.expires_at <= self._clock.now() and not row.done:
            raise UploadError("upload_expired")
        offset = row.length if row.done else self._spool.size(upload_id)
        return Upload(row.id, account, row.sha256, row.length, offset, row.done, row.expires_at, not row.wanted)

    def terminate(self, account: str, upload_id: str) -> bool:
        """The phone wants no more of it: what has come so far goes. False if there is no such transfer.

        What was taken already stays where a record names it. UploadError `upload_busy`, `upload_expired`.
        """
        row = self._row(account, upload_id)
        if row is None:
            return False
        with self._spool.opened(row.id):
            with self._database.write() as conn:
                this = upload.c.id == row.id
                if row.done and row.waiting:
                    # Still counted: the bytes are here until they are tidied away.
                    conn.execute(update(upload).where(this).values(expires_at=self._clock.now(), done=False))
                else:
                    conn.execute(delete(upload).where(this))
            self._spool.drop(row.id)
        return True

    # -- bytes --------------------------------------------------------------------------------------------------------

    def receive(self, row: Upload, offset: int, chunks: Iterable[bytes], told: Checksum | None = None) -> int:
        """Append `chunks` at `offset`; returns the new offset. What came before a cut is kept. `told`: the check sum
        that the chunks must have together.

        UploadError `busy`, `upload_busy`, `upload_expired`, `wrong_offset`, `wrong_checksum`, `too_large`, `no_room`,
        `wrong_hash`, `not_a_picture`, `not_a_voice`; StoreDownError, after which the bytes are kept and asked for
        once more suffices.
        """
        if not self._coming.acquire(timeout=_PATIENCE):
            raise UploadError("busy")
        try:
            return self._receive(row, offset, chunks, told)
        finally:
            self._coming.release()

    def _receive(self, row: Upload, offset: int, chunks: Iterable[bytes], told: Checksum | None) -> int:
        with self._spool.opened(row.id) as part:
            fresh = self._row(row.account, row.id)  # as it is now that nobody else can write
            if fresh is None or fresh.done:
                self._spool.drop(row.id)
            if fresh is None:
                raise UploadError("not_found")
            if offset != fresh.offset:
                raise UploadError("wrong_offset", offset=fresh.offset)
            if fresh.done:
                return fresh.length  # somebody asks once more, to be sure
            self._stay_alive(fresh)
            at = self._spool.append(row.id, part, row.length, chunks, told)
            if at == row.length:
                self._finish(fresh, part)
        return at

    def _stay_alive(self, row: Upload) -> None:
        until = self._clock.now() + LIFE
        if until - row.expires_at > _HOUR:
            with self._database.write() as conn:
                conn.execute(update(upload).where(upload.c.id == row.id).values(expires_at=until))

    def _finish_or_forget(self, row: Upload, part: IO[bytes]) -> None:
        try:
            self._finish(row, part)
        except UploadError:
            return

    def _finish(self, row: Upload, part: IO[bytes]) -> None:
        """Check what has come, and keep it; what is wrong is thrown away at once (`part` is the open file)."""
        path, clean = self._spool.path(row.id), self._spool.path(f"{row.id}.clean")
        try:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != row.sha256:
                    raise UploadError("wrong_hash")
            with self._decoders:
                facts = self._cleaned(row, path, clean)
            self.gallery.keep(row.sha256, facts, clean)
        except UploadError as error:
            self._spool.restart(row.id, part)
            self._remember(row, error)
            raise
        finally:
            clean.unlink(missing_ok=True)
        with self._database.write() as conn:
            conn.execute(update(upload).where(upload.c.id == row.id).values(done=True))
        self._spool.drop(row.id)

    def _cleaned(self, row: Upload, path: Path, clean: Path) -> dict[str, Any]:
        """Write to `clean` what of the file may be kept; gives the columns of its row. Refuses what is not of the
        kind that the account's change speaks of."""
        with path.open("rb") as file:
            sounds = voices.looks_like_one(file.read(12))
        kinds = self._kinds(row)
        if kinds and ("voice" if sounds else "picture") not in kinds:
            raise _refusal("not_a_picture:sound" if sounds else "not_a_voice:picture")
        try:
            if sounds:
                voice = voices.clean(path.read_bytes() if row.length <= voices.MAX_VOICE else b"")
                clean.write_bytes(voice.data)
                return {"type": voice.type, "bytes": len(voice.data), "width": 0, "height": 0, "ms": voice.ms}
            found = clean_file(path, clean)
        except NotAPictureError as error:
            raise _refusal(f"not_a_picture:{error.why}") from error
        except voices.NotAVoiceError as error:
            raise _refusal(f"not_a_voice:{error.why}") from error
        return {"type": found.type, "bytes": clean.stat().st_size, "width": found.width, "height": found.height}

    def _kinds(self, row: Upload) -> set[str]:
        mine = (named.c.sha256 == row.sha256, named.c.account == row.account)
        with self._database.read() as conn:
            return set(conn.execute(select(named.c.kind).where(*mine)).scalars())

    def _remember(self, row: Upload, error: UploadError) -> None:
        """Bytes with this hash will never be taken: the phone need not send them a second time to hear it."""
        if error.code in {"not_a_picture", "not_a_voice"}:
            why = f"{error.code}:{error.details.get('why', '')}"
            with self._database.write() as conn:
                conn.execute(update(upload).where(upload.c.id == row.id).values(refused=why[:60]))

    # -- what is here -------------------------------------------------------------------------------------------------

    def put(self, sha256: str, kept: Picture) -> None:
        """Keep a picture that is clean already (drawn by a demo world)."""
        self.gallery.put(sha256, kept)

    def picture(self, sha256: str) -> Stored | None:
        """What is known of a picture or voice note that is here whole."""
        return self.gallery.picture(sha256)

    def bytes_of(self, sha256: str, size: str) -> bytes | None:
        """The kept bytes, `size` "full", "screen" or "preview"."""
        return self.gallery.bytes_of(sha256, size)

    # -- tidying ------------------------------------------------------------------------------------------------------

    def forget_unnamed(self) -> int:
        """Let go of pictures that no record names, and of transfers that have run out. Returns how many pictures."""
        self._forget_transfers()
        self.gallery.sweep()
        return self.gallery.forget_unnamed()

    def _forget_transfers(self) -> None:
        now, its = self._clock.now(), upload.c
        unnamed = ~_is_named() & its.done.is_(False) & (its.created_at < now - GRACE)
        run_out = its.done.is_(False) & (its.expires_at <= now)
        parts = self._spool.known()  # before the rows: what begins in this moment is no leftover
        with self._database.read() as conn:
            over = conn.execute(select(its.id).where(unnamed | run_out)).scalars().all()
            open_ones = set(conn.execute(select(its.id).where(its.done.is_(False), its.expires_at > now)).scalars())
        for upload_id in {*over, *(parts - open_ones)}:
            self._forget_bytes(upload_id)
        with self._database.write() as conn:
            conn.execute(delete(upload).where(unnamed & (its.expires_at > now)))
            conn.execute(delete(upload).where(its.expires_at < now - _REMEMBERED))

    def _forget_bytes(self, upload_id: str) -> None:
        try:
            with self._spool.opened(upload_id):
                self._spool.drop(upload_id)
        except UploadError:
            return  # somebody is writing to it: it lives

    def tidy_folder(self) -> None:
        """Let go of what lies in this machine's folder from transfers that have run out, or were ended elsewhere."""
        self._spool.forget_older((self._clock.now() - LIFE) / 1000)

    def finish_waiting(self) -> int:
        """Check what came whole but was never checked, because the server or the store was gone in that moment."""
        its, ended = upload.c, 0
        with self._database.read() as conn:
            columns = select(its.account, its.id, its.length)
            open_ones = conn.execute(columns.where(its.done.is_(False), its.expires_at > self._clock.now())).all()
        for account, upload_id, length in open_ones:
            if self._spool.size_here(upload_id) != length:
                continue
            try:
                found = self.find(account, upload_id)
            except UploadError:
                continue
            ended += bool(found and found.done)
        return ended


def _names(account: str, sha256: str) -> ColumnElement[bool]:
    return exists().where(named.c.sha256 == sha256, named.c.account == account)


def _is_named() -> ColumnElement[bool]:
    """Does a change of the account whose transfer it is name the bytes?"""
    return exists().where(named.c.sha256 == upload.c.sha256, named.c.account == upload.c.account)


def _refusal(said: str) -> UploadError:
    code, _, why = said.partition(":")
    return UploadError(code, why=why)
