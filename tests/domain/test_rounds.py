"""Rounds: their table of steps, who may write what, how overlapping ones are taken together, and what a track may hold."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain import coverage, jobs
from domain.days import DAY, HOUR, MINUTE
from domain.records import TYPES
from domain.records.checklists import CHECKLISTS, CHECKS, KINDS, check_key, described, is_check_key
from domain.records.round import STEPS, round_code
from domain.records.round_rights import FORGOTTEN
from domain.records.track import MAX_DAYS, TRACK
from sync.clock import to_text
from sync.ids import derived
from tests.domain.world import SERVER, World, Written

EVERYBODY = ("worker", "worker2", "outsider", "volunteer", "captain", "captain2", "guard", "head", "supervisor",
             "handler", "command", "admin", "resident")  # fmt: skip
IN_THE_FIELD = {"worker", "worker2", "volunteer", "captain", "captain2", "head", "supervisor"}
"""Who may walk in the grid `one`; the guard and the outsider do in their own books."""


class Walks:
    """Short ways to write rounds."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self, later: int = 0) -> str:
        return to_text(self.world.clock.now() + later)

    def started(self, who: str, **more: Any) -> Written:
        members = {self.world.account(who): {"at": self.now()}}
        step = {"from": None, "to": "active", "cycle": 1}
        place = self.world.places["one"]
        return {"place_id": place, "kind": "fire", "status": step, "started_at": self.now(), "members": members, **more}

    def write(self, who: str, id: str, written: Written, **more: Any) -> dict[str, Any]:
        return self.world.write(self.world.person(who), id, written, type="round", **more)

    def start(self, who: str = "worker", **more: Any) -> str:
        id = self.world.ids.new()
        receipt = self.write(who, id, self.started(who, **more), create=True)
        assert receipt["outcome"] == "applied", receipt
        return id

    def plan(self, who: str = "head", **more: Any) -> str:
        id = self.world.ids.new()
        step = {"from": None, "to": "planned", "cycle": 1}
        written = {"place_id": self.world.places["one"], "kind": "fire", "status": step, **more}
        receipt = self.write(who, id, written, create=True)
        assert receipt["outcome"] == "applied", receipt
        return id

    def take_up(self, who: str, id: str, **more: Any) -> dict[str, Any]:
        begun = self.started(who)
        step = {"from": "planned", "to": "active", "cycle": 1}
        written = {"status": step, "started_at": begun["started_at"], "members": begun["members"]}
        return self.write(who, id, written, **more)

    def step(self, id: str, to: str) -> Written:
        return {"status": {"from": self.world.status(id)[0], "to": to, "cycle": 1}}

    def end(self, who: str, id: str, to: str = "done") -> dict[str, Any]:
        return self.write(who, id, {**self.step(id, to), "ended_at": self.now()})

    def look(self, who: str, id: str, place: str, *, at: str | None = None) -> dict[str, Any]:
        stop = {"place": place, "method": "hand", "at": at or self.now()}
        return self.write(who, id, {"stops": {self.world.ids.new(): stop}})

    def looks(self) -> dict[str, int]:
        with self.world.database.read() as conn:
            book = self.world.places["one"]
            return coverage.last_looked(conn, [book], self.world.clock.now())[book]


@pytest.fixture
def walks(world: World) -> Walks:
    return Walks(world)


# ---------------------------------------------------------------------------------------------------- the table of steps


def test_the_steps_of_a_round_are_those_of_the_table() -> None:
    assert [(step.come_from, step.to) for step in STEPS] == [
        (None, "planned"),
        (None, "active"),
        ("planned", "active"),
        ("planned", "cancelled"),
        ("active", "done"),
        ("active", "cut_short"),
        ("active", "done"),
    ]


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_round_is_started_by_those_who_walk_and_by_nobody_else(walks: Walks, who: str) -> None:
    receipt = walks.write(who, walks.world.ids.new(), walks.started(who), create=True)
    assert (receipt["outcome"] == "applied") is (who in IN_THE_FIELD), receipt


def test_a_guard_walks_round_the_own_post(walks: Walks) -> None:
    post = walks.world.places["post"]
    written = {**walks.started("guard"), "place_id": post, "kind": "campus"}
    assert walks.write("guard", walks.world.ids.new(), written, create=True, book="post")["outcome"] == "applied"


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_round_is_planned_by_the_head_and_the_supervisor_only(walks: Walks, who: str) -> None:
    step = {"from": None, "to": "planned", "cycle": 1}
    written = {"place_id": walks.world.places["one"], "kind": "fire", "status": step}
    receipt = walks.write(who, walks.world.ids.new(), written, create=True)
    assert (receipt["outcome"] == "applied") is (who in {"head", "supervisor"}), receipt


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_planned_round_is_seen_and_taken_up_by_who_is_in_the_field_there(walks: Walks, who: str) -> None:
    plan = walks.plan()
    captain = who in {"captain", "captain2"}  # theirs is one stairway, and the plan is of the whole grid
    may = who in IN_THE_FIELD and not captain
    assert walks.world.sees(who, plan) is may
    assert (walks.take_up(who, plan)["outcome"] == "applied") is may


def test_a_round_planned_for_somebody_is_for_them(walks: Walks) -> None:
    plan = walks.plan(members={walks.world.account("worker2"): {}})
    assert walks.world.sees("worker2", plan)
    assert not walks.world.sees("worker", plan)


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("to", ["done", "cut_short"])
def test_a_round_is_ended_by_who_walks_it(walks: Walks, who: str, to: str) -> None:
    walk = walks.start("worker", members={walks.world.account(each): {} for each in ("worker", "worker2")})
    receipt = walks.end(who, walk, to)
    assert (receipt["outcome"] == "applied") is (who in {"worker", "worker2"}), receipt


def test_no_round_ends_without_saying_when(walks: Walks) -> None:
    walk = walks.start()
    receipt = walks.write("worker", walk, walks.step(walk, "done"))
    assert receipt["reason"] == "requires"


def test_a_planned_round_is_called_off_by_who_plans(walks: Walks) -> None:
    plan = walks.plan()
    assert walks.write("worker", plan, walks.step(plan, "cancelled"))["reason"] == "not_allowed"
    assert walks.write("supervisor", plan, walks.step(plan, "cancelled"))["outcome"] == "applied"


# ------------------------------------------------------------------------------------------------ in the walker's place


def ended_for(walks: Walks, who: str, walk: str) -> Written:
    said = {"by": walks.world.account(who), "at": walks.now()}
    return {**walks.step(walk, "done"), "ended_for": said}


def test_after_twelve_hours_the_head_ends_it_in_the_walkers_place_and_it_says_so(walks: Walks) -> None:
    walk = walks.start()
    assert walks.write("head", walk, ended_for(walks, "head", walk))["reason"] == "not_allowed"
    walks.world.clock.move(FORGOTTEN + MINUTE)
    assert walks.write("head", walk, ended_for(walks, "head", walk))["outcome"] == "applied"
    assert walks.world.fields(walk)["ended_for"]["by"] == walks.world.account("head")


@pytest.mark.parametrize("who", ["supervisor", "worker2", "volunteer", "command"])
def test_nobody_but_the_head_ends_it_for_another(walks: Walks, who: str) -> None:
    walk = walks.start()
    walks.world.clock.move(FORGOTTEN + MINUTE)
    assert walks.write(who, walk, ended_for(walks, who, walk))["outcome"] in {"refused", "held"}


def test_nobody_ends_it_in_anothers_name(walks: Walks) -> None:
    walk = walks.start()
    walks.world.clock.move(FORGOTTEN + MINUTE)
    assert walks.write("head", walk, ended_for(walks, "worker", walk))["reason"] == "invalid"


# ------------------------------------------------------------------------------------------------------ who sees, who writes


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_stops_of_a_round_are_seen_by_the_walker_the_head_and_the_community(walks: Walks, who: str) -> None:
    walk = walks.start("worker")
    assert walks.world.sees(who, walk) is (who in {"worker", "head", "supervisor"})


def test_only_who_walks_writes_what_was_seen_there(walks: Walks) -> None:
    walk = walks.start("worker")
    for who in ("head", "supervisor"):
        assert walks.look(who, walk, walks.world.building)["reason"] == "not_allowed"
    assert walks.look("worker", walk, walks.world.building)["outcome"] == "applied"


def test_nobody_takes_another_along_who_did_not_say_so(walks: Walks) -> None:
    walk = walks.start("worker")
    added: Written = {"members": {walks.world.account("worker2"): {}}}
    assert walks.write("worker", walk, added)["reason"] == "not_allowed"


def test_only_planners_say_what_is_to_be_looked_at(walks: Walks) -> None:
    walk = walks.start("worker")
    wanted = {"wanted": {walks.world.building: {"order": 1}}}
    assert walks.write("worker", walk, wanted)["reason"] == "not_allowed"
    assert walks.write("head", walk, wanted)["outcome"] == "applied"


@pytest.mark.parametrize("stop", [{"place": derived("x")}, {"at": "2026-06-13T04:00:00.000Z", "method": "hand"}])
def test_a_stop_says_where_when_and_how(walks: Walks, stop: Written) -> None:
    walk = walks.start()
    assert walks.write("worker", walk, {"stops": {walks.world.ids.new(): stop}})["reason"] == "invalid"


# --------------------------------------------------------------------------------------------------------------- merging


def test_M2_something_wrong_wins_over_fine_and_fine_over_not_looked_at(walks: Walks) -> None:
    world = walks.world
    walk = walks.start("worker", members={world.account(each): {} for each in ("worker", "worker2")})
    seen, key = world.seq(walk), check_key(world.building, "stairway")
    for who, found, stands in (
        ("worker", "fine", "fine"),
        ("worker2", "bad", "bad"),
        ("worker", "unseen", "bad"),
    ):
        walks.write(who, walk, {"checks": {key: found}}, seen=seen)
        assert world.fields(walk)["checks"][key] == stands


def test_two_rounds_at_the_same_time_stand_beside_each_other_and_count_together(walks: Walks) -> None:
    world = walks.world
    first, second = walks.start("worker"), walks.start("worker2")
    walks.look("worker", first, world.units["1-1"])
    walks.look("worker2", second, world.units["1-2"])
    world.clock.move(HOUR)
    walks.look("worker2", second, world.units["1-1"])
    looks = walks.looks()
    assert set(looks) == set(world.units.values())
    assert looks[world.units["1-1"]] > looks[world.units["1-2"]]


def test_two_who_take_up_the_same_plan_without_a_line_walk_it_together(walks: Walks) -> None:
    world = walks.world
    plan = walks.plan()
    seen = world.seq(plan)
    assert walks.take_up("worker", plan, seen=seen)["outcome"] == "applied"
    assert walks.take_up("worker2", plan, seen=seen)["outcome"] == "merged"
    assert set(world.fields(plan)["members"]) == {world.account("worker"), world.account("worker2")}
    assert world.conflicts(plan) == {}
    assert walks.end("worker", plan)["outcome"] == "applied"
    # The other had not heard of the end: what they still look at counts all the same.
    assert walks.look("worker2", plan, world.building)["outcome"] == "applied"


def test_X5_who_joins_before_the_leaders_round_is_in_the_book_loses_nothing(walks: Walks) -> None:
    """A change to a record that nobody has heard of is refused; a round of one's own that names it is not."""
    world, leaders = walks.world, walks.world.ids.new()
    written: Written = {"members": {world.account("worker2"): {}}}
    assert walks.write("worker2", leaders, written, seen=0)["reason"] == "needs"
    both: Written = {world.account(each): {} for each in ("worker", "worker2")}
    joined = walks.start("worker2", with_code=round_code(leaders), members=both)
    assert walks.write("worker", leaders, walks.started("worker"), create=True)["outcome"] == "applied"
    assert world.sees("worker", joined), "the leader sees what the colleague looks at"
    assert not world.sees("worker2", leaders), "nobody gets a round by naming it"


# -------------------------------------------------------------------------------------------------------------- coverage


def test_coverage_tells_places_and_days_and_no_person(walks: Walks) -> None:
    world = walks.world
    walk = walks.start("worker")
    walks.look("worker", walk, world.units["1-1"])
    with world.database.read() as conn:
        for_command = coverage.for_phone(conn, world.person("command"), world.clock.now())
        for_captain = coverage.for_phone(conn, world.person("captain2"), world.clock.now())
        tree = coverage.spots(conn, world.places["one"], for_command[world.places["one"]])
    assert list(for_command[world.places["one"]]) == [world.units["1-1"]]
    assert world.account("worker") not in str(for_command)
    assert for_captain[world.places["one"]] == {}, "another stairway"
    assert [(spot.id, spot.at is not None) for spot in tree] == [(world.building, True)]
    assert [spot.at is not None for spot in tree[0].below] == [True, False]


def test_a_phone_whose_clock_runs_ahead_looks_at_nothing_in_the_future(walks: Walks) -> None:
    walk = walks.start("worker")
    walks.look("worker", walk, walks.world.building, at=walks.now(DAY))
    assert walks.looks()[walks.world.building] == walks.world.clock.now()


# ------------------------------------------------------------------------------------------------------------ checklists


def test_every_kind_has_its_list_and_the_stairway_has_eight_things() -> None:
    assert list(CHECKLISTS) == [kind.value for kind in KINDS]
    assert len(CHECKLISTS["fire"]) == 8
    assert all(4 <= len(items) <= 8 for items in CHECKLISTS.values())
    for kind in described()["kinds"]:
        assert all(is_check_key(check_key(derived("x"), item["value"])) for item in kind["items"])


def test_what_is_wrong_with_a_thing_has_a_category_to_be_reported_under() -> None:
    known = {choice.value for choice in TYPES["case"].by_name["category"].choices}
    assert {item.category for items in CHECKLISTS.values() for item in items.values()} <= known


def test_lists_ask_about_things_and_never_about_people() -> None:
    words = re.compile("可疑|动向|流动人口|刑满|吸毒|信访人员|精神障碍|人员|陌生人|住户|租客")
    said = [label for items in CHECKLISTS.values() for item in items.values() for label in item.labels.values()]
    assert [each for each in said if words.search(each)] == []
    assert [choice.value for choice in CHECKS] == list(TYPES["round"].by_name["checks"].order)


# ----------------------------------------------------------------------------------------------------------------- tracks


def track(walks: Walks, who: str = "worker", **more: Any) -> tuple[str, dict[str, Any]]:
    id = walks.world.ids.new()
    written = {"round_id": derived("round"), "started_at": walks.now(), **more}
    actor = walks.world.person(who)
    return id, walks.world.write(actor, id, written, create=True, type="track")


def minute(walks: Walks, later: int) -> str:
    at = walks.world.clock.now() + later
    return to_text(at - at % MINUTE)


POINT = {"lat": 30.742, "lon": 120.488}


def test_a_track_holds_points_of_the_round_and_no_others(walks: Walks) -> None:
    id, receipt = track(walks, points={minute(walks, 0): POINT})
    assert receipt["outcome"] == "applied", receipt
    worker = walks.world.person("worker")
    for later in (-5 * MINUTE, 17 * HOUR):
        written = {"points": {minute(walks, later): POINT}}
        assert walks.world.write(worker, id, written, type="track")["reason"] == "invalid", later
    ended = {"ended_at": walks.now(HOUR), "points": {minute(walks, HOUR): POINT}}
    assert walks.world.write(worker, id, ended, type="track")["outcome"] == "applied"
    after = {"points": {minute(walks, HOUR + 2 * MINUTE): POINT}}
    assert walks.world.write(worker, id, after, type="track")["reason"] == "invalid"


@pytest.mark.parametrize(
    ("key", "point"),
    [
        (":30", POINT),
        ("", {"lat": 30.7421, "lon": 120.488}),
        ("", {"lat": 30.742}),
        ("x", POINT),
    ],
)
def test_a_point_is_coarse_and_there_is_at_most_one_a_minute(walks: Walks, key: str, point: Written) -> None:
    at = minute(walks, 0)
    at = at.replace(":00.000Z", ":30.000Z") if key == ":30" else key or at
    assert track(walks, points={at: point})[1]["reason"] == "invalid"


def test_a_track_without_a_beginning_is_none(walks: Walks) -> None:
    id = walks.world.ids.new()
    written = {"round_id": derived("round"), "points": {minute(walks, 0): POINT}}
    receipt = walks.world.write(walks.world.person("worker"), id, written, create=True, type="track")
    assert receipt["reason"] == "invalid"


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_track_is_seen_by_the_walker_and_the_head_and_written_by_the_walker(walks: Walks, who: str) -> None:
    id, _ = track(walks)
    assert walks.world.sees(who, id) is (who in {"worker", "head"})
    receipt = walks.world.write(walks.world.person(who), id, {"ended_at": walks.now(HOUR)}, type="track")
    assert (receipt["outcome"] == "applied") is (who == "worker"), receipt


def test_a_track_is_gone_after_seven_days_and_the_round_is_not(walks: Walks) -> None:
    walk = walks.start("worker")
    id, _ = track(walks, points={minute(walks, 0): POINT})
    walks.end("worker", walk)
    walks.world.clock.move(6 * DAY)
    assert jobs.erase_expired(walks.world.engine) == 0
    walks.world.clock.move(2 * DAY)
    assert jobs.erase_expired(walks.world.engine) == 1
    row = walks.world.row(id)
    assert row.erased
    assert "30.742" not in str(row)
    assert walks.world.status(walk) == ("done", 1)


def test_no_edit_keeps_a_track_longer_than_thirty_days(walks: Walks) -> None:
    id, _ = track(walks, points={minute(walks, 0): POINT})
    assert TRACK.retention_days is not None
    assert TRACK.retention_days <= MAX_DAYS == 30
    for _ in range(6):
        walks.world.clock.move(6 * DAY)
        walks.world.write(walks.world.person("worker"), id, {"points": {minute(walks, -36 * DAY): None}}, type="track")
    assert jobs.erase_expired(walks.world.engine) == 1


def test_a_round_is_kept_a_year(walks: Walks) -> None:
    walk = walks.start("worker")
    walks.end("worker", walk)
    walks.world.clock.move(364 * DAY)
    assert jobs.erase_expired(walks.world.engine) == 0
    walks.world.clock.move(2 * DAY)
    assert jobs.erase_expired(walks.world.engine) == 1


def test_the_server_may_do_all_of_it(walks: Walks) -> None:
    walk = walks.start()
    step = {"status": {"from": "active", "to": "cut_short", "cycle": 1}, "ended_at": walks.now()}
    assert walks.world.write(SERVER, walk, step, type="round")["outcome"] == "applied"
