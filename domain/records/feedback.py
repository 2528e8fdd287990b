"""投诉建议: what somebody who works with this has to say about it, or about how they are made to work. It goes to the
supervisor and the command room, nobody else reads it, and its writer reads the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.records.asking import ASKING
from domain.roles import COMMAND_ROOM, DECIDERS, REPORTER, STAFF, SUPERVISOR, self_role
from domain.words import choices, ranked, say
from sync.types import Field, RecordType, Sight, Step, Values

FEEDBACK: Final = "feedback"
READERS: Final = frozenset({SUPERVISOR, COMMAND_ROOM})

ABOUT: Final = choices(
    {
        "app": ("软件不好用", "The app"),
        "work": ("任务和安排", "Tasks and plans"),
        "wish": ("我有个建议", "A suggestion"),
        "other": ("别的", "Something else"),
    }
)
STATES: Final = ranked({"sent": (10, "等答复", "Waiting for an answer"), "answered": (20, "已答复", "Answered")})
STEPS: Final = (
    Step(None, "sent", STAFF),
    Step("sent", "answered", READERS, 0, ("answer",)),
    Step("answered", "sent", frozenset({REPORTER}), 1, ("words",)),
)


def sight(_fields: Values, by: str) -> Sight:
    """Whose it is."""
    return {"by": by}


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """Somebody has to say something, in their own words; nobody rewrites them."""
    words = written.get("words")
    if words is not None and before and REPORTER not in roles:
        return "not_allowed"
    if before is None and not str((words or {}).get("text") or "").strip():
        return "requires"
    return None if all(self_role(key) in roles for key in written.get("asking") or {}) else "not_allowed"


FEEDBACK_TYPE: Final = RecordType(
    name=FEEDBACK,
    labels=say("投诉建议", "Complaint or suggestion"),
    fields=(
        Field("about", "latest", "enum", say("关于什么", "About"), "P1", "app", choices=ABOUT, required=True),
        Field("words", "keep_all", "text", say("想说的话", "In their words"), "P1", {"text": "字再大一点就好了"},
              max_length=1000),
        Field("screen", "fixed", "text", say("在哪一页", "On which screen"), "P0", "places", max_length=40,
              deciders=DECIDERS),
        Field("status", "furthest", "step", say("进展", "Progress"), "P0", {"from": None, "to": "sent", "cycle": 1},
              choices=STATES, required=True, ends=frozenset({"answered"}), deciders=READERS),
        Field("answer", "keep_all", "text", say("答复", "Answer"), "P1", {"text": "下个版本改,谢谢您"},
              max_length=1000, writers=READERS),
        ASKING,
    ),
    creators=STAFF,
    editors=READERS | {REPORTER},
    steps=STEPS,
    sight=sight,
    judge=judge,
    purpose=say("听见用的人说什么,并且答复", "Hear those who use this, and answer them"),
    retention_days=365,
    phone_days=365,
)  # fmt: skip
