"""Rounds at the desk: coverage by place, plans, a round ended in its walker's place, signs to hang up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from domain.access import ServerActor
from domain.days import DAY, HOUR
from domain.records.codes import place_code
from sync.clock import FixedClock, to_text
from tests.api import world
from tests.api.phone import IDS, Phone, change
from tests.web.browsing import SIT, axe, too_small
from tests.web.conftest import SEAT
from tests.web.desk import HEADERS, Page

GROUND = f"/console/rounds/{world.GRID}"


@pytest.fixture
def grid_with_houses(app: Flask, clock: FixedClock) -> Phone:
    """The worker's phone; in the grid stands a house with two stairways, looked at 3 days ago, and never."""
    stand(app, "building", world.BUILDING, "3", world.GRID)
    stand(app, "unit", world.UNIT, "3-1", world.BUILDING)
    stand(app, "unit", world.OTHER_UNIT, "3-2", world.BUILDING)
    worker = Phone(app).sign_in("worker")
    looked = {world.UNIT: 3}
    walked(worker, clock.now(), {place: to_text(clock.now() - days * DAY) for place, days in looked.items()})
    return worker


def stand(app: Flask, type: str, id: str, label: str, parent: str) -> None:
    active = {"from": None, "to": "active", "cycle": 1}
    written = {"name": f"{label}号", "label": label, "parent_id": parent, "status": active}
    engine = app.extensions["gridwalk"].engine
    receipt = engine.edit(ServerActor(), book=world.GRID, record=id, type=type, seen=0, set=written, create=True)
    assert receipt["outcome"] == "applied", receipt


def walked(phone: Phone, now: int, stops: dict[str, str], began: int = 0) -> str:
    at = to_text(now - began)
    written: dict[str, Any] = {
        "place_id": world.GRID,
        "kind": "daily",
        "status": {"from": None, "to": "active", "cycle": 1},
        "started_at": at,
        "members": {phone.account: {"at": at}},
    }
    if stops:
        written["stops"] = {IDS.new(): {"place": place, "method": "hand", "at": at} for place, at in stops.items()}
    made = {**change(IDS.new(), 0, written), "type": "round", "create": True}
    assert phone.push(made)["outcome"] == "applied"
    return str(made["record"])


def form(page: Page, prefix: str) -> dict[str, Any]:
    return next(form for name, form in page.forms.items() if name.startswith(prefix))


def test_the_page_says_how_long_ago_by_place_and_names_nobody(seat: SEAT, grid_with_houses: Phone) -> None:
    for login in ("head", "supervisor", "command"):
        words = seat(login).get(GROUND).words
        assert "1 栋,近 7 天看过 1 栋" in words, login
        assert words.count("3 天前看过") == 2, "the house, and the stairway in it"
        assert words.count("三个月没看过") == 1
        assert "worker" not in words.replace(f"{login}(示例)", ""), login


@pytest.mark.parametrize("login", ["handler", "worker", "admin"])
def test_who_does_not_decide_there_has_no_such_page(seat: SEAT, app: Flask, login: str) -> None:
    if login == "worker":
        assert Phone(app).sign_in("worker").http.get(GROUND).status_code == 403
    else:
        assert seat(login).get(GROUND).status == 403


def test_nobody_opens_the_page_of_a_place_that_is_not_theirs(seat: SEAT) -> None:
    assert seat("head").get(f"/console/rounds/{world.OTHER_GRID}").status == 404
    assert seat("supervisor").get(f"/console/rounds/{world.COMMUNITY}").status == 404


def test_a_planned_round_reaches_the_phones_and_can_be_called_off(seat: SEAT, grid_with_houses: Phone) -> None:
    desk = seat("head")
    page = desk.get(GROUND)
    planned = desk.send(page, "plan", kind="fire", day="2026-12-01", place=[world.UNIT])
    assert planned.outcome == "applied"
    assert "看 1 处" in planned.words
    found = [each for book in grid_with_houses.sync()["books"] for each in book["records"] if each["type"] == "round"]
    plan = next(each["fields"] for each in found if each["fields"]["status"]["status"] == "planned")
    assert plan["kind"] == "fire"
    assert plan["wanted"] == {world.UNIT: {"order": 1}}
    assert plan["planned_at"] == "2026-12-01T04:00:00.000Z"
    cancel = form(planned, "form-cancel-")
    off = Page(desk.http.post(cancel["action"], data=cancel["fields"], headers=HEADERS))
    assert off.outcome == "applied"
    assert "看 1 处" not in off.words


def test_the_command_room_reads_and_does_not_plan(seat: SEAT) -> None:
    desk = seat("command")
    assert "form-plan" not in desk.get(GROUND).forms
    sent = {"record": IDS.new(), "kind": "fire"}
    assert desk.http.post(f"{GROUND}/plan", data=sent, headers=HEADERS).status_code == 404


def test_a_round_that_was_forgotten_is_ended_by_the_head_with_a_word(seat: SEAT, app: Flask, clock: FixedClock) -> None:
    walk = walked(Phone(app).sign_in("worker"), clock.now(), {}, began=13 * HOUR)
    assert not any(name.startswith("form-end-") for name in seat("supervisor").get(GROUND).forms)
    desk = seat("head")
    page = desk.get(GROUND)
    assert "是不是忘了结束" in page.words
    end = form(page, "form-end-")
    ended = Page(desk.http.post(end["action"], data=end["fields"], headers=HEADERS))
    assert ended.outcome == "applied"
    fields = desk.record(walk)["fields"]
    assert fields["status"]["status"] == "done"
    assert fields["ended_for"]["by"] == desk.account


def test_a_sign_is_an_address_that_any_camera_opens_and_a_code_to_type(seat: SEAT) -> None:
    page = seat("supervisor").get(f"{GROUND}/signs")
    codes = re.findall(r'class="sign-words">([2-9A-Z]{6})<', page.text)
    assert place_code(world.GRID) in codes
    assert page.text.count("<svg") >= len(codes)
    assert "style=" not in page.text


def test_in_a_real_browser_the_page_is_clean_and_plans_with_two_clicks(sit: SIT) -> None:
    page = sit("head")
    page.goto(GROUND)
    assert axe(page) == []
    page.click("#form-plan .option:has-text('防汛')")
    page.click("#form-plan button[type=submit]")
    expect(page.locator(".walks")).to_contain_text("防汛")
    assert axe(page) == []
    assert too_small(page) == []
    page.click("text=打印点位码")
    expect(page.locator(".sign-code").first).to_be_visible()
    assert axe(page) == []
