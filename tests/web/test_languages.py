"""A third language is one more file in web/catalogue: found, offered, spoken, and filled up from Chinese where it is silent."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from api.catalogue import DEFAULT, FOLDER, LANGUAGES, Catalogue, languages_in

MADE_UP = {"common": {"language": "tlhIngan Hol"}, "roles": {"grid_worker": "vumwI'"}, "console": {"brand": "yItuH"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "catalogue")
    (tmp_path / "catalogue" / "tlh.json").write_text(json.dumps(MADE_UP), encoding="utf-8")
    return tmp_path / "catalogue"


def test_one_file_is_one_language(folder: Path) -> None:
    assert languages_in(folder) == ("zh-CN", "en", "tlh")
    assert Catalogue.load(folder).languages == ("zh-CN", "en", "tlh")
    assert languages_in(FOLDER) == LANGUAGES


def test_it_is_spoken_and_what_it_has_no_words_for_is_said_in_chinese(folder: Path) -> None:
    catalogue = Catalogue.load(folder)
    assert catalogue.say("tlh", "roles.grid_worker") == "vumwI'"
    assert catalogue.say("tlh", "roles.supervisor") == catalogue.say(DEFAULT, "roles.supervisor")
    assert catalogue.say("tlh", "push.notice") == catalogue.say(DEFAULT, "push.notice")


def test_every_language_says_what_it_is_called(folder: Path) -> None:
    catalogue = Catalogue.load(folder)
    assert [catalogue.say(tag, "common.language") for tag in catalogue.languages] == ["中文", "English", "tlhIngan Hol"]
