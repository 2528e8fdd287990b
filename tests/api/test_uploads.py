"""Pictures on their way in: resumable, checked, stripped; and never anything but a picture."""

from __future__ import annotations

import hashlib
import io
import socket
import time
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from sync.protocol import MAX_PICTURE
from tests.api.conftest import services
from tests.api.line import Line
from tests.api.phone import HEADERS, TUS, Phone, drawing, report
from tests.server import Server

pytestmark = pytest.mark.both_databases

UPLOADS = "/api/v1/uploads"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_server_says_what_its_uploads_can_do(phone: Phone) -> None:
    answer = phone.http.options(UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer.headers["Tus-Max-Size"]) == MAX_PICTURE


def test_P1_text_first_then_the_picture_in_one_piece(worker: Phone) -> None:
    data = drawing(1)
    early = worker.begin_upload(data)
    assert (early.status_code, early.json["code"]) == (409, "not_named")
    worker.push(report(data))
    begun = worker.begin_upload(data)
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "0")
    done = worker.patch(begun.headers["Location"], 0, data)
    assert (done.status_code, done.headers["Upload-Offset"]) == (204, str(len(data)))
    assert worker.get(f"/photos/{sha(data)}").mimetype == "image/jpeg"


def test_P2_a_cut_transfer_goes_on_where_it_stopped(worker: Phone) -> None:
    data = drawing(2)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    at = 0
    for piece in (data[:1], data[1:5000], data[5000:5001], data[5001:]):
        assert worker.offset(where) == at
        assert worker.patch(where, at, piece).status_code == 204
        at += len(piece)
    assert worker.patch(where, len(data), b"").status_code == 204
    head = worker.http.head(where, headers=TUS)
    assert head.headers["Upload-Offset"] == head.headers["Upload-Length"] == str(len(data))
    assert head.headers["Cache-Control"] == "no-store"


def test_beginning_again_finds_what_is_here_already(worker: Phone) -> None:
    data = drawing(3)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    worker.patch(where, 0, data[:700])
    again = worker.begin_upload(data)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (where, "700")
    worker.patch(where, 700, data[700:])
    assert worker.begin_upload(data).headers["Upload-Offset"] == str(len(data))


def test_two_people_who_name_the_same_picture_send_it_once(app: Flask, worker: Phone) -> None:
    data = drawing(4)
    worker.push(report(data))
    worker.upload(data)
    other = Phone(app).sign_in("worker2")
    other.push(report(data))
    assert other.begin_upload(data).headers["Upload-Offset"] == str(len(data))


def test_a_wrong_offset_changes_nothing_and_says_the_right_one(worker: Phone) -> None:
    data = drawing(5)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    worker.patch(where, 0, data[:100])
    for wrong in (0, 50, 101):
        answer = worker.patch(where, wrong, data[wrong : wrong + 10])
        assert (answer.status_code, answer.json["code"]) == (409, "wrong_offset")
        assert answer.headers["Upload-Offset"] == "100"
    assert worker.offset(where) == 100


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"Tus-Resumable": "0.2.2"}, 412, "tus_version", id="another version"),
        pytest.param({"Upload-Length": "-1"}, 400, "malformed", id="a length below nothing"),
        pytest.param({"Upload-Length": "many"}, 400, "malformed", id="a length that is no number"),
        pytest.param({"Upload-Length": "0"}, 400, "malformed", id="no bytes at all"),
        pytest.param({"Upload-Length": str(MAX_PICTURE + 1)}, 413, "too_large", id="more than a picture may have"),
        pytest.param({"Upload-Metadata": ""}, 400, "malformed", id="no hash"),
        pytest.param({"Upload-Metadata": "sha256 !!!"}, 400, "malformed", id="no base64"),
        pytest.param({"Upload-Metadata": "sha256 YWJj"}, 400, "malformed", id="a hash that is none"),
    ],
)
def test_a_creation_with_a_wrong_header_is_refused(
    worker: Phone, headers: dict[str, str], status: int, code: str
) -> None:
    data = drawing(6)
    worker.push(report(data))
    answer = worker.begin_upload(data, **headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_a_declared_type_that_is_no_picture_is_415(worker: Phone) -> None:
    data = drawing(6)
    worker.push(report(data))
    metadata = worker.upload_headers(data)["Upload-Metadata"].partition(",")[0] + ",filetype dGV4dC9odG1s"
    assert worker.begin_upload(data, **{"Upload-Metadata": metadata}).status_code == 415


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "2.0.0"}, 412),
        ({"Content-Type": "image/jpeg"}, 415),
        ({"Upload-Offset": "x"}, 400),
        ({"Upload-Offset": "-5"}, 400),
    ],
    ids=str,
)
def test_a_piece_with_a_wrong_header_is_refused(worker: Phone, headers: dict[str, str], status: int) -> None:
    data = drawing(7)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    assert worker.patch(where, 0, data, **headers).status_code == status
    assert worker.offset(where) == 0


def test_more_bytes_than_were_announced_are_too_large(worker: Phone) -> None:
    data = drawing(8)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    assert worker.patch(where, 0, data + b"more").status_code == 413


def test_P2_damaged_bytes_are_refused_and_can_be_sent_again(worker: Phone) -> None:
    data = drawing(9)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    answer = worker.patch(where, 0, data[:-1] + bytes([data[-1] ^ 1]))
    assert (answer.status_code, answer.json["code"]) == (460, "wrong_hash")
    assert worker.get(f"/photos/{sha(data)}").status_code == 404
    assert worker.offset(where) == 0
    assert worker.patch(where, 0, data).status_code == 204


def test_P3_what_hides_beside_the_pixels_does_not_come_along(worker: Phone) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (30.0, 44.0, 31.0)}
    data = drawing(11, (640, 480), exif=exif, comment=b"SecretComment") + b"<script>SecretTail</script>"
    worker.push(report(data))
    assert worker.upload(data).status_code == 204
    for size in ("full", "preview"):
        served = worker.get(f"/photos/{sha(data)}?size={size}").data
        assert b"Secret" not in served
        with Image.open(io.BytesIO(served)) as image:
            assert not image.getexif()
            assert image.width < image.height  # turned upright, as it was taken


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("WEBP", "image/webp")])
def test_png_and_webp_are_pictures_too_whatever_they_are_called(worker: Phone, kind: str, mime: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 30)).save(out, kind)
    worker.push(report(out.getvalue()))
    assert worker.upload(out.getvalue()).status_code == 204  # declared as image/jpeg by the test's phone
    assert worker.get(f"/photos/{sha(out.getvalue())}").mimetype == mime


def test_nobody_goes_on_with_somebody_elses_upload(app: Flask, worker: Phone) -> None:
    data = drawing(12)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    other = Phone(app).sign_in("worker2")
    assert other.http.head(where, headers=TUS).status_code == 404
    assert other.patch(where, 0, data).status_code == 404


@pytest.mark.parametrize("odd", ["x", "..", "%2e%2e%2f%2e%2e%2fsecret", "0" * 300])
def test_odd_upload_addresses_are_not_found(worker: Phone, odd: str) -> None:
    assert worker.http.head(f"{UPLOADS}/{odd}", headers=TUS).status_code == 404


def test_two_requests_do_not_write_one_upload_at_a_time(app: Flask, worker: Phone) -> None:
    data = drawing(13)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    uploads = services(app).uploads
    row = uploads.find(worker.account, where.rpartition("/")[2])
    assert row is not None
    answers: list[Any] = []

    def pieces() -> Any:
        yield data[:10]
        answers.append(worker.patch(where, 0, data))
        yield data[10:20]

    assert uploads.receive(row, 0, pieces()) == 20
    assert (answers[0].status_code, answers[0].json["code"]) == (423, "upload_busy")


def test_a_server_that_died_before_checking_the_last_byte_checks_it_later(app: Flask, worker: Phone) -> None:
    data = drawing(14)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    folder = services(app).config.data / "uploads"
    (folder / where.rpartition("/")[2]).write_bytes(data)
    assert worker.offset(where) == len(data)
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


def test_a_server_that_died_on_damaged_bytes_asks_for_them_again(app: Flask, worker: Phone) -> None:
    data = drawing(15)
    worker.push(report(data))
    where = worker.begin_upload(data).headers["Location"]
    (services(app).config.data / "uploads" / where.rpartition("/")[2]).write_bytes(b"x" * len(data))
    assert worker.offset(where) == 0


def test_P2_half_a_request_over_a_dying_line_is_kept_and_survives_the_death_of_the_server(own_server: Server) -> None:
    line = Line(own_server).sign_in("worker")
    data = drawing(16, (1600, 1200), quality=95)
    line.sync(report(data))
    where = line.begin_upload(data)
    head = f"PATCH {where} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Gridwalk: 1\r\nCookie: {line.cookie}\r\n"
    head += "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
    with socket.create_connection(("127.0.0.1", own_server.config.port)) as wire:
        wire.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data[: len(data) // 2])
        time.sleep(0.3)
    for _ in range(50):
        if line.offset(where) == len(data) // 2:
            break
        time.sleep(0.1)
    assert line.offset(where) == len(data) // 2
    own_server.kill()
    own_server.start()
    assert line.offset(where) == len(data) // 2
    assert line.patch(where, len(data) // 2, data[len(data) // 2 :]).status == 204
    assert line.get(f"/api/v1/photos/{sha(data)}?size=full").status == 200


def test_headers_of_a_missing_header_call_are_checked_first(worker: Phone) -> None:
    answer = worker.http.post(UPLOADS, headers={**TUS})
    assert (answer.status_code, answer.json["code"]) == (403, "missing_header")
    assert worker.http.post(UPLOADS, headers=HEADERS).status_code == 412
