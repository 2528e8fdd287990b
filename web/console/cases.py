"""One case: its page, what is new on it, and what a person does with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request
from marshmallow import ValidationError

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import news, places
from domain.access import Person, can_open_console
from domain.powers import CASE
from sync.clock import to_text
from web.console import casework, me, moving, receipts
from web.console.actions import Failed
from web.console.blueprint import blp
from web.console.changes import ACTS, Asked
from web.console.moving import MovedError
from web.console.reader import Reader
from web.i18n import current_language

Json = Mapping[str, Any]
OUTCOME = "X-Gridwalk-Outcome"
_TYPED = ("text", "reason", "instead", "public_summary", "public_state")
"""What people type into the forms of a case."""


@blp.get("/cases/<string:record>")
@needs(can_open_console)
def case(record: str) -> str:
    """The page of a case."""
    person = identity.person()
    found = casework.load(person, record)
    with current().database.read() as conn:
        figures = news.headline(conn, person, current().clock.now())
    return render_template(
        "console/case.html",
        me=me.describe(person, figures.undecided, figures.held),
        here="case",
        **_values(person, found),
    )


def _values(
    person: Person,
    record: Json,
    notice: receipts.Notice | None = None,
    failed: Failed | None = None,
    known: int | None = None,
) -> dict[str, Any]:
    view = casework.view(person, record, failed, known)
    return {"case": view, "notice": notice, "mark_seen": casework.should_mark_seen(person, record)}


@blp.get("/cases/<string:record>/fresh")
@needs(can_open_console)
def case_fresh(record: str) -> Response:
    """The case anew if it has changed since the seq in If-None-Match, else an empty 304."""
    person = identity.person()
    found = casework.load(person, record)
    tag = casework.token(found, casework.here(found))
    if request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    page = render_template("console/_case.html", **_values(person, found))
    return Response(page, headers={"ETag": tag})


@blp.post("/cases/<string:record>/seen")
@needs(can_open_console)
def seen(record: str) -> Response:
    """已看过: somebody entitled has this case before their eyes. Written once."""
    person = identity.person()
    found = casework.load(person, record)
    if casework.should_mark_seen(person, found):
        _edit(person, found, found["seq"], {"set": {"seen_at": to_text(current().clock.now())}})
    return Response(status=204)


@blp.post("/cases/<string:record>/do/<string:action>")
@needs(can_open_console)
def act(record: str, action: str) -> Response:
    """One form of the page: one change, through the same door as a phone's."""
    person = identity.person()
    found = casework.load(person, record)
    if action not in ACTS and action != moving.MOVE:
        raise ProblemError("not_found")
    if request.form.get("book", found["book"]) != found["book"]:  # its `seen` counts in another book (S7)
        notice = receipts.moved_meanwhile(_plain_reader(), person.places[found["book"]].name)
        return answer_page(person, found, notice, (action, request.form.to_dict(flat=False), {}))
    if action == moving.MOVE:
        return _move(person, found)
    try:
        data = ACTS[action].schema().load(_sent(person, action))
    except ValidationError as error:
        return _again(person, found, action, error.messages_dict)
    asked = Asked(data, person.account, current().clock.now())
    receipt = _edit(person, found, data["seen"], ACTS[action].change(asked))
    return _answer(person, record, action, receipt)


def _move(person: Person, record: Json) -> Response:
    """移到另一网格: the case as it stands there, and where that is."""
    reader = _plain_reader()
    try:
        target = moving.move(person, record, request.form, reader)
    except ValidationError as error:
        return _again(person, record, moving.MOVE, error.messages_dict)
    notice = receipts.moved_here(reader, person.places[target].name)
    return answer_page(person, casework.load(person, record["id"]), notice)


@blp.errorhandler(MovedError)
def moved(error: MovedError) -> Response:
    """Where the case went, for those who saw it where it was; nothing of it any more."""
    with current().database.read() as conn:
        found = {id: place.name for id, place in places.named(conn, {error.source, error.target}).items()}
        figures = news.headline(conn, identity.person(), current().clock.now())
    page = render_template(
        "console/_moved.html"
        if request.headers.get("HX-Request") or request.path.endswith("/fresh")
        else "console/moved.html",
        me=me.describe(identity.person(), figures.undecided, figures.held),
        here="case",
        record=error.record,
        source=found.get(error.source, ""),
        target=found.get(error.target, ""),
        wrote=request.method == "POST",
        typed=[text for name in _TYPED if (text := request.form.get(name, "").strip())],
    )
    return make_response(page)


def _sent(person: Person, action: str) -> dict[str, Any]:
    """The form as sent, with the number of a case made into its id."""
    sent: dict[str, Any] = {name: value for name, value in request.form.items() if value != ""}
    sent |= {name: [each for each in request.form.getlist(name) if each] for name in ACTS[action].many}
    if action == "merge" and request.form.get("number"):
        sent["merged_into"] = casework.by_number(person, request.form["number"])
        if sent["merged_into"] is None:
            raise ValidationError({"number": ["no_such_case"]})
    return sent


def _edit(person: Person, record: Json, seen_seq: int, change: Mapping[str, Any]) -> Json:
    return current().engine.edit(person, book=record["book"], record=record["id"], type=CASE, seen=seen_seq, **change)


def _answer(person: Person, record: str, action: str, receipt: Json) -> Response:
    """The case as it stands now, with a word about what became of the change."""
    found = casework.load(person, record)
    reader = _plain_reader()
    notice = receipts.explain(receipt, current().engine.types[CASE], reader, reader.say(f"act.{action}.title"))
    failed: Failed | None = None if notice.taken else (action, request.form.to_dict(flat=False), {})
    return answer_page(person, found, notice, failed)


def _again(person: Person, record: Json, action: str, errors: Mapping[str, Any]) -> Response:
    """The form as it was sent, with a word at each field that needs a look."""
    reader = _plain_reader()
    known = {name: _word(reader, texts) for name, texts in errors.items()}
    failed = (action, request.form.to_dict(flat=False), known)
    return answer_page(person, record, receipts.invalid(reader), failed, status=422)


def _word(reader: Reader, texts: Any) -> str:
    first = texts[0] if isinstance(texts, list) and texts else "other"
    known = {"required", "too_long", "bad_date", "past", "choose_one", "bad_photos", "no_such_case", "id_number"}
    return reader.say(f"errors.{first if first in known else 'other'}")


def answer_page(
    person: Person,
    record: Json,
    notice: receipts.Notice,
    failed: Failed | None = None,
    *,
    status: int = 200,
    known: int | None = None,
) -> Response:
    """The case as it stands now, under a word about what was asked for; `known`: see `casework.view`."""
    values = _values(person, record, notice, failed, known)
    response = make_response(render_template("console/_case.html", **values), status)
    response.headers[OUTCOME] = notice.outcome
    return response


def _plain_reader() -> Reader:
    return Reader(current_language(), current().clock.now())
