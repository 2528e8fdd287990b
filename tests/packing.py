"""What a body says, however it was packed: for whoever stands between a phone and its server."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping

from api.bodies import PHRASES, ZLIB


def unpacked(headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes that were meant."""
    said = {name.lower(): value for name, value in headers.items()}
    if said.get("content-type") == ZLIB:
        return zlib.decompressobj(zdict=PHRASES).decompress(body)
    return gzip.decompress(body) if said.get("content-encoding") == "gzip" else body
