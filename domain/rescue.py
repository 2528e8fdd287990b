"""A rescue file: what a phone without a line had to say, with its pictures (L5; docs/decisions/0092-rescue-file.md).

Nothing of the file's own table is believed: every size is counted while reading, every hash is computed, and nothing is
unpacked under a name that came from outside. A file is taken as a whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, NoReturn

import orjson
from sqlalchemy import Connection, select

from domain.accounts import account, device
from sync.changes import depth
from sync.ids import is_id
from sync.protocol import MAX_CALL_DEPTH, MAX_PICTURE

FORMAT: Final = "gridwalk-rescue"
VERSION: Final = 1
NAME: Final = "rescue.json"
MAX_PACKED: Final = 200 * 1024 * 1024
MAX_TEXT: Final = 16 * 1024 * 1024
MAX_UNPACKED: Final = 256 * 1024 * 1024
MAX_CHANGES: Final = 5000
MAX_FILES: Final = 2000
_PIECE: Final = 64 * 1024
_PICTURE: Final = re.compile(r"pictures/([0-9a-f]{64})")
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class RescueError(ValueError):
    """A file that is not taken. `code`: `not_a_rescue_file`, `newer_version`, `broken`, `too_large`, `foreign`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class RescueFile:
    """What was read: `changes` in the order in which they were written, `pictures` as SHA-256 -> length in bytes."""

    account: str
    device: str
    epoch: str | None
    made_at: str
    changes: tuple[Any, ...]
    pictures: Mapping[str, int]
    _zip: zipfile.ZipFile

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The bytes of one picture, piece by piece."""
        with self._zip.open(f"pictures/{sha256}") as part:
            while piece := part.read(_PIECE):
                yield piece


def read(stream: IO[bytes]) -> RescueFile:
    """The rescue file in `stream`, which must stay open as long as its pictures are wanted. RescueError."""
    try:
        return _read(stream)
    except RescueError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError) as error:
        raise RescueError("broken") from error
    except (OSError, RuntimeError, ValueError) as error:  # whatever a zip can claim to be
        raise RescueError("not_a_rescue_file") from error


def _read(stream: IO[bytes]) -> RescueFile:
    if not zipfile.is_zipfile(stream):
        raise RescueError("not_a_rescue_file")
    stream.seek(0)
    packed = zipfile.ZipFile(stream)
    names = _names(packed)
    budget = _Budget(MAX_UNPACKED)
    facts = _facts(b"".join(budget.pieces(packed, NAME, MAX_TEXT)))
    pictures = {sha: _checked(packed, sha, budget) for sha in names}
    return RescueFile(
        account=facts["account"],
        device=facts["device"],
        epoch=facts.get("epoch"),
        made_at=str(facts.get("made_at") or "")[:40],
        changes=(*facts.get("journal", ()), *facts["changes"]),
        pictures=pictures,
        _zip=packed,
    )


def _names(packed: zipfile.ZipFile) -> list[str]:
    """The pictures in it; RescueError where anything else is in it than there may be."""
    entries = packed.infolist()
    if len(entries) > MAX_FILES + 1:
        raise RescueError("too_large")
    if [each.filename for each in entries].count(NAME) != 1:
        raise RescueError("not_a_rescue_file")
    found = []
    for each in entries:
        if each.flag_bits & 0x1 or each.compress_type not in _PACKED:
            raise RescueError("broken")
        if each.filename == NAME:
            continue
        match = _PICTURE.fullmatch(each.filename)
        if match is None:
            raise RescueError("broken")
        found.append(match[1])
    return sorted(set(found))


class _Budget:
    """How much may still be unpacked, of whatever it is."""

    def __init__(self, left: int) -> None:
        self.left = left

    def pieces(self, packed: zipfile.ZipFile, name: str, limit: int) -> Iterator[bytes]:
        taken = 0
        with packed.open(name) as part:
            while piece := part.read(_PIECE):
                taken, self.left = taken + len(piece), self.left - len(piece)
                if taken > limit or self.left < 0:
                    raise RescueError("too_large")
                yield piece


def _checked(packed: zipfile.ZipFile, sha256: str, budget: _Budget) -> int:
    digest, length = hashlib.sha256(), 0
    for piece in budget.pieces(packed, f"pictures/{sha256}", MAX_PICTURE):
        digest.update(piece)
        length += len(piece)
    if digest.hexdigest() != sha256:
        raise RescueError("broken")
    return length


def _facts(data: bytes) -> Mapping[str, Any]:
    facts = _json(data)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise RescueError("not_a_rescue_file")
    if facts.get("version") != VERSION:
        raise RescueError("newer_version")
    changes, journal = facts.get("changes"), facts.get("journal", [])
    if not isinstance(changes, list) or not isinstance(journal, list):
        raise RescueError("broken")
    if len(changes) + len(journal) > MAX_CHANGES:
        raise RescueError("too_large")
    epoch = facts.get("epoch")
    if not is_id(facts.get("account")) or not is_id(facts.get("device")) or not (epoch is None or is_id(epoch)):
        raise RescueError("broken")
    return facts


def _json(data: bytes) -> Any:
    """JSON as the door reads it: a text that is no Unicode costs its own change, not the whole file."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = _tolerantly(data)
    if depth(value, MAX_CALL_DEPTH) > MAX_CALL_DEPTH:
        raise RescueError("broken")
    return value


def _tolerantly(data: bytes) -> Any:
    def no_number(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        return json.loads(data.decode(), parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise RescueError("broken") from error


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose file it is."""

    account: str
    name: str


def owner(conn: Connection, file: RescueFile) -> Owner:
    """Whose it is. RescueError `foreign` where no such account is here, or the device is somebody else's. (A device
    that is not known may have been forgotten in a restore.)"""
    found = conn.execute(select(account.c.id, account.c.name).where(account.c.id == file.account)).first()
    holder = conn.execute(select(device.c.account_id).where(device.c.id == file.device)).scalar()
    if found is None or holder not in (None, file.account):
        raise RescueError("foreign")
    return Owner(found.id, found.name)
