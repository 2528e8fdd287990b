"""The round: somebody walks round their place and looks (records.md, RO).

A tap by hand is as good as a scan, and 都正常 is a result: nothing here is proof of anything. Whoever joins a colleague
writes a round of their own that names the colleague's by its code (`with_code`), see docs/decisions/0101.
"""

from __future__ import annotations

from typing import Any, Final

from domain.records.asking import ASKING
from domain.records.checklists import CHECK_ORDER, CHECKS, KINDS
from domain.records.codes import place_code
from domain.records.round_rights import PLANNERS, judge, sight
from domain.records.spoken import VOICE
from domain.roles import ASSIGNEE, DECIDERS, FIELD, GRID_HEAD, REPORTER
from domain.words import choices, ranked, say
from sync.types import Field, RecordType, Step

SOMEBODY: Final = "019ec000-0000-7000-8000-0000000000a1"
SOMEWHERE: Final = "019ec000-0000-7000-8000-0000000000c3"
SOMETHING: Final = "019ec000-0000-7000-8000-0000000000d4"
WHEN: Final = "2026-06-13T08:40:12.123Z"

STATES: Final = ranked(
    {
        "planned": (10, "待巡", "Planned"),
        "active": (20, "巡查中", "On the way"),
        "done": (30, "完成", "Done"),
        "cut_short": (30, "提前结束", "Ended early"),
        "cancelled": (30, "不巡了", "Called off"),
    }
)
ENDS: Final = frozenset({"done", "cut_short", "cancelled"})
WALKERS: Final = FIELD | PLANNERS
_GOING: Final = ("started_at", "members")
STEPS: Final = (
    Step(None, "planned", PLANNERS),
    Step(None, "active", WALKERS, requires=_GOING),
    Step("planned", "active", WALKERS, requires=_GOING),
    Step("planned", "cancelled", PLANNERS),
    Step("active", "done", frozenset({ASSIGNEE}), requires=("ended_at",)),
    Step("active", "cut_short", frozenset({ASSIGNEE}), requires=("ended_at",)),
    Step("active", "done", frozenset({GRID_HEAD}), requires=("ended_for",)),
)
METHODS: Final = choices({"scan": ("扫码", "Scanned"), "nfc": ("碰一碰", "NFC"), "hand": ("手点", "By hand")})

_STOP: Final[dict[str, Any]] = {"place": SOMEWHERE, "method": "hand", "at": WHEN}

ROUND: Final = RecordType(
    name="round",
    labels=say("巡查", "Round"),
    fields=(
        Field("place_id", "fixed", "ref", say("在哪里", "Where"), "P0", SOMEWHERE, required=True, deciders=DECIDERS),
        Field("kind", "fixed", "enum", say("看什么", "What for"), "P0", "fire", choices=KINDS, required=True,
              deciders=DECIDERS),
        Field("status", "furthest", "step", say("进展", "Progress"), "P0", {"from": None, "to": "active", "cycle": 1},
              choices=STATES, ends=ENDS, required=True, deciders=PLANNERS),
        Field("members", "collect", "json", say("谁在走", "Who walks"), "P1", {SOMEBODY: {"at": WHEN}}, keyed=True,
              shape={"at": "instant"}, max_keys=20),
        Field("with_code", "fixed", "text", say("和谁一起走", "Walked together with"), "P0", "K7QM2F", max_length=6,
              deciders=DECIDERS),
        Field("planned_at", "latest", "instant", say("打算什么时候", "Planned for"), "P0", WHEN),
        Field("wanted", "collect", "json", say("要看的点位", "Stops to look at"), "P0", {SOMEWHERE: {"order": 1}},
              keyed=True, shape={"order": "integer"}, max_keys=400),
        Field("started_at", "least", "instant", say("开始", "Started"), "P1", WHEN),
        Field("ended_at", "most", "instant", say("结束", "Ended"), "P1", WHEN),
        Field("ended_for", "first", "json", say("代结束", "Ended in the walker's place"), "P1",
              {"by": SOMEBODY, "at": WHEN}, shape={"by": "ref", "at": "instant"}, writers=frozenset({GRID_HEAD})),
        Field("cut_reason", "latest", "text", say("为什么先结束", "Why it ended early"), "P1", "下雨", max_length=200),
        Field("stops", "collect", "json", say("看过的点位", "Stops looked at"), "P1", {SOMETHING: _STOP}, keyed=True,
              shape={"place": "ref", "method": "text", "at": "instant", "note": "text"}, max_length=200, max_keys=400),
        Field("checks", "most", "enum", say("看得怎样", "How it was"), "P0", {f"{SOMEWHERE}:stairway": "fine"},
              keyed=True, choices=CHECKS, order=CHECK_ORDER, max_keys=400),
        Field("cases", "collect", "json", say("上报的事件", "Cases reported"), "P0",
              {SOMETHING: {"place": SOMEWHERE, "item": "stairway"}}, keyed=True,
              shape={"place": "ref", "item": "text"}, max_length=40),
        Field("notes", "collect", "json", say("备注", "Notes"), "P1", {SOMETHING: {"text": "三单元灯泡买好了"}}, keyed=True,
              shape={"text": "text"}),
        VOICE,
        Field("track_on", "latest", "boolean", say("记了路线", "Track kept"), "P1", False),
        ASKING,
    ),
    creators=WALKERS,
    editors=WALKERS | {ASSIGNEE, REPORTER},
    voiders=frozenset({REPORTER, GRID_HEAD}),
    steps=STEPS,
    sight=sight,
    judge=judge,
    purpose=say("知道哪里看过、哪里该再看看", "Know which places were looked at, and which need a look"),
    retention_days=365,
    phone_days=30,
)  # fmt: skip


def round_code(round_id: str) -> str:
    """The six characters under the code that a walker shows to a colleague."""
    return place_code(round_id)
