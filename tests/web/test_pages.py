"""Every page of the console in both languages; what the administrator sees; the kind words to others; plain pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from domain.access import ServerActor
from sync.clock import to_text
from tests.api import world
from tests.api.phone import Phone, change, report
from tests.web.desk import HEADERS, Desk, Page

SEAT = Callable[[str], Desk]
CHINESE_OF_PEOPLE = re.compile(r"示例|云溪镇|柳湾(?:社区| ?. ?网格)|吹哨口小学东门|中文|三楼拐角堆了纸箱|怎么了")
"""Names and texts that people wrote are in no language but theirs."""


def in_language(desk: Desk, language: str) -> Desk:
    desk.http.set_cookie("gridwalk-language", language)
    return desk


def a_case_with_everything(seat: SEAT, worker: Phone, app: Flask) -> str:
    """Conflicts, others, an end with its reason, additions, pictures on their way."""
    sent = report(b"picture", description={"text": "怎么了"}, voice={"0" * 64: {"type": "audio/webm", "ms": 900}})
    seq = worker.push(sent)["seq"]
    record = str(sent["record"])
    second = Phone(app).sign_in("worker2")
    for phone, place in ((worker, world.GRID), (second, world.OTHER_GRID)):
        phone.push(change(record, seq, {"place_id": place}))
    supervisor, handler = seat("supervisor"), seat("handler")
    stale = seat("head").open(record)
    supervisor.do(record, "severity", severity="urgent")
    seat("head").send(stale, "severity", severity="normal")
    supervisor.do(record, "accept")
    supervisor.do(record, "dispatch", owner=handler.account)
    handler.do(record, "start")
    handler.do(record, "hold", reason="怎么了", until="2100-01-01")
    return record


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_is_whole_in_both_languages(seat: SEAT, app: Flask, worker: Phone, language: str) -> None:
    record = a_case_with_everything(seat, worker, app)
    pages: list[Page] = []
    for login in ("supervisor", "head", "handler", "command", "admin", "worker"):
        desk = in_language(seat(login), language)
        paths = [
            "/console/",
            "/console/cases",
            "/console/parked",
            "/console/decide",
            "/console/rescue",
            "/console/people",
            "/console/places",
            "/console/nothing",
        ]
        pages += [desk.get(path) for path in (*paths, f"/console/cases/{record}", f"/console/cases/{record}/fresh")]
    guest = in_language(Desk(app), language)
    pages += [guest.get("/console/sign-in"), guest.post("/console/sign-in", login="nobody", password="wrong")]
    for page in pages:
        assert page.status < 500
        assert "⟦" not in page.text
        assert not re.search(r"\{\w+\}", page.words), page.words
        if language == "en":
            left = CHINESE_OF_PEOPLE.sub("", page.words)
            assert not re.search("[㐀-鿿]", left), re.findall("[㐀-鿿]+", left)


def test_no_page_carries_script_or_style_of_its_own(seat: SEAT, app: Flask, worker: Phone) -> None:
    record = a_case_with_everything(seat, worker, app)
    desk = seat("supervisor")
    for path in (
        "/console/cases",
        f"/console/cases/{record}",
        "/console/parked",
        "/console/nothing",
        "/console/sign-in",
    ):
        text = desk.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        assert re.findall(r"<script(?![^>]* src=)", text) == [], path
        assert not re.search(r"""(?:src|href)=["']https?:""", text), path


def test_the_administrator_sees_people_and_places_and_nothing_of_the_work(
    seat: SEAT, app: Flask, worker: Phone
) -> None:
    record = a_case_with_everything(seat, worker, app)
    admin = seat("admin")
    people, places = admin.get("/console/people"), admin.get("/console/places")
    assert "网格员" in people.words
    assert "柳湾一网格" in people.words
    assert "吹哨口小学东门" in places.words
    for page in (people, places):
        assert "怎么了" not in page.words
        assert "/console/cases" not in page.text
    for path in ("/console/cases", f"/console/cases/{record}", f"/console/cases/{record}/fresh", "/console/parked"):
        assert admin.get(path).status == 403
    assert admin.http.get("/console/").headers["Location"].endswith("/console/people")
    for login in ("supervisor", "handler", "worker"):
        assert seat(login).get("/console/people").status == 403
        assert seat(login).get("/console/places").status == 403


def test_whoever_works_by_phone_is_led_there_kindly(seat: SEAT) -> None:
    for login in ("worker", "captain", "guard"):
        page = seat(login).get("/console/")
        assert page.status == 200
        assert "您的工作在手机应用里" in page.words
        assert 'href="/app/"' in page.text


def test_a_guest_is_asked_to_sign_in_and_comes_back_to_where_they_wanted(app: Flask) -> None:
    guest = Desk(app)
    answer = guest.http.get("/console/cases?state=new")
    assert answer.status_code == 302
    page = guest.get(answer.headers["Location"])
    assert page.forms["form-sign-in"]["fields"]["next"] == "/console/cases?state=new"
    sent = {"login": "supervisor", "password": world.PASSWORD, "next": "/console/cases?state=new"}
    answer = guest.http.post("/console/sign-in", data=sent, headers=HEADERS)
    assert answer.headers["HX-Redirect"] == "/console/cases?state=new"


@pytest.mark.parametrize(
    "other", ["https://elsewhere.example/console", "//elsewhere.example/console", "/console\\@x", "/app/"]
)
def test_signing_in_never_leads_elsewhere(app: Flask, other: str) -> None:
    sent = {"login": "supervisor", "password": world.PASSWORD, "next": other}
    answer = Desk(app).http.post("/console/sign-in", data=sent, headers=HEADERS)
    assert answer.headers["HX-Redirect"] == "/console/"


def test_a_wrong_password_says_so_and_keeps_the_name(app: Flask) -> None:
    page = Desk(app).post("/console/sign-in", login="supervisor", password="wrong")
    assert page.status == 422
    assert "账号或密码不对" in page.words
    assert page.forms["form-sign-in"]["fields"]["login"] == "supervisor"


def test_signing_out_ends_the_session(seat: SEAT) -> None:
    desk = seat("supervisor")
    assert desk.post("/console/sign-out").headers["HX-Redirect"] == "/console/sign-in"
    assert desk.http.get("/console/cases").status_code == 302


def test_the_same_desk_keeps_its_device(app: Flask) -> None:
    desk = Desk(app).sign_in("supervisor")
    first = desk.http.get("/api/v1/session").json["device"]  # type: ignore[index]
    desk.post("/console/sign-out")
    desk.sign_in("supervisor")
    assert desk.http.get("/api/v1/session").json["device"] == first  # type: ignore[index]
    desk.sign_in("head")
    assert desk.http.get("/api/v1/session").json["device"] != first  # type: ignore[index]


def test_language_and_light_are_kept_on_this_browser(app: Flask) -> None:
    guest = Desk(app)
    assert guest.post("/console/settings", language="en").headers["HX-Refresh"] == "true"
    guest.post("/console/settings", theme="dark")
    page = guest.get("/console/sign-in")
    assert "Sign in to the console" in page.words
    assert '<html lang="en" data-theme="dark">' in page.text
    assert guest.post("/console/settings", language="xx", theme="pink").status == 204


def test_demo_accounts_are_shown_in_demo_mode_only(app: Flask) -> None:
    from dataclasses import replace

    from api.services import EXTENSION

    assert "示例账号" in Desk(app).get("/console/sign-in").words
    services = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(services, config=replace(services.config, demo=False))
    page = Desk(app).get("/console/sign-in")
    assert "示例账号" not in page.words
    assert world.PASSWORD not in page.text


def test_held_changes_are_readable_whole_by_those_who_decide(seat: SEAT, app: Flask, worker: Phone) -> None:
    sent = report()
    seq = worker.push(sent)["seq"]
    record = str(sent["record"])
    seat("supervisor").do(record, "accept")
    suggestion = change(record, seq + 9, {"category": "garbage", "place_note": "怎么了"})
    receipt = worker.sync(
        {**suggestion, "seen": seat("head").record(record)["seq"], "epoch": worker.sync(limit=0)["epoch"]}, limit=0
    )["receipts"][0]
    assert receipt["outcome"] == "held", receipt
    page = seat("supervisor").get("/console/parked")
    assert "待认领 1 条" in page.words
    assert "垃圾环卫" in page.words
    assert "怎么了" in page.words
    assert "怎么了" not in seat("command").get("/console/cases").words
    assert seat("handler").get("/console/parked").status == 403


def test_the_telephone_of_who_told_us_is_for_those_who_work_on_the_case(seat: SEAT, worker: Phone) -> None:
    sent = report(reporter_contact="000-0000-0077")
    worker.push(sent)
    for login, shown in (("supervisor", True), ("head", True), ("command", False)):
        assert ("000-0000-0077" in seat(login).open(str(sent["record"])).words) == shown, login


def test_every_word_of_the_rail_and_of_the_headline_leads_somewhere(seat: SEAT) -> None:
    for login in ("supervisor", "head", "handler", "command", "admin"):
        desk = seat(login)
        text = desk.get(desk.http.get("/console/").headers["Location"]).text
        links = set(re.findall(r'href="(/console/[^"]*)"', text))
        assert links
        for link in links:
            assert desk.http.get(link.replace("&amp;", "&"), follow_redirects=True).status_code == 200, (login, link)


def test_a_restricted_case_is_marked_and_hidden_from_the_grid(seat: SEAT, worker: Phone) -> None:
    sent = report(category="dispute")
    worker.push(sent)
    record = str(sent["record"])
    assert "不公开" in seat("supervisor").open(record).words
    assert seat("head").open(record).status == 404


def test_who_reported_stays_unnamed_where_that_was_asked(seat: SEAT, worker: Phone) -> None:
    sent = report(hide_reporter=True)
    worker.push(sent)
    desk = seat("supervisor")
    row = desk.get("/console/cases").words.split("三楼拐角堆了纸箱")[1][:60]
    assert "worker(示例)" not in row
    assert "worker(示例)" not in desk.open(str(sent["record"])).words


def test_the_server_s_own_steps_are_told_too(seat: SEAT, app: Flask, worker: Phone) -> None:
    sent = report()
    worker.push(sent)
    record, engine = str(sent["record"]), app.extensions["gridwalk"].engine
    desk, handler = seat("supervisor"), seat("handler")
    desk.do(record, "accept")
    desk.do(record, "dispatch", owner=handler.account)
    handler.do(record, "start")
    handler.do(record, "resolve", text="好了")
    step = {"from": "resolved", "to": "closed", "cycle": 1}
    receipt = engine.edit(
        ServerActor(), book=world.GRID, record=record, type="case", seen=desk.record(record)["seq"],
        set={"status": step, "auto_closed": True},
    )  # fmt: skip
    assert receipt["outcome"] == "applied", receipt
    assert "七天没有回音,默认办结" in desk.open(record).words
    assert to_text(0)[:4] not in desk.open(record).words
