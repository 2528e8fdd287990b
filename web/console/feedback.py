"""投诉建议 at the desk: what the people who work with this have to say, and the answer that goes back to their phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from marshmallow import ValidationError

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import accounts, hearing
from domain.access import Person
from domain.hearing import can_hear
from domain.listed import Listed
from domain.records.feedback import FEEDBACK
from sync.clock import to_text
from web.console import receipts
from web.console.blueprint import blp
from web.console.changes import Said
from web.console.marks import Mark
from web.console.parked import counts
from web.console.parts import Letter
from web.console.reader import Reader, When
from web.console.receipts import Notice
from web.i18n import current_language

_OUTCOME = "X-Gridwalk-Outcome"


@dataclass(frozen=True, slots=True)
class Voice:
    """One of them, with everything that was said and answered, oldest first."""

    id: str
    seq: int
    cycle: int
    status: str
    nonce: str
    who: str
    place: str
    about: str
    screen: str
    mark: Mark
    when: When
    words: tuple[tuple[Letter, bool], ...]
    href: str
    typed: str = ""
    error: str = ""
    notice: Notice | None = None


@blp.get("/feedback", endpoint="feedback")
@needs(can_hear)
def all_feedback() -> str:
    """What waits for an answer first."""
    person = identity.person()
    with current().database.read() as conn:
        found = hearing.said(conn, person)
        reader = _reader(accounts.names(conn, {who for each in found for who in _people(each)}))
    voices = [_voice(each, person, reader) for each in found]
    return render_template("console/feedback.html", here="feedback", voices=voices, **counts(person))


@blp.post("/feedback/<string:id>/answer", endpoint="feedback_answer")
@needs(can_hear)
def answer(id: str) -> Response:
    person = identity.person()
    found = _load(person, id)
    try:
        data = Said().load(request.form.to_dict())
    except ValidationError as error:
        return _again(person, found, request.form.get("text", ""), str(next(iter(error.messages_dict))))
    receipt = _write(person, found, data)
    said = receipts.explain(
        receipt, current().engine.types[FEEDBACK], _reader({}), _reader({}).say("feedback.answered")
    )
    return _card(person, _load(person, id), said, "" if said.taken else str(data["text"]))


def _write(person: Person, found: Listed, data: Mapping[str, Any]) -> Mapping[str, Any]:
    at = to_text(current().clock.now())
    text = {"text": data["text"], "by": person.account, "at": at}
    written: dict[str, Any] = {"answer": {str(data["nonce"]): text}}
    if data["come_from"] == "sent":
        written["status"] = {"from": "sent", "to": "answered", "cycle": data["cycle"]}
    seen, engine = int(data["seen"]), current().engine
    return engine.edit(person, book=found.book, record=found.id, type=FEEDBACK, seen=seen, set=written)


def _again(person: Person, found: Listed, typed: str, _field: str) -> Response:
    return _card(person, found, receipts.invalid(_reader({})), typed, 422)


def _card(person: Person, found: Listed, notice: Notice, typed: str, status: int = 200) -> Response:
    with current().database.read() as conn:
        reader = _reader(accounts.names(conn, _people(found)))
    voice = _voice(found, person, reader, typed=typed, notice=notice)
    made = make_response(render_template("console/_voice.html", voice=voice), status)
    made.headers[_OUTCOME] = notice.outcome
    return made


def _load(person: Person, id: str) -> Listed:
    with current().database.read() as conn:
        found = hearing.one_said(conn, person, id)
    if found is None:
        raise ProblemError("not_found")
    return found


def _reader(names: Mapping[str, str]) -> Reader:
    return Reader(current_language(), current().clock.now(), names)


def _people(row: Listed) -> set[str]:
    return {row.by, *(str(each["by"]) for each in (row.fields.get("answer") or {}).values())}


def _voice(row: Listed, person: Person, reader: Reader, *, typed: str = "", notice: Notice | None = None) -> Voice:
    declared = current().engine.types[FEEDBACK].by_name
    waits = row.status != "answered"
    word = reader.value(declared["status"], row.fields["status"])
    place = person.places.get(row.book)
    return Voice(
        id=row.id,
        seq=row.seq,
        cycle=int(row.fields["status"]["cycle"]),
        status=row.status,
        nonce=current().engine.ids.new(),
        who=reader.name(row.by),
        place=place.name if place else "",
        about=reader.value(declared["about"], row.fields.get("about")),
        screen=str(row.fields.get("screen") or ""),
        mark=Mark("clock-alert" if waits else "check", word, "again" if waits else "done"),
        when=reader.when(row.made_at),
        words=_thread(row, reader),
        href=url_for("console.feedback_answer", id=row.id),
        typed=typed,
        notice=notice,
    )


def _thread(row: Listed, reader: Reader) -> tuple[tuple[Letter, bool], ...]:
    """(letter, is it an answer?) in order of time."""
    found: list[tuple[str, Letter, bool]] = []
    for name in ("words", "answer"):
        for each in (row.fields.get(name) or {}).values():
            at = str(each.get("at") or to_text(row.made_at))
            who = reader.name(str(each.get("by") or row.by))
            found.append((at, Letter(str(each["text"]), who, reader.when(at)), name == "answer"))
    return tuple((letter, answered) for _, letter, answered in sorted(found, key=lambda each: each[0]))
