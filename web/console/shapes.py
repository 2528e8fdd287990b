"""What stands in each action's form. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.days import DAY, local
from domain.roles import PUBLISHERS
from sync.clock import from_text
from web.console.forms import Button, Choice, FormField, Situation

MOST_SHOWN: Final = 8
"""Longer lists of people fold up."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is particular to one action's form."""

    fields: tuple[FormField, ...] = ()
    buttons: tuple[Button, ...] = ()
    pictures: bool = False


def _text(
    here: Situation, action: str, name: str, *, required: bool = True, rows: int = 3, value: str = ""
) -> FormField:
    return FormField(name, here.words(f"{action}.{name}"), "text", required, value, rows)


def plain(_here: Situation) -> Shape:
    return Shape()


def saying(action: str) -> Callable[[Situation], Shape]:
    return lambda here: Shape((_text(here, action, "text"),))


def reject(here: Situation) -> Shape:
    return Shape((_text(here, "reject", "reason"), _text(here, "reject", "instead", rows=2)))


def merge(here: Situation) -> Shape:
    number = FormField("number", here.words("merge.number"), "search", required=not here.similar)
    if not here.similar:
        return Shape((number,))
    similar = FormField("merged_into", here.words("merge.similar"), "choices", False, choices=here.similar)
    return Shape((similar, replace(number, required=False)))


def _day(here: Situation, at: Any) -> str:
    return f"{local(from_text(at)):%Y-%m-%d}" if at else ""


def _date(here: Situation, action: str, name: str, value: str = "", *, required: bool = True) -> FormField:
    today = f"{local(here.reader.now):%Y-%m-%d}"
    return FormField(name, here.words(f"{action}.{name}"), "date", required, value, min=today)


def dispatch(here: Situation) -> Shape:
    label, none = here.words("dispatch.owner"), here.words("dispatch.nobody")
    due = _date(here, "dispatch", "due", _day(here, here.fields.get("due_at")), required=False)
    return Shape((_people(here, "owner", label, here.people, none), due))


def helpers(here: Situation) -> Shape:
    there = here.fields.get("assignees") or {}
    others = tuple(each for each in here.people if each[0] not in there)
    label, none = here.words("helpers.helpers"), here.words("helpers.nobody")
    return Shape((_people(here, "helpers", label, others, none, many=True),))


def _people(
    here: Situation, name: str, label: str, people: tuple[Choice, ...], none: str, *, many: bool = False
) -> FormField:
    """A choice of people. A long list folds up; it has no second line, so the role stands before the name."""
    if len(people) <= MOST_SHOWN:
        return FormField(name, label, "choices", choices=people, many=many, none=none)
    folded = tuple((account, f"{role} {called}", "") for account, called, role in people)
    return FormField(name, label, "select", choices=(("", here.words("dispatch.choose"), ""), *folded))


def move(here: Situation) -> Shape:
    """Where to: a choice of places; and why, which whoever finds it there will want to know."""
    to = FormField("to", here.words("move.to"), "select", choices=(("", here.words("move.choose"), ""), *here.books))
    return Shape((to, _text(here, "move", "text", required=False, rows=2)))


def hold(here: Situation) -> Shape:
    tomorrow = f"{local(here.reader.now + DAY):%Y-%m-%d}"
    return Shape((_text(here, "hold", "reason"), _date(here, "hold", "until", tomorrow)))


def resolve(here: Situation) -> Shape:
    return Shape((_text(here, "resolve", "text"),), pictures=True)


def verify(here: Situation) -> Shape:
    yes = Button(here.words("verify.yes"), "strong", "ok", "true", "check")
    no = Button(here.words("verify.no"), "", "ok", "false", "triangle-alert")
    return Shape((_text(here, "verify", "text", required=False, rows=2),), (yes, no))


def _choices(here: Situation, name: str, kind: str, values: Iterable[str] | None = None) -> FormField:
    field = here.type.by_name[name]
    allowed = None if values is None else set(values)
    offered = tuple(
        (each.value, here.reader.label(each.labels), "")
        for each in field.choices
        if allowed is None or each.value in allowed
    )
    return FormField(
        name, here.reader.label(field.labels), kind, choices=offered, chosen=(str(here.fields.get(name) or ""),)
    )


def classify(here: Situation) -> Shape:
    return Shape((_choices(here, "class", "choices"), _choices(here, "category", "select")))


def severity(here: Situation) -> Shape:
    return Shape((_choices(here, "severity", "choices"),))


def visibility(here: Situation) -> Shape:
    public = here.roles & PUBLISHERS
    return Shape((_choices(here, "visibility", "choices", None if public else ("internal", "restricted")),))


def due(here: Situation) -> Shape:
    return Shape((_date(here, "due", "due", _day(here, here.fields.get("due_at"))),))


def summary(here: Situation) -> Shape:
    summary = str(here.fields.get("public_summary") or "")
    state = str(here.fields.get("public_state") or "")
    return Shape(
        (
            _text(here, "summary", "public_summary", required=False, value=summary),
            replace(_text(here, "summary", "public_state", required=False, rows=1, value=state), max_length=200),
        )
    )
