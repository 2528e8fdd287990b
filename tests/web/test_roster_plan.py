"""The plan of a post at the desk: days without duty, where it is, how near is near; and a word for whoever stands there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import roster
from domain.records.post_plan import plan_id
from sync.clock import FixedClock
from tests.api import world
from tests.web.test_roster import FORM, Table, table  # noqa: F401 - a fixture
from web.console.roster_plan import stretches


def plan(table: Table) -> dict[str, Any]:  # noqa: F811 - the fixture's
    found: dict[str, Any] = table.guard.get(f"/records/{plan_id(world.POST)}").json or {}
    return found


def write(table: Table, **typed: Any) -> Any:  # noqa: F811
    return table.send("plan", FORM | {"seen": str(plan(table)["seq"]), "key-0": "0710", "point": "", **typed})


def test_a_holiday_takes_its_days_from_the_week_and_whoever_was_planned_on_them(table: Table) -> None:  # noqa: F811
    table.crew(table.guard.account)
    last = table.tomorrow + timedelta(days=2)
    page = write(table, closed_from=table.tomorrow.isoformat(), closed_to=last.isoformat(), closed_why="国庆节")
    assert page.outcome == "applied"
    days = [(table.tomorrow + timedelta(days=n)).isoformat() for n in range(3)]
    assert plan(table)["fields"]["closed"] == dict.fromkeys(days, "国庆节")
    assert roster.crew(table.fields()) == []
    assert f"{days[0]} – {days[-1]} 国庆节" in page.words


def test_a_closed_stretch_is_opened_again(table: Table) -> None:  # noqa: F811
    day = table.tomorrow.isoformat()
    write(table, closed_from=day, closed_why="运动会")
    page = write(table, open=[f"{day}~{day}"])
    assert plan(table)["fields"].get("closed", {}) == {}
    assert "运动会" not in page.words


@pytest.mark.parametrize(
    "said",
    ["30.123456, 120.5", "120.5,30.123456", " 30.123456 120.5 ", "30.123456\uff0c120.5"],
    ids=["latitude first", "longitude first", "a blank", "a Chinese comma"],
)
def test_where_the_post_is_is_pasted_as_maps_give_it_and_taken_away_again(table: Table, said: str) -> None:  # noqa: F811
    assert write(table, point=said, near="150").outcome == "applied"
    assert plan(table)["fields"]["point"] == {"lat": 30.123456, "lon": 120.5}
    assert plan(table)["fields"]["near_metres"] == 150
    write(table, near="150")
    assert plan(table)["fields"].get("point") is None


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"point": "学校门口"}, "位置写成两个数"),
        ({"point": "95, 195"}, "位置写成两个数"),
        ({"closed_from": "2026-10-07", "closed_to": "2026-10-01"}, "日子要从前到后"),
        ({"closed_from": "2026-01-01", "closed_to": "2026-12-31"}, "日子要从前到后"),
        ({"closed_from": "never"}, "日子要从前到后"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(table: Table, typed: dict[str, str], word: str) -> None:  # noqa: F811
    before = plan(table)["seq"]
    assert word in write(table, **typed).words
    assert plan(table)["seq"] == before


def test_a_word_for_whoever_stands_there_reaches_the_shift_and_goes_again(table: Table) -> None:  # noqa: F811
    table.crew(table.guard.account)
    form = {"record": table.shift, "day": table.tomorrow.isoformat(), "session": "0710", "on": [table.guard.account]}

    def say(remark: str, was: str) -> str:
        seen = {"seen": str(table.record()["seq"]), "was": [table.guard.account]}
        return table.send("crew", {**form, **seen, "remark": remark, "remark_was": was}).words

    assert "带雨衣" in say("带雨衣", "")
    assert table.fields()["remark"] == "带雨衣"
    assert "带雨衣" not in say("", "带雨衣")
    assert table.fields().get("remark") is None
    assert roster.crew(table.fields()) == [table.guard.account]


def test_days_that_follow_each_other_are_one_stretch() -> None:
    closed = {
        "2026-09-30": "节",
        "2026-10-01": "国庆节",
        "2026-10-02": "国庆节",
        "2026-10-05": "国庆节",
        "2020-01-01": "x",
    }
    assert stretches(closed, date(2026, 9, 30)) == [
        ("2026-09-30", "2026-09-30", "节"),
        ("2026-10-01", "2026-10-02", "国庆节"),
        ("2026-10-05", "2026-10-05", "国庆节"),
    ]


def test_the_past_is_not_offered_and_goes_after_two_months(table: Table, clock: FixedClock) -> None:  # noqa: F811
    day = table.tomorrow.isoformat()
    write(table, closed_from=day, closed_why="运动会")
    clock.move(70 * 24 * 3600 * 1000)
    assert "运动会" not in write(table).words
    assert day not in plan(table)["fields"].get("closed", {})
