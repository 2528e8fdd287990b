"""Care agreements: who reads their notes, how two without a line agree, and what becomes of a withdrawn consent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain import withdrawal
from domain.records import TYPES
from domain.records.care_agreement import MAX_CARERS, too_many
from domain.records.care_words import DAYS_BETWEEN
from domain.records.visit_rights import MAX_RETRIES
from domain.visiting import IN_A_ROW
from sync.clock import to_text
from sync.tables import change, parked, record
from tests.domain.visits import agreed, edit, made, make, visit
from tests.domain.world import PEOPLE, World
from web.config import ROOT

FORBIDDEN = ("diagnos", "risk", "illness", "disab", "病", "残", "障碍", "风险", "等级")


def noted(world: World, who: str, text: str) -> dict[str, Any]:
    at = to_text(world.clock.now())
    return {"notes": {world.ids.new(): {"text": text, "by": world.account(who), "at": at}}}


def everything(world: World) -> str:
    with world.database.read() as conn:
        return str([conn.execute(table.select()).all() for table in (record, change, parked)])


def test_the_notes_are_read_by_named_carers_their_maker_and_the_head_only(world: World) -> None:
    agreement = made(world, "supervisor", "care_agreement", agreed(world, "worker", "volunteer"))
    note = noted(world, "volunteer", "喜欢上午去")
    assert edit(world, "worker", "care_agreement", agreement, note)["reason"] == "not_allowed"
    assert edit(world, "volunteer", "care_agreement", agreement, note)["outcome"] == "applied"
    readers = {who for who in PEOPLE if world.sees(who, agreement)}
    assert readers == {"worker", "volunteer", "head", "supervisor"}


def test_a_supervisor_who_did_not_make_it_does_not_read_it(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker"))
    assert {who for who in PEOPLE if world.sees(who, agreement)} == {"worker", "head"}


def test_a_captain_is_told_that_somebody_was_there_and_not_what_was_said(world: World) -> None:
    agreement = made(world, "head", "care_agreement", agreed(world, "worker", "captain"))
    care = {"purpose": "care", "care_agreement_id": agreement}
    going = made(world, "worker", "visit", visit(world, "worker", "met", "done", **care))
    assert world.sees("captain", going)
    assert not world.sees("captain", agreement)


@pytest.mark.parametrize(
    ("who", "outcome"),
    [("worker", "applied"), ("head", "applied"), ("supervisor", "applied"), ("volunteer", "refused"),
     ("captain", "refused"), ("command", "refused"), ("handler", "refused"), ("guard", "held")],
)  # fmt: skip
def test_who_makes_an_agreement(world: World, who: str, outcome: str) -> None:
    assert make(world, who, "care_agreement", agreed(world, who))["outcome"] == outcome


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"consent": None}, "invalid"),
        ({"consent": {"kind": "spoken", "at": "2026-06-13T04:00:00.000Z"}}, "requires"),
        ({"consent": {"kind": "guessed", "text_version": "1", "at": "2026-06-13T04:00:00.000Z"}}, "requires"),
        ({"ends_on": "2027-06-14"}, None),
        ({"ends_on": "2027-06-15"}, "invalid"),
        ({"help": {"watching": True}}, "invalid"),
    ],
)
def test_an_agreement_stands_on_a_whole_consent_and_ends_within_twelve_months(
    world: World, more: dict[str, object], reason: str | None
) -> None:
    assert make(world, "worker", "care_agreement", agreed(world, "worker", **more))["reason"] == reason


def test_it_goes_on_for_longer_only_with_a_new_consent(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker"))
    assert edit(world, "worker", "care_agreement", agreement, {"ends_on": "2027-09-01"})["reason"] == "invalid"
    again = {"kind": "spoken", "text_version": "2026-06", "at": "2026-10-01T04:00:00.000Z"}
    longer = {"ends_on": "2027-09-01", "consent": again}
    assert edit(world, "worker", "care_agreement", agreement, longer)["outcome"] == "applied"


def test_two_without_a_line_both_name_carers_and_the_sixth_is_a_flag(world: World) -> None:
    people = ("worker", "worker2", "volunteer", "head")
    agreement = made(world, "worker", "care_agreement", agreed(world, *people))
    seen = world.seq(agreement)
    named = [{world.account(each): {"since": "2026-06-13T04:00:00.000Z"}} for each in ("outsider", "guard")]
    edit(world, "worker", "care_agreement", agreement, {"carers": named[0]}, seen=seen)
    assert not too_many(world.fields(agreement))
    late = edit(world, "head", "care_agreement", agreement, {"carers": named[1]}, seen=seen)
    assert late["outcome"] == "applied"
    assert too_many(world.fields(agreement))
    knowing = {"carers": {world.account("handler"): {"since": "2026-06-13T04:00:00.000Z"}}}
    assert edit(world, "head", "care_agreement", agreement, knowing)["reason"] == "not_allowed"


def test_a_carer_steps_back_but_takes_nobody_else_away(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker", "volunteer", "worker2"))
    other, own = {world.account("worker2"): None}, {world.account("volunteer"): None}
    assert edit(world, "volunteer", "care_agreement", agreement, {"carers": other})["reason"] == "not_allowed"
    assert edit(world, "volunteer", "care_agreement", agreement, {"carers": own})["outcome"] == "applied"
    assert not world.sees("volunteer", agreement)


def test_the_more_frequent_and_the_earlier_end_win_and_both_notes_are_kept(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker", "worker2"))
    seen = world.seq(agreement)
    first = {
        "frequency": "monthly",
        "ends_on": "2026-12-01",
        **noted(world, "worker", "上午去"),
        "needs": {"repair": True},
    }
    second = {
        "frequency": "daily",
        "ends_on": "2027-03-01",
        **noted(world, "worker2", "先敲门"),
        "needs": {"meals": True},
    }
    edit(world, "worker", "care_agreement", agreement, first, seen=seen)
    edit(world, "worker2", "care_agreement", agreement, second, seen=seen)
    stands = world.fields(agreement)
    assert (stands["frequency"], stands["ends_on"]) == ("daily", "2026-12-01")
    assert [each["text"] for each in stands["notes"].values()] == ["上午去", "先敲门"]
    assert stands["needs"] == {"repair": True, "meals": True}


def test_nothing_is_kept_of_what_somebody_has_or_is() -> None:
    for name in ("visit", "care_agreement"):
        declared = TYPES[name]
        said = [each.name for each in declared.fields]
        said += [word for each in declared.fields for word in each.labels.values()]
        said += [word for each in declared.fields for choice in each.choices for word in choice.labels.values()]
        assert [each for each in said if any(word in each.lower() for word in FORBIDDEN)] == []


def test_the_phone_counts_the_same_days_carers_and_goings() -> None:
    said = (ROOT / "web" / "client" / "model" / "visits.ts").read_text(encoding="utf-8")
    days = re.search(r"DAYS_BETWEEN[^{]*\{([^}]*)\}", said)
    assert days
    assert {name: int(count) for name, count in re.findall(r"(\w+): (\d+)", days[1])} == DAYS_BETWEEN
    limits = {"MAX_CARERS": MAX_CARERS, "MAX_RETRIES": MAX_RETRIES, "NEEDED_IN_A_ROW": IN_A_ROW}
    assert {name: int(re.search(rf"const {name} = (\d+);", said)[1]) for name in limits} == limits  # type: ignore[index]


# ---------------------------------------------------------------------------------- withdrawn


@pytest.mark.both_databases
def test_rule_17_a_withdrawn_consent_leaves_nothing_of_the_agreement_nor_of_its_visits(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker", **noted(world, "worker", "只说给您听")))
    care = {"purpose": "care", "care_agreement_id": agreement}
    going = made(world, "worker", "visit", visit(world, "worker", "met", "done", **care))
    other = made(world, "worker", "visit", visit(world, "worker", "met", "done"))
    said = {**agreed(world)["consent"], "withdrawn_at": "2026-06-13T05:00:00.000Z"}
    assert edit(world, "worker", "care_agreement", agreement, {"consent": said})["outcome"] == "applied"
    assert world.row(agreement).erased
    assert "只说给您听" not in everything(world)
    assert withdrawal.erase_what_falls(world.engine) == 1
    assert (world.row(going).erased, world.row(other).erased) == (True, False)
    late = made(world, "worker", "visit", visit(world, "worker", "not_home", "retry", **care))
    assert withdrawal.erase_what_falls(world.engine) == 1
    assert world.row(late).erased


def test_rule_17_a_withdrawal_wins_over_a_consent_that_had_not_seen_it(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker", "worker2"))
    seen = world.seq(agreement)
    gone = {**agreed(world)["consent"], "withdrawn_at": "2026-06-13T05:00:00.000Z"}
    world.clock.move(1000)
    edit(world, "worker2", "care_agreement", agreement, {"consent": agreed(world)["consent"]}, seen=seen)
    edit(world, "worker", "care_agreement", agreement, {"consent": gone}, seen=seen, at=world.clock.now() - 60_000)
    assert world.row(agreement).erased
    note = noted(world, "worker2", "不知道已经撤回")
    late = edit(world, "worker2", "care_agreement", agreement, note, seen=seen)
    assert (late["outcome"], late["reason"]) == ("refused", "gone")
    assert "不知道已经撤回" not in everything(world)
