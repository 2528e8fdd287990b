"""Bodies in and out: bounded, packed both ways, JSON that is tolerant only where one bad change must not spoil a batch.

Besides gzip there is `application/zlib` (RFC 6713): a zlib stream packed with the phrases that phone and server both
know (decision 0134). It names them by their checksum, so nobody has to agree on a version: who has others sends gzip.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import orjson
from flask import Response, request

from api.problems import ProblemError
from sync.changes import depth
from sync.protocol import MAX_CALL, MAX_CALL_COMPRESSED, MAX_CALL_DEPTH

_WORTH_PACKING: Final = 1024
_LEVEL: Final = 4
"""Of gzip: 5 takes two fifths more time for two hundredths fewer bytes."""
ZLIB: Final = "application/zlib"
DATA: Final = frozenset({"application/json", ZLIB})
"""Types of what is data and never a page."""
PHRASES: Final = Path(__file__).with_name("phrases.gen.txt").read_bytes()
_PHRASES_NAME: Final = zlib.adler32(PHRASES).to_bytes(4, "big")
_NAMES_PHRASES: Final = 0x20
"""The bit in a zlib stream's second byte that says that the next four name what it was packed with."""
_SMALL: Final = 32 * 1024
"""Larger answers gain nothing by phrases, and unpacking them would keep a slow phone busy."""


def read_call(*, limit: int | None = MAX_CALL_DEPTH) -> dict[str, Any]:
    """The JSON object that was sent, packed or not. ProblemError `malformed`, `too_large` or `unsupported_type`.
    `limit`: how deep it may nest; None where whoever takes it asks that anyhow."""
    call = parse(read_body(), limit=limit)
    if not isinstance(call, dict):
        raise ProblemError("malformed", why="not_an_object")
    return call


def read_body() -> bytes:
    """The bytes that were sent, unpacked."""
    if request.mimetype == ZLIB:
        return _inflate_phrases(_read(MAX_CALL_COMPRESSED))
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return _read(MAX_CALL)
    if encoding in {"gzip", "x-gzip"}:
        return _inflate(_read(MAX_CALL_COMPRESSED), zlib.decompressobj(wbits=31), "gzip")
    raise ProblemError("unsupported_type", expected="gzip")


def _too_large(limit: int) -> NoReturn:
    raise ProblemError("too_large", limit=limit, limit_compressed=MAX_CALL_COMPRESSED, limit_inflated=MAX_CALL)


def _read(limit: int) -> bytes:
    if (request.content_length or 0) > limit:
        _too_large(limit)
    data = request.stream.read(limit + 1)
    if len(data) > limit:
        _too_large(limit)
    return data


def _inflate_phrases(packed: bytes) -> bytes:
    if len(packed) >= 6 and packed[1] & _NAMES_PHRASES and packed[2:6] != _PHRASES_NAME:
        raise ProblemError("unsupported_type", expected="gzip")
    return _inflate(packed, zlib.decompressobj(zdict=PHRASES), "zlib")


def _inflate(packed: bytes, unpack: Any, form: str) -> bytes:
    try:
        data: bytes = unpack.decompress(packed, MAX_CALL + 1)
    except zlib.error as error:
        raise ProblemError("malformed", why=form) from error
    if len(data) > MAX_CALL:
        _too_large(MAX_CALL)
    if not unpack.eof or unpack.unused_data:
        raise ProblemError("malformed", why=form)
    return data


def parse(data: bytes, *, limit: int | None = MAX_CALL_DEPTH) -> Any:
    """JSON, at most `limit` deep.

    orjson refuses a lone surrogate (`"\\ud800"`) anywhere. One such text must cost its own change, not the whole
    batch, so the slower parser of the standard library has the last word.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = _parse_tolerantly(data)
    if limit is not None and depth(value, limit) > limit:
        raise ProblemError("malformed", why="depth", limit=limit)
    return value


def _parse_tolerantly(data: bytes) -> Any:
    def no_number(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        return json.loads(data.decode(), parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        why = "utf8" if isinstance(error, UnicodeDecodeError) else "json"
        raise ProblemError("malformed", why=why) from error


def dump(value: Any) -> bytes:
    """JSON bytes. A text that is no Unicode (it comes back in a receipt) is escaped as it came, and what it stands in is
    written piece by piece."""
    try:
        return orjson.dumps(value)
    except TypeError:
        if isinstance(value, Mapping):
            return b"{%b}" % b",".join(b"%b:%b" % (dump(key), dump(each)) for key, each in value.items())
        if isinstance(value, (list, tuple)):
            return b"[%b]" % b",".join(map(dump, value))
        return json.dumps(value, ensure_ascii=True).encode("ascii")


def reply(value: Any, status: int = 200) -> Response:
    """A JSON answer that nobody keeps, packed where the client can unpack it."""
    data = dump(value)
    response = Response(status=status, mimetype="application/json")
    if request.mimetype == ZLIB and status == 200 and len(data) < _SMALL:
        data = _with_phrases(data)
        response.mimetype = ZLIB
    elif len(data) >= _WORTH_PACKING and request.accept_encodings["gzip"] > 0:
        data = gzip.compress(data, compresslevel=_LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(data)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Encoding")
    return response


def _with_phrases(data: bytes) -> bytes:
    pack = zlib.compressobj(level=9, zdict=PHRASES)
    return pack.compress(data) + pack.flush()
