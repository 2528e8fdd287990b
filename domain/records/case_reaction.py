"""What the server itself adds to a case: its number, its due time, how often it was held, when it closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from domain.days import DAY, month_and_day
from domain.records.case_steps import ENDS, RANK, cycle_of, rank_of, status_of
from sync.clock import to_text
from sync.types import Moment, Reaction, Values

CodeOf = Callable[[str], str]
"""book id -> the short code of its place that people say on the telephone ("LW1")."""

DUE: Final = {"urgent": DAY, "serious": 3 * DAY, "normal": 7 * DAY}
"""Time to mend from acceptance on, by severity; a dispatcher may set another."""


def reaction(code_of: CodeOf) -> Reaction:
    """The reaction of `case`, given how to find the code of a book."""

    def react(moment: Moment, before: Values | None, after: Values) -> dict[str, Any]:
        written = _number(moment, after, code_of)
        written |= _shield(before, after)
        if status_of(before) != status_of(after):
            written |= _entered(moment, before, after)
        return written

    return react


def _number(moment: Moment, after: Values, code_of: CodeOf) -> dict[str, Any]:
    if after.get("no"):
        return {}
    return {"no": f"{code_of(moment.book)}-{month_and_day(moment.at)}-{moment.seq:03d}"}


def _shield(before: Values | None, after: Values) -> dict[str, Any]:
    """A quarrel between neighbours is nobody else's business: it is restricted from its first moment."""
    became = after.get("category") == "dispute" and (before or {}).get("category") != "dispute"
    return {"visibility": "restricted"} if became and after.get("visibility") != "restricted" else {}


def _entered(moment: Moment, before: Values | None, after: Values) -> dict[str, Any]:
    state = status_of(after)
    if cycle_of(after) > cycle_of(before) > 0:
        return _began_again(moment, after)
    if state == "on_hold":
        return {"hold_count": int(after.get("hold_count") or 0) + 1}
    if state in ENDS:
        return {"closed_at": to_text(moment.at)}
    accepted = rank_of(before) < RANK["accepted"] <= rank_of(after) < RANK["resolved"]
    if accepted and not after.get("due_at"):
        return _due(moment, after)
    return {}


def _began_again(moment: Moment, after: Values) -> dict[str, Any]:
    """A new cycle has a new term, and what the end of the last one left behind is gone."""
    left = {name: None for name in ("closed_at", "auto_closed") if after.get(name)}
    return {**left, **_due(moment, after)}


def _due(moment: Moment, after: Values) -> dict[str, Any]:
    return {"due_at": to_text(moment.at + DUE[after.get("severity") or "normal"])}
