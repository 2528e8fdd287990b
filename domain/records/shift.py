"""The shift: who stands at a post in one session of one day, and what was noted there (records.md, SH).

Its id is derived from post, date and session, so that two planners without a line make the same shift and both choices
stand. Of somebody who comes there is the time, how it was said, and near or not near as the phone itself worked it out:
never a coordinate. Nobody's absence is proved here: where nothing was noted, nothing was noted (未见记录).
"""

from __future__ import annotations

from typing import Any, Final

from domain.records import shift_rights
from domain.records.asking import ASKING
from domain.records.post_plan import KINDS, PLANNERS
from domain.roles import ASSIGNEE, DECIDERS, SCHOOL_GUARD
from domain.words import say
from sync.ids import derived
from sync.types import Field, RecordType, Values

ZHANG: Final = "019ec000-0000-7000-8000-0000000000a1"
LI: Final = "019ec000-0000-7000-8000-0000000000a2"
POST: Final = "019ec000-0000-7000-8000-0000000000e5"
ENTRY: Final = "019ec000-0000-7000-8000-0000000000d4"
PICTURE: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PREVIEW: Final = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
WHEN: Final = "2026-06-12T23:01:12.123Z"


def shift_id(post: str, date: str, session: str) -> str:
    """The shift of this post on this day (`2026-06-13`) in this session (`0710`), on every device."""
    return derived("shift", post, date, session)


def swap_key(giver: str, taker: str) -> str:
    """The same request, however often it is made."""
    return f"{giver}~{taker}"


_SWAP: Final = swap_key(ZHANG, LI)
_PHOTO: Final[dict[str, Any]] = {
    "type": "image/jpeg", "bytes": 251904, "width": 1600, "height": 1200, "preview": PREVIEW, "taken_at": WHEN,
}  # fmt: skip

PLAN: Final = (
    Field("post", "fixed", "ref", say("岗位", "Post"), "P0", POST, required=True, deciders=DECIDERS),
    Field("date", "fixed", "date", say("日期", "Date"), "P0", "2026-06-13", required=True, deciders=DECIDERS),
    Field("session", "fixed", "text", say("时段", "Session"), "P0", "0710", max_length=20, required=True,
          deciders=DECIDERS),
    Field("kind", "owner", "enum", say("种类", "Kind"), "P0", "school", choices=KINDS, required=True, writers=PLANNERS),
    Field("start", "owner", "instant", say("开始", "Begins"), "P0", "2026-06-12T23:10:00.000Z", required=True,
          writers=PLANNERS),
    Field("end", "owner", "instant", say("结束", "Ends"), "P0", "2026-06-13T00:10:00.000Z", required=True,
          writers=PLANNERS),
    Field("lead_minutes", "owner", "integer", say("提前几分钟到", "Minutes to be there before"), "P0", 10,
          writers=PLANNERS),
    Field("required_n", "owner", "integer", say("要几个人", "How many are needed"), "P0", 2, writers=PLANNERS),
    Field("remark", "owner", "text", say("提醒", "Remark"), "P0", "今天有雨,带雨衣", max_length=200, writers=PLANNERS),
    Field("assignees", "collect", "json", say("谁上岗", "Who is on"), "P1", {ZHANG: {"as": "planned"}}, keyed=True,
          shape={"as": "text"}, writers=PLANNERS, max_keys=50),
)  # fmt: skip

THERE: Final = (
    Field("seen_at", "least", "instant", say("知悉", "Seen"), "P1", {ZHANG: WHEN}, keyed=True),
    Field("check_in_at", "least", "instant", say("到岗", "Checked in"), "P1", {ZHANG: WHEN}, keyed=True),
    Field("check_in_how", "first", "json", say("怎么到岗", "How it was said"), "P1",
          {ZHANG: {"method": "button", "near": "yes"}}, keyed=True,
          shape={"method": "text", "near": "text", "clock_off": "integer"}, max_length=20),
    Field("check_out_at", "most", "instant", say("下岗", "Checked out"), "P1", {ZHANG: WHEN}, keyed=True),
    Field("back_fill", "latest", "json", say("补记", "Noted afterwards"), "P1", {ZHANG: {"reason": "手机没电", "at": WHEN}},
          keyed=True, shape={"reason": "text", "at": "instant"}, max_length=200),
    Field("confirmed", "collect", "json", say("补记已确认", "Confirmed"), "P1", {ZHANG: {"at": WHEN}}, keyed=True,
          shape={"at": "instant"}, writers=PLANNERS),
)  # fmt: skip

NOTED: Final = (
    Field("log", "collect", "json", say("记事", "Log"), "P1",
          {ENTRY: {"kind": "jam", "text": "门口堵了十分钟", "by": ZHANG, "at": WHEN}}, keyed=True,
          shape={"kind": "text", "text": "text", "by": "ref", "at": "instant", "case": "ref", "photo": "text"}),
    Field("photos", "collect", "json", say("照片", "Photos"), "P1", {PICTURE: _PHOTO}, keyed=True, pictures=True,
          max_keys=20, shape={"type": "text", "bytes": "integer", "width": "integer", "height": "integer",
                              "preview": "text", "taken_at": "instant"}),
    Field("handover", "keep_all", "text", say("交接", "Handover"), "P1", {"text": "东门的反光锥少一个,明天带来"}),
)  # fmt: skip

CHANGES: Final = (
    Field("swaps", "collect", "json", say("换班", "Swap"), "P1", {_SWAP: {"from": ZHANG, "to": LI, "at": WHEN}},
          keyed=True, shape={"from": "ref", "to": "ref", "at": "instant"}, max_keys=20),
    Field("swap_agreed", "latest", "json", say("同事的回答", "The colleague's answer"), "P1",
          {_SWAP: {"ok": True, "at": WHEN}}, keyed=True, shape={"ok": "boolean", "at": "instant"}, max_keys=20),
    Field("swap_approved", "latest", "json", say("换班批准", "Approval of a swap"), "P1",
          {_SWAP: {"ok": True, "at": WHEN}}, keyed=True, shape={"ok": "boolean", "at": "instant"}, max_keys=20,
          writers=PLANNERS),
    Field("absence", "latest", "json", say("请假", "Absence"), "P1", {ZHANG: {"reason": "家里有事", "at": WHEN}},
          keyed=True, shape={"reason": "text", "at": "instant"}, max_length=200),
    Field("excused", "latest", "json", say("准假", "Excused"), "P1", {ZHANG: {"at": WHEN}}, keyed=True,
          shape={"at": "instant"}, writers=PLANNERS),
    ASKING,
)  # fmt: skip


def sight(fields: Values, by: str) -> dict[str, Any]:
    """Who planned it and who is on it; the post's own people and its planners have it in any case (domain/powers.py)."""
    return {"by": by, "assignees": sorted(fields.get("assignees") or {})}


SHIFT: Final = RecordType(
    name="shift",
    labels=say("执勤", "Shift"),
    fields=(*PLAN, *THERE, *NOTED, *CHANGES),
    creators=PLANNERS,
    editors=PLANNERS | {SCHOOL_GUARD, ASSIGNEE},
    voiders=PLANNERS,
    sight=sight,
    judge=shift_rights.judge,
    purpose=say("岗位上有人,交接清楚", "A post that is manned, and a handover that is read"),
    retention_days=365,
    phone_days=35,
    derived_id=True,
)
