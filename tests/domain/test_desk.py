"""What waits for a person's decision, and what waits to be claimed: each to be seen by those who may decide, no others."""

from __future__ import annotations

from typing import Any

import pytest

from domain import desk, held, news
from domain.days import HOUR
from tests.domain.world import World


def torn(world: World, book: str = "one", **more: Any) -> str:
    case = world.report(book=book, **more)
    seen = world.seq(case)
    for who, door in (("worker", 0), ("worker2", 1)):
        world.write(world.person(who), case, {"place_id": world.doors["1-1"][door]}, seen=seen)
    return case


def waits(world: World, login: str) -> list[tuple[str, str]]:
    with world.database.read() as conn:
        return [(each.record, each.field) for each in desk.waiting(conn, world.person(login))]


def claims(world: World, login: str) -> list[str]:
    with world.database.read() as conn:
        return [str(each.record) for each in held.held_changes(conn, world.person(login))]


def test_what_waits_longest_comes_first_and_is_counted_as_it_is_listed(world: World) -> None:
    first = torn(world)
    world.clock.move(73 * HOUR)
    second = torn(world)
    assert waits(world, "head") == [(first, "place_id"), (second, "place_id")]
    with world.database.read() as conn:
        told = news.headline(conn, world.person("head"), world.clock.now())
    assert (told.undecided, told.reminded) == (2, 1)


@pytest.mark.parametrize("login", ["worker", "outsider", "captain", "handler", "admin", "resident"])
def test_nothing_waits_for_whoever_does_not_decide(world: World, login: str) -> None:
    torn(world)
    assert waits(world, login) == []


def test_two_ends_wait_for_the_community_not_for_the_head_who_is_a_party(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    for who, to in (("supervisor", "rejected"), ("head", "merged")):
        step = {"status": {"from": "reported", "to": to, "cycle": 1}, **world.needs(to)}
        world.write(world.person(who), case, step, seen=seen)
    assert waits(world, "head") == []
    assert waits(world, "supervisor") == waits(world, "command") == [(case, "status")]


def test_a_telephone_number_is_not_the_command_room_s_to_decide_about(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    for who, number in (("worker", "000-0000-0001"), ("worker2", "000-0000-0002")):
        world.write(world.person(who), case, {"reporter_contact": number}, seen=seen)
    assert waits(world, "supervisor") == [(case, "reporter_contact")]
    assert waits(world, "command") == []


def test_a_place_s_two_labels_wait_too(world: World) -> None:
    building = world.building
    seen = world.seq(building)
    for phone, label in ((1, "1号楼"), (2, "甲楼")):
        written = {"label": label}
        world.write(world.person("supervisor", phone), building, written, seen=seen, type="building")
    assert waits(world, "supervisor") == waits(world, "head") == [(building, "label")]
    assert waits(world, "worker") == []


def test_what_is_hidden_while_somebody_edits_it_waits_for_who_may_hide(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    world.write(world.person("worker2"), case, {"place_note": "三楼"}, seen=seen)
    world.write(world.person("worker"), case, {}, seen=seen, void=True)
    assert waits(world, "head") == waits(world, "supervisor") == [(case, "void")]
    assert waits(world, "command") == []
    with world.database.read() as conn:
        change = world.conflicts(case)["void"][0]["change"]
        unseen = desk.unseen_by(conn, world.places["one"], case, change)
    assert world.account("worker2") in {each["account"] for each in unseen}


def test_a_stray_change_is_seen_by_those_who_decide_there(world: World) -> None:
    case = world.report()
    world.write(world.person("outsider"), case, {"place_note": "桥头"})
    for login, wanted in (
        ("head", [case]),
        ("supervisor", [case]),
        ("command", [case]),
        ("worker", []),
        ("handler", []),
    ):
        assert claims(world, login) == wanted, login


def test_a_restricted_case_s_stray_change_is_not_the_head_s_to_read(world: World) -> None:
    quarrel = world.report(category="dispute")
    world.write(world.person("outsider"), quarrel, {"place_note": "桥头"})
    made = world.ids.new()
    world.write(world.person("outsider"), made, world.reported(category="dispute"), create=True)
    assert claims(world, "head") == []
    assert claims(world, "supervisor") == [quarrel, made]
    with world.database.read() as conn:
        assert not held.waits_for(conn, world.person("head"), made)
        assert held.waits_for(conn, world.person("supervisor"), made)


def test_what_was_handed_to_another_is_no_longer_counted_here(world: World) -> None:
    case = world.report()
    world.write(world.person("outsider"), case, {"place_note": "桥头"})
    head = world.person("head")
    with world.database.read() as conn:
        (waiting,) = held.held_changes(conn, head)
    world.engine.hand_on(head, waiting.book, waiting.id, world.account("supervisor"))
    with world.database.read() as conn:
        assert (held.tally(conn, head), held.tally(conn, world.person("supervisor"))) == (0, 1)
        again = held.held_change(conn, head, waiting.book, waiting.id)
    assert again is not None
    assert (again.handed_to, again.handed_by) == (world.account("supervisor"), head.account)
