"""How far, how urgent, who may know: each as a shape, a word and a tone together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.records.case_steps import ENDS, STATES, status_of
from sync.clock import from_text
from sync.types import RecordType
from web.console.reader import Reader


@dataclass(frozen=True, slots=True)
class Mark:
    shape: str
    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class State:
    """The state of a case in a word."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Which of the five dots is the present one, and its tone."""

    at: int
    tone: str = ""


_DOTS: Final = {
    "reported": Progress(0),
    "needs_info": Progress(0, "again"),
    "accepted": Progress(1),
    "assigned": Progress(2),
    "working": Progress(3),
    "on_hold": Progress(3, "again"),
    "resolved": Progress(4),
    "closed": Progress(4, "done"),
    "rejected": Progress(4, "quiet"),
    "merged": Progress(4, "quiet"),
}
_WORDS: Final = {state.value: state.labels for state in STATES}


def state_of(fields: Mapping[str, Any], reader: Reader) -> State:
    status = status_of(fields) or "reported"
    word = reader.label(_WORDS[status])
    cycle = (fields.get("status") or {}).get("cycle", 1)
    if cycle > 1:
        word = f"{word} · {reader.say('row.cycle', n=cycle)}"
    return State(word, progress_of(fields).tone or "accent")


def progress_of(fields: Mapping[str, Any]) -> Progress:
    return _DOTS[status_of(fields) or "reported"]


def is_open(fields: Mapping[str, Any]) -> bool:
    return status_of(fields) not in ENDS


def is_overdue(fields: Mapping[str, Any], now: int) -> bool:
    """Past its day and nobody has said yet that it is mended."""
    due = fields.get("due_at")
    return bool(due) and is_open(fields) and status_of(fields) != "resolved" and from_text(str(due)) < now


def marks_of(
    fields: Mapping[str, Any], type: RecordType, reader: Reader, *, undecided: bool, with_restricted: bool = True
) -> list[Mark]:
    """What a look must catch: severity above the ordinary, overdue, undecided, restricted."""
    found = []
    severity = fields.get("severity")
    word = reader.value(type.by_name["severity"], severity) if severity else ""
    if severity == "urgent":
        found.append(Mark("circle-alert", word, "urgent"))
    if severity == "serious":
        found.append(Mark("triangle-alert", word, "again"))
    if is_overdue(fields, reader.now):
        found.append(Mark("clock-alert", reader.say("row.overdue"), "urgent"))
    if undecided:
        found.append(Mark("diamond", reader.say("row.undecided"), "undecided"))
    if with_restricted and fields.get("visibility") == "restricted":
        found.append(Mark("lock", reader.say("row.restricted"), "quiet"))
    return found
