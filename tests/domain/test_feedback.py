"""投诉建议: anybody who works with this may say something; the community and the town read and answer it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.visits import edit, made, make, step
from tests.domain.world import PEOPLE, World

SAID: dict[str, Any] = {"about": "app", "words": {"a": {"text": "字再大一点"}}, "status": step(None, "sent")}


def signed(world: World, who: str) -> dict[str, Any]:
    return {"answer": {world.ids.new(): {"text": "下个版本改", "by": world.account(who)}}}


WHERE = {"guard": "post", "handler": "community", "supervisor": "community", "command": "town"}


@pytest.mark.parametrize("who", ["worker", "volunteer", "captain", "guard", "head", "supervisor", "handler", "command"])
def test_rule_19_everybody_who_works_with_this_may_say_something(world: World, who: str) -> None:
    assert make(world, who, "feedback", SAID, book=WHERE.get(who, "one"))["outcome"] == "applied"


def test_an_administrator_has_no_content_and_a_resident_another_way(world: World) -> None:
    for who in ("admin", "resident"):
        assert make(world, who, "feedback", SAID)["outcome"] in {"refused", "held"}


def test_only_its_writer_the_community_and_the_town_read_it(world: World) -> None:
    said = made(world, "worker", "feedback", SAID)
    assert {who for who in PEOPLE if world.sees(who, said)} == {"worker", "supervisor", "command"}


def test_it_is_answered_and_its_writer_may_go_on(world: World) -> None:
    said = made(world, "worker", "feedback", SAID)
    answer = {"status": step("sent", "answered"), **signed(world, "supervisor")}
    assert edit(world, "worker", "feedback", said, answer)["reason"] == "not_allowed"
    forged = {**answer, **signed(world, "command")}
    assert edit(world, "supervisor", "feedback", said, forged)["reason"] == "not_allowed"
    assert edit(world, "supervisor", "feedback", said, {"status": step("sent", "answered")})["reason"] == "requires"
    assert edit(world, "supervisor", "feedback", said, answer)["outcome"] == "applied"
    more = {"status": step("answered", "sent", 2), "words": {"b": {"text": "还有一件"}}}
    assert edit(world, "command", "feedback", said, more)["reason"] == "not_allowed"
    assert edit(world, "worker", "feedback", said, more)["outcome"] == "applied"
    assert [each["text"] for each in world.fields(said)["words"].values()] == ["字再大一点", "还有一件"]


def test_something_is_said(world: World) -> None:
    assert make(world, "worker", "feedback", {**SAID, "words": {"a": {"text": " "}}})["reason"] == "requires"


def test_nobody_puts_words_into_another_s_mouth(world: World) -> None:
    said = made(world, "worker", "feedback", SAID)
    assert (
        edit(world, "supervisor", "feedback", said, {"words": {"b": {"text": "其实很好"}}})["reason"] == "not_allowed"
    )
