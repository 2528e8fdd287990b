"""The roster at the desk: plan a post and its week, see what is not manned, approve a swap, confirm a note made afterwards."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from domain import roster
from domain.accounts import device
from domain.days import HOUR, MINUTE, local
from domain.records.shift import shift_id, swap_key
from sync.clock import FixedClock, from_text, to_text
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import Phone, change
from tests.web.conftest import SEAT
from tests.web.desk import HEADERS, Desk, Page

POST = f"/console/roster/{world.POST}"
FORM = {"kind": "school", "start-0": "07:10", "end-0": "08:10", "lead-0": "10", "needed-0": "1",
        "days-0": list("1234567"), "host_phone": "000-0000-0110"}  # fmt: skip


class Table:
    """The supervisor at a desk with a planned post, the guard with a phone, and tomorrow."""

    def __init__(self, app: Flask, seat: SEAT, clock: FixedClock) -> None:
        self.app, self.clock = app, clock
        self.desk: Desk = seat("supervisor")
        self.guard = Phone(app).sign_in("guard")
        self.tomorrow: date = local(clock.now()).date() + timedelta(days=1)
        self.shift = shift_id(world.POST, self.tomorrow.isoformat(), "0710")
        monday = self.tomorrow - timedelta(days=self.tomorrow.isoweekday() - 1)
        self.week = monday.isoformat()
        assert self.send("plan", FORM | {"seen": "0"}).outcome == "applied"

    def page(self, path: str = POST) -> Page:
        return Page(self.desk.http.get(path, query_string={"week": self.week}))

    def send(self, how: str, form: dict[str, Any]) -> Page:
        self.clock.move(1000)
        return Page(self.desk.http.post(f"{POST}/{how}", data={"week": self.week, **form}, headers=HEADERS))

    def crew(self, *on: str, was: tuple[str, ...] = ()) -> Page:
        seen = str(self.record()["seq"]) if was else "0"
        form = {"record": self.shift, "seen": seen, "day": self.tomorrow.isoformat(), "session": "0710"}
        return self.send("crew", {**form, "on": list(on), "was": list(was)})

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = Phone(self.app).sign_in("supervisor").get(f"/records/{self.shift}").json or {}
        return found

    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = self.record()["fields"]
        return found

    def by_phone(self, phone: Phone, written: dict[str, Any]) -> None:
        phone.push(change(self.shift, self.record()["seq"], written, book=world.POST, type="shift"))

    @property
    def mate(self) -> Phone:
        """The supervisor stands at the gate, too: somebody must be there to swap with."""
        return Phone(self.app).sign_in("supervisor")


@pytest.fixture
def table(app: Flask, seat: SEAT, clock: FixedClock) -> Table:
    return Table(app, seat, clock)


def test_a_post_is_planned_its_week_is_a_table_and_what_is_unmanned_stands_on_top(table: Table) -> None:
    page = table.page()
    assert "07:10–08:10" in page.words
    assert page.words.count("还没排人") >= 1
    above = table.page("/console/roster")
    assert "48小时内有" in above.words
    assert "还差1人" in above.words
    assert table.crew(table.guard.account).outcome == "applied"
    assert roster.crew(table.fields()) == [table.guard.account]
    assert "guard(示例)" in table.page().words


def test_a_crew_is_changed_and_whoever_stays_is_named_again(table: Table) -> None:
    table.crew(table.guard.account)
    mate = table.mate.account
    assert table.crew(mate, was=(table.guard.account,)).outcome == "applied"
    assert roster.crew(table.fields()) == [mate]


def test_two_planners_who_saw_nothing_of_each_other_both_count_and_it_is_said(table: Table, seat: SEAT) -> None:
    table.crew(table.guard.account)
    other = seat("command")
    form = {
        "record": table.shift,
        "seen": "0",
        "day": table.tomorrow.isoformat(),
        "session": "0710",
        "on": [table.mate.account],
    }
    assert Page(other.http.post(f"{POST}/crew", data=form, headers=HEADERS)).outcome in {"applied", "merged"}
    assert len(roster.crew(table.fields())) == 2
    assert "多派了" in table.page("/console/roster").words


def test_a_swap_that_both_want_is_approved_with_one_press(table: Table) -> None:
    table.crew(table.guard.account)
    giver, taker = table.guard.account, table.mate.account
    key, now = swap_key(giver, taker), to_text(table.clock.now())
    table.by_phone(table.guard, {"swaps": {key: {"from": giver, "to": taker, "at": now}}})
    table.by_phone(table.mate, {"swap_agreed": {key: {"ok": True, "at": now}}})
    page = table.page("/console/roster")
    assert "换给" in page.words
    form = {
        "record": table.shift,
        "seen": str(table.record()["seq"]),
        "key": key,
        "ok": "yes",
        "was": [giver],
        "back": "all",
    }
    answer = table.send("swap", form)
    assert answer.outcome == "applied"
    assert "换给" not in answer.words
    assert roster.crew(table.fields()) == [taker]


def test_a_note_made_afterwards_is_confirmed_and_an_absence_granted(table: Table) -> None:
    table.crew(table.guard.account)
    me, now = table.guard.account, to_text(table.clock.now())
    table.by_phone(table.guard, {"absence": {me: {"reason": "家里有事", "at": now}}})
    assert "家里有事" in table.page("/console/roster").words
    form = {"record": table.shift, "seen": str(table.record()["seq"]), "key": me, "back": "all"}
    assert "家里有事" not in table.send("excuse", form).words
    assert me in table.fields()["excused"]
    late = {"check_in_at": {me: now}, "check_in_how": {me: {"method": "later", "near": "unknown"}}}
    table.by_phone(table.guard, late | {"back_fill": {me: {"reason": "手机没电", "at": now}}})
    assert "手机没电" in table.page("/console/roster").words
    table.send("confirm", {**form, "seen": str(table.record()["seq"])})
    assert me in table.fields()["confirmed"]


def test_the_rest_of_a_week_is_planned_as_the_one_before(table: Table) -> None:
    table.crew(table.guard.account)
    monday = date.fromisoformat(table.week)
    table.week = (monday + timedelta(days=7)).isoformat()
    assert table.send("copy", {}).outcome == "applied"
    later = shift_id(world.POST, (table.tomorrow + timedelta(days=7)).isoformat(), "0710")
    found = table.mate.get(f"/records/{later}").json
    assert roster.crew((found or {})["fields"]) == [table.guard.account]
    assert "没有要排的" in table.send("copy", {}).words


def test_nothing_noted_is_said_neutrally_and_only_once_the_phone_has_spoken(table: Table) -> None:
    table.crew(table.guard.account)
    start = from_text(table.fields()["start"])
    table.clock.at = start + 20 * MINUTE
    assert "未见记录" not in table.page().words
    table.clock.at = start + 40 * MINUTE
    assert "等网" in table.page().words
    with services(table.app).database.write() as conn:
        conn.execute(device.update().where(device.c.id == table.guard.device).values(last_seen_at=table.clock.now()))
    assert "未见记录" in table.page().words
    table.clock.at = start + 5 * HOUR
    assert "旷工" not in table.page().words


def test_a_session_that_cannot_be_is_not_taken_and_one_without_a_beginning_goes(table: Table) -> None:
    seen = re.search(r'name="seen" value="(\d+)"><input type="hidden" name="week"', table.page().text)
    assert seen
    wrong = FORM | {"seen": seen[1], "key-0": "0710", "end-0": "99:99"}
    assert table.send("plan", wrong).outcome == "refused"
    gone = table.send("plan", FORM | {"seen": seen[1], "key-0": "0710", "start-0": ""})
    assert gone.outcome == "applied"
    assert "07:10–08:10" not in gone.words


@pytest.mark.parametrize("login", ["worker", "guard", "captain", "handler", "admin"])
def test_who_does_not_plan_does_not_see_the_roster_of_a_post(app: Flask, seat: SEAT, login: str) -> None:
    for path in ("/console/roster", POST):
        assert seat(login).http.get(path).status_code in {302, 303, 403, 404}


def test_a_head_of_another_place_plans_nothing_here(seat: SEAT) -> None:
    head = seat("head")
    assert head.http.get("/console/roster").status_code == 200
    assert head.http.get(POST).status_code == 404
    assert head.http.post(f"{POST}/crew", data={}, headers=HEADERS).status_code == 404


@pytest.mark.parametrize("form", [{}, {"record": "x", "seen": "1"}, {"record": world.POST, "seen": "-1"},
                                  {"record": world.POST, "seen": "0", "day": "never", "session": "0710"}])  # fmt: skip
def test_a_form_that_nobody_made_is_not_there(table: Table, form: dict[str, str]) -> None:
    assert table.send("crew", form).status == 404


def test_rule_3_the_page_adds_up_nothing_that_one_person_did(table: Table) -> None:
    table.crew(table.guard.account)
    for path in (POST, "/console/roster"):
        assert not re.search(r"guard\(示例\)[^<]{0,4}\d", table.page(path).words)
