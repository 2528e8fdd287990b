"""Proof after sync: phone and server compare what this device wrote, and what is missing has a name."""

from __future__ import annotations

import pytest

from sync.changes import canonical, digest_of
from sync.ids import derived
from sync.proof import Span, digest_of_entries
from sync.protocol import CallError
from tests.sync.toys import BOOK, OTHER_BOOK, Json, Person, World, lead

ANN, BOB = Person("ann"), Person("bob")
TOY, GONE = derived("toy", "1"), derived("toy", "2")


def span(changes: list[Json], after: str | None = None) -> Span:
    entries = [(each["id"], digest_of(canonical(each))) for each in changes]
    return Span(after, max(each["id"] for each in changes), len(changes), digest_of_entries(entries))


def written(world: World) -> list[Json]:
    """Ann's: one accepted, one refused, one held in another book, and somebody else's beside them."""
    ann, bob = world.phone(ANN), world.phone(BOB)
    changes = [ann.create(TOY, {"title": "a"}), ann.write(TOY, {"title": 7}), ann.write(TOY, {"title": "b"})]
    ann.sync()
    bob.sync()
    bob.edit(TOY, {"title": "bob's"})
    return changes


def test_L6_what_has_arrived_is_proven_by_one_digest(world: World) -> None:
    changes = written(world)
    assert world.engine.prove(ANN, {BOOK: span(changes)}) == {BOOK: {"same": True, "count": 3}}
    assert world.engine.prove(ANN, {BOOK: span(changes[1:], after=changes[0]["id"])})[BOOK]["same"] is True


def test_L6_what_has_not_arrived_can_be_named(world: World) -> None:
    changes = written(world)
    ann = world.phone(Person("ann", phone=1))
    lost = ann.write(TOY, {"title": "never sent"})
    answer = world.engine.prove(ANN, {BOOK: span([*changes, lost])})[BOOK]
    assert answer["same"] is False
    assert {each["id"] for each in [*changes, lost]} - {its_id for its_id, _ in answer["entries"]} == {lost["id"]}


def test_L6_another_content_under_the_same_id_is_no_proof(world: World) -> None:
    changes = written(world)
    other = [{**changes[0], "set": {"title": "other"}}, *changes[1:]]
    assert world.engine.prove(ANN, {BOOK: span(other)})[BOOK]["same"] is False


def test_L6_held_changes_and_other_books_count(world: World) -> None:
    ann = world.phone(ANN)
    held = ann.create(TOY, {"title": "a"}, book=OTHER_BOOK)
    ann.sync()
    assert world.engine.prove(ANN, {OTHER_BOOK: span([held])}) == {OTHER_BOOK: {"same": True, "count": 1}}
    assert world.engine.prove(BOB, {OTHER_BOOK: span([held])})[OTHER_BOOK] == {
        "same": False, "count": 0, "entries": [],
    }  # fmt: skip


def test_S4_what_was_erased_is_no_longer_asked_for(world: World) -> None:
    ann = world.phone(ANN)
    kept = ann.create(TOY, {"title": "a"})
    gone = ann.create(GONE, {"title": "private"})
    ann.sync()
    world.engine.erase(BOOK, GONE)
    asked = Span(None, gone["id"], 1, span([kept]).digest)
    assert world.engine.prove(ANN, {BOOK: asked}) == {BOOK: {"same": True, "count": 1}}


def test_S6_what_no_book_may_hold_is_not_let_in_even_so(world: World) -> None:
    ann, boss = world.phone(ANN), lead()
    ann.create(TOY, {"title": "a"})
    bad = [ann.write(TOY, {"title": 7}), ann.write(TOY, {"number": "T-1"})]
    ann.sync()
    for each in bad:
        world.engine.ask(ANN, BOOK, each["id"])
        with pytest.raises(CallError, match="not_yet"):
            world.engine.let_in(boss, BOOK, each["id"])
    assert world.engine.decline(boss, BOOK, bad[0]["id"], "please write it in words") is True
    decided = world.engine.parked(ANN)[0]["decided"]
    assert (decided["by"], decided["note"]) == (boss.account, "please write it in words")


def test_S6_what_waits_can_be_handed_on_to_one_person(world: World) -> None:
    ann, boss = world.phone(ANN), lead()
    held = ann.create(TOY, {"title": "a"}, book=OTHER_BOOK)
    ann.sync()
    assert world.engine.hand_on(boss, OTHER_BOOK, held["id"], boss.account) is True
    assert world.engine.hand_on(boss, BOOK, held["id"], boss.account) is False
    entry = world.engine.parked(ANN)[0]
    assert (entry["state"], entry["handed_to"]) == ("held", boss.account)


def test_S6_a_refused_change_can_be_given_to_a_person_who_lets_it_in(world: World) -> None:
    ann, boss = world.phone(ANN), lead()
    ann.create(TOY, {"title": "a"})
    ann.sync()
    refused = ann.write(TOY, {"status": {"from": "paused", "to": "working", "cycle": 1}})
    ann.sync()
    assert ann.said(refused)["reason"] == "not_from_here"
    assert world.engine.let_in(boss, BOOK, refused["id"]) == [], "what nobody asked about is not on the desk"
    assert world.engine.ask(BOB, BOOK, refused["id"]) is False, "it is another's"
    assert world.engine.ask(ANN, BOOK, refused["id"]) is True
    assert world.engine.parked(ANN)[0]["state"] == "asked"
    assert len(world.engine.let_in(boss, BOOK, refused["id"])) == 1
    assert world.record(ANN, TOY)["fields"]["status"] == {"status": "working", "cycle": 1}
    assert world.engine.sync(ANN, ann.request([refused]))["receipts"][0]["outcome"] == "refused"
