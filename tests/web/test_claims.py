"""待认领: what waits is taken in, taken up, handed on or left out by a person, and its writer learns what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.api import world
from tests.api.phone import Json, Phone, change, drawing, report
from tests.web.desk import Desk, Page

SEAT = Callable[[str], Desk]


def parked(phone: Phone) -> list[Json]:
    """What a writer is told of what did not enter a book."""
    found: list[Json] = phone.get("/parked").json["changes"]  # type: ignore[index]
    return found


def give(phone: Phone, sent: Json, outcome: str) -> Json:
    receipt: Json = phone.sync({**sent, "epoch": phone.sync(limit=0)["epoch"]}, limit=0)["receipts"][0]
    assert receipt["outcome"] == outcome, receipt
    return sent


def strayed(app: Flask) -> tuple[Phone, Json]:
    """A new case by somebody whose grid it is not: held for the people of the other grid."""
    outsider = Phone(app).sign_in("outsider")
    return outsider, give(outsider, report(place_note="桥头"), "held")


def suggested(seat: SEAT, worker: Phone, category: str = "water_leak") -> tuple[str, Json]:
    """A category that a worker suggests for a case that was accepted."""
    sent = report()
    worker.push(sent)
    record = str(sent["record"])
    assert seat("head").do(record, "accept").outcome == "applied"
    seen = seat("head").record(record)["seq"]
    return record, give(worker, change(record, seen, {"category": category}), "held")


def press(desk: Desk, page: Page, how: str, held: Json, **typed: Any) -> Page:
    form = page.forms[f"{how}-{held['id']}"]
    return desk.post(form["action"], **{**form["fields"], **typed})


def test_a_stray_change_is_taken_in_and_its_writer_learns_by_whom(app: Flask, seat: SEAT) -> None:
    outsider, sent = strayed(app)
    head = seat("head")
    page = head.get("/console/parked")
    for said in ("待认领 1 条", "outsider(示例)", "网格员", "桥头", "这个地方已经不归写的人管", "这是一件新的"):
        assert said in page.words, said
    answer = press(head, page, "take", sent)
    assert answer.outcome == "applied"
    assert "收下:办好了" in answer.words
    assert head.record(str(sent["record"]))["by"] == outsider.account
    (entry,) = parked(outsider)
    assert (entry["state"], entry["decided"]["by"]) == ("let_in", head.account)
    assert "没有待认领的" in head.get("/console/parked").words


def test_what_is_left_out_has_a_reason_that_its_writer_reads(app: Flask, seat: SEAT) -> None:
    outsider, sent = strayed(app)
    head = seat("head")
    page = head.get("/console/parked")
    blank = press(head, page, "decline", sent, note="  ")
    assert blank.status == 422
    assert parked(outsider)[0]["state"] == "held"
    answer = press(head, page, "decline", sent, note="这是二网格的,请报到那边")
    assert "没有收,写的人会读到您的话" in answer.words
    (entry,) = parked(outsider)
    assert (entry["state"], entry["decided"]["note"]) == ("declined", "这是二网格的,请报到那边")
    assert seat("head").http.get(f"/api/v1/records/{sent['record']}").status_code == 404


def test_what_is_handed_on_lies_on_that_desk_first_and_says_by_whom(app: Flask, seat: SEAT) -> None:
    outsider, sent = strayed(app)
    head, supervisor = seat("head"), seat("supervisor")
    page = head.get("/console/parked")
    answer = press(head, page, "hand-on", sent, to=supervisor.account)
    assert "转给了 supervisor(示例)" in answer.words
    assert "head(示例) 请 supervisor(示例) 先看" in head.get("/console/parked").words
    assert "待认领 0 条" in head.get("/console/parked").words
    assert "在别人那里的 1 条" in head.get("/console/parked").words
    theirs = supervisor.get("/console/parked")
    assert "head(示例) 请您先看" in theirs.words
    assert "待认领 1 条" in theirs.words
    assert parked(outsider)[0]["handed_to"] == supervisor.account
    assert press(supervisor, theirs, "take", sent).outcome == "applied"


def test_it_is_handed_only_to_somebody_who_decides_there(app: Flask, seat: SEAT) -> None:
    outsider, sent = strayed(app)
    head = seat("head")
    page = head.get("/console/parked")
    for stranger in (outsider.account, seat("handler").account, "nobody"):
        assert "有几项要看一下" in press(head, page, "hand-on", sent, to=stranger).words
    assert parked(outsider)[0]["handed_to"] is None


def test_a_suggestion_is_taken_up_by_the_owner_s_own_change_that_names_it(seat: SEAT, worker: Phone) -> None:
    record, wish = suggested(seat, worker)
    head = seat("head")
    page = head.get("/console/parked")
    for said in ("这是一条建议", "漏水", "楼道堆物/消防通道", "想写成", "现在是"):
        assert said in page.words, said
    assert press(head, page, "adopt", wish).outcome == "applied"
    fields = head.record(record)["fields"]
    assert fields["category"] == "water_leak"
    assert fields["additions"][wish["id"]]["text"] == "采纳了 worker(示例) 的建议:种类 漏水。"
    newest = head.http.get(f"/api/v1/records/{record}/history").json["changes"][-1]  # type: ignore[index]
    assert newest["by"] == head.account
    assert parked(worker)[0]["state"] == "let_in"
    assert "没有待认领的" in head.get("/console/parked").words


def test_whoever_may_not_write_it_may_not_take_it_up_either(app: Flask, seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    wish = give(worker, change(str(sent["record"]), seq, {"public_summary": "已清理"}), "held")
    head, supervisor = seat("head"), seat("supervisor")
    page = head.get("/console/parked")
    assert f"adopt-{wish['id']}" not in page.forms
    assert "这一项不归您定" in page.words
    forced = head.post(f"/console/parked/{world.GRID}/{wish['id']}/take", seen=seq)
    assert "这一项不归您定" in forced.words
    assert "public_summary" not in head.record(str(sent["record"]))["fields"]
    assert press(supervisor, supervisor.get("/console/parked"), "adopt", wish).outcome == "applied"


def test_a_refused_change_that_its_writer_asks_about_is_shown_with_the_reason(seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    step = {
        "status": {"from": "accepted", "to": "assigned", "cycle": 1},
        "assignees": {worker.account: {"as": "owner"}},
    }
    refused = give(worker, change(record, seq, step), "refused")
    assert "没有待认领的" in seat("head").get("/console/parked").words
    assert worker.post(f"/parked/{refused['id']}/ask", {"book": world.GRID}).status_code == 200
    page = seat("head").get("/console/parked")
    for said in ("没办成,写的人请您看看", "这件事已经走到别的一步了"):
        assert said in page.words, said
    head = seat("head")
    answer = press(head, page, "take", refused)
    assert answer.outcome in {"applied", "merged"}
    assert head.record(record)["fields"]["status"]["status"] == "assigned"


def test_what_no_book_can_hold_is_not_offered_to_be_taken_in(seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    bad = give(worker, change(str(sent["record"]), seq, {"severity": "terrible"}), "refused")
    worker.post(f"/parked/{bad['id']}/ask", {"book": world.GRID})
    head = seat("head")
    page = head.get("/console/parked")
    assert f"take-{bad['id']}" not in page.forms
    assert "这样写进不了本子" in page.words
    answer = head.post(f"/console/parked/{world.GRID}/{bad['id']}/take")
    assert answer.outcome == "refused"
    assert "现在收不下" in answer.words
    assert press(head, answer, "decline", bad, note="请选普通、较急或紧急").status == 200


def test_two_desks_decide_once_and_the_second_is_told_who_was_quicker(app: Flask, seat: SEAT) -> None:
    _, sent = strayed(app)
    head, supervisor = seat("head"), seat("supervisor")
    stale = head.get("/console/parked")
    press(supervisor, supervisor.get("/console/parked"), "take", sent)
    answer = press(head, stale, "decline", sent, note="不要")
    assert "supervisor(示例) 已经收下了" in answer.words
    assert "没有待认领的" in head.get("/console/parked").words


def test_what_meets_somebody_else_s_words_is_laid_before_a_person(app: Flask, seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record = str(sent["record"])
    outsider = Phone(app).sign_in("outsider")
    stray = give(outsider, change(record, seq, {"reporter_contact": "000-0000-0002"}), "held")
    worker.push(change(record, seq, {"reporter_contact": "000-0000-0001"}))
    head = seat("head")
    answer = press(head, head.get("/console/parked"), "take", stray)
    assert answer.outcome == "conflict"
    assert "摆到「待您决定」了" in answer.words
    page = head.get("/console/decide")
    assert "outsider(示例)" in page.words
    assert "由 head(示例) 转交" in page.words


def test_pictures_of_what_waits_are_seen_by_those_who_decide_and_nobody_else(app: Flask, seat: SEAT) -> None:
    outsider, picture = Phone(app).sign_in("outsider"), drawing(7)
    give(outsider, report(picture), "held")
    assert outsider.upload(picture).status_code == 204
    where = f"/api/v1/photos/{hashlib.sha256(picture).hexdigest()}"
    head = seat("head")
    assert where in head.get("/console/parked").text
    for login, status in (("head", 200), ("supervisor", 200), ("worker", 404), ("handler", 404), ("admin", 404)):
        assert seat(login).http.get(where).status_code == status, login


def test_a_quarrel_that_waits_is_not_the_grid_head_s_to_read(app: Flask, seat: SEAT) -> None:
    outsider = Phone(app).sign_in("outsider")
    sent = give(outsider, report(category="dispute", description={"text": "两家争门口"}), "held")
    assert "两家争门口" not in seat("head").get("/console/parked").words
    assert seat("head").post(f"/console/parked/{world.GRID}/{sent['id']}/take").status == 404
    assert "两家争门口" in seat("supervisor").get("/console/parked").words


@pytest.mark.parametrize("how", ["take", "adopt", "hand-on", "decline"])
def test_whoever_does_not_decide_there_may_press_nothing(app: Flask, seat: SEAT, how: str) -> None:
    outsider, sent = strayed(app)
    where = f"/console/parked/{world.GRID}/{sent['id']}/{how}"
    for login in ("worker", "handler", "admin", "captain"):
        assert seat(login).post(where, note="x").status == 403, login
    assert seat("head").post(f"/console/parked/{world.TOWN}/{sent['id']}/{how}", note="x").status == 404
    assert seat("head").post(where.replace(sent["id"], str(sent["record"])), note="x").status == 404
    assert seat("head").post(f"/console/parked/{world.GRID}/{sent['id']}/burn").status == 404
    assert parked(outsider)[0]["state"] == "held"


def test_the_page_speaks_english_too(app: Flask, seat: SEAT) -> None:
    strayed(app)
    head = seat("head")
    head.http.set_cookie("gridwalk-language", "en")
    page = head.get("/console/parked")
    for said in ("1 change to be claimed", "Take it in", "Hand on…", "Leave out…", "Wanted"):
        assert said in page.words, said
