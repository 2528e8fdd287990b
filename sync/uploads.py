"""Resumable transfers of picture bytes (the server half of tus 1.0.0), framework-free.

What has come so far is a file in `folder`; its size is the offset, so that a killed server knows it again. When the
last byte is in, the hash and the real format are checked, and the cleaned picture is kept under the hash that the
author's change named (P1-P3).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    delete,
    exists,
    insert,
    select,
    update,
)

from sync.blobs import Blobs
from sync.clock import Clock
from sync.database import Database, metadata
from sync.ids import Ids, is_id
from sync.pictures import NotAPictureError, Picture, clean
from sync.shelf import insert_once
from sync.tables import named

upload: Final = Table(
    "upload",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False, default=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_upload_account", "account", "sha256"),
    comment="A transfer of one picture by one account; what has come so far is in a file of this id.",
)

picture: Final = Table(
    "picture",
    metadata,
    Column("sha256", String(64), primary_key=True, comment="of the bytes as the author's device had them"),
    Column("type", String(20), nullable=False),
    Column("bytes", BigInteger, nullable=False, comment="as kept, without metadata"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    comment="Pictures that are here whole.",
)


GRACE: Final = 3600 * 1000
"""Milliseconds for which a picture that nobody names is kept all the same."""


class UploadError(Exception):
    """A transfer cannot go on as asked. `code` is permanent, `details` are named facts."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Upload:
    """One transfer: `offset` of `length` bytes are here. `offset == length` means checked and kept."""

    id: str
    account: str
    sha256: str
    length: int
    offset: int
    done: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that is here: the type to serve it as, its size as kept and in pixels."""

    sha256: str
    type: str
    bytes: int
    width: int
    height: int


class Uploads:
    """Transfers under way and the pictures they became."""

    def __init__(self, database: Database, blobs: Blobs, folder: Path, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._blobs = blobs
        self._folder = folder
        self._clock = clock
        self._ids = ids
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, account: str, sha256: str, length: int) -> Upload:
        """Begin a transfer, or go on with the one this account has begun; whole at once if the picture is here."""
        here = self.picture(sha256) is not None
        with self._database.write() as conn:
            row = self._open_row(conn, account, sha256, length)
            if row is None:
                row = {"id": self._ids.new(), "account": account, "sha256": sha256, "length": length}
                conn.execute(insert(upload).values(**row, done=here, created_at=self._clock.now()))
            elif here:
                conn.execute(update(upload).where(upload.c.id == row["id"]).values(done=True))
        found = self.find(account, str(row["id"]))
        if found is None:
            raise RuntimeError("a transfer is gone in the moment it began")
        return found

    def _open_row(self, conn: Connection, account: str, sha256: str, length: int) -> dict[str, object] | None:
        same = (upload.c.account == account, upload.c.sha256 == sha256, upload.c.length == length)
        row = conn.execute(select(upload).where(*same, upload.c.done.is_(False)).limit(1)).mappings().first()
        return dict(row) if row else None

    def find(self, account: str, upload_id: str) -> Upload | None:
        """A transfer of this account. One whose last byte came just before a crash is finished now."""
        row = self._row(account, upload_id)
        if row is not None and row.offset == row.length and not row.done:
            with self._part(row) as part:
                self._finish_or_forget(row, part)
            row = self._row(account, upload_id)
        return row

    def _row(self, account: str, upload_id: str) -> Upload | None:
        if not is_id(upload_id):
            return None
        mine = select(upload).where(upload.c.id == upload_id, upload.c.account == account)
        with self._database.read() as conn:
            row = conn.execute(mine).first()
        if row is None:
            return None
        offset = row.length if row.done else self._size(upload_id)
        return Upload(row.id, row.account, row.sha256, row.length, offset, row.done)

    def _size(self, upload_id: str) -> int:
        try:
            return (self._folder / upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def receive(self, row: Upload, offset: int, chunks: Iterable[bytes]) -> int:
        """Append `chunks` at `offset`; returns the new offset. What came before a cut is kept.

        UploadError `upload_busy`, `wrong_offset`, `too_large`, `wrong_hash`, `not_a_picture`.
        """
        if row.done and offset == row.length:
            return row.length  # somebody asks once more, to be sure
        if row.done:
            raise UploadError("wrong_offset", offset=row.length)
        with self._part(row) as part:
            at = part.seek(0, os.SEEK_END)
            if at != offset:
                raise UploadError("wrong_offset", offset=at)
            at = _append(part, at, row.length, chunks)
            if at == row.length:
                self._finish(row, part)
        return at

    @contextmanager
    def _part(self, row: Upload) -> Iterator[IO[bytes]]:
        """The file of what has come, held by one request at a time (the lock dies with its process)."""
        with (self._folder / row.id).open("a+b") as part:
            try:
                fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadError("upload_busy") from error
            yield part

    def _finish_or_forget(self, row: Upload, part: IO[bytes]) -> None:
        try:
            self._finish(row, part)
        except UploadError:
            return

    def _finish(self, row: Upload, part: IO[bytes]) -> None:
        part.seek(0)
        data = part.read()
        try:
            if hashlib.sha256(data).hexdigest() != row.sha256:
                raise UploadError("wrong_hash")
            kept = clean(data)
        except NotAPictureError as error:
            part.truncate(0)
            raise UploadError("not_a_picture", why=error.why) from error
        except UploadError:
            part.truncate(0)  # the next try starts afresh
            raise
        self._keep(row, kept)
        (self._folder / row.id).unlink(missing_ok=True)

    def _keep(self, row: Upload, kept: Picture) -> None:
        self.put(row.sha256, kept)
        with self._database.write() as conn:
            conn.execute(update(upload).where(upload.c.id == row.id).values(done=True))

    def put(self, sha256: str, kept: Picture) -> None:
        """Keep a picture that is clean already (of a transfer, or drawn by a demo world). Bytes first, then the row."""
        self._blobs.put(_key(sha256, "full"), kept.data)
        self._blobs.put(_key(sha256, "preview"), kept.preview)
        facts = {"type": kept.type, "bytes": len(kept.data), "width": kept.width, "height": kept.height}
        with self._database.write() as conn:
            # Somebody else may have sent the same picture.
            insert_once(conn, picture, [{"sha256": sha256, **facts, "stored_at": self._clock.now()}])

    def picture(self, sha256: str) -> Stored | None:
        """What is known of a picture that is here whole."""
        columns = (picture.c.sha256, picture.c.type, picture.c.bytes, picture.c.width, picture.c.height)
        with self._database.read() as conn:
            row = conn.execute(select(*columns).where(picture.c.sha256 == sha256)).first()
        return Stored(*row) if row else None

    def bytes_of(self, sha256: str, size: str) -> bytes | None:
        """The kept bytes, `size` "full" or "preview"."""
        return self._blobs.get(_key(sha256, size))

    def forget_unnamed(self) -> int:
        """Let go of pictures that no record names any more: what they showed was erased (S4). Returns how many.

        A picture that has only just come is left alone: what names it may still be on its way into the book.
        """
        before = self._clock.now() - GRACE
        nobody = ~exists().where(named.c.sha256 == picture.c.sha256)
        with self._database.read() as conn:
            gone = conn.execute(select(picture.c.sha256).where(nobody, picture.c.stored_at < before)).scalars().all()
        for sha256 in gone:
            # Bytes first: a crash in between leaves a row that the next round finds again.
            for size in ("full", "preview"):
                self._blobs.delete(_key(sha256, size))
            with self._database.write() as conn:
                conn.execute(delete(picture).where(picture.c.sha256 == sha256))
        self._forget_transfers(before)
        return len(gone)

    def _forget_transfers(self, before: int) -> None:
        """Of pictures that nobody names: what has come so far goes, too."""
        nobody = ~exists().where(named.c.sha256 == upload.c.sha256)
        with self._database.write() as conn:
            query = select(upload.c.id).where(nobody, upload.c.created_at < before)
            for upload_id in conn.execute(query).scalars().all():
                (self._folder / upload_id).unlink(missing_ok=True)
                conn.execute(delete(upload).where(upload.c.id == upload_id))


def _append(part: IO[bytes], at: int, length: int, chunks: Iterable[bytes]) -> int:
    try:
        for chunk in chunks:
            if at + len(chunk) > length:
                raise UploadError("too_large", limit=length)
            part.write(chunk)
            at += len(chunk)
    finally:
        part.flush()
        os.fsync(part.fileno())
    return at


def _key(sha256: str, size: str) -> str:
    return f"pictures/{sha256[:2]}/{sha256}.{size}"
