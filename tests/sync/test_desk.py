"""What people do with what is held (S6, L5), and what time does with what is over (S4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync import tables
from sync.ids import derived
from sync.protocol import CallError
from sync.types import Values
from tests.sync.toys import BOOK, OTHER_BOOK, TYPES, Json, Person, Phone, World, lead

ANN, BOB, BOSS = Person("ann"), Person("bob"), lead()
TOY = derived("toy", "1")
DAY = 24 * 3600 * 1000
HEIR = Person("heir", follows={OTHER_BOOK: "write"})
"""Somebody of the book that Ann may not write."""


def held_chain(world: World) -> tuple[Phone, list[Json]]:
    """Ann writes for a book that is not hers: a creation and two edits, all held."""
    ann = world.phone(ANN)
    chain = [ann.create(TOY, {"title": "a"}, book=OTHER_BOOK)]
    chain += [ann.write(TOY, {"title": title}, book=OTHER_BOOK) for title in ("b", "c")]
    ann.sync()
    assert [ann.said(each)["outcome"] for each in chain] == ["held"] * 3
    return ann, chain


def states(world: World) -> list[str]:
    return [each["state"] for each in world.engine.parked(ANN)]


def test_S6_what_is_let_in_keeps_its_id_device_and_time(world: World) -> None:
    _ann, chain = held_chain(world)
    became = world.engine.let_in(HEIR, OTHER_BOOK, chain[0]["id"])
    assert [(each["id"], each["outcome"], each["seq"]) for each in became] == [(chain[0]["id"], "applied", 1)]
    entry: Any = world.engine.history(HEIR, TOY)
    first = entry["changes"][0]
    assert (first["id"], first["device"], first["by"], first["via"]) == (
        chain[0]["id"], ANN.device, ANN.account, HEIR.account,
    )  # fmt: skip
    assert first["at"] == chain[0]["made_at"]
    assert states(world) == ["let_in", "held", "held"]


def test_S6_a_held_edit_brings_in_the_creation_it_stands_on(world: World) -> None:
    _ann, chain = held_chain(world)
    assert len(world.engine.let_in(HEIR, OTHER_BOOK, chain[2]["id"])) == 3
    assert world.record(HEIR, TOY)["fields"]["title"] == "c"
    assert states(world) == ["let_in"] * 3


def test_S6_letting_in_twice_has_one_effect(world: World) -> None:
    _ann, chain = held_chain(world)
    world.engine.let_in(HEIR, OTHER_BOOK, chain[2]["id"])
    assert world.engine.let_in(HEIR, OTHER_BOOK, chain[2]["id"]) == []
    assert len(world.rows(tables.change)) == 3


def test_S6_the_held_receipt_never_changes(world: World) -> None:
    ann, chain = held_chain(world)
    before = world.engine.sync(ANN, ann.request(chain))["receipts"]
    world.engine.let_in(HEIR, OTHER_BOOK, chain[2]["id"])
    assert world.engine.sync(ANN, ann.request(chain))["receipts"] == before


def test_S6_what_is_let_in_merges_as_a_late_arrival(world: World) -> None:
    heir = world.phone(HEIR)
    heir.create(TOY, {"title": "x"}, book=OTHER_BOOK)
    heir.sync()
    guest = Person("ann", follows={OTHER_BOOK: "read"})
    ann = world.phone(guest)
    ann.sync()
    held = ann.write(TOY, {"title": "written earlier", "severity": "high"}, book=OTHER_BOOK)
    ann.sync()
    heir.edit(TOY, {"title": "written later", "severity": "low"}, book=OTHER_BOOK)
    became = world.engine.let_in(HEIR, OTHER_BOOK, held["id"])
    assert (became[0]["outcome"], became[0]["fields"]) == ("merged", {"title": "kept_other", "severity": "merged"})
    assert world.record(HEIR, TOY)["fields"] == {"title": "written later", "severity": "high"}


def test_S6_what_is_let_in_gets_the_servers_answer_like_everything_else(world: World) -> None:
    ann = world.phone(ANN)
    held = ann.create(TOY, {"wants_number": True}, book=OTHER_BOOK)
    ann.sync()
    world.engine.let_in(HEIR, OTHER_BOOK, held["id"])
    assert world.record(HEIR, TOY)["fields"]["number"] == "T-1"


def test_S6_what_is_declined_stays_out_and_its_author_can_read_that(world: World) -> None:
    _ann, chain = held_chain(world)
    assert world.engine.decline(HEIR, OTHER_BOOK, chain[0]["id"], "not ours") is True
    assert world.engine.decline(HEIR, OTHER_BOOK, chain[0]["id"], "again") is False
    assert states(world) == ["declined", "held", "held"]
    with pytest.raises(CallError, match="not_yet"):
        world.engine.let_in(HEIR, OTHER_BOOK, chain[1]["id"])


def test_L5_a_rescue_file_is_held_for_a_look_under_its_true_author(world: World) -> None:
    ann = world.phone(ANN)
    changes = [ann.create(TOY, {"title": "a"}), ann.write(TOY, {"title": "b"})]
    receipts = world.engine.hand_in(BOSS, ANN.account, ANN.device, changes)
    assert [(each["outcome"], each["reason"]) for each in receipts] == [("held", "rescue")] * 2
    rows = world.rows(tables.parked)
    assert {(row["account"], row["device"], row["via"]) for row in rows} == {(ANN.account, ANN.device, BOSS.account)}


def test_L5_a_phone_that_syncs_after_its_rescue_doubles_nothing(world: World) -> None:
    ann = world.phone(ANN)
    changes = [ann.create(TOY, {"title": "a"}), ann.write(TOY, {"title": "b"})]
    world.engine.hand_in(BOSS, ANN.account, ANN.device, changes)
    world.engine.let_in(BOSS, BOOK, changes[1]["id"])
    reply = ann.sync()
    assert [each["outcome"] for each in reply["receipts"]] == ["held", "held"]
    assert ann.records[TOY]["fields"]["title"] == "b"
    assert len(world.rows(tables.change)) == 2


def test_L5_what_had_arrived_before_the_rescue_is_not_held_again(world: World) -> None:
    ann = world.phone(ANN)
    changes = [ann.create(TOY, {"title": "a"})]
    world.engine.sync(ANN, ann.request())
    changes.append(ann.write(TOY, {"title": "b"}))
    receipts = world.engine.hand_in(BOSS, ANN.account, ANN.device, changes)
    assert [each["outcome"] for each in receipts] == ["applied", "held"]


def test_S4_an_erasure_empties_everything_and_keeps_the_outcome(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    change = ann.create(TOY, {"title": "private", "photos": {"a" * 64: {"bytes": 1}}})
    ann.write(TOY, {"title": 7})
    ann.sync()
    bob.sync()
    assert world.engine.erase(BOOK, TOY) == 2
    assert "private" not in str([world.rows(table) for table in (tables.change, tables.parked, tables.record)])
    assert world.rows(tables.named) == []
    assert world.engine.record(ANN, TOY) is None
    assert bob.sync()["books"][0]["erased"] == [TOY]
    assert TOY not in bob.records
    again = world.engine.sync(ANN, ann.request([change]))["receipts"][0]
    assert (again["outcome"], again["seq"]) == ("applied", 1)


def test_S4_a_later_edit_is_gone_and_nothing_of_it_is_kept(world: World) -> None:
    ann = world.phone(ANN)
    ann.edit(TOY, {"title": "a"}, create=True)
    world.engine.erase(BOOK, TOY)
    assert ann.edit(TOY, {"title": "secret"}, seen=1)["reason"] == "gone"
    assert "secret" not in str(world.rows(tables.parked))


def test_S4_erasing_twice_is_once(world: World) -> None:
    ann = world.phone(ANN)
    ann.edit(TOY, {"title": "a"}, create=True)
    assert world.engine.erase(BOOK, TOY) == world.engine.erase(BOOK, TOY) == 2
    assert world.engine.erase(BOOK, derived("nothing")) is None
    assert [(row["record_id"], row["seq"]) for row in world.rows(tables.erasure)] == [(TOY, 2)]


def test_S4_what_was_never_taken_in_is_kept_no_longer_than_its_type_keeps_anything(world: World) -> None:
    ann = world.phone(ANN)
    private = {"title": "private", "photos": {"a" * 64: {"bytes": 1}}}
    held = ann.create(TOY, private, book=OTHER_BOOK)
    ann.sync()
    before = world.engine.sync(ANN, ann.request([held]))["receipts"]
    world.clock.move(29 * DAY)
    assert world.engine.empty_old_parked() == 0
    assert len(world.rows(tables.named)) == 1
    world.clock.move(2 * DAY)
    assert world.engine.empty_old_parked() == 1
    assert "private" not in str(world.rows(tables.parked))
    assert world.rows(tables.named) == []
    assert world.engine.let_in(HEIR, OTHER_BOOK, held["id"]) == []
    assert world.engine.sync(ANN, ann.request([held]))["receipts"] == before
    assert world.engine.empty_old_parked() == 0


def test_S4_pictures_that_a_record_shows_stay_when_a_refused_change_about_it_is_emptied(world: World) -> None:
    ann = world.phone(ANN)
    shown = {"photos": {"a" * 64: {"bytes": 1}}}
    ann.edit(TOY, {"title": "a", **shown}, create=True)
    assert ann.edit(TOY, {"title": 7, **shown})["outcome"] == "refused"
    world.clock.move(31 * DAY)
    assert world.engine.empty_old_parked() == 1
    assert len(world.rows(tables.named)) == 1


def closed_to_all(world: World) -> None:
    """From now on nothing may be kept of a toy of which somebody said that it is closed, whoever else wrote later."""

    def spent(fields: Values, others: Values) -> bool:
        said = [fields.get("level"), *(each["value"] for each in others.get("level", ()))]
        return "closed" in said

    world.engine.types = {**TYPES, "toy": replace(TYPES["toy"], spent=spent)}


def test_S4_what_may_not_be_kept_is_erased_with_the_change_that_says_so(world: World) -> None:
    closed_to_all(world)
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.edit(TOY, {"title": "private"}, create=True)
    bob.sync()
    said, page = ann.write(TOY, {"level": "closed"}), ann.sync()["books"][0]
    assert (ann.said(said)["outcome"], ann.said(said)["seq"], page["erased"], page["head"]) == ("applied", 2, [TOY], 3)
    assert "private" not in str([world.rows(table) for table in (tables.change, tables.parked, tables.record)])
    assert bob.edit(TOY, {"title": "late"})["reason"] == "gone"
    assert TOY not in bob.records


def test_S4_what_may_not_be_kept_goes_whichever_of_two_comes_first(world: World) -> None:
    closed_to_all(world)
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.edit(TOY, {"title": "a"}, create=True)
    bob.sync()
    closing = ann.write(TOY, {"level": "closed"})
    bob.edit(TOY, {"level": "open to all"})
    ann.sync()
    assert ann.said(closing)["outcome"] == "merged"
    assert world.engine.record(ANN, TOY) is None


def test_S4_what_is_let_in_and_says_so_erases_too(world: World) -> None:
    closed_to_all(world)
    ann, chain = held_chain(world)
    world.engine.let_in(HEIR, OTHER_BOOK, chain[2]["id"])
    last = ann.write(TOY, {"level": "closed"}, book=OTHER_BOOK, seen=0)
    ann.sync()
    world.engine.let_in(HEIR, OTHER_BOOK, last["id"])
    assert [(row["record_id"], row["book_id"]) for row in world.rows(tables.erasure)] == [(TOY, OTHER_BOOK)]


def test_S4_a_derived_id_begins_again_for_who_has_seen_the_erasure(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    more = {"type": "duty", "schema": 1}
    ann.edit(TOY, {"who": "ann"}, create=True, **more)
    bob.sync()
    world.engine.erase(BOOK, TOY)
    assert bob.edit(TOY, {"who": "bob, not knowing"}, create=True, **more)["reason"] == "gone"
    page = ann.sync()["books"][0]
    assert (page["erased"], [record["fields"] for record in page["records"]]) == ([TOY], [{}])
    assert ann.edit(TOY, {"who": "ann again"}, create=True, **more)["outcome"] == "applied"
    assert world.record(BOB, TOY)["fields"] == {"who": "ann again"}


def test_S6_a_suggestion_that_its_owner_took_up_waits_no_more(world: World) -> None:
    ann = world.phone(ANN)
    ann.create(TOY, {"title": "a"})
    ann.sync()
    wish = ann.write(TOY, {"price": 5})
    ann.sync()
    assert ann.said(wish)["reason"] == "suggestion"
    assert world.engine.adopt(BOSS, OTHER_BOOK, wish["id"]) is False
    assert world.engine.adopt(BOSS, BOOK, wish["id"]) is True
    entry = world.engine.parked(ANN)[0]
    assert (entry["state"], entry["decided"]["by"]) == ("let_in", BOSS.account)
    assert world.engine.adopt(BOSS, BOOK, wish["id"]) is False


def test_S6_what_is_no_suggestion_cannot_be_adopted(world: World) -> None:
    _ann, chain = held_chain(world)
    assert world.engine.adopt(HEIR, OTHER_BOOK, chain[0]["id"]) is False
    assert states(world) == ["held"] * 3
