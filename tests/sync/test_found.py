"""What the searches have found (all orders, simulation, model): each failure once more, by its name."""

from __future__ import annotations

import copy

from sync.ids import derived
from tests.sync.orders import Told, orders, play
from tests.sync.toys import BOOK, OTHER_BOOK, TOY, Person, World, lead

ANN, BOB = Person("ann"), Person("bob")
RECORD = derived("toy", "1")


def told(number: int, device: str, value: str, *saw: int, late: bool = False) -> Told:
    return Told(number, device, {"name": value}, frozenset(saw), 10 * number, late=late)


def test_M7_whether_a_conflict_was_open_is_asked_at_seen_whenever_an_own_held_edit_is_let_in() -> None:
    """Found by all orders: an own edit, let in later, was counted to what the writer had seen, or not, by its place."""
    story = (told(1, "bob", "b"), told(2, "ann", "a"), told(3, "ann", "c", 1))
    held = (story[0], story[2], told(2, "ann", "a", late=True))
    ends = [play(TOY, order) for order in orders(held)]
    assert len(ends) == 2
    assert ends[0] == ends[1] == play(TOY, story)
    assert ends[0].fields == {"name": "c"}


def test_X2_a_call_that_its_phone_gave_up_is_a_repeat_when_it_comes_late_and_no_copy(world: World) -> None:
    """Found by the simulation: the delayed call knew of fewer ids than the book held since, and ended the session."""
    phone = world.phone(ANN)
    first = phone.create(RECORD, {"title": "a"})
    delayed = copy.deepcopy(phone.request())
    phone.write(RECORD, {"title": "b"})
    phone.sync()
    receipts = world.engine.sync(ANN, delayed)["receipts"]
    assert [(each["id"], each["outcome"], each["seq"]) for each in receipts] == [(first["id"], "applied", 1)]
    assert world.record(ANN, RECORD)["fields"] == {"title": "b"}


def test_S7_a_record_does_not_move_onto_another_one_of_the_same_id(world: World) -> None:
    """Found while the simulation was written: what stood there was overwritten."""
    chief = Person("lead", held_roles=lead().held_roles, follows={BOOK: "write", OTHER_BOOK: "write"})
    phone = world.phone(chief)
    phone.create(RECORD, {"title": "here"})
    phone.create(RECORD, {"title": "there"}, book=OTHER_BOOK)
    phone.sync()
    assert world.engine.move(RECORD, BOOK, OTHER_BOOK, "m1") is None
    assert world.engine.record(Person("heir", follows={OTHER_BOOK: "write"}), RECORD)["fields"] == {"title": "there"}
