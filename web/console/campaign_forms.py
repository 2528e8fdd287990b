"""The form of a campaign -> what it changes: the `set` of one change. Pure, but for the table that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from domain.days import ZONE, local
from domain.forms.form import Problem
from domain.forms.table import MAX_TABLE, read_table, write_table
from domain.records.campaign import KINDS
from domain.records.household import OCCUPANCIES
from sync.clock import from_text, to_text
from web.console.changes import Form, optional_text, required_text

Json = dict[str, Any]
LEVELS: Final = ("household", "unit", "building")
LISTS: Final = ("books", "occupancy")
TEXTS: Final = ("title", "owner_org", "why", "basis", "purpose", "consent_text", "photo_reason")
DAYS: Final = {"starts_at": False, "ends_at": True, "erase_at": True}
"""field -> is the end of that day meant?"""


class Day(fields.Field[date]):
    """A day of the place's calendar; empty -> None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            day = date.fromisoformat(str(value)) if value else None
        except ValueError as error:
            raise ValidationError("bad_date") from error
        if day is not None and not 2000 <= day.year <= 2200:
            raise ValidationError("bad_date")
        return day


class Draft(Form):
    """What a campaign says before it is admitted."""

    book = fields.String(load_default="", validate=validate.Length(max=36))
    kind = fields.String(load_default="survey", validate=validate.OneOf([each.value for each in KINDS]))
    title = required_text(100)
    owner_org = optional_text(100)
    why = optional_text()
    basis = optional_text()
    purpose = optional_text()
    consent_text = optional_text()
    table = optional_text(MAX_TABLE)
    books = fields.List(fields.String(validate=validate.Length(max=36)), load_default=list)
    level = fields.String(load_default="household", validate=validate.OneOf(LEVELS))
    occupancy = fields.List(
        fields.String(validate=validate.OneOf([each.value for each in OCCUPANCIES])), load_default=list
    )
    starts_at = Day(load_default=None)
    ends_at = Day(load_default=None)
    erase_at = Day(load_default=None)
    photo_required = fields.Boolean(load_default=False)
    photo_reason = optional_text()
    results_public = fields.Boolean(load_default=False)


class Acted(Form):
    """A button, perhaps with a word."""

    note = optional_text()
    photos = fields.Boolean(load_default=False)


def read(sent: Mapping[str, list[str]]) -> Json:
    """The form as data. ValidationError with the words' keys by field."""
    given = {name: (value if name in LISTS else value[0]) for name, value in sent.items() if value}
    data: Json = Draft().load(given)
    return data


def written(data: Json, before: Mapping[str, Any], kind: str) -> tuple[Json, list[Problem]]:
    """The `set` that makes `before` say what was typed, and what is wrong with the table of questions."""
    wanted: Json = {name: data[name] or None for name in TEXTS}
    wanted |= {name: _instant(data[name], end=end) for name, end in DAYS.items()}
    wanted |= {name: data[name] for name in ("photo_required", "results_public")}
    wanted["target"] = {"books": data["books"], "level": data["level"], "occupancy": data["occupancy"]}
    found = read_table(data["table"]) if data["table"] and kind != "notify" else None
    wanted["form"] = found.form if found else None
    changed = {
        name: value
        for name, value in wanted.items()
        if value != before.get(name) and not _is_nothing(name, value, before)
    }
    return changed, found.problems if found else []


def _is_nothing(name: str, value: Any, before: Mapping[str, Any]) -> bool:
    """Not said before, and not now."""
    return name not in before and (value is None or value is False)


def _instant(day: date | None, *, end: bool) -> str | None:
    if day is None:
        return None
    moment = datetime.combine(day, time(), ZONE) + (timedelta(days=1, milliseconds=-1) if end else timedelta())
    return to_text(round(moment.timestamp() * 1000))


def values(before: Mapping[str, Any]) -> Json:
    """What stands in the form: texts, days, and the questions as a table."""
    target = before.get("target") or {}
    found: Json = {name: before.get(name) or "" for name in TEXTS}
    found |= {name: f"{local(from_text(before[name])):%Y-%m-%d}" if before.get(name) else "" for name in DAYS}
    found |= {name: bool(before.get(name)) for name in ("photo_required", "results_public")}
    found |= {"kind": before.get("kind") or "survey", "level": target.get("level") or "household"}
    found |= {name: list(target.get(name) or []) for name in LISTS}
    found["table"] = write_table(before["form"]) if before.get("form") else ""
    return found
