"""The own shifts in a calendar: a secret link, kept as a hash, with times and places and nobody's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from domain import feeds
from domain.accounts import account
from domain.days import HOUR, MINUTE
from domain.records.shift import shift_id
from sync.clock import FixedClock, to_text
from tests.api import world
from tests.api.conftest import services
from tests.api.phone import HEADERS, Phone, change

pytestmark = pytest.mark.both_databases
DAY = "2026-06-13"


@pytest.fixture
def guard(app: Flask) -> Phone:
    return Phone(app).sign_in("guard")


def plan(
    supervisor: Phone, clock: FixedClock, *crew: str, session: str = "0710", hours: int = 20, lead: int = 15
) -> str:
    """A shift so many hours from now; gives its id."""
    start = clock.now() // MINUTE * MINUTE + hours * HOUR
    written = {
        "post": world.POST, "date": DAY, "session": session, "kind": "school", "start": to_text(start),
        "end": to_text(start + HOUR), "lead_minutes": lead, "required_n": 2,
        "assignees": {each: {"as": "planned"} for each in crew},
    }  # fmt: skip
    id = shift_id(world.POST, DAY, session)
    supervisor.push(change(id, 0, written, book=world.POST, create=True, type="shift"))
    return id


def link(phone: Phone) -> str:
    made = phone.post("/calendar")
    assert made.status_code == 200, made.text
    return str(made.json["url"]).removeprefix("http://localhost")


def events(app: Flask, path: str) -> list[Any]:
    answer = app.test_client().get(path)
    assert answer.status_code == 200, answer.text
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def test_the_link_gives_the_own_shifts_with_an_alarm_and_nobody_s_name(
    app: Flask, guard: Phone, supervisor: Phone, clock: FixedClock
) -> None:
    mine = plan(supervisor, clock, guard.account, supervisor.account, lead=15)
    plan(supervisor, clock, supervisor.account, session="1140")
    path = link(guard)
    found = events(app, path)
    assert [str(each["UID"]) for each in found] == [mine]
    start = found[0].decoded("DTSTART")
    assert round(start.timestamp() * 1000) == clock.now() // MINUTE * MINUTE + 20 * HOUR
    assert found[0].decoded("DTEND") - start == timedelta(hours=1)
    assert str(found[0]["LOCATION"]) == "吹哨口小学东门"
    alarm = found[0].walk("VALARM")[0]
    assert alarm.decoded("TRIGGER") == timedelta(minutes=-15)
    text = app.test_client().get(path).get_data(as_text=True).replace("\r\n ", "")
    assert "示例" not in text
    assert "supervisor" not in text
    assert guard.account not in text


def test_the_words_are_in_the_owner_s_language(app: Flask, guard: Phone, supervisor: Phone, clock: FixedClock) -> None:
    plan(supervisor, clock, guard.account)
    path = link(guard)
    assert str(events(app, path)[0]["SUMMARY"]).startswith("执勤 ")
    with services(app).database.write() as conn:
        conn.execute(update(account).where(account.c.id == guard.account).values(language="en"))
    assert str(events(app, path)[0]["SUMMARY"]).startswith("Duty ")


def test_of_the_link_only_a_hash_is_kept_and_it_is_said_once(app: Flask, guard: Phone) -> None:
    token = link(guard).removeprefix("/ics/").removesuffix(".ics")
    assert len(token) >= 43
    with services(app).database.read() as conn:
        row = conn.execute(select(feeds.calendar_feed)).one()
    assert token not in str(tuple(row))
    again = guard.get("/calendar").json
    assert again is not None
    assert set(again) == {"since"}
    assert again["since"] is not None


def test_a_revoked_link_a_replaced_one_and_a_guessed_one_are_not_there(app: Flask, guard: Phone) -> None:
    first = link(guard)
    second = link(guard)
    client = app.test_client()
    assert [client.get(each).status_code for each in (first, second, "/ics/guess.ics")] == [404, 200, 404]
    answer = guard.http.delete("/api/v1/calendar", headers=HEADERS)
    assert answer.json == {"since": None}
    assert client.get(second).status_code == 404


def test_a_disabled_account_s_link_is_over(app: Flask, guard: Phone) -> None:
    path = link(guard)
    with services(app).database.write() as conn:
        conn.execute(update(account).where(account.c.id == guard.account).values(disabled_at=1))
    assert app.test_client().get(path).status_code == 404


def test_what_has_not_changed_is_not_sent_again_and_no_cache_between_keeps_it(
    app: Flask, guard: Phone, supervisor: Phone, clock: FixedClock
) -> None:
    id = plan(supervisor, clock, guard.account)
    path, client = link(guard), app.test_client()
    first = client.get(path)
    assert first.headers["Cache-Control"].startswith("private")
    assert first.headers["Content-Type"].startswith("text/calendar")
    assert "Set-Cookie" not in first.headers
    same = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    clock.move(MINUTE)
    seen = supervisor.get(f"/records/{id}").json["seq"]
    later = {"start": to_text(clock.now() + 30 * HOUR), "end": to_text(clock.now() + 31 * HOUR)}
    supervisor.push(change(id, seen, later, book=world.POST, type="shift"))
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_who_asks_all_the_time_waits_and_guessing_keeps_no_owner_out(
    app: Flask, guard: Phone, clock: FixedClock
) -> None:
    path, client = link(guard), app.test_client()
    guesses = [client.get(f"/ics/{number}.ics").status_code for number in range(feeds.BRAKE.burst + 1)]
    assert guesses == [404] * feeds.BRAKE.burst + [429]
    asked = [client.get(path) for _ in range(feeds.BRAKE.burst + 1)]
    assert [each.status_code for each in asked] == [200] * feeds.BRAKE.burst + [429]
    assert int(asked[-1].headers["Retry-After"]) > 0
    clock.move(5 * MINUTE)
    assert client.get(path).status_code == 200


def test_who_is_excused_or_not_on_any_more_hears_no_alarm(
    app: Flask, guard: Phone, supervisor: Phone, clock: FixedClock
) -> None:
    id = plan(supervisor, clock, guard.account)
    path = link(guard)
    seen = supervisor.get(f"/records/{id}").json["seq"]
    clock.move(MINUTE)
    excused = {"excused": {guard.account: {"at": to_text(clock.now())}}}
    supervisor.push(change(id, seen, excused, book=world.POST, type="shift"))
    assert events(app, path) == []


def test_an_administrator_has_no_shifts_and_no_link(app: Flask) -> None:
    assert Phone(app).sign_in("admin").post("/calendar").status_code == 403
