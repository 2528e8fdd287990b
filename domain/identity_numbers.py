"""Eighteen digits of an identity card are never needed, and do not come in (rules.md 2). Pure.

The phone leaves such a number out before a change is made (web/client/model/identity.ts, the twin of this; both are
held together by tests/vectors/identity_numbers.json). Here whatever brings one all the same is refused, field by field:
a change is frozen when it is made, so that nobody may take anything out of it on the way (X3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from sync.values import Errors, is_sha256

_DIGIT: Final = "0-9\uff10-\uff19"
"""As typed by any keyboard: Chinese ones have wide digits, too."""
_RUN: Final = re.compile(rf"(?<![{_DIGIT}])[{_DIGIT}]{{17}}[{_DIGIT}Xx\uff38\uff58](?![{_DIGIT}])")
_BORN: Final = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
"""A place, then a day of birth. The check digit is not asked after: a number with a slip in it is somebody's, too."""
_NARROW: Final = {0xFF10 + each: str(each) for each in range(10)}
_DIGIT_BYTES: Final = bytes(each in b"0123456789\xef\xbc" or 0x90 <= each <= 0x99 for each in range(256))
"""For each byte of UTF-8: may it be one of a digit? (A wide one is EF BC and 90 to 99.)"""
_SEVENTEEN: Final = bytes([1] * 17)
NOT_WANTED: Final = "别写身份证号,用不着 · no identity numbers please, they are not needed"


def may_hold_one(text: str) -> bool:
    """Do eighteen digits stand in this text? Enough to ask again for the answer to a question."""
    return _RUN.search(text) is not None


def holds_one(text: str) -> bool:
    """Does an identity number stand in this text?"""
    return any(_BORN.match(run.translate(_NARROW)) for run in _RUN.findall(text))


def unfit(values: Mapping[str, Any]) -> Errors:
    """The fields of a `set` in whose words such a number stands. Asked of every change: the whole is looked at first."""
    if not _may_hold_digits(values):
        return {}
    return {name: [NOT_WANTED] for name, value in values.items() if _within(value)}


def _may_hold_digits(values: Mapping[str, Any]) -> bool:
    """Are there seventeen bytes in a row of which each may belong to a digit, narrow or wide?"""
    try:
        return _SEVENTEEN in orjson.dumps(values).translate(_DIGIT_BYTES)
    except TypeError:  # what orjson cannot write is looked at closely
        return True


def _within(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) >= 18 and holds_one(value) and not is_sha256(value)
    if isinstance(value, dict):
        return any(map(_within, value.values()))
    return isinstance(value, list) and any(map(_within, value))
