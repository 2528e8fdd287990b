"""投诉建议 and visits at the desk: who reads them, and that an answer reaches the phone of whoever wrote."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from sync.ids import derived
from tests.api.phone import IDS, Phone, change
from tests.api.world import UNIT
from tests.web.desk import Desk, Page

Seat = Callable[[str], Desk]
ID = derived("feedback", "one")
AT = "2026-06-13T04:00:00.000Z"


def made(phone: Phone, type: str, fields: dict[str, Any], id: str | None = None) -> str:
    record = id or IDS.new()
    phone.push(change(record, 0, fields, type=type, create=True))
    return record


@pytest.fixture
def said(worker: Phone) -> str:
    words = {"a": {"text": "字再大一点", "at": AT}}
    step = {"from": None, "to": "sent", "cycle": 1}
    return made(worker, "feedback", {"about": "app", "screen": "places", "words": words, "status": step}, ID)


def answer(desk: Desk, **typed: object) -> Page:
    page = desk.get("/console/feedback")
    form = next(each for each in page.forms.values() if str(each["action"]).endswith("/answer"))
    return Page(desk.http.post(form["action"], data={**form["fields"], **typed}, headers={"X-Gridwalk": "1"}))


@pytest.mark.usefixtures("said")
def test_the_answer_reaches_the_phone_of_whoever_wrote(seat: Seat, worker: Phone) -> None:
    desk = seat("supervisor")
    assert "字再大一点" in desk.get("/console/feedback").words
    page = answer(desk, text="下个版本改")
    assert page.outcome == "applied", page.words
    assert "已答复" in page.words
    (found,) = [each for book in worker.sync()["books"] for each in book["records"] if each["id"] == ID]
    assert [each["text"] for each in found["fields"]["answer"].values()] == ["下个版本改"]
    assert found["fields"]["status"]["status"] == "answered"


@pytest.mark.usefixtures("said")
def test_an_empty_answer_says_nothing(seat: Seat, worker: Phone) -> None:
    page = answer(seat("command"), text=" ")
    assert page.status == 422
    assert worker.get(f"/records/{ID}").json["fields"]["status"]["status"] == "sent"  # type: ignore[index]


@pytest.mark.usefixtures("said")
def test_nobody_else_has_the_page(seat: Seat) -> None:
    for login in ("head", "handler", "admin"):
        assert seat(login).get("/console/feedback").status == 403


def visit(phone: Phone, what: str, to: str, at: str, **more: Any) -> str:
    went = {IDS.new(): {"what": what, "by": phone.account, "at": at}}
    step = {"from": None, "to": to, "cycle": 1}
    return made(phone, "visit", {"place_id": UNIT, "purpose": "care", "status": step, "outcome": went, **more})


def test_the_head_is_told_where_nobody_opened_twice_and_reads_no_notes(seat: Seat, worker: Phone) -> None:
    note = {"a": {"text": "只说给您听", "by": worker.account, "at": AT}}
    consent = {"kind": "spoken", "text_version": "2026-06", "at": AT}
    fields = {"place_id": UNIT, "alias": "1-1 奶奶", "frequency": "weekly", "consent": consent, "notes": note}
    agreement = made(worker, "care_agreement", {**fields, "ends_on": "2027-06-01"})
    for at in ("2026-06-12T04:00:00.000Z", AT):
        visit(worker, "not_home", "retry", at, care_agreement_id=agreement)
    page = seat("head").get("/console/visits")
    assert "连续 2 次没人在" in page.words
    assert "1-1 奶奶" in page.words
    assert "只说给您听" not in page.text
    supervisor = seat("supervisor").get("/console/visits")
    assert "连续" not in supervisor.words
    assert "1-1 奶奶" not in supervisor.words
    assert len(re.findall("改天再来", supervisor.words)) == 2


def test_visits_are_not_before_the_command_room(seat: Seat) -> None:
    for login in ("command", "handler", "admin"):
        assert seat(login).get("/console/visits").status == 403
