"""What building, unit and household have in common: names, where they hang, their state, notes about things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.records.asking import ASKING
from domain.records.codes import place_code
from domain.roles import (
    BUILDING_CAPTAIN,
    DECIDERS,
    GRID_HEAD,
    GRID_WORKER,
    REPORTER,
    SUPERVISOR,
    VOLUNTEER,
)
from domain.words import ranked, say
from sync.types import Field, Moment, Sight, Step, Values

PROPOSERS: Final = frozenset({GRID_WORKER, VOLUNTEER, BUILDING_CAPTAIN, GRID_HEAD})
PLACE_MAKERS: Final = PROPOSERS | {SUPERVISOR}
APPROVERS: Final = frozenset({SUPERVISOR})
FOREVER: Final = 36_500
"""Days on the phone: as long as the phone follows the book."""

SOMEWHERE: Final = "019ec000-0000-7000-8000-0000000000c3"
NOTE: Final = "019ec000-0000-7000-8000-0000000000d4"

STATES: Final = ranked(
    {
        "proposed": (10, "待核", "Proposed"),
        "active": (20, "在用", "In use"),
        "retired": (30, "停用", "Retired"),
    }
)
STEPS: Final = (
    Step(None, "proposed", PROPOSERS),
    Step(None, "active", APPROVERS),
    Step("proposed", "active", APPROVERS),
    Step("proposed", "retired", APPROVERS),
    Step("active", "retired", APPROVERS),
)
SIGNBOARD: Final = frozenset({"name", "label", "parent_id", "floors", "doors_per_floor", "floor", "door", "outline"})
"""What stands on the signboard or in the tree: of a place in use, only suggestions are taken from the field."""


def place_fields(name: str, label: str) -> tuple[Field, ...]:
    """The common fields; `name` and `label` are examples."""
    return (
        Field("name", "ask", "text", say("名称", "Name"), "P0", name, max_length=100, deciders=DECIDERS),
        Field("label", "ask", "text", say("简称", "Short label"), "P0", label, max_length=40, required=True,
              deciders=DECIDERS),
        Field("parent_id", "owner", "ref", say("属于", "Belongs to"), "P0", SOMEWHERE, required=True,
              writers=APPROVERS | {REPORTER}),
        Field("status", "furthest", "step", say("状态", "State"), "P0", {"from": None, "to": "proposed", "cycle": 1},
              choices=STATES, ends=frozenset({"retired"}), required=True, deciders=frozenset({SUPERVISOR})),
        Field("code", "server", "text", say("编码", "Code"), "P0", "K7QM2F", max_length=12),
        Field("attrs", "latest", "text", say("设施", "Equipment"), "P0", {"extinguishers": "2"}, keyed=True,
              max_length=200, max_keys=100),
        Field("memory", "collect", "json", say("楼里的事", "Notes about things"), "P0",
              {NOTE: {"text": "水表间的钥匙在物业"}}, keyed=True, shape={"text": "text"}),
        ASKING,
    )  # fmt: skip


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """Whoever proposed a place may still correct it; once it is in use, the signboard is the supervisor's."""
    status = ((before or {}).get("status") or {}).get("status")
    settled = status in {"active", "retired"}
    return "suggestion" if settled and SIGNBOARD & set(written) and not roles & APPROVERS else None


def sight(fields: Values, by: str) -> Sight:
    """Who proposed it, what it belongs to, and its code, which follows from its id and so tells it from its neighbours."""
    return {"by": by, "parent": fields.get("parent_id"), "code": fields.get("code")}


def react(moment: Moment, _before: Values | None, after: Values) -> Mapping[str, Any]:
    return {} if after.get("code") else {"code": place_code(moment.record)}
