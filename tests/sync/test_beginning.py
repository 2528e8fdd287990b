"""The short way into an empty record is no other rule: it gives what the long way gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.ids import derived
from sync.merge import Incoming
from tests.sync.beginnings import cases, compare, short_way
from tests.sync.toys import START, TOY, Person, World, a_field

ANN, BOB = Person("ann"), Person("bob")
BALL = derived("toy", "1")


@pytest.mark.parametrize("seed", range(4))
def test_M1_a_record_begins_the_same_the_short_way_and_the_long(seed: int) -> None:
    for values, follow in cases(TOY, seed, 150):
        compare(TOY, values, follow)


def test_M11_a_change_that_hides_begins_nothing_the_short_way() -> None:
    for void in (True, False):
        hiding = Incoming("change 1", "a device", "somebody", 0, START, {"title": "ball"}, void)
        with pytest.raises(AssertionError):
            short_way(TOY, hiding)


def test_M1_texts_by_key_begin_the_long_way() -> None:
    texts = replace(TOY, name="texts", fields=(a_field("said", "keep_all", example={"text": "x"}, keyed=True),))
    with pytest.raises(AssertionError):
        short_way(texts, Incoming("change 1", "a device", "somebody", 0, START, {"said": {"a": {"text": "x"}}}))


def test_M6_what_one_call_creates_and_edits_twice_is_one_chain(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(BALL, {"title": "ball", "tags": {"red": "yes"}, "finder": "ann"})
    phone.write(BALL, {"title": "a ball", "tags": {"red": None, "blue": "yes"}})
    phone.write(BALL, {"finder": "somebody"})
    reply = phone.sync()
    assert [(each["outcome"], each["seq"]) for each in reply["receipts"]] == [
        ("applied", 1),
        ("applied", 2),
        ("applied", 3),
    ]
    record = phone.records[BALL]
    assert record["fields"] == {"title": "a ball", "tags": {"blue": "yes"}, "finder": "somebody"}
    assert record["seq"] == 3
    assert "others" not in record
    again = world.phone(BOB)
    again.sync()
    assert again.records[BALL]["fields"] == record["fields"]
