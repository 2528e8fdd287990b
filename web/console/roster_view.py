"""What the roster pages show: a week as a table, and what waits for a planner. Made from shifts as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import request, url_for
from sqlalchemy import Connection

from api import identity
from api.problems import ProblemError
from api.services import current
from domain import accounts, directory, roster, rosters
from domain.access import Person, can_decide
from domain.days import local
from domain.places import Place
from domain.records.post_plan import KINDS, LEADS
from domain.rosters import Found, Slot
from web.console.marks import Mark
from web.console.reader import Reader, When
from web.console.roster_plan import form_of
from web.i18n import current_language, label, t

_TONES: Final = {"on_duty": "done", "done": "done", "no_record": "again", "waiting": "again"}


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person on a shift, with how they stand to it in words."""

    id: str
    name: str
    on: bool
    word: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One session of one day in the table of a week."""

    id: str
    day: str
    session: str
    seen: int
    clock: str
    people: list[Somebody]
    choices: list[Somebody]
    marks: list[Mark]
    past: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that waits: where and when, what, and what the button writes."""

    href: str
    place: str
    when: When
    words: str
    post: str = ""
    record: str = ""
    seen: int = 0
    key: str = ""


def posts_of(person: Person) -> dict[str, Place]:
    """Where the person plans: posts, stations and grids, not what is above them."""
    return {
        book: place
        for book, place in person.places.items()
        if book in person.powers and place.kind not in {"town", "community"} and can_decide(person, book)
    }


def here(book: str) -> tuple[Person, Place]:
    person = identity.person()
    place = posts_of(person).get(book)
    if place is None:
        raise ProblemError("not_found")
    return person, place


def overview() -> dict[str, Any]:
    person, now = identity.person(), current().clock.now()
    posts = posts_of(person)
    with current().database.read() as conn:
        plans = rosters.plans(conn, posts)
        gaps = rosters.gaps(conn, plans, now)
        waiting = rosters.waiting(conn, plans, now)
        reader = reader_of(
            _names(
                conn,
                [
                    *waiting.crowded,
                    *(slot for each in (waiting.swaps, waiting.absences, waiting.back_fills) for slot, _ in each),
                ],
            )
        )
    shown = [each for each in posts.values() if each.id in plans or each.kind == "post"]
    return {
        "posts": [(each.name, url_for("console.roster_post", book=each.id), each.id in plans) for each in shown],
        "gaps": [_line(each, posts, reader, reader.say("roster.missing", n=each.missing)) for each in gaps],
        "crowded": [_line(each, posts, reader, _crew_words(each, reader)) for each in waiting.crowded],
        "swaps": [_swap_line(slot, key, posts, reader) for slot, key in waiting.swaps],
        "absences": [_line(slot, posts, reader, _reason(slot, who, "absence", reader), who) for slot, who in waiting.absences],
        "back_fills": [_line(slot, posts, reader, _came(slot, who, reader), who) for slot, who in waiting.back_fills],
        "crews": {slot.id: roster.crew(slot.shift.fields) for slot, _ in waiting.swaps if slot.shift},
    }  # fmt: skip


def _line(slot: Slot, posts: Mapping[str, Place], reader: Reader, words: str, key: str = "") -> Line:
    monday = slot.day - timedelta(days=slot.day.isoweekday() - 1)
    href = url_for("console.roster_post", book=slot.book, week=monday.isoformat())
    seen = slot.shift.seq if slot.shift else 0
    return Line(href, posts[slot.book].name, reader.when(slot.start), words, slot.book, slot.id, seen, key)


def _crew_words(slot: Slot, reader: Reader) -> str:
    return reader.say("line.and").join(
        reader.name(each) for each in roster.crew(slot.shift.fields if slot.shift else {})
    )


def _swap_line(slot: Slot, key: str, posts: Mapping[str, Place], reader: Reader) -> Line:
    giver, _, taker = key.partition("~")
    words = reader.say("roster.swap_words", giver=reader.name(giver), taker=reader.name(taker))
    return _line(slot, posts, reader, words, key)


def _reason(slot: Slot, who: str, name: str, reader: Reader) -> str:
    entry = (slot.shift.fields.get(name) or {}).get(who) or {} if slot.shift else {}
    return " · ".join(each for each in (reader.name(who), str(entry.get("reason") or "")) if each)


def _came(slot: Slot, who: str, reader: Reader) -> str:
    at = ((slot.shift.fields if slot.shift else {}).get("check_in_at") or {}).get(who)
    said = reader.say("roster.came", at=reader.when(at).text) if at else ""
    return " · ".join(each for each in (_reason(slot, who, "back_fill", reader), said) if each)


def week_of(place: Place) -> dict[str, Any]:
    now = current().clock.now()
    monday = monday_of(request.values.get("week", ""))
    with current().database.read() as conn:
        plan = rosters.plans(conn, [place.id]).get(place.id)
        slots = rosters.week(conn, place.id, plan, monday) if plan else []
        guards = _guards(conn, place, now)
        names = _names(conn, slots) | guards
        seen = accounts.phones_seen(conn, names)
    reader = reader_of(names)
    days = [monday + timedelta(days=n) for n in range(7)]
    keys = list(dict.fromkeys(slot.session for slot in sorted(slots, key=lambda each: f"{local(each.start):%H:%M}")))
    cells = {(slot.day, slot.session): _cell(slot, guards, seen, reader) for slot in slots}
    step = {name: (monday + timedelta(days=n)).isoformat() for name, n in (("before", -7), ("after", 7))}
    return {
        "place": place,
        "week": monday.isoformat(),
        "before": url_for("console.roster_post", book=place.id, week=step["before"]),
        "after": url_for("console.roster_post", book=place.id, week=step["after"]),
        "days": [(reader.say(f"roster.days.d{day.isoweekday()}"), f"{day.month}/{day.day}", day == local(now).date()) for day in days],
        "rows": [(keys_of(plan, key), [cells.get((day, key)) for day in days]) for key in keys],
        "plan": form_of(plan, local(now).date()),
        "closed": [(plan.fields.get("closed") or {}).get(day.isoformat(), "") if plan else "" for day in days],
        "kinds": [(each.value, label(each.labels)) for each in KINDS],
        "leads": LEADS,
    }  # fmt: skip


def keys_of(plan: Found | None, key: str) -> str:
    """`07:10–08:10`"""
    session = ((plan.fields if plan else {}).get("sessions") or {}).get(key) or {}
    return f"{session.get('start', key)}–{session.get('end', '')}"


def _cell(slot: Slot, guards: Mapping[str, str], seen: Mapping[str, int], reader: Reader) -> Cell:
    fields = slot.shift.fields if slot.shift else {}
    on = roster.crew(fields)
    people = [_somebody(fields, each, seen, reader) for each in (*on, *roster.relief(fields))]
    others = [each for each in sorted(guards, key=lambda each: guards[each]) if each not in on]
    choices = [Somebody(each, reader.name(each), each in on) for each in (*on, *others)]
    past = slot.end < reader.now
    return Cell(
        id=slot.id,
        day=slot.day.isoformat(),
        session=slot.session,
        seen=slot.shift.seq if slot.shift else 0,
        clock=f"{local(slot.start):%m-%d %H:%M}",
        people=people,
        choices=choices,
        marks=_marks(slot, past, reader),
        past=past,
        remark=str(fields.get("remark") or ""),
    )


def _somebody(fields: Mapping[str, Any], who: str, seen: Mapping[str, int], reader: Reader) -> Somebody:
    state = roster.state_of(fields, who, reader.now, seen.get(who))
    words = [t(f"phone.duty.state.{state}")]
    if who in roster.relief(fields):
        words.append(t("phone.duty.relief_mark"))
    if who in roster.to_confirm(fields):
        words.append(t("phone.duty.to_confirm"))
    if roster.clock_was_off(fields, who):
        words.append(t("phone.duty.clock_off"))
    return Somebody(who, reader.name(who), True, " · ".join(words), _TONES.get(state, "quiet"))


def _marks(slot: Slot, past: bool, reader: Reader) -> list[Mark]:
    found = []
    if slot.missing and not past:
        found.append(Mark("triangle-alert", reader.say("roster.missing", n=slot.missing), "again"))
    if slot.shift and roster.has_too_many(slot.shift.fields) and not past:
        found.append(Mark("diamond", reader.say("roster.crowded_mark"), "undecided"))
    return found


def _guards(conn: Connection, place: Place, now: int) -> dict[str, str]:
    """Whoever works at this very place: account -> name."""
    found = directory.colleagues(conn, [place.id], now)
    return {each.account: each.name for each in found}


def _names(conn: Connection, slots: Iterable[Slot]) -> dict[str, str]:
    fields = [slot.shift.fields for slot in slots if slot.shift]
    named = {who for each in fields for name in ("assignees", "check_in_at", "absence") for who in each.get(name) or {}}
    named |= {each["to"] for one in fields for each in (one.get("swaps") or {}).values()}
    return accounts.names(conn, named)


def monday_of(text: str) -> date:
    day = day_of(text) or local(current().clock.now()).date()
    return day - timedelta(days=day.isoweekday() - 1)


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and "2000" < text < "2200" else None
    except ValueError:
        return None


def reader_of(names: Mapping[str, str]) -> Reader:
    return Reader(current_language(), current().clock.now(), names)
