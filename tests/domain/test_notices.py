"""Notices: who publishes where, whom they reach, what two publishers do to each other, and who knows who knows."""

from __future__ import annotations

from typing import Any

import pytest

from domain import jobs, notices
from domain.records.notice import KEPT
from sync.clock import from_text, to_text
from sync.ids import derived
from tests.domain.world import SERVER, World

HOUR = 3_600_000


def draft(**more: Any) -> dict[str, Any]:
    return {"kind": "general", "title": "停水", "draft": {"text": "明天停水"}, **step(None, "draft"), **more}


def step(come_from: str | None, to: str) -> dict[str, Any]:
    return {"status": {"from": come_from, "to": to, "cycle": 1}}


def published(**more: Any) -> dict[str, Any]:
    words = {"kind": "general", "title": "停水", "body": "明天8点到12点停水"}
    return {**words, **step(None, "published"), **more}


def notice(world: World, who: str, book: str, written: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    id = world.ids.new()
    return id, world.write(world.person(who), id, written, type="notice", create=True, book=book)


def edit(
    world: World, who: str, id: str, written: dict[str, Any], seen: int, book: str = "community"
) -> dict[str, Any]:
    return world.write(world.person(who), id, written, type="notice", book=book, seen=seen)


@pytest.mark.parametrize(("who", "book"), [("head", "one"), ("supervisor", "community"), ("command", "town")])
def test_head_supervisor_and_command_room_publish_each_in_their_own_book(world: World, who: str, book: str) -> None:
    id, receipt = notice(world, who, book, published())
    assert receipt["outcome"] == "applied"
    fields = world.fields(id)
    assert fields["published_at"] == to_text(world.row(id).made_at)
    assert from_text(fields["expire_at"]) - from_text(fields["published_at"]) == KEPT


@pytest.mark.parametrize(
    ("who", "book"),
    [("worker", "one"), ("captain", "one"), ("head", "community"), ("supervisor", "town"), ("handler", "community")],
)
def test_nobody_else_publishes_and_nobody_publishes_higher_up(world: World, who: str, book: str) -> None:
    _, receipt = notice(world, who, book, published())
    assert receipt["outcome"] in {"refused", "held"}


def test_what_is_published_in_the_community_reaches_every_phone_below_and_none_beside(world: World) -> None:
    id, _ = notice(world, "supervisor", "community", published())
    for who in ("worker", "captain", "volunteer", "guard", "head", "outsider", "supervisor", "command", "handler"):
        assert world.sees(who, id), who
    other, _ = notice(world, "head", "one", published())
    assert not world.sees("outsider", other)
    assert not world.sees("guard", other)


def test_what_is_being_written_stays_with_those_who_publish_there(world: World) -> None:
    id, _ = notice(world, "supervisor", "community", draft())
    mine, _ = notice(world, "head", "one", draft())
    for who in ("worker", "captain", "guard", "handler", "head"):
        assert not world.sees(who, id), who
    assert world.sees("supervisor", id)
    assert world.sees("supervisor", mine)
    assert world.sees("head", mine)
    assert not world.sees("worker", mine)
    edit(world, "supervisor", id, {**step("draft", "published"), "title": "停水", "body": "明天停水"}, world.seq(id))
    assert world.sees("worker", id)


def test_two_drafts_are_both_kept_until_one_of_them_is_published(world: World) -> None:
    id, _ = notice(world, "supervisor", "community", draft())
    seen = world.seq(id)
    edit(world, "supervisor", id, {"draft": {"text": "明天上午停水"}}, seen)
    edit(world, "command", id, {"draft": {"text": "明天停水,请存水"}}, seen)
    assert {each["text"] for each in world.fields(id)["draft"]} == {"明天上午停水", "明天停水,请存水"}
    words = {"title": "停水", "body": "明天上午停水,请存水"}
    edit(world, "supervisor", id, {**step("draft", "published"), **words}, world.seq(id))
    assert world.fields(id)["body"] == "明天上午停水,请存水"


@pytest.mark.parametrize("typo_first", [True, False])
def test_16_withdrawn_stays_withdrawn_and_the_mended_typo_is_kept_as_a_draft(world: World, typo_first: bool) -> None:
    id, _ = notice(world, "supervisor", "community", published(body="明天停谁"))
    seen = world.seq(id)
    acts = [("command", {"body": "明天停水"}), ("supervisor", step("published", "withdrawn"))]
    for who, written in acts if typo_first else acts[::-1]:
        receipt = edit(world, who, id, written, seen)
        assert receipt["outcome"] in {"applied", "merged"}, receipt
    fields = world.fields(id)
    assert fields["status"] == {"status": "withdrawn", "cycle": 1}
    assert [each["text"] for each in fields["draft"]] == ["明天停水"]
    assert world.conflicts(id) == {}


def test_withdrawn_beats_expired(world: World) -> None:
    id, _ = notice(world, "supervisor", "community", published())
    seen = world.seq(id)
    world.write(SERVER, id, step("published", "expired"), type="notice", book="community", seen=seen)
    edit(world, "supervisor", id, step("published", "withdrawn"), seen)
    assert world.status(id) == ("withdrawn", 1)


def test_only_of_safety_are_readers_asked_to_say_that_they_know(world: World) -> None:
    _, refused = notice(world, "supervisor", "community", published(needs_ack=True))
    assert (refused["outcome"], refused["reason"]) == ("refused", "not_allowed")
    for kind in ("safety", "emergency"):
        _, taken = notice(world, "supervisor", "community", published(kind=kind, needs_ack=True))
        assert taken["outcome"] == "applied"


def test_nothing_empty_is_published(world: World) -> None:
    _, receipt = notice(world, "supervisor", "community", published(body="  "))
    assert (receipt["outcome"], receipt["reason"]) == ("refused", "requires")


# ------------------------------------------------------------------------------------------------- 知道了


def known(world: World, who: str, about: str, book: str = "one", phone: int = 1) -> str:
    person = world.person(who, phone)
    id = derived("notice_ack", about, person.account)
    said = {"notice": about, "author": world.account("supervisor"), "at": to_text(world.clock.now())}
    receipt = world.write(person, id, said, type="notice_ack", create=True, book=book, seen=0)
    assert receipt["outcome"] in {"applied", "merged"}, receipt
    return id


def test_said_on_two_phones_it_is_said_once_and_the_earlier_counts(world: World) -> None:
    about, _ = notice(world, "supervisor", "community", published(kind="safety", needs_ack=True))
    first = to_text(world.clock.now())
    id = known(world, "captain", about)
    world.clock.move(HOUR)
    assert known(world, "captain", about, phone=2) == id
    assert world.fields(id)["at"] == first
    assert world.conflicts(id) == {}


def test_who_knows_is_seen_by_the_notice_s_author_and_by_nobody_else(world: World) -> None:
    about, _ = notice(world, "supervisor", "community", published(kind="safety", needs_ack=True))
    id = known(world, "captain", about)
    assert world.sees("captain", id)
    assert world.sees("supervisor", id)
    for who in ("head", "worker", "captain2", "command", "volunteer", "handler"):
        assert not world.sees(who, id), who


def test_coverage_is_told_by_place_and_names_only_to_the_author(world: World) -> None:
    about, _ = notice(world, "supervisor", "community", published(kind="safety", needs_ack=True))
    known(world, "captain", about)
    known(world, "guard", about, book="post")
    told = covered(world, "supervisor", about)
    assert {place: (each.said, each.of) for place, each in told.items()} == {
        "community": (0, 2), "one": (1, 6), "two": (0, 1), "post": (1, 1),
    }  # fmt: skip
    assert told["one"].known == (world.account("captain"),)
    assert world.account("worker") in told["one"].open
    others = covered(world, "head", about)
    assert {place: (each.said, each.of) for place, each in others.items()} == {"community": (0, 2), "one": (1, 6)}
    assert all(each.known == each.open == () for each in others.values())


def test_only_those_it_is_for_are_asked(world: World) -> None:
    guards = {"school_guard": True}
    about, _ = notice(world, "supervisor", "community", published(kind="safety", needs_ack=True, audience=guards))
    assert {place: each.of for place, each in covered(world, "supervisor", about).items()} == {"post": 1}


def test_after_thirty_days_only_the_numbers_of_places_are_left(world: World) -> None:
    about, _ = notice(world, "supervisor", "community", published(kind="safety", needs_ack=True))
    id = known(world, "captain", about)
    before = covered(world, "supervisor", about)
    world.clock.move(KEPT + HOUR)
    assert notices.by_the_clock(world.engine) == {"published": 0, "expired": 1, "settled": 1}
    assert jobs.erase_expired(world.engine) == 1
    assert world.row(id).erased
    after = covered(world, "supervisor", about)
    assert {place: (each.said, each.of) for place, each in after.items()} == {
        place: (each.said, each.of) for place, each in before.items()
    }
    assert all(each.known == each.open == () for each in after.values())


def covered(world: World, who: str, about: str) -> dict[str, notices.Coverage]:
    names = {id: name for name, id in world.places.items()}
    person = world.person(who)
    with world.database.read() as conn:
        found = notices.one(conn, person, about)
        assert found is not None
        return {names[each.place]: each for each in notices.coverage(conn, person, found, world.clock.now())}


def test_a_notice_goes_up_and_comes_down_at_the_minute_that_was_named(world: World) -> None:
    now = world.clock.now()
    times = {"publish_at": to_text(now + HOUR), "expire_at": to_text(now + 3 * HOUR)}
    id, _ = notice(world, "supervisor", "community", draft())
    words = {"title": "停水", "body": "明天停水", **times}
    edit(world, "supervisor", id, {**step("draft", "scheduled"), **words}, world.seq(id))
    assert notices.by_the_clock(world.engine)["published"] == 0
    assert not world.sees("worker", id)
    world.clock.move(HOUR)
    assert notices.by_the_clock(world.engine)["published"] == 1
    assert world.sees("worker", id)
    world.clock.move(2 * HOUR)
    assert notices.by_the_clock(world.engine)["expired"] == 1
    assert world.status(id) == ("expired", 1)


def test_the_list_of_the_desk_shows_what_the_reader_may_see(world: World) -> None:
    drafted, _ = notice(world, "supervisor", "community", draft())
    shown, _ = notice(world, "supervisor", "community", published())
    lists = {}
    for who in ("supervisor", "head"):
        with world.database.read() as conn:
            lists[who] = [each.id for each in notices.in_sight(conn, world.person(who))]
    assert lists == {"supervisor": [shown, drafted], "head": [shown]}
