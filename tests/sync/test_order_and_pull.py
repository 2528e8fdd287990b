"""O and S: what a phone is given, in what order, and to whom."""

from __future__ import annotations

import gzip
import random
from typing import Any

import orjson
import pytest
from sqlalchemy import event

from sync import tables
from sync.ids import derived
from sync.protocol import CallError
from sync.pull import packed_size
from tests.sync.toys import BOOK, OTHER_BOOK, Person, World, lead

ANN, BOB = Person("ann"), Person("bob")
BOTH = Person("both", follows={BOOK: "write", OTHER_BOOK: "write"})


def toy(number: int) -> str:
    return derived("toy", str(number))


def fill(world: World, count: int) -> None:
    phone = world.phone(Person("filler"))
    for number in range(count):
        phone.create(toy(number), {"title": str(number)})
    phone.sync()


def test_O1_seqs_have_no_gap_over_refused_held_and_repeated_changes(world: World) -> None:
    phone = world.phone(ANN)
    kinds: list[dict[str, Any]] = [{"title": "x"}, {"title": 7}, {"price": 1}]
    for number in range(9):
        phone.create(toy(number), kinds[number % 3])
    world.engine.sync(ANN, phone.request())
    phone.sync()
    assert [row["seq"] for row in world.rows(tables.change)] == [1, 2, 3]
    assert [row["head"] for row in world.rows(tables.book) if row["id"] == BOOK] == [3]


def test_O2_a_record_comes_once_in_its_latest_state_by_rising_seq(world: World) -> None:
    fill(world, 3)
    phone = world.phone(BOB)
    phone.sync()
    phone.edit(toy(0), {"title": "new"})
    reply = world.phone(Person("cy")).sync()
    records = reply["books"][0]["records"]
    assert [(record["id"], record["seq"]) for record in records] == [(toy(1), 2), (toy(2), 3), (toy(0), 4)]
    assert records[-1]["fields"]["title"] == "new"


def test_O3_paging_while_others_write_misses_nothing(world: World) -> None:
    fill(world, 10)
    reader, writer = world.phone(BOB), world.phone(ANN)
    writer.sync()
    rounds = 0
    while reader.sync(limit=3)["more"]:
        rounds += 1
        if rounds < 5:
            writer.edit(toy(rounds), {"title": f"round {rounds}"})
            writer.create(toy(100 + rounds), {"title": "late"})
            writer.sync()
    assert reader.records == {row["id"]: world.record(BOB, row["id"]) for row in world.rows(tables.record)}
    assert rounds >= 5


def test_O3_a_cursor_is_the_last_seq_fully_read_and_names_its_change(world: World) -> None:
    fill(world, 5)
    page = world.phone(BOB).sync(limit=2)["books"][0]
    third = next(row["id"] for row in world.rows(tables.change) if row["seq"] == 2)
    assert (page["cursor"], page["head"]) == ([2, third, "all"], 5)


def test_O3_the_limit_counts_over_all_books(world: World) -> None:
    phone = world.phone(BOTH)
    for number in range(8):
        phone.create(toy(number), {"title": "x"}, book=(BOOK, OTHER_BOOK)[number % 2])
    phone.sync()
    fresh = world.phone(BOTH)
    reply = fresh.sync(limit=5)
    assert (sum(len(page["records"]) for page in reply["books"]), reply["more"]) == (5, True)
    assert fresh.sync(limit=5)["more"] is False
    assert len(fresh.records) == 8


def test_O3_a_reply_ends_at_about_a_mebibyte_compressed(world: World) -> None:
    chance = random.Random(1)
    phone = world.phone(ANN)
    for batch in range(3):
        for number in range(500):
            noise = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(600))
            phone.create(toy(batch * 500 + number), {"title": noise})
        phone.sync(limit=0)
    fresh = world.phone(BOB)
    assert fresh.sync()["more"] is True
    while fresh.sync()["more"]:
        continue
    assert len(fresh.records) == 1500


def test_O4_what_one_book_refuses_another_still_takes(world: World) -> None:
    phone = world.phone(BOTH)
    phone.create(toy(1), {"title": "x"})
    phone.create(toy(2), {"title": "x"}, book=derived("nowhere"))
    phone.create(toy(3), {"title": "x"}, book=OTHER_BOOK)
    assert [each["outcome"] for each in phone.sync()["receipts"]] == ["applied", "refused", "applied"]


def test_O5_a_restored_record_is_pushed_and_pulled_in_one_reply(world: World) -> None:
    fill(world, 2)
    phone = world.phone(BOB)
    phone.sync()
    phone.write(toy(1), {"title": "mine"})
    reply = phone.sync()
    assert reply["books"][0]["records"][0]["seq"] == reply["receipts"][0]["seq"] == 3


def test_O6_an_idle_call_is_one_look_at_the_heads(world: World) -> None:
    fill(world, 3)
    phone = world.phone(BOTH)
    phone.sync()
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(world.database.sql_engine, "before_cursor_execute", note)
    assert phone.sync()["books"] == []
    event.remove(world.database.sql_engine, "before_cursor_execute", note)
    # PostgreSQL's driver says BEGIN by itself.
    assert [each.split()[0] for each in statements if each != "BEGIN"] == ["SELECT"]
    assert _finds_heads_by_index(world)


def _finds_heads_by_index(world: World) -> bool:
    query = "SELECT head FROM book WHERE id IN ('a', 'b')"
    with world.database.read() as conn:
        if world.kind == "sqlite":
            return "SEARCH book USING INDEX" in str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
        # Of two books it would rather read the one page they are on.
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = str(conn.exec_driver_sql(f"EXPLAIN {query}").all())
    return "pk_book" in plan and "Seq Scan" not in plan


def test_S1_only_the_books_of_the_persons_places_are_given(world: World) -> None:
    phone = world.phone(BOTH)
    phone.create(toy(1), {"title": "x"}, book=OTHER_BOOK)
    phone.sync()
    assert [page["book"] for page in world.phone(ANN).sync()["books"]] == [BOOK]
    assert world.engine.record(ANN, toy(1)) is None
    assert world.engine.history(ANN, toy(1)) is None


def test_S1_only_asked_for_books_are_pulled(world: World) -> None:
    assert [page["book"] for page in world.phone(BOTH).sync(only=[OTHER_BOOK])["books"]] == [OTHER_BOOK]


def test_S1_a_record_out_of_sight_is_not_given_by_any_door(world: World) -> None:
    boss, other = world.phone(lead()), Person("cy", sees_secrets=False)
    boss.create(toy(1), {"level": "secret"})
    boss.sync()
    assert world.phone(other).sync()["books"][0]["records"] == []
    assert world.engine.record(other, toy(1)) is None
    assert world.engine.history(other, toy(1)) is None


def test_S2_a_lost_book_is_named_as_dropped(world: World) -> None:
    person = Person("ann", follows={BOOK: "write", OTHER_BOOK: "write"})
    phone = world.phone(person)
    phone.sync()
    person.follows = {BOOK: "write"}
    late = phone.create(toy(1), {"title": "x"}, book=OTHER_BOOK)
    assert phone.sync()["dropped"] == [OTHER_BOOK]
    assert phone.said(late)["reason"] == "not_entitled"


def test_S3_a_book_that_may_only_be_read_holds_what_is_written(world: World) -> None:
    reader = world.phone(Person("cy", follows={BOOK: "read"}))
    assert reader.edit(toy(1), {"title": "x"}, create=True)["outcome"] == "held"


def test_S8_another_scope_begins_again_at_0(world: World) -> None:
    fill(world, 2)
    person = Person("cy", sees_secrets=False)
    phone = world.phone(person)
    phone.sync()
    person.sees_secrets = True
    page = phone.sync()["books"][0]
    assert (page["restart"], len(page["records"]), page["cursor"][2]) == (True, 2, "all")
    assert phone.sync()["books"] == []


def test_S8_only_what_may_have_been_pulled_is_forgotten(world: World) -> None:
    boss, other = world.phone(lead()), world.phone(Person("cy", sees_secrets=False))
    boss.create(toy(1), {"title": "x"})
    boss.create(toy(2), {"level": "secret"})
    boss.sync()
    other.sync()
    boss.edit(toy(1), {"level": "secret"})
    boss.edit(toy(2), {"title": "still secret"})
    page = other.sync()["books"][0]
    assert (page["forget"], page["records"]) == ([toy(1)], [])


def test_L1_an_old_protocol_may_push_and_is_asked_to_upgrade(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(toy(1), {"title": "x"})
    reply = phone.sync(protocol=0)
    assert (reply["receipts"][0]["outcome"], reply["books"], reply["upgrade"]) == ("applied", [], True)


def test_L1_an_old_schema_is_lifted(world: World) -> None:
    phone = world.phone(ANN)
    receipt = phone.edit(toy(1), {"old_title": "FROM LAST YEAR"}, create=True, schema=1)
    assert receipt["outcome"] == "applied"
    assert world.record(ANN, toy(1))["fields"] == {"title": "from last year"}
    assert world.engine.history(ANN, toy(1)) is not None


def test_L1_an_old_change_that_fits_no_schema_is_refused_alone(world: World) -> None:
    phone = world.phone(ANN)
    bad, good = phone.create(toy(1), {"old_title": 7}, schema=1), phone.create(toy(2), {"title": "x"})
    phone.sync()
    assert (phone.said(bad)["reason"], phone.said(good)["outcome"]) == ("invalid", "applied")


def test_L3_a_cursor_beyond_the_head_makes_the_phone_offer_again(world: World) -> None:
    fill(world, 2)
    phone = world.phone(BOB)
    phone.sync()
    phone.cursors[BOOK][0] = 99
    unsent = phone.write(toy(1), {"title": "x"})
    reply = world.engine.sync(BOB, phone.request())
    assert (reply["reoffer"], reply["receipts"], reply["books"]) == (True, [], [])
    assert unsent["id"] not in {row["id"] for row in world.rows(tables.change)}


def test_L3_a_cursor_with_another_change_makes_the_phone_offer_again(world: World) -> None:
    fill(world, 3)
    phone = world.phone(BOB)
    phone.sync(limit=2)
    phone.cursors[BOOK][1] = phone.ids.new()
    assert world.engine.sync(BOB, phone.request())["reoffer"] is True


def test_L3_another_epoch_makes_the_phone_offer_again(world: World) -> None:
    phone = world.phone(ANN)
    phone.sync()
    reply = world.engine.sync(ANN, {**phone.request(), "epoch": derived("an older life")})
    assert (reply["reoffer"], reply["epoch"]) == (True, world.engine.epoch)


def test_X7_a_copy_is_told_before_anything_of_it_is_taken(world: World) -> None:
    phone, copy = world.phone(BOTH), world.phone(BOTH)
    copy.create(toy(1), {"title": "x"})
    copy.create(toy(2), {"title": "x"}, book=OTHER_BOOK)
    phone.create(toy(3), {"title": "x"}, book=OTHER_BOOK)
    phone.sync()
    with pytest.raises(CallError, match="device_copied"):
        copy.sync()
    assert world.engine.record(BOTH, toy(2)) is None


@pytest.mark.parametrize("count", [60, 199, 200, 1000])
def test_O3_how_much_a_reply_carries_is_never_thought_less_than_it_is(count: int) -> None:
    words = random.Random(count)
    records = [
        {"id": toy(number), "seq": number, "fields": {"title": "".join(words.choices("东西南北上下左右大小", k=40))}}
        for number in range(count)
    ]
    assert packed_size(records) >= len(gzip.compress(orjson.dumps(records), compresslevel=5))
