"""What has come so far of each transfer: a file of its id, whose size is the offset; a killed server knows it again."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

ALGORITHMS: Final = ("sha1", "sha256")
"""Check sums of one piece that are understood (tus asks for the first)."""

ROOM_TO_KEEP: Final = 256 * 1024 * 1024
"""Bytes of the disk that pictures leave alone: the books need them."""


class UploadError(Exception):
    """A transfer cannot go on as asked. `code` is permanent, `details` are named facts."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


Checksum = tuple[str, bytes]
"""(one of ALGORITHMS, the digest that a piece must have)."""


class Spool:
    """The folder of unfinished transfers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        return self.folder / name

    def size(self, name: str) -> int:
        """Bytes that have come."""
        return self.size_here(name)

    def size_here(self, name: str) -> int:
        """Bytes that are in this folder. A piece whose check sum was never compared does not count."""
        try:
            whole = self.path(name).stat().st_size
        except FileNotFoundError:
            return 0
        return min(whole, _unchecked_from(self._mark(name), whole))

    def _mark(self, name: str) -> Path:
        return self.folder / f"{name}.unchecked"

    def check_room(self, wanted: int) -> None:
        """UploadError `no_room` where so many bytes would take what the books need."""
        if shutil.disk_usage(self.folder).free < wanted + ROOM_TO_KEEP:
            raise UploadError("no_room")

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """The file, held by one request at a time (the lock dies with its process). UploadError `upload_busy`."""
        while True:
            with self.path(name).open("a+b") as part:
                try:
                    fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise UploadError("upload_busy") from error
                if os.fstat(part.fileno()).st_nlink == 0:
                    continue  # somebody finished with it between our opening and our locking
                mark = self._mark(name)
                part.truncate(_unchecked_from(mark, part.seek(0, os.SEEK_END)))
                mark.unlink(missing_ok=True)
                yield part
                return

    def append(self, name: str, part: IO[bytes], length: int, pieces: Iterable[bytes], told: Checksum | None) -> int:
        """Add `pieces`; gives the new size. What came before a cut stays, except of a piece with a check sum, which
        stays whole and right or not at all. UploadError `too_large`, `wrong_checksum`, `no_room`."""
        start = part.seek(0, os.SEEK_END)
        summed = hashlib.new(told[0], usedforsecurity=False) if told else None
        if told:
            self._mark(name).write_text(str(start), "ascii")
        try:
            at = _write(part, start, length, pieces, summed.update if summed else None)
        except BaseException:
            if told:
                part.truncate(start)
            raise
        if told and summed and summed.digest() != told[1]:
            part.truncate(start)
            self._mark(name).unlink(missing_ok=True)
            raise UploadError("wrong_checksum", offset=start)
        self._mark(name).unlink(missing_ok=True)
        return at

    def known(self) -> set[str]:
        """The transfers of which something lies about elsewhere than in this folder."""
        return set()

    def restart(self, name: str, part: IO[bytes]) -> None:
        """What has come is wrong: the next try starts afresh."""
        part.truncate(0)

    def forget_older(self, before: float) -> None:
        """Let go of files that nobody has written to since `before` (seconds): their transfers are over, or were ended
        on another machine."""
        for each in self.folder.iterdir():
            with suppress(FileNotFoundError):
                if each.stat().st_mtime < before:
                    each.unlink()

    def drop(self, name: str) -> None:
        """Let go of everything under this name."""
        for each in (self.path(name), self._mark(name)):
            each.unlink(missing_ok=True)


def _unchecked_from(mark: Path, whole: int) -> int:
    try:
        return min(int(mark.read_text("ascii") or 0), whole)
    except FileNotFoundError:
        return whole


def _write(part: IO[bytes], at: int, length: int, pieces: Iterable[bytes], also: Callable[[Any], object] | None) -> int:
    try:
        for piece in pieces:
            if at + len(piece) > length:
                raise UploadError("too_large", limit=length)
            part.write(piece)
            if also:
                also(piece)
            at += len(piece)
    except OSError as error:
        if error.errno in _FULL:
            raise UploadError("no_room") from error
        raise
    finally:
        _to_disk(part)
    return at


_FULL: Final = frozenset({28, 122})
"""ENOSPC, EDQUOT."""


def _to_disk(part: IO[bytes]) -> None:
    try:
        part.flush()
    except OSError as error:
        if error.errno in _FULL:
            raise UploadError("no_room") from error
        raise
    os.fsync(part.fileno())
