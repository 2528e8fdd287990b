"""What is answered at a door: whose it is, when it waits for a person, how it is counted, who reads the totals."""

from __future__ import annotations

from typing import Any

import pytest

from domain import campaigns
from domain.days import DAY
from domain.forms.answers import problems
from domain.forms.form import read_form
from sync.clock import to_text
from tests.domain.campaigning import FORM, QUESTIONS, Desk
from tests.domain.world import PEOPLE, World

EVERYBODY = sorted(set(PEOPLE) - {"admin", "resident"})
ASKS_FLOOR = {**FORM, "questions": [*QUESTIONS, {"type": "text", "name": "q9", "label": {"zh-CN": "您家住几楼?"}}]}


def reason(receipt: dict[str, Any]) -> str:
    return str(receipt["reason"] or receipt["outcome"])


# ------------------------------------------------------------------------------------------------------------ the answers


def test_11_two_captains_who_heard_different_answers_ask(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    desk.answer("captain", door, gas="yes", committee="yes", company="no")
    assert desk.answer("worker", door, gas="no", committee="yes", company="no")["outcome"] == "conflict"
    said = desk.totals()
    gas, committee = said.questions[0], said.questions[1]
    assert (said.answered, said.undecided) == (1, 1)
    assert (gas.answered, gas.undecided, committee.answered) == (0, 1, 1)
    # The clock decides nothing; a person of the community does.
    world.clock.move(30 * DAY)
    assert "answers" in world.conflicts(desk.response(door))
    chosen = {"answers": {"gas": "yes"}}
    for who, outcome in (("captain", "conflict"), ("supervisor", "applied")):
        receipt = world.write(world.person(who), desk.response(door), chosen, type="survey_response")
        assert receipt["outcome"] == outcome, who
    assert desk.totals().questions[0].counts == {"yes": 1}


def test_11_equal_answers_agree(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    desk.answer("captain", door, gas="yes")
    assert desk.answer("worker", door, gas="yes")["outcome"] in {"applied", "merged"}
    assert world.conflicts(desk.response(door)) == {}
    assert set(world.fields(desk.response(door))["entered_by"]) == {world.account("captain"), world.account("worker")}


def test_8_who_corrects_what_was_seen_replaces_it(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    desk.answer("captain", door, gas="yes")
    assert desk.answer("captain", door, phone=2, gas="no")["outcome"] == "applied"
    assert desk.totals().questions[0].counts == {"no": 1}


@pytest.mark.parametrize("who", EVERYBODY)
def test_an_answer_is_before_who_entered_it_and_the_community(world: World, who: str) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    assert desk.answer("captain", door, gas="yes")["outcome"] == "applied"
    assert world.sees(who, desk.response(door)) == (who in {"captain", "supervisor"})


def test_a_survey_without_consent_is_not_taken(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    written = {"campaign_id": desk.id, "place_id": door, "kind": "survey", "form_version": 1, "answers": {"gas": "yes"}}
    captain = world.person("captain")
    receipt = world.write(captain, desk.response(door), written, type="survey_response", create=True)
    assert reason(receipt) == "requires"
    written["kind"] = "checklist"
    receipt = world.write(captain, desk.response(door), written, type="survey_response", create=True)
    assert receipt["outcome"] == "applied"


@pytest.mark.parametrize("said", ["110101199003070000", "号码11010119900307000X!", "11010119900307000x"])
def test_2_an_identity_number_does_not_come_in(world: World, said: str) -> None:
    desk = Desk(world).opened()
    assert reason(desk.answer("captain", world.doors["1-1"][0], say=said)) == "invalid"
    assert desk.answer("captain", world.doors["1-1"][0], say="1101011990030700001")["outcome"] == "applied"


def test_nobody_enters_answers_in_anothers_name(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    written = {"campaign_id": desk.id, "place_id": door, "kind": "survey", "form_version": 1, "answers": {"gas": "yes"},
               "consent": {"kind": "spoken", "text_version": "1", "at": to_text(world.clock.now())},
               "entered_by": {world.account("captain2"): {"at": to_text(world.clock.now())}}}  # fmt: skip
    for who, outcome in (("captain", "refused"), ("head", "applied")):
        receipt = world.write(world.person(who), desk.response(door), written, type="survey_response", create=True)
        assert receipt["outcome"] == outcome, who


def test_17_a_withdrawn_consent_takes_the_answers_with_it_and_a_late_one_does_not_come_in(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    desk.answer("captain", door, gas="yes")
    at = to_text(world.clock.now())
    gone = {"consent": {"kind": "spoken", "text_version": "1", "at": at, "withdrawn_at": at}}
    world.write(world.person("captain"), desk.response(door), gone, type="survey_response")
    assert world.row(desk.response(door)).erased
    assert desk.totals().answered == 0
    late = {"campaign_id": desk.id, "place_id": door, "kind": "survey", "form_version": 1, "answers": {"gas": "no"},
            "consent": {"kind": "spoken", "text_version": "1", "at": at}}  # fmt: skip
    receipt = world.write(
        world.person("worker"), desk.response(door), late, type="survey_response", create=True, seen=0
    )
    assert reason(receipt) == "gone"


@pytest.mark.both_databases
def test_what_does_not_fit_the_form_is_left_out_of_the_totals_and_said_never_dropped(world: World) -> None:
    desk = Desk(world).opened()
    one, two = world.doors["1-1"]
    three, four = world.doors["1-2"]
    desk.answer("captain", one, gas="yes", lamps="3")
    desk.answer("captain", two, gas="maybe", lamps="-1")
    desk.answer("captain2", three, committee="yes", company="yes")
    desk.answer("captain2", four, gas="no", company="yes")
    said = desk.totals()
    gas, _committee, company, lamps = said.questions
    assert (said.answered, said.to_look) == (4, 3)
    assert (gas.answered, gas.to_look, dict(gas.counts)) == (2, 2, {"yes": 1, "no": 1})
    assert (lamps.answered, lamps.to_look, lamps.total) == (1, 1, 3)
    assert (company.answered, company.to_look) == (1, 1)
    assert world.fields(desk.response(two))["answers"] == {"gas": "maybe", "lamps": "-1"}


def test_answers_to_another_version_of_the_form_are_to_be_looked_at(world: World) -> None:
    desk = Desk(world)
    desk.step("supervisor", "review")
    desk.step("command", "draft", again=True, review_note={"text": "再看看"})
    desk.opened()
    assert desk.now()["form_version"] == 2
    desk.answer("captain", world.doors["1-1"][0], gas="yes")
    said = desk.totals()
    assert (said.answered, said.to_look, said.questions[0].answered) == (1, 1, 0)


def test_the_form_of_the_tests_is_judged_as_on_the_phone() -> None:
    assert problems(read_form(FORM), {"gas": "yes", "company": "yes"}, "2026-06-13") == {"company": "not_relevant"}


# ---------------------------------------------------------------------------------------------------------- who sees what


@pytest.mark.parametrize(
    ("who", "books", "answers"),
    [
        ("supervisor", {"community", "one", "two", "post"}, True),
        ("command", {"town", "community", "one", "two", "post", "elsewhere", "three"}, True),
        ("head", {"one"}, False),
        ("handler", {"community", "one", "two", "post"}, True),
        ("handler2", set(), False),
        ("worker", set(), False),
        ("captain", set(), False),
    ],
)
def test_progress_and_answers_are_told_to_whom_they_are_to_be_told(
    world: World, who: str, books: set[str], answers: bool
) -> None:
    desk = Desk(world, "handler").opened()
    person = world.person(who)
    with world.database.read() as conn:
        campaign = campaigns.one(conn, person, desk.id)
    assert campaign is not None
    assert set(campaigns.watched(person, campaign)) == {world.places[name] for name in books}
    assert campaigns.may_read_answers(person, campaign) is answers


@pytest.mark.parametrize("public", [False, True])
def test_who_asked_reads_the_answers_while_it_is_open_and_then_what_is_public(world: World, public: bool) -> None:
    desk = Desk(world, "handler", results_public=public).opened()
    person = world.person("handler")

    def may() -> bool:
        with world.database.read() as conn:
            campaign = campaigns.one(conn, person, desk.id)
        assert campaign is not None
        return campaigns.may_read_answers(person, campaign)

    assert may()
    desk.step("supervisor", "closed")
    assert may() is public


def test_answers_of_one_grid_are_shown_only_where_there_are_enough(world: World) -> None:
    desk = Desk(world).opened()
    for door in world.doors["1-1"]:
        desk.answer("captain", door, gas="yes")
    one = world.places["one"]
    with world.database.read() as conn:
        few = campaigns.by_grid(conn, desk.id, world.places["community"], desk.now(), [one])
    assert few[one].questions == []
    assert few[one].tally.doors == 4


def test_3_nothing_is_told_by_person(world: World) -> None:
    desk = Desk(world).opened()
    desk.tick("captain", world.doors["1-1"][0])
    said = str(desk.totals()) + str(desk.totals().kept())
    assert not any(world.account(each) in said for each in PEOPLE)
