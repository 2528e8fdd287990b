"""The worked conflicts of the case, between phones that had no line: both sync, and this is what stands."""

from __future__ import annotations

from sync.clock import to_text
from tests.domain.world import World

PHOTO = {"stage": "before", "type": "image/jpeg", "bytes": 1000, "width": 40, "height": 30}


def test_1_two_photos_added_offline_are_both_there(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    world.write(world.person("worker"), case, {"photos": {"a" * 64: PHOTO}}, seen=seen)
    world.write(world.person("worker2"), case, {"photos": {"b" * 64: PHOTO}}, seen=seen)
    assert set(world.fields(case)["photos"]) == {"a" * 64, "b" * 64}


def test_2_the_safer_of_two_severities_wins_and_the_other_is_told(world: World) -> None:
    case = world.report("volunteer")
    seen = world.seq(case)
    world.write(world.person("volunteer"), case, {"severity": "urgent"}, seen=seen)
    receipt = world.write(world.person("worker"), case, {"severity": "normal"}, seen=seen)
    assert world.fields(case)["severity"] == "urgent"
    assert receipt["outcome"] == "merged"
    assert world.row(case).extra["others"]["severity"][0]["value"] == "normal"


def test_3_a_case_that_was_closed_stays_closed_when_a_late_working_arrives(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted", "assigned")
    seen, late = world.seq(case), world.step(case, "working")
    world.bring(case, "working", "resolved")
    world.write(world.person("command"), case, world.step(case, "closed"))
    receipt = world.write(world.person("handler"), case, late, seen=seen)
    assert world.status(case) == ("closed", 1)
    assert receipt["fields"] == {"status": "kept_other"}


def test_4_not_mended_beats_mended_and_begins_the_second_cycle(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted", "assigned", "working", "resolved")
    seen = world.seq(case)
    at = to_text(world.clock.now())
    bad = world.step(case, "working", again=True, verify={world.account("worker"): {"ok": False, "at": at}})
    good = world.step(case, "closed", verify={world.account("head"): {"ok": True, "at": at}})
    world.write(world.person("worker"), case, bad, seen=seen)
    world.write(world.person("head"), case, good, seen=seen)
    assert world.status(case) == ("working", 2)
    assert len(world.fields(case)["verify"]) == 2
    assert world.conflicts(case) == {}


def test_5_an_end_against_another_end_waits_for_the_community(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    world.write(world.person("command"), case, world.step(case, "rejected"), seen=seen)
    head = world.person("head")
    way = [("reported", "accepted"), ("accepted", "assigned"), ("assigned", "working"), ("working", "resolved"),
           ("resolved", "closed")]  # fmt: skip
    for come_from, to in way:
        step = {"status": {"from": come_from, "to": to, "cycle": 1}, **world.needs(to)}
        receipt = world.write(head, case, step, seen=seen)
        assert receipt["outcome"] in {"applied", "merged", "conflict"}, receipt
    candidates = {each["value"]["status"] for each in world.conflicts(case)["status"]}
    assert candidates == {"rejected", "closed"}
    decision = {"status": {"from": "closed", "to": "closed", "cycle": 1}}
    refused = world.write(head, case, decision)
    assert (refused["outcome"], refused["reason"]) == ("refused", "not_allowed")
    world.write(world.person("supervisor"), case, decision)
    assert world.status(case) == ("closed", 1)
    assert world.conflicts(case) == {}


def test_6_of_two_departments_the_earlier_one_has_the_case_and_the_other_is_listed(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted")
    both = {world.account(each): {"as": "owner"} for each in ("handler", "handler2")}
    world.write(world.person("supervisor"), case, world.step(case, "assigned", assignees=both))
    seen, now = world.seq(case), world.clock.now()
    later = {"handler": world.account("handler")}
    earlier = {"handler": world.account("handler2")}
    world.write(world.person("handler"), case, later, seen=seen, at=now + 500)
    world.write(world.person("handler2"), case, earlier, seen=seen, at=now + 100)
    assert world.fields(case)["handler"] == world.account("handler2")
    assert world.row(case).extra["others"]["handler"][0]["value"] == world.account("handler")
    assert set(world.fields(case)["assignees"]) == set(both)


def test_15_a_change_for_a_grid_that_is_not_hers_is_held_for_its_people(world: World) -> None:
    case = world.report()
    receipt = world.write(world.person("outsider"), case, {"place_note": "桥头"})
    assert (receipt["outcome"], receipt["reason"]) == ("held", "not_entitled")
    assert "place_note" not in world.fields(case)
