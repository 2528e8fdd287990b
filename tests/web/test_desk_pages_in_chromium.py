"""The desk's pages of campaigns, notices, roster, rounds, visits and voices in a real browser: for every eye and hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from domain.days import local
from domain.records.shift import shift_id
from sync.clock import FixedClock, to_text
from sync.ids import derived
from tests.api import world
from tests.api.phone import Phone, change
from tests.server import Server
from tests.web.browsing import SIT, axe, too_small
from tests.web.conftest import SEAT
from tests.web.desk import HEADERS, Desk
from tests.web.test_campaigns import DOORS, Campaigning, answer, desk  # noqa: F401 - a fixture
from tests.web.test_feedback import made, visit
from tests.web.test_roster import FORM, POST
from tests.web.test_rounds import GROUND, walked
from web.config import Config

UNREACHED = """() => [...document.querySelectorAll("a[href], button, select, summary, input:not([type=hidden]), textarea, [tabindex='0']")]
  .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && !e.dataset.reached)
  .filter(e => e.type !== "radio" || !document.querySelector(`input[type=radio][name="${e.name}"][data-reached]`))
  .map(e => e.outerHTML.slice(0, 90))"""
MOST_TABS = 400


def now(clock: FixedClock) -> str:
    return to_text(clock.now())


def hear(phone: Phone, clock: FixedClock) -> None:
    """Something to answer, a visit, a round, and a word that somebody knows of every notice that asks."""
    words = {"a": {"text": "字再大一点", "at": now(clock)}}
    step = {"from": None, "to": "sent", "cycle": 1}
    made(phone, "feedback", {"about": "app", "screen": "places", "words": words, "status": step})
    visit(phone, "not_home", "retry", now(clock))
    walked(phone, clock.now(), {world.UNIT: now(clock)})
    for book in phone.sync()["books"]:
        for each in book["records"]:
            if each["type"] == "notice":
                said = {"notice": each["id"], "author": each["by"], "at": now(clock)}
                id = derived("notice_ack", each["id"], phone.account)
                assert phone.push({**change(id, 0, said), "type": "notice_ack", "create": True})["outcome"] == "applied"


def publish(desk: Desk) -> str:  # noqa: F811
    form = desk.get("/console/notices/new").forms["form-publish"]
    words = {
        "kind": "safety",
        "title": "台风今晚到",
        "body": "请把花盆搬进屋。",
        "needs_ack": "true",
        "book": world.COMMUNITY,
    }
    done = desk.post(
        form["action"], **{**form["fields"], **words, "title_en": "A storm", "body_en": "Take the pots in."}
    )
    assert done.outcome == "applied", done.words
    return done.headers["HX-Push-Url"]


def plan(desk: Desk, day: date, guard: str) -> None:  # noqa: F811
    """A post with a holiday, one crew with a word for it, and a session that nobody is planned for."""
    away = (day + timedelta(days=9)).isoformat()
    form = FORM | {"seen": "0", "point": "30, 120", "near": "200", "closed_from": away, "closed_why": "运动会"}
    assert desk.http.post(f"{POST}/plan", data=form, headers=HEADERS).headers["X-Gridwalk-Outcome"] == "applied"
    shift = shift_id(world.POST, day.isoformat(), "0710")
    crew = {"record": shift, "seen": "0", "day": day.isoformat(), "session": "0710", "on": [guard], "remark": "带雨衣"}
    assert desk.http.post(f"{POST}/crew", data=crew, headers=HEADERS).headers["X-Gridwalk-Outcome"] == "applied"


@pytest.fixture
def pages(app: Flask, desk: Campaigning, seat: SEAT, clock: FixedClock) -> list[str]:  # noqa: F811
    """Something stands on each of these pages; of the survey one answer is 待定."""
    desk.opened()
    for who, gas in (("one", "yes"), ("two", "no")):
        answer(app, desk, DOORS[world.UNIT][0], who, gas=gas, lamps="2")
    supervisor = seat("supervisor")
    notice = publish(supervisor)
    hear(Phone(app).sign_in("worker"), clock)
    plan(supervisor, local(clock.now()).date() + timedelta(days=1), Phone(app).sign_in("guard").account)
    paper = f"{desk.path}/paper/{world.UNIT}"
    return [desk.path, paper, "/console/campaigns", "/console/campaigns/new", "/console/decide", "/console/notices",
            "/console/notices/new", notice, "/console/roster", POST, "/console/rounds", GROUND, "/console/visits",
            "/console/feedback"]  # fmt: skip


@pytest.fixture
def desk_server(config: Config, pages: list[str]) -> Iterator[Server]:
    """A server on the books that the fixtures have filled."""
    with Server(config) as running:
        yield running


def unfold(page: Page, path: str) -> None:
    page.goto(path)
    folded = page.locator("main details:not([open]) > summary")
    while folded.count():  # one less with every click
        folded.first.click()


def wrong_with(page: Page) -> dict[str, object]:
    wider = []
    for width in (1440, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        wider += [width] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
    return {"axe": axe(page), "small": too_small(page), "wider": wider}


def unreached(page: Page) -> list[str]:
    """What Tab does not come to, from the top of the page until it has gone round."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        again = page.evaluate(
            "() => { const e = document.activeElement; if (e === document.body || e.dataset.reached) return true;"
            " e.dataset.reached = 1; return false; }"
        )
        if again and not page.evaluate(UNREACHED):
            break
    return list(page.evaluate(UNREACHED))


def test_every_page_is_clean_in_both_languages_light_and_dark_and_the_keyboard_reaches_all_of_it(
    sit: SIT, pages: list[str]
) -> None:
    page, wrong = sit(), {}
    for language, theme in (("zh-CN", "light"), ("en", "dark")):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        if language == "en":
            page.locator("button[name=language]").click()
            expect(page.locator("html")).to_have_attribute("lang", "en")
        for path in pages:
            unfold(page, path)
            found = {**wrong_with(page), "unreached": unreached(page) if language == "en" else []}
            if any(found.values()):
                wrong[f"{language} {theme} {path}"] = found
    assert wrong == {}


def a_campaign_shows_how_far_it_is_and_a_notice_who_knows(page: Page, pages: list[str]) -> None:
    page.goto(pages[0])
    expect(page.locator("main")).to_contain_text("1 户待定,没有算进去")
    expect(page.locator(".doors-bar").first).to_be_visible()
    page.goto(next(each for each in pages if each.startswith("/console/notices/") and not each.endswith("new")))
    here = page.locator("#board-notice tbody tr", has_text="柳湾一网格")
    expect(here).to_contain_text("1 / ")
    expect(here).to_contain_text("worker(示例)")
    page.get_by_text("改正文字").first.click()
    page.locator("#notice-body").fill("请把花盆搬进屋里。")
    page.locator("#form-correct button[type=submit]").click()
    expect(page.locator(".notice-out")).to_contain_text("搬进屋里")


def a_crew_is_planned_and_a_holiday_written(page: Page, tomorrow: date) -> None:
    monday = tomorrow - timedelta(days=tomorrow.isoweekday() - 1)
    page.goto(f"{POST}?week={monday}")
    expect(page.locator(".remark")).to_have_text("带雨衣")
    page.locator(".week td details > summary").last.click()
    form = page.locator(".week form").last
    form.get_by_label("guard(示例)").check()
    form.get_by_role("button").click()
    expect(page.locator(".notice")).to_contain_text("办好了")
    page.locator(".plan-post > summary").click()
    day = (tomorrow + timedelta(days=12)).isoformat()
    page.locator("input[name=closed_from]").fill(day)
    page.locator("input[name=closed_why]").fill("台风停课")
    page.get_by_role("button", name="保存安排").click()
    expect(page.locator(".closed-days")).to_contain_text(f"{day} 台风停课")


def test_what_stands_on_the_pages_is_read_and_written_with_their_own_forms(
    sit: SIT, pages: list[str], clock: FixedClock
) -> None:
    page = sit()
    a_campaign_shows_how_far_it_is_and_a_notice_who_knows(page, pages)
    a_crew_is_planned_and_a_holiday_written(page, local(clock.now()).date() + timedelta(days=1))
