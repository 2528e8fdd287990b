"""What counts as a picture, and what of it is kept: the pixels, nothing else (P3).

Every picture is decoded and encoded anew: what a camera wrote beside the pixels (place, owner, serial number) and
what a stranger hid behind them does not come along.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Real formats that are taken, and what each is served as. (Some phones write JPEGs that Pillow calls MPO.)"""

MAX_PIXELS: Final = 50_000_000
MAX_PREVIEW: Final = 20_000
"""Bytes: a preview must come through where hardly anything does."""

_PREVIEWS: Final = ((480, 70), (480, 50), (400, 45), (320, 40), (240, 35), (160, 25))


class NotAPictureError(Exception):
    """The bytes are not a picture that can be shown. `why` is one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Picture:
    """Clean bytes of a picture, with its size in pixels, and a small JPEG of it."""

    data: bytes
    type: str
    width: int
    height: int
    preview: bytes


def clean(data: bytes) -> Picture:
    """The picture in `data` without its metadata, upright, with a preview. NotAPictureError if there is none."""
    try:
        return _clean(data)
    except NotAPictureError:
        raise
    except Exception as error:  # whatever a hostile file makes the decoder trip over
        raise NotAPictureError("unreadable") from error


def _clean(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
        if image.format not in TYPES:
            raise NotAPictureError("format")
        if image.width * image.height > MAX_PIXELS:
            raise NotAPictureError("too_many_pixels")
        kind = TYPES[image.format]
        image.load()
        upright = ImageOps.exif_transpose(image)
        turned = bool(image.getexif().get(0x0112, 1) != 1)
        encoded = _encode(image if kind == "image/jpeg" and not turned else upright, kind, keep=not turned)
        return Picture(encoded, kind, upright.width, upright.height, _preview(upright))


def _encode(image: Image.Image, kind: str, *, keep: bool) -> bytes:
    out = io.BytesIO()
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.info = {}  # comments, profiles, Exif, XMP: all of it would be written again
    if kind == "image/jpeg":
        # "keep" reuses the file's own tables, so that nothing visible is lost by writing it anew.
        image.save(out, "JPEG", quality="keep" if keep and image.format in {"JPEG", "MPO"} else 90, exif=b"")
    elif kind == "image/png":
        image.save(out, "PNG")
    else:
        image.save(out, "WEBP", quality=85, exif=b"")
    return out.getvalue()


def _preview(image: Image.Image) -> bytes:
    small = image.convert("RGB")
    for edge, quality in _PREVIEWS:
        small.thumbnail((edge, edge))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MAX_PREVIEW:
            break
    return out.getvalue()
