"""Every action of the case page: by whom, from where, and what it writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from sync.clock import FixedClock
from tests.api.phone import Phone, report
from tests.web.desk import Desk

SEAT = Callable[[str], Desk]
DAY = 24 * 3600 * 1000


def reported(worker: Phone, **fields: Any) -> str:
    change = report(**fields)
    worker.push(change)
    return str(change["record"])


def status(desk: Desk, record: str) -> tuple[str, int]:
    value = desk.record(record)["fields"]["status"]
    return value["status"], value["cycle"]


def account_of(seat: SEAT, login: str) -> str:
    return seat(login).account


def brought_to(seat: SEAT, worker: Phone, state: str) -> str:
    """A case that stands in `state`, by the ordinary way."""
    record = reported(worker)
    supervisor, handler = seat("supervisor"), seat("handler")
    way: dict[str, Callable[[], Any]] = {
        "accepted": lambda: supervisor.do(record, "accept"),
        "assigned": lambda: supervisor.do(record, "dispatch", owner=handler.account),
        "working": lambda: handler.do(record, "start"),
        "resolved": lambda: handler.do(record, "resolve", text="已清走"),
        "closed": lambda: supervisor.do(record, "verify", ok="true"),
    }
    if state == "needs_info":
        assert supervisor.do(record, "needs_info", text="哪一层?").outcome == "applied"
        return record
    if state == "on_hold":
        record = brought_to(seat, worker, "working")
        assert handler.do(record, "hold", reason="等配件", until="2100-01-01").outcome == "applied"
        return record
    for name, go in way.items():
        if state == "reported":
            break
        page = go()
        assert page.outcome == "applied", page.words
        if name == state:
            break
    return record


def test_the_whole_way_of_a_case_from_the_report_to_the_second_round(
    seat: SEAT, worker: Phone, clock: FixedClock
) -> None:
    record = reported(worker)
    supervisor, handler = seat("supervisor"), seat("handler")
    assert supervisor.do(record, "accept").outcome == "applied"
    assert handler.open(record).status == 404  # not yet theirs
    due = "2100-05-06"
    assert supervisor.do(record, "dispatch", owner=handler.account, due=due).outcome == "applied"
    fields = supervisor.record(record)["fields"]
    assert fields["assignees"] == {handler.account: {"as": "owner"}}
    assert fields["due_at"] == "2100-05-06T10:00:00.000Z"  # the end of that day's work, in the place's time
    assert handler.do(record, "start").outcome == "applied"
    assert handler.record(record)["fields"]["handler"] == handler.account
    assert handler.do(record, "resolve", text="已联系清运").outcome == "applied"
    assert status(supervisor, record) == ("resolved", 1)
    assert supervisor.do(record, "verify", ok="false", text="还有一半").outcome == "applied"
    assert status(supervisor, record) == ("working", 2)
    assert handler.do(record, "resolve", text="这次全清了").outcome == "applied"
    assert supervisor.do(record, "verify", ok="true").outcome == "applied"
    assert status(supervisor, record) == ("closed", 2)
    assert supervisor.do(record, "reopen", text="又堆上了").outcome == "applied"
    assert status(supervisor, record) == ("working", 3)
    line = supervisor.open(record).words
    for said in (
        "上报",
        "受理",
        "派给handler",
        "开始处理",
        "处理好了",
        "没修好,重新打开(第 2 轮)",
        "修好了,办结",
        "重新打开(第 3 轮)",
        "还有一半",
    ):
        assert said in line, said


def test_a_rejection_needs_a_reason_and_whom_to_ask_and_keeps_what_was_typed(seat: SEAT, worker: Phone) -> None:
    record = reported(worker)
    supervisor = seat("supervisor")
    page = supervisor.do(record, "reject", reason="属于物业维修范围")
    assert (page.status, page.outcome) == (422, "refused")
    assert page.forms["form-reject"]["fields"]["reason"] == "属于物业维修范围"
    assert "这里要填" in page.words
    assert status(supervisor, record) == ("reported", 1)
    assert supervisor.do(record, "reject", reason="属于物业", instead="物业服务中心").outcome == "applied"
    assert supervisor.record(record)["fields"]["rejection"] == {"reason": "属于物业", "instead": "物业服务中心"}
    assert "可以找:物业服务中心" in supervisor.open(record).words


def test_2_an_identity_number_is_not_taken_at_the_desk_and_what_was_typed_stays(seat: SEAT, worker: Phone) -> None:
    record = reported(worker)
    supervisor, typed = seat("supervisor"), "请联系 110101199003070011 核实"
    page = supervisor.do(record, "add", text=typed)
    assert (page.status, page.outcome) == (422, "refused")
    assert page.forms["form-add"]["fields"]["text"] == typed
    assert "别写身份证号" in page.words
    assert supervisor.do(record, "add", text="请联系住户核实").outcome == "applied"


def test_a_double_is_merged_into_a_similar_case_or_by_number(seat: SEAT, worker: Phone) -> None:
    first, second, third = (reported(worker) for _ in range(3))
    supervisor = seat("supervisor")
    number = supervisor.record(first)["fields"]["no"]
    assert number in supervisor.open(second).words  # offered as similar
    assert supervisor.do(second, "merge", merged_into=first).outcome == "applied"
    assert supervisor.do(third, "merge", number="LW1-0000-999").status == 422
    assert supervisor.do(third, "merge", number=number.lower()).outcome == "applied"
    for each in (second, third):
        assert supervisor.record(each)["fields"]["merged_into"] == first
        assert number in supervisor.open(each).words


def test_a_case_is_held_twice_at_most(seat: SEAT, worker: Phone) -> None:
    record = brought_to(seat, worker, "on_hold")
    handler = seat("handler")
    assert handler.do(record, "resume").outcome == "applied"
    assert handler.do(record, "hold", reason="下雨", until="2100-01-02").outcome == "applied"
    page = handler.do(record, "resume")
    assert page.outcome == "applied"
    assert "hold" not in page.offers


def test_the_facts_can_be_corrected_and_published(seat: SEAT, worker: Phone) -> None:
    record = brought_to(seat, worker, "assigned")
    supervisor, head = seat("supervisor"), seat("head")
    assert supervisor.do(record, "severity", severity="urgent").outcome == "applied"
    assert supervisor.do(record, "classify", class_="event", category="garbage").outcome == "applied"
    assert supervisor.do(record, "due", due="2100-02-03").outcome == "applied"
    assert supervisor.do(record, "summary", public_summary="楼道杂物", public_state="在清").outcome == "applied"
    assert supervisor.do(record, "helpers", helpers=[head.account]).outcome == "applied"
    assert supervisor.do(record, "add", text="住户说周末再堆").outcome == "applied"
    assert supervisor.do(record, "visibility", visibility="restricted").outcome == "applied"
    fields = supervisor.record(record)["fields"]
    assert (fields["severity"], fields["class"], fields["category"]) == ("urgent", "event", "garbage")
    assert fields["due_at"].startswith("2100-02-03")
    assert fields["assignees"][head.account] == {"as": "helper"}
    assert [each["text"] for each in fields["additions"].values()] == ["住户说周末再堆"]
    assert (fields["visibility"], fields["public_summary"], fields["public_state"]) == (
        "restricted",
        "楼道杂物",
        "在清",
    )


def test_an_addition_that_is_sent_twice_stands_once(seat: SEAT, worker: Phone) -> None:
    record = reported(worker)
    supervisor = seat("supervisor")
    page = supervisor.open(record)
    for _ in range(2):
        assert supervisor.send(page, "add", text="问过了").outcome in {"applied", "merged"}
    assert len(supervisor.record(record)["fields"]["additions"]) == 1


def test_a_picture_from_the_desk_is_named_in_the_change(seat: SEAT, worker: Phone) -> None:
    record = brought_to(seat, worker, "working")
    handler = seat("handler")
    sha, small = "a" * 64, "b" * 64
    entry = {"stage": "after", "type": "image/jpeg", "bytes": 9, "width": 4, "height": 3, "preview": small}
    page = handler.do(record, "resolve", text="好了", photos=json.dumps({sha: entry}))
    assert page.outcome == "applied", page.words
    assert handler.record(record)["fields"]["photos"][sha] == entry
    assert "照片还在路上" in page.words


def test_what_the_engine_refuses_comes_back_in_the_form(seat: SEAT, worker: Phone) -> None:
    record = brought_to(seat, worker, "working")
    handler = seat("handler")
    page = handler.do(record, "resolve", text="好了", photos=json.dumps({"no hash": {"stage": "after"}}))
    assert page.outcome == "refused"
    assert page.forms["form-resolve"]["fields"]["text"] == "好了"
    assert page.forms["form-resolve"]["fields"]["photos"].startswith("{")
    assert status(handler, record) == ("working", 1)


OFFERED = {
    # state: role -> the steps on offer (corrections aside)
    "reported": {
        "supervisor": {"accept", "needs_info", "reject", "merge"},
        "head": {"accept", "needs_info", "reject", "merge"},
        "command": {"accept", "needs_info", "reject", "merge"},
    },
    "needs_info": {"supervisor": {"accept", "report_again", "reject", "merge"}},
    "accepted": {"supervisor": {"dispatch"}, "head": {"dispatch"}, "command": {"dispatch"}},
    "assigned": {"supervisor": {"start", "hold"}, "handler": {"start", "hold"}, "command": set()},
    "working": {"head": {"resolve", "hold"}, "handler": {"resolve", "hold"}, "command": set()},
    "on_hold": {"handler": {"resume"}, "head": {"resume"}, "command": set()},
    "resolved": {"supervisor": {"verify"}, "head": {"verify"}, "command": {"verify"}, "handler": set()},
    "closed": {"supervisor": {"reopen"}, "head": {"reopen"}, "command": {"reopen"}, "handler": set()},
}
CORRECTIONS = {"move", "due", "severity", "classify", "visibility", "summary", "helpers", "add", "hide"}
SAME_STEP = {"start": "resume", "resume": "start", "reopen": "verify"}
"""Another form of the same step: whoever may do the one may do the other."""
STEPS = {
    "accept": {},
    "needs_info": {"text": "缺什么"},
    "report_again": {"text": "补"},
    "reject": {"reason": "a", "instead": "b"},
    "merge": {"merged_into": "0191d1f0-0000-7000-8000-000000000000"},
    "dispatch": {"owner": "0191d1f0-0000-7000-8000-000000000000"},
    "start": {},
    "resume": {},
    "hold": {"reason": "a", "until": "2100-01-01"},
    "resolve": {"text": "好了"},
    "verify": {"ok": "true"},
    "reopen": {"text": "又坏了"},
}


@pytest.mark.parametrize("state", OFFERED)
def test_each_role_is_offered_its_steps_and_refused_every_other(seat: SEAT, worker: Phone, state: str) -> None:
    record = brought_to(seat, worker, state)
    for login, expected in OFFERED[state].items():
        desk = seat(login)
        page = desk.open(record)
        assert page.offers - CORRECTIONS == expected, login
        value = desk.record(record)["fields"]["status"]
        hidden = {"seen": desk.record(record)["seq"], "come_from": value["status"], "cycle": value["cycle"]}
        nonce = {"nonce": "0191d1f0-0000-7000-8000-000000000001"}
        for action in set(STEPS) - expected - {name for name, same in SAME_STEP.items() if same in expected}:
            answer = desk.post(f"/console/cases/{record}/do/{action}", **hidden, **nonce, **STEPS[action])
            assert answer.outcome == "refused", (login, action, answer.words)
        assert desk.record(record)["fields"]["status"] == value, login


@pytest.mark.parametrize("login", ["worker", "captain", "guard", "admin"])
def test_whoever_works_elsewhere_has_no_case_page_and_no_action(seat: SEAT, worker: Phone, login: str) -> None:
    record = reported(worker)
    desk = seat(login)
    for path in ("/console/cases", f"/console/cases/{record}", "/console/cases/fresh", "/console/parked"):
        assert desk.get(path).status == 403, path
    for action in STEPS:
        assert desk.post(f"/console/cases/{record}/do/{action}", seen=0).status == 403


def test_a_case_out_of_sight_is_not_there(seat: SEAT, worker: Phone) -> None:
    record = reported(worker)
    handler = seat("handler")
    assert handler.open(record).status == 404
    assert handler.post(f"/console/cases/{record}/do/add", seen=0, text="x").status == 404
    assert seat("supervisor").post(f"/console/cases/{record}/do/nothing", seen=0).status == 404


def test_without_its_header_no_form_is_taken(seat: SEAT, worker: Phone) -> None:
    record = reported(worker)
    desk = seat("supervisor")
    answer = desk.http.post(f"/console/cases/{record}/do/accept", data={"seen": 0})
    assert answer.status_code == 403
    assert status(desk, record) == ("reported", 1)


def test_the_first_look_of_somebody_entitled_is_written_once(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    record = brought_to(seat, worker, "assigned")
    handler, head, supervisor = seat("handler"), seat("head"), seat("supervisor")
    assert handler.post(f"/console/cases/{record}/seen").status == 204
    assert "seen_at" not in head.record(record)["fields"]
    assert "/seen" in "".join(head.open(record).forms)
    assert head.post(f"/console/cases/{record}/seen").status == 204
    first = head.record(record)["fields"]["seen_at"]
    clock.move(60_000)
    assert "/seen" not in "".join(supervisor.open(record).forms)
    assert supervisor.post(f"/console/cases/{record}/seen").status == 204
    assert head.record(record)["fields"]["seen_at"] == first
    assert head.record(record)["seq"] == supervisor.record(record)["seq"]


def test_a_case_that_is_hidden_is_out_of_the_list_and_can_be_brought_back(seat: SEAT, worker: Phone) -> None:
    record = reported(worker)
    supervisor, command = seat("supervisor"), seat("command")
    assert "hide" not in command.open(record).offers
    page = supervisor.do(record, "hide", text="试着报的")
    assert page.outcome == "applied", page.words
    assert "已隐藏" in page.words
    assert record not in supervisor.get("/console/cases").rows
    assert supervisor.do(record, "restore").outcome == "applied"
    assert supervisor.get("/console/cases").rows == [record]


def test_without_script_nothing_that_was_typed_lands_in_an_address(seat: SEAT, worker: Phone) -> None:
    """A browser whose script has not come sends the form as it stands: as a POST, which is refused kindly."""
    record = reported(worker)
    desk = seat("supervisor")
    for page in (desk.open(record), desk.get("/console/cases"), Desk(desk.app).get("/console/sign-in")):
        for tag in re.findall(r"<form\b[^>]*hx-post[^>]*>", page.text):
            assert 'method="post"' in tag or "load once" in tag, tag
