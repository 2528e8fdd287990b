"""Whom a change should make look: each type says it here, in one function. A type that is not named nudges whoever it newly names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from domain import notices
from domain.pushes import Happened, Topic
from domain.records.notice import NOTICE, URGENT
from domain.roles import STAFF

Nudge = tuple[str, Topic]
"""(account, what it is about)"""

_ANSWERS: Final = frozenset({"needs_info", "resolved", "rejected", "closed", "answered"})
"""States that answer whoever made the record."""
_PLANNED: Final = frozenset(
    {"assignees", "date", "start", "end", "lead_minutes", "swap_agreed", "swap_approved", "excused"}
)
"""What of a shift its people should hear."""


def nudges(conn: Connection, happened: Iterable[Happened], now: int) -> set[Nudge]:
    """Each person once for each matter, and nobody about what they wrote themselves."""
    found: set[Nudge] = set()
    for each in happened:
        told = _TELLS.get(each.type, _named)(conn, each, now)
        found |= {(who, topic) for who, topic in told if who != each.by}
    return found


def _state(each: Happened) -> str | None:
    step = each.written.get("status")
    return str(step.get("to")) if isinstance(step, Mapping) else None


def _keys(each: Happened, name: str) -> set[str]:
    value = each.written.get(name)
    return {key for key, entry in value.items() if entry is not None} if isinstance(value, Mapping) else set()


def _named(_conn: Connection, each: Happened, _now: int) -> set[Nudge]:
    """Whoever is newly named in it has something to do."""
    return {(who, "task") for who in _keys(each, "assignees")}


def _case(conn: Connection, each: Happened, now: int) -> set[Nudge]:
    found = _named(conn, each, now)
    state = _state(each)
    # What the clock closed after a week of silence is no answer.
    if state in _ANSWERS and not each.written.get("auto_closed"):
        found.add((each.owner, "reply"))
    if state == "working" and each.written.get("verify"):
        found |= {(who, "task") for who in each.fields.get("assignees") or {}}
    return found


def _shift(_conn: Connection, each: Happened, _now: int) -> set[Nudge]:
    asked = {str(swap.get("to")) for swap in _values(each, "swaps")}
    if not _PLANNED & set(each.written):
        return {(who, "shift") for who in asked}
    # Also whoever is on it no more.
    people = {*(each.fields.get("assignees") or {}), *(each.written.get("assignees") or {}), *asked}
    return {(who, "shift") for who in people}


def _values(each: Happened, name: str) -> list[Mapping[str, Any]]:
    value = each.written.get(name)
    return [entry for entry in value.values() if isinstance(entry, Mapping)] if isinstance(value, Mapping) else []


def _notice(conn: Connection, each: Happened, now: int) -> set[Nudge]:
    if _state(each) != "published":
        return set()
    named = {role for role, meant in (each.fields.get("audience") or {}).items() if meant}
    topic: Topic = "urgent" if each.fields.get("kind") == URGENT else "notice"
    people = notices.addressed(conn, each.book, named or STAFF, now)
    return {(who, topic) for who in set().union(*people.values()) if who != each.owner}


_TELLS: Final[Mapping[str, Callable[[Connection, Happened, int], set[Nudge]]]] = {
    "case": _case,
    "feedback": _case,
    "shift": _shift,
    NOTICE: _notice,
}
