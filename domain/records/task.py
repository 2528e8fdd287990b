"""The task: one door of a campaign (records.md, TK). The server makes one for each when the campaign opens.

Its id follows from campaign and door, so that it is made once however often the making is begun again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.records.asking import ASKING
from domain.roles import ASSIGNEE, BUILDING_CAPTAIN, DECIDERS, DISPATCHERS, GRID_HEAD, SUPERVISOR, self_role
from domain.words import ranked, say
from sync.ids import derived
from sync.types import Field, Objection, RecordType, Sight, Step, Values

SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000b2"
CAMPAIGN: Final = "019ec000-0000-7000-8000-0000000000e5"
WHEN: Final = "2026-06-13T08:40:12.123Z"
PICTURE: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PREVIEW: Final = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
_PHOTO: Final = {"type": "image/jpeg", "bytes": 251904, "width": 1600, "height": 1200, "preview": PREVIEW,
                 "taken_at": WHEN}  # fmt: skip

STATES: Final = ranked(
    {
        "todo": (10, "要去", "To do"),
        "not_home": (20, "没人在", "Not at home"),
        "done": (30, "办好了", "Done"),
        "declined": (30, "不愿意", "Declined"),
        "not_applicable": (30, "不用去", "Does not apply"),
    }
)
ENDS: Final = frozenset({"done", "declined", "not_applicable"})
TICKERS: Final = frozenset({ASSIGNEE, BUILDING_CAPTAIN, GRID_HEAD, SUPERVISOR})
"""A captain is one for the doors of the own stairway (domain/powers.py); everybody else for what they were given."""
NOBODY: Final[frozenset[str]] = frozenset()
STEPS: Final = (
    Step(None, "todo", NOBODY),
    Step("todo", "not_home", TICKERS),
    *(Step(start, end, TICKERS) for start in ("todo", "not_home") for end in ("done", "declined", "not_applicable")),
    *(Step(end, "todo", TICKERS, 1, ("untick_reason",)) for end in ("done", "declined", "not_applicable", "not_home")),
)


NO_PHOTOS: Final = Objection("not_allowed", {"photos": ["这个专项不要照片 · this campaign asks for no photos"]})


def task_id(campaign: str, place: str) -> str:
    """The id of the task of this door in this campaign."""
    return derived("task", campaign, place)


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | Objection | None:
    """Nobody ticks in another's name, but who fills in from paper; what is over stays as it was; pictures only of doors
    where the campaign asks for them and the command room has agreed (rules.md 6)."""
    if (before or {}).get("closed_at"):
        return "not_allowed"
    if any((written.get("photos") or {}).values()) and not (before or {}).get("photo_asked"):
        return NO_PHOTOS
    names = [written["done_by"]] if written.get("done_by") else []
    names += list(written.get("also_by") or {})
    own = all(self_role(str(each)) in roles for each in names)
    if not own and not roles & DISPATCHERS:
        return "not_allowed"
    return None if all(self_role(each) in roles for each in written.get("asking") or {}) else "not_allowed"


def sight(fields: Values, by: str) -> Sight:
    """Which door, and who goes there."""
    return {"by": by, "place": fields.get("place_id"), "assignees": sorted(fields.get("assignees") or {})}


TASK: Final = RecordType(
    name="task",
    labels=say("任务", "Task"),
    fields=(
        Field("campaign_id", "fixed", "ref", say("专项", "Campaign"), "P0", CAMPAIGN, required=True,
              deciders=DECIDERS),
        Field("place_id", "fixed", "ref", say("地点", "Place"), "P0", SOMETHING, required=True, deciders=DECIDERS),
        Field("form_version", "server", "integer", say("表单版本", "Version of the form"), "P0", 1),
        Field("photo_asked", "server", "boolean", say("要拍照", "A photo is asked for"), "P0", True),
        Field("assignees", "collect", "json", say("谁去", "Who goes"), "P1", {SOMEBODY: {"as": "building_captain"}},
              keyed=True, shape={"as": "text"}, writers=frozenset({GRID_HEAD, SUPERVISOR}), max_keys=20),
        Field("status", "furthest", "step", say("进展", "Progress"), "P0", {"from": "todo", "to": "done", "cycle": 1},
              choices=STATES, ends=ENDS, required=True, deciders=frozenset({GRID_HEAD, SUPERVISOR})),
        Field("done_at", "least", "instant", say("办好的时间", "Done at"), "P1", WHEN, writers=TICKERS),
        Field("done_by", "first", "ref", say("谁办好的", "Who did it"), "P1", SOMEBODY, writers=TICKERS),
        Field("also_by", "collect", "json", say("还有谁去过", "Who went too"), "P1", {SOMEBODY: {"at": WHEN}},
              keyed=True, shape={"at": "instant"}, writers=TICKERS, max_keys=20),
        Field("tries", "collect", "json", say("去过几次", "Times somebody went"), "P0",
              {SOMETHING: {"outcome": "not_home", "at": WHEN}}, keyed=True,
              shape={"outcome": "text", "at": "instant"}, writers=TICKERS, max_keys=40),
        Field("note", "keep_all", "text", say("备注", "Note"), "P1", {"text": "晚上七点以后在"}, max_length=500,
              writers=TICKERS),
        # Only where the campaign asks for it and the command room has agreed: of the thing, never of people.
        Field("photos", "collect", "json", say("照片", "Photos"), "P2", {PICTURE: _PHOTO}, keyed=True, pictures=True,
              max_keys=6, writers=TICKERS,
              shape={"type": "text", "bytes": "integer", "width": "integer", "height": "integer", "preview": "text",
                     "taken_at": "instant"}),
        Field("untick_reason", "keep_all", "text", say("为什么改回去", "Why it was taken back"), "P1",
              {"text": "点错了一户"}, max_length=200, writers=TICKERS),
        Field("batch", "latest", "ref", say("纸上补录", "From a paper sheet"), "P0", SOMETHING, writers=TICKERS),
        Field("closed_at", "server", "instant", say("专项结束", "Campaign closed"), "P0", WHEN),
        ASKING,
    ),
    creators=NOBODY,
    editors=TICKERS,
    steps=STEPS,
    sight=sight,
    judge=judge,
    purpose=say("一户不落,不重复上门", "No door forgotten, nobody visited twice"),
    retention_days=365,
    phone_days=90,
    derived_id=True,
)  # fmt: skip
