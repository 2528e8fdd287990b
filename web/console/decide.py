"""待您决定: the desk of open conflicts, and what its four buttons do. A decision is an ordinary change, by this person,
with the `seen` of the page; so it closes what was seen, and what was not stands beside it (M7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, make_response, render_template, request
from marshmallow import ValidationError

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import desk, news
from domain.access import Person, can_decide
from domain.powers import CASE
from sync.clock import to_text
from web.console import cases, deciding, deskwork, me, receipts
from web.console.blueprint import blp
from web.console.deciding import Decide
from web.console.letters import place_on_page
from web.console.reader import Reader
from web.console.reading import reader_of
from web.console.receipts import Notice

Json = Mapping[str, Any]
HOWS: Final = ("use", "keep", "ask", "asked")


@blp.get("/decide")
@needs(can_decide)
def decide() -> str:
    """What waits for this person's decision, the oldest first."""
    person = identity.person()
    items, total = deskwork.waiting(person)
    return render_template(
        "console/decide.html", here="decide", items=items, **_counts(person), more=total - len(items)
    )


def _counts(person: Person) -> dict[str, Any]:
    with current().database.read() as conn:
        figures = news.headline(conn, person, current().clock.now())
    return {
        "me": me.describe(person, figures.undecided, figures.held),
        "total": figures.undecided,
        "reminded": figures.reminded,
    }


@blp.post("/decide/<string:record>/<string:how>")
@needs(can_decide)
def decide_one(record: str, how: str) -> Response:
    """One button of one conflict."""
    person = identity.person()
    found = deskwork.load(person, record)
    if how not in HOWS:
        raise ProblemError("not_found")
    try:
        data = Decide().load(request.form.to_dict())
    except ValidationError as error:
        raise ProblemError("invalid", errors=error.messages_dict) from error
    notice = _act(person, found, how, data)
    return _answer(person, deskwork.load(person, record), data, notice)


def _act(person: Person, record: Json, how: str, data: Json) -> Notice:
    conflict = deciding.find(deskwork.conflicts_of(person, record), data["field"], data["key"])
    reader = _reader(person, record, conflict)
    if conflict is None:
        return receipts.decided_already(reader, deskwork.last_word(person, record, data["field"]))
    _check_right(person, record, data["field"])
    if request.form.get("book", record["book"]) != record["book"]:  # the page's `seen` counts in another book (S7)
        return receipts.moved_meanwhile(reader, person.places[record["book"]].name)
    change = _change(person, record, how, data, conflict, reader)
    if change is None:
        return receipts.not_as_it_was(reader)
    receipt = current().engine.edit(
        person, book=record["book"], record=record["id"], type=record["type"], seen=data["seen"], **change
    )
    type = current().engine.types[record["type"]]
    if how in {"ask", "asked"}:
        return receipts.explain(receipt, type, reader, reader.say(f"desk.did.{how}"))
    return receipts.of_decision(receipt, type, reader, reader.say(f"desk.did.{how}"))


def _reader(person: Person, record: Json, conflict: Json | None) -> Reader:
    with current().database.read() as conn:
        return reader_of(conn, person, record, (conflict or {}).get("candidates", ()))


def _check_right(person: Person, record: Json, field: str) -> None:
    type = current().engine.types[record["type"]]
    if not desk.may_decide(person, record["book"], type, type.sight(record["fields"], record["by"]), field):
        raise ProblemError("not_allowed")


def _change(
    person: Person, record: Json, how: str, data: Json, conflict: Json, reader: Reader
) -> dict[str, Any] | None:
    """The arguments of `engine.edit`; None where what was chosen stands no more."""
    engine, field, key = current().engine, data["field"], data["key"]
    if how == "ask":
        return deciding.asking(field, key, person.account, to_text(reader.now))
    note = deciding.asked(record, field, key, person.account)
    if how == "asked":
        return {"set": note} if note else None
    if how == "keep":
        nonce = str(data["nonce"] or engine.ids.new())
        change = deciding.keep(conflict, engine.types[record["type"]], reader, nonce)
    else:
        change = deciding.use(conflict, data["change"], record["fields"])
    if change and note and "set" in change:  # whoever decides has done with asking
        change = {"set": {**change["set"], **note}}
    return change


def _answer(person: Person, record: Json, data: Json, notice: Notice) -> Response:
    if request.form.get("on") == CASE and record["type"] == CASE:
        return cases.answer_page(person, record, notice, known=data["seen"])
    conflicts = [
        each
        for each in deskwork.conflicts_of(person, record)
        if deciding.find([each], data["field"], data["key"]) is not None
    ]
    with current().database.read() as conn:
        about = deskwork.about(conn, person, record)
        letters = deskwork.letters(conn, person, record, conflicts, data["seen"])
    page = render_template(
        "console/_decided.html",
        about=about,
        dispute=letters[0] if letters else None,
        place=place_on_page(record["id"], data["field"], data["key"]),
        notice=notice,
        **_counts(person),
    )
    response = make_response(page)
    response.headers[cases.OUTCOME] = notice.outcome
    return response
