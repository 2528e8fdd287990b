"""The words that people read, by language: one JSON file each, found by a dotted key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

LANGUAGES: Final = ("zh-CN", "en")
DEFAULT: Final = "zh-CN"


class Catalogue:
    """Every text of the product in every language."""

    def __init__(self, texts: Mapping[str, Mapping[str, Any]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read `zh-CN.json` and `en.json` of `folder`."""
        return cls({language: orjson.loads((folder / f"{language}.json").read_bytes()) for language in LANGUAGES})

    def section(self, language: str, name: str) -> Mapping[str, Any]:
        """One top-level section, nested as in the file."""
        section: Mapping[str, Any] = self._texts[language][name]
        return section

    def say(self, language: str, key: str, /, **values: object) -> str:
        """The text at a dotted `key` with its `{name}`s filled in. KeyError where there is none."""
        found: Any = self._texts[language]
        for part in key.split("."):
            found = found[part]
        text = str(found)
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def choose(wanted: Iterable[str]) -> str:
    """The first of `wanted` language tags (best first) that there are words in, else the default."""
    for tag in wanted:
        main = tag.split("-")[0].lower()
        for language in LANGUAGES:
            if language.split("-")[0] == main:
                return language
    return DEFAULT
