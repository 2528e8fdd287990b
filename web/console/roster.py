"""The roster at the desk: a week at a post, what is not manned in the next two days, and what waits for a planner.

By post and session. Nothing here adds up what one person did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import accounts, directory, roster, rosters
from domain.access import Person, can_decide
from domain.days import local
from domain.places import Place
from domain.records.post_plan import KINDS, LEADS, plan_id
from domain.rosters import Found, Slot
from sync.clock import to_text
from sync.ids import is_id
from web.console import receipts
from web.console.blueprint import blp
from web.console.marks import Mark
from web.console.parked import counts
from web.console.reader import Reader, When
from web.i18n import current_language, label, t

HOWS: Final = ("crew", "swap", "excuse", "confirm", "copy", "plan")
MOST_SESSIONS: Final = 8
_OUTCOME: Final = "X-Gridwalk-Outcome"
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


@blp.get("/roster", endpoint="roster")
@needs(can_decide)
def all_posts() -> str:
    """The posts in reach; the gaps of the next 48 hours; what two people want of a planner."""
    return render_template("console/roster.html", here="roster", **counts(identity.person()), **_overview())


@blp.get("/roster/<string:book>", endpoint="roster_post")
@needs(can_decide)
def post(book: str) -> str:
    """One post: a week of it, with who is on and how they stand."""
    person, place = _here(book)
    return render_template("console/roster_post.html", here="roster", **counts(person), **_week(place))


@blp.post("/roster/<string:book>/<string:how>", endpoint="roster_act")
@needs(can_decide)
def act(book: str, how: str) -> Response:
    """Plan or change a crew, approve a swap, excuse, confirm what was noted afterwards, plan the week as the last one."""
    person, place = _here(book)
    if how not in HOWS:
        raise ProblemError("not_found")
    reader = _reader({})
    asked = _asked(place, how)
    said: receipts.Notice | None = None
    for id, type, seen, written, create in asked:
        receipt = current().engine.edit(person, book=book, record=id, type=type, seen=seen, set=written, create=create)
        told = receipts.explain(receipt, current().engine.types[type], reader, reader.say(f"roster.did.{how}"))
        said = told if said is None or not told.taken else said
    said = said or receipts.Notice("again", "triangle-alert", reader.say("roster.nothing"))
    back = request.form.get("back") == "all"
    values = _overview() if back else _week(place)
    page = render_template("console/_roster.html" if back else "console/_roster_post.html", notice=said, **values)
    response = make_response(page)
    response.headers[_OUTCOME] = said.outcome
    return response


Asked = tuple[str, str, int, dict[str, Any], bool]
"""(record, type, seen, set, create)"""


def _asked(place: Place, how: str) -> list[Asked]:
    if how == "copy":
        return _as_last_week(place)
    if how == "plan":
        return [_plan_asked(place)]
    record, seen = request.form.get("record", ""), request.form.get("seen", "")
    if not is_id(record) or not seen.isdecimal() or len(seen) > 15:
        raise ProblemError("not_found")
    now = to_text(current().clock.now())
    if how == "crew":
        return [_crew_asked(place, record, int(seen))]
    key = request.form.get("key", "")
    if how == "swap":
        return [(record, "shift", int(seen), _swapped(record, key, now), False)]
    name = "excused" if how == "excuse" else "confirmed"
    return [(record, "shift", int(seen), {name: {key: {"at": now}}}, False)]


def _crew_asked(place: Place, record: str, seen: int) -> Asked:
    """Everybody who is to be there, and whoever stood there when the form was made and is not (shift_rights)."""
    chosen = [each for each in request.form.getlist("on") if is_id(each)]
    was = [each for each in request.form.getlist("was") if is_id(each)]
    if seen == 0:
        day, session = _day(request.form.get("day", "")), request.form.get("session", "")
        with current().database.read() as conn:
            plan = rosters.plans(conn, [place.id]).get(place.id)
        if plan is None or day is None or session not in (plan.fields.get("sessions") or {}):
            raise ProblemError("not_found")
        id, fields = roster.shift_of(place.id, plan.fields, day, session, chosen)
        return id, "shift", 0, fields, True
    crew: dict[str, Any] = {each: None for each in was if each not in chosen}
    crew |= {each: {"as": "planned"} for each in chosen}
    return record, "shift", seen, {"assignees": crew} if crew else {}, False


def _swapped(record: str, key: str, now: str) -> dict[str, Any]:
    """Both want it: the one goes, the other comes, everybody else stays."""
    giver, _, taker = key.partition("~")
    if request.form.get("ok") != "yes":
        return {"swap_approved": {key: {"ok": False, "at": now}}}
    stay = {
        each: {"as": "planned"} for each in request.form.getlist("was") if is_id(each) and each not in (giver, taker)
    }
    return {
        "swap_approved": {key: {"ok": True, "at": now}},
        "assignees": {**stay, giver: None, taker: {"as": "swap"}},
    }


def _as_last_week(place: Place) -> list[Asked]:
    """Sessions that nobody has planned yet get the crew of the same session a week before."""
    monday = _monday(request.form.get("week", ""))
    with current().database.read() as conn:
        plan = rosters.plans(conn, [place.id]).get(place.id)
        if plan is None:
            raise ProblemError("not_found")
        before = {
            (each.day, each.session): each for each in rosters.week(conn, place.id, plan, monday - timedelta(days=7))
        }
        empty = [each for each in rosters.week(conn, place.id, plan, monday) if each.shift is None]
    found: list[Asked] = []
    for slot in empty:
        last = before.get((slot.day - timedelta(days=7), slot.session))
        if last and last.shift and roster.crew(last.shift.fields):
            crew = roster.crew(last.shift.fields)
            id, fields = roster.shift_of(place.id, plan.fields, slot.day, slot.session, crew)
            found.append((id, "shift", 0, fields, True))
    return found


def _plan_asked(place: Place) -> Asked:
    """The sessions as the form has them; a row without a beginning is taken away."""
    form = request.form
    kind = form.get("kind", "")
    sessions: dict[str, Any] = {}
    for number in range(MOST_SESSIONS):
        key, start = form.get(f"key-{number}", ""), form.get(f"start-{number}", "")
        if not key and not start:
            continue
        sessions[key or start.replace(":", "")] = {
            "start": start,
            "end": form.get(f"end-{number}", ""),
            "lead_minutes": _number(form.get(f"lead-{number}", "")),
            "required_n": _number(form.get(f"needed-{number}", "")),
            "days": "".join(form.getlist(f"days-{number}")),
        } if start else None  # fmt: skip
    written: dict[str, Any] = {"kind": kind if kind in {each.value for each in KINDS} else KINDS[0].value}
    written |= {"host_phone": form.get("host_phone", "").strip()[:40]}
    if sessions:
        written["sessions"] = sessions
    seen = form.get("seen", "0")
    known = int(seen) if seen.isdecimal() and len(seen) < 16 else 0
    return plan_id(place.id), "post_plan", known, written, known == 0


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


# ------------------------------------------------------------------------------------------------------------ what is shown


def _posts(person: Person) -> dict[str, Place]:
    """Where the person plans: posts, stations and grids, not what is above them."""
    return {
        book: place
        for book, place in person.places.items()
        if book in person.powers and place.kind not in {"town", "community"} and can_decide(person, book)
    }


def _here(book: str) -> tuple[Person, Place]:
    person = identity.person()
    place = _posts(person).get(book)
    if place is None:
        raise ProblemError("not_found")
    return person, place


def _overview() -> dict[str, Any]:
    person, now = identity.person(), current().clock.now()
    posts = _posts(person)
    with current().database.read() as conn:
        plans = rosters.plans(conn, posts)
        gaps = rosters.gaps(conn, plans, now)
        waiting = rosters.waiting(conn, plans, now)
        reader = _reader(
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


def _week(place: Place) -> dict[str, Any]:
    now = current().clock.now()
    monday = _monday(request.values.get("week", ""))
    with current().database.read() as conn:
        plan = rosters.plans(conn, [place.id]).get(place.id)
        slots = rosters.week(conn, place.id, plan, monday) if plan else []
        guards = _guards(conn, place, now)
        names = _names(conn, slots) | guards
        seen = accounts.phones_seen(conn, names)
    reader = _reader(names)
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
        "plan": _plan_form(plan),
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


def _plan_form(plan: Found | None) -> dict[str, Any]:
    fields = plan.fields if plan else {}
    sessions = sorted((fields.get("sessions") or {}).items(), key=lambda each: str(each[1]["start"]))
    rows = [{"key": key, **session} for key, session in sessions][: MOST_SESSIONS - 1]
    rows.append({"key": "", "start": "", "end": "", "lead_minutes": LEADS[0], "required_n": 1, "days": "12345"})
    return {
        "seen": plan.seq if plan else 0,
        "kind": fields.get("kind"),
        "phone": fields.get("host_phone") or "",
        "rows": rows,
    }


def _guards(conn: Connection, place: Place, now: int) -> dict[str, str]:
    """Whoever works at this very place: account -> name."""
    found = directory.colleagues(conn, [place.id], now)
    return {each.account: each.name for each in found}


def _names(conn: Connection, slots: Iterable[Slot]) -> dict[str, str]:
    fields = [slot.shift.fields for slot in slots if slot.shift]
    named = {who for each in fields for name in ("assignees", "check_in_at", "absence") for who in each.get(name) or {}}
    named |= {each["to"] for one in fields for each in (one.get("swaps") or {}).values()}
    return accounts.names(conn, named)


def _monday(text: str) -> date:
    day = _day(text) or local(current().clock.now()).date()
    return day - timedelta(days=day.isoweekday() - 1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and "2000" < text < "2200" else None
    except ValueError:
        return None


def _reader(names: Mapping[str, str]) -> Reader:
    return Reader(current_language(), current().clock.now(), names)
