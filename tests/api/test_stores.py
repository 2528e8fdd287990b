"""The same on every store: a folder, and a real S3 end point. Bytes go in, come out in parts, and are let go."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from sync.blobs import Blobs, StoreDownError
from sync.clock import FixedClock
from sync.gallery import GRACE
from tests.api import world
from tests.api.conftest import S3, Place, services, serving
from tests.api.phone import Phone, report
from tests.s3 import Store
from web.config import Config


@pytest.fixture
def app(config: Config, clock: FixedClock, store: Place) -> Iterator[Flask]:
    yield from serving(replace(config, blobs_url=store.url), clock)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def noisy(seed: int, size: tuple[int, int] = (1800, 1350)) -> bytes:
    """A picture that is large on the disk, too, as those of cameras are."""
    out = io.BytesIO()
    image = Image.effect_noise(size, 80 + seed).convert("RGB")
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def test_bytes_come_back_whole_and_in_parts(store: Place, tmp_path: Path) -> None:
    blobs, data = Blobs.at(store.url), bytes(range(256)) * 30_000  # more than one part of a transfer
    source = tmp_path / "source"
    source.write_bytes(data)
    blobs.put("a/b.full", source)
    assert blobs.get("a/b.full") == data
    for start, stop in ((0, 1), (0, 100), (99, 5_300_000), (len(data) - 7, len(data)), (5, None)):
        found = blobs.stream("a/b.full", start, stop)
        assert found is not None
        assert b"".join(found) == data[start:stop]
    assert blobs.fetch("a/b.full", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    blobs.put("a/b.full", b"another")
    assert blobs.get("a/b.full") == b"another"
    blobs.delete("a/b.full")
    blobs.delete("a/b.full")
    assert not blobs.has("a/b.full")
    assert blobs.stream("a/b.full") is None
    assert not blobs.fetch("a/b.full", tmp_path / "copy")


def test_P2_a_picture_goes_up_in_pieces_and_comes_back_in_every_size(app: Flask, worker: Phone) -> None:
    data = noisy(1)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    middle = len(data) // 2
    assert worker.patch(where, 0, data[:middle]).status_code == 204
    assert worker.patch(where, middle, data[middle:]).status_code == 204
    full = worker.get(f"/photos/{sha(data)}?size=full")
    assert full.content_length == len(full.data)
    for size, edge in (("full", 1800), ("screen", 1280), ("preview", 480)):
        answer = worker.get(f"/photos/{sha(data)}?size={size}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        with Image.open(io.BytesIO(answer.data)) as image:
            assert max(image.size) == edge or (size == "preview" and max(image.size) < edge)
    part = worker.get(f"/photos/{sha(data)}", headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.data == full.data[1000:2000]


def test_S4_what_nobody_names_any_more_leaves_the_store(app: Flask, worker: Phone, clock: FixedClock) -> None:
    at, data = services(app), noisy(2)
    sent = report(data)
    worker.push(sent)
    worker.upload(data)
    assert at.uploads.bytes_of(sha(data), "preview")
    stored = at.uploads.picture(sha(data))
    assert stored is not None
    keys = [f"pictures/{sha(data)[:2]}/{stored.blob}.{size}" for size in ("full", "screen", "preview")]
    assert all(map(at.blobs.has, keys))
    clock.move(GRACE + 1000)
    at.engine.erase(world.GRID, sent["record"])
    assert at.uploads.forget_unnamed() == 1
    assert not any(map(at.blobs.has, keys))


def test_two_who_send_the_same_picture_have_it_stored_once(app: Flask, worker: Phone) -> None:
    at, data = services(app), noisy(3)
    worker.push(report(data))
    worker.upload(data)
    before = at.uploads.picture(sha(data))
    early = Phone(app).sign_in("outsider")
    facts = early.upload_headers(data)["Upload-Metadata"] + ",early"
    begun = early.begin_upload(data, **{"Upload-Metadata": facts})
    assert begun.headers["Upload-Offset"] == "0"  # nobody is told what others have sent
    assert early.patch(begun.headers["Location"], 0, data).status_code == 204
    assert at.uploads.picture(sha(data)) == before


@pytest.mark.parametrize("store", [S3], indirect=True)  # a folder that is away takes the books with it
def test_P2_a_store_that_is_away_costs_a_moment_and_no_bytes(app: Flask, worker: Phone, bucket: Store) -> None:
    data = noisy(4)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    bucket.kill()
    answer = worker.patch(where, 0, data)
    assert (answer.status_code, answer.json["code"]) == (503, "store_down")
    assert answer.headers["Retry-After"]
    assert worker.get(f"/photos/{sha(data)}").status_code == 404
    with pytest.raises(StoreDownError):
        services(app).blobs.get("a")
    bucket.start()
    assert services(app).uploads.finish_waiting() == 1
    assert worker.offset(where) == len(data)
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


@pytest.mark.parametrize("odd", ["s3://bucket?password=x", "s3://bucket?endpoint", "nonsense://x"])
def test_an_address_that_is_not_understood_is_said_at_the_start(odd: str) -> None:
    with pytest.raises(Exception, match=r"."):
        Blobs.at(odd)
