"""What may be written to a case depends on how far it has come. Pure: only what the writer saw counts (M12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.records.case_steps import RANK, rank_of, status_of
from domain.roles import ASSIGNEE, DISPATCHERS, PUBLISHERS, REPORTER, SUPERVISOR, self_role
from sync.types import Sight, Values

MAX_HOLDS: Final = 2
_REMOVERS: Final = {"before": REPORTER, "after": ASSIGNEE}
"""Who took a picture follows from its stage: the finder's shows the fault, the mender's the work done."""

Roles = frozenset[str]
Written = Mapping[str, Any]


def judge(before: Values | None, written: Written, roles: Roles) -> str | None:
    """The first objection to a change of a case, as a reason code, or None."""
    objections = (check(before or {}, written, roles) for check in _CHECKS)
    return next((objection for objection in objections if objection), None)


def _classifying(before: Values, written: Written, roles: Roles) -> str | None:
    accepted = rank_of(before) >= RANK["accepted"]
    touches = "class" in written or "category" in written
    return "suggestion" if touches and accepted and not roles & DISPATCHERS else None


def _telling(before: Values, written: Written, roles: Roles) -> str | None:
    """The text is the finder's until it is accepted; then it stands, and what is new is an addition."""
    if "description" not in written or not before:
        return None
    if rank_of(before) >= RANK["accepted"]:
        return "not_allowed"
    replaces = isinstance(written["description"], Mapping) and written["description"].get("replaces")
    return "not_allowed" if replaces and not roles & (DISPATCHERS | {REPORTER}) else None


def _removing(before: Values, written: Written, roles: Roles) -> str | None:
    for name in ("photos", "voice"):
        standing = before.get(name) or {}
        for key, entry in _entries(written, name):
            stage = (standing.get(key) or {}).get("stage", "before")
            if entry is None and key in standing and not roles & {_REMOVERS.get(stage, REPORTER), SUPERVISOR}:
                return "not_allowed"
    return None


def _own_keys(_before: Values, written: Written, roles: Roles) -> str | None:
    """Nobody verifies, rates or asks in another's name; only a dispatcher sends another to work."""
    own = ["verify", "satisfaction", "asking", *([] if roles & DISPATCHERS else ["assignees"])]
    keys = [key for name in own for key, _ in _entries(written, name)]
    return None if all(self_role(key) in roles for key in keys) else "not_allowed"


def _claiming(_before: Values, written: Written, roles: Roles) -> str | None:
    claimed = written.get("handler")
    mine = claimed is None or self_role(str(claimed)) in roles
    return None if mine or roles & DISPATCHERS else "not_allowed"


def _showing(_before: Values, written: Written, roles: Roles) -> str | None:
    public = written.get("visibility") == "public_wall"
    return "not_allowed" if public and not roles & PUBLISHERS else None


def _stepping(before: Values, written: Written, _roles: Roles) -> str | None:
    step = written.get("status")
    to = step.get("to") if isinstance(step, Mapping) else None
    check = _ENTERING.get(str(to))
    return check(before, written) if check else None


def _said(value: Any, *names: str) -> bool:
    return isinstance(value, Mapping) and all(str(value.get(name) or "").strip() for name in names)


def _rejecting(_before: Values, written: Written) -> str | None:
    """To hear only that it is not our responsibility misleads people: say why, and whom to ask instead."""
    return None if _said(written.get("rejection"), "reason", "instead") else "requires"


def _holding(before: Values, written: Written) -> str | None:
    if not _said(written.get("hold"), "reason", "until"):
        return "requires"
    return "not_allowed" if int(before.get("hold_count") or 0) >= MAX_HOLDS else None


def _merging(_before: Values, written: Written) -> str | None:
    return None if written.get("merged_into") else "requires"


def _dispatching(_before: Values, written: Written) -> str | None:
    return None if any(entry for _, entry in _entries(written, "assignees")) else "requires"


def _resolving(before: Values, written: Written) -> str | None:
    on_the_spot = status_of(before) is None
    return "requires" if on_the_spot and written.get("self_fixed") is not True else None


def _working(before: Values, _written: Written) -> str | None:
    """A closed case can be opened again for thirty days; then the server seals it."""
    return "not_allowed" if status_of(before) == "closed" and before.get("sealed") else None


def _entries(written: Written, name: str) -> list[tuple[str, Any]]:
    value = written.get(name)
    return list(value.items()) if isinstance(value, Mapping) else []


_ENTERING: Final[dict[str, Callable[[Values, Written], str | None]]] = {
    "rejected": _rejecting,
    "on_hold": _holding,
    "merged": _merging,
    "assigned": _dispatching,
    "resolved": _resolving,
    "working": _working,
}
_CHECKS: Final = (_stepping, _own_keys, _claiming, _showing, _removing, _telling, _classifying)


def sight(fields: Values, by: str) -> Sight:
    """Who made it, where it is, who works on it, who may know of it."""
    return {
        "by": by,
        "place": fields.get("place_id") or fields.get("place_guess"),
        "assignees": sorted(fields.get("assignees") or {}),
        "visibility": fields.get("visibility") or "internal",
    }
