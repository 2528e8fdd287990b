"""Rounds of the demo worlds: 310 in a month with seven stops each, a tenth of the stops with something wrong; a few of
them in the small one, and one that is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final

from domain.days import DAY, HOUR, MINUTE, start_of_day
from domain.demo.story import Act, Story
from domain.demo.town import Grid
from domain.records.checklists import CHECKLISTS, check_key
from sync.clock import to_text
from sync.ids import derived

Fields = dict[str, Any]
SEED: Final = 310
IN_ALL: Final = {"small": 8, "demo": 310}
STOPS: Final = 7
WRONG: Final = 0.09
_DAYS: Final = {"small": 14, "demo": 30}
_KINDS: Final = (("daily", 9), ("fire", 15), ("night", 20), ("daily", 8), ("fire", 10))
"""What for, and the hour at which it begins."""


def stories(
    world: str, grids: Sequence[Grid], walkers: Mapping[str, Sequence[str]], ids: Mapping[str, str], now: int
) -> list[Story]:
    """Walked before `now`, spread over the grids and the days; `walkers`: book -> logins, `ids`: login -> account."""
    rng = Random(SEED)  # noqa: S311 - a demo
    midnight, days = start_of_day(now), _DAYS[world]
    chosen = grids[:2] if world == "small" else grids
    found = []
    for number in range(IN_ALL[world]):
        grid = chosen[number % len(chosen)]
        kind, hour = _KINDS[number // len(chosen) % len(_KINDS)]
        day = days - number * days // IN_ALL[world]
        begin = midnight - day * DAY + hour * HOUR + rng.randrange(40) * MINUTE
        who = rng.choice(walkers[grid.place.id])
        found.append(_walked(rng, grid, kind, who, ids[who], begin, number))
    return [*found, _planned(grids[0], now)]


def _walked(rng: Random, grid: Grid, kind: str, who: str, account: str, begin: int, number: int) -> Story:
    places = _places(grid, kind)
    first = rng.randrange(len(places))
    walked = [places[(first + step) % len(places)] for step in range(min(STOPS, len(places)))]
    story = Story(derived("demo", "round", str(number)), grid.place.id, [], "round")
    step = {"from": None, "to": "active", "cycle": 1}
    at = to_text(begin)
    started = {
        "place_id": grid.place.id,
        "kind": kind,
        "status": step,
        "started_at": at,
        "members": {account: {"at": at}},
    }
    story.acts.append(Act(begin, who, started))
    end = begin
    stops: Fields = {}
    checks: Fields = {}
    for place in walked:
        end += rng.randint(3, 9) * MINUTE
        method = rng.choice(("scan", "hand"))
        stops[derived(story.id, place)] = {"place": place, "method": method, "at": to_text(end)}
        checks |= _looked(rng, kind, place)
    story.acts.append(Act(end, who, {"stops": stops, "checks": checks}))
    done = {"status": {"from": "active", "to": "done", "cycle": 1}, "ended_at": to_text(end + MINUTE)}
    story.acts.append(Act(end + MINUTE, who, done))
    return story


def _looked(rng: Random, kind: str, place: str) -> Fields:
    items = list(CHECKLISTS[kind])
    wrong = rng.choice(items) if rng.random() < WRONG else None
    return {check_key(place, item): "bad" if item == wrong else "fine" for item in items}


def _places(grid: Grid, kind: str) -> list[str]:
    return grid.units if kind == "fire" else list(_houses(grid))


def _houses(grid: Grid) -> Iterator[str]:
    for house in range(1, (len(grid.estate.units) + 1) // 2 + 1):
        yield derived("building", grid.place.id, str(house))


def _planned(grid: Grid, now: int) -> Story:
    """The head asks for the stairways that are furthest from the gate."""
    wanted = {unit: {"order": number} for number, unit in enumerate(grid.units[-6:], 1)}
    fields = {
        "place_id": grid.place.id,
        "kind": "fire",
        "status": {"from": None, "to": "planned", "cycle": 1},
        "planned_at": to_text(start_of_day(now) + 16 * HOUR),
        "wanted": wanted,
    }
    return Story(derived("demo", "round", "planned"), grid.place.id, [Act(now - 3 * HOUR, "head", fields)], "round")
