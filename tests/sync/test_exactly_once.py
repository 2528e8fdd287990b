"""X: what is receipted is there, once, whatever is sent again, broken or refused."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import DBAPIError

from sync import tables
from sync.clock import to_text
from sync.ids import Ids, derived
from sync.known import is_copied
from sync.protocol import MAX_CHANGE, CallError
from tests.sync.toys import BOOK, OTHER_BOOK, Json, MakeWorld, Person, World, lead

ANN, BOB = Person("ann"), Person("bob")
BOTH = Person("ann", follows={BOOK: "write", OTHER_BOOK: "write"})
TOY = derived("toy", "1")
HOUR = 3_600_000


def toy(number: int) -> str:
    return derived("toy", str(number))


UNDECIDED: Json = {"book": BOOK, "decided": None, "for_book": None, "handed_to": None}


# What of each database must hold on every connection, however the server itself is set.
DURABLE: dict[str, Json] = {
    "sqlite": {"PRAGMA synchronous": 2, "PRAGMA journal_mode": "wal"},
    "postgresql": {"SHOW synchronous_commit": "on"},
}
FULL = {
    "sqlite": "CREATE TRIGGER full_disk BEFORE UPDATE ON book BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    "postgresql": """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'disk full'; END$$;
        CREATE TRIGGER full_disk BEFORE UPDATE ON book FOR EACH ROW EXECUTE FUNCTION full_disk()""",
}
EMPTIED = {"sqlite": "DROP TRIGGER full_disk", "postgresql": "DROP FUNCTION full_disk CASCADE"}


def test_X1_the_database_is_told_to_flush_every_commit(world: World) -> None:
    for transaction in (world.database.read, world.database.write):
        with transaction() as conn:
            told = {words: conn.exec_driver_sql(words).scalar() for words in DURABLE[world.kind]}
        assert told == DURABLE[world.kind]


def test_X1_a_commit_that_fails_gives_no_receipt_and_leaves_nothing(world: World) -> None:
    with world.database.write() as conn:
        conn.exec_driver_sql(FULL[world.kind])
    phone = world.phone(ANN)
    phone.create(TOY, {"title": "ball"})
    try:
        with pytest.raises(DBAPIError, match="disk full"):
            phone.sync()
        assert world.rows(tables.change) == world.rows(tables.record) == []
    finally:
        with world.database.write() as conn:
            conn.exec_driver_sql(EMPTIED[world.kind])
    phone.sync()
    assert phone.outbox == []
    assert phone.records[TOY]["seq"] == 1


def test_X2_the_same_change_twice_in_a_batch_counts_once(world: World) -> None:
    phone = world.phone(ANN)
    change = phone.create(TOY, {"title": "ball"})
    receipts = world.engine.sync(ANN, phone.request([change, change]))["receipts"]
    assert [(each["index"], each["seq"], each["outcome"]) for each in receipts] == [
        (0, 1, "applied"),
        (1, 1, "applied"),
    ]
    assert len(world.rows(tables.change)) == 1


def test_X2_refused_and_held_changes_answer_the_same_again(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(TOY, {"title": 7})
    phone.create(toy(2), {"title": "x"}, book=OTHER_BOOK)
    first = world.engine.sync(ANN, phone.request())["receipts"]
    assert world.engine.sync(ANN, phone.request())["receipts"] == first
    assert len(world.rows(tables.parked)) == 2


def test_X4_every_change_gets_one_receipt_in_order_of_its_index(world: World) -> None:
    phone = world.phone(BOTH)
    for number in range(12):
        phone.create(
            toy(number), {"title": "x"} if number % 3 else {"nonsense": 1}, book=(BOOK, OTHER_BOOK)[number % 2]
        )
    receipts = phone.sync()["receipts"]
    assert [each["index"] for each in receipts] == list(range(12))
    assert [each["outcome"] for each in receipts] == ["applied" if number % 3 else "refused" for number in range(12)]


def test_X4_changes_of_a_busy_book_get_no_receipt_and_go_in_later(make_world: MakeWorld) -> None:
    world = make_world(patience=0.05)
    phone = world.phone(ANN)
    phone.sync()
    phone.create(TOY, {"title": "ball"})
    with world.database.write() as conn:
        conn.execute(tables.book.update().values(head=0))
        reply = phone.sync()
    assert (reply["busy"], reply["receipts"], len(phone.outbox)) == ([BOOK], [], 1)
    phone.sync()
    assert phone.outbox == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"id": "6a1fa8a0-0000-4000-8000-000000000000"}, "malformed"),
        ({"seen": -1}, "malformed"),
        ({"seen": True}, "malformed"),
        ({"made_at": "yesterday"}, "malformed"),
        ({"made_at": "2026-06-13"}, "malformed"),
        ({"record": "x"}, "malformed"),
        ({"set": []}, "malformed"),
        ({"void": 1}, "malformed"),
        ({"extra": 1}, "malformed"),
        ({"schema": 0}, "malformed"),
        ({"schema": 3}, "newer_schema"),
        ({"type": "toad"}, "unknown_type"),
        ({"book": derived("no such book")}, "unknown_book"),
        ({"set": {}}, "invalid"),
        ({"set": {"colour": "red"}}, "invalid"),
        ({"set": {"title": "nul\x00"}}, "invalid"),
        ({"set": {"title": "\ud800"}}, "invalid"),
        ({"set": {"title": "x" * 2001}}, "invalid"),
        ({"set": {"title": "x" * MAX_CHANGE}}, "too_large"),
        ({"set": {"rank": 2.5}}, "invalid"),
        ({"set": {"rank": 2**60}}, "invalid"),
        ({"set": {"severity": "extreme"}}, "invalid"),
        ({"set": {"started": "noon"}}, "invalid"),
        ({"set": {"tags": {}}}, "invalid"),
        ({"set": {"photos": {"not-a-hash": {}}}}, "invalid"),
        ({"set": {"status": {"from": None, "to": "flying", "cycle": 1}}}, "invalid"),
        ({"set": {"number": "7"}}, "server_field"),
        ({"set": {"price": 7}}, "suggestion"),
        ({"type": "box", "schema": 1, "set": {"label": "x"}}, "not_allowed"),
        ({"type": "box", "schema": 1, "set": {}, "void": True}, "invalid"),
        ({"\ud800": 1}, "malformed"),
        ({"set": {"\ud800\x00": 1}}, "invalid"),
        ({"set": {"tags": {"\ud800": "x"}}}, "invalid"),
    ],
)
def test_X5_one_bad_change_is_named_and_the_others_go_in(world: World, spoil: Json, reason: str) -> None:
    phone = world.phone(ANN)
    good, bad, better = (phone.create(toy(number), {"title": "x"}) for number in range(3))
    reply = world.engine.sync(ANN, phone.request([good, {**bad, **spoil}, better]))
    assert [each["outcome"] for each in reply["receipts"]] == ["applied", reply["receipts"][1]["outcome"], "applied"]
    assert reply["receipts"][1]["reason"] == reason
    assert reply["receipts"][1]["outcome"] == ("held" if reason == "suggestion" else "refused")


@pytest.mark.parametrize("raw", [None, 7, "x", [], {}, {"id": None}, {"id": "x" * 100}])
def test_X5_what_is_no_change_at_all_is_found_by_its_index(world: World, raw: object) -> None:
    phone = world.phone(ANN)
    good = phone.create(TOY, {"title": "x"})
    reply = world.engine.sync(ANN, phone.request([raw, good]))
    assert [(each["index"], each["id"], each["reason"]) for each in reply["receipts"]] == [
        (0, None, "malformed"),
        (1, good["id"], None),
    ]


def test_X5_deep_nesting_refuses_the_change_alone(world: World) -> None:
    deep: Json = {}
    for _ in range(17):
        deep = {"x": deep}
    phone = world.phone(ANN)
    change = phone.create(TOY, deep)
    reply = phone.sync()
    assert [each["reason"] for each in reply["receipts"]] == ["malformed"]
    assert phone.said(change)["errors"]


def test_X5_a_creation_that_comes_with_its_edits_goes_in_whole(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(TOY, {"title": "a"})
    phone.write(TOY, {"title": "b"})
    phone.write(TOY, {"title": "c"})
    assert [each["outcome"] for each in phone.sync()["receipts"]] == ["applied"] * 3
    assert phone.records[TOY]["fields"]["title"] == "c"


def test_X5_after_a_refused_creation_the_id_is_free_for_another_type(world: World) -> None:
    boss = world.phone(lead())
    boss.create(TOY, {"title": 7})
    box = boss.create(TOY, {"label": "x"}, type="box", schema=1)
    toy_again = boss.write(TOY, {"title": "x"})
    boss.sync()
    assert (boss.said(box)["outcome"], boss.said(toy_again)["reason"]) == ("applied", "wrong_type")


def test_X5_an_edit_of_what_was_never_created_needs_it(world: World) -> None:
    phone = world.phone(ANN)
    receipt = phone.edit(TOY, {"title": "a"})
    assert (receipt["reason"], receipt["errors"]) == ("needs", {"needs": [TOY]})


def test_X6_what_is_refused_is_kept_whole_with_who_when_and_why(world: World) -> None:
    phone = world.phone(ANN)
    change = phone.create(TOY, {"title": 7})
    phone.sync()
    assert world.engine.parked(ANN) == [
        {"change": change, "state": "refused", "reason": "invalid", "at": change["made_at"], **UNDECIDED}
    ]
    row = world.rows(tables.parked)[0]
    assert (row["account"], row["device"]) == (ANN.account, ANN.device)
    assert world.engine.parked(BOB) == []


@pytest.mark.parametrize(("hours", "hours_kept"), [(-5, -5), (5, 0)])
def test_M5_what_is_refused_unread_stands_at_its_own_time_but_not_in_the_future(
    world: World, hours: int, hours_kept: int
) -> None:
    phone = world.phone(ANN)
    made_at = to_text(world.clock.now() + 1000 + hours * HOUR)
    phone.write(toy(1), {"title": "a"}, create=True, book=derived("book", "nobody's"), made_at=made_at)
    phone.sync()
    assert [row["at"] for row in world.rows(tables.parked)] == [world.clock.now() + hours_kept * HOUR]


def test_X7_a_lost_reply_is_no_copy(world: World) -> None:
    phone = world.phone(ANN)
    phone.create(TOY, {"title": "a"})
    world.engine.sync(ANN, phone.request())  # the reply is lost
    phone.write(TOY, {"title": "b"})
    assert [each["outcome"] for each in phone.sync()["receipts"]] == ["applied", "applied"]


def test_X7_a_phone_that_never_made_what_the_book_holds_was_copied(world: World) -> None:
    phone, copy = world.phone(ANN), world.phone(ANN)
    copy.create(toy(1), {"title": "a"})
    phone.create(toy(2), {"title": "b"})
    phone.sync()
    with pytest.raises(CallError) as error:
        copy.sync()
    assert (error.value.code, error.value.status) == ("device_copied", 409)
    assert len(world.rows(tables.change)) == 1


def test_X7_refused_ids_count_as_well(world: World) -> None:
    phone, copy = world.phone(ANN), world.phone(ANN)
    copy.create(toy(1), {"title": "a"})
    phone.create(toy(2), {"title": 7})
    phone.sync()
    with pytest.raises(CallError, match="device_copied"):
        copy.sync()


@pytest.mark.parametrize("known", [BOOK, OTHER_BOOK])
def test_X7_a_copy_that_writes_into_two_books_has_nothing_taken_in_either(world: World, known: str) -> None:
    phone, copy = world.phone(BOTH), world.phone(BOTH)
    for number, book in enumerate((BOOK, OTHER_BOOK)):
        copy.create(toy(number), {"title": "a"}, book=book)
    phone.create(toy(2), {"title": "b"}, book=known)
    phone.sync()
    with pytest.raises(CallError, match="device_copied"):
        copy.sync()
    assert len(world.rows(tables.change)) == 1


def test_X7_what_came_without_an_id_does_not_make_a_phone_a_copy(world: World) -> None:
    phone = world.phone(ANN)
    for number in range(4):
        nameless = {"book": BOOK, "record": toy(1), "note": number}
        assert world.engine.sync(ANN, phone.request([nameless]))["receipts"][0]["reason"] == "malformed"
        assert phone.edit(toy(number), {"title": "a"}, create=True)["outcome"] == "applied"


def test_X7_an_older_change_after_the_newest_one_does_not_make_a_phone_a_copy() -> None:
    """What the book has of it above this call is no more than it says itself that it has made."""
    assert is_copied(["c2"], last_sent="c1", newest="c2", sent={"c1"}) is False
    assert is_copied(["c3"], last_sent="c1", newest="c2", sent={"c1"}) is True
    assert is_copied(["c1"], last_sent="c2", newest="c2", sent={"c2"}) is True


def test_X7_ids_grow_whatever_the_clock_does(world: World) -> None:
    ids = Ids(world.clock)
    made = []
    for step in (5000, -90_000, 0, 0, 1):
        world.clock.move(step)
        made += [ids.new() for _ in range(50)]
    assert made == sorted(set(made))


def test_O1_two_writers_and_a_reader_share_a_book_without_a_gap(world: World) -> None:
    """Two threads push into one book while a third pulls: nothing is missed, nothing is numbered twice."""
    each, reader, failures = 60, world.phone(Person("reader")), []

    def push(name: str) -> None:
        try:
            phone = world.phone(Person(name))
            for number in range(each):
                phone.create(derived(name, str(number)), {"title": name})
                phone.sync(limit=0)
        except Exception as error:
            failures.append(error)

    writers = [threading.Thread(target=push, args=(name,)) for name in ("ann", "bob")]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        before = reader.cursors.get(BOOK, [0])[0]
        reader.sync()
        assert reader.cursors[BOOK][0] == max([before, *(record["seq"] for record in reader.records.values())])
    reader.sync()
    assert [repr(each) for each in failures] == []
    assert sorted(record["seq"] for record in reader.records.values()) == list(range(1, 2 * each + 1))


def test_S5_nobody_pushes_under_another_device(world: World) -> None:
    with pytest.raises(CallError, match="wrong_device"):
        world.engine.sync(ANN, world.phone(BOB).request())


def test_a_lead_is_told_what_a_member_may_not(world: World) -> None:
    boss = world.phone(lead())
    assert boss.edit(TOY, {"price": 7}, create=True)["outcome"] == "applied"


@pytest.mark.parametrize(
    "more",
    [{"colour": 1}, {"protocol": 2}, {"protocol": "1"}, {"cursors": {"x": 1}}, {"cursors": {BOOK: [1]}}, {"limit": -1},
     {"only": "x"}, {"last": "x"}, {"epoch": 7}, {"changes": {}}],
)  # fmt: skip
def test_a_malformed_call_fails_as_a_whole(world: World, more: Json) -> None:
    with pytest.raises(CallError, match="malformed"):
        world.engine.sync(ANN, {**world.phone(ANN).request(), **more})


def test_more_than_500_changes_are_too_large_and_the_limit_is_said(world: World) -> None:
    phone = world.phone(ANN)
    with pytest.raises(CallError) as error:
        world.engine.sync(ANN, phone.request([{}] * 501))
    assert (error.value.code, error.value.details["limit"]) == ("too_large", 500)
