"""护学岗: a month of shifts at school gates (world E): who is planned, who comes, and what goes otherwise.

Six schools with two gates each, four sessions a day, 22 days: 1,056 slots. Of them 2 % are swapped, 3 % begin late, 1 % have
no record and are noted afterwards, and in three two planners choose differently. `small` has one gate and a few days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final, Literal

from domain import roster
from domain.days import HOUR, MINUTE, local
from domain.demo.story import Act, Story
from domain.places import Place
from domain.records.post_plan import plan_id
from domain.records.shift import shift_id, swap_key
from sync.clock import to_text
from sync.ids import derived

Fate = Literal["plain", "late", "swapped", "no_record", "doubled"]

DAYS: Final = 22
SESSIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "0710": {"start": "07:10", "end": "08:10", "lead_minutes": 10, "required_n": 2, "days": "12345"},
    "1140": {"start": "11:40", "end": "12:20", "lead_minutes": 10, "required_n": 1, "days": "12345"},
    "1350": {"start": "13:50", "end": "14:30", "lead_minutes": 15, "required_n": 1, "days": "12345"},
    "1650": {"start": "16:50", "end": "17:40", "lead_minutes": 20, "required_n": 2, "days": "12345"},
}
SHARES: Final[Mapping[Fate, float]] = {"swapped": 0.02, "late": 0.03, "no_record": 0.01}
DOUBLED: Final = 3
WORDS: Final = (
    "东门的反光锥少一个,明天带来",
    "工具柜钥匙在门卫室",
    "斑马线灯修好了",
    "下雨,雨衣晾在岗亭里",
    "路口在修路,人从南边绕",
)
SEEN: Final = (("jam", "校门口堵了十分钟"), ("weather", "雨大,接送的车多"), ("other", "有快递车停在斑马线上,已请开走"))


@dataclass(frozen=True, slots=True)
class Post:
    """One gate: its place, its planner and its guards by login (two or more), and their account ids."""

    place: str
    planner: str
    second_planner: str
    guards: Sequence[str]
    ids: Mapping[str, str]
    at: tuple[float, float]

    @property
    def sessions(self) -> dict[str, dict[str, Any]]:
        """Two at a gate need three guards: so that there is always somebody to swap with."""
        most = len(self.guards) - 1
        return {key: {**each, "required_n": min(int(each["required_n"]), most)} for key, each in SESSIONS.items()}

    @property
    def plan(self) -> dict[str, Any]:
        lat, lon = self.at
        return {"kind": "school", "sessions": self.sessions, "point": {"lat": lat, "lon": lon}, "near_metres": 200,
                "host_phone": "000-0000-0110"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """One session of one day at one gate; `crew` are logins, the first of them the one with the `fate`."""

    post: Post
    day: date
    session: str
    crew: tuple[str, ...]
    other: str
    """Somebody of the post who is not on: takes a swap, or is a second planner's choice."""
    fate: Fate

    @property
    def id(self) -> str:
        return shift_id(self.post.place, self.day.isoformat(), self.session)

    @property
    def fields(self) -> tuple[str, dict[str, Any]]:
        crew = [self.post.ids[each] for each in self.crew]
        return roster.shift_of(self.post.place, self.post.plan, self.day, self.session, crew)

    @property
    def start(self) -> int:
        return roster.times(SESSIONS[self.session], self.day)[0]


def school_days(first: date, count: int) -> list[date]:
    """So many Mondays to Fridays from `first` on."""
    return [day for day in (first + timedelta(days=n) for n in range(count * 2 + 7)) if day.isoweekday() < 6][:count]


def slots(posts: Sequence[Post], days: Sequence[date], rng: Random, *, fated: bool = True) -> list[Slot]:
    """Every slot of these posts on these days; with `fated`, the shares of the month come out exactly (rounded)."""
    places = [(post, day, session) for day in days for session in SESSIONS for post in posts]
    plain: list[Fate] = ["plain"] * len(places)
    fates = _fates(len(places), rng) if fated else plain
    return [_slot(number, *place, fate) for number, (place, fate) in enumerate(zip(places, fates, strict=True))]


def _fates(count: int, rng: Random) -> list[Fate]:
    found: list[Fate] = ["doubled"] * DOUBLED
    for fate, share in SHARES.items():
        found += [fate] * round(count * share)
    found += ["plain"] * (count - len(found))
    rng.shuffle(found)
    return found


def _slot(number: int, post: Post, day: date, session: str, fate: Fate) -> Slot:
    """Turns go round, so that nobody has every morning."""
    needed = post.sessions[session]["required_n"]
    turn = day.toordinal() + list(SESSIONS).index(session)
    order = [post.guards[(turn + step) % len(post.guards)] for step in range(len(post.guards))]
    return Slot(post, day, session, tuple(order[:needed]), order[needed], fate)


# ---------------------------------------------------------------------------------------------------------- as plays


def plans(posts: Sequence[Post], at: int) -> Iterator[Story]:
    for post in posts:
        yield Story(plan_id(post.place), post.place, [Act(at, post.planner, post.plan)], "post_plan")


def told(slot: Slot, planned_at: int, rng: Random) -> Story:
    """What happens to one slot, from its planning to 下岗."""
    id, fields = slot.fields
    acts = [Act(planned_at, slot.post.planner, fields), *_changed(slot, planned_at), *_there(slot, rng)]
    return Story(id, slot.post.place, acts, "shift")


def _changed(slot: Slot, planned_at: int) -> Iterator[Act]:
    """Before the day: a swap that both and the planner want, or two planners who know nothing of each other."""
    ids, post, first = slot.post.ids, slot.post, slot.crew[0]
    rest = {ids[each]: {"as": "planned"} for each in slot.crew[1:]}
    if slot.fate == "swapped":
        key, at = swap_key(ids[first], ids[slot.other]), planned_at + HOUR
        yes = {key: {"ok": True, "at": to_text(at)}}
        yield Act(at, first, {"swaps": {key: {"from": ids[first], "to": ids[slot.other], "at": to_text(at)}}})
        yield Act(at + MINUTE, slot.other, {"swap_agreed": yes})
        crew = {**rest, ids[first]: None, ids[slot.other]: {"as": "swap"}}
        yield Act(at + HOUR, post.planner, {"swap_approved": yes, "assignees": crew})
    if slot.fate == "doubled":
        at = planned_at + HOUR
        kept = {ids[first]: {"as": "planned"}}
        yield Act(at, post.planner, {"assignees": {**rest, ids[first]: None, ids[slot.other]: {"as": "planned"}}})
        yield Act(at + MINUTE, post.second_planner, {"assignees": {**rest, **kept}}, blind=True)


def _there(slot: Slot, rng: Random) -> Iterator[Act]:
    first = slot.other if slot.fate == "swapped" else slot.crew[0]
    yield from _one(slot, first, slot.fate, rng)
    for each in slot.crew[1:]:
        yield from _one(slot, each, "plain", rng)
    end = roster.times(SESSIONS[slot.session], slot.day)[1]
    me = slot.post.ids[first]
    if rng.random() < 0.3:
        yield Act(end - 2 * MINUTE, first, {"handover": {"text": rng.choice(WORDS)}})
    if rng.random() < 0.1:
        kind, text = rng.choice(SEEN)
        entry = {"kind": kind, "text": text, "by": me, "at": to_text(slot.start + 20 * MINUTE)}
        yield Act(slot.start + 20 * MINUTE, first, {"log": {derived(slot.id, "log"): entry}})


def _one(slot: Slot, who: str, fate: Fate, rng: Random) -> Iterator[Act]:
    me, start = slot.post.ids[who], slot.start
    end = roster.times(SESSIONS[slot.session], slot.day)[1]
    if fate == "no_record":
        at = end + 3 * HOUR
        note = {"reason": "手机没电了", "at": to_text(at)}
        yield Act(at, who, {**came(me, start, "later"), "back_fill": {me: note}})
        yield Act(at + HOUR, slot.post.planner, {"confirmed": {me: {"at": to_text(at + HOUR)}}})
        return
    at = start + (rng.randint(3, 20) if fate == "late" else -rng.randint(3, 18)) * MINUTE
    yield Act(
        at, who, {"seen_at": {me: to_text(start - 10 * HOUR)}, **came(me, at, near=rng.choice(("yes", "unknown")))}
    )
    gone = end + rng.randint(0, 5) * MINUTE
    yield Act(gone, who, {"check_out_at": {me: to_text(gone)}})


def came(account: str, at: int, method: str = "button", near: str = "unknown") -> dict[str, Any]:
    """到岗, as a phone writes it."""
    how = {account: {"method": method, "near": near}}
    return {"check_in_at": {account: to_text(at)}, "check_in_how": how}


# ---------------------------------------------------------------------------------------------------------- in a world


def stories(posts: Sequence[Post], rng: Random, now: int, *, whole: bool) -> list[Story]:
    """What has happened by now, and what is planned for the days ahead."""
    back = timedelta(days=21 if whole else 4)
    days = school_days(local(now).date() - back, DAYS if whole else 7)
    planned_at = roster.times(SESSIONS["0710"], days[0])[0] - 48 * HOUR
    found = [told(slot, planned_at, rng) for slot in slots(posts, days, rng, fated=whole)]
    return [*plans(posts, planned_at - HOUR), *(story.until(now) for story in found)]


def posts_of(
    places: Sequence[Place], guards: Mapping[str, Sequence[str]], planners: Mapping[str, str], ids: Mapping[str, str]
) -> list[Post]:
    """The gates of a world. `guards`: place -> logins; `planners`: community -> login. They lie in open water: invented."""
    return [
        Post(each.id, planners[each.parent_id or ""], "command", guards[each.id], ids, (30.0 + 0.004 * n, 125.0 + 0.003 * n))
        for n, each in enumerate(places)
    ]  # fmt: skip
