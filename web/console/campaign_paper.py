"""One stairway on paper: printed, ticked at the doors with a pen, filled in here afterwards, and taken back as a whole.

Each line is an ordinary change of one task; what was filled in together carries one batch id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from flask import Response, make_response, render_template, request
from marshmallow import ValidationError, fields, validate
from sqlalchemy import Connection, select

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import accounts
from domain.access import Person, can_decide
from domain.campaign_doors import Door, doors
from domain.campaigns import Campaign
from domain.days import ZONE, local
from domain.records.campaign_rules import state_of
from domain.records.survey_response import SURVEY_RESPONSE, response_id
from domain.records.task import ENDS, STATES, TASK, task_id
from sync.clock import to_text
from sync.ids import derived
from sync.tables import record
from web.console import receipts
from web.console.blueprint import blp
from web.console.campaign_forms import Day
from web.console.campaign_page import PAPERS, load, reader_of
from web.console.campaign_views import QuestionView, asked_of, word_of
from web.console.changes import Form
from web.console.parked import counts
from web.console.receipts import Notice

Json = dict[str, Any]
TICKS: Final = ("done", "not_home", "declined", "not_applicable")
_OUTCOME: Final = "X-Gridwalk-Outcome"


class Filled(Form):
    """What a paper sheet says, besides its doors."""

    batch = fields.UUID(required=True)
    who = fields.String(load_default="", validate=validate.Length(max=36))
    day = Day(load_default=None)


@dataclass(frozen=True, slots=True)
class Line:
    """One door of the stairway."""

    place: str
    label: str
    task: str
    seq: int
    state: str
    cycle: int
    word: str
    over: bool
    batch: str


@dataclass(frozen=True, slots=True)
class Paper:
    id: str
    title: str
    unit: str
    name: str
    book: str
    lines: tuple[Line, ...]
    goers: tuple[tuple[str, str], ...]
    questions: tuple[QuestionView, ...]
    consent: str
    batch: str
    today: str
    answered: tuple[tuple[str, str], ...] = ()
    """Doors with answers, for whoever may take them back at the household's word: (id of the answers, label)."""


@blp.get("/campaigns/<string:campaign>/paper/<string:unit>", endpoint="campaign_paper")
@needs(can_decide)
def paper(campaign: str, unit: str) -> str:
    """The sheet of one stairway: to be printed, and to be filled in from."""
    person = identity.person()
    sheet = _paper(person, load(person, campaign), unit)
    return render_template("console/campaign_paper.html", **_around(person, sheet, None, ""))


@blp.post("/campaigns/<string:campaign>/paper/<string:unit>", endpoint="campaign_fill")
@needs(can_decide)
def fill(campaign: str, unit: str) -> Response:
    """Fill in what was ticked on paper."""
    person = identity.person()
    sheet = _paper(person, load(person, campaign), unit)
    try:
        data = Filled().load({"seen": 0, **request.form.to_dict()})
    except ValidationError as error:
        raise ProblemError("invalid", errors=error.messages_dict) from error
    who = data["who"] if data["who"] in {account for account, _ in sheet.goers} else person.account
    batch, at = str(data["batch"]), _moment(data["day"])
    ticked = [(line, request.form.get(f"door-{line.place}", "")) for line in sheet.lines]
    changes = [_ticked(sheet, line, to, who, at, batch) for line, to in ticked if to in TICKS and not line.over]
    entered = _push(person, changes)
    return _answer(person, campaign, unit, _told("filled", entered, len(changes)), batch if entered else "")


@blp.post("/campaigns/<string:campaign>/paper/<string:unit>/undo", endpoint="campaign_unfill")
@needs(can_decide)
def unfill(campaign: str, unit: str) -> Response:
    """Take a whole sheet back."""
    person = identity.person()
    sheet = _paper(person, load(person, campaign), unit)
    batch = request.form.get("batch", "")
    reason = reader_of({}).say("campaign.paper.taken_back")
    changes = [
        _untick(sheet, line, reason) for line in sheet.lines if batch and line.batch == batch and line.state != "todo"
    ]
    entered = _push(person, changes)
    return _answer(person, campaign, unit, _told("unfilled", entered, len(changes)), "")


@blp.post("/campaigns/<string:campaign>/paper/<string:unit>/withdraw", endpoint="campaign_withdraw")
@needs(can_decide)
def withdraw(campaign: str, unit: str) -> Response:
    """A household has said that it does not want its answers kept: they are erased, here and on every phone."""
    person = identity.person()
    sheet = _paper(person, load(person, campaign), unit)
    response, reader = request.form.get("answers", ""), reader_of({})
    found = current().engine.record(person, response) if response in dict(sheet.answered) else None
    if found is None:
        raise ProblemError("not_found")
    consent = {**found["fields"]["consent"], "withdrawn_at": to_text(current().clock.now())}
    receipt = current().engine.edit(
        person, book=sheet.book, record=response, type=SURVEY_RESPONSE.name, seen=found["seq"], set={"consent": consent}
    )
    notice = receipts.explain(receipt, SURVEY_RESPONSE, reader, reader.say("campaign.paper.withdraw"))
    return _answer(person, campaign, unit, notice, "")


# -------------------------------------------------------------------------------------------------------- what it writes


def _moment(day: Any) -> str:
    """The afternoon of that day, never later than now."""
    now = current().clock.now()
    if day is None:
        return to_text(now)
    return to_text(min(now, round(datetime.combine(day, time(18), ZONE).timestamp()) * 1000))


def _ticked(sheet: Paper, line: Line, to: str, who: str, at: str, batch: str) -> Json:
    """The same change as a phone's, in the name of whoever went there. Sent twice, it is one try."""
    written: Json = {"tries": {derived(batch, line.task): {"outcome": to, "at": at}}, "batch": batch}
    if to != line.state:
        written["status"] = {"from": line.state, "to": to, "cycle": line.cycle}
    if to == "done":
        written |= {"done_by": who, "done_at": at}
    return _change(sheet, line, {**written, "also_by": {who: {"at": at}}})


def _untick(sheet: Paper, line: Line, reason: str) -> Json:
    step = {"from": line.state, "to": "todo", "cycle": line.cycle + 1}
    return _change(sheet, line, {"status": step, "untick_reason": {"text": reason}})


def _change(sheet: Paper, line: Line, written: Json) -> Json:
    engine = current().engine
    common = {"schema": TASK.schema, "epoch": engine.epoch, "made_at": to_text(current().clock.now())}
    return {"id": engine.ids.new(), "book": sheet.book, "record": line.task, "type": TASK.name, "seen": line.seq,
            **common, "set": written}  # fmt: skip


def _push(person: Person, changes: list[Json]) -> int:
    found = current().engine.push(person, changes) if changes else []
    return sum(receipt["outcome"] in ("applied", "merged", "conflict") for receipt in found)


def _told(what: str, entered: int, asked: int) -> Notice:
    reader = reader_of({})
    tone, shape = ("done", "check") if entered == asked else ("again", "triangle-alert")
    return receipts.Notice(tone, shape, reader.say(f"campaign.paper.{what}", n=entered))


# ------------------------------------------------------------------------------------------------------------ what shows


def _paper(person: Person, campaign: Campaign, unit: str) -> Paper:
    """The stairway; a problem `not_found` where it is not this person's to fill in."""
    with current().database.read() as conn:
        its = record.c
        row = conn.execute(select(its.book_id, its.fields).where(its.id == unit, its.erased.is_(False))).first()
        if row is None or not person.is_one_of(PAPERS, row.book_id) or campaign.state not in ("open", "paused"):
            raise ProblemError("not_found")
        meant = [door for door in doors(conn, campaign.fields["target"], [row.book_id]) if unit in (door.unit, door.id)]
        tasks = {task_id(campaign.id, door.id): door for door in meant}
        rows = {each.id: each for each in conn.execute(select(its.id, its.seq, its.fields).where(
            its.book_id == row.book_id, its.id.in_(sorted(tasks)), its.erased.is_(False)))}  # fmt: skip
        answered = _answered(conn, person, campaign.id, row.book_id, meant)
        names = accounts.names(conn, {who for each in rows.values() for who in each.fields.get("assignees") or {}})
    lines = [_line(door, rows[id]) for id, door in tasks.items() if id in rows]
    form = (campaign.fields.get("published") or {}).get("form")
    return Paper(
        id=campaign.id,
        title=str(campaign.fields.get("title") or ""),
        unit=unit,
        name=str(row.fields.get("name") or row.fields.get("label") or ""),
        book=row.book_id,
        lines=tuple(lines),
        goers=tuple(sorted(names.items(), key=lambda each: each[1])),
        questions=tuple(asked_of(form, reader_of({}))) if campaign.fields["kind"] != "notify" else (),
        consent=str(campaign.fields.get("consent_text") or ""),
        batch=current().engine.ids.new(),
        today=f"{local(current().clock.now()):%Y-%m-%d}",
        answered=answered,
    )


def _answered(
    conn: Connection, person: Person, campaign: str, book: str, meant: list[Door]
) -> tuple[tuple[str, str], ...]:
    """Only whoever sees answers is shown at which doors there are any."""
    ids = {response_id(campaign, door.id): door.label for door in meant}
    its = record.c
    query = select(its.id, its.fields, its.sight).where(
        its.book_id == book, its.id.in_(sorted(ids)), its.erased.is_(False)
    )
    rows = [row for row in conn.execute(query) if row.fields.get("consent")]
    seen = {row.id for row in rows if person.sees(book, SURVEY_RESPONSE.name, row.sight)}
    return tuple((id, label) for id, label in ids.items() if id in seen)


def _line(door: Any, row: Any) -> Line:
    status = row.fields["status"]
    state = state_of(row.fields) or "todo"
    word, batch = word_of(STATES, state, reader_of({})), str(row.fields.get("batch") or "")
    return Line(door.id, door.label, row.id, row.seq, state, status["cycle"], word, state in ENDS, batch)


def _around(person: Person, sheet: Paper, notice: Notice | None, undo: str) -> Json:
    ticks = [(each, word_of(STATES, each, reader_of({}))) for each in TICKS]
    return {**counts(person), "here": "campaigns", "sheet": sheet, "notice": notice, "undo": undo, "ticks": ticks}


def _answer(person: Person, campaign: str, unit: str, notice: Notice, undo: str) -> Response:
    sheet = _paper(person, load(person, campaign), unit)
    response = make_response(render_template("console/_campaign_paper.html", **_around(person, sheet, notice, undo)))
    response.headers[_OUTCOME] = notice.outcome
    return response
