"""The unit: one stairway of a building, one captain's world (records.md, PL)."""

from __future__ import annotations

from typing import Final

from domain.records import place_parts as parts
from domain.roles import SUPERVISOR
from domain.words import say
from sync.types import Field, RecordType

UNIT: Final = RecordType(
    name="unit",
    labels=say("单元", "Unit"),
    fields=(
        *parts.place_fields("柳湾里3号楼2单元", "3-2"),
        Field("floors", "latest", "integer", say("楼层数", "Floors"), "P0", 8),
        Field("doors_per_floor", "latest", "integer", say("每层户数", "Doors on a floor"), "P0", 4),
        Field("position", "latest", "integer", say("排序", "Order"), "P0", 2),
    ),
    creators=parts.PLACE_MAKERS,
    voiders=frozenset({SUPERVISOR}),
    steps=parts.STEPS,
    sight=parts.sight,
    judge=parts.judge,
    react=parts.react,
    purpose=say("知道问题在哪里、归谁管", "Know where a thing is and who looks after it"),
    retention_days=None,
    phone_days=parts.FOREVER,
    derived_id=True,
)  # fmt: skip
