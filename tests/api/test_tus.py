"""tus 1.0.0 as it is written: what a client may rely on, said by this server and kept."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask
from sqlalchemy import insert
from werkzeug.test import TestResponse

from sync.clock import FixedClock
from sync.gallery import GRACE
from sync.protocol import MAX_PICTURE
from sync.tables import named
from sync.uploads import EARLY_COUNT, EARLY_ROOM, LIFE, MOST_OPEN
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import HEADERS, TUS, Phone, drawing, report

UPLOADS = "/api/v1/uploads"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def told(data: bytes, algorithm: str = "sha1") -> dict[str, str]:
    digest = hashlib.new(algorithm, data).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def begun(phone: Phone, data: bytes, **headers: str) -> TestResponse:
    return phone.begin_upload(data, **headers)


def begun_early(phone: Phone, data: bytes, **headers: str) -> TestResponse:
    """Of bytes that no change names yet: the client says that it knows."""
    facts = phone.upload_headers(data)["Upload-Metadata"] + ",early"
    return phone.begin_upload(data, **{"Upload-Metadata": facts, **headers})


@pytest.fixture
def data(worker: Phone) -> bytes:
    """A picture that a change of the worker names; its bytes have not been sent."""
    made = drawing(51, (800, 600))
    worker.push(report(made))
    return made


def drop(phone: Phone, where: str) -> TestResponse:
    return phone.http.delete(where, headers={**HEADERS, **TUS})


# -- checksum


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_the_right_sum_is_taken(worker: Phone, data: bytes, algorithm: str) -> None:
    where = begun(worker, data).headers["Location"]
    assert worker.patch(where, 0, data[:500], **told(data[:500], algorithm)).status_code == 204
    assert worker.patch(where, 500, data[500:], **told(data[500:], algorithm)).status_code == 204
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


def test_of_a_piece_with_a_wrong_sum_nothing_is_kept(worker: Phone, data: bytes) -> None:
    where = begun(worker, data).headers["Location"]
    worker.patch(where, 0, data[:300])
    answer = worker.patch(where, 300, data[300:600], **told(b"another"))
    assert (answer.status_code, answer.json["code"]) == (460, "wrong_checksum")
    assert answer.headers["Upload-Offset"] == "300"
    assert worker.offset(where) == 300
    assert worker.patch(where, 300, data[300:]).status_code == 204
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


@pytest.mark.parametrize("odd", ["md5 YWJj", "sha1", "sha1 !!!", "crc32 AAAA", ""])
def test_a_sum_that_is_not_understood_is_400(worker: Phone, data: bytes, odd: str) -> None:
    where = begun(worker, data).headers["Location"]
    answer = worker.patch(where, 0, data, **{"Upload-Checksum": odd})
    assert (answer.status_code, answer.json["key"]) == (400, "Upload-Checksum")
    assert worker.offset(where) == 0


def test_a_cut_piece_that_brought_a_sum_is_forgotten_also_by_a_killed_server(
    app: Flask, worker: Phone, data: bytes
) -> None:
    """Half of it cannot be compared: it lies on the disk after the power cut, and does not count."""
    where = begun(worker, data).headers["Location"]
    worker.patch(where, 0, data[:100])
    folder, name = services(app).config.data / "uploads", where.rpartition("/")[2]
    (folder / f"{name}.unchecked").write_text("100", "ascii")
    (folder / name).write_bytes(data[:100] + b"half of a piece")
    assert worker.offset(where) == 100
    assert worker.patch(where, 100, data[100:]).status_code == 204
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


# -- expiration


def test_an_unfinished_upload_says_until_when_and_is_410_after_that(
    worker: Phone, data: bytes, clock: FixedClock
) -> None:
    first = begun(worker, data)
    where = first.headers["Location"]
    until = parsedate_to_datetime(first.headers["Upload-Expires"]).timestamp() * 1000
    assert abs(until - (clock.now() + LIFE)) <= 1000
    clock.move(LIFE - 3_600_000)
    assert "Upload-Expires" in worker.patch(where, 0, data[:50]).headers
    clock.move(LIFE - 3_600_000)  # every sign of life counts from anew
    assert worker.offset(where) == 50
    clock.move(3_700_000)
    for answer in (worker.http.head(where, headers=TUS), worker.patch(where, 50, data[50:]), drop(worker, where)):
        assert answer.status_code == 410
    assert worker.patch(where, 50, data[50:]).json["code"] == "upload_expired"
    again = begun(worker, data)
    assert again.headers["Location"] != where
    assert again.headers["Upload-Offset"] == "0"


def test_what_has_run_out_leaves_the_disk_and_is_still_410(
    app: Flask, worker: Phone, data: bytes, clock: FixedClock
) -> None:
    where = begun(worker, data).headers["Location"]
    worker.patch(where, 0, data[:50])
    clock.move(LIFE + 1000)
    services(app).uploads.forget_unnamed()
    assert not (services(app).config.data / "uploads" / where.rpartition("/")[2]).exists()
    assert worker.http.head(where, headers=TUS).status_code == 410
    clock.move(40 * 24 * 3600 * 1000)
    services(app).uploads.forget_unnamed()
    assert worker.http.head(where, headers=TUS).status_code == 404


def test_a_finished_upload_does_not_expire(worker: Phone, data: bytes, clock: FixedClock) -> None:
    where = begun(worker, data).headers["Location"]
    assert "Upload-Expires" not in worker.patch(where, 0, data).headers
    clock.move(LIFE + 1000)
    assert worker.offset(where) == len(data)


# -- termination


def test_an_upload_that_is_given_up_is_gone(app: Flask, worker: Phone, data: bytes) -> None:
    where = begun(worker, data).headers["Location"]
    worker.patch(where, 0, data[:50])
    assert drop(worker, where).status_code == 204
    assert drop(worker, where).status_code == 404
    assert worker.http.head(where, headers=TUS).status_code == 404
    assert worker.patch(where, 50, data[50:]).status_code == 404
    assert not (services(app).config.data / "uploads" / where.rpartition("/")[2]).exists()


def test_nobody_gives_up_somebody_elses_upload(app: Flask, worker: Phone, data: bytes) -> None:
    where = begun(worker, data).headers["Location"]
    assert drop(Phone(app).sign_in("worker2"), where).status_code == 404
    assert worker.offset(where) == 0


def test_giving_up_what_was_taken_does_not_take_the_picture_from_its_record(worker: Phone, data: bytes) -> None:
    where = begun(worker, data).headers["Location"]
    worker.patch(where, 0, data)
    assert drop(worker, where).status_code == 204
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


# -- creation with upload, method override


def test_the_first_bytes_may_come_with_the_creation(worker: Phone, data: bytes) -> None:
    headers = {**worker.upload_headers(data), "Content-Type": "application/offset+octet-stream"}
    answer = worker.http.post(UPLOADS, data=data[:400], headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "400")
    again = worker.http.post(UPLOADS, data=data[:400], headers=headers)  # its answer was lost: nothing is doubled
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (answer.headers["Location"], "400")
    assert worker.patch(answer.headers["Location"], 400, data[400:]).status_code == 204
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


def test_a_whole_picture_may_come_with_the_creation(worker: Phone, data: bytes) -> None:
    headers = {**worker.upload_headers(data), **told(data), "Content-Type": "application/offset+octet-stream"}
    assert worker.http.post(UPLOADS, data=data, headers=headers).headers["Upload-Offset"] == str(len(data))
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


def test_whoever_cannot_send_patch_says_it_in_a_header(worker: Phone, data: bytes) -> None:
    where = begun(worker, data).headers["Location"]
    headers = {**HEADERS, **TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = worker.http.post(where, data=data[:9], headers={**headers, "X-HTTP-Method-Override": "PATCH"})
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "9")
    assert worker.http.post(where, data=b"", headers=headers).status_code == 405
    assert worker.http.post(where, headers={**headers, "X-HTTP-Method-Override": "DELETE"}).status_code == 204


# -- two at once


def test_of_two_who_write_at_once_one_wins_and_nothing_is_mixed(app: Flask, worker: Phone, data: bytes) -> None:
    where = begun(worker, data).headers["Location"]
    uploads = services(app).uploads
    row = uploads.find(worker.account, where.rpartition("/")[2])
    assert row is not None

    def push(_number: int) -> str:
        try:
            uploads.receive(row, 0, (data[at : at + 64] for at in range(0, len(data), 64)))
        except Exception as error:
            return getattr(error, "code", repr(error))
        return "won"

    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(push, range(8)))
    assert ended.count("won") == 1
    assert set(ended) <= {"won", "upload_busy", "wrong_offset"}
    assert worker.get(f"/photos/{sha(data)}").status_code == 200


# -- what comes before its text


def test_P3_a_picture_that_comes_early_waits_unseen_until_its_change_is_here(app: Flask, worker: Phone) -> None:
    data = drawing(52)
    assert begun(worker, data).json["code"] == "not_named"  # whoever does not ask to wait is told at once
    first = begun_early(worker, data)
    assert (first.status_code, first.headers["Upload-Waiting"]) == (201, "1")
    done = worker.patch(first.headers["Location"], 0, data)
    assert (done.status_code, done.headers["Upload-Waiting"]) == (204, "1")  # not yet a confirmation: keep the bytes
    assert worker.get(f"/photos/{sha(data)}").status_code == 404
    receipt = worker.push(report(data))
    assert receipt["outcome"] == "applied"
    assert worker.get(f"/photos/{sha(data)}").status_code == 200
    again = begun(worker, data)
    assert again.headers["Upload-Offset"] == str(len(data))
    assert "Upload-Waiting" not in again.headers


def test_P3_what_waits_in_vain_is_let_go(app: Flask, worker: Phone, clock: FixedClock) -> None:
    whole, half = drawing(53), drawing(54)
    worker.patch(begun_early(worker, whole).headers["Location"], 0, whole)
    where = begun_early(worker, half).headers["Location"]
    worker.patch(where, 0, half[:99])
    at = services(app)
    clock.move(GRACE + 1000)
    assert at.uploads.forget_unnamed() == 1
    assert at.uploads.picture(sha(whole)) is None
    assert not (at.config.data / "uploads" / where.rpartition("/")[2]).exists()
    worker.push(report(whole))  # too late: it is asked for again, and the phone still has it
    assert worker.sync(limit=0, missing=True)["missing"] == [sha(whole)]


def test_P3_the_waiting_room_of_an_account_is_small(worker: Phone) -> None:
    large = drawing(55)
    assert begun_early(worker, large, **{"Upload-Length": str(MAX_PICTURE)}).status_code == 201
    second = drawing(56)
    left = EARLY_ROOM - MAX_PICTURE
    answer = begun_early(worker, second, **{"Upload-Length": str(left + 1)})
    assert (answer.status_code, answer.json["code"]) == (409, "not_named")
    assert begun_early(worker, second, **{"Upload-Length": str(left)}).status_code == 201


def test_P3_giving_up_what_waits_makes_no_room_for_more(worker: Phone) -> None:
    for seed in range(EARLY_COUNT):
        data = drawing(1000 + seed, (16, 12))
        where = begun_early(worker, data).headers["Location"]
        worker.patch(where, 0, data)
        assert drop(worker, where).status_code == 204
    assert begun_early(worker, drawing(57)).status_code == 409


def test_nobody_is_told_whether_somebody_else_has_sent_a_picture(app: Flask, worker: Phone, data: bytes) -> None:
    worker.upload(data)
    other = Phone(app).sign_in("outsider")
    assert begun_early(other, data).headers["Upload-Offset"] == "0"
    assert other.get(f"/photos/{sha(data)}").status_code == 404


# -- limits


def test_a_claim_of_four_gigabytes_is_too_large(worker: Phone, data: bytes) -> None:
    answer = begun(worker, data, **{"Upload-Length": str(4 * 1024**3)})
    assert (answer.status_code, answer.json["limit"]) == (413, MAX_PICTURE)


def test_names_with_paths_in_them_are_not_even_looked_at(app: Flask, worker: Phone, data: bytes) -> None:
    name = base64.b64encode(b"../../../../etc/passwd").decode()
    facts = worker.upload_headers(data)["Upload-Metadata"] + f",filename {name}"
    where = begun(worker, data, **{"Upload-Metadata": facts}).headers["Location"]
    assert worker.patch(where, 0, data).status_code == 204
    kept = worker.get(f"/photos/{sha(data)}?download=1")
    assert "passwd" not in kept.headers["Content-Disposition"]


@pytest.mark.parametrize("extra", [",x " + "QUFB" * 400, ",sha256 " + base64.b64encode(b"a" * 64).decode()])
def test_more_metadata_than_makes_sense_is_refused(worker: Phone, data: bytes, extra: str) -> None:
    facts = worker.upload_headers(data)["Upload-Metadata"] + extra
    answer = begun(worker, data, **{"Upload-Metadata": facts})
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


def test_another_length_of_the_same_picture_takes_the_place_of_the_first(
    app: Flask, worker: Phone, data: bytes
) -> None:
    first = begun(worker, data, **{"Upload-Length": "100"}).headers["Location"]
    worker.patch(first, 0, data[:60])
    second = begun(worker, data).headers["Location"]
    assert worker.http.head(first, headers=TUS).status_code == 404
    assert not (services(app).config.data / "uploads" / first.rpartition("/")[2]).exists()
    assert worker.patch(second, 0, data).status_code == 204


def test_an_account_has_a_bounded_number_of_unfinished_uploads(app: Flask, worker: Phone) -> None:
    uploads = services(app).uploads
    for number in range(MOST_OPEN):
        drawn = f"{number:064x}"
        worker_named(app, worker, drawn)
        uploads.create(worker.account, drawn, 100)
    last = drawing(58)
    worker.push(report(last))
    answer = begun(worker, last)
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_uploads")


def worker_named(app: Flask, worker: Phone, sha256: str) -> None:
    """Note a hash as named, without the two hundred changes that it would take."""
    row = {"sha256": sha256, "book_id": world.GRID, "record_id": sha256[-36:], "account": worker.account}
    with services(app).database.write() as conn:
        conn.execute(insert(named).values(**row, kind="picture"))


def test_what_can_never_be_taken_is_not_sent_twice(worker: Phone) -> None:
    data = b"<html>not a picture</html>" * 40
    worker.push(report(data))
    assert worker.upload(data).json["code"] == "not_a_picture"
    again = begun(worker, data)
    assert (again.status_code, again.json["code"]) == (422, "not_a_picture")
    assert worker.sync(limit=0, missing=True)["missing"] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    "code",
    ["upload_expired", "wrong_checksum", "not_a_voice", "no_room", "too_many_uploads", "bad_range", "store_down"],
)
def test_every_refusal_has_words_in_both_languages(app: Flask, language: str, code: str) -> None:
    say = services(app).catalogue.say
    for part in ("title", "advice"):
        assert say(language, f"errors.{code}.{part}", length=1, limit=1, request="") != f"errors.{code}.{part}"


def test_a_full_disk_is_said_before_the_bytes_are_sent(
    app: Flask, worker: Phone, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = begun(worker, data).headers["Location"]
    monkeypatch.setattr("sync.spool.ROOM_TO_KEEP", 2**62)  # more than any disk has free
    other = drawing(59)
    worker.push(report(other))
    answer = begun(worker, other)
    assert (answer.status_code, answer.json["code"]) == (507, "no_room")
    assert worker.patch(where, 0, data).status_code == 204  # what has begun may end
