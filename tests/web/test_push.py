"""Web push: who is nudged about what, that a nudge names nobody and nothing, and what becomes of phones that are gone."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from api.services import EXTENSION, Services
from domain.days import DAY, HOUR, start_of_day
from domain.pushes import TOPICS, push_subscription
from sync.clock import FixedClock, to_text
from tests.api import world
from tests.api.phone import Phone, change, report
from tests.web.desk import Desk
from tests.web.push_service import PushService, push_service
from web import nudging, upgrade
from web.config import from_environment
from web.pushing import Push, kept_key, new_key

Seat = Callable[[str], Desk]
NIGHT = {"from": 21 * 60 + 30, "to": 6 * 60 + 30}


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture
def at(app: Flask, clock: FixedClock) -> Services:
    found: Services = app.extensions[EXTENSION]
    clock.at = start_of_day(clock.at) + DAY + 12 * HOUR  # tomorrow at noon: nobody sleeps
    nudging.look(found, lambda _pairs: None)  # the first look begins with how things stand
    return found


def subscribed(app: Flask, service: PushService, login: str, **more: Any) -> Phone:
    phone = Phone(app).sign_in(login)
    answer = phone.post("/push", {**service.subscription(login), **more})
    assert answer.status_code == 200, answer.text
    return phone


def go(at: Services) -> list[nudging.Pair]:
    """Look and send, as the jobs do; gives what is worth another try."""
    left: list[nudging.Pair] = []
    nudging.look(at, lambda pairs: left.extend(nudging.nudge(at, pairs)))
    return left


def publish(app: Flask, clock: FixedClock, **more: Any) -> None:
    words = {"kind": "safety", "title": "台风今晚到", "body": "请把花盆搬进屋。"}
    step = {"status": {"from": None, "to": "published", "cycle": 1}}
    sent = change(world.GRID, 0, {**words, **step, **more}, book=world.COMMUNITY, create=True)
    supervisor = Phone(app).sign_in("supervisor")
    supervisor.push({**sent, "type": "notice", "record": sent["id"], "made_at": to_text(clock.now())})


def test_a_notice_nudges_those_it_is_for_encrypted_and_signed_and_says_only_look(
    app: Flask, at: Services, service: PushService, clock: FixedClock
) -> None:
    worker = subscribed(app, service, "worker")
    subscribed(app, service, "supervisor")
    publish(app, clock)
    assert go(at) == []
    (pushed,) = service.pushed
    assert pushed.path == "/worker"
    assert pushed.inside == {"topic": "notice", "title": "网格行", "body": "有新通知,点开看看。", "lang": "zh-CN"}
    assert pushed.headers["content-encoding"] == "aes128gcm"
    assert (pushed.headers["topic"], pushed.headers["urgency"], pushed.headers["ttl"]) == ("notice", "normal", "86400")
    assert pushed.claims["aud"] == service.url
    assert pushed.claims["sub"].startswith("mailto:")
    assert pushed.key == worker.get("/push").json["key"]
    assert go(at) == []
    assert len(service.pushed) == 1


def test_nothing_of_anybody_is_in_what_is_sent(
    app: Flask, at: Services, service: PushService, clock: FixedClock
) -> None:
    """The whole of every nudge that there is, in every language: fixed sentences, without a figure or a name to fill in."""
    said = {topic: nudging.words(at, tongue, topic) for tongue in ("zh-CN", "en") for topic in TOPICS}
    assert all("{" not in json.dumps(each, ensure_ascii=False)[1:-1] for each in said.values())
    subscribed(app, service, "worker")
    publish(app, clock, title="只在通知里的字")
    go(at)
    everything = json.dumps([(each.inside, each.headers, each.claims) for each in service.pushed], ensure_ascii=False)
    assert "只在通知里的字" not in everything
    assert all(each not in everything for each in (world.GRID, world.COMMUNITY, "worker@", "王"))


def test_an_answer_nudges_the_finder_and_a_dispatched_case_its_mender(
    app: Flask, at: Services, service: PushService, seat: Seat, clock: FixedClock
) -> None:
    worker = subscribed(app, service, "worker")
    handler = subscribed(app, service, "handler")
    case = report()
    worker.push({**case, "made_at": to_text(clock.now())})
    go(at)
    assert service.pushed == []
    desk = seat("supervisor")
    desk.do(case["record"], "needs_info", text="请补一张照片")
    go(at)
    assert service.topics == [("worker", "reply")]
    desk.do(case["record"], "accept")
    desk.do(case["record"], "dispatch", owner=handler.account)
    go(at)
    assert service.topics == [("handler", "task"), ("worker", "reply")]


def test_the_lookout_finds_it_by_itself_also_after_a_look_that_went_wrong(
    app: Flask, at: Services, service: PushService, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(app, service, "worker")
    monkeypatch.setattr(nudging, "LOOK_EVERY", 0.01)
    looked, found = nudging.look, threading.Event()

    def once_in_trouble(services: Services, send: Any) -> int:
        monkeypatch.setattr(nudging, "look", looked)
        raise OSError("no such disk")

    monkeypatch.setattr(nudging, "look", once_in_trouble)
    lookout = nudging.Lookout(at, lambda _pairs: found.set())
    lookout.start()
    publish(app, clock)
    assert found.wait(10)
    lookout.stop()


def test_at_night_it_waits_for_the_morning_once_and_only_an_emergency_rings(
    app: Flask, at: Services, service: PushService, clock: FixedClock
) -> None:
    subscribed(app, service, "worker", quiet=NIGHT)
    clock.at = start_of_day(clock.at) + 22 * HOUR
    publish(app, clock)
    go(at)
    publish(app, clock)
    go(at)
    assert service.pushed == []
    publish(app, clock, kind="emergency")
    go(at)
    assert [each.inside["topic"] for each in service.pushed] == ["urgent"]
    assert service.pushed[0].headers["urgency"] == "high"
    clock.at = start_of_day(clock.at) + DAY + 6 * HOUR
    go(at)
    assert len(service.pushed) == 1
    clock.move(HOUR)
    go(at)
    go(at)
    assert [each.inside["topic"] for each in service.pushed] == ["urgent", "notice"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_phone_that_is_gone_is_forgotten(
    app: Flask, at: Services, service: PushService, clock: FixedClock, status: int
) -> None:
    worker = subscribed(app, service, "worker")
    service.answers["/worker"] = status
    publish(app, clock)
    assert go(at) == []
    assert worker.get("/push").json["on"] is False
    publish(app, clock)
    go(at)
    assert service.asked == ["/worker"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_in_trouble_is_tried_again(
    app: Flask, at: Services, service: PushService, clock: FixedClock, status: int
) -> None:
    worker = subscribed(app, service, "worker")
    service.answers["/worker"] = status
    publish(app, clock)
    left = go(at)
    assert [topic for _, topic in left] == ["notice"]
    service.answers.clear()
    assert nudging.nudge(at, left) == []
    assert service.topics == [("worker", "notice")]
    assert worker.get("/push").json["on"] is True


def test_nobody_is_sent_on_to_another_address(
    app: Flask, at: Services, service: PushService, clock: FixedClock
) -> None:
    subscribed(app, service, "worker")
    service.answers["/worker"] = 307
    publish(app, clock)
    go(at)
    assert service.asked == ["/worker"]


def test_whoever_has_left_the_phone_is_not_nudged_on_it(
    app: Flask, at: Services, service: PushService, clock: FixedClock
) -> None:
    worker = subscribed(app, service, "worker")
    worker.http.delete("/api/v1/session", headers={"X-Gridwalk": "1"})
    publish(app, clock)
    go(at)
    assert service.asked == []


def test_on_a_shared_phone_only_the_last_who_asked_for_it_is_nudged(
    app: Flask, at: Services, service: PushService
) -> None:
    subscribed(app, service, "worker")
    same = service.subscription("shared")
    first, second = (Phone(app).sign_in(each) for each in ("worker", "captain"))
    for phone in (first, second):
        assert phone.post("/push", same).json["on"] is True
    assert first.get("/push").json["on"] is False


def test_the_switch_can_be_turned_off_again(app: Flask, at: Services, service: PushService) -> None:
    worker = subscribed(app, service, "worker", quiet={"from": 60, "to": 120})
    said = worker.get("/push").json
    assert (said["on"], said["quiet"]) == (True, {"from": 60, "to": 120})
    off = worker.http.delete("/api/v1/push", headers={"X-Gridwalk": "1"}).json
    assert off["on"] is False
    with at.database.read() as conn:
        assert conn.execute(select(push_subscription.c.id)).all() == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/x", "https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.8/x", "https://[::1]/x",
        "https://push.example.org:8443/x", "https://me@push.example.org/x", "ftp://push.example.org/x", "https://intranet/x",
    ],
)  # fmt: skip
def test_nobody_sends_this_server_to_a_machine_of_its_own_network(endpoint: str) -> None:
    assert not Push(new_key(), "mailto:a@example.org").is_address(endpoint)


def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    push = Push(new_key(), "mailto:a@example.org")
    inside = [(2, 1, 6, "", ("192.168.1.7", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_more: inside)
    assert push.is_address("https://push.example.org/x")
    assert not push.leads_outside("https://push.example.org/x")


def test_what_is_no_subscription_is_refused_in_words(app: Flask, service: PushService) -> None:
    worker = Phone(app).sign_in("worker")
    good = service.subscription("worker")
    for bad in (
        {**good, "endpoint": "https://127.0.0.1/x"},
        {**good, "keys": {**good["keys"], "auth": "short"}},
        {**good, "quiet": {"from": -1, "to": 0}},
        {"endpoint": good["endpoint"]},
    ):
        answer = worker.post("/push", bad)
        assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_the_key_is_made_on_the_first_run_and_is_the_server_s_alone(tmp_path: Path) -> None:
    key = kept_key(tmp_path)
    assert kept_key(tmp_path) == key
    (kept,) = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(Push(key, "mailto:a@example.org").public_key) == 87
    given = from_environment({"GRIDWALK_DATA": str(tmp_path), "GRIDWALK_PUSH_KEY": key})
    assert given.push_key == key


def test_the_first_look_nudges_nobody_about_the_past(app: Flask, service: PushService, clock: FixedClock) -> None:
    found: Services = app.extensions[EXTENSION]
    clock.at = start_of_day(clock.at) + DAY + 12 * HOUR
    subscribed(app, service, "worker")
    publish(app, clock)
    assert nudging.look(found, lambda _pairs: None) == 0
    publish(app, clock)
    assert nudging.look(found, lambda _pairs: None) == 1


def test_the_tables_are_part_of_the_whole() -> None:
    assert {"push_subscription", "push_mark"} <= set(upgrade.tables().tables)
