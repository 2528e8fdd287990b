"""Every step of a case: who may take it, and that nobody else may."""

from __future__ import annotations

import pytest

from domain.records import TYPES
from domain.records.case_steps import ENDS, STATES
from sync.types import Step
from tests.domain.world import SERVER, World

CASE = TYPES["case"]
WAY = {
    "reported": (),
    "needs_info": ("needs_info",),
    "accepted": ("accepted",),
    "assigned": ("accepted", "assigned"),
    "working": ("accepted", "assigned", "working"),
    "on_hold": ("accepted", "assigned", "working", "on_hold"),
    "resolved": ("accepted", "assigned", "working", "resolved"),
    "closed": ("accepted", "assigned", "working", "resolved", "closed"),
    "rejected": ("rejected",),
    "merged": ("merged",),
}
PERMITTED = {
    ("needs_info", "reported"): {"worker", "head", "supervisor", "command"},
    ("reported", "accepted"): {"head", "supervisor", "command"},
    ("needs_info", "accepted"): {"head", "supervisor", "command"},
    ("reported", "needs_info"): {"head", "supervisor", "command"},
    ("reported", "rejected"): {"head", "supervisor", "command"},
    ("needs_info", "rejected"): {"head", "supervisor", "command"},
    ("reported", "merged"): {"head", "supervisor", "command"},
    ("needs_info", "merged"): {"head", "supervisor", "command"},
    ("accepted", "assigned"): {"head", "supervisor", "command"},
    ("assigned", "working"): {"handler", "head", "supervisor"},
    ("on_hold", "working"): {"handler", "head", "supervisor"},
    ("assigned", "on_hold"): {"handler", "head", "supervisor"},
    ("working", "on_hold"): {"handler", "head", "supervisor"},
    ("working", "resolved"): {"handler", "head", "supervisor"},
    ("resolved", "closed"): {"worker", "head", "supervisor", "command"},
    ("resolved", "working"): {"worker", "head", "supervisor", "command"},
    ("closed", "working"): {"worker", "head", "supervisor", "command"},
}
"""(from, to) -> who, of a case that `worker` reported and that is dispatched to `handler` (records.md, CA)."""

EVERYBODY = ("worker", "worker2", "outsider", "volunteer", "captain", "guard", "head", "supervisor", "handler",
             "handler2", "command", "admin", "resident")  # fmt: skip
LATER = [step for step in CASE.steps if step.come_from is not None]


def _name(step: Step) -> str:
    return f"{step.come_from}-{step.to}"


def test_the_declared_steps_are_exactly_those_of_the_table() -> None:
    assert {(step.come_from, step.to) for step in LATER} == set(PERMITTED)
    assert {step.to for step in CASE.steps if step.come_from is None} == {"reported", "resolved"}
    assert {step.come_from for step in LATER if step.cycle} == {"resolved", "closed"}


def test_no_step_leads_out_of_a_rejected_or_merged_case() -> None:
    assert {step.come_from for step in LATER} & ENDS == {"closed"}


def test_ranks_are_those_of_the_table() -> None:
    wanted = {"reported": 10, "needs_info": 15, "accepted": 20, "assigned": 30, "working": 40, "on_hold": 40}
    wanted |= {"resolved": 50, "closed": 60, "rejected": 60, "merged": 60}
    assert {state.value: state.rank for state in STATES} == wanted


@pytest.mark.parametrize("step", LATER, ids=_name)
def test_a_step_is_taken_by_those_who_may_and_by_nobody_else(world: World, step: Step) -> None:
    permitted = PERMITTED[str(step.come_from), step.to]
    for who in EVERYBODY:
        case = world.report()
        world.bring(case, *WAY[str(step.come_from)])
        receipt = world.write(world.person(who), case, world.step(case, step.to, again=bool(step.cycle)))
        if who in permitted:
            assert receipt["outcome"] == "applied", (who, receipt)
            assert world.status(case) == (step.to, 1 + step.cycle)
        else:
            # Naming the case that this one doubles is a suggestion to the desk.
            assert receipt["reason"] in {"not_allowed", "not_entitled", "suggestion"}, (who, receipt)
            assert world.status(case)[0] == step.come_from


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_case_is_reported_by_those_who_may(world: World, who: str) -> None:
    book = {"outsider": "two", "guard": "post"}.get(who, "one")
    receipt = world.write(world.person(who), world.ids.new(), world.reported(), create=True, book=book)
    if who in {"admin", "resident"}:
        assert (receipt["outcome"], receipt["reason"]) == ("held", "not_entitled")
    else:
        assert receipt["outcome"] == "applied", receipt


@pytest.mark.parametrize("who", ["worker", "volunteer", "captain", "head", "supervisor", "handler", "command"])
def test_fixing_on_the_spot_is_for_those_who_walk_the_grid(world: World, who: str) -> None:
    step = {"from": None, "to": "resolved", "cycle": 1}
    fixed = world.reported(status=step, self_fixed=True, resolution={"text": "扶正了"})
    receipt = world.write(world.person(who), world.ids.new(), fixed, create=True)
    assert receipt["outcome"] == ("refused" if who in {"handler", "command"} else "applied"), receipt


def test_fixed_on_the_spot_says_so(world: World) -> None:
    step = {"from": None, "to": "resolved", "cycle": 1}
    said_no = world.reported(status=step, self_fixed=False)
    for written in (world.reported(status=step), said_no):
        receipt = world.write(world.person("worker"), world.ids.new(), written, create=True)
        assert (receipt["outcome"], receipt["reason"]) == ("refused", "requires"), receipt


@pytest.mark.parametrize(
    ("come_from", "to", "emptied"),
    [
        ("reported", "rejected", {"rejection": {"reason": "不归我们管"}}),
        ("reported", "rejected", {"rejection": {"reason": "", "instead": "物业"}}),
        ("working", "on_hold", {"hold": {"reason": "等配件"}}),
        ("accepted", "assigned", {"assignees": {}}),
        ("reported", "merged", {"merged_into": None}),
    ],
)
def test_a_step_without_what_it_needs_is_refused(world: World, come_from: str, to: str, emptied: dict) -> None:  # type: ignore[type-arg]
    case = world.report()
    world.bring(case, *WAY[come_from])
    written = world.step(case, to) | emptied
    receipt = world.write(world.person("head"), case, written)
    assert receipt["outcome"] == "refused"
    assert receipt["reason"] in {"requires", "invalid"}
    assert world.status(case)[0] == come_from


def test_a_case_is_put_on_hold_twice_at_most(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted", "assigned", "working")
    handler = world.person("handler")
    for _ in range(2):
        assert world.write(handler, case, world.step(case, "on_hold"))["outcome"] == "applied"
        assert world.write(handler, case, world.step(case, "working"))["outcome"] == "applied"
    receipt = world.write(handler, case, world.step(case, "on_hold"))
    assert (receipt["outcome"], receipt["reason"]) == ("refused", "not_allowed")
    assert world.fields(case)["hold_count"] == 2


def test_the_server_gives_number_due_time_and_closing_time(world: World) -> None:
    case = world.report(severity="urgent")
    assert world.fields(case)["no"].startswith("LW1-0613-")
    world.write(world.person("head"), case, world.step(case, "accepted"))
    accepted_at = world.row(case).changed_at
    fields = world.fields(case)
    assert fields["due_at"][:10] == "2026-06-14"
    assert abs(accepted_at - world.clock.now()) < 5000
    world.bring(case, "assigned", "working", "resolved", "closed")
    assert world.fields(case)["closed_at"].startswith("2026-06-13")


def test_a_due_time_that_a_dispatcher_set_is_left_alone(world: World) -> None:
    case = world.report()
    due = "2026-07-01T00:00:00.000Z"
    world.write(world.person("head"), case, world.step(case, "accepted", due_at=due))
    assert world.fields(case)["due_at"] == due


def test_a_case_that_begins_again_has_a_new_term_and_no_end(world: World) -> None:
    case = world.report(severity="urgent")
    world.bring(case, "accepted", "assigned", "working", "resolved")
    world.write(SERVER, case, world.step(case, "closed", auto_closed=True))
    world.clock.move(9 * 86_400_000)
    world.write(world.person("worker"), case, world.step(case, "working", again=True))
    fields = world.fields(case)
    assert "closed_at" not in fields
    assert "auto_closed" not in fields
    assert fields["due_at"][:10] == "2026-06-23"


def test_numbers_differ_within_a_book(world: World) -> None:
    numbers = {world.fields(world.report())["no"] for _ in range(5)}
    assert len(numbers) == 5


def test_the_server_may_take_any_declared_step(world: World) -> None:
    case = world.report()
    world.bring(case, *WAY["resolved"])
    receipt = world.write(SERVER, case, world.step(case, "closed", auto_closed=True))
    assert receipt["outcome"] == "applied"
    assert world.fields(case)["auto_closed"] is True
