"""The worked conflicts of the case, each on two real phones that had no line: how it ends on both and on the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from domain.records import TYPES
from sync.clock import SystemClock
from sync.database import Database, connect
from sync.engine import Engine
from tests.phone.colleague import IDS, Colleague
from tests.phone.crew import Crew, book_of, held, new_case
from tests.phone.handset import SEND, Handset, photo
from tests.phone.street import Street

ONE = "柳湾一网格"


@pytest.fixture(scope="module")
def crew(street: Street) -> Iterator[Crew]:
    made = Crew(street)
    yield made
    made.put_away()


def step(come_from: str, to: str, **more: object) -> dict[str, object]:
    return {"status": {"from": come_from, "to": to, "cycle": 1}, **more}


def bring(crew: Crew, record: str, to: str, *assignees: str) -> None:
    """Take a case along its way, by the supervisor and the first of the assignees."""
    desk = crew.at_the_door("supervisor")
    sent = {crew.at_the_door(each).account: {"as": "owner"} for each in assignees}
    way: list[tuple[Colleague, dict[str, object]]] = [
        (desk, step("reported", "accepted")),
        (desk, step("accepted", "assigned", assignees=sent)),
    ]
    if assignees:
        mender = crew.at_the_door(assignees[0])
        way += [(mender, step("assigned", "working"))]
        way += [(mender, step("working", "resolved", resolution={"text": "清理了"}))]
    for who, written in way:
        assert who.write(desk.record(record), written)["outcome"] == "applied"
        if written["status"]["to"] == to:  # type: ignore[index]
            return


def more_about(phone: Handset, record: str, *, picture: str | None = None, severity: str | None = None) -> None:
    """补充几句 → a picture, another severity → 存好."""
    page = phone.page
    phone.open(f"/case/{record}")
    page.click(".more .button >> nth=0")
    if picture:
        page.click(".picture-more")
        page.wait_for_selector(".shutter:enabled")
        page.set_input_files(".camera-foot input", photo(picture))
        expect(page.locator(".picture img")).to_have_count(1)
    if severity:
        page.click(f"label.segment-{severity}")
    page.click(SEND)
    expect(page.locator(".parcel")).to_be_visible()


def says(phone: Handset, record: str, verdict: str) -> None:
    """修好了 or 没修好 on the case's own screen."""
    phone.open(f"/case/{record}")
    phone.page.get_by_role("button", name=verdict, exact=True).click()
    phone.until(lambda: phone.stored("outbox") != [], "the word was never saved")


def test_1_each_adds_a_picture_and_both_are_there(crew: Crew) -> None:
    captain = crew.at_the_door("captain")
    book = next(each for each in captain.books if each["name"] == ONE)
    record = new_case(crew.at_the_door("worker"), book["book"], place_id=book["scope"]["unit"])
    with crew.apart(record, "worker", "captain") as (worker, other):
        more_about(worker, record, picture="from the worker")
        more_about(other, record, picture="from the captain")
    assert len(crew.agree(record, "worker", "captain")["fields"]["photos"]) == 2


def test_2_the_safer_severity_stands_and_the_line_shows_both(crew: Crew) -> None:
    volunteer = crew.at_the_door("volunteer")
    record = new_case(volunteer, book_of(volunteer, ONE), severity="serious")
    with crew.apart(record, "worker", "volunteer") as (worker, other):
        more_about(other, record, severity="urgent")
        more_about(worker, record, severity="normal")
    assert crew.agree(record, "worker", "volunteer")["fields"]["severity"] == "urgent"
    for phone in (crew["worker"], crew["volunteer"]):
        phone.open(f"/case/{record}")
        expect(phone.page.locator(".case-tags .severity-urgent")).to_be_visible()
        expect(phone.page.locator(".parcel .stop-severity_urgent")).to_be_visible()
        expect(phone.page.locator(".parcel .stop-severity_normal")).to_be_visible()


def test_3_what_was_closed_stays_closed_when_a_late_start_arrives(crew: Crew) -> None:
    worker = crew.at_the_door("worker")
    record = new_case(worker, book_of(worker, ONE))
    bring(crew, record, "assigned", "handler2", "handler")
    seq = worker.record(record)["seq"]
    crew.has("handler", record, seq)
    crew.loses_its_line("handler")
    mender = crew.at_the_door("handler2")
    for written in (step("assigned", "working"), step("working", "resolved", resolution={"text": "清理了"})):
        mender.write(mender.record(record), written)
    with crew.apart(record, "command") as (command,):
        late = crew["handler"]
        late.open(f"/case/{record}")
        late.page.get_by_role("button", name="开始处理").click()
        late.until(lambda: late.stored("outbox") != [], "the step was never saved")
        says(command, record, "修好了")
    late.context.set_offline(False)
    late.pocket()
    late.until(lambda: late.stored("outbox") == [], "the step was never sent")
    assert crew.agree(record, "handler", "command")["fields"]["status"] == {"status": "closed", "cycle": 1}
    late.open(f"/case/{record}")
    expect(late.page.locator(".case-tags .status")).to_contain_text("已办结")


def test_4_not_mended_beats_mended_and_the_second_round_begins(crew: Crew) -> None:
    worker = crew.at_the_door("worker")
    record = new_case(worker, book_of(worker, ONE))
    bring(crew, record, "resolved", "handler")
    with crew.apart(record, "head", "worker") as (head, finder):
        says(head, record, "修好了")
        says(finder, record, "没修好")
    ended = crew.agree(record, "head", "worker")
    assert ended["fields"]["status"] == {"status": "working", "cycle": 2}
    assert {each["ok"] for each in ended["fields"]["verify"].values()} == {True, False}
    for phone in (crew["head"], crew["worker"]):
        phone.open(f"/case/{record}")
        expect(phone.page.locator(".case-tags .status").first).to_contain_text("处理中")
        expect(phone.page.locator(".stop-reopened")).to_contain_text("第2轮")


def test_5_turned_down_against_closed_waits_for_the_community_and_both_are_shown(crew: Crew) -> None:
    worker, command = crew.at_the_door("worker"), crew.at_the_door("command")
    record = new_case(worker, book_of(worker, ONE))
    as_it_was = command.record(record)
    bring(crew, record, "resolved", "handler")
    with crew.apart(record, "head") as (head,):
        says(head, record, "修好了")
        # Turning down needs the table of the console: the command room says it at the door, as of what it had seen.
        down = step("reported", "rejected", rejection={"reason": "属于物业", "instead": "请找物业服务中心"})
        command.write(as_it_was, down, seen=as_it_was["seq"])
    ended = crew.agree(record, "head", "command")
    assert {each["value"]["status"] for each in ended["conflicts"]["status"]} == {"rejected", "closed"}
    for login, may in (("head", False), ("command", True), ("supervisor", True)):
        crew.has(login, record, ended["seq"])
        phone = crew[login]
        phone.open(f"/case/{record}")
        expect(phone.page.locator(".undecided li")).to_have_count(2)
        assert (phone.page.locator(".undecided li button").count() > 0) == may, login
    phone = crew["supervisor"]
    phone.page.locator(".undecided li", has_text="已办结").locator("button").click()
    phone.pocket()
    phone.until(lambda: phone.stored("outbox") == [], "it was never sent")
    ended = crew.agree(record, "head", "command", "supervisor")
    assert (ended["fields"]["status"]["status"], ended.get("conflicts", {})) == ("closed", {})


def test_6_of_two_departments_that_take_it_the_earlier_has_it_and_the_other_is_named(crew: Crew) -> None:
    worker = crew.at_the_door("worker")
    record = new_case(worker, book_of(worker, ONE))
    bring(crew, record, "assigned", "handler", "handler2")
    with crew.apart(record, "handler", "handler2") as (later, earlier):
        for phone in (earlier, later):  # who taps first comes in last
            phone.open(f"/case/{record}")
            phone.page.get_by_role("button", name="开始处理").click()
            phone.until(lambda phone=phone: phone.stored("outbox") != [], "never saved")  # type: ignore[misc]
    ended = crew.agree(record, "handler", "handler2")
    first, second = (crew.at_the_door(each).account for each in ("handler2", "handler"))
    assert ended["fields"]["handler"] == first
    assert ended["others"]["handler"][0]["value"] == second
    assert set(ended["fields"]["assignees"]) == {first, second}
    assert held(crew["handler"], record)["fields"]["handler"] == first


def test_15_what_was_written_for_a_grid_that_is_hers_no_more_lies_on_the_new_ones_desk(crew: Crew) -> None:
    worker, there = crew.at_the_door("worker"), crew.at_the_door("head2")
    record = new_case(worker, book_of(worker, ONE))
    with crew.apart(record, "worker") as (phone,):
        more_about(phone, record, severity="urgent")
        _move(crew, record, book_of(worker, ONE), book_of(there, "柳湾二网格"))
    phone.open("/me/entries")
    expect(phone.page.locator(".held")).to_contain_text("已转给柳湾二网格")
    phone.until(lambda: held(phone, record) == {}, "it is still on the phone it has left")
    crew.has("head2", record, 1)
    assert held(crew["head2"], record)["fields"] == there.record(record)["fields"]
    assert "severity" not in there.record(record)["fields"]  # not in the book before its people take it in


def _move(crew: Crew, record: str, book: str, to: str) -> None:
    sql = connect(crew.street.server.config.database_url)
    assert Engine(Database(sql), TYPES, SystemClock()).move(record, book, to, IDS.new())
    sql.dispose()
