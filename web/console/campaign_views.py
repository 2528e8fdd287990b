"""What the pages of campaigns show. Pure but for the addresses; by place, never by person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import url_for

from domain.campaigns import Asked, Campaign, Tally, Totals
from domain.forms.form import read_form
from domain.records.campaign import CAMPAIGN
from domain.records.task import TASK
from sync.types import Choice
from web.console.marks import Mark
from web.console.reader import Reader, When

MARKS: Final = {
    "draft": Mark("circle", "draft", "quiet"),
    "review": Mark("clock-alert", "review", "again"),
    "open": Mark("check", "open", "done"),
    "paused": Mark("circle-pause", "paused", "again"),
    "closed": Mark("minus", "closed", "quiet"),
    "erased": Mark("x", "erased", "quiet"),
}
SEGMENTS: Final = ("done", "declined", "not_applicable", "undecided", "not_home", "todo")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: `x` and `width` in doors."""

    name: str
    word: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    doors: int
    over: int
    segments: tuple[Segment, ...]
    sheet: str = ""
    """The address of the paper sheet."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    href: str
    title: str
    org: str
    place: str
    mark: Mark
    ends: When | None
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to one question at one place: `counts` in the order of the choices; `mean` of numbers."""

    place: str
    answered: int
    undecided: int
    to_look: int
    counts: tuple[tuple[str, int, int], ...]
    """(choice, doors, per cent)"""
    mean: str = ""


@dataclass(frozen=True, slots=True)
class QuestionView:
    words: str
    rule: str
    choices: tuple[str, ...]
    places: tuple[Answered, ...] = ()


@dataclass(slots=True)
class Sheet:
    """The page of one campaign."""

    id: str
    seq: int
    state: str
    cycle: int
    mark: Mark
    place: str
    values: dict[str, Any]
    facts: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str, When]] = field(default_factory=list)
    questions: list[QuestionView] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    whole: Bar | None = None
    answers: list[QuestionView] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    reuse: list[tuple[str, str]] = field(default_factory=list)
    books: tuple[tuple[str, str], ...] = ()
    homes: tuple[tuple[str, str], ...] = ()
    home: str = ""
    editable: bool = False
    acts: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    wants_photos: bool = False


def mark_of(state: str, reader: Reader) -> Mark:
    found = MARKS[state]
    return Mark(found.shape, word_of(CAMPAIGN.by_name["status"].choices, state, reader), found.tone)


def word_of(choices: Iterable[Choice], value: str, reader: Reader) -> str:
    return next((reader.label(each.labels) for each in choices if each.value == value), value)


def bar_of(name: str, tally: Tally, reader: Reader, sheet: str = "") -> Bar:
    segments, x = [], 0
    for state in SEGMENTS:
        width = getattr(tally, state)
        if width:
            word = reader.say("row.undecided") if state == "undecided" else _state(state, reader)
            segments.append(Segment(state, word, x, width))
        x += width
    return Bar(name, tally.doors, tally.over, tuple(segments), sheet)


def _state(state: str, reader: Reader) -> str:
    return word_of(TASK.by_name["status"].choices, state, reader)


def tally_of(kept: Mapping[str, Any]) -> Tally:
    """A tally out of what stayed after everything was erased."""
    names = ("done", "declined", "not_applicable", "not_home", "todo", "undecided", "tries")
    return Tally(**{name: int(kept.get(name) or 0) for name in names})


def bars_of(campaign: Campaign, totals: Totals, reader: Reader, papers: frozenset[str]) -> list[Bar]:
    """A bar for each stairway; `papers`: books in which the reader fills in from paper."""
    found = []
    for line in totals.lines:
        open_here = line.book in papers and campaign.state in ("open", "paused") and line.place
        href = url_for("console.campaign_paper", campaign=campaign.id, unit=line.place) if open_here else ""
        found.append(bar_of(line.name or reader.say("campaign.no_unit"), line.tally, reader, href))
    return found


def asked_of(form: Any, reader: Reader) -> list[QuestionView]:
    """The questions as they stand in the form, to be read through before they are asked."""
    found = []
    for each in read_form(form).questions:
        rules = [
            f"{name}: {text}" for name, text in (("relevant", each.relevant), ("constraint", each.constraint)) if text
        ]
        rules += [reader.say("campaign.required")] if each.required else []
        rules.insert(0, reader.say(f"campaign.types.{each.type}"))
        found.append(QuestionView(reader.label(each.label), " · ".join(rules), _words(each.choices, reader)))
    return found


def _words(choices: Iterable[Any], reader: Reader) -> tuple[str, ...]:
    return tuple(reader.label(each.label) for each in choices)


def answers_of(
    whole: Totals, grids: Mapping[str, Totals], names: Mapping[str, str], reader: Reader
) -> list[QuestionView]:
    """What was answered: everywhere, then by grid where there are enough doors."""
    found = []
    for asked in whole.questions:
        places = [_answered(reader.say("campaign.everywhere"), asked, reader)]
        if len(grids) > 1:
            places += list(_by_grid(asked.question.name, grids, names, reader))
        words = reader.label(asked.question.label)
        found.append(QuestionView(words, reader.say(f"campaign.types.{asked.question.type}"),
                                  _words(asked.question.choices, reader), tuple(places)))  # fmt: skip
    return found


def _by_grid(
    question: str, grids: Mapping[str, Totals], names: Mapping[str, str], reader: Reader
) -> Iterator[Answered]:
    for book, totals in grids.items():
        for asked in totals.questions:
            if asked.question.name == question:
                yield _answered(names.get(book, ""), asked, reader)


def _answered(place: str, asked: Asked, reader: Reader) -> Answered:
    counts = tuple(
        (reader.label(each.label), asked.counts[each.name], percent(asked.counts[each.name], asked.answered))
        for each in asked.question.choices
    )
    is_number = asked.question.type in ("integer", "decimal") and asked.answered
    mean = f"{asked.total / asked.answered:.1f}" if is_number else ""
    return Answered(place, asked.answered, asked.undecided, asked.to_look, counts, mean)


def percent(part: int, whole: int) -> int:
    """Rounded as people do: a half goes up."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def kept_answers(kept: Mapping[str, Any], form: Any, reader: Reader) -> list[QuestionView]:
    """The same out of what stayed after everything was erased."""
    stayed = {each["name"]: each for each in kept.get("questions") or ()}
    found = []
    for question in read_form(form).asked:
        each = stayed.get(question.name)
        if each:
            asked = Asked(question, each["answered"], each["undecided"], each["to_look"], each["total"])
            asked.counts.update(each["counts"])
            words = reader.label(question.label)
            found.append(QuestionView(words, reader.say(f"campaign.types.{question.type}"), _words(question.choices, reader),
                                      (_answered(reader.say("campaign.everywhere"), asked, reader),)))  # fmt: skip
    return found


def as_csv(bars: Sequence[Bar], answers: Sequence[QuestionView], reader: Reader) -> str:
    """The totals as a table: place, what, which, doors. With a mark at its head, so that spreadsheets read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([reader.say(f"campaign.csv.{name}") for name in ("place", "what", "which", "doors")])
    progress = reader.say("campaign.progress")
    for bar in bars:
        writer.writerows([_plain(bar.name), progress, each.word, each.width] for each in bar.segments)
    for question in answers:
        writer.writerows(_csv_answers(question, reader))
    return "\ufeff" + out.getvalue()


def _csv_answers(question: QuestionView, reader: Reader) -> Iterator[list[Any]]:
    for place in question.places:
        head = [_plain(place.place), _plain(question.words)]
        for choice, doors, _ in place.counts:
            yield [*head, _plain(choice), doors]
        for name in ("answered", "undecided", "to_look"):
            yield [*head, reader.say(f"campaign.{name}"), getattr(place, name)]
        if place.mean:
            yield [*head, reader.say("campaign.mean"), place.mean]


def _plain(text: str) -> str:
    """A spreadsheet takes what begins like this for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
