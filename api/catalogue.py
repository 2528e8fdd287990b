"""The words that people read, by language: one JSON file each, found by a dotted key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

DEFAULT: Final = "zh-CN"
FOLDER: Final = Path(__file__).parent.parent / "web" / "catalogue"


def languages_in(folder: Path) -> tuple[str, ...]:
    """One file is one language; its name is the tag. The default first, then English, then whoever has come since."""
    found = {path.stem for path in folder.glob("*.json")}
    return tuple(sorted(found, key=lambda tag: (tag != DEFAULT, tag != "en", tag)))


LANGUAGES: Final = languages_in(FOLDER)


_WHOLE: Final = frozenset({DEFAULT, "en"})
"""Kept complete by tests: nothing need be laid under them."""


def _over(under: Any, text: Any) -> Any:
    """`text`, with `under` wherever it says nothing. One thing and several (`one`, `other`) stay together."""
    if not isinstance(text, Mapping) or not isinstance(under, Mapping) or "other" in text:
        return under if text is None else text
    return {key: _over(under.get(key), text.get(key)) for key in {**under, **text}}


class Catalogue:
    """Every text of the product in every language."""

    def __init__(self, texts: Mapping[str, Mapping[str, Any]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read every language of `folder`. What one has no words for is said in the default."""
        texts = {tag: orjson.loads((folder / f"{tag}.json").read_bytes()) for tag in languages_in(folder)}
        return cls({tag: text if tag in _WHOLE else _over(texts[DEFAULT], text) for tag, text in texts.items()})

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._texts)

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
