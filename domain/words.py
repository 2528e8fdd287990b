"""Words for people, in the two languages, as declarations carry them."""

from __future__ import annotations

from collections.abc import Mapping

from sync.types import Choice, Labels

CHINESE = "zh-CN"
ENGLISH = "en"


def say(chinese: str, english: str) -> Labels:
    """`{"zh-CN": chinese, "en": english}`."""
    return {CHINESE: chinese, ENGLISH: english}


def choices(words: Mapping[str, tuple[str, str]]) -> tuple[Choice, ...]:
    """value -> (Chinese, English), in the order in which they are shown."""
    return tuple(Choice(value, say(*both)) for value, both in words.items())


def ranked(words: Mapping[str, tuple[int, str, str]]) -> tuple[Choice, ...]:
    """value -> (rank, Chinese, English): the choices of a step."""
    return tuple(Choice(value, say(chinese, english), rank) for value, (rank, chinese, english) in words.items())
