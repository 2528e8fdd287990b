"""A line that lies is worse than none: whatever it says, nothing is dropped, and the truth is found again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from api.bodies import ZLIB
from tests.phone.handset import Handset, MakeHandset
from tests.phone.line import Answer, Line, Meddle
from tests.server import Server

PORTAL = Answer(200, {"Content-Type": "text/html"}, b"<html><h1>Welcome to the airport. Please log in.</h1></html>")


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    with Line(server.config.port).open() as opened:
        yield opened


@pytest.fixture
def phone(handset: MakeHandset, line: Line) -> Handset:
    made = handset(url=line.url).sign_in("worker")
    made.settle()
    made.pill("已同步")
    return made


def only_sync(change: Meddle) -> Meddle:
    def meddle(method: str, path: str, answer: Answer) -> Answer:
        return change(method, path, answer) if path == "/api/v1/sync" else answer

    return meddle


LIES: dict[str, Meddle] = {
    "a log-in page of the network": lambda _method, _path, _answer: PORTAL,
    "half of every answer": lambda _method, _path, answer: replace(answer, cut=True),
    "a gateway's error page": lambda _method, _path, _answer: Answer(
        502, {"Content-Type": "text/html"}, b"Bad gateway"
    ),
    "a broken server": lambda _method, _path, _answer: Answer(500, {"Content-Type": "text/plain"}, b"oops"),
}


def test_whatever_the_line_says_the_entry_is_kept_and_arrives_once(phone: Handset, line: Line) -> None:
    line.meddle = only_sync(LIES["a broken server"])
    phone.report()
    phone.page.wait_for_timeout(10_500)  # the ten seconds of 撤销
    for lie, meddle in LIES.items():
        line.meddle = only_sync(meddle)
        tried = len(line.heard)
        phone.nudge()
        phone.until(lambda tried=tried: ("POST", "/api/v1/sync") in line.heard[tried:], f"it never tried {lie}")
        phone.page.wait_for_timeout(500)
        phone.rung("在手机上")
        assert len(phone.stored("outbox")) == 1, lie
    line.meddle = lambda _method, _path, answer: answer
    phone.nudge()
    phone.pill("已同步")
    assert [each["body"]["plain"]["receipt"]["outcome"] for each in phone.stored("journal")] == ["applied"]


def synced_as(line: Line, since: int) -> list[str]:
    """In what form each sync call since then has gone out."""
    return [
        {name.lower(): value for name, value in call.headers.items()}["content-type"]
        for call in line.calls[since:]
        if call.path == "/api/v1/sync"
    ]


def test_small_calls_and_their_answers_travel_in_phrases_that_phone_and_server_know(phone: Handset, line: Line) -> None:
    before = len(line.calls)
    with phone.page.expect_response(lambda each: each.url.endswith("/api/v1/sync") and each.status == 200) as answered:
        phone.report()
        phone.pocket()
    phone.pill("已同步")
    assert set(synced_as(line, before)) == {ZLIB}
    assert answered.value.headers["content-type"] == ZLIB
    assert phone.stored("outbox") == []
    assert [each["body"]["plain"]["receipt"]["outcome"] for each in phone.stored("journal")] == ["applied"]


def test_a_server_that_knows_other_phrases_gets_everything_in_gzip(phone: Handset, line: Line) -> None:
    other = Answer(415, {"Content-Type": "application/problem+json"}, b'{"code": "unsupported_type", "status": 415}')
    line.instead = lambda call: other if call.headers.get("content-type") == ZLIB else None
    before = len(line.calls)
    phone.report()
    phone.pocket()
    phone.pill("已同步")
    forms = synced_as(line, before)
    assert forms[:2] == [ZLIB, "application/json"]
    assert forms.count(ZLIB) == 1
    assert phone.stored("outbox") == []


def test_a_session_that_has_ended_pauses_the_queue_and_signing_in_goes_on(phone: Handset, line: Line) -> None:
    ended = Answer(401, {"Content-Type": "application/problem+json"}, b'{"code": "signed_out", "status": 401}')
    line.meddle = only_sync(lambda _method, _path, _answer: ended)
    phone.report()
    expect(phone.page.locator(".banner")).to_contain_text("重新登录")
    assert len(phone.stored("outbox")) == 1
    line.meddle = lambda _method, _path, answer: answer
    phone.page.click(".banner button")
    expect(phone.page.locator("[name=login]")).to_have_value("worker")
    phone.page.fill("[name=password]", "gridwalk")
    phone.page.click("form button[type=submit]")
    phone.pill("已同步")
    assert phone.stored("outbox") == []


def test_a_new_version_waits_for_consent_and_never_switches_under_an_open_form(phone: Handset, line: Line) -> None:
    def newer(_method: str, path: str, answer: Answer) -> Answer:
        return replace(answer, body=answer.body + b"\n// a newer version\n") if path == "/app/sw.js" else answer

    banner = phone.page.locator(".banner", has_text="新版本")
    phone.page.click(".hero")
    phone.page.click(".shutter:enabled")
    line.meddle = newer
    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)")
    until_waiting(phone, True)
    expect(banner).to_have_count(0)
    expect(phone.page.locator(".picture img")).to_be_visible()
    phone.page.click(".sheet-head button")
    expect(banner).to_be_visible()
    with phone.page.expect_navigation():
        banner.locator("button").click()
    expect(phone.page.locator(".hero")).to_be_visible()
    until_waiting(phone, False)
    expect(phone.page.locator(".note")).to_be_visible()


def until_waiting(phone: Handset, waits: bool) -> None:
    asked = "navigator.serviceWorker.getRegistration().then((found) => found.waiting !== null)"
    deadline = time.monotonic() + 15
    while phone.page.evaluate(asked) is not waits:
        assert time.monotonic() < deadline, "no other version came"
        phone.page.wait_for_timeout(100)
