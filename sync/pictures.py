"""What counts as a picture, and what of it is kept: the pixels, nothing else (P3).

Every picture is decoded and encoded anew: what a camera wrote beside the pixels (place, owner, serial number) and
what a stranger hid behind them does not come along. Pictures are read from files and written to files; what is in
memory is the pixels, never more than MOST_DECODED of them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Real formats that are taken, and what each is served as. (Some phones write JPEGs that Pillow calls MPO.)"""

MAX_PIXELS: Final = 50_000_000
MOST_DECODED: Final = 25_000_000
"""Pixels: a larger JPEG is kept at half its width and height, a larger picture of another kind is not taken."""
MOST_SCANS: Final = 100
"""A progressive JPEG has about ten; thousands would keep a decoder busy for hours."""

MAX_PREVIEW: Final = 20_000
"""Bytes: a preview must come through where hardly anything does."""
SCREEN_EDGE: Final = 1280
"""Pixels along the longer side of the size that screens show."""

_SCAN: Final = b"\xff\xda"
_PIECE: Final = 64 * 1024

_PREVIEWS: Final = ((480, 70), (480, 50), (400, 45), (320, 40), (240, 35), (160, 25))


class NotAPictureError(Exception):
    """The bytes are not a picture that can be shown. `why` is one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a clean picture: what it is served as, its size in pixels."""

    type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Clean bytes of a picture, with its size in pixels, and a small JPEG of it."""

    data: bytes
    type: str
    width: int
    height: int
    preview: bytes


def clean_file(source: Path, target: Path) -> Facts:
    """Write the picture in `source` to `target`, upright and without its metadata. NotAPictureError if there is none."""
    try:
        return _clean(source, target)
    except NotAPictureError:
        raise
    except Exception as error:  # whatever a hostile file makes the decoder trip over
        raise NotAPictureError("unreadable") from error


def clean(data: bytes) -> Picture:
    """The same of a picture that is in memory already, with a preview (drawn pictures, tests)."""
    out = io.BytesIO()
    try:
        facts = _clean(io.BytesIO(data), out)
    except NotAPictureError:
        raise
    except Exception as error:
        raise NotAPictureError("unreadable") from error
    with Image.open(io.BytesIO(out.getvalue())) as image:
        return Picture(out.getvalue(), facts.type, facts.width, facts.height, preview(image))


def _clean(source: Any, target: Any) -> Facts:
    with Image.open(source, formats=("JPEG", "PNG", "WEBP")) as image:
        if image.format not in TYPES:
            raise NotAPictureError("format")
        kind = TYPES[image.format]
        _bound(image, kind, source)
        image.load()
        turned = bool(image.getexif().get(0x0112, 1) != 1)
        upright = ImageOps.exif_transpose(image) if turned else image
        size = upright.width, upright.height
        _encode(upright, kind, target, keep=not turned)
        return Facts(kind, *size)


def _bound(image: Image.Image, kind: str, source: Any) -> None:
    """Refuse, or halve, what would need more than its share of memory or time; nothing is decoded yet."""
    pixels = image.width * image.height
    if pixels > MAX_PIXELS or (pixels > MOST_DECODED and kind != "image/jpeg"):
        raise NotAPictureError("too_many_pixels")
    if kind != "image/jpeg":
        return
    if _scans(source) > MOST_SCANS:
        raise NotAPictureError("too_many_scans")
    if pixels > MOST_DECODED:
        image.draft("RGB", (image.width // 2, image.height // 2))


def _scans(source: Any) -> int:
    """How many scans a JPEG has (counted as far as one too many): its marker cannot stand inside a scan."""
    if isinstance(source, io.BytesIO):
        return source.getvalue().count(_SCAN)
    count, last = 0, b""
    with Path(source).open("rb") as file:
        while count <= MOST_SCANS and (piece := file.read(_PIECE)):
            count += (last + piece).count(_SCAN)
            last = piece[-1:]
    return count


def _encode(image: Image.Image, kind: str, target: Any, *, keep: bool) -> None:
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.info = {}  # comments, profiles, Exif, XMP: all of it would be written again
    if kind == "image/jpeg":
        # "keep" reuses the file's own tables, so that nothing visible is lost by writing it anew.
        keep = keep and image.format in {"JPEG", "MPO"} and image.mode in {"RGB", "L"}
        image = image if image.mode in {"RGB", "L"} else image.convert("RGB")
        image.save(target, "JPEG", quality="keep" if keep else 90, exif=b"")
    elif kind == "image/png":
        image.save(target, "PNG")
    else:
        image.save(target, "WEBP", quality=85, exif=b"")


def preview(image: Image.Image) -> bytes:
    """A JPEG of at most MAX_PREVIEW bytes."""
    small = _flat(image, 480)
    for edge, quality in _PREVIEWS:
        small.thumbnail((edge, edge))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MAX_PREVIEW:
            break
    return out.getvalue()


def smaller(source: Path) -> dict[str, bytes]:
    """The smaller sizes of a clean picture, both JPEG: "preview", and "screen" where the picture is larger than that."""
    with Image.open(source, formats=("JPEG", "PNG", "WEBP")) as image:
        sizes = {}
        if max(image.size) > SCREEN_EDGE:
            shown = _flat(image, SCREEN_EDGE)
            out = io.BytesIO()
            shown.save(out, "JPEG", quality=80, optimize=True, progressive=True)
            sizes["screen"] = out.getvalue()
            return {**sizes, "preview": preview(shown)}
        return {"preview": preview(image)}


def _flat(image: Image.Image, edge: int) -> Image.Image:
    """The picture at most `edge` pixels long, as plain colours; what is transparent becomes white."""
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (edge, edge))  # a decoder can leave pixels out, which costs less than dropping them
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        image = Image.new("RGB", clear.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    small = image.convert("RGB")
    small.thumbnail((edge, edge))
    return small
