"""Visits: who makes and sees them, how goings add up, and that whoever said no is left in peace."""

from __future__ import annotations

import pytest

from domain import visiting
from domain.visiting import unanswered
from sync.ids import derived
from tests.domain.visits import DAY, agreed, edit, made, make, planned, step, visit, went
from tests.domain.world import World


@pytest.mark.parametrize(
    ("who", "outcome"),
    [
        ("worker", "applied"),
        ("captain", "applied"),
        ("head", "applied"),
        ("supervisor", "applied"),
        ("volunteer", "refused"),
        ("guard", "held"),
        ("command", "refused"),
        ("admin", "held"),
        ("outsider", "held"),
    ],
)
def test_who_writes_down_a_visit(world: World, who: str, outcome: str) -> None:
    assert make(world, who, "visit", visit(world, who, "met", "done"))["outcome"] == outcome


def test_a_volunteer_goes_as_a_named_carer_only(world: World) -> None:
    agreement = derived("some agreement")
    me = {world.account("volunteer"): {"as": "carer"}}
    fields = visit(world, "volunteer", "met", "done", purpose="care", care_agreement_id=agreement, assignees=me)
    assert make(world, "volunteer", "visit", fields)["outcome"] == "applied"


def test_who_sees_that_somebody_was_there(world: World) -> None:
    going = made(world, "worker2", "visit", visit(world, "worker2", "met", "done"))
    sees = {who: world.sees(who, going) for who in ("worker", "worker2", "captain", "captain2", "head", "supervisor")}
    assert sees == {
        "worker": True, "worker2": True, "captain": True, "captain2": False, "head": True, "supervisor": True,
    }  # fmt: skip
    for who in ("volunteer", "guard", "handler", "command", "admin", "outsider"):
        assert not world.sees(who, going), who


def test_only_planners_send_somebody_and_a_handler_goes_where_sent(world: World) -> None:
    sent = planned(world, assignees={world.account("handler"): {"as": "visitor"}}, purpose="follow_up")
    assert make(world, "captain", "visit", sent)["reason"] == "not_allowed"
    going = made(world, "head", "visit", sent)
    assert world.sees("handler", going)
    done = {"status": step("planned", "done"), **went(world, "handler", "met")}
    assert edit(world, "handler2", "visit", going, done)["outcome"] != "applied"
    assert edit(world, "handler", "visit", going, {**done, **went(world, "handler", "met")})["outcome"] == "applied"


def test_nobody_says_how_it_went_in_another_s_name(world: World) -> None:
    fields = visit(world, "worker2", "met", "done")
    assert make(world, "worker", "visit", fields)["reason"] == "not_allowed"


@pytest.mark.parametrize(
    ("what", "to", "reason"),
    [
        ("met", "done", None),
        ("phoned", "done", None),
        ("moved", "done", None),
        ("not_home", "retry", None),
        ("declined", "declined", None),
        ("declined", "done", "requires"),
        ("met", "declined", "requires"),
        ("met", "retry", "requires"),
        ("vanished", "done", "invalid"),
    ],
)
def test_the_state_follows_from_what_happened_at_the_door(world: World, what: str, to: str, reason: str | None) -> None:
    assert make(world, "worker", "visit", visit(world, "worker", what, to))["reason"] == reason


def test_a_step_without_a_going_is_none(world: World) -> None:
    fields = {**visit(world, "worker", "met", "done")}
    del fields["outcome"]
    assert make(world, "worker", "visit", fields)["reason"] == "requires"


def test_somebody_comes_again_three_times_and_then_it_is_over(world: World) -> None:
    going = made(world, "worker", "visit", planned(world))
    for come_from in ("planned", "retry", "retry"):
        again = {"status": step(come_from, "retry"), **went(world, "worker", "not_home")}
        assert edit(world, "worker", "visit", going, again)["outcome"] == "applied"
    again = {"status": step("retry", "retry"), **went(world, "worker", "not_home")}
    assert edit(world, "worker", "visit", going, again)["reason"] == "not_allowed"
    over = {"status": step("retry", "done"), **went(world, "worker", "not_home")}
    assert edit(world, "worker", "visit", going, over)["outcome"] == "applied"
    assert [each["what"] for each in world.fields(going)["outcome"].values()] == ["not_home"] * 4


def test_two_goings_of_two_people_are_both_kept(world: World) -> None:
    going = made(world, "head", "visit", planned(world))
    seen = world.seq(going)
    edit(world, "worker", "visit", going, {"status": step("planned", "retry"), **went(world, "worker", "not_home")})
    late = {"status": step("planned", "done"), **went(world, "worker2", "met")}
    edit(world, "worker2", "visit", going, late, seen=seen)
    assert sorted(each["what"] for each in world.fields(going)["outcome"].values()) == ["met", "not_home"]
    assert world.status(going) == ("done", 1)


def test_the_earlier_promise_and_the_worse_finding_win_and_all_help_is_kept(world: World) -> None:
    going = made(world, "worker", "visit", visit(world, "worker", "met", "done"))
    seen = world.seq(going)
    first = {"next_at": "2026-06-20", "safety": {"gas": "trouble", "wiring": "fine"}, "needs": {"repair": True}}
    second = {"next_at": "2026-06-27", "safety": {"gas": "fine"}, "needs": {"meals": True}}
    edit(world, "worker", "visit", going, first, seen=seen)
    edit(world, "worker2", "visit", going, second, seen=seen)
    stands = world.fields(going)
    assert stands["next_at"] == "2026-06-20"
    assert stands["safety"] == {"gas": "trouble", "wiring": "fine"}
    assert stands["needs"] == {"repair": True, "meals": True}


@pytest.mark.parametrize("more", [{"needs": {"diagnosis": True}}, {"safety": {"visitors": "trouble"}}])
def test_nothing_is_ticked_that_nobody_has_declared(world: World, more: dict[str, dict[str, object]]) -> None:
    assert make(world, "worker", "visit", visit(world, "worker", "met", "done", **more))["reason"] == "invalid"


@pytest.mark.parametrize("more", [{"note": {"text": "腿脚不好"}}, {"needs": {"escort": True}}])
def test_what_is_said_on_a_care_visit_is_not_written_where_others_read_it(
    world: World, more: dict[str, dict[str, object]]
) -> None:
    care = {"purpose": "care", "care_agreement_id": derived("some agreement"), **more}
    assert make(world, "worker", "visit", visit(world, "worker", "met", "done", **care))["reason"] == "not_allowed"


# ---------------------------------------------------------------------------------- whoever said no


def test_who_said_no_is_planned_for_again_only_on_their_own_word(world: World) -> None:
    going = made(world, "worker", "visit", visit(world, "worker", "declined", "declined"))
    again = {"status": step("declined", "planned", 2)}
    assert edit(world, "head", "visit", going, again)["reason"] == "requires"
    empty = {**again, "own_request": {"how": " "}}
    assert edit(world, "head", "visit", going, empty)["reason"] == "requires"
    asked = {**again, "own_request": {"how": "自己打电话来的", "at": "2026-06-13T04:00:00.000Z"}}
    assert edit(world, "captain", "visit", going, asked)["reason"] == "not_allowed"
    assert edit(world, "head", "visit", going, asked)["outcome"] == "applied"


@pytest.mark.both_databases
def test_nobody_is_sent_again_for_twelve_months_to_who_said_no(world: World) -> None:
    no = visit(world, "worker", "declined", "declined")
    made(world, "worker", "visit", no)
    sent = made(world, "head", "visit", planned(world, purpose="safety_check"))
    other_purpose = made(world, "head", "visit", planned(world, purpose="notice"))
    other_door = made(world, "head", "visit", planned(world, purpose="safety_check", place_id=world.doors["1-1"][1]))
    asked = planned(world, purpose="safety_check", own_request={"how": "自己来社区说的"})
    wanted = made(world, "head", "visit", asked)
    assert visiting.spare_the_declined(world.engine) == 1
    assert visiting.spare_the_declined(world.engine) == 0
    states = [world.status(each)[0] for each in (sent, other_purpose, other_door, wanted)]
    assert states == ["cancelled", "planned", "planned", "planned"]
    assert world.fields(sent)["cancelled_why"] == "declined"


def test_what_has_waited_for_ninety_days_is_called_off_so_that_it_is_not_kept_for_ever(world: World) -> None:
    old = made(world, "worker", "visit", visit(world, "worker", "not_home", "retry"))
    ahead = made(world, "head", "visit", planned(world, planned_for="2027-01-01"))
    world.clock.move(visiting.FORGOTTEN)
    new = made(world, "head", "visit", planned(world))
    assert visiting.spare_the_declined(world.engine) == 1
    assert [world.status(each)[0] for each in (old, ahead, new)] == ["cancelled", "planned", "planned"]


# ---------------------------------------------------------------------------------- nobody opens


@pytest.mark.both_databases
def test_two_times_nobody_in_a_row_is_told_to_the_head_until_somebody_is_met(world: World) -> None:
    agreement = made(world, "worker", "care_agreement", agreed(world, "worker"))
    care = {"purpose": "care", "care_agreement_id": agreement}

    def told(who: str) -> list[str]:
        with world.database.read() as conn:
            return [each.about for each in visiting.alerts(conn, world.person(who), world.clock.now())]

    made(world, "worker", "visit", visit(world, "worker", "not_home", "retry", **care))
    assert told("head") == []
    made(world, "worker", "visit", visit(world, "worker", "not_home", "retry", **care))
    assert told("head") == [agreement]
    assert told("worker") == told("supervisor") == told("command") == []
    made(world, "worker", "visit", visit(world, "worker", "met", "done", **care))
    assert told("head") == []


def test_an_alert_forgets_what_is_long_ago_and_other_purposes(world: World) -> None:
    for _ in range(2):
        made(world, "worker", "visit", visit(world, "worker", "not_home", "retry"))
    made(world, "worker", "visit", visit(world, "worker", "not_home", "retry", purpose="care"))
    world.clock.move(91 * DAY)
    made(world, "worker", "visit", visit(world, "worker", "not_home", "retry", purpose="care"))
    with world.database.read() as conn:
        assert visiting.alerts(conn, world.person("head"), world.clock.now()) == []


def test_goings_in_one_visit_and_in_several_count_alike() -> None:
    def going(*each: tuple[str, str]) -> dict[str, object]:
        outcome = {at: {"at": at, "what": what} for at, what in each}
        return {"purpose": "care", "place_id": "door", "outcome": outcome}

    apart = [("grid", going(("1", "not_home"))), ("grid", going(("2", "not_home")))]
    together = [("grid", going(("1", "not_home"), ("2", "not_home")))]
    assert [each.times for each in unanswered(apart)] == [each.times for each in unanswered(together)] == [("1", "2")]
    assert unanswered([("grid", going(("1", "not_home"), ("2", "phoned"), ("3", "not_home")))]) == []
