"""The way of a visit, and what may be written to it. Pure: only what the writer saw counts (M12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.records.care_words import NEED_KEYS
from domain.roles import (
    ASSIGNEE,
    BUILDING_CAPTAIN,
    DEPT_HANDLER,
    GRID_HEAD,
    GRID_WORKER,
    SUPERVISOR,
    VOLUNTEER,
    self_role,
)
from domain.withdrawal import objection
from domain.words import ranked
from sync.types import Sight, Step, Values

PLANNERS: Final = frozenset({GRID_WORKER, GRID_HEAD, SUPERVISOR})
VISITORS: Final = PLANNERS | {VOLUNTEER, BUILDING_CAPTAIN, DEPT_HANDLER, ASSIGNEE}
"""Who goes to doors. A volunteer does so as a named carer, a department's handler as somebody who was sent."""
MAX_RETRIES: Final = 3
"""How often somebody comes again another day, before the visit is over however it went."""

STATES: Final = ranked(
    {
        "planned": (10, "待访", "Planned"),
        "retry": (20, "改天再来", "To come again"),
        "done": (30, "已完成", "Done"),
        "declined": (30, "不愿意", "Declined"),
        "cancelled": (30, "不去了", "Cancelled"),
    }
)
ENDS: Final = frozenset({"done", "declined", "cancelled"})
OUTCOMES_OF: Final[Mapping[str, frozenset[str]]] = {
    "retry": frozenset({"not_home"}),
    "declined": frozenset({"declined"}),
    "done": frozenset({"met", "phoned", "moved", "not_home"}),
}
"""state -> what must have happened at the door for it."""
WHAT: Final = frozenset().union(*OUTCOMES_OF.values())
SAFETY_KEYS: Final = frozenset({"gas", "wiring", "smoke_alarm", "passage", "heating", "ebike"})
_OF_CARE: Final = ("note", "needs", "consent")
"""What of a care visit stands in its agreement, and not where everybody with the door in sight reads it."""

STEPS: Final = (
    Step(None, "planned", PLANNERS),
    *(
        Step(start, end, VISITORS, 0, ("outcome",))
        for start in (None, "planned", "retry")
        for end in ("done", "retry", "declined")
    ),
    *(Step(start, "cancelled", PLANNERS) for start in ("planned", "retry")),
    # Nobody is sent again for that purpose, unless the household itself asks; and who asked, and how, is recorded.
    Step("declined", "planned", PLANNERS, 1, ("own_request",)),
)

Written = Mapping[str, Any]


def sight(fields: Values, by: str) -> Sight:
    """Which door, whose visit it is, and who was sent."""
    return {"by": by, "place": fields.get("place_id"), "assignees": sorted(fields.get("assignees") or {})}


def judge(before: Values | None, written: Written, roles: frozenset[str]) -> str | None:
    """The first objection to a change of a visit, as a reason code, or None."""
    stood = before or {}
    return (
        objection(written)
        or _care(stood, written)
        or _going(stood, written, roles)
        or _stepping(stood, written)
        or _sending(stood, written, roles)
        or _known_keys(written)
    )


def _care(stood: Values, written: Written) -> str | None:
    """What was said at the door of somebody in need is for the carers: it is written to the agreement."""
    of_care = (written.get("care_agreement_id") or stood.get("care_agreement_id")) is not None
    return "not_allowed" if of_care and any(written.get(name) for name in _OF_CARE) else None


def _going(stood: Values, written: Written, roles: frozenset[str]) -> str | None:
    """Everybody speaks of their own going."""
    went = stood.get("outcome") or {}
    for key, entry in (written.get("outcome") or {}).items():
        who = (went.get(key) or {}).get("by") if entry is None else entry.get("by")
        if who is None or self_role(str(who)) not in roles:
            return "not_allowed"
        if entry is not None and (entry.get("what") not in WHAT or not entry.get("at")):
            return "invalid"
    names = [each for each in (written.get("visited_by"), *(written.get("asking") or {})) if each]
    return None if all(self_role(str(each)) in roles for each in names) else "not_allowed"


def _stepping(stood: Values, written: Written) -> str | None:
    step = written.get("status")
    to = str(step.get("to")) if isinstance(step, Mapping) else ""
    if to == "planned" and stood:
        request = written.get("own_request") or {}
        return None if str(request.get("how") or "").strip() else "requires"
    if to not in OUTCOMES_OF:
        return None
    happened = {each.get("what") for each in (written.get("outcome") or {}).values() if each}
    if not happened <= OUTCOMES_OF[to]:
        return "requires"
    tries = sum(each.get("what") == "not_home" for each in (stood.get("outcome") or {}).values())
    return "not_allowed" if to == "retry" and tries >= MAX_RETRIES else None


def _sending(stood: Values, written: Written, roles: frozenset[str]) -> str | None:
    """Planners send others. A volunteer goes as a named carer; whoever else goes may name only themselves."""
    if roles & PLANNERS:
        return None
    named = {str(key) for key, entry in (written.get("assignees") or {}).items() if entry is not None}
    carers = (written.get("care_agreement_id") or stood.get("care_agreement_id")) is not None
    if not stood and roles & {VOLUNTEER} and not roles & {BUILDING_CAPTAIN, DEPT_HANDLER}:
        return None if carers and any(self_role(each) in roles for each in named) else "not_allowed"
    return None if carers or all(self_role(each) in roles for each in named) else "not_allowed"


def _known_keys(written: Written) -> str | None:
    known = {"needs": NEED_KEYS, "safety": SAFETY_KEYS}
    strange = [key for name, keys in known.items() for key in written.get(name) or {} if key not in keys]
    return "invalid" if strange else None
