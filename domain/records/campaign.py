"""The campaign 专项: what somebody wants asked or told at every door, why, on what basis, and until when (records.md, TK).

A campaign is a bulletin: everybody below it may read why they are sent, once it is open. Its form is the owner's until
it is handed in for admission; what was handed in is frozen in `published`, and that is what phones and totals go by.
"""

from __future__ import annotations

from typing import Final

from domain.records import campaign_rules as rules
from domain.roles import COMMAND_ROOM, DEPT_HANDLER, PUBLISHERS, REPORTER, SUPERVISOR
from domain.words import choices, ranked, say
from sync.types import Field, RecordType, Step

SOMEWHERE: Final = "019ec000-0000-7000-8000-0000000000c3"
SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
WHEN: Final = "2026-06-13T08:40:12.123Z"

KINDS: Final = choices(
    {
        "notify": ("挨户告知", "Tell every door"),
        "checklist": ("检查清单", "Checklist"),
        "survey": ("自愿问卷", "Voluntary survey"),
    }
)
STATES: Final = ranked(
    {
        "draft": (10, "草稿", "Draft"),
        "review": (20, "待准入", "Waiting for admission"),
        "open": (30, "进行中", "Under way"),
        "paused": (30, "暂停", "Paused"),
        "closed": (40, "已结束", "Closed"),
        "erased": (50, "已清理(只剩汇总)", "Erased, totals only"),
    }
)
CREATORS: Final = frozenset({DEPT_HANDLER, SUPERVISOR, COMMAND_ROOM})
_OWNER: Final = frozenset({REPORTER})
_ROOM: Final = frozenset({COMMAND_ROOM})
STEPS: Final = (
    Step(None, "draft", CREATORS),
    Step("draft", "review", _OWNER),
    Step("review", "draft", _ROOM, 1, ("review_note",)),
    Step("review", "open", _ROOM),
    Step("open", "paused", PUBLISHERS),
    Step("paused", "open", PUBLISHERS),
    Step("open", "closed", PUBLISHERS),
    Step("paused", "closed", PUBLISHERS),
    Step("closed", "erased", frozenset({SUPERVISOR})),
)
"""The system erases at `erase_at`; a supervisor may bring it forward. Whoever made it never admits it: see the judge."""

FORM: Final = {
    "questions": [
        {
            "type": "select_one",
            "list": "yes_no",
            "name": "gas",
            "label": {"zh-CN": "家里通燃气吗?", "en": "Is gas laid on?"},
            "required": True,
            "relevant": "",
            "constraint": "",
        }
    ],
    "choices": {"yes_no": [{"name": "yes", "label": {"zh-CN": "是", "en": "Yes"}}]},
}
"""How a form looks: question types note, text, integer, decimal, date, select_one, select_multiple (domain/forms)."""
_TARGET: Final = {"books": [SOMEWHERE], "level": "household", "buildings": [], "units": [], "occupancy": ["lived_in"]}
_REPORT: Final = {"floor": {"field": "household.floor", "as": "name"}}

WHAT: Final = (
    Field("title", "owner", "text", say("名称", "Title"), "P0", "柳湾社区改造意愿", max_length=100, writers=_OWNER,
          required=True),
    Field("kind", "fixed", "enum", say("做什么", "What it is"), "P0", "survey", choices=KINDS, required=True,
          deciders=PUBLISHERS),
    Field("owner_org", "owner", "text", say("哪个单位要做", "Whose it is"), "P0", "镇建设办", max_length=100,
          writers=_OWNER),
    Field("why", "owner", "text", say("为什么做", "Why"), "P0", "先听大家的意见再定改造方案", writers=_OWNER),
    Field("basis", "owner", "text", say("依据", "Basis"), "P0", "老旧小区改造工作方案第三条", writers=_OWNER),
    Field("purpose", "owner", "text", say("用途", "Purpose"), "P0", "只用于定改造方案", writers=_OWNER),
    Field("consent_text", "owner", "text", say("上门时念的话", "What is said at the door"), "P0",
          "自愿回答,可以不答,随时可以撤回", writers=_OWNER),
    Field("form", "owner", "json", say("问题(草稿)", "Form (draft)"), "P0", FORM, writers=_OWNER),
    Field("target", "owner", "json", say("范围", "Where"), "P0", _TARGET, writers=_OWNER),
    Field("starts_at", "owner", "instant", say("开始", "Begins"), "P0", WHEN, writers=_OWNER),
    Field("ends_at", "owner", "instant", say("截止", "Ends"), "P0", WHEN, writers=_OWNER),
    Field("erase_at", "owner", "instant", say("清理时间", "Erased at"), "P0", WHEN, writers=_OWNER),
    Field("photo_required", "owner", "boolean", say("要拍照", "Asks for photos"), "P0", False, writers=_OWNER),
    Field("photo_reason", "owner", "text", say("为什么要拍照", "Why photos"), "P0", "燃气管口要留图", writers=_OWNER),
    Field("results_public", "owner", "boolean", say("结果公开", "Results are public"), "P0", True, writers=_OWNER),
)  # fmt: skip
WAY: Final = (
    Field("status", "furthest", "step", say("进展", "Progress"), "P0", {"from": None, "to": "draft", "cycle": 1},
          choices=STATES, ends=frozenset({"erased"}), required=True, deciders=PUBLISHERS),
    Field("review_note", "keep_all", "text", say("准入意见", "Word of the admission"), "P1", {"text": "依据请写全"},
          writers=_ROOM),
    Field("photo_approval", "latest", "json", say("同意拍照", "Photos approved"), "P1", {"by": SOMEBODY, "at": WHEN},
          shape={"by": "ref", "at": "instant"}, writers=_ROOM),
    Field("form_version", "server", "integer", say("表单版本", "Version of the form"), "P0", 1),
    Field("published", "server", "json", say("定稿的问题", "Frozen form"), "P0",
          {"version": 1, "hash": "9f86d081884c7d65", "form": FORM, "terms": {"title": "柳湾社区改造意愿"}}),
    Field("reuse_report", "server", "json", say("已有的信息", "What is known already"), "P0", _REPORT),
    Field("opened_at", "server", "instant", say("准入时间", "Opened at"), "P0", WHEN),
    Field("closed_at", "server", "instant", say("结束时间", "Closed at"), "P0", WHEN),
    Field("totals", "server", "json", say("汇总", "Totals"), "P0", {"doors": 987, "done": 951}),
)  # fmt: skip

CAMPAIGN: Final = RecordType(
    name="campaign",
    labels=say("专项", "Campaign"),
    fields=(*WHAT, *WAY),
    creators=CREATORS,
    editors=CREATORS | _OWNER,
    voiders=_OWNER,
    steps=STEPS,
    sight=rules.sight,
    judge=rules.judge,
    react=rules.react,
    purpose=say(
        "说清为什么上门、依据是什么、什么时候清理", "Say why people come to the door, on what basis, until when"
    ),
    retention_days=None,
    phone_days=90,
    bulletin=True,
)
