"""The whole door, over one real SQLite file: push, receipts, pull."""

from __future__ import annotations

import pytest

from sync import tables
from sync.ids import derived
from sync.protocol import CallError
from tests.sync.toys import BOOK, OTHER_BOOK, Person, World, lead

ANN, BOB = Person("ann"), Person("bob")
TOY = derived("toy", "1")


def test_O5_one_round_trip_pushes_and_pulls(world: World) -> None:
    phone = world.phone(ANN)
    change = phone.create(TOY, {"title": "ball", "status": {"from": None, "to": "open", "cycle": 1}})
    reply = phone.sync()
    assert reply["receipts"] == [
        {"index": 0, "id": change["id"], "outcome": "applied", "seq": 1, "fields": {}, "reason": None, "errors": None}
    ]
    assert reply["books"][0]["cursor"] == [1, change["id"], "all"]
    assert phone.records[TOY]["fields"] == {"title": "ball", "status": {"status": "open", "cycle": 1}}


def test_O6_an_idle_phone_gets_no_pages(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(TOY, {"title": "ball"})
    phone.sync()
    assert phone.sync()["books"] == []


def test_an_empty_book_has_the_empty_cursor(world: World) -> None:
    reply = world.phone(ANN).sync()
    assert [(page["cursor"], page["head"]) for page in reply["books"]] == [([0, None, "all"], 0)]


def test_M1_an_edit_of_what_was_seen_is_applied(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(TOY, {"title": "ball"})
    ann.sync()
    bob.sync()
    assert bob.edit(TOY, {"title": "red ball"})["outcome"] == "applied"
    ann.sync()
    assert ann.records[TOY]["fields"]["title"] == "red ball"


def test_M2_the_later_observation_wins_and_the_other_is_told(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(TOY, {"title": "ball"})
    ann.sync()
    bob.sync()
    early, late = ann.write(TOY, {"title": "red"}), bob.write(TOY, {"title": "blue"})
    bob.sync()
    ann.sync()
    assert ann.said(early)["outcome"] == "merged"
    assert ann.said(early)["fields"] == {"title": "kept_other"}
    assert bob.said(late)["outcome"] == "applied"
    record = world.record(ANN, TOY)
    assert record["fields"]["title"] == "blue"
    assert [(each["value"], each["by"]) for each in record["others"]["title"]] == [("red", ANN.account)]


def test_M7_a_conflict_opens_and_closes_by_a_person_who_may_decide(world: World) -> None:
    ann, bob, boss = world.phone(ANN), world.phone(BOB), world.phone(lead())
    ann.create(TOY, {"title": "ball"})
    for phone in (ann, bob, boss):
        phone.sync()
    ann.write(TOY, {"name": "Red"})
    bob.write(TOY, {"name": "Blue"})
    ann.sync()
    bob.sync()
    assert [each["value"] for each in world.record(ANN, TOY)["conflicts"]["name"]] == ["Red", "Blue"]
    ann.sync()
    assert ann.edit(TOY, {"name": "Rouge"})["outcome"] == "conflict"
    assert [each["value"] for each in world.record(ANN, TOY)["conflicts"]["name"]] == ["Blue", "Rouge"]
    boss.sync()
    assert boss.edit(TOY, {"name": "Blue"})["outcome"] == "applied"
    assert "conflicts" not in world.record(ANN, TOY)


def test_X2_the_same_batch_ten_times_has_one_effect_and_one_receipt(world: World) -> None:
    phone = world.phone(ANN)
    changes = [phone.create(derived("toy", str(n)), {"title": str(n)}) for n in range(5)]
    replies = [world.engine.sync(ANN, phone.request(changes)) for _ in range(10)]
    assert all(reply["receipts"] == replies[0]["receipts"] for reply in replies)
    assert len(world.rows(tables.change)) == 5


def test_X3_an_id_with_other_content_is_refused_and_both_are_kept(world: World) -> None:
    phone = world.phone(ANN)
    change = phone.create(TOY, {"title": "ball"})
    phone.sync()
    reply = world.engine.sync(ANN, phone.request([{**change, "set": {"title": "cube"}}]))
    assert (reply["receipts"][0]["outcome"], reply["receipts"][0]["reason"]) == ("refused", "id_reused")
    assert world.record(ANN, TOY)["fields"]["title"] == "ball"
    assert [each["change"]["set"] for each in world.engine.parked(ANN)] == [{"title": "cube"}]


def test_X5_a_bad_change_never_blocks_a_good_one(world: World) -> None:
    phone = world.phone(ANN)
    good = phone.create(TOY, {"title": "ball"})
    reply = world.engine.sync(ANN, phone.request([17, {"id": 3}, {**good, "id": "x"}, good, None]))
    assert [receipt["outcome"] for receipt in reply["receipts"]] == ["refused"] * 3 + ["applied", "refused"]


def test_X5_a_change_of_a_refused_creation_is_refused_with_needs(world: World) -> None:
    phone = world.phone(ANN)
    bad = phone.create(TOY, {"title": 7})
    edit = phone.write(TOY, {"title": "ball"})
    phone.sync()
    assert phone.said(bad)["reason"] == "invalid"
    assert phone.said(edit) | {"index": 0} == {
        "index": 0, "id": edit["id"], "outcome": "refused", "seq": None, "fields": {}, "reason": "needs",
        "errors": {"needs": [bad["id"]]},
    }  # fmt: skip


def test_X7_a_copied_database_is_noticed(world: World) -> None:
    phone, copy = world.phone(ANN), world.phone(ANN)
    phone.create(TOY, {"title": "ball"})
    phone.sync()
    copy.create(derived("toy", "2"), {"title": "cube"})
    with pytest.raises(CallError, match="device_copied"):
        copy.sync()


def test_S3_a_change_for_somebody_elses_book_is_held(world: World) -> None:
    phone = world.phone(ANN)
    change = phone.create(TOY, {"title": "ball"}, book=OTHER_BOOK)
    later = phone.write(TOY, {"title": "red"}, book=OTHER_BOOK)
    phone.sync()
    assert (phone.said(change)["outcome"], phone.said(change)["reason"]) == ("held", "not_entitled")
    assert phone.said(later)["outcome"] == "held"
    assert [each["state"] for each in world.engine.parked(ANN)] == ["held", "held"]


def test_the_server_adds_its_own_in_the_same_transaction(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(TOY, {"wants_number": True})
    phone.sync()
    assert phone.records[TOY]["fields"]["number"] == "T-1"
    assert phone.records[TOY]["seq"] == 2


def test_S8_what_leaves_somebodys_sight_is_forgotten_there(world: World) -> None:
    boss, outsider = world.phone(lead()), world.phone(Person("cy", sees_secrets=False))
    boss.create(TOY, {"title": "ball"})
    boss.sync()
    outsider.sync()
    assert TOY in outsider.records
    boss.edit(TOY, {"level": "secret"})
    assert outsider.sync()["books"][0]["forget"] == [TOY]
    assert BOOK in outsider.cursors
