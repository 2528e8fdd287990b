"""Sync calls as no honest phone would send them: spoilt changes, spoilt envelopes, spoilt bytes, by a seed.

Among what is spoilt there are always good changes, of records that nothing spoilt speaks of.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from api.bodies import PHRASES, ZLIB
from sync.ids import derived
from tests.api import world
from tests.torture.nasty import NUMBERS, TEXTS, Ground, Json, Nasty

PLAIN: Final = {"Content-Type": "application/json"}


@dataclass
class Sent:
    """One call: its bytes, its headers, and of what is in it the good changes by index."""

    kind: str
    """`change`: only changes are spoilt, and the call must be answered; `envelope` and `bytes`: it may be refused."""
    data: bytes
    headers: dict[str, str]
    good: dict[int, Json] = field(default_factory=dict)


class Hostile:
    """Makes calls of one device."""

    def __init__(self, chance: random.Random, ground: Ground, report: Callable[[], Json]) -> None:
        self.chance, self.ground, self.report = chance, ground, report
        self.nasty = Nasty(chance, ground)

    def sent(self, device: str, last: str | None) -> Sent:
        """The next call."""
        kind = self.chance.choice(("change", "envelope", "bytes"))
        changes, good = self._changes()
        ids = [each["id"] for each in changes if isinstance(each, dict) and isinstance(each.get("id"), str)]
        newest = max([each for each in (*ids, last or "") if _is_v7(each)], default=None)
        call: Any = {"protocol": 1, "device": device, "last": last, "newest": newest, "changes": changes}
        call["limit"] = self.chance.choice((0, 0, 0, 1, 7))
        if kind == "envelope":
            call = self._spoil_envelope(call)
        data = json.dumps(call, ensure_ascii=self.chance.random() < 0.3 or not _encodes(call)).encode()
        if kind == "bytes":
            data, headers = self._spoil_bytes(data)
            return Sent(kind, data, headers, good)
        return Sent(kind, *self._packed(data), good)

    def _packed(self, data: bytes) -> tuple[bytes, dict[str, str]]:
        """In one of the forms in which a phone may send it."""
        return self.chance.choice(((data, PLAIN), (_gzip(data), _PACKED), (_phrases(data), _IN_PHRASES)))

    def _changes(self) -> tuple[list[Any], dict[int, Json]]:
        made: list[tuple[Any, bool]] = []
        for _ in range(self.chance.choice((1, 1, 1, 2, 5))):
            base = copy.deepcopy(self.report())
            base["type"] = self.chance.choice(("case", "case", "unit", "household", "building"))
            made.append((self.nasty.change(base), False))
        made += [(self.report(), True) for _ in range(self.chance.choice((1, 1, 1, 2)))]
        self.chance.shuffle(made)
        return [each for each, _ in made], {index: each for index, (each, good) in enumerate(made) if good}

    # -- the envelope ---------------------------------------------------------------------------------------------

    def _spoil_envelope(self, call: Json) -> Any:
        say, odd = self.chance.choice, self.nasty.value
        ways: tuple[Callable[[], Any], ...] = (
            lambda: call.pop(say(sorted(call))) and call,
            lambda: {**call, say((*TEXTS, "cursor", "Device")): odd()},
            lambda: {**call, say(sorted(call)): odd()},
            lambda: {**call, "protocol": say((0, 0, 2, -1, "1", 1.0, True, None))},
            lambda: {**call, "device": say((derived("x"), call["device"].upper(), self.nasty.odd_id(call["device"])))},
            lambda: {**call, "epoch": say((self.ground.epoch, derived("x"), odd()))},
            lambda: {**call, say(("last", "newest")): say((None, *self.ground.changes, odd()))},
            lambda: {**call, "cursors": self.cursors()},
            lambda: {**call, "cursors": self.cursors()},
            lambda: {**call, "only": say(([], [world.GRID], [world.OTHER_GRID], [derived("x")] * 39, [odd()], odd()))},
            lambda: {**call, "limit": say((*NUMBERS, None, "5", True))},
            lambda: {**call, "changes": say(([None] * 501, [[]] * 20, {"0": call["changes"]}, call["changes"] * 90))},
            lambda: say((None, [], [call], "x", 0, True, {}, {"changes": []})),
        )
        return say(ways)()

    def cursors(self) -> Any:
        """Cursors of books that may be followed or not, at places that may be there or not."""
        books = (world.GRID, world.OTHER_GRID, world.TOWN, world.COMMUNITY, world.POST, derived("x"))
        seqs = (0, 0, 1, 2, 7, -1, 2**53, 2**70, 1.5, "1", None)
        marks = (None, *self.ground.changes, derived("x"), 7)
        scopes = ("", "all", "x" * 200, "x" * 201, "' OR 1=1", "\x00", None)
        say = self.chance.choice
        made = {say(books): [say(seqs), say(marks), say(scopes)] for _ in range(self.chance.randint(0, 4))}
        return say((made, made, made, {**made, say(TEXTS): 1}, {world.GRID: []}, {world.GRID: [0, None, "", 1]}))

    # -- the bytes ------------------------------------------------------------------------------------------------

    def _spoil_bytes(self, data: bytes) -> tuple[bytes, dict[str, str]]:
        ways = self.chance.choice(
            (self._cut, self._other_json, self._other_json, self._no_call, self._other_type, self._other_packing)
        )
        return ways(data)

    def _cut(self, data: bytes) -> tuple[bytes, dict[str, str]]:
        whole, headers = self._packed(data)
        at = self.chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[at] ^= 1 << self.chance.randrange(8)
        spoilt = self.chance.choice((whole[:at], bytes(flipped), whole + whole, whole + b"rest"))
        return spoilt, headers

    def _other_json(self, data: bytes) -> tuple[bytes, dict[str, str]]:
        """Bytes that no serializer would write."""
        seen = self.chance.choice(
            (b"NaN", b"-Infinity", b"1e999", b"9" * 5_000, b"00", b"0x1", b"'0'", b'0, "seen": 1', b"0.0", b"-0")
        )
        at_once = (
            data.replace(b"seen", b"se\xffen", 1), data.replace(b'"seen": 0', b'"seen": ' + seen), data.replace(b'"set"', b'"set": {}, "set"'),
            data.replace(b'"protocol": 1', b'"protocol": 9, "protocol": 1', 1), data[:-1] + b",}", b"/**/" + data, b"\xef\xbb\xbf" + data,
            data.decode().encode("utf-16"), data.replace(b"\\u", b"\\U"), data.replace(b'"', b"'"), data.replace(b": ", b":\x0b"),
        )  # fmt: skip
        return self.chance.choice(at_once), PLAIN

    def _no_call(self, _data: bytes) -> tuple[bytes, dict[str, str]]:
        return self.chance.choice(_NO_CALLS), PLAIN

    def _other_type(self, data: bytes) -> tuple[bytes, dict[str, str]]:
        return data, self.chance.choice(_TYPES)

    def _other_packing(self, data: bytes) -> tuple[bytes, dict[str, str]]:
        if self.chance.random() < 0.3:
            return self.chance.choice(
                (
                    data,
                    _gzip(data),
                    zlib.compress(data),
                    _BOMB_IN_PHRASES,
                    _phrases(data, b"other phrases"),
                    _phrases(_phrases(data)),
                    b"\x78\xbb",
                )
            ), _IN_PHRASES
        packed = _gzip(data)
        sent, encoding = self.chance.choice(
            (
                (data, "gzip"), (_gzip(packed), "gzip"), (_BOMB, "gzip"), (zlib.compress(data), "gzip"), (zlib.compress(data), "deflate"),
                (packed, ""), (packed, "gzip, gzip"), (packed, "GZip "), (packed, "x-gzip"), (data, "br"), (data, "identity"), (b"\x1f\x8b", "gzip"),
            )
        )  # fmt: skip
        return sent, {**PLAIN, "Content-Encoding": encoding}


_NO_CALLS: Final = (
    b"", b" " * 4_096, b"null", b"[]", b"[" * 100_000, b'{"changes":' * 2_000 + b"1" + b"}" * 2_000, b"{", b'"' + b"x" * 70_000, b"\x00", b"\xff" * 9,
    b'{"protocol":1,"device":"' + b"\\ud800" * 9 + b'"}', b"GET / HTTP/1.1\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n",
)  # fmt: skip
_TYPES: Final[tuple[dict[str, str], ...]] = (
    {}, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data; boundary=x"}, {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "\x7f"}, {"Content-Type": "application/json" * 500},
)  # fmt: skip
_PACKED: Final = {**PLAIN, "Content-Encoding": "gzip"}
_IN_PHRASES: Final = {"Content-Type": ZLIB}
_BOMB: Final = gzip.compress(b" " * 9_000_000, 9, mtime=0)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def _phrases(data: bytes, known: bytes = PHRASES) -> bytes:
    pack = zlib.compressobj(zdict=known)
    return pack.compress(data) + pack.flush()


_BOMB_IN_PHRASES: Final = _phrases(b" " * 9_000_000)


def _encodes(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_v7(value: str) -> bool:
    from sync.ids import is_change_id

    return is_change_id(value)
