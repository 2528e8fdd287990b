"""The notice: what a publisher tells everybody below a place; and the word of one reader that they know (records.md, NO).

Whoever publishes in a place does so for the whole subtree of it: a notice stands in the publisher's book, and is a bulletin
that reaches every phone below as soon as it is published. While it is being written it stays with those who may publish there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.days import DAY
from domain.roles import DECIDERS, DISPATCHERS, REPORTER, STAFF
from domain.words import choices, ranked, say
from sync.clock import to_text
from sync.types import Field, Moment, RecordType, Sight, Step, Values

NOTICE: Final = "notice"
NOTICE_ACK: Final = "notice_ack"
PUBLISHES: Final = DISPATCHERS
"""The head in the grid, the supervisor in the community, the command room in the town: each in the books within reach."""

SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
PICTURE: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PREVIEW: Final = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
WHEN: Final = "2026-06-13T08:40:12.123Z"

KINDS: Final = choices(
    {
        "general": ("一般", "General"),
        "service": ("便民", "Service"),
        "safety": ("安全", "Safety"),
        "emergency": ("应急", "Emergency"),
    }
)
ASKS: Final = frozenset({"safety", "emergency"})
"""Kinds whose readers may be asked to say that they know."""
URGENT: Final = "emergency"
"""The kind that may ring at night."""

STATES: Final = ranked(
    {
        "draft": (10, "在写", "Being written"),
        "scheduled": (15, "定时发", "Scheduled"),
        "published": (20, "已发", "Published"),
        "expired": (30, "过期", "Expired"),
        "withdrawn": (40, "已撤回", "Withdrawn"),
    }
)
"""Withdrawn is above everything: whatever a colleague does to it meanwhile, it stays withdrawn."""
ENDS: Final = frozenset({"expired", "withdrawn"})
OPEN: Final = frozenset({"published", *ENDS})
"""What phones below are given: also that it was withdrawn, so that nobody goes on acting on it."""
KEPT: Final = 30 * DAY
"""How long a notice hangs where its publisher named no end; also how long its author sees who has said that they know."""

_WORDS: Final = ("title", "body")
_NOBODY: Final[frozenset[str]] = frozenset()
STEPS: Final = (
    Step(None, "draft", PUBLISHES),
    Step(None, "published", PUBLISHES, requires=_WORDS),
    Step(None, "scheduled", PUBLISHES, requires=(*_WORDS, "publish_at")),
    Step("draft", "published", PUBLISHES, requires=_WORDS),
    Step("draft", "scheduled", PUBLISHES, requires=(*_WORDS, "publish_at")),
    Step("scheduled", "published", PUBLISHES),
    Step("draft", "withdrawn", PUBLISHES),
    Step("scheduled", "withdrawn", PUBLISHES),
    Step("published", "withdrawn", PUBLISHES),
    Step("published", "expired", _NOBODY),
)

_PHOTO: Final = {
    "type": "image/jpeg",
    "bytes": 251904,
    "width": 1600,
    "height": 1200,
    "preview": PREVIEW,
    "taken_at": WHEN,
}

FIELDS: Final = (
    Field("kind", "owner", "enum", say("哪一种", "Kind"), "P0", "safety", choices=KINDS, required=True, writers=PUBLISHES),
    Field("title", "owner", "text", say("标题", "Title"), "P0", "明天停水", max_length=60, writers=PUBLISHES),
    Field("body", "owner", "text", say("正文", "Text"), "P0", "明天8点到12点停水,请提前存水。", max_length=4000,
          writers=PUBLISHES),
    Field("draft", "keep_all", "text", say("草稿", "Draft"), "P1", {"text": "明天上午停水"}, max_length=4000,
          writers=PUBLISHES),
    Field("audience", "owner", "boolean", say("发给谁", "For whom"), "P0", {"grid_worker": True}, keyed=True,
          writers=PUBLISHES, max_keys=20),
    Field("needs_ack", "owner", "boolean", say("请大家说一声知道了", "Readers are asked to say that they know"), "P0", True,
          writers=PUBLISHES),
    Field("publish_at", "owner", "instant", say("什么时候发", "To be published at"), "P0", WHEN, writers=PUBLISHES),
    Field("expire_at", "owner", "instant", say("挂到什么时候", "Hangs until"), "P0", WHEN, writers=PUBLISHES),
    Field("translations", "collect", "json", say("别的语言", "In other languages"), "P0",
          {"en": {"title": "No water tomorrow", "body": "No water from 8 to 12 tomorrow."}}, keyed=True,
          shape={"title": "text", "body": "text"}, writers=PUBLISHES, max_keys=20),
    Field("photos", "collect", "json", say("图片", "Pictures"), "P0", {PICTURE: _PHOTO}, keyed=True, pictures=True,
          max_keys=9, writers=PUBLISHES,
          shape={"type": "text", "bytes": "integer", "width": "integer", "height": "integer", "preview": "text",
                 "taken_at": "instant"}),
    Field("status", "furthest", "step", say("进展", "Progress"), "P0", {"from": None, "to": "draft", "cycle": 1},
          choices=STATES, ends=ENDS, required=True, deciders=DECIDERS),
    Field("published_at", "server", "instant", say("发出时间", "Published at"), "P0", WHEN),
    Field("coverage", "server", "json", say("各处知道了的", "Who knows, by place"), "P0",
          {SOMETHING: {"said": 8, "of": 11}}, keyed=True, shape={"said": "integer", "of": "integer"}, max_keys=2000),
)  # fmt: skip


def judge(before: Values | None, written: Mapping[str, Any], _roles: frozenset[str]) -> str | None:
    """Only of safety are readers asked to answer; and nothing empty is published."""
    after = {**(before or {}), **written}
    if after.get("needs_ack") and after.get("kind") not in ASKS:
        return "not_allowed"
    step = written.get("status")
    publishes = isinstance(step, Mapping) and step.get("to") in {"scheduled", "published"}
    return "requires" if publishes and not all(str(after.get(name) or "").strip() for name in _WORDS) else None


def sight(fields: Values, by: str) -> Sight:
    """`open`: also for phones below, and for those in the place who do not publish."""
    return {"by": by, "open": (fields.get("status") or {}).get("status") in OPEN}


def react(moment: Moment, before: Values | None, after: Values) -> Mapping[str, Any]:
    """When it was published and how long it hangs; of what was withdrawn, its newest words stay as a draft."""
    state, was = _state(after), _state(before or {})
    if state == "published" != was:
        return _published(moment, after)
    if state != "withdrawn" or not after.get("body"):
        return {}
    fresh = was != "withdrawn" or (before or {}).get("body") != after["body"]
    return {"draft": {"text": after["body"]}} if fresh else {}


def _published(moment: Moment, after: Values) -> dict[str, Any]:
    end = {} if after.get("expire_at") else {"expire_at": to_text(moment.at + KEPT)}
    return {"published_at": to_text(moment.at), **end}


def _state(fields: Values) -> str | None:
    return (fields.get("status") or {}).get("status")


NOTICE_TYPE: Final = RecordType(
    name=NOTICE,
    labels=say("通知", "Notice"),
    fields=FIELDS,
    creators=PUBLISHES,
    voiders=frozenset({REPORTER}),
    steps=STEPS,
    sight=sight,
    judge=judge,
    react=react,
    purpose=say("让一个地方的人知道该知道的事", "Let everybody of a place know what they should"),
    retention_days=365,
    phone_days=30,
    bulletin=True,
)


def sight_of_ack(fields: Values, by: str) -> Sight:
    """For the one who said it, and the author of the notice; for everybody else it is one more in their place."""
    author = fields.get("author")
    return {"by": by, "assignees": [author] if author else []}


NOTICE_ACK_TYPE: Final = RecordType(
    name=NOTICE_ACK,
    labels=say("知道了", "Known"),
    fields=(
        Field("notice", "fixed", "ref", say("哪条通知", "Of which notice"), "P1", SOMETHING, required=True,
              deciders=DECIDERS),
        Field("author", "fixed", "ref", say("谁发的", "Who published it"), "P1", SOMEBODY, required=True,
              deciders=DECIDERS),
        Field("at", "least", "instant", say("什么时候", "When"), "P1", WHEN, required=True),
    ),
    creators=STAFF,
    editors=frozenset({REPORTER}),
    sight=sight_of_ack,
    purpose=say("安全的事,发通知的人要知道各处都听到了", "Of safety, the publisher must know that every place has heard"),
    retention_days=30,
    phone_days=60,
    derived_id=True,
)  # fmt: skip
"""In the book of the reader's own place, under the id `derived("notice_ack", NOTICE, ACCOUNT)`: said on two phones, it is
said once."""
