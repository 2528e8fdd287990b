"""A record that moves to another book takes with it what stands, and nobody's late word is lost (S7)."""

from __future__ import annotations

import pytest

from sync import tables
from sync.ids import derived
from tests.sync.toys import BOOK, OTHER_BOOK, Json, Person, Phone, World, lead

ANN, BOB = Person("ann"), Person("bob")
HEIR = Person("heir", follows={OTHER_BOOK: "write"})
CHIEF = Person("chief", held_roles=frozenset({"member", "lead"}), follows={BOOK: "write", OTHER_BOOK: "write"})
TOY = derived("toy", "1")


def torn(world: World) -> tuple[Phone, Phone]:
    """Ann and Bob have each named the toy, neither having seen the other's."""
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(TOY, {"title": "a", "finder": "ann", "notes": {"text": "from ann"}, "tags": {"x": "1"}})
    ann.sync()
    bob.sync()
    ann.edit(TOY, {"name": "Red", "status": {"from": None, "to": "open", "cycle": 1}})
    bob.edit(TOY, {"name": "Blue", "notes": {"text": "from bob"}})
    return ann, bob


def move(world: World, move_id: str = "m1", source: str = BOOK, target: str = OTHER_BOOK) -> int | None:
    return world.engine.move(TOY, source, target, move_id)


def content(record: Json) -> Json:
    return {name: record.get(name) for name in ("fields", "conflicts", "others", "by", "made_at", "void")}


def test_S7_a_moved_record_is_the_same_with_its_conflicts_authors_and_times(world: World) -> None:
    torn(world)
    before = world.record(ANN, TOY)
    assert move(world) == 1
    after = world.record(HEIR, TOY)
    assert content(after) == content(before)
    assert (after["book"], after["seq"]) == (OTHER_BOOK, 1)
    assert [each["value"] for each in after["conflicts"]["name"]] == ["Red", "Blue"]


def test_S7_the_same_move_twice_has_one_effect(world: World) -> None:
    torn(world)
    assert move(world) == move(world) == 1
    assert [row["id"] for row in world.rows(tables.change) if row["book_id"] == OTHER_BOOK] == [
        derived("move", "m1", "in")
    ]


def test_S7_there_must_be_something_to_move_and_somewhere_to_go(world: World) -> None:
    assert move(world) is None
    torn(world)
    assert move(world, target=derived("book", "nowhere")) is None
    assert move(world, target=BOOK) is None
    assert move(world) == 1
    assert move(world, "m2") is None


def test_S7_phones_of_the_old_book_learn_that_it_went(world: World) -> None:
    _ann, bob = torn(world)
    move(world)
    reply = bob.sync()
    stub = reply["books"][0]["records"][-1]
    assert (stub["id"], stub["fields"], stub["moved_to"], stub["void"]) == (TOY, {}, OTHER_BOOK, False)
    assert "conflicts" not in stub
    late = world.phone(Person("newcomer"))
    assert [each["id"] for page in late.sync()["books"] for each in page["records"]] == []


def test_S7_a_late_change_waits_for_the_people_of_the_new_book(world: World) -> None:
    ann, _bob = torn(world)
    late = ann.write(TOY, {"title": "written on the way"})
    move(world)
    ann.sync()
    said = ann.said(late)
    assert (said["outcome"], said["reason"], said["errors"]) == ("held", "moved", {"moved_to": [OTHER_BOOK]})
    entry = world.engine.parked(ANN)[0]
    assert (entry["book"], entry["for_book"], entry["state"]) == (BOOK, OTHER_BOOK, "held")
    assert world.engine.let_in(CHIEF, BOOK, late["id"]) == []
    became = world.engine.let_in(CHIEF, OTHER_BOOK, late["id"])
    assert [(each["id"], each["outcome"], each["seq"]) for each in became] == [(late["id"], "applied", 2)]
    assert world.record(HEIR, TOY)["fields"]["title"] == "written on the way"
    again = world.engine.sync(ANN, ann.request([late]))["receipts"][0]
    assert again == said, "the held receipt never changes"


def test_S7_what_was_wrong_by_the_old_book_is_refused_even_so(world: World) -> None:
    ann, _bob = torn(world)
    late = ann.write(TOY, {"status": {"from": "paused", "to": "working", "cycle": 1}})
    own = ann.write(TOY, {"status": {"from": "open", "to": "working", "cycle": 1}})
    move(world)
    ann.sync()
    assert (ann.said(late)["outcome"], ann.said(late)["reason"]) == ("refused", "not_from_here")
    assert ann.said(own)["reason"] == "moved"


def test_S7_after_the_stub_was_seen_a_change_is_still_judged_and_passed_on(world: World) -> None:
    ann, _bob = torn(world)
    move(world)
    ann.sync()
    late = ann.write(TOY, {"status": {"from": "open", "to": "working", "cycle": 1}}, seen=ann.cursors[BOOK][0])
    ann.sync()
    assert ann.said(late)["reason"] == "moved"


def test_S7_a_late_arrival_meets_the_moved_writes_as_one_that_saw_nothing(world: World) -> None:
    torn(world)
    heir = world.phone(HEIR)
    move(world)
    heir.sync()
    assert heir.edit(TOY, {"title": "heir's"}, book=OTHER_BOOK)["outcome"] == "applied"
    blind = heir.edit(TOY, {"name": "Green"}, book=OTHER_BOOK, seen=0)
    assert blind["outcome"] == "conflict"
    names = world.record(HEIR, TOY)["conflicts"]["name"]
    assert [each["value"] for each in names] == ["Red", "Blue", "Green"]


def test_S7_a_device_goes_on_with_its_own_chain_in_the_new_book(world: World) -> None:
    ann, _bob = torn(world)
    move(world)
    mover = Person("ann", follows={BOOK: "write", OTHER_BOOK: "write"})
    ann.person = mover
    ann.sync()
    receipt = ann.edit(TOY, {"name": "Crimson"}, book=OTHER_BOOK, seen=0)
    assert receipt["outcome"] == "conflict"
    names = world.record(HEIR, TOY)["conflicts"]["name"]
    assert [each["value"] for each in names] == ["Blue", "Crimson"], "Ann's own earlier word gives way (M6)"


def test_S7_an_older_own_word_never_comes_back_over_a_newer_one_that_moved(world: World) -> None:
    """M6 across a move: Ann's newest title was superseded before the move; her older one, held, is let in after."""
    ann, bob = torn(world)
    stranger = Person("ann", follows={BOOK: "read"})
    ann.person = stranger
    older = ann.write(TOY, {"title": "older"})
    ann.sync()
    assert ann.said(older)["outcome"] == "held"
    ann.person = ANN
    ann.edit(TOY, {"title": "newer"})
    bob.sync()
    bob.edit(TOY, {"title": "bob knows better"})
    move(world)
    world.engine.let_in(CHIEF, OTHER_BOOK, older["id"])
    after = world.record(HEIR, TOY)
    assert after["fields"]["title"] == "bob knows better"
    assert "title" not in (after.get("others") or {})


def test_S7_what_waited_before_the_move_waits_on_the_new_desk(world: World) -> None:
    ann, _bob = torn(world)
    ann.person = Person("ann", follows={BOOK: "read"})
    held = ann.write(TOY, {"title": "late"})
    ann.sync()
    move(world)
    assert world.engine.parked(ANN)[0]["for_book"] == OTHER_BOOK
    assert len(world.engine.let_in(CHIEF, OTHER_BOOK, held["id"])) == 1


def test_S7_a_hidden_record_stays_hidden(world: World) -> None:
    torn(world)
    chief = world.phone(CHIEF)
    chief.sync()
    chief.edit(TOY, void=True)
    move(world)
    assert world.record(HEIR, TOY)["void"] is True


def test_S7_a_record_may_come_back_and_move_on(world: World) -> None:
    ann, _bob = torn(world)
    before = world.record(ANN, TOY)
    move(world, "there")
    assert move(world, "back", OTHER_BOOK, BOOK) is not None
    assert content(world.record(ANN, TOY)) == content(before)
    ann.sync()
    assert ann.edit(TOY, {"title": "home"})["outcome"] == "applied"
    assert move(world, "again") is not None
    assert world.record(HEIR, TOY)["fields"]["title"] == "home"


def test_S7_pictures_go_with_the_record(world: World) -> None:
    sha = "a" * 64
    ann, _bob = torn(world)
    ann.sync()
    ann.edit(TOY, {"photos": {sha: {"bytes": 1}}})
    move(world)
    assert [(each.book, each.account) for each in world.engine.naming(sha)] == [(OTHER_BOOK, ANN.account)]
    assert world.engine.may_upload(ANN.account, sha)


def test_S7_the_history_tells_what_was_before_the_move(world: World) -> None:
    torn(world)
    move(world)
    heir = world.phone(HEIR)
    heir.sync()
    heir.edit(TOY, {"title": "heir's"}, book=OTHER_BOOK)
    told = world.engine.history(HEIR, TOY)
    assert told is not None
    assert [each["set"].get("title") for each in told["changes"] if "title" in each["set"]] == ["a", "heir's"]


def test_S4_what_has_moved_is_erased_in_every_book_where_it_lived(world: World) -> None:
    torn(world)
    move(world)
    assert world.engine.erase(OTHER_BOOK, TOY) == 2
    assert {row["body"] for row in world.rows(tables.change)} == {None}
    assert all(row["erased"] and row["fields"] == {} for row in world.rows(tables.record))


@pytest.mark.parametrize("step", range(4))
def test_S7_moving_at_any_moment_ends_the_same(world: World, step: int) -> None:
    """The record's content does not depend on when it moved between changes that are sent to where it is."""
    phone = world.phone(CHIEF)
    values: list[Json] = [{"title": "a"}, {"name": "n", "tags": {"x": "1"}}, {"notes": {"text": "t"}}, {"title": "b"}]
    book = BOOK
    for number, each in enumerate(values):
        if number == step and number:
            move(world)
            book = OTHER_BOOK
        phone.sync()
        phone.write(TOY, each, book=book, create=number == 0)
        phone.sync()
    fields = world.record(CHIEF, TOY)["fields"]
    assert (fields["title"], fields["name"], fields["tags"]) == ("b", "n", {"x": "1"})
    assert "others" not in world.record(CHIEF, TOY)


def test_M7_the_desk_sees_both_sides_and_what_they_started_from(world: World) -> None:
    boss = world.phone(lead())
    boss.create(TOY, {"name": "Grey"})
    boss.sync()
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.sync()
    bob.sync()
    ann.edit(TOY, {"name": "Red", "photos": {"a" * 64: {"bytes": 1}}})
    bob.edit(TOY, {"name": "Blue"})
    found = world.engine.conflicts(lead(), TOY)
    assert found is not None
    (torn_name,) = found
    assert (torn_name["field"], torn_name["key"], torn_name["base"]) == ("name", None, "Grey")
    red, blue = torn_name["candidates"]
    assert (red["value"], red["by"], list(red["set"]["photos"])) == ("Red", ANN.account, ["a" * 64])
    assert (blue["value"], blue["by"], blue["seq"]) == ("Blue", BOB.account, 3)
    assert world.engine.conflicts(Person("stranger", follows={}), TOY) is None
