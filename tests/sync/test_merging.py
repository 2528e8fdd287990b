"""M: what becomes of edits that did not know of each other, through the whole door."""

from __future__ import annotations

from typing import Any

import pytest

from sync.clock import from_text, to_text
from sync.ids import derived
from tests.sync.toys import START, Json, Person, Phone, World, lead

TOY = derived("toy", "1")
ANN, BOB = Person("ann"), Person("bob")


def two(world: World, values: Json | None = None) -> tuple[Phone, Phone]:
    """Two phones that have both seen the same new record."""
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(TOY, values or {"title": "ball"})
    ann.sync()
    bob.sync()
    ann.sync()
    return ann, bob


def clash(world: World, ann_says: Json, bob_says: Json, values: Json | None = None) -> Json:
    """Both write without having seen each other, Ann earlier, Bob's arriving first; gives the record."""
    ann, bob = two(world, values)
    ann.write(TOY, ann_says)
    bob.write(TOY, bob_says)
    bob.sync()
    ann.sync()
    return world.record(ANN, TOY)


def step(come_from: str | None, to: str, cycle: int = 1) -> Json:
    return {"status": {"from": come_from, "to": to, "cycle": cycle}}


@pytest.mark.parametrize(
    ("before", "ann", "bob", "after"),
    [
        ({"title": "x"}, {"title": "a"}, {"title": "b"}, {"title": "b"}),
        ({"title": "x"}, {"finder": "a"}, {"finder": "b"}, {"title": "x", "finder": "a"}),
        ({"rank": 1}, {"rank": 5}, {"rank": 3}, {"rank": 5}),
        ({"severity": "low"}, {"severity": "high"}, {"severity": "mid"}, {"severity": "high"}),
        ({"tags": {"x": "1"}}, {"tags": {"x": None}}, {"tags": {"x": "2"}}, {"tags": {"x": "2"}}),
        ({"tags": {"x": "1"}}, {"tags": {"y": "2"}}, {"tags": {"z": "3"}}, {"tags": {"x": "1", "y": "2", "z": "3"}}),
        ({"ticks": {"door": False}}, {"ticks": {"door": True}}, {"ticks": {"door": False}}, {"ticks": {"door": True}}),
        ({"started": "2026-06-13T08:00:00Z"}, {"started": "2026-06-13T07:00:00Z"}, {"started": "2026-06-13T09:00:00Z"},
         {"started": "2026-06-13T07:00:00Z"}),
    ],
)  # fmt: skip
def test_M2_each_rule_settles_what_two_wrote_apart(
    world: World, before: Json, ann: Json, bob: Json, after: Json
) -> None:
    assert clash(world, ann, bob, before)["fields"] == after


def test_M2_first_keeps_the_claim_of_the_winner_it_saw(world: World) -> None:
    ann, bob = two(world)
    cy = world.phone(Person("cy"))
    cy.sync()
    ann.write(TOY, {"finder": "ann"})
    late = cy.write(TOY, {"finder": "cy"})
    ann.sync()
    bob.sync()
    bob.edit(TOY, {"finder": "bob, taking over from ann"})
    cy.sync()
    record = world.record(ANN, TOY)
    assert record["fields"]["finder"] == "bob, taking over from ann"
    assert record["others"]["finder"][0]["change"] == late["id"]


def test_M2_keep_all_keeps_both_and_a_rewrite_replaces_its_own(world: World) -> None:
    ann, bob = two(world, {"notes": {"text": "first"}})
    ann.write(TOY, {"notes": {"text": "first, corrected"}})
    bob.write(TOY, {"notes": {"text": "bob's"}})
    bob.sync()
    ann.sync()
    assert [note["text"] for note in world.record(ANN, TOY)["fields"]["notes"]] == ["first, corrected", "bob's"]
    bob.sync()
    named = [note["change"] for note in bob.records[TOY]["fields"]["notes"] if note["by"] == ANN.account]
    bob.edit(TOY, {"notes": {"text": "both in one", "replaces": named}})
    assert [note["text"] for note in world.record(ANN, TOY)["fields"]["notes"]] == ["both in one"]


def test_M2_progress_never_goes_back(world: World) -> None:
    record = clash(world, step("open", "done"), step("open", "working"), step(None, "open"))
    assert record["fields"]["status"] == {"status": "done", "cycle": 1}
    assert record["others"]["status"][0]["value"] == {"status": "working", "cycle": 1}


def test_M2_two_different_ends_wait_for_a_person_and_a_higher_cycle_closes_them(world: World) -> None:
    boss, bob = world.phone(lead()), world.phone(BOB)
    boss.create(TOY, step(None, "open"))
    boss.sync()
    bob.sync()
    boss.sync()
    boss.write(TOY, {**step("open", "dropped"), "reason": "broken"})
    bob.write(TOY, step("open", "done"))
    boss.sync()
    bob.sync()
    values = [each["value"]["status"] for each in world.record(BOB, TOY)["conflicts"]["status"]]
    assert values == ["dropped", "done"]
    bob.sync()
    assert bob.edit(TOY, step("done", "working", cycle=2))["outcome"] == "merged"
    assert world.record(BOB, TOY)["fields"]["status"] == {"status": "working", "cycle": 2}
    assert "conflicts" not in world.record(BOB, TOY)


def test_M2_fixed_is_set_by_the_creation_only(world: World) -> None:
    ann, bob = two(world, {"kind": "round"})
    assert bob.edit(TOY, {"kind": "square"})["reason"] == "fixed"
    assert bob.edit(TOY, {"kind": "round"})["outcome"] == "applied"
    assert ann.edit(TOY, {"title": "x"})["outcome"] == "applied"


def test_M2_an_edit_of_an_owned_field_by_somebody_else_is_a_suggestion(world: World) -> None:
    ann, _bob = two(world)
    receipt = ann.edit(TOY, {"price": 3})
    assert (receipt["outcome"], receipt["reason"]) == ("held", "suggestion")


def test_M4_equal_values_are_agreement(world: World) -> None:
    assert "conflicts" not in clash(world, {"name": "Red"}, {"name": "Red"})


def test_M4_a_conflict_whose_candidates_come_to_agree_is_closed(world: World) -> None:
    ann, bob = two(world)
    ann.write(TOY, {"name": "Red"})
    bob.write(TOY, {"name": "Blue"})
    ann.sync()
    bob.sync()
    assert "name" in world.record(ANN, TOY)["conflicts"]
    ann.sync()
    assert ann.edit(TOY, {"name": "Blue"})["outcome"] == "merged"
    after = world.record(ANN, TOY)
    assert after["fields"]["name"] == "Blue"
    assert "conflicts" not in after


def test_M5_at_is_never_later_than_the_receipt(world: World) -> None:
    phone = world.phone(ANN)
    phone.edit(TOY, {"title": "x"}, create=True, made_at=to_text(START + 10**9))
    assert from_text(world.record(ANN, TOY)["changed_at"]) == world.clock.now()


def test_M5_at_follows_everything_that_the_writer_saw(world: World) -> None:
    ann, bob = two(world)
    ann.edit(TOY, {"title": "later"})
    bob.sync()
    bob.edit(TOY, {"title": "made by a clock two hours slow"}, made_at=to_text(START - 7_200_000))
    record = world.record(ANN, TOY)
    assert record["fields"]["title"] == "made by a clock two hours slow"
    history: Any = world.engine.history(ANN, TOY)
    at = [from_text(each["at"]) for each in history["changes"]]
    assert at == sorted(at)
    assert at[2] == at[1] + 1


def test_M6_only_the_newest_of_a_devices_chain_stands(world: World) -> None:
    ann, bob = two(world)
    ann.write(TOY, {"title": "ann 1"})
    bob.write(TOY, {"title": "bob"})
    ann.sync()
    bob.sync()
    stale = ann.write(TOY, {"title": "ann 2"}, seen=1)
    ann.sync()
    record = world.record(ANN, TOY)
    assert record["fields"]["title"] == "ann 2"
    assert [each["value"] for each in record["others"]["title"]] == ["bob"]
    assert ann.said(stale)["outcome"] == "merged"


def test_M6_an_older_change_that_arrives_late_does_not_stand(world: World) -> None:
    ann, _bob = two(world)
    older, newer = ann.write(TOY, {"title": "older"}), ann.write(TOY, {"title": "newer"})
    ann.outbox = [newer, older]
    ann.sync()
    assert world.record(ANN, TOY)["fields"]["title"] == "newer"
    assert ann.said(older)["fields"] == {"title": "kept_other"}


def test_M7_a_decision_leaves_standing_what_it_had_not_seen(world: World) -> None:
    ann, bob, boss = world.phone(ANN), world.phone(BOB), world.phone(lead())
    cy = world.phone(Person("cy"))
    ann.create(TOY, {"title": "x"})
    for phone in (ann, bob, boss, cy):
        phone.sync()
    ann.write(TOY, {"name": "a"})
    bob.write(TOY, {"name": "b"})
    cy.write(TOY, {"name": "c"})
    ann.sync()
    bob.sync()
    boss.sync()
    decision = boss.write(TOY, {"name": "a"})
    cy.sync()
    boss.sync()
    assert boss.said(decision)["outcome"] == "conflict"
    assert [each["value"] for each in world.record(ANN, TOY)["conflicts"]["name"]] == ["c", "a"]


def test_M8_the_writer_of_a_losing_value_is_told_and_it_is_kept(world: World) -> None:
    record = clash(world, {"title": "a"}, {"title": "b"})
    assert [each["value"] for each in record["others"]["title"]] == ["a"]
    history: Any = world.engine.history(ANN, TOY)
    assert [each["set"] for each in history["changes"]] == [{"title": "ball"}, {"title": "b"}, {"title": "a"}]


def test_M9_two_creations_of_the_same_thing_merge(world: World) -> None:
    ann, bob = world.phone(ANN), world.phone(BOB)
    ann.create(TOY, {"kind": "round", "tags": {"a": "1"}})
    bob.create(TOY, {"kind": "round", "tags": {"b": "2"}})
    ann.sync()
    bob.sync()
    assert bob.records[TOY]["fields"] == {"kind": "round", "tags": {"a": "1", "b": "2"}}


def test_M9_two_creations_that_differ_in_what_is_fixed_are_a_conflict(world: World) -> None:
    ann, boss = world.phone(ANN), world.phone(lead())
    ann.create(TOY, {"kind": "round"})
    boss.create(TOY, {"kind": "square"})
    ann.sync()
    boss.sync()
    assert [each["value"] for each in world.record(ANN, TOY)["conflicts"]["kind"]] == ["round", "square"]
    assert boss.edit(TOY, {"kind": "square"})["outcome"] == "applied"
    assert world.record(ANN, TOY)["fields"]["kind"] == "square"


def test_M10_a_console_form_merges_from_the_seen_it_was_rendered_with(world: World) -> None:
    ann, _bob = two(world)
    boss = lead()
    rendered = world.record(boss, TOY)["seq"]
    ann.edit(TOY, {"severity": "high"})
    form = {"book": world.record(boss, TOY)["book"], "record": TOY, "type": "toy", "seen": rendered}
    assert world.engine.edit(boss, **form, set={"severity": "mid"})["fields"] == {"severity": "kept_other"}
    assert world.record(boss, TOY)["fields"]["severity"] == "high"


def test_M11_a_void_that_has_seen_everything_hides(world: World) -> None:
    ann, _bob = two(world)
    boss = world.phone(lead())
    boss.sync()
    assert boss.edit(TOY, void=True)["outcome"] == "applied"
    assert world.record(ANN, TOY)["void"] is True
    ann.sync()
    assert ann.edit(TOY, {"title": "x"})["reason"] == "void"
    assert boss.edit(TOY, {"title": "x"}, void=False)["outcome"] == "applied"
    assert world.record(ANN, TOY)["void"] is False


def test_M11_an_edit_that_the_void_did_not_see_keeps_the_record_visible(world: World) -> None:
    ann, _bob = two(world)
    boss = world.phone(lead())
    boss.sync()
    ann.write(TOY, {"title": "new"})
    boss.write(TOY, void=True)
    boss.sync()
    ann.sync()
    record = world.record(ANN, TOY)
    assert (record["void"], [each["value"] for each in record["conflicts"]["void"]]) == (False, [True])
    assert record["fields"]["title"] == "new"


def test_M11_a_void_by_a_member_is_not_allowed(world: World) -> None:
    ann, _bob = two(world)
    assert ann.edit(TOY, void=True)["reason"] == "not_allowed"


def test_M12_a_step_from_where_the_writer_did_not_stand_is_refused(world: World) -> None:
    ann, _bob = two(world, step(None, "open"))
    assert ann.edit(TOY, step("working", "done"))["reason"] == "not_from_here"
    assert ann.edit(TOY, step("open", "working", cycle=2))["reason"] == "not_from_here"
    assert ann.edit(TOY, step("open", "paused"))["reason"] == "no_such_step"


def test_M12_steps_follow_the_own_earlier_ones_unsent(world: World) -> None:
    ann, bob = two(world, step(None, "open"))
    bob.edit(TOY, step("open", "done"))
    steps = [ann.write(TOY, step("open", "working")), ann.write(TOY, step("working", "paused"))]
    ann.sync()
    assert [ann.said(each)["outcome"] for each in steps] == ["merged", "merged"]
    assert world.record(ANN, TOY)["fields"]["status"] == {"status": "done", "cycle": 1}


def test_M12_what_arrived_since_never_refuses(world: World) -> None:
    ann, bob = two(world, {"level": "free"})
    bob.edit(TOY, {"level": "locked"})
    assert ann.edit(TOY, {"title": "written before the lock"}, seen=1)["outcome"] == "applied"
    bob.sync()
    assert bob.edit(TOY, {"title": "written after it"})["reason"] == "not_allowed"


def test_M12_a_seen_that_is_no_seq_of_the_record_counts_as_nothing(world: World) -> None:
    ann, _bob = two(world)
    ann.create(derived("toy", "2"), {"title": "other"})
    ann.sync()
    assert ann.edit(TOY, {"title": "y"}, seen=2)["outcome"] == "applied"
    bob = world.phone(BOB)
    assert bob.edit(TOY, {"title": "z"}, seen=2, epoch=world.engine.epoch)["outcome"] == "merged"


def test_M13_a_step_travels_with_what_it_requires_or_is_refused_whole(world: World) -> None:
    boss = world.phone(lead())
    boss.edit(TOY, step(None, "open"), create=True)
    receipt = boss.edit(TOY, {**step("open", "dropped"), "title": "not taken either"})
    assert (receipt["reason"], list(receipt["errors"])) == ("requires", ["reason"])
    assert "title" not in world.record(ANN, TOY)["fields"]
    assert boss.edit(TOY, {**step("open", "dropped"), "reason": "x"})["outcome"] == "applied"


def test_M14_the_outcome_is_that_of_the_heaviest_field(world: World) -> None:
    ann, bob = two(world)
    ann.edit(TOY, {"title": "a", "name": "Red", "severity": "high", "tags": {"a": "1"}}, seen=1)
    bob.write(TOY, {"title": "b", "name": "Blue", "severity": "low", "tags": {"b": "1"}})
    receipt = bob.sync()["receipts"][0]
    assert receipt["outcome"] == "conflict"
    assert receipt["fields"] == {"title": "merged", "name": "conflict", "severity": "kept_other"}
