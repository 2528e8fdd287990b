"""The shift: two planners without a line, who came and when, swaps, and what nobody may write (rules 3, 5 and 10)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from domain import roster
from domain.days import HOUR, MINUTE
from domain.records import TYPES
from domain.records.post_plan import plan_id
from sync.clock import from_text
from tests.domain.duty import Duty
from tests.domain.world import World
from tests.vectors import write_shifts

ENTERED = {"applied", "merged"}


@pytest.fixture
def duty(world: World) -> Duty:
    return Duty(world)


# ------------------------------------------------------------------------------------- two planners (rule 10)


def test_conflict_11_two_planners_choices_for_a_one_person_post_both_stay_and_are_marked(duty: Duty) -> None:
    duty.plan("zhang", by="supervisor")
    duty.plan("li", by="command")
    assert duty.names() == {"zhang", "li"}
    fields = duty.world.fields(duty.id())
    assert roster.has_too_many(fields)
    assert duty.world.conflicts(duty.id()) == {}


def test_rule_10_two_planners_who_each_take_somebody_else_off_leave_nobody_off(duty: Duty) -> None:
    shift = duty.plan("zhang", "li")
    seen = duty.world.seq(shift)
    first = duty.write("supervisor", duty.crew("li", off=("zhang",)), seen=seen)
    second = duty.write("command", duty.crew("zhang", off=("li",)), seen=seen)
    assert (first["outcome"], second["outcome"]) == ("applied", "merged")
    assert duty.names() == {"zhang", "li"}


def _left(pair: tuple[dict[str, Any], dict[str, Any]]) -> list[set[str]]:
    return [{key for key, entry in each["assignees"].items() if entry} for each in pair]


def test_rule_10_however_two_planners_choices_meet_nobody_whom_either_left_on_the_post_is_missing(duty: Duty) -> None:
    crews = [(), ("zhang",), ("li",), ("zhang", "li"), ("wang",), ("zhang", "wang"), ("li", "wang", "zhang")]
    everybody = ("zhang", "li", "wang")
    for number, (one, two) in enumerate((one, two) for one in crews for two in crews):
        session = f"{number:04d}"
        plan = duty.planned("zhang", "li", session="1350") | {"session": session}
        record = duty.id(session)
        duty.write("supervisor", plan, record=record, create=True, seen=0)
        seen = duty.world.seq(record)
        writes = [duty.crew(*on, off=tuple(each for each in everybody if each not in on)) for on in (one, two)]
        for who, written in zip(("supervisor", "command"), writes, strict=True):
            assert duty.write(who, written, record=record, seen=seen)["outcome"] in ENTERED
        after = set(roster.crew(duty.world.fields(record)))
        for side in _left((writes[0], writes[1])):
            assert side <= after, (one, two)


def test_rule_10_who_changes_a_crew_names_everybody_who_stays(duty: Duty) -> None:
    shift = duty.plan("zhang", "li")
    for written in (duty.crew(off=("zhang",)), duty.crew("wang")):
        receipt = duty.write("supervisor", written)
        assert (receipt["outcome"], receipt["reason"]) == ("refused", "requires")
    assert duty.names() == {"zhang", "li"}
    assert duty.write("supervisor", duty.crew("li", off=("zhang",)), seen=duty.world.seq(shift))["outcome"] == "applied"
    assert duty.names() == {"li"}


def test_the_same_shift_planned_twice_is_one_shift(duty: Duty) -> None:
    one, two = duty.plan("zhang", by="supervisor"), duty.plan("zhang", by="command")
    assert one == two
    assert duty.names() == {"zhang"}


# ------------------------------------------------------------------------------------- coming and going (rule 5)


def test_conflict_12_a_check_in_of_somebody_taken_off_meanwhile_is_kept_as_relief(duty: Duty) -> None:
    shift = duty.plan("zhang", "li", session="0710")
    seen = duty.world.seq(shift)
    duty.write("supervisor", duty.crew("li", off=("zhang",)), seen=seen)
    receipt = duty.write("zhang", duty.arrive("zhang"), seen=seen)
    assert receipt["outcome"] in ENTERED
    fields = duty.world.fields(shift)
    assert roster.relief(fields) == [duty.world.account("zhang")]
    assert duty.names() == {"li"}
    start = from_text(fields["start"])
    assert roster.state_of(fields, duty.world.account("zhang"), start + HOUR, None) == "on_duty"


def test_conflict_13_a_slow_phone_s_check_in_counts_at_its_corrected_time_and_is_marked(duty: Duty) -> None:
    shift = duty.plan("zhang")
    written = duty.arrive("zhang", after=-3)
    written["check_in_how"][duty.world.account("zhang")]["clock_off"] = -120
    assert duty.write("zhang", written)["outcome"] == "applied"
    fields = duty.world.fields(shift)
    assert from_text(fields["check_in_at"][duty.world.account("zhang")]) == from_text(fields["start"]) - 3 * MINUTE
    assert roster.clock_was_off(fields, duty.world.account("zhang")) == 120


@pytest.mark.parametrize("key", ["lat", "lon", "accuracy", "gps", "point"])
def test_rule_5_no_coordinate_can_be_written_with_a_check_in(duty: Duty, key: str) -> None:
    duty.plan("zhang")
    written = duty.arrive("zhang")
    written["check_in_how"][duty.world.account("zhang")][key] = 30.1
    receipt = duty.write("zhang", written)
    assert (receipt["outcome"], receipt["reason"]) == ("refused", "invalid")


def test_rule_5_no_field_of_a_shift_can_hold_a_place_on_earth() -> None:
    assert [field.name for field in TYPES["shift"].fields if field.kind == "geo"] == []
    assert all(field.shape is not None for field in TYPES["shift"].fields if field.kind == "json")
    shapes = [key for field in TYPES["shift"].fields for key in field.shape or ()]
    assert {"lat", "lon", "latitude", "longitude", "accuracy", "gps", "point"} & set(shapes) == set()


@pytest.mark.parametrize("kind", ["desk", "reception"])
def test_rule_5_only_duties_of_safety_and_emergency_are_checked_in_to(duty: Duty, kind: str) -> None:
    duty.plan("zhang", kind=kind)
    receipt = duty.write("zhang", duty.arrive("zhang"))
    assert (receipt["outcome"], receipt["reason"]) == ("refused", "not_allowed")


@pytest.mark.parametrize(("method", "near"), [("gps", "yes"), ("button", "30.1,125.2"), ("button", "")])
def test_rule_5_how_somebody_came_is_one_of_a_few_words(duty: Duty, method: str, near: str) -> None:
    duty.plan("zhang")
    assert duty.write("zhang", duty.arrive("zhang", method=method, near=near))["reason"] == "invalid"


def test_the_earliest_check_in_and_the_latest_check_out_count_whatever_comes_first(world: World) -> None:
    duty = Duty(world)
    key = world.account("zhang")
    for number, order in enumerate(permutations(range(3))):
        record = duty.id(f"x{number}")
        duty.write("supervisor", duty.planned("zhang") | {"session": f"x{number}"}, record=record, create=True, seen=0)
        seen = world.seq(record)
        writes = [duty.arrive("zhang", after=minutes) for minutes in (-4, 2, 5)]
        for phone in order:
            assert duty.write("zhang", writes[phone], record=record, seen=seen, phone=phone + 1)["outcome"] in ENTERED
        fields = world.fields(record)
        assert from_text(fields["check_in_at"][key]) == from_text(fields["start"]) - 4 * MINUTE


# ------------------------------------------------------------------------------------- whose is what


def test_nobody_checks_in_or_out_or_notes_in_another_s_name(duty: Duty) -> None:
    duty.plan("zhang", "li")
    li, when = duty.world.account("li"), duty.now()
    others: list[dict[str, Any]] = [
        duty.arrive("li"),
        {"seen_at": {li: when}},
        {"check_out_at": {li: when}},
        {"back_fill": {li: {"reason": "", "at": when}}},
        {"absence": {li: {"reason": "x", "at": when}}},
        {"log": {"k": {"kind": "jam", "text": "x", "by": li, "at": when}}},
        duty.swap("li", "zhang")[1],
    ]
    for written in others:
        assert duty.write("zhang", written)["reason"] == "not_allowed", written
    for written in others[:4]:
        assert duty.write("supervisor", written)["reason"] == "not_allowed", written


def test_a_log_line_is_taken_back_by_whoever_wrote_it_only(duty: Duty) -> None:
    duty.plan("zhang", "li")
    line = {"log": {"k": {"kind": "jam", "text": "堵", "by": duty.world.account("zhang"), "at": duty.now()}}}
    assert duty.write("zhang", line)["outcome"] == "applied"
    assert duty.write("li", {"log": {"k": None}})["reason"] == "not_allowed"
    assert duty.write("zhang", {"log": {"k": None}})["outcome"] == "applied"


def test_only_planners_plan_and_each_in_the_own_books(duty: Duty) -> None:
    written = duty.planned("zhang")
    for who in ("zhang", "guard"):
        assert duty.write(who, written, create=True, seen=0)["reason"] == "not_allowed"
    for who in ("worker", "head", "captain", "volunteer"):
        assert duty.write(who, written, create=True, seen=0)["outcome"] == "held"
    assert duty.write("handler", written, create=True, seen=0)["outcome"] in {"held", "refused"}
    for number, who in enumerate(("supervisor", "command")):
        made = duty.write(who, {**written, "session": f"s{number}"}, record=duty.id(f"s{number}"), create=True, seen=0)
        assert made["outcome"] == "applied"


def test_who_has_a_shift_before_them(duty: Duty) -> None:
    shift = duty.plan("zhang")
    for who in ("zhang", "li", "guard", "supervisor", "command"):
        assert duty.world.sees(who, shift), who
    for who in ("worker", "captain", "head", "handler", "volunteer"):
        assert not duty.world.sees(who, shift), who


def test_a_grid_s_emergency_duty_is_seen_by_whoever_is_on_it_and_by_its_planners(duty: Duty) -> None:
    world = duty.world
    id, written = duty.id("e1"), duty.planned() | {"kind": "emergency", "session": "e1", "post": world.places["one"]}
    written["assignees"] = {world.account("worker"): {"as": "planned"}}
    made = world.write(world.person("head"), id, written, type="shift", book="one", create=True, seen=0)
    assert made["outcome"] == "applied", made
    assert world.sees("worker", id)
    assert not world.sees("worker2", id)
    key = world.account("worker")
    came = {"check_in_at": {key: duty.now()}, "check_in_how": {key: {"method": "button", "near": "yes"}}}
    assert world.write(world.person("worker"), id, came, type="shift", book="one")["outcome"] == "applied"


# ------------------------------------------------------------------------------------- swaps, absence, back-fill


def test_a_swap_needs_both_and_then_a_planner_and_leaves_the_post_manned(duty: Duty) -> None:
    shift = duty.plan("zhang")
    key, asked = duty.swap("zhang", "li")
    approval = {"swap_approved": {key: {"ok": True, "at": duty.now()}}, **duty.crew("li", off=("zhang",))}
    agreement = {"swap_agreed": {key: {"ok": True, "at": duty.now()}}}
    assert duty.write("li", agreement)["reason"] == "requires"
    assert duty.write("zhang", asked)["outcome"] == "applied"
    assert duty.write("supervisor", approval)["reason"] == "requires"
    assert duty.write("zhang", agreement)["reason"] == "not_allowed"
    assert duty.write("li", agreement)["outcome"] == "applied"
    assert roster.to_approve(duty.world.fields(shift)) == [key]
    assert duty.write("li", approval)["reason"] == "not_allowed"
    assert duty.write("supervisor", {"swap_approved": approval["swap_approved"]})["reason"] == "requires"
    assert duty.write("supervisor", approval)["outcome"] == "applied"
    fields = duty.world.fields(shift)
    assert duty.names() == {"li"}
    assert roster.to_approve(fields) == []
    assert roster.state_of(fields, duty.world.account("zhang"), 0, None) == "swapped"


def test_who_asked_to_be_excused_stays_on_until_a_planner_says_so(duty: Duty) -> None:
    shift = duty.plan("zhang")
    zhang = duty.world.account("zhang")
    assert duty.write("zhang", {"absence": {zhang: {"reason": "家里有事", "at": duty.now()}}})["outcome"] == "applied"
    assert duty.write("zhang", {"excused": {zhang: {"at": duty.now()}}})["reason"] == "not_allowed"
    assert roster.to_excuse(duty.world.fields(shift)) == [zhang]
    assert roster.lacks(duty.world.fields(shift)) == 0
    duty.write("supervisor", {"excused": {zhang: {"at": duty.now()}}})
    fields = duty.world.fields(shift)
    assert roster.state_of(fields, zhang, 0, None) == "excused"
    assert roster.lacks(fields) == 1


def test_a_check_in_noted_afterwards_is_done_and_waits_for_one_tap_of_the_planner(duty: Duty) -> None:
    shift = duty.plan("zhang")
    zhang = duty.world.account("zhang")
    later = duty.arrive("zhang", method="later") | {"back_fill": {zhang: {"reason": "手机没电", "at": duty.now()}}}
    assert duty.write("zhang", later)["outcome"] == "applied"
    fields = duty.world.fields(shift)
    assert roster.state_of(fields, zhang, from_text(fields["start"]) + HOUR, None) == "done"
    assert roster.to_confirm(fields) == [zhang]
    assert duty.write("zhang", {"confirmed": {zhang: {"at": duty.now()}}})["reason"] == "not_allowed"
    assert duty.write("supervisor", {"confirmed": {zhang: {"at": duty.now()}}})["outcome"] == "applied"
    assert roster.to_confirm(duty.world.fields(shift)) == []


# ------------------------------------------------------------------------------------- how it stands


def test_nothing_noted_is_said_only_half_an_hour_late_and_once_the_phone_has_spoken_since(duty: Duty) -> None:
    shift = duty.plan("zhang")
    zhang, fields = duty.world.account("zhang"), duty.world.fields(shift)
    start = from_text(fields["start"])
    stood = [
        roster.state_of(fields, zhang, start + minutes * MINUTE, None if synced is None else start + synced * MINUTE)
        for minutes, synced in ((-60, None), (29, None), (30, None), (31, 29), (31, 30), (600, 29))
    ]
    assert stood == ["planned", "planned", "waiting", "waiting", "no_record", "waiting"]


def test_of_desk_duties_nothing_is_said_but_that_they_are_over(duty: Duty) -> None:
    shift = duty.plan("zhang", kind="desk")
    zhang, fields = duty.world.account("zhang"), duty.world.fields(shift)
    end = from_text(fields["end"])
    assert [roster.state_of(fields, zhang, at, at) for at in (end - MINUTE, end + MINUTE)] == ["planned", "done"]


def test_who_forgot_to_say_goodbye_is_not_on_duty_for_ever(duty: Duty) -> None:
    shift = duty.plan("zhang")
    duty.write("zhang", duty.arrive("zhang"))
    zhang, fields = duty.world.account("zhang"), duty.world.fields(shift)
    end = from_text(fields["end"])
    assert [roster.state_of(fields, zhang, end + h * HOUR, None) for h in (0, 2)] == ["on_duty", "done"]


def test_a_plan_gives_the_sessions_of_its_days_only(duty: Duty) -> None:
    plan = {"sessions": {"a": {"start": "07:10", "end": "08:10", "days": "12345"},
                         "b": {"start": "22:00", "end": "02:00", "days": "6"}},
            "closed": {"2026-06-12": "校运会"}}  # fmt: skip
    days = [date(2026, 6, 11), date(2026, 6, 12), date(2026, 6, 13)]
    assert [(day.day, key) for day, key, _ in roster.wanted(plan, days)] == [(11, "a"), (13, "b")]
    start, end = roster.times(plan["sessions"]["b"], days[2])
    assert end - start == 4 * HOUR


@pytest.mark.parametrize(
    "session",
    [
        {"start": "7:10", "end": "08:10", "lead_minutes": 10, "required_n": 1, "days": "1"},
        {"start": "07:10", "end": "25:00", "lead_minutes": 10, "required_n": 1, "days": "1"},
        {"start": "07:10", "end": "08:10", "lead_minutes": 12, "required_n": 1, "days": "1"},
        {"start": "07:10", "end": "08:10", "lead_minutes": 10, "required_n": 0, "days": "1"},
        {"start": "07:10", "end": "08:10", "lead_minutes": 10, "required_n": 1, "days": "8"},
        {"start": "07:10", "end": "08:10", "lead_minutes": 10, "required_n": 1, "days": ""},
    ],
)
def test_a_plan_with_a_session_that_cannot_be_is_not_taken(duty: Duty, session: dict[str, Any]) -> None:
    receipt = duty.write("supervisor", {"sessions": {"x": session}}, record=plan_id(duty.post), type="post_plan")
    assert receipt["reason"] == "invalid"


def test_rule_3_nothing_about_a_shift_counts_what_one_person_did(duty: Duty) -> None:
    """The numbers of the roster are of posts: who lacks people, not who came how often."""
    duty.plan("zhang")
    numbers = {field.name for field in TYPES["shift"].fields if field.kind in {"integer", "number"}}
    assert numbers == {"lead_minutes", "required_n"}


def test_the_phone_is_tested_with_what_the_server_says_of_a_shift() -> None:
    assert write_shifts.PATH.read_text(encoding="utf-8") == write_shifts.text()
