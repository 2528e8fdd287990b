"""The household: one door. No names of residents, no head-count, no owner or tenant: only how to reach the door."""

from __future__ import annotations

from typing import Final

from domain.records import place_parts as parts
from domain.roles import DECIDERS, SUPERVISOR
from domain.words import choices, say
from sync.types import Field, RecordType

OCCUPANCIES: Final = choices(
    {"lived_in": ("在住", "Lived in"), "empty": ("空置", "Empty"), "unknown": ("不清楚", "Not known")}
)

HOUSEHOLD: Final = RecordType(
    name="household",
    labels=say("户", "Household"),
    fields=(
        *parts.place_fields("柳湾里3号楼2单元501", "3-2-501"),
        Field("floor", "latest", "integer", say("楼层", "Floor"), "P0", 5),
        Field("door", "latest", "integer", say("门(从左数)", "Door from the left"), "P0", 1),
        Field("occupancy", "latest", "enum", say("居住情况", "Occupancy"), "P0", "lived_in", choices=OCCUPANCIES),
        Field("contact_name", "ask", "text", say("联系人", "Contact"), "P2", "周女士(示例)", max_length=60,
              deciders=DECIDERS),
        Field("contact_phone", "ask", "text", say("联系电话", "Telephone"), "P2", "000-0000-0001", max_length=40,
              deciders=DECIDERS),
        Field("contact_confirmed_at", "most", "instant", say("联系方式确认于", "Contact confirmed"), "P1",
              "2026-06-13T08:40:12.123Z"),
    ),
    creators=parts.PLACE_MAKERS,
    voiders=frozenset({SUPERVISOR}),
    steps=parts.STEPS,
    sight=parts.sight,
    judge=parts.judge,
    react=parts.react,
    purpose=say("上门时找对门、联系得上(自愿留)", "Find the right door and reach people who agreed to it"),
    retention_days=None,
    phone_days=parts.FOREVER,
    derived_id=True,
)  # fmt: skip
