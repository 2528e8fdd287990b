"""The roster at the desk: a week at a post, what is not manned in the next two days, and what waits for a planner.

By post and session. Nothing here adds up what one person did.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Response, make_response, render_template, request

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import roster, rosters
from domain.access import can_decide
from domain.places import Place
from sync.clock import to_text
from sync.ids import is_id
from web.console import receipts, roster_plan
from web.console.blueprint import blp
from web.console.parked import counts
from web.console.roster_plan import Asked, MistypedError
from web.console.roster_view import day_of, here, monday_of, overview, reader_of, week_of

HOWS: Final = ("crew", "swap", "excuse", "confirm", "copy", "plan")
_OUTCOME: Final = "X-Gridwalk-Outcome"


@blp.get("/roster", endpoint="roster")
@needs(can_decide)
def all_posts() -> str:
    """The posts in reach; the gaps of the next 48 hours; what two people want of a planner."""
    return render_template("console/roster.html", here="roster", **counts(identity.person()), **overview())


@blp.get("/roster/<string:book>", endpoint="roster_post")
@needs(can_decide)
def post(book: str) -> str:
    """One post: a week of it, with who is on and how they stand."""
    person, place = here(book)
    return render_template("console/roster_post.html", here="roster", **counts(person), **week_of(place))


@blp.post("/roster/<string:book>/<string:how>", endpoint="roster_act")
@needs(can_decide)
def act(book: str, how: str) -> Response:
    """Plan or change a crew, approve a swap, excuse, confirm what was noted afterwards, plan the week as the last one."""
    person, place = here(book)
    if how not in HOWS:
        raise ProblemError("not_found")
    reader = reader_of({})
    said: receipts.Notice | None = None
    try:
        asked = _asked(place, how)
    except MistypedError as wrong:
        asked, said = [], receipts.Notice("again", "triangle-alert", reader.say(f"roster.wrong.{wrong}"))
    for id, type, seen, written, create in asked:
        receipt = current().engine.edit(person, book=book, record=id, type=type, seen=seen, set=written, create=create)
        told = receipts.explain(receipt, current().engine.types[type], reader, reader.say(f"roster.did.{how}"))
        said = told if said is None or not told.taken else said
    said = said or receipts.Notice("again", "triangle-alert", reader.say("roster.nothing"))
    back = request.form.get("back") == "all"
    values = overview() if back else week_of(place)
    page = render_template("console/_roster.html" if back else "console/_roster_post.html", notice=said, **values)
    response = make_response(page)
    response.headers[_OUTCOME] = said.outcome
    return response


def _asked(place: Place, how: str) -> list[Asked]:
    if how == "copy":
        return _as_last_week(place)
    if how == "plan":
        return roster_plan.asked(place)
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
        day, session = day_of(request.form.get("day", "")), request.form.get("session", "")
        with current().database.read() as conn:
            plan = rosters.plans(conn, [place.id]).get(place.id)
        if plan is None or day is None or session not in (plan.fields.get("sessions") or {}):
            raise ProblemError("not_found")
        id, fields = roster.shift_of(place.id, plan.fields, day, session, chosen)
        return id, "shift", 0, {**fields, **_remark()}, True
    crew: dict[str, Any] = {each: None for each in was if each not in chosen}
    crew |= {each: {"as": "planned"} for each in chosen}
    return record, "shift", seen, {**({"assignees": crew} if crew else {}), **_remark()}, False


def _remark() -> dict[str, Any]:
    """A word for whoever stands there, if it was written or taken away just now."""
    typed = request.form.get("remark", "").strip()[:200]
    return {} if typed == request.form.get("remark_was", "") else {"remark": typed or None}


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
    monday = monday_of(request.form.get("week", ""))
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
