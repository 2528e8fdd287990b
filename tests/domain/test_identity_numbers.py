"""Numbers of identity cards do not come in by anybody's free words (rules.md 2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.identity_numbers import NOT_WANTED, holds_one, unfit
from domain.records import TYPES
from sync.values import TypeCheck
from tests.domain.world import World

SAID: list[dict[str, str]] = json.loads((Path(__file__).parents[1] / "vectors" / "identity_numbers.json").read_text())[
    "numbers"
]
NUMBER = "110101199003070011"


@pytest.mark.parametrize("said", [each for each in SAID if len(each["text"]) != 64], ids=lambda each: each["text"])
def test_2_a_number_is_told_from_other_figures_as_on_the_phone(said: dict[str, str]) -> None:
    assert holds_one(said["text"]) is (said["left"] != said["text"])


@pytest.mark.parametrize("around", ["", "1 ", "\u0001", "A１", "好", '"', "7" * 16 + " "], ids=ascii)
@pytest.mark.parametrize("said", [each["text"] for each in SAID if len(each["text"]) != 64])
def test_2_looking_at_the_whole_first_misses_nothing_that_stands_in_a_part(said: str, around: str) -> None:
    text = f"{around}{said}{around}"
    assert bool(unfit({"description": {"text": text}})) is holds_one(text)


def test_2_every_field_of_every_type_that_takes_words_takes_no_such_number() -> None:
    taken = [(type, field, _spoilt(field.example)) for type in TYPES.values() for field in type.fields]
    spoilt = [(type, field.name, value) for type, field, value in taken if value != field.example]
    assert {"case", "visit", "care_agreement", "round", "shift", "feedback", "notice"} <= {t.name for t, _, _ in spoilt}
    for type, name, value in spoilt:
        assert name in TypeCheck(type)({name: value}, create=False), (type.name, name)
        assert type.unfit({name: value}) == {name: [NOT_WANTED]}, (type.name, name)


def test_2_a_hash_with_such_figures_in_it_is_no_number() -> None:
    hash = next(each["text"] for each in SAID if len(each["text"]) == 64)
    photo = next(iter(TYPES["case"].by_name["photos"].example.values()))
    assert TypeCheck(TYPES["case"])({"photos": {hash: {**photo, "preview": hash}}}, create=False) == {}


def test_2_what_brings_one_is_refused_with_a_word_and_comes_in_without_it(world: World) -> None:
    worker, id = world.person("worker"), world.ids.new()
    report = {
        "severity": "normal",
        "captured_at": "2026-06-13T08:40:12.123Z",
        "source": "grid_worker",
        "status": {"from": None, "to": "reported", "cycle": 1},
        "place_note": "三楼",
    }
    told = {"description": {"text": f"楼上住户 {NUMBER} 家漏水"}}
    receipt = world.write(worker, id, {**report, **told}, type="case", create=True)
    assert (receipt["outcome"], receipt["reason"]) == ("refused", "invalid")
    assert receipt["errors"] == {"description": [NOT_WANTED]}
    told = {"description": {"text": "楼上住户 ××× 家漏水"}}
    assert world.write(worker, id, {**report, **told}, type="case", create=True)["outcome"] == "applied"


def _spoilt(value: Any) -> Any:
    """The same with such a number in every text that somebody has typed."""
    if isinstance(value, dict):
        return {key: _spoilt(each) for key, each in value.items()}
    return f"{value}:{NUMBER}" if isinstance(value, str) and not value.isascii() else value
