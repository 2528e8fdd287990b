"""Pictures for tests: small, real, each its own."""

from __future__ import annotations

import io
from itertools import count

from PIL import Image

_NUMBERS = count(1)


def jpeg(width: int = 64, height: int = 48) -> bytes:
    """A JPEG of one colour that no other of this run has."""
    number = next(_NUMBERS)
    out = io.BytesIO()
    Image.new("RGB", (width, height), (number % 256, number // 256 % 256, 90)).save(out, "JPEG")
    return out.getvalue()
