"""How bytes go out: parts, marks, names and sizes, as HTTP says."""

from __future__ import annotations

import hashlib
import io

import pytest
from flask import Flask
from PIL import Image

from sync.pictures import MAX_PREVIEW
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import Phone, drawing, report
from web import jobs


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def data(worker: Phone) -> bytes:
    made = drawing(71, (1600, 1200))
    worker.push(report(made))
    assert worker.upload(made).status_code == 204
    return made


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-99", 5, 99),
        ("bytes=100-", 100, -1),
        ("bytes=-10", -10, -1),
        ("bytes=0-9999999", 0, -1),
    ],
)
def test_a_part_is_206_and_says_which(worker: Phone, data: bytes, asked: str, first: int, last: int) -> None:
    whole = worker.get(f"/photos/{sha(data)}").data
    length = len(whole)
    first, last = first % length, last % length
    answer = worker.get(f"/photos/{sha(data)}", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, whole[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{length}"
    assert answer.content_length == last - first + 1


def test_a_part_that_is_not_there_is_416(worker: Phone, data: bytes) -> None:
    answer = worker.get(f"/photos/{sha(data)}", headers={"Range": "bytes=99999999-"})
    assert (answer.status_code, answer.json["code"]) == (416, "bad_range")
    assert answer.headers["Content-Range"].startswith("bytes */")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes", "bytes=9-1"])
def test_what_cannot_be_answered_in_one_part_is_answered_whole(worker: Phone, data: bytes, asked: str) -> None:
    answer = worker.get(f"/photos/{sha(data)}", headers={"Range": asked})
    assert (answer.status_code, len(answer.data)) == (200, answer.content_length)


def test_the_mark_of_a_picture_saves_sending_it_again(worker: Phone, data: bytes) -> None:
    address = f"/photos/{sha(data)}?size=preview"
    first = worker.get(address)
    mark = first.headers["ETag"]
    again = worker.get(address, headers={"If-None-Match": mark, "Range": "bytes=99999999-"})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert worker.get(address, headers={"Range": "bytes=0-9", "If-Range": mark}).status_code == 206
    assert worker.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200
    marks = {worker.get(f"/photos/{sha(data)}?size={size}").headers["ETag"] for size in ("preview", "screen", "full")}
    assert len(marks) == 3


def test_asking_for_the_head_only_tells_the_length(worker: Phone, data: bytes) -> None:
    whole = worker.get(f"/photos/{sha(data)}")
    head = worker.http.head(f"/api/v1/photos/{sha(data)}")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))


def test_a_downloaded_picture_is_called_after_its_case(worker: Phone, data: bytes) -> None:
    page = worker.sync(only=[world.GRID])["books"][0]["records"]
    number = page[0]["fields"]["no"]
    answer = worker.get(f"/photos/{sha(data)}?download=true")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}-{sha(data)[:8]}.jpg"'
    shown = worker.get(f"/photos/{sha(data)}").headers["Content-Disposition"]
    assert shown == f'inline; filename="{sha(data)[:12]}.jpg"'


def test_a_file_opened_by_itself_can_do_nothing(worker: Phone, data: bytes) -> None:
    headers = worker.get(f"/photos/{sha(data)}").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_P1_the_sizes_are_made_by_the_job_and_by_whoever_cannot_wait(app: Flask, worker: Phone, data: bytes) -> None:
    gallery = services(app).uploads.gallery
    assert gallery.unsized() == [sha(data)]
    jobs.finish_pictures(services(app))
    assert gallery.unsized() == []
    stored = gallery.picture(sha(data))
    assert stored is not None
    assert stored.preview_bytes is not None
    assert stored.preview_bytes <= MAX_PREVIEW
    second = drawing(72, (1600, 1200))
    worker.push(report(second))
    worker.upload(second)
    assert len(worker.get(f"/photos/{sha(second)}?size=preview").data) <= MAX_PREVIEW
    assert gallery.unsized() == []


def test_the_job_is_put_into_the_queue_when_a_picture_arrives(app: Flask, data: bytes) -> None:
    queue = jobs.make(services(app))
    waiting = queue.pending()
    assert [task.args for task in waiting] == [(sha(data),)]
    queue.execute(queue.dequeue())
    assert services(app).uploads.gallery.unsized() == []
    queue.storage.close()


def test_a_small_picture_is_its_own_screen_size(app: Flask, worker: Phone) -> None:
    small = drawing(73, (300, 200))
    worker.push(report(small))
    worker.upload(small)
    full, screen = (worker.get(f"/photos/{sha(small)}?size={size}") for size in ("full", "screen"))
    assert full.data == screen.data


def test_what_is_transparent_has_a_white_ground_in_its_small_sizes(worker: Phone) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(out, "PNG")
    worker.push(report(out.getvalue()))
    worker.upload(out.getvalue())
    with Image.open(io.BytesIO(worker.get(f"/photos/{sha(out.getvalue())}?size=preview").data)) as image:
        assert image.convert("1").getbbox() == (0, 0, *image.size)  # white everywhere


def test_a_very_large_picture_is_kept_at_half_its_size_and_a_larger_one_is_refused(worker: Phone) -> None:
    out = io.BytesIO()
    Image.new("L", (7000, 5000), 90).save(out, "JPEG", quality=30)
    worker.push(report(out.getvalue()))
    assert worker.upload(out.getvalue()).status_code == 204
    with Image.open(io.BytesIO(worker.get(f"/photos/{sha(out.getvalue())}").data)) as image:
        assert image.size == (3500, 2500)
    over = io.BytesIO()
    Image.new("L", (8000, 6500), 90).save(over, "JPEG", quality=30)
    worker.push(report(over.getvalue()))
    assert worker.upload(over.getvalue()).json["code"] == "not_a_picture"


def test_a_picture_of_a_thousand_scans_is_refused_before_it_is_decoded(worker: Phone) -> None:
    out = io.BytesIO()
    Image.new("L", (64, 64), 90).save(out, "JPEG", progressive=True)
    plain = out.getvalue()
    scan = plain.index(b"\xff\xda")
    bomb = plain[:scan] + plain[scan:-2] * 200 + plain[-2:]
    worker.push(report(bomb))
    answer = worker.upload(bomb)
    assert (answer.json["code"], answer.json["why"]) == ("not_a_picture", "too_many_scans")
