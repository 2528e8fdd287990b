"""The case: something somebody saw, on its way from the finder to the mender and back (records.md, CA)."""

from __future__ import annotations

from typing import Final

from domain.records import case_rights
from domain.records.asking import ASKING
from domain.records.case_reaction import CodeOf, reaction
from domain.records.case_steps import ENDS, STATES, STEPS, VERIFIERS, WORKERS
from domain.records.codes import short_code
from domain.records.spoken import VOICE
from domain.roles import (
    ASSIGNEE,
    DECIDERS,
    DEPT_HANDLER,
    DISPATCHERS,
    GRID_HEAD,
    PUBLISHERS,
    REPORTER,
    STAFF,
    SUPERVISOR,
)
from domain.words import choices, say
from sync.types import Field, RecordType

SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
PICTURE: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PREVIEW: Final = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
WHEN: Final = "2026-06-13T08:40:12.123Z"

CLASSES: Final = choices({"thing": ("部件", "A thing"), "event": ("事件", "An event")})
CATEGORIES: Final = choices(
    {
        "garbage": ("垃圾环卫", "Rubbish and cleaning"),
        "road": ("路面井盖", "Road and manholes"),
        "facility": ("设施损坏", "Broken facility"),
        "drainage": ("排水", "Drainage"),
        "blocked_way": ("楼道堆物/消防通道", "Blocked stairway or fire lane"),
        "ebike": ("电动车充电", "E-bike charging"),
        "dispute": ("纠纷", "Dispute"),
        "noise": ("噪声油烟", "Noise and fumes"),
        "greenery": ("绿化", "Greenery"),
        "water_leak": ("漏水", "Water leak"),
        "lamp_door": ("灯坏/门坏", "Lamp or door"),
        "help": ("求助其他", "Help and other"),
    }
)
SEVERITIES: Final = choices(
    {"normal": ("普通", "Normal"), "serious": ("较急", "Pressing"), "urgent": ("紧急", "Urgent")}
)
SOURCES: Final = choices(
    {
        "grid_worker": ("网格员", "Grid worker"),
        "steward": ("管家", "Steward"),
        "building_captain": ("楼栋长", "Building captain"),
        "school_guard": ("护学岗", "School guard"),
        "resident_qr": ("居民扫码", "Resident by QR code"),
        "reception": ("接访", "Reception"),
        "phone": ("电话", "Telephone"),
        "round": ("巡查", "Round"),
        "visit": ("走访", "Visit"),
        "council": ("议事会", "Council"),
    }
)
VISIBILITIES: Final = choices(
    {
        "public_wall": ("上墙公开", "On the public wall"),
        "internal": ("内部", "Internal"),
        "restricted": ("不公开", "Restricted"),
    }
)
RATINGS: Final = choices({"good": ("😀 满意", "😀 Good"), "fair": ("😐 一般", "😐 Fair"), "bad": ("☹ 不满意", "☹ Bad")})

_PHOTO: Final = {
    "stage": "before",
    "type": "image/jpeg",
    "bytes": 251904,
    "width": 1600,
    "height": 1200,
    "preview": PREVIEW,
    "taken_at": WHEN,
}

WHAT: Final = (
    Field("temp_no", "fixed", "text", say("本机编号", "Number on the phone"), "P0", "本机-7", max_length=20,
          deciders=DECIDERS),
    Field("no", "server", "text", say("编号", "Number"), "P0", "LW1-0613-036", max_length=40),
    Field("class", "latest", "enum", say("类别", "Class"), "P0", "thing", choices=CLASSES),
    Field("category", "latest", "enum", say("种类", "Category"), "P0", "garbage", choices=CATEGORIES),
    Field("description", "keep_all", "text", say("情况说明", "What is the matter"), "P1", {"text": "楼道里堆着旧沙发"}),
    Field(
        "additions",
        "collect",
        "json",
        say("补充", "Additions"),
        "P1",
        {SOMETHING: {"text": "今天又多了一个柜子"}},
        keyed=True,
        shape={"text": "text"},
    ),
    Field(
        "photos",
        "collect",
        "json",
        say("照片", "Photos"),
        "P1",
        {PICTURE: _PHOTO},
        keyed=True,
        pictures=True,
        max_keys=40,
        shape={
            "stage": "text",
            "type": "text",
            "bytes": "integer",
            "width": "integer",
            "height": "integer",
            "preview": "text",
            "taken_at": "instant",
        },
    ),
    VOICE,
    Field("severity", "most", "enum", say("轻重", "Severity"), "P0", "normal", choices=SEVERITIES,
          order=("normal", "serious", "urgent")),
    Field("captured_at", "fixed", "instant", say("发现时间", "Seen at"), "P1", WHEN, required=True, deciders=DECIDERS),
    Field("round_id", "fixed", "ref", say("哪次巡查", "On which round"), "P0", SOMETHING, deciders=DECIDERS),
    Field("source", "fixed", "enum", say("来源", "Source"), "P0", "grid_worker", choices=SOURCES, required=True,
          deciders=DECIDERS),
)  # fmt: skip

_POINT: Final = {"lat": 30.7421, "lon": 120.4879, "accuracy": 12.0, "source": "gps"}

WHERE: Final = (
    Field("place_id", "ask", "ref", say("地点", "Place"), "P0", SOMETHING, deciders=DECIDERS),
    Field("place_guess", "latest", "ref", say("地点(自动)", "Place (by itself)"), "P0", SOMETHING),
    Field("place_note", "latest", "text", say("具体位置", "Where exactly"), "P1", "三楼拐角", max_length=200),
    Field("gps", "latest", "geo", say("定位", "Position"), "P1", _POINT),
    Field("pin", "latest", "geo", say("地图点", "Pin on the map"), "P0", {**_POINT, "source": "pin"}),
)

WHO: Final = (
    Field("reporter_contact", "ask", "text", say("反映人电话", "Telephone of who told us"), "P2", "000-0000-0001",
          max_length=100, deciders=DECIDERS),
    Field("hide_reporter", "most", "boolean", say("不透露反映人", "Keep who told us hidden"), "P0", True,
          order=(False, True)),
    Field("visibility", "most", "enum", say("谁能看", "Who may see it"), "P0", "internal", choices=VISIBILITIES,
          order=("public_wall", "internal", "restricted"), writers=DISPATCHERS | {REPORTER, ASSIGNEE}),
    Field("seen_at", "least", "instant", say("已看过", "First looked at"), "P1", WHEN, writers=DISPATCHERS),
    Field("public_summary", "owner", "text", say("公开摘要", "Public summary"), "P0", "三单元楼道杂物已清理",
          writers=PUBLISHERS),
    Field("public_state", "owner", "text", say("公开进展", "Public progress"), "P0", "已办结", writers=PUBLISHERS,
          max_length=200),
)  # fmt: skip

_STEP: Final = {"from": None, "to": "reported", "cycle": 1}
_WORK: Final = frozenset(WORKERS | DISPATCHERS)

WORK: Final = (
    Field("status", "furthest", "step", say("进展", "Progress"), "P0", _STEP, choices=STATES, ends=ENDS, required=True,
          deciders=PUBLISHERS),
    Field("self_fixed", "fixed", "boolean", say("当场办结", "Fixed on the spot"), "P0", True, deciders=DECIDERS),
    Field("handler", "first", "ref", say("接单人", "Who took it"), "P1", SOMEBODY, writers=_WORK | {DEPT_HANDLER}),
    Field("assignees", "collect", "json", say("派给", "Dispatched to"), "P1", {SOMEBODY: {"as": "owner"}}, keyed=True,
          shape={"as": "text"}, writers=_WORK, max_keys=20),
    Field("due_at", "owner", "instant", say("期限", "Due"), "P0", WHEN, writers=DISPATCHERS),
    Field("hold", "latest", "json", say("挂起", "On hold"), "P1", {"reason": "等配件", "until": WHEN},
          shape={"reason": "text", "until": "instant"}, writers=_WORK),
    Field("hold_count", "server", "integer", say("挂起次数", "Times on hold"), "P0", 1),
    Field("resolution", "keep_all", "text", say("处理结果", "What was done"), "P1", {"text": "已联系清运,楼道畅通"},
          writers=_WORK | {REPORTER}),
    Field("rejection", "latest", "json", say("不受理的理由", "Why not accepted"), "P1",
          {"reason": "属于物业维修范围", "instead": "请找物业服务中心"}, shape={"reason": "text", "instead": "text"},
          writers=DISPATCHERS),
    Field("verify", "collect", "json", say("核实", "Verification"), "P1", {SOMEBODY: {"ok": True, "at": WHEN}},
          keyed=True, shape={"ok": "boolean", "at": "instant"}, writers=VERIFIERS, max_keys=20),
    Field("satisfaction", "latest", "enum", say("满意吗", "Satisfaction"), "P1", {SOMEBODY: "good"}, keyed=True,
          choices=RATINGS, writers=VERIFIERS | {REPORTER}),
    ASKING,
    Field("merged_into", "owner", "ref", say("并入", "Merged into"), "P0", SOMETHING, writers=DISPATCHERS),
    Field("closed_at", "server", "instant", say("结束时间", "Ended at"), "P0", WHEN),
    Field("auto_closed", "server", "boolean", say("超期默认", "Closed after silence"), "P0", True),
    Field("sealed", "server", "boolean", say("已过三十天", "Past thirty days"), "P0", True),
)  # fmt: skip


def case_type(code_of: CodeOf = short_code) -> RecordType:
    """The declaration of `case`; `code_of` finds the spoken code of a book for the numbers that the server gives."""
    return RecordType(
        name="case",
        labels=say("事件", "Case"),
        fields=(*WHAT, *WHERE, *WHO, *WORK),
        creators=STAFF,
        editors=STAFF | {REPORTER, ASSIGNEE},
        voiders=frozenset({REPORTER, GRID_HEAD, SUPERVISOR}),
        steps=STEPS,
        sight=case_rights.sight,
        judge=case_rights.judge,
        react=reaction(code_of),
        purpose=say("发现问题、派人解决、告诉反映人结果", "Find faults, have them mended, tell whoever told us"),
        retention_days=730,
        phone_days=90,
    )
