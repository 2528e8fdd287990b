"""Whatever a server, or somebody in its place, answers to a sync, an upload or a sign-in: nothing is dropped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from tests.phone.handset import PASSWORD, Handset
from tests.phone.ledger import arrived_once, nothing_waits
from tests.phone.line import Answer, BrokenOff, Call, Instead
from tests.phone.street import Street

HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
JSON: Final = {"Content-Type": "application/json"}
PROBLEM: Final = {"Content-Type": "application/problem+json"}
PORTAL: Final = b"<html><h1>Welcome to the airport. Please log in.</h1></html>"

ELSEWHERE: Final = "http://127.0.0.1:9/portal"

ALMOST: Final = {"protocol": 1, "epoch": "e", "server_time": "2026-06-13T08:40:12.123Z", "dropped": [], "busy": []}
"""The frame of a reply to a sync."""


def problem(status: int, code: str, **headers: str) -> Answer:
    return Answer(status, {**PROBLEM, **headers}, json.dumps({"code": code, "status": status}).encode())


def of_json(value: Any) -> Answer:
    return Answer(200, JSON, json.dumps(value).encode())


def vanish(_call: Call) -> Answer:
    raise BrokenOff


LIES: Final[dict[str, Callable[[Call], Answer]]] = {
    "a log-in page of the network": lambda _: Answer(200, HTML, PORTAL),
    "a log-in page somewhere else": lambda _: Answer(302, {"Location": ELSEWHERE}, b""),
    "a log-in page that asks for a name": lambda _: Answer(511, HTML, PORTAL),
    "no word at all": vanish,
    "a broken server": lambda _: Answer(500, {"Content-Type": "text/plain"}, b"oops"),
    "a broken server in its own words": lambda _: problem(500, "internal"),
    "a gateway without a server": lambda _: Answer(502, HTML, b"<h1>Bad gateway</h1>"),
    "too large, says a gateway": lambda _: Answer(413, HTML, b"<h1>Request Entity Too Large</h1>"),
    "too many": lambda _: problem(429, "busy", **{"Retry-After": "1"}),
    "too many, says a gateway": lambda _: Answer(429, {**HTML, "Retry-After": "1"}, b"<h1>Too many</h1>"),
    "no time": lambda _: problem(503, "busy", **{"Retry-After": "1"}),
    "an empty answer": lambda _: Answer(200, JSON, b""),
    "an empty answer of no kind": lambda _: Answer(200, {}, b""),
    "nothing to say": lambda _: Answer(204, {}, b""),
    "null": lambda _: of_json(None),
    "somebody else's JSON": lambda _: of_json({"hello": 1}),
    "a list": lambda _: of_json([1, 2, 3]),
    "JSON cut in half": lambda _: Answer(200, JSON, b'{"protocol":1,"epoch":"e","rece'),
    "half of what was announced": lambda _: replace(of_json({**ALMOST, "receipts": [], "books": []}), cut=True),
    "almost a reply": lambda _: of_json({**ALMOST, "receipts": [{}], "books": []}),
    "almost a page": lambda _: of_json({**ALMOST, "receipts": [], "books": [{"book": "x"}]}),
    "a reply without receipts": lambda _: of_json({**ALMOST, "receipts": [], "books": []}),
    "almost a session": lambda _: of_json({"account": {"id": "x"}, "books": []}),
}


HASTE: Final = """(() => {
  const wait = window.setTimeout, abort = AbortSignal.timeout;
  const less = (ms) => (ms >= 45000 ? ms / 30 : ms >= 500 && ms < 5000 ? ms / 20 : ms);
  window.setTimeout = (work, ms, ...given) => wait(work, less(ms), ...given);
  AbortSignal.timeout = (ms) => abort.call(AbortSignal, less(ms));
})();"""
"""Waits of most of a minute take two seconds, pauses between tries less than a tenth: the tests have no such patience."""


def at(path: str, *methods: str) -> Callable[[Callable[[Call], Answer]], Instead]:
    """The lie, told at this door only."""

    def lie(what: Callable[[Call], Answer]) -> Instead:
        return lambda call: what(call) if call.path.startswith(path) and call.method in methods else None

    return lie


def tell_all(phone: Handset, street: Street, door: Callable[[Callable[[Call], Answer]], Instead], still: Any) -> None:
    """Every lie once; after each everything is `still` as it was."""
    for lie, what in LIES.items():
        told: list[str] = []

        def tell(call: Call, what: Callable[[Call], Answer] = what, told: list[str] = told) -> Answer:
            told.append(call.path)
            return what(call)

        street.line.instead = door(tell)
        phone.nudge()
        phone.until(lambda told=told: told, f"it never asked: {lie}")
        phone.rests()
        assert still() is True, lie
    street.line.clear()
    # That the page may not be led to another server is a rule of its own, of which the browser speaks.
    phone.faults[:] = [fault for fault in phone.faults if ELSEWHERE not in fault]


def note() -> str:
    return f"谎言之街:{time.time_ns()}"


def test_an_entry_is_kept_whatever_the_sync_is_answered_and_arrives_once(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker")
    before = [phone.stored("cursors"), meta(phone, "epoch"), meta(phone, "last")]
    street.line.dead = True
    phone.begin_report(words)
    phone.send()
    phone.pocket()
    phone.rests()
    street.line.dead = False

    def still() -> bool:
        phone.pill("还有1条没传")
        phone.rung("在手机上")
        now = [phone.stored("cursors"), meta(phone, "epoch"), meta(phone, "last")]
        return now == before and len(phone.stored("outbox")) == 1 and phone.stored("refused") == []

    tell_all(phone, street, at("/api/v1/sync", "POST"), still)
    phone.nudge()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)


def test_the_answer_to_another_call_settles_nothing_and_is_not_asked_for_on_and_on(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.phone("worker2")
    kept: list[Answer] = []

    def keep(_method: str, path: str, answer: Answer) -> Answer:
        if path == "/api/v1/sync" and b'"applied"' in answer.body:
            kept.append(answer)
        return answer

    street.line.meddle = keep
    first, second = note(), note()
    phone.begin_report(first)
    phone.send()
    phone.pocket()
    nothing_waits(phone)
    street.line.instead = at("/api/v1/sync", "POST")(lambda _: kept[0])
    phone.begin_report(second)
    phone.send()
    asked = len(street.line.synced())
    phone.pocket()
    phone.until(lambda: len(street.line.synced()) > asked, "it never asked")
    phone.rests()
    assert len(street.line.synced()) - asked <= 2
    assert len(phone.stored("outbox")) == 1
    street.line.clear()
    phone.nudge()
    nothing_waits(phone)
    for words in (first, second):
        arrived_once(street.ledger, words, 1)


def test_a_picture_is_kept_whatever_its_upload_is_answered(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker", HASTE)
    street.line.instead = at("/api/v1/uploads", "POST")(vanish)
    phone.begin_report(words)
    phone.send()
    phone.pocket()
    phone.rung("文字已到")
    phone.rests()
    kept = len(phone.stored("bytes"))

    def still() -> bool:
        phone.pill("还有1张照片没传")
        waiting = [row["state"] for row in phone.stored("uploads")]
        return waiting == ["waiting", "waiting"] and len(phone.stored("bytes")) == kept

    tell_all(phone, street, at("/api/v1/uploads", "POST"), still)
    tell_all(phone, street, at("/api/v1/uploads", "PATCH", "HEAD"), still)
    phone.nudge()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)


def test_a_sign_in_says_what_is_wrong_keeps_the_form_and_goes_through_in_the_end(quiet_street: Street) -> None:
    street = quiet_street
    phone = street.new_phone()
    page = phone.page
    phone.open()
    page.fill("[name=login]", "worker")
    page.fill("[name=password]", PASSWORD)
    for lie, what in LIES.items():
        street.line.instead = at("/api/v1/session", "POST")(what)
        asked = len(street.line.calls)
        page.click("form button[type=submit]")
        phone.until(lambda asked=asked: len(street.line.calls) > asked, f"it never asked: {lie}")
        expect(page.locator("form button[type=submit]"), lie).to_be_enabled()
        expect(page.locator("form .trouble"), lie).to_be_visible()
        expect(page.locator("[name=login]"), lie).to_have_value("worker")
        expect(page.locator("[name=password]"), lie).to_have_value(PASSWORD)
    street.line.clear()
    page.click("form button[type=submit]")
    phone.pill("已同步")
    phone.faults[:] = [fault for fault in phone.faults if ELSEWHERE not in fault]


def test_a_log_in_page_of_the_network_in_place_of_everything_leaves_the_app_as_it_is(quiet_street: Street) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker")
    street.line.instead = lambda _call: Answer(200, HTML, PORTAL)
    phone.begin_report(words)
    phone.send()
    phone.pocket()
    update = "navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => true, () => false)"
    assert phone.page.evaluate(update) is False
    phone.page.reload()
    phone.rung("在手机上")
    phone.pill("还有1条没传")
    street.line.clear()
    phone.nudge()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)


def test_what_is_only_fetched_to_be_looked_at_later_may_fail_in_any_way(quiet_street: Street) -> None:
    street = quiet_street
    for what in (LIES["somebody else's JSON"], LIES["almost a page"], None):
        phone = street.new_phone()
        if what:
            street.line.instead = at("/api/v1/records", "GET")(what)
        street.line.meddle = lambda _method, path, answer: replace(answer, cut="/photos/" in path)
        phone.sign_in("worker")
        phone.rests()
        phone.pill("已同步")
        phone.off()


@pytest.mark.parametrize(
    ("path", "method"), [("/api/v1/sync", "POST"), ("/api/v1/uploads", "POST"), ("/api/v1/uploads", "PATCH")]
)
def test_who_never_answers_is_given_up_on_and_asked_again(quiet_street: Street, path: str, method: str) -> None:
    street, words = quiet_street, note()
    phone = street.phone("worker", HASTE)
    silent = street.line.gate("asked", method, path, lambda call: path != "/api/v1/sync" or bool(call.json["changes"]))
    phone.begin_report(words)
    phone.send()
    phone.pocket()
    silent.wait()
    phone.rests()
    assert not silent.opened.is_set()
    phone.nudge()
    nothing_waits(phone)
    arrived_once(street.ledger, words, 1)


def meta(phone: Handset, key: str) -> Any:
    return next((row["value"] for row in phone.stored("meta") if row["key"] == key), None)
