"""One case as a row of the list. Pure but for the addresses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from domain.case_rows import CaseRow
from sync.types import RecordType
from web.console.arrived import Arrived
from web.console.marks import Mark, Progress, State, is_overdue, marks_of, progress_of, state_of
from web.console.reader import Reader, When
from web.console.views import category_of, place_of


@dataclass(frozen=True, slots=True)
class Row:
    """`order` sorts rows as the list does, newest highest."""

    id: str
    href: str
    order: str
    thumb: str | None
    waiting: bool
    """A picture is named, but its bytes are still on their way."""
    category: str
    place: str
    note: str
    marks: list[Mark]
    who: str
    when: When
    state: State
    progress: Progress
    due: str
    overdue: bool
    undecided: bool
    seen: bool


def row_of(case: CaseRow, type: RecordType, reader: Reader, grid: str, me: str, here: Arrived) -> Row:
    """A row for this reader; who reported it is named unless that is to stay hidden."""
    fields = case.fields
    photos = case.photos("before") or case.photos("after")
    shown = next((each for each in photos if each in here), None)
    due = fields.get("due_at")
    waits = bool(due) and case.is_open and case.status != "resolved"
    return Row(
        id=case.id,
        href=url_for("console.case", record=case.id),
        order=f"{case.made_at:015d}~{case.id}",
        thumb=url_for("photos.photo", sha256=shown, size="preview") if shown else None,
        waiting=bool(photos) and shown is None,
        category=category_of(fields, type, reader),
        place=place_of(fields, reader, grid),
        note=case.description,
        marks=marks_of(fields, type, reader, undecided=case.undecided),
        who=_who(case, type, reader, me),
        when=reader.when(case.made_at),
        state=state_of(fields, reader),
        progress=progress_of(fields),
        due=reader.say("row.due", when=reader.when(due).text) if due and waits else "",
        overdue=is_overdue(fields, reader.now),
        undecided=case.undecided,
        seen=bool(fields.get("seen_at")) or not case.is_open,
    )


def _who(case: CaseRow, type: RecordType, reader: Reader, me: str) -> str:
    source = case.fields.get("source")
    role = reader.value(type.by_name["source"], source) if source else ""
    hidden = case.fields.get("hide_reporter") and case.by != me
    name = "" if hidden else reader.name(case.by)
    return reader.say("row.who", role=role, name=name).strip()
