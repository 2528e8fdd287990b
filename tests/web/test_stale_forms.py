"""A form that was rendered before somebody else's change merges with it; it never writes over it (M10)."""

from __future__ import annotations

from collections.abc import Callable

from sync.clock import FixedClock
from tests.api.phone import Phone, change, report
from tests.web.desk import Desk

SEAT = Callable[[str], Desk]


def test_two_desks_severity_merges_to_the_safer_and_both_are_told(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    sent = report(severity="normal")
    worker.push(sent)
    record = str(sent["record"])
    supervisor, head = seat("supervisor"), seat("head")
    stale = head.open(record)
    assert supervisor.do(record, "severity", severity="urgent").outcome == "applied"
    clock.move(1000)
    page = head.send(stale, "severity", severity="serious")
    assert page.outcome == "merged"
    assert head.record(record)["fields"]["severity"] == "urgent"
    assert "「轻重」用的是别人的写法,您的也留着" in page.words
    assert "没有采用的写法 1" in page.words


def test_a_stale_addition_stands_beside_the_other(seat: SEAT, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    record = str(sent["record"])
    supervisor, head = seat("supervisor"), seat("head")
    stale = head.open(record)
    assert supervisor.do(record, "add", text="一楼也有").outcome == "applied"
    assert head.send(stale, "add", text="二楼也有").outcome in {"applied", "merged"}
    texts = {each["text"] for each in head.record(record)["fields"]["additions"].values()}
    assert texts == {"一楼也有", "二楼也有"}


def test_accepting_what_was_accepted_meanwhile_is_agreement(seat: SEAT, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    record = str(sent["record"])
    supervisor, head = seat("supervisor"), seat("head")
    stale = head.open(record)
    assert supervisor.do(record, "accept").outcome == "applied"
    page = head.send(stale, "accept")
    assert page.outcome in {"applied", "merged"}
    assert head.record(record)["fields"]["status"] == {"status": "accepted", "cycle": 1}


def test_two_ends_at_once_are_undecided_until_somebody_chooses(seat: SEAT, worker: Phone) -> None:
    first, sent = report(), report()
    worker.push(first)
    worker.push(sent)
    record = str(sent["record"])
    supervisor, head = seat("supervisor"), seat("head")
    stale = head.open(record)
    assert supervisor.do(record, "reject", reason="属于物业", instead="物业").outcome == "applied"
    page = head.send(stale, "merge", merged_into=str(first["record"]))
    assert page.outcome == "conflict"
    assert "待定" in page.words
    # The head sees both letters; which end stands, the community decides.
    assert "用左边" not in page.words
    opened = supervisor.open(record)
    assert "用左边" in opened.words
    assert record in supervisor.get("/console/cases?undecided=1").rows
    candidates = supervisor.record(record)["conflicts"]["status"]
    chosen = next(each for each in candidates if each["value"]["status"] == "merged")
    answer = supervisor.post(
        f"/console/decide/{record}/use",
        seen=supervisor.record(record)["seq"],
        field="status",
        key="",
        change=chosen["change"],
    )
    assert answer.outcome == "applied"
    assert "conflicts" not in supervisor.record(record)
    assert supervisor.record(record)["fields"]["status"]["status"] == "merged"


def test_a_conflict_that_is_closed_meanwhile_is_said_so(seat: SEAT, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    record = str(sent["record"])
    page = seat("supervisor").post(
        f"/console/decide/{record}/use",
        seen=1,
        field="place_id",
        key="",
        change="0191d1f0-0000-7000-8000-000000000000",
    )
    assert page.status == 200
    assert "已经定过了" in page.words


def test_two_places_are_shown_side_by_side_and_decided_by_the_head(seat: SEAT, app: object, worker: Phone) -> None:
    sent = report()
    seq = worker.push(sent)["seq"]
    record, here, there = (
        str(sent["record"]),
        "0191d1f0-0000-7000-8000-00000000000a",
        "0191d1f0-0000-7000-8000-00000000000b",
    )
    second = Phone(app).sign_in("worker2")  # type: ignore[arg-type]
    worker.push(change(record, seq, {"place_id": here}))
    second.push(change(record, seq, {"place_id": there}))
    head = seat("head")
    candidates = head.record(record)["conflicts"]["place_id"]
    page = head.post(
        f"/console/decide/{record}/use",
        seen=head.record(record)["seq"],
        field="place_id",
        key="",
        change=candidates[1]["change"],
    )
    assert page.outcome == "applied"
    assert head.record(record)["fields"]["place_id"] == candidates[1]["value"]
    assert "conflicts" not in head.record(record)
