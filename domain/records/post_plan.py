"""What a post wants: its sessions of a day, how many stand there, and where it is (records.md, SH).

One plan a post, with an id derived from it, so that two planners write the same one. The place is a point so that a phone
can say for itself whether it is near; nothing about a person is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.roles import DISPATCHERS
from domain.words import choices, say
from sync.ids import derived
from sync.types import Field, RecordType, Values

PLANNERS: Final = DISPATCHERS
"""Who plans and re-assigns: the grid head, the supervisor, the command room, each in their own books."""
LEADS: Final = (10, 15, 20)
"""Minutes to be there before the session begins."""
KINDS: Final = choices(
    {
        "school": ("护学", "School guard"),
        "night": ("夜巡", "Night patrol"),
        "checkpoint": ("卡口", "Checkpoint"),
        "emergency": ("应急", "Emergency"),
        "desk": ("值班", "Desk duty"),
        "reception": ("接访", "Reception"),
    }
)
CHECKED_IN: Final = frozenset({"school", "night", "checkpoint", "emergency"})
"""Kinds of safety and emergency: only there somebody says 到岗 (rules.md 5)."""
NEAR_METRES: Final = 200
_SESSION: Final = {"start": "07:10", "end": "08:10", "lead_minutes": 10, "required_n": 2, "days": "12345"}


def plan_id(post: str) -> str:
    """The one plan of a post."""
    return derived("post_plan", post)


def judge(_before: Values | None, written: Mapping[str, Any], _roles: frozenset[str]) -> str | None:
    """A session is two times of a day, one of the known leads, at least one person, and days of the week."""
    sessions = [each for each in (written.get("sessions") or {}).values() if each]
    return None if all(map(_is_session, sessions)) else "invalid"


def _is_session(session: Mapping[str, Any]) -> bool:
    days = str(session.get("days") or "")
    return (
        _is_time(session.get("start"))
        and _is_time(session.get("end"))
        and session.get("lead_minutes") in LEADS
        and isinstance(session.get("required_n"), int)
        and 1 <= session["required_n"] <= 50
        and 0 < len(days) == len(set(days) & set("1234567"))
    )


def _is_time(value: Any) -> bool:
    hour, colon, minute = str(value or "").partition(":")
    good = bool(colon) and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdecimal()
    return good and int(hour) < 24 and int(minute) < 60


POST_PLAN: Final = RecordType(
    name="post_plan",
    labels=say("岗位安排", "Plan of a post"),
    fields=(
        Field("kind", "owner", "enum", say("种类", "Kind"), "P0", "school", choices=KINDS, required=True,
              writers=PLANNERS),
        Field("sessions", "owner", "json", say("时段", "Sessions"), "P0", {"0710": _SESSION}, keyed=True, max_keys=12,
              shape={"start": "text", "end": "text", "lead_minutes": "integer", "required_n": "integer", "days": "text"},
              max_length=10, writers=PLANNERS),
        Field("closed", "owner", "text", say("不上岗的日子", "Days without duty"), "P0", {"2026-10-01": "国庆节"},
              keyed=True, max_keys=200, max_length=60, writers=PLANNERS),
        Field("point", "owner", "geo", say("岗位在哪儿", "Where the post is"), "P0", {"lat": 30.0, "lon": 125.0},
              writers=PLANNERS),
        Field("near_metres", "owner", "integer", say("多近算在岗位", "How near is near, in metres"), "P0", NEAR_METRES,
              writers=PLANNERS),
        Field("host_phone", "owner", "text", say("校方电话", "Telephone of the school"), "P1", "000-0000-0110",
              max_length=40, writers=PLANNERS),
    ),
    creators=PLANNERS,
    voiders=PLANNERS,
    judge=judge,
    purpose=say("安排每天谁在岗位上", "Say when a post is manned, and by how many"),
    retention_days=None,
    phone_days=36_500,
    derived_id=True,
)  # fmt: skip
