"""The rules of the domain (docs/rules.md): the page and the tests that it names cannot drift apart; and some rules themselves."""

from __future__ import annotations

import re
from pathlib import Path

from domain.records import TYPES
from domain.records.building import BUILDING
from tests.rules.reading import ROOT, client_files, files, name_of
from web.config import from_environment

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
RULES = range(1, 21)


def sections() -> dict[int, str]:
    found = re.split(r"^## (\d+)\. ", PAGE, flags=re.MULTILINE)[1:]
    return {int(number): text for number, text in zip(found[::2], found[1::2], strict=True)}


def named(text: str) -> list[tuple[str, str]]:
    """(file, test) of a section."""
    return re.findall(r"^- ([\w/.]+)::(\w+)$", text, re.MULTILINE)


def names_in(path: Path) -> list[str]:
    return re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_rule_is_on_the_page_once_in_order() -> None:
    assert [int(each) for each in re.findall(r"^## (\d+)\. ", PAGE, re.MULTILINE)] == list(RULES)


def test_every_test_that_the_page_names_is_there() -> None:
    missing = [
        f"{number}: {file}::{test}"
        for number, text in sections().items()
        for file, test in named(text)
        if not (ROOT / file).is_file() or test not in names_in(ROOT / file)
    ]
    assert missing == []


def test_every_line_of_the_page_that_looks_like_a_test_is_read_as_one() -> None:
    assert len(re.findall(r"^- ", PAGE, re.MULTILINE)) == sum(len(named(text)) for text in sections().values())


def test_every_rule_has_a_test() -> None:
    assert [number for number, text in sections().items() if not named(text)] == []


def test_every_test_that_is_named_after_a_rule_stands_under_it() -> None:
    there = {number: {test for _, test in named(text)} for number, text in sections().items()}
    unnamed = [
        f"{name_of(path)}::{test}"
        for path in files()
        if path.name.startswith("test_") and path.suffix == ".py"
        for test in names_in(path)
        if (rule := re.match(r"test_rule_(\d+)_", test)) and test not in there.get(int(rule[1]), ())
    ]
    assert unnamed == []


# ----------------------------------------------------------------------------------------------- rules held right here


def test_rule_8_what_is_kept_lies_outside_of_what_everybody_is_given(tmp_path: Path) -> None:
    for given in ({}, {"GRIDWALK_DATA": str(tmp_path)}):
        kept = from_environment(given).data.resolve()
        assert not kept.is_relative_to(ROOT / "static"), kept
        assert not (ROOT / "static").is_relative_to(kept), kept


ENDLESS = {
    BUILDING.name: "a place lives as long as it stands",
    "unit": "a place lives as long as it stands",
    "household": "a place lives as long as it stands; its telephone has an end of its own",
    "post_plan": "says when a post is manned, nothing of anybody",
    "campaign": "erases itself at the day that it names",
}


def test_rule_9_only_places_plans_and_what_erases_itself_are_kept_without_an_end() -> None:
    assert {each.name for each in TYPES.values() if each.retention_days is None} == set(ENDLESS)
    kept = {each.name: each.retention_days for each in TYPES.values() if each.retention_days is not None}
    assert [name for name, days in kept.items() if not 1 <= days <= 730] == []


def test_rule_14_nothing_is_done_by_dragging_a_thing() -> None:
    drags = re.compile(r"\bdrag(start|over|end|enter|leave)\b|dataTransfer|\bdraggable=\"true\"")
    pages = [
        path for path in files() if path.suffix in {".html", ".js"} and name_of(path).startswith(("web/", "static/js"))
    ]
    found = [path for path in (*client_files(), *pages) if drags.search(path.read_text(encoding="utf-8"))]
    assert [name_of(path) for path in found] == []


def test_rule_14_a_mark_is_a_shape_and_a_word_beside_its_colour() -> None:
    console = (ROOT / "web" / "templates" / "console" / "_marks.html").read_text(encoding="utf-8")
    phone = (ROOT / "web" / "client" / "parts" / "Status.vue").read_text(encoding="utf-8")
    assert re.search(r"macro mark.*icon\(\w+\.shape\).*\w+\.word", console, re.DOTALL)
    assert re.search(r":class=\"`status-\$\{tone\}`\"><i aria-hidden=\"true\" />\{\{ words \}\}<", phone)
