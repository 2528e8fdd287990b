"""Signing in and out, and what keeps strangers from guessing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask

from domain import accounts, sessions
from sync.clock import FixedClock
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import HEADERS, Phone, report
from web.app import create_app
from web.config import Config

pytestmark = pytest.mark.both_databases


def test_hello_tells_the_protocol_and_the_demo_people(phone: Phone) -> None:
    hello = phone.get("/hello").json
    assert (hello["name"], hello["protocol"]) == ("Gridwalk", 1)
    assert {"login": "worker", "name": "worker(示例)", "role": "grid_worker"} in hello["demo"]
    assert len(hello["demo"]) == len(world.PEOPLE)


def test_signing_in_tells_who_which_device_and_which_books(worker: Phone) -> None:
    me = worker.get("/session").json
    assert me["account"]["roles"] == [{"role": "grid_worker", "place": world.GRID}]
    assert me["device"] == worker.device
    entries = {each["book"]: each for each in me["books"]}
    assert entries[world.GRID]["access"] == "write"
    assert (entries[world.GRID]["kind"], entries[world.GRID]["name"]) == ("grid", "柳湾一网格")
    assert "scope" not in entries[world.GRID]
    assert entries[world.COMMUNITY]["access"] == entries[world.TOWN]["access"] == "read"
    assert world.OTHER_GRID not in entries


def test_a_captain_is_told_the_scope_of_the_own_unit(app: Flask) -> None:
    captain = Phone(app).sign_in("captain")
    entry = next(each for each in captain.books if each["book"] == world.GRID)
    assert (entry["access"], entry["scope"]["unit"]) == ("write", world.UNIT)


def test_the_cookie_is_strict_and_lasts_180_days(phone: Phone) -> None:
    answer = phone.post("/session", {"login": "worker", "password": world.PASSWORD, "device_name": "x"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    expires = parsedate_to_datetime(cookie.partition("Expires=")[2].partition(";")[0])
    assert 179 <= (expires - datetime.now(UTC)).days <= 180


def test_signing_in_again_with_the_own_device_goes_on_as_the_same(app: Flask, worker: Phone) -> None:
    again = Phone(app).sign_in("worker", device=worker.device)
    assert again.device == worker.device


def test_somebody_elses_device_is_not_taken_over(app: Flask, worker: Phone) -> None:
    other = Phone(app).sign_in("worker2", device=worker.device)
    assert other.device != worker.device


def test_signing_out_ends_the_session_for_good(worker: Phone) -> None:
    cookie = worker.http.get_cookie("gridwalk").value
    assert worker.http.delete("/api/v1/session", headers=HEADERS).status_code == 204
    worker.http.set_cookie("gridwalk", cookie)
    answer = worker.get("/session")
    assert (answer.status_code, answer.json["code"]) == (401, "signed_out")


def test_nobody_signed_in_is_401(phone: Phone) -> None:
    for path in ("/session", "/parked", "/record-types", f"/records/{world.GRID}", "/photos/" + "a" * 64):
        answer = phone.get(path)
        assert (answer.status_code, answer.json["code"]) == (401, "signed_out"), path
        assert answer.mimetype == "application/problem+json"


def test_a_wrong_password_and_an_unknown_name_answer_alike(phone: Phone) -> None:
    for login in ("worker", "nobody-here"):
        answer = phone.post("/session", {"login": login, "password": "wrong-wrong", "device_name": ""})
        assert (answer.status_code, answer.json["code"]) == (401, "wrong_sign_in")


def test_L2_a_session_lasts_180_days_from_its_last_use(app: Flask, clock: FixedClock) -> None:
    worker = Phone(app).sign_in("worker")
    for _ in range(3):
        clock.move(170 * sessions.DAY)
        assert worker.get("/session").status_code == 200
    clock.move(181 * sessions.DAY)
    assert worker.get("/session").status_code == 401


def test_guessing_is_slowed_down_and_never_locked_out_for_ever(app: Flask, clock: FixedClock) -> None:
    stranger = Phone(app)
    wrong = {"login": "worker", "password": "guess-guess", "device_name": ""}
    answers = [stranger.post("/session", wrong) for _ in range(sessions.BY_LOGIN.burst + 1)]
    assert {each.status_code for each in answers[:-1]} == {401}
    last = answers[-1]
    assert (last.status_code, last.json["code"]) == (429, "too_many_attempts")
    assert int(last.headers["Retry-After"]) == last.json["wait"] <= 60
    # Others are not touched, and the owner comes in after the wait.
    Phone(app).sign_in("worker2")
    clock.move(last.json["wait"] * 1000)
    Phone(app).sign_in("worker")


def test_guessing_many_names_from_one_address_is_slowed_down(app: Flask) -> None:
    stranger = Phone(app)
    names = [login for login, *_ in world.PEOPLE for _ in range(sessions.BY_LOGIN.burst - 1)]
    codes = [
        stranger.post("/session", {"login": login, "password": "guess-guess", "device_name": ""}).status_code
        for login in names[: sessions.BY_ADDRESS.burst + 1]
    ]
    assert codes[-1] == 429
    assert set(codes[:-1]) == {401}


def test_the_brake_survives_a_restart(app: Flask, clock: FixedClock) -> None:
    wrong = {"login": "worker", "password": "guess-guess", "device_name": ""}
    for _ in range(sessions.BY_LOGIN.burst):
        Phone(app).post("/session", wrong)
    with services(app).database.write() as conn:
        for spelling in ("worker", " WORKER "):
            assert sessions.take_attempt(conn, sessions.Attempt(spelling, "198.51.100.7"), clock.now()) > 0


def test_no_strangers_guessing_keeps_the_owner_out_on_the_own_device(app: Flask, worker: Phone) -> None:
    wrong = {"login": "worker", "password": "guess-guess", "device_name": ""}
    for _ in range(sessions.BY_LOGIN.burst):
        Phone(app).post("/session", wrong)
    assert Phone(app).post("/session", {**wrong, "password": world.PASSWORD}).status_code == 429
    Phone(app).sign_in("worker", device=worker.device)


def test_a_switched_off_device_is_told_so_and_may_sign_in_anew(app: Flask, worker: Phone, clock: FixedClock) -> None:
    with services(app).database.write() as conn:
        accounts.revoke_device(conn, worker.device, clock.now())
    answer = worker.post("/sync", worker.call())
    assert (answer.status_code, answer.json["code"]) == (403, "device_revoked")
    assert Phone(app).sign_in("worker", device=worker.device).device != worker.device


def test_odd_bodies_of_a_sign_in_are_refused_by_name(phone: Phone) -> None:
    base = {"login": "worker", "password": world.PASSWORD, "device_name": "x"}
    for odd in ({"login": 5}, {"login": "a\x00b"}, {"password": "x" * 300}, {"device": "no-id"}, {"other": 1}):
        answer = phone.post("/session", {**base, **odd})
        assert (answer.status_code, answer.json["code"]) == (422, "invalid"), odd
        assert set(answer.json["errors"]) == set(odd)
    surrogate = phone.http.post("/api/v1/session", data=b'{"login":"\\ud800","password":"x"}', headers=HEADERS)
    assert surrogate.status_code == 422


def test_demo_people_do_not_exist_outside_demo_mode(config: Config, clock: FixedClock, worker: Phone) -> None:
    real = create_app(replace(config, demo=False), clock)
    phone = Phone(real)
    assert phone.get("/hello").json["demo"] is None
    assert phone.post("/session", {"login": "worker", "password": world.PASSWORD}).status_code == 401
    # Nor does a cookie from the days of the demo open anything.
    phone.http.set_cookie("gridwalk", worker.http.get_cookie("gridwalk").value)
    assert phone.get("/session").status_code == 401
    services(real).database.sql_engine.dispose()


def test_L2_a_session_that_has_ended_pauses_the_sync_and_a_new_one_goes_on_as_the_same_device(
    app: Flask, worker: Phone, clock: FixedClock
) -> None:
    first, second = report(), report()
    worker.push(first)
    clock.move(181 * sessions.DAY)
    answer = worker.post("/sync", worker.call(second))
    assert (answer.status_code, answer.json["code"]) == (401, "signed_out")
    again = Phone(app).sign_in("worker", device=worker.device)
    again.last = worker.last
    assert again.device == worker.device
    assert again.push(second)["outcome"] == "applied"


def test_the_language_of_an_account_is_the_person_s_to_choose(app: Flask, worker: Phone) -> None:
    said = worker.http.patch("/api/v1/session", json={"language": "en"}, headers=HEADERS)
    assert (said.status_code, said.json["account"]["language"]) == (200, "en")  # type: ignore[index]
    assert Phone(app).sign_in("worker").get("/session").json["account"]["language"] == "en"
    assert worker.get("/records/nothing").headers["Content-Language"] == "en"
    refused = worker.http.patch("/api/v1/session", json={"language": "xx"}, headers=HEADERS)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid")  # type: ignore[index]
    assert Phone(app).http.patch("/api/v1/session", json={"language": "en"}, headers=HEADERS).status_code == 401
