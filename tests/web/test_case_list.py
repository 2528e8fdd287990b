"""The list of cases: pages that stay put, filters, and what is new at the price of a look at the heads."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask

from sync.clock import FixedClock, to_text
from tests.api import world
from tests.api.phone import Phone, report
from tests.api.test_voices import NOTES, told
from tests.web.desk import Desk, Page

SEAT = Callable[[str], Desk]


def some(worker: Phone, clock: FixedClock, count: int) -> list[str]:
    """So many reports, a minute apart; ids, newest first. One call holds at most 500 changes."""
    made = []
    for index in range(count):
        sent = report(made_at=clock.now() - (count - index) * 60_000, category=["garbage", "road"][index % 2])
        made.append({**sent, "made_at": to_text(clock.now() - (count - index) * 60_000)})
        made[-1]["set"].pop("made_at", None)
    for receipt in worker.sync(*made, limit=0)["receipts"]:
        assert receipt["outcome"] == "applied", receipt
    return [str(each["record"]) for each in reversed(made)]


def next_page(page: Page) -> str | None:
    found = re.search(r'id="more"><a class="button" href="([^"]+)"', page.text)
    return found[1].replace("&amp;", "&") if found else None


def all_pages(desk: Desk, path: str) -> list[list[str]]:
    pages = []
    at: str | None = path
    while at:
        page = desk.get(at)
        pages.append(page.rows)
        at = next_page(page)
    return pages


def test_pages_follow_one_another_without_gap_or_double(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    made = some(worker, clock, 120)
    pages = all_pages(seat("supervisor"), "/console/cases")
    assert [len(each) for each in pages] == [50, 50, 20]
    assert [id for page in pages for id in page] == made


def test_what_comes_in_between_moves_no_later_page(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    made = some(worker, clock, 60)
    desk = seat("supervisor")
    first = desk.get("/console/cases")
    late = report()
    worker.push(late)
    second = next_page(first)
    assert second is not None
    assert desk.get(second).rows == made[50:]
    assert desk.get("/console/cases").rows[0] == late["record"]


def test_filters_narrow_and_can_be_joined(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    made = some(worker, clock, 6)
    desk = seat("supervisor")
    desk.do(made[0], "accept")
    desk.do(made[1], "severity", severity="urgent")
    assert desk.get("/console/cases?state=moving").rows == [made[0]]
    assert desk.get("/console/cases?state=new").rows == made[1:]
    assert desk.get("/console/cases?severity=urgent").rows == [made[1]]
    assert desk.get("/console/cases?category=road&state=new").rows == [made[2], made[4]]
    assert desk.get(f"/console/cases?grid={world.OTHER_GRID}").rows == []
    assert desk.get("/console/cases?state=nonsense&category=nonsense&grid=nonsense").rows == made
    assert desk.get("/console/cases?after=nonsense").rows == made


def test_overdue_cases_are_found_and_marked(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    made = some(worker, clock, 2)
    desk = seat("supervisor")
    desk.do(made[0], "accept")
    assert desk.get("/console/cases?overdue=1").rows == []
    clock.move(30 * 24 * 3600 * 1000)
    page = desk.get("/console/cases?overdue=1")
    assert page.rows == [made[0]]
    assert "超期" in page.words


def test_mine_is_what_is_dispatched_to_me(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    made = some(worker, clock, 2)
    supervisor, handler = seat("supervisor"), seat("handler")
    supervisor.do(made[1], "accept")
    supervisor.do(made[1], "dispatch", owner=handler.account)
    assert handler.get("/console/cases").rows == [made[1]]
    assert handler.get("/console/cases?mine=1").rows == [made[1]]
    assert supervisor.get("/console/cases?mine=1").rows == []


def test_nothing_new_is_an_empty_304(seat: SEAT, worker: Phone) -> None:
    worker.push(report())
    desk = seat("supervisor")
    token = re.search(r'data-token="([^"]+)"', desk.get("/console/cases").text)
    assert token is not None
    tag = token[1].replace("&#34;", '"').replace("&quot;", '"')
    answer = desk.get("/console/cases/fresh", If_None_Match=tag)
    assert (answer.status, answer.text) == (304, "")
    sent = report()
    worker.push(sent)
    answer = desk.get("/console/cases/fresh", If_None_Match=tag)
    assert (answer.status, answer.rows) == (200, [sent["record"]])
    again = desk.get("/console/cases/fresh", If_None_Match=answer.headers["ETag"])
    assert again.status == 304


def test_a_change_that_leaves_the_filter_is_said_to_have_left(seat: SEAT, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    desk = seat("supervisor")
    tag = desk.get("/console/cases/fresh").headers["ETag"]
    desk.do(str(sent["record"]), "accept")
    page = desk.get("/console/cases/fresh?state=new", If_None_Match=tag)
    assert re.search(rf'<li class="row[^"]* is-gone" id="case-{sent["record"]}"', page.text)


def test_an_unknown_token_brings_the_first_page(seat: SEAT, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    page = seat("supervisor").get("/console/cases/fresh", If_None_Match='"of another life"')
    assert (page.status, page.rows) == (200, [sent["record"]])


def test_a_picture_that_comes_later_is_shown_without_a_change(seat: SEAT, worker: Phone) -> None:
    from tests.web.pictures import jpeg

    data = jpeg()
    sent = report(data)
    worker.push(sent)
    desk = seat("supervisor")
    page = desk.get("/console/cases")
    assert "data-waiting" in page.text
    assert "/photos/" not in page.text
    tag = desk.get("/console/cases/fresh").headers["ETag"]
    waiting = f"/console/cases/fresh?waiting={sent['record']}"
    assert desk.get(waiting, If_None_Match=tag).status == 304
    assert worker.upload(data).status_code == 204
    page = desk.get(waiting, If_None_Match=tag)
    assert page.status == 200
    assert "/photos/" in page.text


def test_what_was_said_about_a_case_is_heard_at_the_desk_once_it_has_come(seat: SEAT, worker: Phone) -> None:
    data = NOTES["chromium.webm"]
    sent = told(data)
    worker.push(sent)
    desk = seat("supervisor")
    page = desk.open(sent["record"])
    assert "第 1 段,2 秒" in page.words
    assert "语音还在路上" in page.words
    assert "带 1 段语音" in page.words
    tag = desk.get(f"/console/cases/{sent['record']}/fresh").headers["ETag"]
    assert worker.upload(data).status_code == 204
    page = desk.get(f"/console/cases/{sent['record']}/fresh", If_None_Match=tag)
    (address,) = re.findall(r'<audio controls preload="none" src="([^"]+)"', page.text)
    assert desk.http.get(address).mimetype == "audio/webm"


def test_the_headline_is_a_sentence_of_links(seat: SEAT, worker: Phone, clock: FixedClock) -> None:
    record = report()
    worker.push(record)
    desk = seat("supervisor")
    desk.do(str(record["record"]), "accept")
    words = desk.get("/console/cases").words
    assert re.search(r"截至 \d\d:\d\d 今日上报有效信息 1 条 · 已办结 0 · 处理中 1 · 超期 0 · 待您决定 0", words), words[
        :300
    ]


def test_nobody_is_counted(seat: SEAT, app: Flask, worker: Phone, clock: FixedClock) -> None:
    """By place and by state, yes; what one person did, how much or how fast, nowhere."""
    some(worker, clock, 12)
    for login in ("supervisor", "head", "command", "admin"):
        desk = seat(login)
        for path in ("/console/cases", "/console/parked", "/console/people", "/console/places"):
            page = desk.get(path)
            if page.status != 200:
                continue
            assert not re.search(r"worker\(示例\)\s*\d+(?![\d:])", page.words)
            assert not re.search(r"sort|order_by|rank|score|last_seen|online", page.text)
