"""Halves of sentences of the contract that no other test proved: found by engines that were broken on purpose."""

from __future__ import annotations

import pytest

from sync import tables
from sync.erasures import Erased
from sync.ids import derived
from sync.rules import Write, settle
from sync.types import Field
from tests.sync.memory import MemoryWorld
from tests.sync.toys import BOOK, OTHER_BOOK, Json, Person, Phone, World, lead

TOY = derived("toy", "1")
ANN, BOB, CY, DEE = (Person(name) for name in ("ann", "bob", "cy", "dee"))


def test_X3_the_order_of_its_keys_does_not_make_it_another_content(world: World) -> None:
    phone = world.phone(ANN)
    change = phone.create(TOY, {"title": "a", "rank": 1})
    phone.sync()
    turned = {key: change[key] for key in reversed(change)} | {"set": {"rank": 1, "title": "a"}}
    receipt = world.engine.sync(ANN, phone.request([turned]))["receipts"][0]
    assert (receipt["outcome"], receipt["seq"], len(world.rows(tables.parked))) == ("applied", 1, 0)


def test_M2_first_a_claim_is_handed_down_from_one_to_the_next(world: World) -> None:
    """Dee took over from Bob, who had taken over from Ann: whoever came after Ann unseen, though before Bob, is later."""
    ann, bob, cy, dee = (world.phone(each) for each in (ANN, BOB, CY, DEE))
    ann.edit(TOY, {"finder": "ann"}, create=True)
    unseen = cy.create(TOY, {"finder": "cy"})
    bob.sync()
    bob.edit(TOY, {"finder": "bob"})
    dee.sync()
    dee.edit(TOY, {"finder": "dee"})
    cy.sync()
    record = world.record(ANN, TOY)
    assert record["fields"]["finder"] == "dee"
    assert [each["change"] for each in record["others"]["finder"]] == [unseen["id"]]


def test_M2_most_nothing_said_is_below_everything_that_is(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(TOY, {"severity": "low"})
    bob.create(TOY, {"severity": None, "title": "b"})
    ann.sync()
    bob.sync()
    assert world.record(ANN, TOY)["fields"]["severity"] == "low"
    ann.create(derived("toy", "2"), {"rank": -3})
    bob.create(derived("toy", "2"), {"rank": None, "title": "b"})
    ann.sync()
    bob.sync()
    assert world.record(ANN, derived("toy", "2"))["fields"]["rank"] == -3


def test_M2_most_of_values_that_stand_equal_the_later_is_taken() -> None:
    order = (("yes", "for sure"), "no")
    field = Field("answer", "least", "text", {}, "P0", "yes", order=order)
    earlier, later = Write("c2", "d1", "ann", 1, 10, "yes"), Write("c1", "d2", "bob", 2, 20, "for sure")
    settled = settle(field, [later, earlier])
    assert (settled.value, settled.others) == ("for sure", (earlier,))


def test_X7_what_was_erased_makes_nobody_a_copy(world: World) -> None:
    """The phone that sent it has lost its own entries with the erasure, and `last` may be older than they were."""
    phone, other = world.phone(ANN), world.phone(ANN)
    other.create(derived("toy", "2"), {"title": "x"})
    phone.create(TOY, {"title": "a"})
    phone.sync()
    world.engine.erase(BOOK, TOY)
    other.sync()
    assert other.outbox == []


def test_M11_an_own_void_counts_as_seen_too(world: World) -> None:
    boss = world.phone(lead())
    boss.create(TOY, {"title": "a"})
    boss.sync()
    hidden, edit, back = boss.write(TOY, void=True), boss.write(TOY, {"title": "b"}), boss.write(TOY, void=False)
    boss.sync()
    assert [boss.said(each)["reason"] for each in (hidden, edit, back)] == [None, "void", None]
    assert world.record(ANN, TOY)["void"] is False


def ends_in_conflict(world: World) -> tuple[Phone, Phone]:
    """Ann has dropped it and Bob has done it, neither having seen the other."""
    boss, bob = world.phone(lead()), world.phone(BOB)
    boss.edit(TOY, {"status": {"from": None, "to": "open", "cycle": 1}}, create=True)
    bob.sync()
    boss.write(TOY, {"status": {"from": "open", "to": "dropped", "cycle": 1}, "reason": "broken"})
    bob.edit(TOY, {"status": {"from": "open", "to": "done", "cycle": 1}})
    boss.sync()
    assert "status" in boss.records[TOY]["conflicts"]
    bob.sync()
    return boss, bob


@pytest.mark.parametrize(("come_from", "to"), [("done", "dropped"), ("dropped", "done"), ("done", "done")])
def test_M12_a_decision_goes_from_one_candidate_to_another_or_to_itself(world: World, come_from: str, to: str) -> None:
    boss, bob = ends_in_conflict(world)
    step = {"status": {"from": come_from, "to": to, "cycle": 1}}
    assert bob.edit(TOY, step)["reason"] == "not_allowed"
    assert boss.edit(TOY, step)["outcome"] == "applied"
    record = world.record(ANN, TOY)
    assert (record["fields"]["status"], "conflicts" in record) == ({"status": to, "cycle": 1}, False)


def test_M12_a_step_goes_on_from_a_candidate_and_from_nowhere_else(world: World) -> None:
    _boss, bob = ends_in_conflict(world)
    assert bob.edit(TOY, {"status": {"from": "working", "to": "done", "cycle": 1}})["reason"] == "not_from_here"
    assert bob.edit(TOY, {"status": {"from": "done", "to": "working", "cycle": 2}})["outcome"] == "merged"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"set": {"status": {"from": "working", "to": "done", "cycle": 1}}}, "not_from_here"),
        ({"set": {"title": "b"}}, "void"),
    ],
)
def test_L3_what_only_a_restore_made_wrong_is_held_not_refused(said: Json, reason: str) -> None:
    """Of the present life it is refused; with a `seen` of an older one somebody must look."""
    world = MemoryWorld()
    boss = world.phone(lead())
    boss.create(TOY, {"status": {"from": None, "to": "open", "cycle": 1}})
    if reason == "void":
        boss.write(TOY, void=True)
    boss.sync()
    assert boss.edit(TOY, said["set"])["reason"] == reason
    late = boss.write(TOY, said["set"])
    world.restore(world.image(), [])
    boss.sync()
    assert boss.outbox == [late]
    boss.cursors = {}
    boss.sync()
    assert (boss.said(late)["outcome"], boss.said(late)["reason"]) == ("held", "older_epoch")


def test_S4_what_has_an_id_of_its_own_never_begins_again(world: World) -> None:
    phone = world.phone(ANN)
    phone.edit(TOY, {"title": "a"}, create=True)
    seq = world.engine.erase(BOOK, TOY)
    phone.sync()
    assert phone.edit(TOY, {"title": "again"}, create=True, seen=seq)["reason"] == "gone"


def test_S4_an_erasure_empties_what_was_refused_about_it_and_what_comes_later_refused_for_another_reason(
    world: World,
) -> None:
    """A change that is no good for its own reasons is not kept either, where the record is gone."""
    phone = world.phone(ANN)
    phone.create(TOY, {"title": "a"})
    phone.write(TOY, {"title": 7, "reason": "private words"})
    phone.sync()
    world.engine.erase(BOOK, TOY)
    late = phone.write(TOY, {"title": 8, "reason": "private words"}, seen=1)
    world.engine.sync(ANN, phone.request([late]))
    rows = world.rows(tables.parked)
    assert [(row["reason"], row["body"]) for row in rows] == [("invalid", None), ("invalid", None)]


def test_S4_what_came_and_was_erased_after_the_backup_stays_gone_when_a_phone_offers_it_again() -> None:
    world = MemoryWorld()
    phone = world.phone(ANN)
    phone.sync()
    backup = world.image()
    entry = phone.create(TOY, {"title": "private"})
    phone.sync()
    world.engine.erase(BOOK, TOY)
    world.restore(backup, [Erased.now(TOY, {BOOK: "toy"}, world.clock)])
    phone.epoch, phone.cursors, phone.outbox = world.engine.epoch, {}, [entry]
    phone.sync()
    assert phone.said(entry)["reason"] == "gone"
    assert "private" not in "".join(world.dump())


def step(come_from: str | None, to: str, cycle: int = 1) -> Json:
    return {"status": {"from": come_from, "to": to, "cycle": cycle}}


def test_M5_an_edit_is_after_an_own_one_that_is_held(world: World) -> None:
    """Also where the phone's clock was set back between the two."""
    person = Person("ann")
    phone = world.phone(person)
    phone.edit(TOY, {"title": "a"}, create=True)
    person.follows = {BOOK: "read"}
    held = phone.write(TOY, {"title": "b"})
    phone.sync()
    assert phone.said(held)["outcome"] == "held"
    person.follows = {BOOK: "write"}
    phone.edit(TOY, {"title": "c"}, made_at="2026-06-13T08:00:00.000Z")
    at = {row["id"]: row["at"] for table in (tables.parked, tables.change) for row in world.rows(table)}
    assert max(at.values()) == at[held["id"]] + 1


def test_M11_hiding_what_is_hidden_is_no_edit_and_not_refused(world: World) -> None:
    boss = world.phone(lead())
    boss.edit(TOY, {"title": "a"}, create=True)
    boss.edit(TOY, void=True)
    assert boss.edit(TOY, void=True)["outcome"] == "applied"
    assert world.record(ANN, TOY)["void"] is True


def test_M12_a_step_goes_on_from_the_newest_own_one_though_another_has_won(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.edit(TOY, step(None, "open"), create=True)
    bob.sync()
    bob.edit(TOY, step("open", "done"))
    ann.edit(TOY, step("open", "working"))
    assert ann.records[TOY]["fields"]["status"]["status"] == "done"
    assert ann.edit(TOY, step("working", "paused"))["outcome"] == "applied"


def test_M12_a_step_goes_on_from_an_own_one_that_is_held(world: World) -> None:
    person = Person("ann")
    phone = world.phone(person)
    phone.edit(TOY, step(None, "open"), create=True)
    person.follows = {BOOK: "read"}
    assert phone.edit(TOY, step("open", "working"))["outcome"] == "held"
    person.follows = {BOOK: "write"}
    assert phone.edit(TOY, step("working", "paused"))["outcome"] == "applied"


def test_L3_a_seen_counts_no_more_than_the_least_that_any_restore_since_has_kept() -> None:
    world = MemoryWorld()
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.edit(TOY, {"title": "kept"}, create=True)
    backup = world.image()
    ann.edit(TOY, {"title": "forgotten"})
    bob.sync()
    late = bob.write(TOY, {"title": "bob saw what was forgotten"}, made_at="2026-06-13T08:00:00.000Z")
    assert late["seen"] == 2
    world.restore(backup, [])
    cy = world.phone(CY)
    cy.sync()
    assert cy.edit(TOY, {"title": "new life"})["seq"] == 2
    world.restore(world.image(), [])
    assert world.engine.push(BOB, [late])[0]["outcome"] == "merged"
    assert world.record(ANN, TOY)["fields"]["title"] == "new life"


def test_L3_a_cursor_at_the_head_with_another_change_makes_the_phone_offer_again(world: World) -> None:
    phone = world.phone(ANN)
    phone.edit(TOY, {"title": "a"}, create=True)
    phone.cursors[BOOK][1] = phone.ids.new()
    assert world.engine.sync(ANN, phone.request())["reoffer"] is True


def test_S1_asking_for_a_book_does_not_give_it(world: World) -> None:
    both = Person("both", follows={BOOK: "write", OTHER_BOOK: "write"})
    world.phone(both).edit(TOY, {"title": "a"}, create=True, book=OTHER_BOOK)
    assert world.phone(ANN).sync(only=[OTHER_BOOK])["books"] == []
