"""Several letters about one thing: what stands in all of them, and what does not. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sync.types import Field
from web.console.said import Line

_WORD: Final = re.compile(r"[^\W_\u4e00-\u9fff]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value; `same`: it stands in every letter."""

    text: str
    same: bool


def differing(values: Sequence[str], declared: Field | None = None) -> list[tuple[Piece, ...]]:
    """Each value cut where it begins and ends to differ from the others; words of Latin letters stay whole."""
    whole: list[tuple[Piece, ...]] = [(Piece(each, same=False),) for each in values]
    if len(values) < 2 or (declared is not None and declared.kind not in {"text", "ref"}):
        return whole
    words = [_WORD.findall(each) for each in values]
    shortest = min(len(each) for each in words)
    start = _common(words, shortest)
    end = _common([each[::-1] for each in words], shortest - start)
    if start + end == 0 or any(len(each) == start + end for each in words):
        return whole
    return [_cut(each, start, len(each) - end) for each in words]


def _common(words: Sequence[Sequence[str]], limit: int) -> int:
    """How many words all begin with."""
    count = 0
    while count < limit and len({each[count] for each in words}) == 1:
        count += 1
    return count


def _cut(words: Sequence[str], start: int, end: int) -> tuple[Piece, ...]:
    parts = (("".join(words[:start]), True), ("".join(words[start:end]), False), ("".join(words[end:]), True))
    return tuple(Piece(text, same) for text, same in parts if text)


def compared(letters: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines of each letter; what stands in all of them is marked."""
    if len(letters) < 2:
        return [list(each) for each in letters]
    everywhere = set.intersection(*({(line.name, line.words) for line in each} for each in letters))
    return [[replace(line, same=(line.name, line.words) in everywhere) for line in each] for each in letters]
