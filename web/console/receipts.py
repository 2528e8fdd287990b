"""What became of a change, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync.types import RecordType
from web.console.reader import Reader

_LOOKS: Final = {
    "applied": ("done", "check"),
    "merged": ("done", "check"),
    "conflict": ("undecided", "diamond"),
    "held": ("again", "circle-pause"),
    "refused": ("urgent", "circle-alert"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A few lines above the case: a shape, a tone, a title, and what else there is to know."""

    tone: str
    shape: str
    title: str
    lines: tuple[str, ...] = ()
    taken: bool = True
    """False: the change has not been taken, so that what was typed must stay in the form."""
    outcome: str = "applied"


def explain(receipt: Mapping[str, Any], type: RecordType, reader: Reader, what: str) -> Notice:
    """A receipt as a notice; `what` was asked for. Nothing of it blames anybody; a refusal says what to do next."""
    outcome = str(receipt["outcome"])
    tone, shape = _LOOKS[outcome]
    lines = [*_marks(receipt, type, reader), *_errors(receipt, type, reader)]
    if outcome in {"held", "refused"}:
        lines.insert(0, reader.say(f"receipt.reasons.{receipt['reason']}"))
    advice = {"refused": "typed_stays", "held": "held_advice", "conflict": "conflict_advice"}.get(outcome)
    if advice:
        lines.append(reader.say(f"receipt.{advice}"))
    return Notice(tone, shape, reader.say(f"receipt.{outcome}", what=what), tuple(lines), outcome != "refused", outcome)


def invalid(reader: Reader) -> Notice:
    """Something in the form is missing or cannot be read; nothing was sent on."""
    return Notice(
        *_LOOKS["refused"], reader.say("receipt.invalid"), (reader.say("receipt.typed_stays"),), False, "refused"
    )


def decided_already(reader: Reader, told: str = "") -> Notice:
    """Somebody was quicker; `told`: what stands there now, by whom."""
    lines = (told,) if told else ()
    return Notice("again", "triangle-alert", reader.say("receipt.decided_already"), lines, True, "applied")


def moved_here(reader: Reader, place: str) -> Notice:
    return Notice("done", "check", reader.say("receipt.moved_here", place=place))


def moved_meanwhile(reader: Reader, place: str) -> Notice:
    """The form was made where the record was before: nothing was written."""
    lines = (reader.say("receipt.look_again"), reader.say("receipt.typed_stays"))
    return Notice(
        "again", "triangle-alert", reader.say("receipt.moved_meanwhile", place=place), lines, False, "refused"
    )


def not_as_it_was(reader: Reader) -> Notice:
    """What was chosen has been rewritten by its own author since the page was made: nothing was written."""
    advice = (reader.say("receipt.look_again"),)
    return Notice("again", "triangle-alert", reader.say("receipt.rewritten"), advice, True, "applied")


def of_decision(receipt: Mapping[str, Any], type: RecordType, reader: Reader, what: str) -> Notice:
    """What became of a decision. Still open: something came meanwhile that was not on the page (M7)."""
    if receipt["outcome"] != "conflict":
        return explain(receipt, type, reader, what)
    tone, shape = _LOOKS["conflict"]
    lines = (reader.say("receipt.came_meanwhile_advice"),)
    return Notice(tone, shape, reader.say("receipt.came_meanwhile"), lines, True, "conflict")


def _marks(receipt: Mapping[str, Any], type: RecordType, reader: Reader) -> list[str]:
    words = []
    for name, mark in (receipt.get("fields") or {}).items():
        if mark == "kept_other" and name in type.by_name:
            field = reader.label(type.by_name[name].labels)
            words.append(reader.say(f"receipt.{mark}", field=field))
    return words


def _errors(receipt: Mapping[str, Any], type: RecordType, reader: Reader) -> list[str]:
    """The engine's own words come in both languages, divided by a dot."""
    words = []
    for name, texts in (receipt.get("errors") or {}).items():
        field = reader.label(type.by_name[name].labels) if name in type.by_name else name
        for text in texts:
            chinese, _, english = str(text).partition(" · ")
            words.append(f"{field}: {english if english and reader.language == 'en' else chinese}")
    return words
