"""The visit: somebody went to a door (records.md, VI). Each going is an entry of its own; what it means is computed.

What is said about a person in need never stands here: notes and needs of a care visit are in its agreement, which only
its carers and the grid's head read. So whoever has the door in sight may know that somebody was there, and no more.
"""

from __future__ import annotations

from typing import Final

from domain.records import visit_rights as rights
from domain.records.asking import ASKING
from domain.records.care_words import NEEDS
from domain.roles import DECIDERS, GRID_HEAD, REPORTER, SUPERVISOR
from domain.withdrawal import consent, withdrawn
from domain.words import choices, say
from sync.types import Field, RecordType

VISIT: Final = "visit"
SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
WHEN: Final = "2026-06-13T08:40:12.123Z"

PURPOSES: Final = choices(
    {
        "safety_check": ("安全检查", "Safety check"),
        "care": ("关爱探访", "Welfare visit"),
        "notice": ("通知送达", "Bringing a notice"),
        "survey": ("自愿问卷", "Voluntary survey"),
        "follow_up": ("事件回访", "Asking after a case"),
        "errand": ("便民代办", "An errand"),
    }
)
OUTCOMES: Final = choices(
    {
        "met": ("见到了", "Met"),
        "not_home": ("没人在", "Not at home"),
        "phoned": ("电话联系", "Reached by telephone"),
        "declined": ("不愿意", "Declined"),
        "moved": ("已搬", "Moved away"),
    }
)
SAFETY: Final = choices(
    {
        "gas": ("燃气", "Gas"),
        "wiring": ("电线", "Wiring"),
        "smoke_alarm": ("烟感", "Smoke alarm"),
        "passage": ("通道", "Passage"),
        "heating": ("取暖", "Heating"),
        "ebike": ("电瓶车", "E-bike battery"),
    }
)
FOUND: Final = choices({"fine": ("正常", "Fine"), "trouble": ("有问题", "Trouble")})

_STEP: Final = {"from": None, "to": "done", "cycle": 1}
_WENT: Final = {SOMETHING: {"what": "met", "by": SOMEBODY, "at": WHEN}}

VISIT_TYPE: Final = RecordType(
    name=VISIT,
    labels=say("走访", "Visit"),
    fields=(
        Field("place_id", "fixed", "ref", say("地点", "Place"), "P0", SOMETHING, required=True, deciders=DECIDERS),
        Field("purpose", "fixed", "enum", say("为什么去", "What for"), "P0", "care", choices=PURPOSES, required=True,
              deciders=DECIDERS),
        Field("care_agreement_id", "fixed", "ref", say("关爱约定", "Care agreement"), "P0", SOMETHING,
              deciders=DECIDERS),
        Field("case_id", "fixed", "ref", say("事件", "Case"), "P0", SOMETHING, deciders=DECIDERS),
        Field("task_id", "fixed", "ref", say("任务", "Task"), "P0", SOMETHING, deciders=DECIDERS),
        Field("status", "furthest", "step", say("进展", "Progress"), "P0", _STEP, choices=rights.STATES,
              ends=rights.ENDS, required=True, deciders=DECIDERS),
        Field("planned_for", "least", "date", say("打算哪天去", "Planned for"), "P0", "2026-06-13"),
        Field("assignees", "collect", "json", say("谁去", "Who goes"), "P1", {SOMEBODY: {"as": "carer"}}, keyed=True,
              shape={"as": "text"}, max_keys=20),
        Field("outcome", "collect", "json", say("去了怎么样", "How it went"), "P1", _WENT, keyed=True,
              shape={"what": "text", "by": "ref", "at": "instant"}, choices=OUTCOMES, max_keys=40),
        Field("visited_by", "first", "ref", say("谁去的", "Who went"), "P1", SOMEBODY),
        Field("visited_at", "first", "instant", say("去的时间", "When"), "P1", WHEN),
        Field("companions", "collect", "boolean", say("一起去的", "Who went along"), "P1", {SOMEBODY: True},
              keyed=True, max_keys=10),
        Field("safety", "most", "enum", say("安全检查", "Safety checks"), "P1", {"gas": "fine"}, keyed=True,
              choices=FOUND, order=("fine", "trouble"), max_keys=20),
        Field("needs", "collect", "boolean", say("要帮什么", "Help wanted"), "P2", {"repair": True}, keyed=True,
              choices=NEEDS, max_keys=20),
        Field("note", "keep_all", "text", say("记一句", "Note"), "P2", {"text": "灶具软管旧了,答应下周换"},
              max_length=500),
        Field("next_at", "least", "date", say("说好哪天再来", "Promised to come again"), "P1", "2026-06-20"),
        Field("own_request", "latest", "json", say("住户自己要求", "Asked for by the household"), "P1",
              {"how": "自己打电话来的", "at": WHEN}, shape={"how": "text", "at": "instant"}, max_length=200),
        Field("cancelled_why", "latest", "text", say("为什么不去了", "Why nobody goes"), "P0", "declined",
              max_length=200),
        consent(),
        ASKING,
    ),
    creators=rights.VISITORS,
    editors=rights.VISITORS | {REPORTER},
    voiders=frozenset({REPORTER, GRID_HEAD, SUPERVISOR}),
    steps=rights.STEPS,
    sight=rights.sight,
    judge=rights.judge,
    spent=withdrawn,
    purpose=say("上门看看、说好的帮上忙、不重复打扰", "Look in, help as agreed, bother nobody twice"),
    retention_days=365,
    phone_days=400,
)  # fmt: skip
