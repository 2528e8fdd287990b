"""What may be written to a shift. Pure: only what the writer saw counts (M12).

Whoever writes `assignees` names everybody who is to be there, not only who is new: so, however two planners' choices meet,
everybody whom either of them left on the post is on it, and no merge leaves it emptier than either of them did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from domain.records.post_plan import CHECKED_IN, LEADS, PLANNERS
from domain.roles import self_role
from sync.types import Values

Roles = frozenset[str]
Written = Mapping[str, Any]

METHODS: Final = frozenset({"button", "scan", "later"})
NEAR: Final = frozenset({"yes", "no", "unknown"})
LOG_KINDS: Final = frozenset({"jam", "accident", "weather", "facility", "other"})
_OWN: Final = ("seen_at", "check_in_at", "check_in_how", "check_out_at", "back_fill")
_CHECKING_IN: Final = ("check_in_at", "check_in_how", "check_out_at", "back_fill")
_AS: Final = frozenset({"planned", "swap", "relief"})


def judge(before: Values | None, written: Written, roles: Roles) -> str | None:
    """The first objection to a change of a shift, as a reason code, or None."""
    objections = (check(before or {}, written, roles) for check in _CHECKS)
    return next((objection for objection in objections if objection), None)


def _crewing(before: Values, written: Written, _roles: Roles) -> str | None:
    if "assignees" not in written:
        return None
    named = dict(_entries(written, "assignees"))
    missing = set(before.get("assignees") or {}) - set(named)
    known = all(entry is None or entry.get("as") in _AS for entry in named.values())
    return "requires" if missing else None if known else "invalid"


def _planning(_before: Values, written: Written, _roles: Roles) -> str | None:
    lead, needed = written.get("lead_minutes"), written.get("required_n")
    good = (lead is None or lead in LEADS) and (needed is None or 1 <= needed <= 50)
    begins, ends = written.get("start"), written.get("end")
    return None if good and not (begins and ends and begins >= ends) else "invalid"


def _own_keys(before: Values, written: Written, roles: Roles) -> str | None:
    """Nobody comes, goes or answers in another's name; an absence may be noted by the planner who was rung."""
    names = (*_OWN, "asking", *(() if roles & PLANNERS else ("absence",)))
    mine = all(self_role(key) in roles for name in names for key, _ in _entries(written, name))
    return None if mine and _own_log(before, written, roles) else "not_allowed"


def _own_log(before: Values, written: Written, roles: Roles) -> bool:
    standing = before.get("log") or {}
    for key, entry in _entries(written, "log"):
        writers = [each["by"] for each in (standing.get(key), entry) if each and each.get("by")]
        if not all(self_role(str(each)) in roles for each in writers):
            return False
    return True


def _checking_in(before: Values, written: Written, _roles: Roles) -> str | None:
    """Only at kinds of safety and emergency (rules.md 5), and only near, not near or not known: never where."""
    if not any(name in written for name in _CHECKING_IN):
        return None
    if (before.get("kind") or written.get("kind")) not in CHECKED_IN:
        return "not_allowed"
    said = [entry for _, entry in _entries(written, "check_in_how") if entry]
    good = all(each.get("method") in METHODS and each.get("near") in NEAR for each in said)
    return None if good else "invalid"


def _logging(_before: Values, written: Written, _roles: Roles) -> str | None:
    entries = [entry for _, entry in _entries(written, "log") if entry]
    return None if all(each.get("kind") in LOG_KINDS and each.get("by") for each in entries) else "invalid"


def _asking_to_swap(before: Values, written: Written, roles: Roles) -> str | None:
    """One's own turn is offered by oneself; it is taken back by oneself."""
    standing = before.get("swaps") or {}
    for key, entry in _entries(written, "swaps"):
        said = entry or standing.get(key)
        if not said or f"{said.get('from')}~{said.get('to')}" != key or said["from"] == said["to"]:
            return "invalid"
        if self_role(str(said["from"])) not in roles:
            return "not_allowed"
    return None


def _answering(before: Values, written: Written, roles: Roles) -> str | None:
    asked = before.get("swaps") or {}
    for key, _ in _entries(written, "swap_agreed"):
        if key not in asked:
            return "requires"
        if self_role(str(asked[key]["to"])) not in roles:
            return "not_allowed"
    return None


def _approving(before: Values, written: Written, _roles: Roles) -> str | None:
    """A swap is approved once both agree, together with the change of the crew that it means (M13)."""
    crew = dict(_entries(written, "assignees"))
    for key, entry in _entries(written, "swap_approved"):
        if not (entry or {}).get("ok"):
            continue
        asked = (before.get("swaps") or {}).get(key)
        agreed = ((before.get("swap_agreed") or {}).get(key) or {}).get("ok")
        if not asked or not agreed or crew.get(asked["from"], "") is not None or not crew.get(asked["to"]):
            return "requires"
    return None


def _entries(written: Written, name: str) -> Iterator[tuple[str, Any]]:
    value = written.get(name)
    yield from value.items() if isinstance(value, Mapping) else ()


_CHECKS: Final[tuple[Callable[[Values, Written, Roles], str | None], ...]] = (
    _crewing,
    _planning,
    _own_keys,
    _checking_in,
    _logging,
    _asking_to_swap,
    _answering,
    _approving,
)
