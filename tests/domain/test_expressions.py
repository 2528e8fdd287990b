"""Expressions of forms come to the same on the server and on the phone: both are held to these vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.forms.expressions import MAX_DEPTH, MAX_EXPRESSION, BadExpression, Scene, evaluate, holds, parse

SAID: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "expressions.json").read_text())


def scene(vector: dict[str, Any]) -> Scene:
    return Scene(SAID["answers"], SAID["today"], vector.get("self") or "")


def named(vector: dict[str, Any]) -> str:
    return f"{vector['expression']} [{vector.get('self') or ''}]"


@pytest.mark.parametrize("vector", [each for each in SAID["vectors"] if "value" in each], ids=named)
def test_an_expression_comes_to_what_the_vectors_say(vector: dict[str, Any]) -> None:
    value = evaluate(vector["expression"], scene(vector))
    assert value == vector["value"]
    assert isinstance(value, bool) == isinstance(vector["value"], bool)
    assert isinstance(value, str) == isinstance(vector["value"], str)


@pytest.mark.parametrize("vector", [each for each in SAID["vectors"] if "error" in each], ids=named)
def test_what_is_no_expression_says_what_is_wrong(vector: dict[str, Any]) -> None:
    with pytest.raises(BadExpression) as wrong:
        parse(vector["expression"])
    assert wrong.value.code == vector["error"]


@pytest.mark.parametrize("vector", SAID["holds"], ids=lambda each: str(each["expression"]))
def test_an_empty_expression_holds_and_every_other_by_its_truth(vector: dict[str, Any]) -> None:
    assert holds(vector["expression"], scene(vector)) is vector["holds"]


def test_there_are_enough_vectors_and_none_twice() -> None:
    assert len(SAID["vectors"]) >= 150
    assert len({named(each) for each in SAID["vectors"]}) == len(SAID["vectors"])


def test_an_expression_names_the_questions_it_looks_at() -> None:
    assert parse("${gas} = 'yes' and selected(${many}, 'a') or . > 1").names == {"gas", "many"}


def test_neither_a_long_nor_a_deep_expression_is_taken() -> None:
    for text, code in (("1" * (MAX_EXPRESSION + 1), "too_long"), ("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH, "too_deep")):
        with pytest.raises(BadExpression) as wrong:
            parse(text)
        assert wrong.value.code == code
    assert evaluate("(" * 20 + "1" + ")" * 20, Scene({}, "2026-06-13")) == 1
    assert evaluate("-" * 400 + "1", Scene({}, "2026-06-13")) == 1
