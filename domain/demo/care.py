"""关爱约定, 走访 and 投诉建议 of the demo worlds: who is looked in on, where nobody opened, what people have to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from domain.days import DAY, HOUR, local, start_of_day
from domain.demo.story import Act, Story
from domain.demo.town import Grid
from sync.clock import to_text
from sync.ids import derived

Fields = dict[str, Any]
STAIRS: Final = 5
"""柳湾里3号楼2单元, where the agreements are."""


def stories(grid: Grid, post: str, ids: Mapping[str, str], now: int) -> list[Story]:
    """The first grid's, and what the guard of `post` had to say; all of it before `now`. `ids`: login -> account."""
    doors = grid.doors[grid.units[STAIRS]]
    care = [_weekly(grid, doors, ids, now), _nobody_opens(grid, doors, ids, now), _calm(grid, doors, ids, now)]
    return [*(each for one in care for each in one), *_other_doors(grid, ids, now), *_said(grid, post, ids, now)]


def _agreement(grid: Grid, key: str, door: str, alias: str, at: int, ids: Mapping[str, str], **more: Any) -> Story:
    fields = {
        "place_id": door,
        "alias": alias,
        "frequency": "weekly",
        "carers": {ids[each]: {"since": to_text(at)} for each in ("worker", "volunteer")},
        "consent": {"kind": "spoken", "text_version": "2026-06", "at": to_text(at)},
        "ends_on": f"{(local(at) + timedelta(days=360)).date()}",
        **more,
    }
    return Story(derived("demo", "care", key), grid.place.id, [Act(at, "worker", fields)], "care_agreement")


def _note(who: str, text: str, at: int, ids: Mapping[str, str]) -> Fields:
    return {"notes": {derived("demo", "note", text): {"text": text, "by": ids[who], "at": to_text(at)}}}


def _visit(grid: Grid, door: str, who: str, what: str, to: str, at: int, ids: Mapping[str, str], **more: Any) -> Story:
    went = {derived("demo", "went", door, str(at)): {"what": what, "by": ids[who], "at": to_text(at)}}
    fields = {
        "place_id": door,
        "purpose": "care",
        "status": {"from": None, "to": to, "cycle": 1},
        "outcome": went,
        "visited_by": ids[who],
        "visited_at": to_text(at),
        **more,
    }
    return Story(derived("demo", "visit", door, str(at)), grid.place.id, [Act(at, who, fields)], "visit")


def _under(agreement: Story, ids: Mapping[str, str]) -> Fields:
    carers = {ids[each]: {"as": "carer"} for each in ("worker", "volunteer")}
    return {"care_agreement_id": agreement.id, "assignees": carers}


def _weekly(grid: Grid, doors: list[str], ids: Mapping[str, str], now: int) -> list[Story]:
    """Due today: somebody was last met eight days ago."""
    last = start_of_day(now) - 8 * DAY + 10 * HOUR
    help_wanted = {"meals": True, "escort": True}
    agreed = _agreement(grid, "weekly", doors[16], "3-2-501 奶奶", now - 60 * DAY, ids, help=help_wanted)
    agreed.acts.append(Act(last, "worker", _note("worker", "喜欢上午去。门铃坏了,要敲门", last, ids)))
    return [agreed, _visit(grid, doors[16], "worker", "met", "done", last, ids, **_under(agreed, ids))]


def _nobody_opens(grid: Grid, doors: list[str], ids: Mapping[str, str], now: int) -> list[Story]:
    """Two times nobody opened: the head of the grid is told."""
    midnight = start_of_day(now)
    agreed = _agreement(grid, "nobody", doors[9], "3-2-302 爷爷", now - 40 * DAY, ids, help={"company": True})
    under = _under(agreed, ids)
    goings = [("met", "done", 12, "worker"), ("not_home", "retry", 3, "volunteer"), ("not_home", "retry", 1, "worker")]
    found = [
        _visit(grid, doors[9], who, what, to, midnight - days * DAY + 15 * HOUR, ids, **under)
        for what, to, days, who in goings
    ]
    return [agreed, *found]


def _calm(grid: Grid, doors: list[str], ids: Mapping[str, str], now: int) -> list[Story]:
    """Not due: every two weeks, and three days ago somebody was there."""
    last = start_of_day(now) - 3 * DAY + 9 * HOUR
    agreed = _agreement(grid, "calm", doors[4], "3-2-201 阿婆", now - 30 * DAY, ids, frequency="fortnightly")
    return [agreed, _visit(grid, doors[4], "volunteer", "phoned", "done", last, ids, **_under(agreed, ids))]


def _other_doors(grid: Grid, ids: Mapping[str, str], now: int) -> list[Story]:
    """A look at the gas of a captain's neighbour, somebody who would rather not, and a visit planned for today."""
    doors, midnight = grid.doors[grid.units[0]], start_of_day(now)
    at = midnight - 2 * DAY + 18 * HOUR
    safety = {"gas": "trouble", "wiring": "fine", "passage": "fine"}
    more: Fields = {"purpose": "safety_check", "safety": safety, "note": {"text": "灶具软管旧了,说好这周换"}}
    looked = _visit(grid, doors[2], "captain", "met", "done", at, ids, **more)
    declined = _visit(grid, doors[5], "worker", "declined", "declined", at - DAY, ids, purpose="errand")
    plan = {
        "place_id": doors[7],
        "purpose": "follow_up",
        "status": {"from": None, "to": "planned", "cycle": 1},
        "planned_for": f"{local(now).date()}",
        "assignees": {ids["worker"]: {"as": "visitor"}},
    }
    planned = Story(derived("demo", "visit", "planned"), grid.place.id, [Act(now - DAY, "head", plan)], "visit")
    return [looked, declined, planned]


def _said(grid: Grid, post: str, ids: Mapping[str, str], now: int) -> list[Story]:
    asked, told = now - 5 * DAY, now - 4 * DAY
    answer = {"text": "好,下个版本把字再放大一号。谢谢您。", "by": ids["supervisor"], "at": to_text(told)}
    heard = {"status": {"from": "sent", "to": "answered", "cycle": 1}, "answer": {derived("demo", "answer"): answer}}
    one = [Act(asked, "captain", _words("app", "楼道图上的字还是小,看不清", asked)), Act(told, "supervisor", heard)]
    two = [Act(now - DAY, "guard", _words("work", "下雨天能不能早十分钟换岗", now - DAY))]
    return [
        Story(derived("demo", "feedback", "1"), grid.place.id, one, "feedback"),
        Story(derived("demo", "feedback", "2"), post, two, "feedback"),
    ]


def _words(about: str, text: str, at: int) -> Fields:
    said = {derived("demo", "said", text): {"text": text, "at": to_text(at)}}
    return {"about": about, "screen": "home", "words": said, "status": {"from": None, "to": "sent", "cycle": 1}}
