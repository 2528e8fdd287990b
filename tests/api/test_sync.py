"""The one call at the door: what it takes, what it refuses, and that one bad change never blocks a good one."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import orjson
import pytest
from flask import Flask

from api import bodies
from sync.protocol import MAX_CALL, MAX_CALL_COMPRESSED
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import IDS, Phone, change, drawing, report

pytestmark = pytest.mark.both_databases


def test_a_report_arrives_and_is_pulled_by_the_supervisor(worker: Phone, supervisor: Phone) -> None:
    sent = report()
    reply = worker.sync(sent)
    receipt = reply["receipts"][0]
    assert (receipt["index"], receipt["id"], receipt["outcome"]) == (0, sent["id"], "applied")
    assert receipt["seq"] >= 1
    pulled = next(each for each in supervisor.sync()["books"] if each["book"] == world.GRID)
    record = next(each for each in pulled["records"] if each["id"] == sent["record"])
    assert record["fields"]["description"][0]["text"] == "三楼拐角堆了纸箱"
    assert record["by"] == worker.account
    assert supervisor.get(f"/records/{sent['record']}").json == record


def test_X2_the_same_batch_ten_times_has_one_effect_and_one_set_of_receipts(worker: Phone) -> None:
    batch = [report() for _ in range(5)]
    replies = [worker.sync(*batch, limit=0)["receipts"] for _ in range(10)]
    assert all(each == replies[0] for each in replies)
    assert {each["outcome"] for each in replies[0]} == {"applied"}
    page = next(each for each in worker.sync()["books"] if each["book"] == world.GRID)
    assert len(page["records"]) == len(batch)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param({"type": "no_such_type"}, id="an unknown type"),
        pytest.param({"set": {"severity": "terrible"}}, id="a wrong value"),
        pytest.param({"set": {"no_such_field": 1}}, id="an unknown field"),
        pytest.param({"set": {"description": {"text": "a\x00b"}}}, id="a NUL character"),
        pytest.param({"set": {"description": {"text": "half \ud83d of a sign"}}}, id="half a character"),
        pytest.param({"id": "\ud800"}, id="an id that is no text"),
        pytest.param({"id": 5}, id="a number for an id"),
        pytest.param({"made_at": "yesterday"}, id="a time that is none"),
        pytest.param({"seen": -1}, id="a seen below nothing"),
        pytest.param({"seen": 2**70}, id="a seen beyond every number"),
        pytest.param({"book": "nowhere"}, id="a book that is none"),
        pytest.param({"other": True}, id="an unknown key"),
        pytest.param({"set": {"description": {"text": "x" * 70_000}}}, id="far too much text"),
        pytest.param({"set": {"gps": {"lat": 1e999, "lon": 0}}}, id="a number without end"),
    ],
)
def test_X5_one_bad_change_of_five_is_refused_and_the_others_are_taken(worker: Phone, spoil: dict[str, Any]) -> None:
    batch = [report() for _ in range(5)]
    batch[2] = {**batch[2], **spoil}
    # json.dumps keeps a lone surrogate as an escape, as a phone's own JSON.stringify does.
    data = json.dumps(worker.call(*batch)).replace("Infinity", "1e999").encode()
    answer = worker.raw_sync(data)
    assert answer.status_code == 200, answer.text
    outcomes = [each["outcome"] for each in answer.json["receipts"]]
    assert outcomes == ["applied", "applied", "refused", "applied", "applied"]
    assert [each["index"] for each in answer.json["receipts"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("bad", [None, 5, "text", [], {}, {"id": None}], ids=str)
def test_what_is_no_change_gets_a_refused_receipt_of_its_own(worker: Phone, bad: Any) -> None:
    receipts = worker.sync(report(), bad)["receipts"]
    assert [each["outcome"] for each in receipts] == ["applied", "refused"]
    assert receipts[1]["reason"] == "malformed"


def test_X6_a_refused_change_can_be_read_back_whole_by_its_author_alone(worker: Phone, supervisor: Phone) -> None:
    bad = report(severity="terrible")
    worker.sync(bad)
    parked = worker.get("/parked").json["changes"]
    assert [(each["change"], each["state"], each["reason"]) for each in parked] == [(bad, "refused", "invalid")]
    assert supervisor.get("/parked").json["changes"] == []


def _nested(depth: int) -> bytes:
    return b'{"protocol":1,"changes":' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="broken JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"protocol":1,"x":NaN}', id="NaN"),
        pytest.param(b'{"protocol":1,"device":"\xff\xfe"}', id="broken UTF-8"),
        pytest.param(_nested(33), id="33 deep"),
        pytest.param(_nested(100_000), id="a hundred thousand deep"),
        pytest.param(b"9" * 100_000, id="a number of a hundred thousand digits"),
    ],
)
def test_a_call_that_cannot_be_read_is_malformed(worker: Phone, data: bytes) -> None:
    answer = worker.raw_sync(data)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "envelope",
    [
        {"unknown": 1},
        {"protocol": 2},
        {"protocol": "1"},
        {"changes": {}},
        {"cursors": []},
        {"limit": -1},
        {"limit": 1.5},
        {"epoch": "no id"},
        {"cursors": {"a\x00": [0, None, ""]}},
        {"only": "x"},
        {"last": 7},
    ],
    ids=str,
)
def test_an_envelope_with_a_wrong_part_is_malformed(worker: Phone, envelope: dict[str, Any]) -> None:
    answer = worker.post("/sync", {**worker.call(), **envelope})
    assert (answer.status_code, answer.json["code"]) == (400, "malformed"), answer.text


def test_an_envelope_without_a_device_is_malformed(worker: Phone) -> None:
    assert worker.post("/sync", {"protocol": 1}).status_code == 400


def test_another_device_than_the_sessions_is_refused(worker: Phone) -> None:
    answer = worker.post("/sync", {**worker.call(), "device": IDS.new()})
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_device")


def test_gzip_is_welcome_in_both_directions(worker: Phone) -> None:
    packed = gzip.compress(orjson.dumps(worker.call(*(report() for _ in range(20)))))
    answer = worker.raw_sync(packed, Content_Encoding="gzip", Accept_Encoding="gzip")
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    # Nobody on the way may keep it, so nothing needs to say for whom it was made.
    assert (answer.headers["Cache-Control"], answer.headers.get("Vary")) == ("no-store", None)
    reply = orjson.loads(gzip.decompress(answer.data))
    assert {each["outcome"] for each in reply["receipts"]} == {"applied"}


def test_a_body_that_blows_up_when_unpacked_is_too_large(worker: Phone) -> None:
    bomb = gzip.compress(b" " * (MAX_CALL + 1))
    assert len(bomb) < MAX_CALL_COMPRESSED
    answer = worker.raw_sync(bomb, Content_Encoding="gzip")
    assert (answer.status_code, answer.json["code"], answer.json["limit"]) == (413, "too_large", MAX_CALL)


def test_too_many_packed_bytes_are_too_large(worker: Phone) -> None:
    answer = worker.raw_sync(b"\x1f\x8b" + b"0" * MAX_CALL_COMPRESSED, Content_Encoding="gzip")
    assert (answer.status_code, answer.json["limit"]) == (413, MAX_CALL_COMPRESSED)


def test_too_many_changes_are_too_large(worker: Phone) -> None:
    answer = worker.post("/sync", worker.call(*([{}] * 501)))
    assert (answer.status_code, answer.json["code"], answer.json["limit"]) == (413, "too_large", 500)


@pytest.mark.parametrize(
    "packed",
    [b"no gzip at all", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more"],
    ids=["none at all", "cut off", "with more behind it"],
)
def test_broken_gzip_is_malformed(worker: Phone, packed: bytes) -> None:
    assert worker.raw_sync(packed, Content_Encoding="gzip").json["code"] == "malformed"


def test_a_text_that_is_no_unicode_goes_back_escaped_beside_fields_as_they_are_stored() -> None:
    reply = {"receipts": [{"id": "\ud800", "seen": 2**70}], "books": [{"fields": orjson.Fragment('{"note": "好"}')}]}
    told = json.loads(bodies.dump(reply))
    assert told == {"receipts": [{"id": "\ud800", "seen": 2**70}], "books": [{"fields": {"note": "好"}}]}


def in_phrases(data: bytes, phrases: bytes = bodies.PHRASES) -> bytes:
    pack = zlib.compressobj(level=9, zdict=phrases)
    return pack.compress(data) + pack.flush()


def test_a_small_call_in_phrases_is_answered_in_phrases(worker: Phone) -> None:
    call = orjson.dumps(worker.call(report()))
    packed = in_phrases(call)
    assert len(packed) < 0.8 * len(gzip.compress(call))
    answer = worker.raw_sync(packed, Content_Type="application/zlib", Accept_Encoding="gzip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zlib")
    assert "Content-Encoding" not in answer.headers
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    reply = orjson.loads(zlib.decompressobj(zdict=bodies.PHRASES).decompress(answer.data))
    assert [each["outcome"] for each in reply["receipts"]] == ["applied"]


def test_a_large_answer_to_a_call_in_phrases_is_plain_gzip(worker: Phone) -> None:
    for _ in range(3):
        worker.sync(*(report() for _ in range(40)), limit=0)
    packed = in_phrases(orjson.dumps(worker.call()))
    answer = worker.raw_sync(packed, Content_Type="application/zlib", Accept_Encoding="gzip")
    assert (answer.mimetype, answer.headers["Content-Encoding"]) == ("application/json", "gzip")


def test_a_problem_with_a_call_in_phrases_is_told_in_plain_words(worker: Phone) -> None:
    answer = worker.raw_sync(in_phrases(b'{"protocol":1}'), Content_Type="application/zlib")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_phrases_that_the_server_does_not_know_are_415_and_nothing_is_taken(worker: Phone) -> None:
    sent = report()
    packed = in_phrases(orjson.dumps(worker.call(sent)), b"phrases of another version")
    answer = worker.raw_sync(packed, Content_Type="application/zlib")
    assert (answer.status_code, answer.json["code"], answer.json["expected"]) == (415, "unsupported_type", "gzip")
    assert worker.get(f"/records/{sent['record']}").status_code == 404


@pytest.mark.parametrize(
    "packed",
    [b"", b"NO ZLIB AT ALL", in_phrases(b"{}" * 99)[:-4], in_phrases(b"{}") + b"more", gzip.compress(b"{}")],
    ids=["nothing", "none at all", "cut off", "with more behind it", "gzip"],
)
def test_broken_zlib_is_malformed(worker: Phone, packed: bytes) -> None:
    assert worker.raw_sync(packed, Content_Type="application/zlib").json["code"] == "malformed"


def test_a_body_in_phrases_that_blows_up_is_too_large(worker: Phone) -> None:
    answer = worker.raw_sync(in_phrases(b" " * (MAX_CALL + 1)), Content_Type="application/zlib")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_an_unknown_packing_is_415(worker: Phone) -> None:
    answer = worker.raw_sync(b"{}", Content_Encoding="br")
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_type")


def test_X7_a_copied_database_ends_the_session_and_a_new_sign_in_is_a_new_device(app: Flask, worker: Phone) -> None:
    old, first, second = report(), report(), report()
    worker.sync(first)
    # The copy knows nothing of `first`, and says so by its own newest id.
    answer = worker.post("/sync", worker.call(old, last=None, newest=old["id"]))
    assert (answer.status_code, answer.json["code"]) == (409, "device_copied"), answer.text
    assert worker.get("/session").status_code == 401
    again = Phone(app).sign_in("worker", device=worker.device)
    assert again.device != worker.device
    assert again.sync(old, second)["receipts"][0]["outcome"] == "applied"


def test_history_is_every_accepted_change_in_order_page_by_page(worker: Phone, supervisor: Phone) -> None:
    sent = report()
    seq = worker.push(sent)["seq"]
    for n in range(4):
        worker.push(change(sent["record"], seq, {"place_note": f"第{n}处"}))
    whole = supervisor.get(f"/records/{sent['record']}/history").json
    assert whole["next"] is None
    seqs = [each["seq"] for each in whole["changes"]]
    assert seqs == sorted(seqs)
    assert whole["changes"][0]["id"] == sent["id"]
    assert whole["changes"][0]["set"] == sent["set"]
    paged: list[Any] = []
    address: str | None = f"/api/v1/records/{sent['record']}/history?limit=2"
    while address:
        page = supervisor.http.get(address).json
        assert len(page["changes"]) <= 2
        paged += page["changes"]
        address = page["next"]
    assert paged == whole["changes"]


def test_S1_outsiders_find_neither_record_nor_history(app: Flask, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    for login in ("outsider", "guard", "captain2"):
        stranger = Phone(app).sign_in(login)
        for path in (f"/records/{sent['record']}", f"/records/{sent['record']}/history"):
            answer = stranger.get(path)
            assert (answer.status_code, answer.json["code"]) == (404, "not_found"), (login, path)
        assert all(not page["records"] for page in stranger.sync()["books"])


def test_an_administrator_reads_no_content(app: Flask, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    admin = Phone(app).sign_in("admin")
    answer = admin.get(f"/records/{sent['record']}")
    assert (answer.status_code, answer.json["code"]) == (403, "no_content")
    assert admin.get(f"/records/{sent['record']}/history").status_code == 403
    assert admin.sync()["books"] == []


@pytest.mark.parametrize("odd", ["x", "../../etc", "%00", "a" * 3000, world.GRID.upper()])
def test_odd_record_addresses_are_not_found(worker: Phone, odd: str) -> None:
    assert worker.get(f"/records/{odd}").status_code == 404


def test_S3_a_change_of_a_grid_that_is_not_mine_is_held_and_told(worker: Phone) -> None:
    receipt = worker.sync(report(book=world.OTHER_GRID))["receipts"][0]
    assert (receipt["outcome"], receipt["reason"]) == ("held", "not_entitled")


def test_record_types_are_declared_and_revalidated(worker: Phone) -> None:
    answer = worker.get("/record-types")
    case = next(each for each in answer.json["types"] if each["type"] == "case")
    assert case["fields"]["severity"]["rule"] == "most"
    assert {
        key: next(each for each in case["steps"] if each["to"] == "reported" and each["from"] is None)[key]
        for key in ("from", "to", "cycle")
    } == {"from": None, "to": "reported", "cycle": 0}
    again = worker.get("/record-types", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_sync_path_asks_the_database_few_questions(app: Flask, worker: Phone) -> None:
    """An idle phone's call: the session, the person, the heads of the books, and nothing that grows with the book."""
    from sqlalchemy import event

    reply = worker.sync(report(drawing(1)))
    cursors = {each["book"]: each["cursor"] for each in reply["books"]}
    asked: list[str] = []
    engine = services(app).database.sql_engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    idle = worker.sync(cursors=cursors, epoch=reply["epoch"])
    assert all(not each["records"] for each in idle["books"])
    assert len([each for each in asked if each.startswith(("SELECT", "WITH"))]) <= 8, asked
    assert not any("INSERT" in each or "UPDATE" in each for each in asked)
