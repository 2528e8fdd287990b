"""The file: a tar with a head, every table as JSON lines, every picture, and at its end the sums of all of it.

Nothing in it belongs to one kind of database, so a backup of one can be restored into the other.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, cast

import orjson

FORMAT: Final = 1
"""Of the file. A program reads its own and every older one."""
WHAT: Final = "gridwalk backup"
HEAD: Final = "gridwalk.json"
SUMS: Final = "sums.json"
TABLES: Final = "tables/"
BYTES: Final = "bytes/"
_PIECE: Final = 1024 * 1024


class BackupError(Exception):
    """It cannot be done. `code` is a key of the catalogue, section "terminal.backup"; `values` are its figures."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself. `revision` is the form of its tables, `made_at` an instant of the wire."""

    version: str
    revision: str
    made_at: str
    database: str
    epoch: str | None
    what: str = WHAT
    format: int = FORMAT


class Writer(AbstractContextManager["Writer"]):
    """Writes a backup beside its name, and gives it the name when it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._sums: dict[str, list[Any]] = {}
        self._file: IO[bytes]
        self._tar: tarfile.TarFile

    def __enter__(self) -> Writer:
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)
        return self

    def head(self, head: Head) -> None:
        self.data(HEAD, [orjson.dumps(asdict(head), option=orjson.OPT_INDENT_2)])

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """A table's rows, values in the order of `columns`; gives how many."""
        count = 0
        with tempfile.TemporaryFile(dir=self._part.parent) as spool:
            with gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=6, mtime=0) as lines:
                lines.write(orjson.dumps(list(columns)) + b"\n")
                for row in rows:
                    lines.write(orjson.dumps(list(row)) + b"\n")
                    count += 1
            self._add(f"{TABLES}{name}.jsonl.gz", spool)
        return count

    def data(self, name: str, pieces: Iterable[bytes]) -> None:
        """Bytes under a name, given in pieces."""
        with tempfile.TemporaryFile(dir=self._part.parent) as spool:
            spool.writelines(pieces)
            self._add(name, spool)

    def finish(self, **said: Any) -> None:
        """The sums of all that is in it: what comes last, so that a file that was cut short is known by it."""
        self.data(SUMS, [orjson.dumps({**said, "members": self._sums})])

    def _add(self, name: str, spool: IO[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = spool.seek(0, os.SEEK_END), 0o600
        spool.seek(0)
        self._sums[name] = [info.size, _sum(spool)]
        spool.seek(0)
        self._tar.addfile(info, spool)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if kind is None:
                self._tar.close()
                self._file.flush()
                os.fsync(self._file.fileno())
        if kind is not None:
            self._part.unlink(missing_ok=True)
            return
        self._part.replace(self._path)
        to_disk(self._path.parent)


class Archive(AbstractContextManager["Archive"]):
    """A backup that has been read through once: every byte of it is as it was written. BackupError `not_a_backup`,
    `broken`, `newer`, `not_found`."""

    def __init__(self, path: Path, newest_revision: str) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BackupError("not_found", file=path) from error
        try:
            self._tar, self.head = self._begin(newest_revision)
            self._members = self._check()
        except BaseException:
            self._file.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _begin(self, newest_revision: str) -> tuple[tarfile.TarFile, Head]:
        try:
            tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115 - closed with its file
            first = tar.next()
            told = _json_of(tar, first) if first is not None and first.name == HEAD else {}
        except (tarfile.TarError, OSError, ValueError) as error:
            raise BackupError("not_a_backup", file=self._path) from error
        if told.get("what") != WHAT:
            raise BackupError("not_a_backup", file=self._path)
        if (
            not isinstance(told.get("format"), int)
            or told["format"] > FORMAT
            or str(told["revision"]) > newest_revision
        ):
            raise BackupError("newer", file=self._path, version=told.get("version"))
        return tar, Head(**told)

    def _check(self) -> dict[str, tarfile.TarInfo]:
        try:
            members = self._tar.getmembers()
            said = _json_of(self._tar, members[-1]) if members[-1].name == SUMS else {}
            found = {each.name: [each.size, self._sum_of(each)] for each in members[:-1]}
        except (tarfile.TarError, OSError, ValueError, EOFError) as error:
            raise BackupError("broken", file=self._path) from error
        if not said or len(found) != len(members) - 1 or found != said["members"]:
            raise BackupError("broken", file=self._path)
        return {each.name: each for each in members}

    def _sum_of(self, member: tarfile.TarInfo) -> str:
        if not member.isfile():
            raise ValueError(member.name)
        return _sum(cast(IO[bytes], self._tar.extractfile(member)))

    @property
    def tables(self) -> list[str]:
        """The names of its tables, those before others that they refer to later."""
        names = (name for name in self._members if name.startswith(TABLES))
        return [name.removeprefix(TABLES).removesuffix(".jsonl.gz") for name in names]

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table, column -> value."""
        member = cast(IO[bytes], self._tar.extractfile(self._members[f"{TABLES}{table}.jsonl.gz"]))
        with gzip.open(member, "rb") as lines:
            columns = orjson.loads(next(lines))
            for line in lines:
                yield dict(zip(columns, orjson.loads(line), strict=True))

    def has(self, key: str) -> bool:
        return f"{BYTES}{key}" in self._members

    def read(self, key: str) -> bytes:
        """The bytes of one picture or voice note."""
        return cast(IO[bytes], self._tar.extractfile(self._members[f"{BYTES}{key}"])).read()


def _json_of(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Mapping[str, Any]:
    file = tar.extractfile(member)
    told = orjson.loads(file.read()) if file else {}
    return told if isinstance(told, dict) else {}


def _sum(file: IO[bytes]) -> str:
    total = hashlib.sha256()
    while piece := file.read(_PIECE):
        total.update(piece)
    return total.hexdigest()


def to_disk(folder: Path) -> None:
    """The names in a folder, as they are now."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
