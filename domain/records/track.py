"""The track of one walker on one round: off unless they turn it on, coarse, gone after seven days (records.md, RO).

It is a record of its own because fewer people may read it than the round: the walker, and the grid head. A point has
no finer place than about a hundred metres, and there is at most one a minute: its key is the minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.days import HOUR, MINUTE
from domain.records.round import SOMETHING, WALKERS, WHEN
from domain.roles import REPORTER
from domain.words import say
from sync.clock import from_text
from sync.types import Field, RecordType, Values

MAX_DAYS: Final = 30
"""Whatever a place sets: no track is older."""
LONGEST: Final = 16 * HOUR
"""No round is longer: a track that somebody forgot does not follow them home."""
DECIMALS: Final = 3
"""Of a degree: cells of about a hundred metres."""


def judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """Points stand within the round, on the whole minute, coarse; only the walker writes them."""
    if REPORTER not in roles and before is not None:
        return "not_allowed"
    began = _instant((before or {}).get("started_at") or written.get("started_at"))
    ended = min(each for each in (_instant((before or {}).get("ended_at")), _instant(written.get("ended_at")),
                                  (began or 0) + LONGEST) if each is not None)  # fmt: skip
    points = written.get("points")
    if began is None or not isinstance(points, Mapping):
        return "invalid" if began is None else None
    return None if all(_fits(key, point, began, ended) for key, point in points.items()) else "invalid"


def _instant(text: Any) -> int | None:
    return None if text is None else from_text(str(text))


def _fits(key: str, point: Any, began: int, ended: int) -> bool:
    if point is None:
        return True
    try:
        at = from_text(key)
    except (ValueError, OverflowError):
        return False
    # The minute in which the round began is within it.
    inside = began - began % MINUTE <= at <= ended and at % MINUTE == 0
    return inside and isinstance(point, Mapping) and all(_coarse(point.get(name)) for name in ("lat", "lon"))


def _coarse(degrees: Any) -> bool:
    return isinstance(degrees, int | float) and round(degrees, DECIMALS) == degrees


TRACK: Final = RecordType(
    name="track",
    labels=say("路线", "Track"),
    fields=(
        Field("round_id", "fixed", "ref", say("哪次巡查", "Of which round"), "P1", SOMETHING, required=True,
              deciders=frozenset({REPORTER})),
        Field("started_at", "fixed", "instant", say("开始", "Started"), "P1", WHEN, required=True,
              deciders=frozenset({REPORTER})),
        Field("ended_at", "least", "instant", say("结束", "Ended"), "P1", WHEN),
        Field("points", "collect", "json", say("大概走过哪里", "Roughly where"), "P3",
              {"2026-06-13T08:40:00.000Z": {"lat": 30.742, "lon": 120.488}}, keyed=True,
              shape={"lat": "number", "lon": "number"}, max_keys=1000),
    ),
    creators=WALKERS,
    editors=frozenset({REPORTER}),
    voiders=frozenset({REPORTER}),
    judge=judge,
    purpose=say("走的人自己看走过哪里", "So that the walker can see where they have been"),
    retention_days=7,
    phone_days=7,
)  # fmt: skip
