"""Who may write what of a round. Pure: only what the writer saw counts (M12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.days import HOUR
from domain.records.checklists import is_check_key
from domain.roles import ASSIGNEE, GRID_HEAD, SUPERVISOR, self_role
from sync.clock import from_text
from sync.types import Sight, Values

PLANNERS: Final = frozenset({GRID_HEAD, SUPERVISOR})
FORGOTTEN: Final = 12 * HOUR
"""After so long the grid head may end a round in its walker's place (代结束)."""
WALKING: Final = frozenset(
    {"started_at", "ended_at", "stops", "checks", "cases", "notes", "voice", "track_on", "cut_reason", "with_code"}
)
"""What only whoever walks the round writes."""
PLANNING: Final = frozenset({"wanted", "planned_at"})

Roles = frozenset[str]
Written = Mapping[str, Any]


def status_of(fields: Any) -> str | None:
    """The state in a round's fields, or None before the first step."""
    value = (fields or {}).get("status")
    return value["status"] if value and "status" in value else None


def sight(fields: Values, by: str) -> Sight:
    """Who made it and who walks it; and whether it is still there for anybody to take up."""
    return {
        "by": by,
        "assignees": sorted(fields.get("members") or {}),
        "place": fields.get("place_id"),
        "planned": status_of(fields) == "planned",
    }


def judge(before: Values | None, written: Written, roles: Roles) -> str | None:
    """The first objection to a change of a round, as a reason code, or None."""
    objections = (check(before or {}, written, roles) for check in _CHECKS)
    return next((objection for objection in objections if objection), None)


def walks(written: Written, roles: Roles) -> bool:
    """A walker is who stands among the members, or writes themselves there."""
    return ASSIGNEE in roles or any(self_role(key) in roles for key, entry in _entries(written, "members") if entry)


def _walking(_before: Values, written: Written, roles: Roles) -> str | None:
    return "not_allowed" if WALKING & set(written) and not walks(written, roles) else None


def _planning(_before: Values, written: Written, roles: Roles) -> str | None:
    return "not_allowed" if PLANNING & set(written) and not roles & PLANNERS else None


def _joining(before: Values, written: Written, roles: Roles) -> str | None:
    """Whoever makes a round says with whom they walk; later, nobody adds or removes another but the planner."""
    if not before or roles & PLANNERS:
        return None
    others = [key for key, _ in _entries(written, "members") if self_role(key) not in roles]
    return "not_allowed" if others else None


def _checking(_before: Values, written: Written, _roles: Roles) -> str | None:
    """A check that was made is not taken out again, it is made anew; its key says where and what."""
    bad = [key for key, entry in _entries(written, "checks") if entry is None or not is_check_key(key)]
    return "invalid" if bad else None


def _stopping(_before: Values, written: Written, roles: Roles) -> str | None:
    wrong = [key for key, entry in _entries(written, "stops") if entry is not None and not _is_stop(entry)]
    return "invalid" if wrong else None


def _is_stop(entry: Any) -> bool:
    return isinstance(entry, Mapping) and all(entry.get(name) for name in ("place", "at", "method"))


def _starting(_before: Values, written: Written, roles: Roles) -> str | None:
    return "not_allowed" if _to(written) == "active" and not walks(written, roles) else None


def _ending_for_another(before: Values, written: Written, roles: Roles) -> str | None:
    """代结束: the head, in the own name, of a round that began twelve hours ago or more."""
    said = written.get("ended_for")
    if said is None:
        return None
    if not isinstance(said, Mapping) or not said.get("at") or self_role(str(said.get("by"))) not in roles:
        return "invalid"
    began = before.get("started_at")
    waited = began and from_text(str(said["at"])) - from_text(str(began)) >= FORGOTTEN
    return None if waited and _to(written) == "done" else "not_allowed"


def _to(written: Written) -> str | None:
    step = written.get("status")
    return step.get("to") if isinstance(step, Mapping) else None


def _entries(written: Written, name: str) -> list[tuple[str, Any]]:
    value = written.get(name)
    return list(value.items()) if isinstance(value, Mapping) else []


_CHECKS: Final[tuple[Callable[[Values, Written, Roles], str | None], ...]] = (
    _walking,
    _planning,
    _joining,
    _starting,
    _ending_for_another,
    _checking,
    _stopping,
)
