"""专项: who makes one, who admits it, what it must say first, what opening, closing and erasing it does."""

from __future__ import annotations

from typing import Any

import pytest

from domain import campaign_work, campaigns
from domain.accounts import add_membership
from domain.days import DAY
from domain.records.campaign import CREATORS
from domain.records.campaign_rules import EDITABLE
from domain.records.task import NO_PHOTOS, TASK
from domain.roles import BUILDING_CAPTAIN
from sync.clock import to_text
from sync.ids import derived
from sync.protocol import CallError
from tests.domain.campaigning import FORM, QUESTIONS, Desk
from tests.domain.world import PEOPLE, SERVER, World

EVERYBODY = sorted(set(PEOPLE) - {"admin", "resident"})
ASKS_FLOOR = {**FORM, "questions": [*QUESTIONS, {"type": "text", "name": "q9", "label": {"zh-CN": "您家住几楼?"}}]}


def reason(receipt: dict[str, Any]) -> str:
    return str(receipt["reason"] or receipt["outcome"])


# ------------------------------------------------------------------------------------------------ making and admitting


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_campaign_is_made_by_departments_the_community_and_the_command_room(world: World, who: str) -> None:
    role, place, _ = PEOPLE[who]
    made = Desk(world, who, place).made
    assert (made["outcome"] == "applied") == (role in CREATORS), made


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_campaign_is_admitted_by_the_command_room(world: World, who: str) -> None:
    desk = Desk(world)
    desk.step("supervisor", "review")
    receipt = desk.step(who, "open")
    assert (receipt["outcome"] == "applied") == (who == "command"), receipt
    assert desk.state() == ("open" if who == "command" else "review")


def test_who_asks_for_a_campaign_never_admits_it(world: World) -> None:
    desk = Desk(world, "command", "town")
    assert desk.step("command", "review")["outcome"] == "applied"
    assert reason(desk.step("command", "open")) == "not_allowed"
    assert desk.state() == "review"


def test_what_is_not_admitted_is_sent_back_with_a_word_and_handed_in_again(world: World) -> None:
    desk = Desk(world, "handler")
    desk.step("handler", "review")
    assert reason(desk.step("command", "draft", again=True)) == "requires"
    assert desk.step("command", "draft", again=True, review_note={"text": "依据请写全"})["outcome"] == "applied"
    assert desk.write("handler", {"basis": "方案第三条"})["outcome"] == "applied"
    assert desk.step("handler", "review")["outcome"] == "applied"
    assert desk.now()["form_version"] == 2
    assert desk.step("command", "open")["outcome"] == "applied"


@pytest.mark.parametrize("name", ["basis", "why", "purpose", "owner_org", "ends_at", "erase_at", "starts_at", "target",
                                  "form", "consent_text"])  # fmt: skip
def test_7_a_campaign_that_does_not_say_it_cannot_open(world: World, name: str) -> None:
    without: dict[str, Any] = {name: None}
    desk = Desk(world, **without)
    assert reason(desk.step("supervisor", "review")) == "requires"
    assert desk.state() == "draft"


@pytest.mark.parametrize(("name", "days"), [("ends_at", -1), ("ends_at", 181), ("erase_at", 13), ("erase_at", 105)])
def test_7_a_campaign_ends_and_is_erased_in_due_time(world: World, name: str, days: int) -> None:
    untimely: dict[str, Any] = {name: to_text(world.clock.now() + days * DAY)}
    desk = Desk(world, **untimely)
    assert reason(desk.step("supervisor", "review")) == "requires"


def test_7_a_question_whose_answer_is_known_already_is_refused(world: World) -> None:
    desk = Desk(world, form=ASKS_FLOOR)
    assert campaign_work.note_reuse(world.engine, desk.id) == {"q9": {"field": "household.floor", "as": "words"}}
    assert desk.now()["reuse_report"] == {"q9": {"field": "household.floor", "as": "words"}}
    assert reason(desk.step("supervisor", "review")) == "requires"
    desk.write("supervisor", {"form": FORM})
    assert campaign_work.note_reuse(world.engine, desk.id) == {}
    assert desk.step("supervisor", "review")["outcome"] == "applied"


def test_7_what_is_written_down_about_the_places_is_known_too(world: World) -> None:
    world.make_place("unit", derived("unit", "1-3"), "1-3", world.building, attrs={"extinguishers": "2"})
    asks = {"questions": [{"type": "integer", "name": "extinguishers", "label": {"zh-CN": "灭火器有几个?"}}]}
    desk = Desk(world, form=asks)
    assert campaign_work.note_reuse(world.engine, desk.id)["extinguishers"]["field"] == "attrs.extinguishers"
    assert reason(desk.step("supervisor", "review")) == "requires"


def test_6_photos_need_a_reason_and_the_approval_of_somebody_else(world: World) -> None:
    desk = Desk(world, "handler", photo_required=True)
    assert reason(desk.step("handler", "review")) == "requires"
    desk.write("handler", {"photo_reason": "燃气管口要留图"})
    assert desk.step("handler", "review")["outcome"] == "applied"
    assert reason(desk.step("command", "open")) == "requires"
    approval = {"by": world.account("handler"), "at": to_text(world.clock.now())}
    assert reason(desk.write("handler", {"photo_approval": approval})) == "not_allowed"
    assert reason(desk.step("command", "open", photo_approval=approval)) == "not_allowed"
    own = {**approval, "by": world.account("command")}
    assert desk.step("command", "open", photo_approval=own)["outcome"] == "applied"


@pytest.mark.both_databases
def test_6_a_picture_of_a_door_is_taken_only_where_it_was_asked_for_and_agreed_to(world: World) -> None:
    taken = {"photos": TASK.by_name["photos"].example}
    plain = Desk(world).opened()
    door = world.doors["1-1"][0]
    receipt = plain.tick("captain", door, **taken)
    assert (receipt["outcome"], receipt["errors"]) == ("refused", dict(NO_PHOTOS.errors))
    assert plain.tick("captain", door)["outcome"] == "applied"  # the tick itself stands in nobody's way
    asking = Desk(world, "handler", photo_required=True, photo_reason="管口要留图")
    asking.step("handler", "review")
    own = {"by": world.account("command"), "at": to_text(world.clock.now())}
    assert asking.step("command", "open", photo_approval=own)["outcome"] == "applied"
    campaign_work.tend_one(world.engine, asking.id)
    world.write(SERVER, asking.task(door), {"photo_asked": None}, type="task")  # as tasks of an older version are
    assert [campaign_work.tend_one(world.engine, asking.id) for _ in range(2)] == [1, 0]
    assert asking.tick("captain", door, **taken)["outcome"] == "applied"
    assert set(world.fields(asking.task(door))["photos"]) == set(taken["photos"])


def test_the_form_that_was_handed_in_is_frozen(world: World) -> None:
    desk = Desk(world)
    desk.step("supervisor", "review")
    published = desk.now()["published"]
    assert (published["version"], published["form"]) == (1, FORM)
    assert reason(desk.write("supervisor", {"form": ASKS_FLOOR})) == "not_allowed"
    desk.step("command", "open")
    assert reason(desk.write("supervisor", {"title": "另一个"})) == "not_allowed"
    assert desk.now()["published"] == published


def test_what_its_maker_sends_late_from_the_draft_does_not_change_what_was_admitted(world: World) -> None:
    desk = Desk(world, "handler")
    seen = world.row(desk.id).seq
    desk.step("handler", "review")
    desk.step("command", "open")
    admitted = {name: desk.now().get(name) for name in EDITABLE}
    late: dict[str, Any] = {"target": {"books": [world.places["two"]], "level": "household"}, "form": ASKS_FLOOR,
                            "photo_required": True, "photo_reason": "就要", "title": "另一个",
                            "erase_at": to_text(world.clock.now() + 900 * DAY)}  # fmt: skip
    assert desk.write(world.person("handler", 2), late, seen=seen)["outcome"] == "applied"
    assert {name: desk.now().get(name) or None for name in EDITABLE} == {
        name: value or None for name, value in admitted.items()
    }


def test_a_draft_is_its_makers_alone(world: World) -> None:
    desk = Desk(world, "handler")
    assert reason(desk.write("supervisor", {"title": "我改一下"})) == "suggestion"
    assert desk.now()["title"] == "柳湾社区改造意愿"


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_campaign_does_not_travel_before_it_is_admitted_and_reaches_everybody_below_then(
    world: World, who: str
) -> None:
    desk = Desk(world, "handler")
    desk.step("handler", "review")
    assert world.sees(who, desk.id) == (who in {"handler", "supervisor", "command"})
    desk.step("command", "open")
    # A school guard's post lies in the community too.
    assert world.sees(who, desk.id)


@pytest.mark.parametrize(("who", "may"), [("supervisor", True), ("command", True), ("handler", False), ("head", False)])
def test_a_campaign_is_paused_and_closed_by_the_community_and_the_command_room(
    world: World, who: str, may: bool
) -> None:
    desk = Desk(world, "handler").opened()
    for to in ("paused", "open", "closed") if may else ("paused", "closed"):
        assert (desk.step(who, to)["outcome"] == "applied") is may


# ------------------------------------------------------------------------------------------------------------- the tasks


@pytest.mark.both_databases
def test_opening_makes_a_task_for_every_door_and_sends_the_captain_of_its_stairway(world: World) -> None:
    desk = Desk(world).opened()
    for unit, captain in (("1-1", "captain"), ("1-2", "captain2")):
        for door in world.doors[unit]:
            task = world.fields(desk.task(door))
            assert task["status"]["status"] == "todo"
            assert task["assignees"] == {world.account(captain): {"as": BUILDING_CAPTAIN}}
            assert (task["campaign_id"], task["place_id"], task["form_version"]) == (desk.id, door, 1)


def test_making_the_tasks_again_makes_none_twice(world: World) -> None:
    desk = Desk(world).opened()
    head = world.row(desk.task(world.doors["1-1"][0])).seq
    assert campaign_work.tend(world.engine) == 0
    assert world.row(desk.task(world.doors["1-1"][0])).seq == head


def test_making_the_tasks_goes_on_where_it_was_broken_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(world)
    desk.step("supervisor", "review")
    desk.step("command", "open")
    monkeypatch.setattr(campaign_work, "MAX_CHANGES", 1)
    pushed, real = [0], world.engine.push

    def dies(*args: Any) -> Any:
        pushed[0] += 1
        if pushed[0] == 3:
            raise CallError("busy")
        return real(*args)

    monkeypatch.setattr(world.engine, "push", dies)
    with pytest.raises(CallError):
        campaign_work.tend_one(world.engine, desk.id)
    assert campaign_work.tend_one(world.engine, desk.id) == 2
    assert desk.totals().tally.doors == 4


def test_a_door_that_is_added_later_gets_its_task_and_a_retired_one_none(world: World) -> None:
    desk = Desk(world).opened()
    new, old = derived("household", "new"), derived("household", "old")
    world.make_place("household", new, "1-1-103", world.units["1-1"])
    retired = {"from": None, "to": "active", "cycle": 1}
    world.write(SERVER, old, {"label": "1-1-104", "parent_id": world.units["1-1"], "status": retired}, type="household",
                create=True)  # fmt: skip
    world.write(SERVER, old, {"status": {"from": "active", "to": "retired", "cycle": 1}}, type="household")
    assert campaign_work.tend(world.engine) == 1
    assert world.fields(desk.task(new))["assignees"] == {world.account("captain"): {"as": BUILDING_CAPTAIN}}


def test_a_stairway_without_a_captain_is_the_grid_workers(world: World) -> None:
    unit = derived("unit", "1-3")
    world.make_place("unit", unit, "1-3", world.building)
    door = derived("household", "1-3-101")
    world.make_place("household", door, "1-3-101", unit)
    desk = Desk(world).opened()
    sent = world.fields(desk.task(door))["assignees"]
    assert sent == {world.account(each): {"as": "grid_worker"} for each in ("worker", "worker2")}


def test_where_all_who_were_sent_have_left_somebody_else_is_sent(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    with world.database.write() as conn:
        later = world.clock.now() + DAY
        add_membership(conn, world.ids, account_id=world.account("volunteer"), role=BUILDING_CAPTAIN,
                       place_id=world.places["one"], at=later, unit_id=world.units["1-1"])  # fmt: skip
        conn.exec_driver_sql(f"UPDATE membership SET to_at = {later} WHERE account_id = '{world.account('captain')}'")
    assert campaign_work.tend(world.engine) == 0
    world.clock.move(2 * DAY)
    assert campaign_work.tend(world.engine) == 2
    assert set(world.fields(desk.task(door))["assignees"]) == {world.account("captain"), world.account("volunteer")}


@pytest.mark.parametrize(
    ("target", "doors"),
    [
        ({"level": "household"}, 4),
        ({"level": "unit"}, 2),
        ({"level": "building"}, 1),
        ({"level": "household", "occupancy": ["empty"]}, 1),
        ({"level": "household", "occupancy": ["lived_in", "unknown"]}, 3),
        ({"level": "household", "units": [derived("unit", derived("building", derived("place", "one"), "1"), "1-1")]}, 2),
        ({"level": "household", "buildings": [derived("building", derived("place", "one"), "1")]}, 4),
        ({"level": "household", "buildings": [derived("nowhere")]}, 0),
    ],
)  # fmt: skip
def test_a_target_narrows_the_doors(world: World, target: dict[str, Any], doors: int) -> None:
    world.write(SERVER, world.doors["1-2"][1], {"occupancy": "empty"}, type="household")
    desk = Desk(world, target={"books": [world.places["one"]], **target}).opened()
    assert desk.totals().tally.doors == doors


def test_a_campaign_reaches_no_further_than_the_place_that_it_is_made_in(world: World) -> None:
    world.make_place("unit", derived("unit", "x"), "x", derived("building", "x"))
    beyond = {"books": [world.places["three"], world.places["one"]], "level": "household"}
    desk = Desk(world, target=beyond).opened()
    with world.database.read() as conn:
        assert {line.book for line in desk.totals().lines} == {world.places["one"]}
        assert campaigns.totals(conn, desk.id, world.places["elsewhere"], desk.now()).tally.doors == 0


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_task_is_before_who_goes_there_the_head_and_the_community(world: World, who: str) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    assert world.sees(who, desk.task(door)) == (who in {"captain", "head", "supervisor"})
    assert (desk.tick(who, door)["outcome"] == "applied") == (who in {"captain", "head", "supervisor"})


def test_nobody_ticks_in_anothers_name_but_who_fills_in_from_paper(world: World) -> None:
    desk = Desk(world).opened()
    one, two = world.doors["1-1"]
    assert reason(desk.tick("captain", one, done_by=world.account("captain2"))) == "not_allowed"
    batch: dict[str, Any] = {"batch": derived("sheet"), "done_by": world.account("captain")}
    assert desk.tick("head", two, **batch)["outcome"] == "applied"
    assert world.fields(desk.task(two))["done_by"] == world.account("captain")


def test_a_tick_is_taken_back_with_a_reason_in_the_next_cycle(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    desk.tick("captain", door)
    back = {"status": {"from": "done", "to": "todo", "cycle": 2}}
    task = desk.task(door)
    assert reason(world.write(world.person("captain"), task, back, type="task")) == "requires"
    said = {**back, "untick_reason": {"text": "点错了一户"}}
    assert world.write(world.person("captain"), task, said, type="task")["outcome"] == "applied"
    assert world.status(task) == ("todo", 2)
    assert desk.tick("captain", door, "not_home")["outcome"] == "applied"


def test_9_a_tick_beats_a_not_home_and_both_are_named(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    seen = world.seq(desk.task(door))
    desk.tick("captain", door, seen=seen)
    desk.tick("head", door, "not_home", seen=seen)
    task = world.fields(desk.task(door))
    assert (task["status"]["status"], task["done_by"]) == ("done", world.account("captain"))
    assert set(task["also_by"]) == {world.account("captain"), world.account("head")}
    assert len(task["tries"]) == 2


def test_10_a_tick_and_a_no_are_for_a_person_to_settle_and_counted_as_undecided(world: World) -> None:
    desk = Desk(world).opened()
    door = world.doors["1-1"][0]
    seen = world.seq(desk.task(door))
    desk.tick("captain", door, seen=seen)
    assert desk.tick("head", door, "declined", seen=seen)["outcome"] == "conflict"
    assert "status" in world.conflicts(desk.task(door))
    tally = desk.totals().tally
    assert (tally.undecided, tally.done, tally.declined, tally.todo, tally.doors) == (1, 0, 0, 3, 4)


# ------------------------------------------------------------------------------------------------------- over, and erased


def test_what_is_over_is_frozen_and_what_came_too_late_is_not_counted(world: World) -> None:
    desk = Desk(world).opened()
    one, two = world.doors["1-1"]
    desk.answer("captain", one, gas="yes")
    desk.tick("captain", one)
    early = world.clock.now()
    desk.step("supervisor", "closed")
    assert campaign_work.tend(world.engine) == 5
    assert campaign_work.tend(world.engine) == 0
    assert reason(desk.tick("captain", two)) == "not_allowed"
    assert reason(desk.answer("captain", one, gas="no")) == "not_allowed"
    # What was written without a line before the end comes in, and counts; what was written after it does not.
    for who, door, at, counted in (("captain2", world.doors["1-2"][0], early, 2), ("captain", two, None, 2)):
        written = {"campaign_id": desk.id, "place_id": door, "kind": "survey", "form_version": 1,
                   "answers": {"gas": "no"}, "consent": {"kind": "spoken", "text_version": "1", "at": to_text(early)}}  # fmt: skip
        world.clock.move(DAY)
        receipt = world.write(
            world.person(who), desk.response(door), written, type="survey_response", create=True, at=at
        )
        assert receipt["outcome"] == "applied"
        assert desk.totals().answered == counted


@pytest.mark.both_databases
def test_7_at_its_time_a_campaign_is_erased_and_only_totals_stay(world: World) -> None:
    desk = Desk(world).opened()
    one, two = world.doors["1-1"]
    desk.answer("captain", one, gas="yes")
    desk.tick("captain", one)
    desk.tick("captain", two, "declined")
    desk.step("supervisor", "closed")
    world.clock.move(59 * DAY)
    campaign_work.tend(world.engine)
    assert desk.state() == "closed"
    world.clock.move(2 * DAY)
    assert campaign_work.tend(world.engine) == 5
    assert desk.state() == "erased"
    assert all(world.row(id).erased for id in (desk.task(one), desk.task(two), desk.response(one)))
    kept = desk.now()["totals"]
    assert (kept["tally"]["done"], kept["tally"]["declined"], kept["tally"]["doors"], kept["answered"]) == (1, 1, 4, 1)
    assert kept["questions"][0]["counts"] == {"yes": 1, "no": 0}
    assert world.account("captain") not in str(kept)
    assert campaign_work.tend(world.engine) == 0


def test_7_a_campaign_that_nobody_closed_is_erased_at_its_time_too(world: World) -> None:
    desk = Desk(world).opened()
    world.clock.move(61 * DAY)
    campaign_work.tend(world.engine)
    assert desk.state() == "erased"
    assert desk.now()["totals"]["tally"]["doors"] == 4


def test_erasing_goes_on_where_it_was_broken_off_with_the_totals_of_the_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(world).opened()
    desk.tick("captain", world.doors["1-1"][0])
    desk.step("supervisor", "closed")
    world.clock.move(61 * DAY)
    erased, real = [0], world.engine.erase

    def dies(book: str, record: str) -> int | None:
        erased[0] += 1
        if erased[0] == 3:
            raise CallError("busy")
        return real(book, record)

    monkeypatch.setattr(world.engine, "erase", dies)
    with pytest.raises(CallError):
        campaign_work.tend(world.engine)
    campaign_work.tend(world.engine)
    assert desk.now()["totals"]["tally"]["doors"] == 4
    assert all(world.row(desk.task(door)).erased for unit in world.doors.values() for door in unit)


def test_the_community_may_erase_earlier_and_a_department_may_not(world: World) -> None:
    desk = Desk(world, "handler").opened()
    desk.step("supervisor", "closed")
    with pytest.raises(ValueError, match="not_allowed"):
        campaign_work.erase(world.engine, desk.id, world.person("handler"))
    assert campaign_work.erase(world.engine, desk.id, world.person("supervisor")) == 4
    assert desk.state() == "erased"


def test_a_round_of_every_minute_looks_only_at_what_may_have_something_to_do(world: World) -> None:
    desk = Desk(world).opened()
    desk.step("supervisor", "closed")
    world.clock.move(DAY)
    assert campaign_work.tend(world.engine, everything=False) == 0
    assert campaign_work.tend(world.engine) == 4
    world.clock.move(60 * DAY)
    assert campaign_work.tend(world.engine, everything=False) == 4
    assert desk.state() == "erased"
