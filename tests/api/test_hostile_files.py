"""P3: files that are not what they say they are. Refused with a clear code, or cleaned; nothing of them is stored, nothing
is ever served as anything but a picture. On a folder, and on a real S3 end point."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image

from sync.clock import FixedClock
from sync.protocol import MAX_PICTURE
from tests.api.conftest import Place, services, serving
from tests.api.phone import Phone, drawing, report
from web.config import Config

SCRIPT = b"<script>alert('SECRET')</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>" + SCRIPT + b"</svg>"
PAGE = b"<!doctype html><title>x</title>" + SCRIPT


@pytest.fixture
def app(config: Config, clock: FixedClock, store: Place) -> Iterator[Flask]:
    yield from serving(replace(config, blobs_url=store.url), clock)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def drawn(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """A piece of a PNG, its check sum right."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """After the header of the PNG."""
    return png[:33] + chunk(name, data) + png[33:]


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("SECRET.html", PAGE)
    return out.getvalue()


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """The same JPEG, which now says that it is so large."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def refused() -> dict[str, bytes]:
    jpeg, png = drawing(10), drawn("PNG")
    return {
        "a page": PAGE,
        "an svg": SVG,
        "an svg that says xml first": b"<?xml version='1.0'?>" + SVG,
        "a packed svg": gzip.compress(SVG),
        "a page that begins like a gif": b"GIF89a/*" + PAGE + b"*/=1;alert(1)//",
        "a page that begins like a bitmap": b"BM/*" + PAGE,
        "a page before a picture": b"<!--" + jpeg,
        "a document with a picture in it": b"%PDF-1.4\n" + jpeg + b"\n%%EOF",
        "an archive before a picture": archive() + jpeg,
        "a program": b"\x7fELF" + bytes(200),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\n",
        "the head of a picture and then a page": jpeg[:20] + PAGE,
        "the first three bytes of a picture": jpeg[:3],
        "half a picture": jpeg[: len(jpeg) // 2],
        "half a png": png[:-30],
        "half a webp": drawn("WEBP")[:-8],
        "a png without anything in it": png[:16] + bytes(17),
        "a gif": drawn("GIF"),
        "a bitmap": drawn("BMP"),
        "a tiff": drawn("TIFF"),
        "an icon": drawn("ICO"),
        "noise": bytes(range(256)) * 4,
        "one byte": b"\xff",
        "four hundred million pixels": drawn("PNG", (20_000, 20_000), "1"),
        "a jpeg that says it has four thousand million pixels": claiming(jpeg, 65_500, 65_500),
        "a png that says it has no width": png[:16] + bytes(4) + png[20:],
        "a hundred megabytes of text in a png": with_chunk(
            png, b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)
        ),
        "a hundred megabytes of a colour profile in a png": with_chunk(
            png, b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000), 9)
        ),
        "a sound": b"OggS" + bytes(300),
    }


def cleaned() -> dict[str, bytes]:
    """A picture, and something beside it: the picture is kept, the rest is not."""
    exif = Image.Exif()
    exif[0x010E] = PAGE.decode()
    jpeg = drawing(11, exif=exif, comment=PAGE)
    webp = io.BytesIO()
    Image.new("RGB", (40, 30)).save(webp, "WEBP", xmp=SVG, exif=exif)
    return {
        "a jpeg that speaks html": jpeg,
        "a jpeg and then a page": drawing(12) + PAGE,
        "a jpeg and then an archive": drawing(13) + archive(),
        "a png and then a page": drawn("PNG", (41, 30)) + PAGE,
        "a png with words in it": with_chunk(drawn("PNG", (42, 30)), b"tEXt", b"Comment\0" + PAGE),
        "a webp with an svg in it": webp.getvalue(),
    }


def left_over(app: Flask) -> list[str]:
    """What lies in the folder of unfinished uploads and is not empty."""
    return [each.name for each in (services(app).config.data / "uploads").iterdir() if each.stat().st_size]


def test_P3_what_is_no_picture_is_refused_by_a_word_and_nothing_of_it_is_stored_or_served(
    app: Flask, worker: Phone, store: Place
) -> None:
    before = store.files()
    for name, data in refused().items():
        worker.push(report(data))
        answer = worker.upload(data)
        assert answer.status_code == 422, (name, answer.text)
        assert answer.json["code"] in ("not_a_picture", "not_a_voice"), (name, answer.json)
        assert answer.json["why"], name
        for address in (f"/photos/{sha(data)}", f"/photos/{sha(data)}?size=preview", f"/voices/{sha(data)}"):
            assert worker.get(address).status_code == 404, name
        assert worker.begin_upload(data).status_code == 422, f"{name}: need not be sent again to hear it"
    services(app).uploads.finish_waiting()
    assert left_over(app) == []
    assert store.files() == before


def test_P3_what_hides_in_a_picture_does_not_come_along_in_any_size(app: Flask, worker: Phone, store: Place) -> None:
    before = store.files()
    for name, data in cleaned().items():
        worker.push(report(data))
        assert worker.upload(data).status_code == 204, name
        for size in ("full", "screen", "preview"):
            answer = worker.get(f"/photos/{sha(data)}?size={size}")
            assert answer.status_code == 200, name
            assert answer.mimetype.startswith("image/"), name
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            with Image.open(io.BytesIO(answer.data)) as image:
                image.load()
                assert not image.getexif()
            assert b"SECRET" not in answer.data, name
            assert b"script" not in answer.data, name
    assert left_over(app) == []
    assert all(b"SECRET" not in each.read_bytes() for each in store.files() - before)


def test_P3_claims_and_names_that_lie_are_refused_or_not_even_looked_at(
    app: Flask, worker: Phone, store: Place
) -> None:
    data, before = drawing(14), store.files()
    worker.push(report(data))
    for length, status, code in (
        ("0", 400, "malformed"),
        ("-1", 400, "malformed"),
        (str(MAX_PICTURE + 1), 413, "too_large"),
        (str(4 * 1024**3), 413, "too_large"),
        ("9" * 30, 400, "malformed"),
    ):
        answer = worker.begin_upload(data, **{"Upload-Length": length})
        assert (answer.status_code, answer.json["code"]) == (status, code)
    assert worker.begin_upload(b"").status_code == 400
    assert left_over(app) == []
    for name in (b"../../../../etc/cron.d/x", b"..\\..\\x.html", b"/abs/x.svg", b"x.jpg\x00.html", b"x.html"):
        facts = worker.upload_headers(data)["Upload-Metadata"] + ",filename " + base64.b64encode(name).decode()
        assert worker.begin_upload(data, **{"Upload-Metadata": facts}).status_code == 201
    assert worker.upload(data).status_code == 204
    assert worker.get(f"/photos/{sha(data)}?download=1").headers["Content-Disposition"].endswith('.jpg"')
    assert {each.suffix for each in store.files() - before} <= {".full", ".screen", ".preview"}
    for odd in ("../uploads", "..%2f..%2fetc%2fpasswd", "a" * 64 + "/../x", "%00"):
        assert worker.get(f"/photos/{odd}").status_code == 404
