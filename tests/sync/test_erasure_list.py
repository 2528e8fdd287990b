"""The list of erasures that outlives the database, and a database that was set back to before them (S4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from sync import tables
from sync.database import metadata
from sync.engine import Engine
from sync.epochs import begin_epoch
from sync.erasures import SETTLED, Erased, ErasureList, UnreadableListError, erase_again
from sync.ids import derived
from tests.sync.toys import BOOK, OTHER_BOOK, TYPES, Json, Person, Phone, World

ANN, BOB = Person("ann"), Person("bob")
TOY = derived("toy", "1")
DUTY: Json = {"type": "duty", "schema": 1}


class PowerCut(Exception):
    """Stands for the end of the process: nothing after it is run."""


@pytest.fixture
def noted(tmp_path: Path) -> ErasureList:
    return ErasureList(tmp_path / "erasures.jsonl")


@pytest.fixture
def listed(world: World, noted: ErasureList) -> World:
    """A world whose erasures are noted."""
    world.engine = Engine(world.database, TYPES, world.clock, erasures=noted)
    return world


def remember(world: World, noted: ErasureList) -> Callable[[], int]:
    """A backup as it is now; calling it restores that, erases again and begins the next epoch."""
    kept = {table: world.rows(table) for table in metadata.sorted_tables}

    def restore() -> int:
        with world.database.write() as conn:
            for table, rows in kept.items():
                conn.execute(delete(table))
                if rows:
                    conn.execute(insert(table), rows)
            erased = erase_again(world.engine._shop(), conn, noted.entries())
            begin_epoch(conn, world.engine.ids.new(), world.clock.now())
        world.engine = Engine(world.database, TYPES, world.clock, erasures=noted)
        return erased

    return restore


def offer_again(phone: Phone, *journal: Json) -> None:
    reply = phone.world.engine.sync(phone.person, phone.request())
    assert reply["reoffer"] is True
    phone.epoch, phone.cursors = reply["epoch"], {}
    phone.outbox = [*journal, *phone.outbox]
    phone.sync()


def test_S4_what_was_erased_after_the_backup_is_erased_again_and_stays_so(listed: World, noted: ErasureList) -> None:
    ann, bob = listed.phone(ANN), listed.phone(BOB)
    made = ann.create(TOY, {"title": "private", "photos": {"a" * 64: {"bytes": 1}}})
    ann.sync()
    restore = remember(listed, noted)
    edit = ann.write(TOY, {"title": "also private"})
    ann.sync()
    listed.engine.erase(BOOK, TOY)
    assert restore() == 1
    assert "private" not in str([listed.rows(each) for each in (tables.change, tables.parked, tables.record)])
    assert listed.rows(tables.named) == []
    offer_again(ann, made, edit)
    # The first has had its receipt; of the other nothing is kept.
    assert [ann.said(each)["outcome"] for each in (made, edit)] == ["applied", "refused"]
    assert ann.said(edit)["reason"] == "gone"
    bob.sync()
    assert TOY not in bob.records
    assert "private" not in str(listed.rows(tables.parked))


def test_S4_what_came_and_went_after_the_backup_does_not_come_back(listed: World, noted: ErasureList) -> None:
    ann = listed.phone(ANN)
    ann.sync()
    restore = remember(listed, noted)
    made = ann.create(TOY, {"title": "private"})
    ann.sync()
    listed.engine.erase(BOOK, TOY)
    assert restore() == 1
    offer_again(ann, made)
    assert ann.said(made)["reason"] == "gone"
    page = listed.phone(BOB).sync()["books"][0]
    assert (page["erased"], page["records"]) == ([TOY], [])
    assert "private" not in str([listed.rows(each) for each in (tables.change, tables.parked, tables.record)])


def test_S4_what_had_been_erased_before_the_backup_is_not_erased_twice(listed: World, noted: ErasureList) -> None:
    listed.phone(ANN).edit(TOY, {"title": "a"}, create=True)
    listed.engine.erase(BOOK, TOY)
    assert remember(listed, noted)() == 0
    assert [row["head"] for row in listed.rows(tables.book) if row["id"] == BOOK] == [2]


def test_S4_a_record_that_began_again_before_the_backup_stands(listed: World, noted: ErasureList) -> None:
    ann = listed.phone(ANN)
    ann.edit(TOY, {"who": "ann"}, create=True, **DUTY)
    listed.engine.erase(BOOK, TOY)
    ann.sync()
    assert ann.edit(TOY, {"who": "ann again"}, create=True, **DUTY)["outcome"] == "applied"
    assert remember(listed, noted)() == 0
    assert listed.record(ANN, TOY)["fields"] == {"who": "ann again"}


def test_S4_a_record_that_began_again_after_the_backup_comes_back_as_that(listed: World, noted: ErasureList) -> None:
    ann = listed.phone(ANN)
    first = ann.create(TOY, {"who": "ann"}, **DUTY)
    ann.sync()
    restore = remember(listed, noted)
    listed.engine.erase(BOOK, TOY)
    ann.sync()
    again = ann.create(TOY, {"who": "ann again"}, **DUTY)
    ann.sync()
    assert restore() == 1
    offer_again(ann, first, again)
    assert ann.said(again)["outcome"] == "applied"
    assert listed.record(ANN, TOY)["fields"] == {"who": "ann again"}


def test_S4_a_record_may_be_erased_as_often_as_it_is_made(listed: World, noted: ErasureList) -> None:
    ann = listed.phone(ANN)
    for _ in range(2):
        assert ann.edit(TOY, {"who": "ann"}, create=True, **DUTY)["outcome"] == "applied"
        listed.clock.move(1)
        listed.engine.erase(BOOK, TOY)
        ann.sync()
    assert [row["seq"] for row in listed.rows(tables.erasure)] == [4]
    assert [(each.record, each.books) for each in noted.entries()] == [(TOY, (BOOK,))] * 2


def test_S4_a_record_that_moved_and_was_erased_is_erased_where_the_backup_has_it(
    listed: World, noted: ErasureList
) -> None:
    ann = listed.phone(ANN)
    made = ann.create(TOY, {"title": "private"})
    ann.sync()
    restore = remember(listed, noted)
    assert listed.engine.move(TOY, BOOK, OTHER_BOOK, "m1") == 1
    listed.engine.erase(OTHER_BOOK, TOY)
    assert [each.books for each in noted.entries()] == [tuple(sorted((BOOK, OTHER_BOOK)))]
    assert restore() == 1
    offer_again(ann, made, ann.create(TOY, {"title": "private"}, book=OTHER_BOOK))
    assert "private" not in str([listed.rows(each) for each in (tables.change, tables.parked, tables.record)])


def test_S4_an_erasure_is_on_the_disk_before_it_is_committed(
    listed: World, noted: ErasureList, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = listed.phone(ANN)
    ann.edit(TOY, {"title": "private"}, create=True)
    restore = remember(listed, noted)
    note = noted.note

    def and_die(each: Erased) -> None:
        note(each)
        raise PowerCut

    monkeypatch.setattr(noted, "note", and_die)
    with pytest.raises(PowerCut):
        listed.engine.erase(BOOK, TOY)
    assert listed.record(ANN, TOY)["fields"] == {"title": "private"}
    # What was begun counts as done for whoever sets the database back.
    assert restore() == 1
    assert listed.engine.record(ANN, TOY) is None


def test_S4_where_the_list_cannot_be_written_nothing_is_erased(listed: World, noted: ErasureList) -> None:
    listed.phone(ANN).edit(TOY, {"title": "x"}, create=True)
    noted.path.mkdir()
    with pytest.raises(IsADirectoryError):
        listed.engine.erase(BOOK, TOY)
    assert listed.record(ANN, TOY)["fields"] == {"title": "x"}


def test_S4_list_and_database_agree_when_a_server_starts(listed: World, noted: ErasureList) -> None:
    ann = listed.phone(ANN)
    for number in range(3):
        ann.edit(derived("toy", str(number)), {"title": "x"}, create=True)
    listed.engine.erase(BOOK, derived("toy", "0"))
    noted.path.unlink()  # the list was lost
    noted.note(Erased(derived("toy", "1"), "toy", (BOOK,), listed.clock.now()))  # begun, and never committed
    listed.engine.agree_on_erasures()
    assert {each.record for each in noted.entries()} == {derived("toy", "0"), derived("toy", "1")}
    listed.clock.move(SETTLED + 1)
    before = noted.path.read_bytes()
    listed.engine.agree_on_erasures()
    assert [each.record for each in noted.entries()] == [derived("toy", "0")]
    assert noted.path.read_bytes().startswith(before)
    after = noted.path.read_bytes()
    listed.engine.agree_on_erasures()
    assert noted.path.read_bytes() == after


def test_S4_a_line_cut_short_by_a_power_cut_is_none_and_the_next_is_whole(noted: ErasureList) -> None:
    first, second = (Erased(derived("toy", str(number)), "toy", (BOOK,), number) for number in range(2))
    noted.note(first)
    with noted.path.open("ab") as file:
        file.write(b'{"erased": "01')
    assert noted.entries() == [first]
    noted.note(second)
    assert noted.entries() == [first, second]


def test_S4_a_list_that_somebody_has_spoilt_is_not_passed_over(noted: ErasureList) -> None:
    noted.note(Erased(TOY, "toy", (BOOK,), 1))
    noted.path.write_bytes(b"garbage\n" + noted.path.read_bytes())
    with pytest.raises(UnreadableListError) as error:
        noted.entries()
    assert error.value.line == 1
