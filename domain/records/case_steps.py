"""The way of a case: its states, its steps, and who may take them (records.md, CA)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from domain.roles import (
    ASSIGNEE,
    BUILDING_CAPTAIN,
    COMMAND_ROOM,
    DISPATCHERS,
    GRID_HEAD,
    GRID_WORKER,
    REPORTER,
    SCHOOL_GUARD,
    STAFF,
    SUPERVISOR,
    VOLUNTEER,
)
from domain.words import ranked
from sync.types import Step

STATES: Final = ranked(
    {
        "reported": (10, "已上报", "Reported"),
        "needs_info": (15, "退回补充", "Returned for detail"),
        "accepted": (20, "已受理", "Accepted"),
        "assigned": (30, "已派单", "Dispatched"),
        "working": (40, "处理中", "Being worked on"),
        "on_hold": (40, "挂起", "On hold"),
        "resolved": (50, "待核实", "Waiting for verification"),
        "closed": (60, "已办结", "Closed"),
        "rejected": (60, "不予受理", "Not accepted"),
        "merged": (60, "并案", "Merged with another case"),
    }
)
RANK: Final = {state.value: state.rank for state in STATES}
ENDS: Final = frozenset({"closed", "rejected", "merged"})
OPEN: Final = tuple(state.value for state in STATES if state.value not in ENDS)
COUNTED: Final = ("accepted", "assigned", "working", "on_hold", "resolved", "closed")
"""States of a valid report: accepted or fixed on the spot, neither turned down nor a double."""

WORKERS: Final = frozenset({ASSIGNEE, GRID_HEAD, SUPERVISOR})
"""Who works on a dispatched case. A department's handler does so as an assignee."""
FIXERS: Final = frozenset({GRID_WORKER, VOLUNTEER, BUILDING_CAPTAIN, SCHOOL_GUARD, GRID_HEAD, SUPERVISOR})
VERIFIERS: Final = frozenset({REPORTER, GRID_HEAD, SUPERVISOR, COMMAND_ROOM})


def status_of(fields: Any) -> str | None:
    """The state in a record's fields, or None before the first step."""
    value = (fields or {}).get("status")
    return value["status"] if value else None


def cycle_of(fields: Any) -> int:
    """1 for the first time through, more after each reopening; 0 before the first step."""
    value = (fields or {}).get("status")
    return int(value["cycle"]) if value else 0


def rank_of(fields: Any) -> int:
    return RANK.get(status_of(fields) or "", 0)


def _steps(
    come_from: Iterable[str | None], to: str, roles: Iterable[str], *requires: str, cycle: Any = 0
) -> tuple[Step, ...]:
    return tuple(Step(state, to, frozenset(roles), cycle, requires) for state in come_from)


STEPS: Final = (
    *_steps([None], "reported", STAFF),
    *_steps([None], "resolved", FIXERS, "self_fixed"),
    *_steps(["needs_info"], "reported", {REPORTER} | DISPATCHERS),
    *_steps(["reported", "needs_info"], "accepted", DISPATCHERS),
    *_steps(["reported"], "needs_info", DISPATCHERS),
    *_steps(["reported", "needs_info"], "rejected", DISPATCHERS, "rejection"),
    *_steps(["reported", "needs_info"], "merged", DISPATCHERS, "merged_into"),
    *_steps(["accepted"], "assigned", DISPATCHERS, "assignees"),
    *_steps(["assigned", "on_hold"], "working", WORKERS),
    *_steps(["assigned", "working"], "on_hold", WORKERS, "hold"),
    *_steps(["working"], "resolved", WORKERS, "resolution"),
    *_steps(["resolved"], "closed", VERIFIERS),
    *_steps(["resolved", "closed"], "working", VERIFIERS, cycle=1),
)
