"""A rescue file handed in at a desk (L5): the true author, the same door, once; and nothing of a file that is not sound."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from api.services import EXTENSION
from sync.picture_tables import upload
from sync.tables import parked
from tests.api import world
from tests.api.phone import IDS, Phone, change, drawing, report
from tests.web.desk import Desk
from tests.web.rescue_files import facts, hand_in, saved, zipped

SEAT = Callable[[str], Desk]


def states(phone: Phone) -> list[str]:
    return [each["state"] for each in phone.get("/parked").json["changes"]]  # type: ignore[index]


def stored(app: Flask) -> tuple[int, int]:
    """How many changes wait, and how many transfers were begun."""
    with app.extensions[EXTENSION].database.read() as conn:
        waiting = conn.execute(select(func.count()).select_from(parked)).scalar_one()
        return int(waiting), int(conn.execute(select(func.count()).select_from(upload)).scalar_one())


def day_out(worker: Phone, picture: bytes) -> list[dict[str, Any]]:
    """What a worker wrote without a line: a case with a picture, and a word more about it."""
    sent = report(picture, place_note="三楼拐角")
    more = change(str(sent["record"]), 0, {"additions": {IDS.new(): {"text": "又多了一个柜子"}}})
    return [sent, more]


def test_L5_what_a_rescue_file_brings_waits_in_its_true_author_s_name(seat: SEAT, worker: Phone) -> None:
    picture = drawing(3)
    changes = day_out(worker, picture)
    supervisor = seat("supervisor")
    answer = hand_in(supervisor, saved(worker, changes, picture))
    assert answer.status == 200, answer.words
    for said in ("worker(示例) 的救援文件收到了,共 2 条", "2 条在「待认领」等着", "照片收下 1 张", "又多了一个柜子"):
        assert said in answer.words, said
    assert states(worker) == ["held", "held"]
    page = supervisor.get("/console/parked")
    assert "worker(示例) 的救援文件" in page.words
    assert "由 supervisor(示例) 转交" in page.words
    taken = supervisor.post(f"/console/parked/rescued/{worker.device}")
    assert "收下了 2 条" in taken.words
    record = supervisor.record(str(changes[0]["record"]))
    assert record["by"] == worker.account
    assert len(record["fields"]["additions"]) == 1
    history = supervisor.http.get(f"/api/v1/records/{record['id']}/history").json["changes"]  # type: ignore[index]
    assert {(each["by"], each["via"]) for each in history if each["via"]} == {(worker.account, supervisor.account)}
    shown = supervisor.http.get(f"/api/v1/photos/{hashlib.sha256(picture).hexdigest()}")
    assert shown.status_code == 200


def test_L5_nothing_doubles_when_it_is_handed_in_twice_and_the_phone_syncs_later(seat: SEAT, worker: Phone) -> None:
    picture = drawing(4)
    changes = day_out(worker, picture)
    data = saved(worker, changes, picture)
    supervisor = seat("supervisor")
    hand_in(supervisor, data)
    hand_in(seat("head"), data)
    assert states(worker) == ["held", "held"]
    supervisor.post(f"/console/parked/rescued/{worker.device}")
    again = hand_in(supervisor, data)
    assert again.status == 200
    receipts = worker.sync(*changes, limit=0)["receipts"]
    assert [each["outcome"] for each in receipts] == ["held", "held"]
    assert worker.begin_upload(picture).headers["Upload-Offset"] == str(len(picture))
    record = supervisor.record(str(changes[0]["record"]))
    assert len(record["fields"]["additions"]) == 1
    assert supervisor.get("/console/cases").rows == [record["id"]]
    assert states(worker) == ["let_in", "let_in"]


def test_L5_what_the_phone_had_sent_after_all_is_said_to_have_arrived(seat: SEAT, worker: Phone) -> None:
    changes = day_out(worker, drawing(5))
    worker.sync(changes[0], limit=0)
    answer = hand_in(seat("supervisor"), saved(worker, changes[1:], journal=changes[:1]))
    assert "1 条在「待认领」等着,1 条早就到了,0 条没有收" in answer.words


def test_only_what_this_desk_decides_about_is_taken(app: Flask, seat: SEAT, worker: Phone) -> None:
    mine, theirs = report(place_note="一网格"), report(book=world.OTHER_GRID, place_note="二网格")
    answer = hand_in(seat("head"), saved(worker, [mine, theirs]))
    assert "1 条在「待认领」等着,0 条早就到了,1 条没有收" in answer.words
    assert "是柳湾二网格的,请那里的人来交" in answer.words
    assert stored(app)[0] == 1
    assert "0 条没有收" in hand_in(seat("supervisor"), saved(worker, [mine, theirs])).words


def test_unsound_changes_of_a_file_stay_for_a_closer_look(app: Flask, seat: SEAT) -> None:
    """Of somebody whose grid it is not, and of a field that others write, nothing goes in by the dozen."""
    outsider = Phone(app).sign_in("outsider")
    supervisor = seat("supervisor")
    hand_in(supervisor, saved(outsider, [report(), report(due_at="2026-07-01T00:00:00.000Z")]))
    answer = supervisor.post(f"/console/parked/rescued/{outsider.device}")
    assert "收下了 0 条" in answer.words
    assert "还有 2 条要一条条看" in answer.words
    assert states(outsider) == ["held", "held"]


def test_one_bad_change_does_not_cost_the_others(seat: SEAT, worker: Phone) -> None:
    good, bad = report(), report(severity="terrible")
    answer = hand_in(seat("supervisor"), saved(worker, [bad, "no change at all", good, {**report(), "book": None}]))
    assert answer.status == 200
    assert "1 条在「待认领」等着" in answer.words
    assert "看不懂,没有收" in answer.words


def test_a_picture_that_nobody_named_or_that_is_none_is_not_kept(seat: SEAT, worker: Phone) -> None:
    named, stranger, no_picture = drawing(6), drawing(8), b"<svg onload=alert(1)>"
    answer = hand_in(seat("supervisor"), saved(worker, [report(named, no_picture)], named, stranger, no_picture))
    assert "照片收下 1 张。 2 张没有收。" in answer.words
    for data in (stranger, no_picture):
        assert seat("supervisor").http.get(f"/api/v1/photos/{hashlib.sha256(data).hexdigest()}").status_code == 404


def hostile(worker: Phone) -> dict[str, tuple[bytes, str]]:
    """Files that are not taken -> what is said of them."""
    text = json.dumps(facts(worker, [report()])).encode()
    picture = drawing(9)
    name = f"pictures/{hashlib.sha256(picture).hexdigest()}"
    good = saved(worker, [report()], picture)
    later = json.dumps({**facts(worker, []), "version": 2}).encode()
    deep = json.dumps(facts(worker, [])).replace('"changes": []', '"changes": ' + "[" * 500 + "]" * 500).encode()
    return {
        "empty": (b"", "这不是救援文件"),
        "a picture": (picture, "这不是救援文件"),
        "no rescue.json": (zipped({name: picture}), "这不是救援文件"),
        "another format": (zipped({"rescue.json": b'{"format": "other"}'}), "这不是救援文件"),
        "a later version": (zipped({"rescue.json": later}), "更新的版本"),
        "no JSON": (zipped({"rescue.json": b"{"}), "文件坏了"),
        "a number that is none": (zipped({"rescue.json": b'{"a": NaN}'}), "文件坏了"),
        "too deep": (zipped({"rescue.json": deep}), "文件坏了"),
        "cut off": (good[: len(good) // 2], "这不是救援文件"),
        "a flipped byte": (good.replace(picture[200:204], b"\x00\x01\x02\x03", 1), "文件坏了"),
        "a lying hash": (zipped({"rescue.json": text, f"pictures/{'0' * 64}": picture}), "文件坏了"),
        "a way out": (zipped({"rescue.json": text, "../../etc/passwd": b"x"}), "文件坏了"),
        "a folder": (zipped({"rescue.json": text, "pictures/": b""}), "文件坏了"),
        "an absolute path": (zipped({"rescue.json": text, "/etc/passwd": b"x"}), "文件坏了"),
        "another name": (zipped({"rescue.json": text, name.upper(): picture}), "文件坏了"),
        "another packing": (zipped({"rescue.json": text}, zipfile.ZIP_BZIP2), "文件坏了"),
        "a bomb": (zipped({"rescue.json": b" " * (17 * 1024 * 1024)}, zipfile.ZIP_DEFLATED), "文件太大"),
        "a huge picture": (
            zipped({"rescue.json": text, name: bytes(11 * 1024 * 1024)}, zipfile.ZIP_DEFLATED),
            "文件太大",
        ),
        "a crowd": (zipped({"rescue.json": text, **{f"pictures/{n:064x}": b"" for n in range(2001)}}), "文件太大"),
        "too much": (zipped({"rescue.json": json.dumps(facts(worker, [0] * 5001)).encode()}), "文件太大"),
        "no account": (saved(worker, [report()], account=IDS.new()), "这个文件不是这里的"),
        "no id": (saved(worker, [report()], account="'; --"), "文件坏了"),
    }


def test_a_broken_or_foreign_file_is_refused_in_words_and_nothing_of_it_is_stored(
    app: Flask, seat: SEAT, worker: Phone
) -> None:
    supervisor = seat("supervisor")
    for what, (data, said) in hostile(worker).items():
        answer = hand_in(supervisor, data)
        assert answer.status == 422, what
        assert said in answer.words, what
        assert "什么也没有存" in answer.words, what
    assert stored(app) == (0, 0)


def test_somebody_else_s_device_is_foreign_and_a_forgotten_one_is_not(app: Flask, seat: SEAT, worker: Phone) -> None:
    other, supervisor = Phone(app).sign_in("worker2"), seat("supervisor")
    assert "不是这里的" in hand_in(supervisor, saved(worker, [report()], device=other.device)).words
    assert stored(app) == (0, 0)
    assert hand_in(supervisor, saved(worker, [report()], device=IDS.new())).status == 200


def test_no_file_and_a_file_beyond_the_limit(app: Flask, seat: SEAT, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = seat("supervisor")
    assert "还没有选文件" in hand_in(supervisor, b"", name="").words
    monkeypatch.setattr(app.view_functions["console.hand_in"], "gridwalk_room", 1000)
    assert hand_in(supervisor, bytes(2000)).status == 413


def test_a_file_above_the_limit_of_all_other_bodies_is_taken(app: Flask, seat: SEAT, worker: Phone) -> None:
    """Twelve megabytes of pictures: no other call may be so large."""
    heavy = [drawing(20 + n, (2200, 1600), quality=100) + bytes(3 * 1024 * 1024) for n in range(4)]
    answer = hand_in(seat("supervisor"), saved(worker, [report(*heavy)], *heavy))
    assert answer.status == 200
    assert "照片收下 4 张" in answer.words


def test_only_those_who_decide_hand_in_a_file(app: Flask, seat: SEAT, worker: Phone) -> None:
    data = saved(worker, [report()])
    for login in ("worker", "handler", "captain", "admin"):
        assert seat(login).get("/console/rescue").status == 403, login
        assert hand_in(seat(login), data).status == 403, login
        assert seat(login).post(f"/console/parked/rescued/{worker.device}").status == 403, login
    assert stored(app) == (0, 0)


def test_the_words_are_there_in_english_too(seat: SEAT, worker: Phone) -> None:
    head = seat("head")
    head.http.set_cookie("gridwalk-language", "en")
    assert "Hand in a rescue file" in head.get("/console/rescue").words
    assert "This is not a rescue file" in hand_in(head, b"").words
    assert "1 wait to be claimed" in hand_in(head, saved(worker, [report()])).words
