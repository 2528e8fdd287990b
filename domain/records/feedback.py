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
SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
WHEN: Final = "2026-06-13T08:40:12.123Z"
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
    """Somebody has to say something, and it stands as they said it; an answer is signed by who gives it."""
    if before and written.get("words") and REPORTER not in roles:
        return "not_allowed"
    said = [each for name in ("words", "answer") for each in (written.get(name) or {}).values()]
    if not all(each and str(each.get("text") or "").strip() for each in said):
        return "requires"
    names = [str(each.get("by")) for each in (written.get("answer") or {}).values()]
    own = all(self_role(each) in roles for each in (*names, *(written.get("asking") or {})))
    return None if own else "not_allowed"


FEEDBACK_TYPE: Final = RecordType(
    name=FEEDBACK,
    labels=say("投诉建议", "Complaint or suggestion"),
    fields=(
        Field("about", "latest", "enum", say("关于什么", "About"), "P1", "app", choices=ABOUT, required=True),
        Field("words", "collect", "json", say("想说的话", "In their words"), "P1",
              {SOMETHING: {"text": "字再大一点就好了", "at": WHEN}}, keyed=True, shape={"text": "text", "at": "instant"},
              max_length=1000, max_keys=40, required=True),
        Field("screen", "fixed", "text", say("在哪一页", "On which screen"), "P0", "places", max_length=40,
              deciders=DECIDERS),
        Field("status", "furthest", "step", say("进展", "Progress"), "P0", {"from": None, "to": "sent", "cycle": 1},
              choices=STATES, required=True, ends=frozenset({"answered"}), deciders=READERS),
        Field("answer", "collect", "json", say("答复", "Answer"), "P1",
              {SOMETHING: {"text": "下个版本改,谢谢您", "by": SOMEBODY, "at": WHEN}}, keyed=True,
              shape={"text": "text", "by": "ref", "at": "instant"}, max_length=1000, max_keys=40, writers=READERS),
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
