"""What must never be kept or asked: rules 1, 2 and 3 of the domain, over declarations, tables, JSON keys and answers."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from domain.records import TYPES
from tests.rules.reading import ROOT, name_of, python_files, tree
from web.upgrade import tables

NEVER_KEPT = re.compile(
    r"(?<![^\W_])(身份证|id_card|民族|ethnic\w*|宗教|religion|政治面貌|political\w*|key_person|重点人员|face_\w*|人脸"
    r"|fingerprint|is_party|party_member)(?![^\W_])",
    re.IGNORECASE,
)
NEVER_CHOSEN = re.compile("可疑|动向|流动人口|刑满|吸毒|信访人员|精神障碍")
PER_PERSON = re.compile(r"(per_(user|account|person|worker)|leaderboard|ranking|points_total|score)", re.IGNORECASE)


def names_of_fields() -> Iterator[str]:
    for kind in TYPES.values():
        for field in kind.fields:
            yield f"{kind.name}.{field.name}"
            yield from (f"{kind.name}.{field.name}.{key}" for key in field.shape or ())
            yield from (f"{kind.name}.{field.name}.{key}" for key in _keys(field.example))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner)


def names_in_tables() -> Iterator[str]:
    for table in tables().tables.values():
        yield table.name
        yield from (f"{table.name}.{column.name}" for column in table.columns)


def keys_in_code() -> Iterator[str]:
    """Every text constant of the server's code that is a key of a dictionary or of a subscript."""
    for path in python_files("sync", "domain", "api", "web"):
        for node in ast.walk(tree(path)):
            said: list[ast.expr | None] = []
            if isinstance(node, ast.Dict):
                said = list(node.keys)
            elif isinstance(node, ast.Subscript):
                said = [node.slice]
            for each in said:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield f"{name_of(path)}:{each.lineno} {each.value}"


def words_of(name: str) -> str:
    """The last part, as a whole word."""
    return re.split(r"[. ]", name)[-1]


def test_rule_1_nothing_of_the_kind_that_must_never_be_kept_is_declared() -> None:
    assert [name for name in names_of_fields() if NEVER_KEPT.search(words_of(name))] == []


def test_rule_1_no_table_and_no_column_is_named_so() -> None:
    assert [name for name in names_in_tables() if NEVER_KEPT.search(words_of(name))] == []


def test_rule_1_no_json_key_is_named_so() -> None:
    assert [name for name in keys_in_code() if NEVER_KEPT.search(words_of(name))] == []


def test_rule_1_the_expression_itself_finds_what_it_is_for() -> None:
    for name in ("id_card", "face_vector", "ethnicity", "political_status", "民族", "fingerprint"):
        assert NEVER_KEPT.search(name), name
    for name in ("surface_area", "interface", "id", "party", "face"):
        assert not NEVER_KEPT.search(name), name


def test_rule_2_no_choice_asks_after_people_s_suspicion_past_or_illness() -> None:
    labels = [
        (kind.name, field.name, choice.value, *choice.labels.values())
        for kind in TYPES.values()
        for field in kind.fields
        for choice in field.choices
    ]
    assert [each for each in labels if any(NEVER_CHOSEN.search(word) for word in each)] == []


def test_rule_2_no_text_of_the_product_does_either() -> None:
    for language in ("zh-CN", "en"):
        said = json.loads((ROOT / "web" / "catalogue" / f"{language}.json").read_text(encoding="utf-8"))
        assert not NEVER_CHOSEN.search(json.dumps(said, ensure_ascii=False))


def test_rule_3_nothing_sorts_or_counts_people() -> None:
    """No answer, no column and no query adds people up against each other."""
    assert [name for name in (*names_of_fields(), *names_in_tables()) if PER_PERSON.search(words_of(name))] == []
    assert [name for name in keys_in_code() if PER_PERSON.fullmatch(words_of(name))] == []
    grouping = {
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("sync", "domain", "api", "web")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"group_by", "order_by"}
        and any(_is_a_person(argument) for argument in node.args)
    }
    assert grouping == set()


def _is_a_person(argument: ast.expr) -> bool:
    said = ast.unparse(argument).lower()
    return bool(re.search(r"\b(points|made_by|account_id|reporter|handler)\b", said)) and "login" not in said


def test_every_field_says_how_personal_it_is_and_what_for() -> None:
    undeclared = [
        f"{kind.name}.{field.name}"
        for kind in TYPES.values()
        for field in kind.fields
        if field.personal not in {"P0", "P1", "P2", "P3"}
    ]
    assert undeclared == []
    for kind in TYPES.values():
        assert set(kind.purpose) == {"zh-CN", "en"}, kind.name
        assert all(set(field.labels) == {"zh-CN", "en"} for field in kind.fields), kind.name
