"""Visits at the desk: where nobody opened the last times, and where somebody was lately. Never what was said there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from sqlalchemy import Connection

from api import identity
from api.guard import needs
from api.services import current
from domain import accounts, directory, hearing, visiting
from domain.hearing import can_review_visits
from domain.listed import Listed
from domain.records.care_agreement import CARE_AGREEMENT
from domain.visiting import Unanswered
from web.console.blueprint import blp
from web.console.marks import Mark
from web.console.parked import counts
from web.console.reader import Reader, When
from web.i18n import current_language

_MARKS: Mapping[str, Mark] = {
    "planned": Mark("circle", "planned", "quiet"),
    "retry": Mark("triangle-alert", "retry", "again"),
    "done": Mark("check", "done", "done"),
    "declined": Mark("minus", "declined", "quiet"),
    "cancelled": Mark("x", "cancelled", "quiet"),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """Nobody opened so many times in a row. `alias`: what the agreement calls them, for whoever may read it."""

    place: str
    alias: str
    times: int
    last: When


@dataclass(frozen=True, slots=True)
class Line:
    place: str
    purpose: str
    mark: Mark
    how: str
    who: str
    when: When


@blp.get("/visits", endpoint="visits")
@needs(can_review_visits)
def all_visits() -> str:
    """What the head of a grid should look after, then the newest visits."""
    person, now = identity.person(), current().clock.now()
    with current().database.read() as conn:
        told, found = visiting.alerts(conn, person, now), hearing.visits(conn, person)
        reader = _reader(conn, told, found, now)
    engine = current().engine
    names = {each.about: (engine.record(person, each.about) or {}) for each in told}
    alerts = [_alert(each, reader, names[each.about]) for each in reversed(told)]
    lines = [_line(each, reader) for each in found]
    return render_template("console/visits.html", here="visits", alerts=alerts, lines=lines, **counts(person))


def _reader(conn: Connection, told: Sequence[Unanswered], found: Sequence[Listed], now: int) -> Reader:
    doors = {each.place for each in told} | {str(each.fields.get("place_id")) for each in found}
    people = {who for each in found for who in (*(each.fields.get("assignees") or {}), *_goers(each))}
    return Reader(current_language(), now, accounts.names(conn, people), directory.place_names(conn, doors))


def _goers(row: Listed) -> set[str]:
    went = (row.fields.get("outcome") or {}).values()
    return {str(row.fields["visited_by"])} if row.fields.get("visited_by") else {str(each["by"]) for each in went}


def _alert(each: Unanswered, reader: Reader, agreement: Mapping[str, object]) -> Alert:
    fields = agreement.get("fields") if agreement.get("type") == CARE_AGREEMENT else None
    alias = str((fields or {}).get("alias") or "") if isinstance(fields, Mapping) else ""
    return Alert(reader.place(each.place), alias, len(each.times), reader.when(each.times[-1]))


def _line(row: Listed, reader: Reader) -> Line:
    declared = current().engine.types["visit"].by_name
    mark = _MARKS.get(row.status, _MARKS["planned"])
    went = sorted((row.fields.get("outcome") or {}).values(), key=lambda each: str(each["at"]))
    last = went[-1] if went else None
    outcomes = {each.value: reader.label(each.labels) for each in declared["outcome"].choices}
    sent = sorted(row.fields.get("assignees") or {})
    people = [str(row.fields.get("visited_by") or last["by"])] if last else sent
    return Line(
        place=reader.place(row.fields.get("place_id")),
        purpose=reader.value(declared["purpose"], row.fields.get("purpose")),
        mark=Mark(mark.shape, reader.value(declared["status"], row.fields["status"]), mark.tone),
        how=outcomes.get(str(last["what"]), "") if last else "",
        who=reader.say("line.and").join(map(reader.name, people)),
        when=reader.when(last["at"] if last else row.made_at),
    )
