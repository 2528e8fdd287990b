"""Gzip for what people's browsers fetch: pages, and the files of the phone app. Lines in stairwells are thin."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, request, send_from_directory

_TYPES: Final = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "image/svg+xml",
        "application/json",
        "application/manifest+json",
        "application/problem+json",
    }
)
_WORTH: Final = 1024


def install(app: Flask) -> None:
    """Pack every answer that is text and has not been packed yet."""
    app.after_request(_pack)


def file(folder: Path, path: str) -> Response:
    """A file of `folder`, packed if the browser can unpack it. NotFound where there is none."""
    response = send_from_directory(folder, path)
    if response.status_code == 200 and _is_wanted(response):
        found = folder / path
        state = found.stat()
        data = _packed_file(found, state.st_mtime_ns, state.st_size)
        response.close()  # the plain file
        response.set_data(data)
        response.direct_passthrough = False
        _mark(response)
    return response


@lru_cache(maxsize=128)
def _packed_file(path: Path, _changed: int, _size: int) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)


def _is_wanted(response: Response) -> bool:
    if response.mimetype not in _TYPES:
        return False
    response.vary.add("Accept-Encoding")
    large = response.content_length is None or response.content_length >= _WORTH
    return large and request.accept_encodings["gzip"] > 0 and "Range" not in request.headers


def _mark(response: Response) -> None:
    response.headers["Content-Encoding"] = "gzip"
    # Other bytes are another entity: they must not answer to the name of the plain ones.
    tag, _weak = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)


def _pack(response: Response) -> Response:
    """Pages carry nothing secret that a stranger could mix words of his own with, so their length tells nothing."""
    plain = "Content-Encoding" not in response.headers and not response.direct_passthrough
    if plain and not response.is_streamed and response.status_code != 304 and _is_wanted(response):
        data = response.get_data()
        if len(data) >= _WORTH:
            response.set_data(gzip.compress(data, compresslevel=5, mtime=0))
            _mark(response)
    return response
