"""How far a campaign has come, and what was answered: by place, never by person. Reads only.

A question whose answers differ and wait for a person (待定) is left out of its totals, and said; so is an answer that
does not fit the form (待看): neither is dropped, neither is counted as if it were settled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from domain import places
from domain.access import Person
from domain.campaign_doors import label_order
from domain.days import local
from domain.forms.answers import problems
from domain.forms.form import SELECTS, Form, Question, read_form
from domain.json_text import json_text
from domain.records.campaign_rules import state_of
from domain.roles import COMMAND_ROOM, GRID_HEAD, SUPERVISOR
from sync.clock import from_text
from sync.tables import record

FEWEST: Final = 5
"""Answers of a single place are shown from so many doors on: of fewer, one could guess whose they are."""
TASK_STATES: Final = ("done", "declined", "not_applicable", "not_home", "todo")
_WATCHERS: Final = frozenset({GRID_HEAD, SUPERVISOR, COMMAND_ROOM})
_READERS: Final = frozenset({SUPERVISOR, COMMAND_ROOM})
Fields = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """Doors by how far they have come; `undecided` is where two ends stand against each other, counted nowhere else.

    `tries`: times that somebody stood at one of the doors.
    """

    done: int = 0
    declined: int = 0
    not_applicable: int = 0
    not_home: int = 0
    todo: int = 0
    undecided: int = 0
    tries: int = 0

    @property
    def doors(self) -> int:
        return self.over + self.not_home + self.todo + self.undecided

    @property
    def over(self) -> int:
        """Doors at which nothing more is to be done."""
        return self.done + self.declined + self.not_applicable

    def add(self, state: str, undecided: bool, tries: int) -> None:
        name = "undecided" if undecided else state
        setattr(self, name, getattr(self, name) + 1)
        self.tries += tries

    def kept(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in (*TASK_STATES, "undecided", "tries", "doors")}


@dataclass(slots=True)
class Line:
    """The tally of one place: a unit, or what has none."""

    place: str
    book: str
    name: str
    tally: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Asked:
    """What was answered to one question. `counts`: choice -> doors; `total` of numbers, to be divided by `answered`."""

    question: Question
    answered: int = 0
    undecided: int = 0
    to_look: int = 0
    total: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, said: str) -> None:
        self.answered += 1
        if self.question.type in SELECTS:
            self.counts.update(said.split(" "))
        elif self.question.type in ("integer", "decimal"):
            self.total += float(said)

    def kept(self) -> dict[str, Any]:
        counts = {each.name: self.counts[each.name] for each in self.question.choices}
        return {"name": self.question.name, "label": dict(self.question.label), "answered": self.answered,
                "undecided": self.undecided, "to_look": self.to_look, "counts": counts, "total": self.total}  # fmt: skip


@dataclass(slots=True)
class Totals:
    """`lines` by unit, in the order in which one walks; `undecided` and `to_look` count doors, not questions."""

    tally: Tally = field(default_factory=Tally)
    lines: list[Line] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    answered: int = 0
    undecided: int = 0
    to_look: int = 0

    def kept(self) -> dict[str, Any]:
        """What stays when everything else is erased: `{"tally", "lines", "questions", "answered", …}`, no door, no
        person."""
        lines = [{"place": each.place, "name": each.name, **each.tally.kept()} for each in self.lines]
        doors = {"answered": self.answered, "undecided": self.undecided, "to_look": self.to_look}
        return {
            "tally": self.tally.kept(),
            "lines": lines,
            "questions": [each.kept() for each in self.questions],
            **doors,
        }


def totals(conn: Connection, id: str, book: str, fields: Fields, within: Iterable[str] | None = None) -> Totals:
    """The totals of a campaign that lies in `book`; `within`: of these books only."""
    wanted = None if within is None else set(within)
    books = [each for each in places.below(conn, [book]) if wanted is None or each in wanted]
    found = Totals()
    _progress(conn, id, books, found)
    published = fields.get("published") or {}
    form = read_form(published.get("form"))
    asked = {each.name: Asked(each) for each in form.asked}
    for row in _of(conn, "survey_response", id, books):
        _count(row, form, asked, fields, found)
    found.questions = list(asked.values())
    return found


def progress(conn: Connection, id: str, book: str, within: Iterable[str]) -> Tally:
    """How far it has come in these books, as one figure: for lists."""
    wanted, found = set(within), Tally()
    for row in _of(conn, "task", id, [each for each in places.below(conn, [book]) if each in wanted]):
        _tick(found, row)
    return found


def _tick(tally: Tally, row: Any) -> None:
    tally.add(state_of(row.fields) or "todo", "status" in _conflicts(row), len(row.fields.get("tries") or {}))


def _of(conn: Connection, type: str, id: str, books: Iterable[str]) -> list[Any]:
    its = record.c
    columns = (its.id, its.book_id, its.fields, its.extra, its.made_at)
    mine = and_(its.type == type, its.hidden.is_(False), its.erased.is_(False), its.moved_to.is_(None))
    query = select(*columns).where(its.book_id.in_(sorted(books)), mine, json_text(its.fields, "campaign_id") == id)
    return list(conn.execute(query.order_by(its.id)))


def _progress(conn: Connection, id: str, books: list[str], found: Totals) -> None:
    tasks = _of(conn, "task", id, books)
    units = _units_of(conn, books, [row.fields["place_id"] for row in tasks])
    lines: dict[tuple[str, str], Line] = {}
    for row in tasks:
        unit, name = units.get(row.fields["place_id"], ("", ""))
        line = lines.setdefault((row.book_id, unit), Line(unit, row.book_id, name))
        _tick(line.tally, row)
        _tick(found.tally, row)
    found.lines = sorted(lines.values(), key=lambda each: (books.index(each.book), label_order(each.name), each.place))


def _units_of(conn: Connection, books: list[str], wanted: list[str]) -> dict[str, tuple[str, str]]:
    """place -> the unit it is in (itself, where it is no household) and what that is called."""
    its = record.c
    columns = [json_text(its.fields, name).label(name) for name in ("parent_id", "name", "label")]
    there = and_(its.book_id.in_(books), its.type.in_(["household", "unit", "building"]), its.erased.is_(False))
    rows = {row.id: row for row in conn.execute(select(its.id, its.type, *columns).where(there))}
    units = {}
    for id in wanted:
        row = rows.get(id)
        unit = rows.get(row.parent_id) if row is not None and row.type == "household" else row
        if unit is not None:
            units[id] = (unit.id, unit.name or unit.label or "")
    return units


def _conflicts(row: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (row.extra or {}).get("conflicts") or {}
    return found


def _count(row: Any, form: Form, asked: Mapping[str, Asked], campaign: Fields, found: Totals) -> None:
    closed = campaign.get("closed_at")
    if closed and row.made_at > from_text(closed):
        return  # came to somebody's mind when it was over
    answers, torn = row.fields.get("answers") or {}, _conflicts(row).get("answers") or {}
    wrong = _wrong(row, form, answers, campaign)
    found.answered += 1
    found.undecided += bool(torn)
    found.to_look += bool(wrong)
    for name, each in asked.items():
        if name in torn:
            each.undecided += 1
        elif name in wrong:
            each.to_look += 1
        elif answers.get(name):
            each.add(answers[name])


def _wrong(row: Any, form: Form, answers: Mapping[str, str], campaign: Fields) -> Mapping[str, str]:
    """What is to be looked at (待看): question -> why. Answers to another version of the form are, as a whole."""
    if row.fields.get("form_version") != campaign.get("form_version"):
        return dict.fromkeys(answers, "version")
    return problems(form, answers, f"{local(row.made_at):%Y-%m-%d}")


def by_grid(conn: Connection, id: str, book: str, fields: Fields, within: Iterable[str]) -> dict[str, Totals]:
    """The totals of each book that has any; answers only where there are enough doors for nobody to be guessed."""
    found = {each: totals(conn, id, book, fields, [each]) for each in within}
    for each in found.values():
        each.questions = [asked for asked in each.questions if asked.answered >= FEWEST]
    return {name: each for name, each in found.items() if each.tally.doors}


# ------------------------------------------------------------------------------------------------------ who sees what


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as somebody at a desk has it before them."""

    id: str
    book: str
    seq: int
    by: str
    fields: Fields

    @property
    def state(self) -> str:
        return state_of(self.fields) or "draft"


def visible(conn: Connection, person: Person) -> list[Campaign]:
    """Every campaign that this person may read, newest first."""
    its = record.c
    there = and_(its.type == "campaign", its.erased.is_(False), its.hidden.is_(False), its.moved_to.is_(None))
    query = select(its.id, its.book_id, its.seq, its.by, its.fields, its.sight)
    found = conn.execute(
        query.where(its.book_id.in_(sorted(person.places)), there).order_by(its.made_at.desc(), its.id)
    )
    seen = (row for row in found if person.sees(row.book_id, "campaign", row.sight))
    return [Campaign(row.id, row.book_id, row.seq, row.by, row.fields) for row in seen]


def one(conn: Connection, person: Person, id: str) -> Campaign | None:
    """One of them, or None where there is none or it is not this person's to see."""
    return next((each for each in visible(conn, person) if each.id == id), None)


def asked_in(conn: Connection, id: str) -> tuple[str, dict[str, Question]]:
    """The title of a campaign and its questions by name, so that an answer can be read by whoever may see it."""
    fields = conn.execute(select(record.c.fields).where(record.c.id == id, record.c.type == "campaign")).scalar() or {}
    form = read_form((fields.get("published") or {}).get("form"))
    return str(fields.get("title") or ""), {each.name: each for each in form.asked}


def watched(person: Person, campaign: Campaign) -> list[str]:
    """The books whose progress this person may see: a head the grid, the community its own, the command room the town,
    a department all of its own campaign."""
    if campaign.by == person.account:
        return sorted(person.powers)
    return sorted(book for book in person.powers if person.is_one_of(_WATCHERS, book))


def may_read_answers(person: Person, campaign: Campaign) -> bool:
    """Totals of answers: the community and the command room; whoever asks, while it is open, and what is made public."""
    if person.is_one_of(_READERS):
        return True
    public = bool(campaign.fields.get("results_public")) and campaign.state in ("closed", "erased")
    return campaign.by == person.account and (campaign.state in ("open", "paused") or public)


def grouped(campaigns: Iterable[Campaign]) -> dict[str, list[Campaign]]:
    """state -> campaigns, in the order given."""
    found: dict[str, list[Campaign]] = defaultdict(list)
    for each in campaigns:
        found[each.state].append(each)
    return found
