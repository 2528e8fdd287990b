"""Unfinished transfers of an instance with several server machines: what came to one of them can be gone on with on another.

Each machine has the file of a transfer as far as it knows it, from its beginning; what a request has brought is put into
the store beside it, as a part that is named by where it begins and how long it is. The parts of one transfer are all of
the same bytes (the hash of the whole decides), so it does not matter who put which, or whether one lies there twice. There
is nothing to lock, and nothing else to remember: how far a transfer has come is read off the names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from sync.blobs import Blobs, StoreDownError
from sync.spool import Checksum, Spool

_FOLDER: Final = "parts"
Part = tuple[int, int]
"""(where it begins, how many bytes)"""


class SharedSpool(Spool):
    """The folder of unfinished transfers, and their parts in the store."""

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        super().__init__(folder)
        self._blobs = blobs

    def size(self, name: str) -> int:
        """Bytes that are here, or that another machine has put away. While the store does not answer: those here."""
        here = self.size_here(name)
        with suppress(StoreDownError):
            return max(here, _reach(self._parts(name)))
        return here

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        with super().opened(name) as part:
            with suppress(StoreDownError):
                self._catch_up(name, part)
            yield part

    def append(self, name: str, part: IO[bytes], length: int, pieces: Iterable[bytes], told: Checksum | None) -> int:
        """As of one machine. What has come is put into the store, unless it is whole now: then it is kept at once."""
        try:
            at = super().append(name, part, length, pieces, told)
        except BaseException:
            with suppress(StoreDownError):  # the line was cut: it counts all the same
                self._put_away(name, part)
            raise
        if at < length:
            with suppress(StoreDownError):  # then only this machine can go on with it
                self._put_away(name, part)
        return at

    def restart(self, name: str, part: IO[bytes]) -> None:
        super().restart(name, part)
        self._drop_parts(name)

    def drop(self, name: str) -> None:
        super().drop(name)
        self._drop_parts(name)

    def known(self) -> set[str]:
        with suppress(StoreDownError):
            return {each.split("/")[-2] for each in self._blobs.names(_FOLDER)}
        return set()

    def _parts(self, name: str) -> list[Part]:
        found = (each.rpartition("/")[2].split("-") for each in self._blobs.names(f"{_FOLDER}/{name}"))
        return [(int(begin), int(length)) for begin, length in found]

    def _catch_up(self, name: str, file: IO[bytes]) -> None:
        """Fetch what other machines have put away and this one has not."""
        here, parts = file.seek(0, os.SEEK_END), self._parts(name)
        while here < _reach(parts):
            begin, length = next(each for each in parts if each[0] <= here < sum(each))
            pieces = self._blobs.stream(_key(name, begin, length), here - begin, length)
            if pieces is None:
                return  # ended by another machine in this moment
            file.writelines(pieces)
            file.flush()
            here = file.seek(0, os.SEEK_END)

    def _put_away(self, name: str, file: IO[bytes]) -> None:
        known, here = _reach(self._parts(name)), file.seek(0, os.SEEK_END)
        if here > known:
            with self.path(name).open("rb") as reader:
                reader.seek(known)
                self._blobs.put(_key(name, known, here - known), reader.read(here - known))

    def _drop_parts(self, name: str) -> None:
        with suppress(StoreDownError):
            for begin, length in self._parts(name):
                self._blobs.delete(_key(name, begin, length))


def _key(name: str, begin: int, length: int) -> str:
    return f"{_FOLDER}/{name}/{begin:012}-{length}"


def _reach(parts: Iterable[Part]) -> int:
    """How far one can read from the beginning without a gap."""
    at = 0
    for begin, length in sorted(parts):
        if begin <= at:
            at = max(at, begin + length)
    return at
