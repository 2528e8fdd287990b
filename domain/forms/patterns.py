"""The part of regular expressions that a form may use: the same in Python and JavaScript, and never slow. Pure.

One character or one class of them, how often, and `|` between whole alternatives: `[0-9]{11}|1[3-9]\\d{9}`. No groups, so
that no text can make the search explode; ^ at the beginning and $ at the end say nothing new: the whole text must fit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_PATTERN: Final = 100
MAX_UNBOUNDED: Final = 2
"""How many * and + an alternative may have: the time grows with the length to this power."""

_CLASS: Final = r"\[\^?(?:\\[dw\\\]\[.^-]|[^\\\[\]])+\]"
_ATOM: Final = re.compile(
    rf"(?P<one>{_CLASS}|\\[dw.*+?()\[\]{{}}|^$/\\-]|\.|[^\\\[\](){{}}*+?|^$.])(?P<often>[*+?]|\{{\d{{1,3}}(?:,\d{{0,3}})?\}})?"
)
_ANY: Final = "[^\\n\\r\\u2028\\u2029]"


class BadPattern(ValueError):
    """A pattern outside the permitted part."""


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise BadPattern(pattern[:40])
    try:
        return re.compile("|".join(_alternative(each) for each in pattern.split("|")), re.ASCII)
    except re.error as wrong:
        raise BadPattern(pattern) from wrong


def _alternative(text: str) -> str:
    inner = text.removeprefix("^").removesuffix("$")
    at, parts, unbounded = 0, [], 0
    while at < len(inner):
        atom = _ATOM.match(inner, at)
        if atom is None:
            raise BadPattern(text)
        often = atom["often"] or ""
        unbounded += often in ("*", "+") or often.endswith(",}")
        parts.append((_ANY if atom["one"] == "." else atom["one"]) + often)
        at = atom.end()
    if unbounded > MAX_UNBOUNDED:
        raise BadPattern(text)
    return "".join(parts)


def full_match(pattern: str, text: str) -> bool:
    """Does the whole text fit? BadPattern where the pattern is not of the permitted part."""
    return _compiled(pattern).fullmatch(text) is not None
