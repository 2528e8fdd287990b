"""待认领: what waits for the books in which a person decides: take it in, hand it on, or leave it out with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flask import Response, make_response, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate
from sqlalchemy import Connection

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import directory, held, news
from domain.access import Person, can_decide
from domain.held import HeldChange
from domain.records import TYPES
from sync.protocol import CallError
from web.console import claiming, me, receipts
from web.console.arrived import arrived
from web.console.blueprint import blp
from web.console.changes import required_text
from web.console.claims import Claim, Hall, claim, grouped
from web.console.forms import Choice
from web.console.reader import Reader
from web.console.reading import reader_among
from web.console.receipts import Notice
from web.i18n import t

Json = Mapping[str, Any]
MOST_NOTE: Final = 500
HOWS: Final = ("take", "adopt", "hand-on", "decline")
_OUTCOME: Final = "X-Gridwalk-Outcome"


class Asked(Schema):
    """What the forms of a waiting change carry."""

    class Meta:
        unknown = EXCLUDE

    seen = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**53))
    to = fields.String(load_default="", validate=validate.Length(max=36))
    note = fields.String(load_default="")

    @pre_load
    def strip(self, data: Json, **_kwargs: Any) -> dict[str, Any]:
        return {name: value.strip() if isinstance(value, str) else value for name, value in data.items()}


class Declined(Asked):
    note = required_text(MOST_NOTE)


@blp.get("/parked")
@needs(can_decide)
def parked() -> str:
    """待认领: what waits, whole and readable, with what the record says now."""
    person = identity.person()
    with current().database.read() as conn:
        waiting = held.held_changes(conn, person)
        hall = _hall(conn, person, waiting)
    rescues, mine, others = grouped([claim(hall, each) for each in waiting])
    return render_template(
        "console/parked.html", here="parked", rescues=rescues, claims=mine, others=others, **counts(person)
    )


def counts(person: Person) -> dict[str, Any]:
    """The frame of a page, and how many wait for this person."""
    with current().database.read() as conn:
        figures = news.headline(conn, person, current().clock.now())
    return {"me": me.describe(person, figures.undecided, figures.held), "total": figures.held}


def _hall(conn: Connection, person: Person, waiting: Sequence[HeldChange]) -> Hall:
    accounts = {each for one in waiting for each in (one.account, one.via, one.handed_to, one.handed_by) if each}
    reader = reader_among(conn, accounts, _values(waiting))
    posts = directory.posts_of(conn, accounts, reader.now)
    people = {book: _deciders(conn, book, reader.now) for book in {each.book for each in waiting}}
    return Hall(
        reader=reader,
        me=person.account,
        types=TYPES,
        adopts=lambda each: claiming.may_adopt(person, each),
        people=lambda book: people.get(book, ()),
        photo=lambda sha256, size: url_for("photos.photo", sha256=sha256, size=size),
        case=lambda id: url_for("console.case", record=id),
        here=arrived(conn, (claiming.photos_of(each) for each in waiting)),
        roles={account: t(f"roles.{post.role}") for account, post in posts.items()},
    )


def _values(waiting: Iterable[HeldChange]) -> Iterable[Any]:
    for each in waiting:
        yield each.written
        yield [each.book, each.written_for]
        if each.now:
            yield {name: each.now.fields.get(name) for name in each.written}


def _deciders(conn: Connection, book: str, now: int) -> tuple[Choice, ...]:
    return tuple((each.account, each.name, t(f"roles.{each.role}")) for each in directory.deciders(conn, book, now))


@blp.post("/parked/<string:book>/<string:id>/<string:how>")
@needs(can_decide)
def parked_one(book: str, id: str, how: str) -> Response:
    """One button of one waiting change."""
    person = identity.person()
    if how not in HOWS or not can_decide(person, book):
        raise ProblemError("not_found")
    with current().database.read() as conn:
        waiting = held.held_change(conn, person, book, id)
        before = None if waiting else held.decided(conn, person, book, id)
        moved = not waiting and held.was_here(conn, person, book, id)
        reader = reader_among(conn, {before.by} if before else (), ())
    if waiting is None:
        if before is None and not moved:
            raise ProblemError("not_found")
        return _answer(person, book, id, claiming.done_already(reader, before))
    try:
        data = (Declined if how == "decline" else Asked)().load(request.form.to_dict())
    except ValidationError as error:
        return _answer(person, book, id, receipts.invalid(reader), error.messages_dict, 422)
    return _answer(person, book, id, _act(person, waiting, how, data, reader))


def _act(person: Person, waiting: HeldChange, how: str, data: Json, reader: Reader) -> Notice:
    engine = current().engine
    if how == "decline":
        engine.decline(person, waiting.book, waiting.id, data["note"])
        return claiming.said(reader, "declined")
    if how == "hand-on":
        return _hand_on(person, waiting, str(data["to"]), reader)
    if how == "adopt" or waiting.is_suggestion:
        return claiming.adopt(person, waiting, int(data["seen"]), reader)
    try:
        became = engine.let_in(person, waiting.book, waiting.id)
    except CallError as error:
        return claiming.not_yet(error, reader)
    return claiming.taken(became, engine.types[waiting.type], reader)


def _hand_on(person: Person, waiting: HeldChange, to: str, reader: Reader) -> Notice:
    with current().database.read() as conn:
        people = {each.account: each.name for each in directory.deciders(conn, waiting.book, reader.now)}
    if to not in people:
        return receipts.invalid(reader)
    current().engine.hand_on(person, waiting.book, waiting.id, to)
    return claiming.said(reader, "handed", name=people[to])


@blp.post("/parked/rescued/<string:device>")
@needs(can_decide)
def parked_rescued(device: str) -> Response:
    """Everything sound that one device's rescue file brought, in the order in which it was written."""
    person = identity.person()
    with current().database.read() as conn:
        mine = [each for each in held.held_changes(conn, person) if each.device == device and each.reason == "rescue"]
        reader = reader_among(conn, (), ())
    mine.sort(key=lambda each: each.id)
    sound = [each for each in mine if claiming.is_sound(each)]
    taken = sum(claiming.let_in(person, each) for each in sound)
    page = render_template(
        "console/_rescued.html", device=device, notice=claiming.rescued(reader, taken, len(mine)), **counts(person)
    )
    return make_response(page)


def _answer(
    person: Person, book: str, id: str, notice: Notice, errors: Json | None = None, status: int = 200
) -> Response:
    """The change as it waits now, or that it waits no more; and the new counts."""
    with current().database.read() as conn:
        waiting = held.held_change(conn, person, book, id)
        shown: Claim | None = claim(_hall(conn, person, [waiting]), waiting) if waiting else None
    page = render_template(
        "console/_claimed.html",
        claim=shown,
        place=id,
        notice=notice,
        note=request.form.get("note", ""),
        note_error=bool(errors and "note" in errors),
        **counts(person),
    )
    response = make_response(page, status)
    response.headers[_OUTCOME] = notice.outcome
    return response
