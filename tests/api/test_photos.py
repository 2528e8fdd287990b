"""Pictures on their way out: to those who see a record that names them, as an image and nothing else."""

from __future__ import annotations

import hashlib
import io

import pytest
from flask import Flask
from PIL import Image

from sync.clock import FixedClock
from sync.pictures import MAX_PREVIEW
from sync.uploads import GRACE
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import Phone, change, drawing, report

pytestmark = pytest.mark.both_databases


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def picture(worker: Phone) -> bytes:
    """A picture of a case of the worker's, whole on the server."""
    data = drawing(21, (1600, 1200))
    worker.push(report(data))
    assert worker.upload(data).status_code == 204
    return data


@pytest.mark.parametrize("login", ["worker", "worker2", "head", "supervisor", "command"])
def test_whoever_sees_the_case_sees_its_picture(app: Flask, picture: bytes, login: str) -> None:
    assert Phone(app).sign_in(login).get(f"/photos/{sha(picture)}?size=preview").status_code == 200


@pytest.mark.parametrize("login", ["outsider", "captain", "captain2", "guard", "handler", "admin"])
def test_whoever_does_not_see_the_case_is_told_that_there_is_none(app: Flask, picture: bytes, login: str) -> None:
    stranger = Phone(app).sign_in(login)
    for size in ("preview", "full"):
        answer = stranger.get(f"/photos/{sha(picture)}?size={size}")
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_handler_sees_the_pictures_of_what_is_dispatched_to_them(app: Flask, worker: Phone) -> None:
    data = drawing(22)
    sent = report(data)
    worker.push(sent)
    worker.upload(data)
    supervisor, handler = Phone(app).sign_in("supervisor"), Phone(app).sign_in("handler")
    assert handler.get(f"/photos/{sha(data)}").status_code == 404
    seq = supervisor.get(f"/records/{sent['record']}").json["seq"]
    seq = supervisor.push(change(sent["record"], seq, {"status": {"from": "reported", "to": "accepted", "cycle": 1}}))[
        "seq"
    ]
    written = {
        "status": {"from": "accepted", "to": "assigned", "cycle": 1},
        "assignees": {handler.account: {"as": "owner"}},
    }
    seq = supervisor.get(f"/records/{sent['record']}").json["seq"]
    supervisor.push(change(sent["record"], seq, written))
    assert handler.get(f"/photos/{sha(data)}").status_code == 200


def test_P3_a_picture_is_served_as_an_image_that_never_changes_for_one_persons_eyes(
    worker: Phone, picture: bytes
) -> None:
    answer = worker.get(f"/photos/{sha(picture)}?size=full")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    again = worker.get(f"/photos/{sha(picture)}?size=full", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == (1600, 1200)


def test_a_preview_is_small(worker: Phone, picture: bytes) -> None:
    answer = worker.get(f"/photos/{sha(picture)}?size=preview")
    assert len(answer.data) <= MAX_PREVIEW
    with Image.open(io.BytesIO(answer.data)) as image:
        assert max(image.size) <= 480


def test_P1_the_phones_own_preview_is_shown_while_the_large_picture_is_on_its_way(
    worker: Phone, supervisor: Phone
) -> None:
    large, small = drawing(23, (1600, 1200)), drawing(24, (320, 240))
    sent = report(large)
    sent["set"]["photos"][sha(large)]["preview"] = sha(small)
    worker.push(sent)
    assert supervisor.get(f"/photos/{sha(large)}?size=preview").status_code == 404
    assert worker.upload(small).status_code == 204
    shown = supervisor.get(f"/photos/{sha(large)}?size=preview")
    assert shown.status_code == 200
    with Image.open(io.BytesIO(shown.data)) as image:
        assert image.size == (320, 240)
    assert supervisor.get(f"/photos/{sha(large)}?size=full").status_code == 404


def test_before_the_bytes_are_here_there_is_no_picture(worker: Phone) -> None:
    data = drawing(25)
    worker.push(report(data))
    assert worker.get(f"/photos/{sha(data)}").status_code == 404


def test_the_picture_of_a_held_change_is_its_authors_alone(app: Flask, worker: Phone) -> None:
    data = drawing(26)
    receipt = worker.sync(report(data, book=world.OTHER_GRID))["receipts"][0]
    assert receipt["outcome"] == "held"
    assert worker.upload(data).status_code == 204
    assert worker.get(f"/photos/{sha(data)}").status_code == 200
    assert Phone(app).sign_in("worker2").get(f"/photos/{sha(data)}").status_code == 404


@pytest.mark.parametrize("odd", ["x", "A" * 64, "../" * 5, "0" * 63, "%00" * 64])
def test_odd_names_of_pictures_are_not_found(worker: Phone, odd: str) -> None:
    assert worker.get(f"/photos/{odd}").status_code == 404


def test_an_unknown_size_is_refused_by_name(worker: Phone, picture: bytes) -> None:
    answer = worker.get(f"/photos/{sha(picture)}?size=huge")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert "size" in answer.json["errors"]


def test_S4_the_pictures_of_an_erased_case_are_gone_from_the_disk(
    app: Flask, worker: Phone, supervisor: Phone, clock: FixedClock
) -> None:
    kept, gone, begun = drawing(41), drawing(42), drawing(43)
    worker.push(report(kept))
    sent = report(kept, gone, begun)
    worker.push(sent)
    for each in (kept, gone):
        worker.upload(each)
    where = worker.begin_upload(begun).headers["Location"]
    worker.patch(where, 0, begun[:100])
    at = services(app)
    clock.move(GRACE + 1000)
    assert at.uploads.forget_unnamed() == 0
    at.engine.erase(world.GRID, sent["record"])
    assert supervisor.get(f"/photos/{sha(gone)}").status_code == 404
    assert at.uploads.forget_unnamed() == 1
    assert at.uploads.bytes_of(sha(gone), "full") is at.uploads.bytes_of(sha(gone), "preview") is None
    assert not (at.config.data / "uploads" / where.rpartition("/")[2]).exists()
    assert supervisor.get(f"/photos/{sha(kept)}").status_code == 200
