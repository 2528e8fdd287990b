"""Rounds at the desk: where nobody has looked for long, planning a round, and the signs that hang at its stops.

By place, never by person: nothing here says who walked, except who to ring about a round that was not ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import segno
from flask import Response, make_response, render_template, request, url_for

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import accounts, coverage, walks
from domain.access import Person, can_decide
from domain.coverage import Spot
from domain.days import DAY, start_of_day
from domain.places import Place
from domain.records.checklists import KINDS
from domain.records.codes import place_code
from domain.records.round_rights import FORGOTTEN
from domain.roles import GRID_HEAD, SUPERVISOR
from sync.clock import from_text, to_text
from sync.ids import is_id
from web.console import receipts
from web.console.blueprint import blp
from web.console.marks import Mark
from web.console.parked import counts
from web.console.reader import Reader, When
from web.i18n import current_language, label

WEEK: Final = 7
MONTH: Final = 30
NOON: Final = DAY // 2
HOWS: Final = ("plan", "cancel", "end")
_OUTCOME: Final = "X-Gridwalk-Outcome"


@dataclass(frozen=True, slots=True)
class Stop:
    """A place in the table: how many days ago somebody looked, in words."""

    id: str
    name: str
    mark: Mark
    days: str
    below: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """One grid in a line: of its houses, how many were looked at in the last week, and the longest wait."""

    id: str
    name: str
    href: str
    sentence: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A planned round, or one that nobody ended."""

    id: str
    seen: int
    kind: str
    when: When | None
    stops: int
    who: str = ""


@blp.get("/rounds", endpoint="rounds")
@needs(can_decide)
def all_grounds() -> str:
    """Every grid in reach, in the order of the tree."""
    person, now = identity.person(), current().clock.now()
    books = list(_grids(person))
    with current().database.read() as conn:
        looks = coverage.last_looked(conn, [each.id for each in books], now)
        spots = {each.id: coverage.spots(conn, each.id, looks[each.id]) for each in books}
    reader = _reader()
    grounds = [_ground(each, spots[each.id], reader) for each in books]
    return render_template("console/rounds.html", here="rounds", grounds=grounds, **counts(person))


@blp.get("/rounds/<string:book>", endpoint="ground")
@needs(can_decide)
def ground(book: str) -> str:
    """One grid: its houses and stairways with the days since somebody looked, its planned rounds, a form for another."""
    person, place = _here(book)
    return render_template("console/ground.html", here="rounds", **counts(person), **_values(person, place))


@blp.get("/rounds/<string:book>/signs", endpoint="signs")
@needs(can_decide)
def signs(book: str) -> str:
    """Signs to print and hang up: a code that any phone's camera opens, and the six characters to type."""
    person, place = _here(book)
    with current().database.read() as conn:
        spots = coverage.spots(conn, book, {})
    named = [(book, place.name), *((spot.id, spot.name) for top in spots for spot in (top, *top.below))]
    found = [(name, place_code(id), _drawn(place_code(id))) for id, name in named]
    return render_template("console/signs.html", here="rounds", signs=found, ground=place, **counts(person))


@blp.post("/rounds/<string:book>/<string:how>", endpoint="round_act")
@needs(can_decide)
def act(book: str, how: str) -> Response:
    """Plan a round, call one off, or end one in its walker's place."""
    person, place = _here(book)
    if how not in HOWS or not _may_plan(person, book):
        raise ProblemError("not_found")
    record = request.form.get("record", "")
    if not is_id(record):
        raise ProblemError("not_found")
    written = _planned(book) if how == "plan" else _step(person, how)
    receipt = current().engine.edit(
        person, book=book, record=record, type="round", seen=_seen(how), set=written, create=how == "plan"
    )
    said = receipts.explain(receipt, current().engine.types["round"], _reader(), _reader().say(f"rounds.{how}"))
    response = make_response(render_template("console/_ground.html", notice=said, **_values(person, place)))
    response.headers[_OUTCOME] = said.outcome
    return response


def _seen(how: str) -> int:
    given = request.form.get("seen", "")
    return int(given) if how != "plan" and given.isdecimal() and len(given) < 16 else 0


def _planned(book: str) -> dict[str, Any]:
    """What the form asks for; a kind that nobody knows and a day that is none are left out, and the engine says so."""
    places = [each for each in request.form.getlist("place") if is_id(each)]
    kind = request.form.get("kind", "")
    found: dict[str, Any] = {
        "place_id": book,
        "kind": kind if kind in {each.value for each in KINDS} else KINDS[0].value,
        "status": {"from": None, "to": "planned", "cycle": 1},
    }
    if places:
        found["wanted"] = {place: {"order": number} for number, place in enumerate(places, 1)}
    day = _day(request.form.get("day", ""))
    return found | ({"planned_at": to_text(day)} if day is not None else {})


def _day(text: str) -> int | None:
    """Noon of a day as a date field gives it."""
    try:
        return start_of_day(from_text(f"{text}T12:00:00+08:00")) + NOON if text else None
    except (ValueError, OverflowError):
        return None


def _step(person: Person, how: str) -> dict[str, Any]:
    if how == "cancel":
        return {"status": {"from": "planned", "to": "cancelled", "cycle": 1}}
    said = {"by": person.account, "at": to_text(current().clock.now())}
    return {"status": {"from": "active", "to": "done", "cycle": 1}, "ended_for": said}


# ------------------------------------------------------------------------------------------------------------ what is shown


def _here(book: str) -> tuple[Person, Place]:
    person = identity.person()
    place = next((each for each in _grids(person) if each.id == book), None)
    if place is None:
        raise ProblemError("not_found")
    return person, place


def _grids(person: Person) -> Iterator[Place]:
    """The places of this person in which one walks: grids and posts, not what is above them."""
    for book, place in person.places.items():
        if book in person.powers and place.kind not in {"town", "community"} and can_decide(person, book):
            yield place


def _may_plan(person: Person, book: str) -> bool:
    return person.is_one_of(frozenset({GRID_HEAD, SUPERVISOR}), book)


def _values(person: Person, place: Place) -> dict[str, Any]:
    now = current().clock.now()
    with current().database.read() as conn:
        spots = coverage.spots(conn, place.id, coverage.last_looked(conn, [place.id], now)[place.id])
        planned = walks.planned(conn, person, place.id)
        forgotten = walks.running(conn, person, place.id, now - FORGOTTEN)
        names = accounts.names(conn, {who for each in forgotten for who in each.walkers})
    reader = Reader(current_language(), now, names)
    return {
        "ground": place,
        "sentence": _ground(place, spots, reader).sentence,
        "stops": [_stop(spot, reader) for spot in spots],
        "may_plan": _may_plan(person, place.id),
        "may_end": person.is_one_of(frozenset({GRID_HEAD}), place.id),
        "kinds": [(each.value, label(each.labels)) for each in KINDS],
        "planned": [_walk(each, reader) for each in planned],
        "forgotten": [_walk(each, reader) for each in forgotten],
        "new": current().engine.ids.new(),
    }


def _walk(found: walks.Walk, reader: Reader) -> Walk:
    kind = next((label(each.labels) for each in KINDS if each.value == found.kind), "")
    when = reader.when(found.at) if found.at else None
    return Walk(found.id, found.seq, kind, when, found.stops, "、".join(reader.name(each) for each in found.walkers))


def _ground(place: Place, spots: list[Spot], reader: Reader) -> Ground:
    days = [_days(spot.at, reader.now) for spot in spots]
    fresh = sum(each is not None and each <= WEEK for each in days)
    longest = max((MONTH * 3 if each is None else each for each in days), default=0)
    sentence = reader.say("rounds.sentence", n=len(spots), fresh=fresh) if spots else reader.say("rounds.no_houses")
    mark = _mark(None if longest >= MONTH * 3 else longest, reader) if spots else None
    return Ground(place.id, place.name, url_for("console.ground", book=place.id), sentence, mark)


def _stop(spot: Spot, reader: Reader) -> Stop:
    days = _days(spot.at, reader.now)
    return Stop(spot.id, spot.name, _mark(days, reader), _since(days, reader),
                tuple(_stop(each, reader) for each in spot.below))  # fmt: skip


def _days(at: int | None, now: int) -> int | None:
    return None if at is None else max(0, (start_of_day(now) - start_of_day(at)) // DAY)


def _since(days: int | None, reader: Reader) -> str:
    if days is None:
        return reader.say("rounds.never")
    return reader.say("rounds.days", n=days) if days else reader.say("rounds.today")


def _mark(days: int | None, reader: Reader) -> Mark:
    """Three sights, each with a shape and a word of its own."""
    if days is not None and days <= WEEK:
        return Mark("check", reader.say("rounds.fresh"), "done")
    if days is not None and days <= MONTH:
        return Mark("circle", reader.say("rounds.older"), "quiet")
    return Mark("triangle-alert", reader.say("rounds.long"), "again")


def _drawn(code: str) -> str:
    """The code as SVG: an address that opens the app at this place."""
    address = f"{request.host_url}app/#/at/{code}"
    return segno.make(address, error="m", micro=False).svg_inline(
        scale=4, border=2, svgclass="sign-code", omitsize=True
    )


def _reader() -> Reader:
    return Reader(current_language(), current().clock.now())
