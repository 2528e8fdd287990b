"""L1: what is stored in an older schema is lifted by the record type's own steps, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace

from sync.engine import Engine
from sync.ids import derived
from tests.sync.test_moves import content
from tests.sync.toys import BOOK, OTHER_BOOK, TOY, TYPES, Json, Person, Phone, World, a_field

ANN, BOB = Person("ann"), Person("bob")
CHIEF = Person("chief", follows={BOOK: "write", OTHER_BOOK: "write"})
ONE, TWO = derived("toy", "1"), derived("toy", "2")
OLD_TOY = replace(
    TOY,
    schema=1,
    upgrades={},
    fields=tuple(a_field("old_title", "latest") if each.name == "title" else each for each in TOY.fields),
    judge=lambda before, written, roles: None,
)


def years_ago(world: World) -> tuple[Phone, Phone]:
    """A server of schema 1: one toy torn between two titles and two names, one plain."""
    world.engine = Engine(world.database, {**TYPES, "toy": OLD_TOY}, world.clock)
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(ONE, {"old_title": "FIRST"}, schema=1)
    ann.create(TWO, {"old_title": "PLAIN"}, schema=1)
    ann.sync()
    bob.sync()
    ann.edit(ONE, {"old_title": "FROM ANN", "name": "Red"}, schema=1)
    bob.edit(ONE, {"old_title": "FROM BOB", "name": "Blue", "notes": {"text": "kept"}}, schema=1)
    return ann, bob


def today(world: World) -> None:
    world.engine = Engine(world.database, TYPES, world.clock)


def lifted(record: Json) -> Json:
    """What an old record says, in today's words."""
    fields = {name: value for name, value in record["fields"].items() if name != "old_title"}
    others = [{**each, "value": each["value"].lower()} for each in record["others"]["old_title"]]
    return {
        **content(record),
        "fields": {**fields, "title": record["fields"]["old_title"].lower()},
        "others": {"title": others},
    }


def test_L1_every_stored_record_is_lifted_with_all_that_stands(world: World) -> None:
    ann, _bob = years_ago(world)
    before = world.record(ANN, ONE)
    today(world)
    assert world.engine.lift_records() == 2
    after = world.record(ANN, ONE)
    assert content(after) == lifted(before)
    assert after["schema"] == 2
    assert world.engine.lift_records() == 0
    ann.sync()
    assert ann.records[TWO]["fields"] == {"title": "plain"}, "phones pull what was lifted"


def test_L1_a_record_that_is_not_lifted_yet_is_lifted_as_it_is_written_to(world: World) -> None:
    ann, _bob = years_ago(world)
    before = lifted(world.record(ANN, ONE))
    today(world)
    receipt = ann.edit(ONE, {"severity": "high"})
    assert receipt["outcome"] == "applied"
    after = content(world.record(ANN, ONE))
    assert after == {**before, "fields": {**before["fields"], "severity": "high"}}


def test_L1_a_change_of_the_old_schema_still_merges_after_the_lift(world: World) -> None:
    ann, bob = years_ago(world)
    late = bob.write(ONE, {"old_title": "LATE"}, schema=1, seen=1)
    today(world)
    world.engine.lift_records()
    bob.sync()
    assert bob.said(late)["outcome"] == "merged", "Bob had not seen what Ann wrote"
    assert world.record(ANN, ONE)["fields"]["title"] == "late"
    assert ann.edit(ONE, {"title": "settled"}, seen=world.record(ANN, ONE)["seq"])["outcome"] == "applied"


def test_L1_a_record_that_had_moved_is_lifted_where_it_lives_and_where_it_lived(world: World) -> None:
    ann, _bob = years_ago(world)
    before = lifted(world.record(ANN, ONE))
    late = ann.write(ONE, {"old_title": "LATE"}, schema=1)
    world.engine.move(ONE, BOOK, OTHER_BOOK, "m")
    today(world)
    assert world.engine.lift_records() == 3
    assert content(world.record(CHIEF, ONE)) == before
    ann.sync()
    assert ann.said(late)["reason"] == "moved"
    world.engine.let_in(CHIEF, OTHER_BOOK, late["id"])
    assert world.record(CHIEF, ONE)["fields"]["title"] == "late"


def test_M11_a_hidden_record_stays_hidden_when_it_is_lifted(world: World) -> None:
    years_ago(world)
    boss = world.phone(Person("boss", held_roles=frozenset({"member", "lead"})))
    boss.sync()
    boss.edit(TWO, void=True, schema=1)
    today(world)
    world.engine.lift_records()
    assert world.record(ANN, TWO)["void"] is True
