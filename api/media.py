"""Bytes on their way out: streamed, whole or a part, as what they are and nothing else, for one person's eyes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from api.problems import ProblemError
from api.services import current
from domain import held
from domain.access import Person, can_see_content
from sync.gallery import Stored
from sync.reading import NamedBy
from sync.values import is_sha256

Open = Callable[[int, int | None], Iterator[bytes] | None]
"""(first byte, byte after the last or None) -> the bytes; None where there are none."""

_SUFFIX: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
}
_PLAIN: Final = re.compile(r"[^0-9A-Za-z._-]+")


def check_sight(person: Person, sha256: str) -> None:
    """ProblemError `not_found` unless a record that this person sees names the bytes: nobody is told of any others."""
    if not (is_sha256(sha256) and can_see_content(person)):
        raise ProblemError("not_found")
    if not any(_in_sight(person, each) for each in current().engine.naming(sha256)):
        raise ProblemError("not_found")


def _in_sight(person: Person, named: NamedBy) -> bool:
    """What only a parked change names is its author's, and theirs before whom that change waits."""
    if named.account == person.account:
        return True
    if named.type is None or named.sight is None:
        with current().database.read() as conn:
            return held.waits_for(conn, person, named.record)
    if named.book not in person.books():
        return False
    return person.sees(named.book, named.type, named.sight)


def _file_name(person: Person, sha256: str, kind: str) -> str:
    """What a downloaded file is called: after the case that it belongs to, with the ending of what it is."""
    engine, called = current().engine, "gridwalk"
    for each in engine.naming(sha256):
        record = engine.record(person, each.record) if each.type else None
        number = (record or {"fields": {}})["fields"].get("no")
        if isinstance(number, str) and _PLAIN.sub("", number):
            called = _PLAIN.sub("", number)
            break
    return f"{called}-{sha256[:8]}.{_SUFFIX[kind]}"


def _short_name(sha256: str, kind: str) -> str:
    """What a file is called that is only shown."""
    return f"{sha256[:12]}.{_SUFFIX[kind]}"


def serve(person: Person, stored: Stored, size: str = "full", *, download: bool) -> AnyResponse:
    """One size of what is here, called by its name; under its own type, which smaller sizes do not have."""
    kind = stored.type if size == "full" else "image/jpeg"
    name = _file_name(person, stored.sha256, kind) if download else _short_name(stored.sha256, kind)
    opened = partial(current().uploads.gallery.stream, stored, size)
    return _respond(opened, stored.bytes_of(size), kind, f"{stored.blob}-{size}", name, download=download)


def _respond(opened: Open, length: int, kind: str, tag: str, name: str, *, download: bool) -> AnyResponse:
    """The answer to GET and HEAD: 200, 206 of a single range, 304, or the problem `bad_range` (416). ProblemError
    `not_found` where the bytes are gone."""
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        start, stop, status = _asked_part(length, tag)
        stream = opened(start, stop if status == 206 else None)
        if stream is None:
            raise ProblemError("not_found")
        response = Response(stream, status, mimetype=kind)
        response.content_length = stop - start
        if status == 206:
            response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{length}"
    response.set_etag(tag)
    response.headers["Accept-Ranges"] = "bytes"
    # Bytes never change under this name; they are nobody else's.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = f'{"attachment" if download else "inline"}; filename="{name}"'
    return response


def _asked_part(length: int, tag: str) -> tuple[int, int, int]:
    """(first byte, byte after the last, status) of what the request asks for."""
    asked = request.range
    known = request.if_range.etag
    stale = (known is not None and known != tag) or request.if_range.date is not None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or stale:
        return 0, length, 200
    part = asked.range_for_length(length)
    if part is None:
        raise ProblemError("bad_range", {"Content-Range": f"bytes */{length}"}, length=length)
    return part[0], part[1], 206
