"""The building: a house in a grid's book (records.md, PL)."""

from __future__ import annotations

from typing import Final

from domain.records import place_parts as parts
from domain.roles import SUPERVISOR
from domain.words import say
from sync.types import Field, RecordType

_SUPERVISOR: Final = frozenset({SUPERVISOR})
_OUTLINE: Final = {"type": "Polygon", "coordinates": [[[120.4, 30.7], [120.5, 30.7], [120.5, 30.8], [120.4, 30.7]]]}

BUILDING: Final = RecordType(
    name="building",
    labels=say("楼栋", "Building"),
    fields=(
        *parts.place_fields("柳湾里3号楼", "3"),
        Field("centre", "owner", "geo", say("中心点", "Centre"), "P0",
              {"lat": 30.7421, "lon": 120.4879, "accuracy": 5.0, "source": "map"}, writers=_SUPERVISOR),
        Field("outline", "owner", "json", say("轮廓", "Outline"), "P0", _OUTLINE, writers=_SUPERVISOR),
        Field("public_info", "owner", "json", say("公开信息", "Public information"), "P0",
              {"hours": "08:00-20:00"}, writers=_SUPERVISOR),
        Field("position", "latest", "integer", say("排序", "Order"), "P0", 3),
    ),
    creators=parts.PLACE_MAKERS,
    voiders=_SUPERVISOR,
    steps=parts.STEPS,
    sight=parts.sight,
    judge=parts.judge,
    react=parts.react,
    purpose=say("知道问题在哪里、归谁管", "Know where a thing is and who looks after it"),
    retention_days=None,
    phone_days=parts.FOREVER,
    derived_id=True,
)  # fmt: skip
