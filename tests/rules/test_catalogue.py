"""Everything that a person reads is in the two catalogues, in both languages, and nowhere else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rules.reading import ROOT, client_files, files, name_of, python_files, tree

FOLDER = ROOT / "web" / "catalogue"
LANGUAGES = ("zh-CN", "en")
CHINESE = re.compile(r"[㐀-鿿]")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
COMPUTED = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
ATTRIBUTES = re.compile(r"\{% block \w*attributes %\}.*?\{% endblock %\}", re.DOTALL)
"""A block that stands inside a tag."""

TAG = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
READ_ALOUD = re.compile(r"""(?<![:\w-])(?:aria-label|title|placeholder|alt)="([^"{}]*[^\W\d_]{2}[^"{}]*)\"""")
AVOID = ("采集", "管控", "重点人员", "打卡", "旷工", "举报", "考核", "留痕")
"""Words that are not said to people (glossary), each with a better one."""


def leaves(node: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{before}.{key}" if before else key)
    else:
        yield before, node


def texts(language: str) -> dict[str, str]:
    return dict(leaves(json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))))


def plain(key: str) -> str:
    """English may say a text for one thing and for several (`.one`, `.other`) where Chinese needs only one."""
    return key.removesuffix(".one").removesuffix(".other")


def test_both_languages_have_the_same_keys() -> None:
    chinese, english = ({plain(key) for key in texts(language)} for language in LANGUAGES)
    assert {"only in Chinese": chinese - english, "only in English": english - chinese} == {
        "only in Chinese": set(),
        "only in English": set(),
    }


def test_every_text_is_text_and_is_empty_in_both_languages_or_in_none() -> None:
    chinese, english = (texts(language) for language in LANGUAGES)
    assert [key for both in (chinese, english) for key, text in both.items() if not isinstance(text, str)] == []
    assert {key for key, text in chinese.items() if not text} == {key for key, text in english.items() if not text}


def test_both_languages_have_the_same_places_for_figures() -> None:
    """Dates aside: they are written differently. And one thing may be said without its figure."""
    chinese, english = ({plain(k): v for k, v in texts(language).items()} for language in LANGUAGES)
    differing = {
        key
        for key, text in chinese.items()
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(english.get(key, text))) and ".when." not in key
    }
    assert differing == set()


def test_english_texts_hold_no_chinese() -> None:
    allowed = {"languages", "language", "other_language", "brand", "product", "mark"}
    assert {
        key for key, text in texts("en").items() if CHINESE.search(text) and not allowed & set(key.split("."))
    } == set()


def test_nobody_is_spoken_to_in_words_of_control() -> None:
    said = {key: text for key, text in texts("zh-CN").items() if any(word in text for word in AVOID)}
    assert said == {}


def words_in(page: str) -> list[str]:
    """What stands between the tags, two letters or more."""
    return re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", "", TAG.sub(" ", page)))


def templates() -> list[Path]:
    return [path for path in files() if path.suffix == ".html" and path.is_relative_to(ROOT / "web" / "templates")]


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_hold_no_text_of_their_own(path: Path) -> None:
    page = COMPUTED.sub("{}", ATTRIBUTES.sub("", path.read_text(encoding="utf-8")))
    assert (words_in(page), READ_ALOUD.findall(page)) == ([], [])


def template_of(text: str) -> str:
    """The <template> of a Vue file, without what is computed."""
    found = re.search(r"<template>(.*)</template>", text, re.DOTALL)
    return COMPUTED.sub("{}", found[1]) if found else ""


def test_screens_hold_no_text_of_their_own() -> None:
    wrong = {}
    for path in client_files(".vue"):
        page = template_of(path.read_text(encoding="utf-8"))
        # A language is named in itself.
        found = [word for word in words_in(page) + READ_ALOUD.findall(page) if word not in {"中文", "English"}]
        if found:
            wrong[name_of(path)] = found
    assert wrong == {}


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|<!--.*?-->|(?<![:\"'])//[^\n]*", "", text, flags=re.DOTALL)


def test_the_client_s_code_holds_no_chinese() -> None:
    wrong = {
        name_of(path): CHINESE.findall(said)[:5]
        for path in client_files(".ts", ".vue")
        if not path.name.endswith((".test.ts", ".gen.ts"))
        and CHINESE.search(said := without_comments(path.read_text(encoding="utf-8")).replace("中文", ""))
    }
    assert wrong == {}


def test_the_web_s_python_holds_no_chinese() -> None:
    """domain/ declares its labels in both languages, sync/ says in both what is wrong with a value."""
    wrong = {
        name_of(path): said
        for path in python_files("api", "web")
        if (said := [text for text in text_constants(path) if CHINESE.search(text)])
    }
    # The name of the product, and the two languages side by side before one is chosen.
    assert {name: said for name, said in wrong.items() if name not in {"web/commands/start.py", "web/lan.py"}} == {}


def text_constants(path: Path) -> Iterator[str]:
    """Every text in the code of a Python file; docstrings are not code."""
    documented = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def keys_used() -> dict[str, list[str]]:
    """catalogue keys that code and templates name as a whole -> the files."""
    call = re.compile(r"""\b(t|rich|say)\(\s*(?:language\s*,\s*)?["']([a-z]+(?:\.[\w-]+)+)["']""")
    found: dict[str, list[str]] = {}
    sources = [*templates(), *client_files(".ts", ".vue"), *python_files("web", "api")]
    for path in sources:
        # Commands and the console's views leave the section out: a helper of theirs puts it before.
        section = {"commands": "terminal.", "console": "console."}.get(path.parent.name, "") if _is_python(path) else ""
        for function, key in call.findall(path.read_text(encoding="utf-8")):
            found.setdefault(section + key if function == "say" else key, []).append(name_of(path))
    return found


def _is_python(path: Path) -> bool:
    return path.suffix == ".py"


def test_every_key_that_is_named_is_in_the_catalogue() -> None:
    known = {each for key in texts("zh-CN") for each in (key, plain(key))}
    assert {key: where for key, where in keys_used().items() if key not in known} == {}
