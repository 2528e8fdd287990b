"""两条都留: where both values can be kept, and how. Pure.

A record holds one value of a field. What was not chosen stays readable for everybody who opens the record: among the
additions of a case; or, of what is personal, in the field itself, so that the erasure of the field takes both along.
Where two values cannot both be true, the button is not offered, and the page says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sync.types import Field, RecordType

How = Literal["addition", "joined"]
JOINED_BY: Final = " / "
_PERSONAL: Final = frozenset({"P2", "P3"})


@dataclass(frozen=True, slots=True)
class Keeping:
    """`how` both are kept, or None, and then `why` not: a word of the catalogue."""

    how: How | None
    why: str = ""


def keeping(type: RecordType, declared: Field | None, candidates: Sequence[Mapping[str, Any]]) -> Keeping:
    """Can all these candidates be kept on the record?"""
    if declared is None:
        return Keeping(None, "void")
    if declared.kind == "step":
        return Keeping(None, "step")
    if declared.kind == "boolean":
        return Keeping(None, "either")
    if declared.personal in _PERSONAL:
        fits = declared.kind == "text" and len(joined(candidates)) <= declared.max_length
        return Keeping("joined") if fits else Keeping(None, "too_long")
    if "additions" in type.by_name:
        return Keeping("addition")
    return Keeping(None, "nowhere")


def joined(candidates: Sequence[Mapping[str, Any]]) -> str:
    """All values as one text, the earliest first, each once."""
    return JOINED_BY.join(dict.fromkeys(str(each["value"]) for each in candidates if each["value"] is not None))
