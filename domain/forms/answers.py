"""Answers as they are kept, and what is wrong with them. Pure. The phone does the same (tests/vectors/answers.json).

An answer is a text: a choice's name; several names in the order of their list with a space between; a number without
needless zeros; a date as YYYY-MM-DD; other text without spaces at its ends. Equal answers are thus equal texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from domain.forms.expressions import Answers, Scene, holds
from domain.forms.form import Form, Question

MAX_TEXT: Final = 1000
_INTEGER: Final = re.compile(r"(-?)0*([0-9]{1,15})")
_DECIMAL: Final = re.compile(r"(-?)0*([0-9]{1,15})(?:\.([0-9]{1,6}))?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def canonical(question: Question, said: str) -> str | None:
    """The answer in the form in which it is kept; "" for none; None where it is no answer to this question."""
    text = said.strip()
    if not text:
        return ""
    if question.type == "select_one":
        return text if any(each.name == text for each in question.choices) else None
    if question.type == "select_multiple":
        return _several(question, text)
    if question.type in ("integer", "decimal"):
        return _figure(question.type, text)
    if question.type == "date":
        return text if _is_date(text) else None
    return text if question.type == "text" and len(text) <= MAX_TEXT else None


def _several(question: Question, text: str) -> str | None:
    words = set(text.split())
    known = [each.name for each in question.choices]
    return " ".join(name for name in known if name in words) if words <= set(known) else None


def _figure(type: str, text: str) -> str | None:
    hit = (_INTEGER if type == "integer" else _DECIMAL).fullmatch(text)
    if hit is None:
        return None
    rest = (hit[3] or "").rstrip("0") if type == "decimal" else ""
    figure = hit[2] + (f".{rest}" if rest else "")
    return figure if figure == "0" else hit[1] + figure


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def problems(form: Form, answers: Answers, today: str) -> dict[str, str]:
    """question -> what is wrong with its answer: unknown, not_relevant, required, type or constraint.

    `today`: the day on which it was answered. What is not relevant counts as not answered for all that follows.
    """
    found = {name: "unknown" for name in answers if all(each.name != name for each in form.asked)}
    given: dict[str, str | None] = {}
    for question in form.asked:
        said = answers.get(question.name) or ""
        if not holds(question.relevant, Scene(given, today)):
            if said:
                found[question.name] = "not_relevant"
            continue
        wrong = _wrong(question, said, given, today)
        if wrong:
            found[question.name] = wrong
        given[question.name] = said
    return found


def _wrong(question: Question, said: str, given: Mapping[str, str | None], today: str) -> str | None:
    if not said:
        return "required" if question.required else None
    if canonical(question, said) != said:
        return "type"
    scene = Scene({**given, question.name: said}, today, said)
    return None if holds(question.constraint, scene) else "constraint"
