"""The demo worlds: made up from a seed, played through the engine's own door, loaded in seconds.

`small`: 柳湾社区 with its 987 doors and 60 cases. `demo`: the same inside a part of the steward town 云溪镇, with the
cases of thirty days. Nobody in them is real. Demo accounts can sign in only where demo mode is on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from domain.access import ServerActor
from domain.accounts import note_seen
from domain.days import DAY, HOUR, MINUTE, start_of_day
from domain.demo import care, duty, notices, people, rounds, survey, town
from domain.demo.lives import Crew, ordinary
from domain.demo.people import Login
from domain.demo.pictures import Album
from domain.demo.showcase import showcase, undecided
from domain.demo.story import Stage, Story
from domain.people import load_person
from domain.roles import GRID_WORKER, SUPERVISOR, VOLUNTEER
from sync.actors import Actor
from sync.database import Database
from sync.engine import Engine
from sync.ids import derived
from sync.uploads import Uploads

SEED: Final = 20261121
WORLDS: Final = ("small", "demo")
SMALL_CASES: Final = 60
HISTORY_DAYS: Final = {"small": 14, "demo": 30}
PER_HOUR: Final[Mapping[int, int]] = {
    6: 1, 7: 3, 8: 4, 9: 5, 10: 4, 11: 2, 12: 1, 13: 2, 14: 4, 15: 5, 16: 5, 17: 3, 18: 2, 19: 2, 20: 1,
}  # fmt: skip
"""Reports of a day in the steward town by hour: 36 by 16:40, 44 by midnight."""
LAST_BEFORE: Final = 16 * 60 + 40
_WINDOW: Final = 45
"""Days played at a stretch: the books grow roughly as they would have."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a world came to."""

    accounts: int
    doors: int
    cases: int


def load(world: str, engine: Engine, database: Database, uploads: Uploads) -> Loaded:
    """Fill an empty instance with a demo world. KeyError of an unknown world; StageError if the engine disagrees."""
    now, days = engine.clock.now(), HISTORY_DAYS[world]
    rng, album = Random(SEED), Album(SEED)  # noqa: S311 - a demo
    with database.write() as conn:
        built = town.build(conn, engine, whole=world == "demo")
    town.furnish(engine, built, rng, now - days * DAY)
    everybody = people.logins(built)
    with database.write() as conn:
        people.enrol(conn, engine, everybody, now)
    crews = _crews(built, everybody)
    told = [*showcase(crews[0], crews[2], album, now), *undecided(crews[0], album, now)]
    made = list(
        _small(rng, crews[:3], album, now, len(told)) if world == "small" else _days(rng, crews, album, now, days)
    )
    album.keep(uploads)
    stories = sorted((story.until(now) for story in [*told, *made]), key=lambda story: story.acts[0].at)
    cast = _cast(database, everybody, now)
    _play(engine, cast, stories)
    Stage(engine, cast).play(duty.stories(_gates(built, everybody), rng, now, whole=world == "demo"))
    willow = built.communities[0]
    survey.play(engine, willow.grids, willow.place.id, cast, now)
    ids = {each.login: each.id for each in everybody}
    Stage(engine, cast).play(care.stories(built.grids[0], built.post.id, ids, now))
    Stage(engine, cast).play(rounds.stories(world, built.grids, _walkers(everybody), ids, now))
    Stage(engine, cast).play(notices.stories(world, notices.Board(built, tuple(everybody), now), ids))
    with database.write() as conn:
        for each in everybody:
            note_seen(conn, each.device, now)
    return Loaded(len(everybody), sum(grid.estate.doors for grid in built.grids), len(stories))


def _walkers(everybody: Sequence[Login]) -> dict[str, list[str]]:
    """book -> who goes round there."""
    found: dict[str, list[str]] = {}
    for each in everybody:
        if each.role in {GRID_WORKER, VOLUNTEER}:
            found.setdefault(each.place, []).append(each.login)
    return found


def _gates(built: town.Town, everybody: Sequence[Login]) -> list[duty.Post]:
    """The school gates with their guards and whoever plans there."""
    guards = {post.id: [each.login for each in everybody if each.place == post.id] for post in built.posts}
    planners = {each.place: each.login for each in everybody if each.role == SUPERVISOR}
    return duty.posts_of(built.posts, guards, planners, {each.login: each.id for each in everybody})


def _cast(database: Database, everybody: Sequence[Login], now: int) -> dict[str, Actor]:
    cast: dict[str, Actor] = {"server": ServerActor(derived("demo", "jobs"))}
    with database.read() as conn:
        for each in everybody:
            person = load_person(conn, each.id, each.device, now)
            if person is not None:
                cast[each.login] = person
    return cast


def _play(engine: Engine, cast: Mapping[str, Actor], stories: Sequence[Story]) -> None:
    stage = Stage(engine, cast)
    start = 0
    while start < len(stories):
        border = stories[start].acts[0].at + _WINDOW * DAY
        end = next((i for i in range(start, len(stories)) if stories[i].acts[0].at >= border), len(stories))
        stage.play(stories[start:end])
        start = end


# ------------------------------------------------------------------------------------------------------- who and when


def _crews(built: town.Town, everybody: Sequence[Login]) -> list[Crew]:
    """Who works in which book: the two grids of the first community, the school post, then every other grid.

    Quarrels are heard in the community's room: they are restricted, and no grid's book has to hold them.
    """
    ids = {each.login: each.id for each in everybody}
    one, two = built.communities[0].grids
    hall = _hall(built.communities[0].place.id, "supervisor", ("handler",), ids)
    crews = [
        Crew(one.place.id, ("worker", "worker2", "captain", "captain2"), ("supervisor", "head"),
             ("handler", "handler2", "worker2"), ids, one.units, hall=hall),
        Crew(two.place.id, ("outsider", "captain20", "captain25"), ("supervisor", "head2"), ("handler", "handler2"), ids,
             two.units, hall=hall),
        Crew(built.post.id, ("guard",), ("supervisor",), ("handler",), ids, (), "school_guard", hall),
    ]  # fmt: skip
    for community in built.communities[1:]:
        crews += _others(community, ids)
    return crews


def _others(community: town.Community, ids: dict[str, str]) -> Iterator[Crew]:
    code = community.place.code.lower()
    desk, handler = f"{code}-supervisor", f"{code}-handler"
    hall = _hall(community.place.id, desk, (handler,), ids)
    for number, grid in enumerate(community.grids, 1):
        worker = f"{code}-worker{number}"
        yield Crew(grid.place.id, (worker,), (desk,), (handler, worker), ids, grid.units, hall=hall)


def _hall(book: str, supervisor: str, menders: Sequence[str], ids: dict[str, str]) -> Crew:
    return Crew(book, (supervisor,), (supervisor,), menders, ids, (), "reception")


def times_of_day(rng: Random, midnight: int) -> list[int]:
    """The 44 moments of a day at which something is reported, sorted; 36 of them by 16:40."""
    found = [
        midnight + hour * HOUR + rng.randrange(LAST_BEFORE % 60 if hour == LAST_BEFORE // 60 else 60) * MINUTE
        for hour, reports in PER_HOUR.items()
        for _ in range(reports)
    ]
    return sorted(found)


def _small(rng: Random, crews: Sequence[Crew], album: Album, now: int, told: int) -> Iterator[Story]:
    """Exactly so many that the world has 60 cases, a few of them today."""
    midnight = start_of_day(now)
    today = [at for at in times_of_day(rng, midnight)[::4] if at <= now]
    before = [at for day in range(1, 14) for at in times_of_day(rng, midnight - day * DAY)[::9]]
    times = sorted([*today, *rng.sample(before, SMALL_CASES - told - len(today))])
    yield from _lived(rng, crews, (6, 3, 1), album, times)


def _days(rng: Random, crews: Sequence[Crew], album: Album, now: int, days: int) -> Iterator[Story]:
    midnight = start_of_day(now)
    times = [at for day in range(days, -1, -1) for at in times_of_day(rng, midnight - day * DAY) if at <= now]
    shares = (5, 3, 1) + (2,) * (len(crews) - 3)
    yield from _lived(rng, crews, shares, album, times)


def _lived(
    rng: Random, crews: Sequence[Crew], shares: Sequence[int], album: Album, times: Sequence[int]
) -> Iterator[Story]:
    earlier: dict[str, str] = {}
    for number, at in enumerate(times):
        crew = rng.choices(crews, shares)[0]
        story = ordinary(rng, crew, album, derived("demo", "case", str(number)), at, earlier.get(crew.book))
        earlier[crew.book] = story.id
        yield story
