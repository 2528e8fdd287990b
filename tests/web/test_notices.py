"""Notices at the desk: written, published, corrected, withdrawn by whoever may; who knows is told by place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sync.clock import FixedClock, to_text
from sync.ids import derived
from tests.api.phone import Phone, change
from tests.web.desk import Desk, Page

Seat = Callable[[str], Desk]
WORDS = {"kind": "safety", "title": "台风今晚到", "body": "请把花盆搬进屋。"}


def write(desk: Desk, how: str = "publish", **typed: object) -> Page:
    """Fill in an empty sheet and press one of its buttons."""
    page = desk.get("/console/notices/new")
    form = page.forms["form-publish"]
    fields = {**form["fields"], "book": book(page), **WORDS, **typed}
    return desk.post(form["action"].replace("/publish", f"/{how}"), **fields)


def book(page: Page) -> str:
    """The one place that this desk publishes in, or the first of the list."""
    found = re.search(r'name="book"[^>]*value="([^"]+)"', page.text) or re.search(
        r'<select[^>]*name="book"><option value="([^"]+)"', page.text
    )
    assert found
    return found[1]


def address(page: Page) -> str:
    return page.headers["HX-Push-Url"]


def records(phone: Phone, type: str = "notice") -> list[dict[str, object]]:
    reply = phone.sync()
    return [each for page in reply["books"] for each in page["records"] if each["type"] == type]


def test_what_the_supervisor_publishes_is_on_the_worker_s_phone(seat: Seat, worker: Phone) -> None:
    page = write(seat("supervisor"))
    assert page.status == 200, page.words
    assert page.outcome == "applied"
    assert "已发" in page.words
    (found,) = records(worker)
    assert found["fields"]["title"] == "台风今晚到"


def test_a_draft_stays_at_the_desk_until_it_is_published(seat: Seat, worker: Phone) -> None:
    desk = seat("supervisor")
    page = write(desk, "save")
    assert page.status == 200, page.words
    assert records(worker) == []
    again = desk.get(address(page))
    form = again.forms["form-publish"]
    assert form["fields"]["body"] == WORDS["body"]
    done = desk.post(form["action"], **{**form["fields"], "kind": "safety"})
    assert done.outcome == "applied", done.words
    assert len(records(worker)) == 1


@pytest.mark.parametrize("empty", ["title", "body"])
def test_nothing_empty_goes_out_and_what_was_typed_comes_back(seat: Seat, worker: Phone, empty: str) -> None:
    page = write(seat("supervisor"), **{empty: " "})
    assert page.status == 422
    assert "这里要填" in page.words
    other = "body" if empty == "title" else "title"
    assert page.forms["form-publish"]["fields"][other] == WORDS[other]
    assert records(worker) == []


def test_withdrawn_at_the_desk_it_is_withdrawn_on_the_phone_and_its_words_can_be_used_again(
    seat: Seat, worker: Phone
) -> None:
    desk = seat("supervisor")
    page = desk.send(write(desk), "withdraw")
    assert page.outcome in {"applied", "merged"}
    (found,) = records(worker)
    assert found["fields"]["status"]["status"] == "withdrawn"
    like = re.search(r'href="(/console/notices/new\?like=[^"]+)"', page.text)
    assert like
    assert desk.get(like[1]).forms["form-publish"]["fields"]["body"] == WORDS["body"]


def test_a_correction_made_on_an_old_page_does_not_bring_a_withdrawn_notice_back(seat: Seat, worker: Phone) -> None:
    desk = seat("supervisor")
    old = write(desk)
    desk.send(desk.get(address(old)), "withdraw")
    page = desk.send(old, "correct", body="请把花盆搬进屋里。")
    assert "已撤回" in page.words
    (found,) = records(worker)
    assert found["fields"]["status"]["status"] == "withdrawn"
    assert found["fields"]["draft"][0]["text"] == "请把花盆搬进屋里。"


def test_a_translation_and_a_time_travel_with_it(seat: Seat, worker: Phone, clock: FixedClock) -> None:
    write(seat("supervisor"), title_en="Typhoon tonight", body_en="Take the flower pots in.", expire_at="2199-01-01")
    (found,) = records(worker)
    assert found["fields"]["translations"] == {"en": {"title": "Typhoon tonight", "body": "Take the flower pots in."}}
    assert found["fields"]["expire_at"] == "2199-01-01T10:00:00.000Z"


def test_what_is_to_go_out_later_waits(seat: Seat, worker: Phone) -> None:
    page = write(seat("supervisor"), publish_at="2199-01-01T08:00")
    assert "定时发" in page.words
    assert records(worker) == []


def test_who_knows_is_told_by_place_and_by_name_to_the_author_only(
    seat: Seat, worker: Phone, clock: FixedClock
) -> None:
    desk = seat("supervisor")
    page = write(desk, needs_ack="true")
    (about,) = records(worker)
    said = {"notice": about["id"], "author": about["by"], "at": to_text(clock.now())}
    id = derived("notice_ack", str(about["id"]), worker.account)
    sent = {**change(id, 0, said), "type": "notice_ack", "create": True}
    assert worker.push(sent)["outcome"] == "applied"
    mine = desk.get(address(page))
    assert "还没说" in mine.words
    assert "1 / " in mine.words
    others = seat("head").get(address(page))
    assert "只按地方看" in others.words
    assert "还没说" not in others.words


def test_a_head_publishes_in_the_own_grid_and_cannot_touch_the_community_s(seat: Seat, worker: Phone) -> None:
    page = write(seat("supervisor"))
    head = seat("head")
    shown = head.get(address(page))
    assert shown.status == 200
    assert shown.offers == set()
    assert head.post(f"{address(page)}/withdraw", seen=1, come_from="published", cycle=1).status in {404, 422}
    assert records(worker)[0]["fields"]["status"]["status"] == "published"
    assert write(head).outcome == "applied"


def test_the_board_is_no_place_for_whoever_publishes_nothing(seat: Seat) -> None:
    assert seat("handler").get("/console/notices").status == 403
