"""移到另一网格 (S7): by whoever is over both places; where it was, it says where it went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.api import world
from tests.api.phone import Phone, change, report
from tests.web.desk import Desk
from tests.web.disputes import HERE, THERE, press, two_places

SEAT = Callable[[str], Desk]


def reported(worker: Phone, **more: Any) -> str:
    sent = report(**more)
    worker.push(sent)
    return str(sent["record"])


def move(desk: Desk, record: str, **typed: Any) -> Any:
    return desk.do(record, "move", **{"to": world.OTHER_GRID, **typed})


def test_S7_a_case_is_moved_and_the_page_says_where_it_is_and_who_moved_it(seat: SEAT, worker: Phone) -> None:
    record, supervisor = reported(worker), seat("supervisor")
    answer = move(supervisor, record, text="其实在桥那边")
    assert "移到了柳湾二网格" in answer.words
    found = supervisor.record(record)
    assert found["book"] == world.OTHER_GRID
    assert found["by"] == worker.account
    assert [each["text"] for each in found["fields"]["additions"].values()] == [
        "从柳湾一网格移到柳湾二网格:其实在桥那边"
    ]
    page = supervisor.open(record)
    assert "柳湾二网格" in page.words
    assert "supervisor(示例)" in page.words
    assert supervisor.get("/console/cases").rows == [record]


def test_S7_where_it_was_it_says_where_it_went_and_nothing_more(seat: SEAT, worker: Phone) -> None:
    record, head = reported(worker, place_note="三楼拐角"), seat("head")
    stale = head.open(record)
    move(seat("supervisor"), record)
    page = head.open(record)
    assert page.status == 200
    assert "这件事移到了柳湾二网格" in page.words
    assert "三楼拐角" not in page.text
    assert page.offers == set()
    assert head.get("/console/cases").rows == []
    answer = head.send(stale, "add", text="住户说周末清")
    assert "没有存进去" in answer.words
    assert "住户说周末清" in answer.words
    assert "additions" in seat("supervisor").record(record)["fields"]
    texts = [each["text"] for each in seat("supervisor").record(record)["fields"]["additions"].values()]
    assert texts == ["从柳湾一网格移到柳湾二网格。"]
    assert head.get(f"/console/cases/{record}/fresh").status == 200


def test_S7_a_form_from_before_the_move_is_not_counted_in_the_new_book(seat: SEAT, worker: Phone) -> None:
    record, supervisor, command = reported(worker), seat("supervisor"), seat("command")
    stale = command.open(record)
    move(supervisor, record)
    before = supervisor.record(record)["seq"]
    answer = command.send(stale, "accept")
    assert "刚移到了柳湾二网格" in answer.words
    assert supervisor.record(record)["seq"] == before
    assert command.send(answer, "accept").outcome == "applied"


def test_S7_the_same_form_sent_twice_moves_once(seat: SEAT, worker: Phone) -> None:
    record, supervisor = reported(worker), seat("supervisor")
    page = supervisor.open(record)
    supervisor.send(page, "move", to=world.OTHER_GRID)
    seq = supervisor.record(record)["seq"]
    supervisor.send(page, "move", to=world.OTHER_GRID)
    assert supervisor.record(record)["book"] == world.OTHER_GRID
    assert supervisor.record(record)["seq"] == seq


def test_S7_what_is_undecided_is_decided_where_it_lives_now(app: Flask, seat: SEAT, worker: Phone) -> None:
    record, supervisor, head = two_places(app, worker), seat("supervisor"), seat("head")
    stale, old = supervisor.get("/console/decide"), head.get("/console/decide")
    move(supervisor, record)
    assert "没有要您决定的" in head.get("/console/decide").words
    assert "这件事移到了柳湾二网格" in press(head, old, "use", record, 0).words
    assert "刚移到了柳湾二网格" in press(supervisor, stale, "use", record, 0).words
    page = supervisor.get("/console/decide")
    for said in ("worker(示例)", "worker2(示例)", "待您决定 1 件"):
        assert said in page.words, said
    assert press(supervisor, page, "use", record, 1).outcome == "applied"
    assert supervisor.record(record)["fields"]["place_id"] in {HERE, THERE}
    assert "conflicts" not in supervisor.record(record)


def test_S7_a_late_change_lies_on_the_desk_of_the_new_place(seat: SEAT, worker: Phone) -> None:
    sent = report()
    seq = int(worker.push(sent)["seq"])
    record, supervisor, head = str(sent["record"]), seat("supervisor"), seat("head")
    move(supervisor, record)
    late = change(record, seq, {"additions": {HERE: {"text": "又多了一个柜子"}}})
    receipt = worker.sync({**late, "epoch": worker.sync(limit=0)["epoch"]}, limit=0)["receipts"][0]
    assert (receipt["outcome"], receipt["reason"]) == ("held", "moved")
    assert "没有待认领的" in head.get("/console/parked").words
    assert head.post(f"/console/parked/{world.GRID}/{late['id']}/take").words.count("已经不在这里了") == 1
    page = supervisor.get("/console/parked")
    assert "原来写给柳湾一网格,现在归柳湾二网格" in page.words
    form = page.forms[f"take-{late['id']}"]
    assert supervisor.post(form["action"], **form["fields"]).outcome == "applied"
    assert "又多了一个柜子" in supervisor.open(record).words


def test_the_form_needs_a_place(seat: SEAT, worker: Phone) -> None:
    record, supervisor = reported(worker), seat("supervisor")
    for wrong in ("", "nowhere"):
        answer = move(supervisor, record, to=wrong)
        assert answer.status == 422
        assert 'id="move-to-error"' in answer.text
    assert supervisor.record(record)["book"] == world.GRID


@pytest.mark.parametrize("login", ["head", "handler", "worker", "admin"])
def test_only_whoever_is_over_both_places_moves_a_case(seat: SEAT, worker: Phone, login: str) -> None:
    record, supervisor = reported(worker), seat("supervisor")
    form = supervisor.open(record).forms["form-move"]
    desk = seat(login)
    answer = desk.post(form["action"], **{**form["fields"], "to": world.OTHER_GRID})
    assert answer.status in {403, 404, 422}
    if login == "head":
        assert "move" not in desk.open(record).offers
    assert supervisor.record(record)["book"] == world.GRID


def test_a_case_is_not_moved_out_of_the_reach_of_whoever_moves_it(seat: SEAT, worker: Phone) -> None:
    record, supervisor = reported(worker), seat("supervisor")
    assert move(supervisor, record, to=world.TOWN).status in {403, 422}
    assert supervisor.record(record)["book"] == world.GRID
