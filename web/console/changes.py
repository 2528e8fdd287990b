"""A form of the case page -> what it changes: the `set` of one change. Pure, but for the ids it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from domain import identity_numbers
from domain.days import ZONE
from sync.clock import to_text

Json = dict[str, Any]

END_OF_WORK: Final = time(18, 0)
"""A day chosen in a form means: until the end of that day's work."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that has passed its schema: `data`, who asks, when (milliseconds)."""

    data: Mapping[str, Any]
    me: str
    now: int

    def step(self, to: str, *, again: bool = False) -> Json:
        """The step from where the form was rendered; `again` begins the next cycle."""
        return {"from": self.data["come_from"], "to": to, "cycle": self.data["cycle"] + again}

    @property
    def addition(self) -> Json:
        """What was typed, as one more addition; its key came with the form, so that sending twice adds once."""
        return {"additions": {str(self.data["nonce"]): {"text": self.data["text"]}}} if self.data.get("text") else {}


def no_identity_number(text: str) -> None:
    if identity_numbers.holds_one(text):
        raise ValidationError("id_number")


def required_text(most: int = 2000) -> fields.String:
    length = validate.Length(max=most, error="too_long")
    some = validate.Length(min=1, error="required")
    checks: list[Callable[[Any], Any]] = [some, length, no_identity_number]
    return fields.String(required=True, validate=checks, error_messages={"required": "required"})


def optional_text(most: int = 2000) -> fields.String:
    return fields.String(load_default="", validate=[validate.Length(max=most, error="too_long"), no_identity_number])


class Day(fields.Field[str]):
    """A day of the place's calendar, not before today -> the instant at the end of its work; empty -> None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not value:
            if self.required:
                raise ValidationError("required")
            return None
        try:
            day = date.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError("bad_date") from error
        if not 2000 <= day.year <= 2200:
            raise ValidationError("bad_date")
        moment = datetime.combine(day, END_OF_WORK, ZONE)
        return to_text(round(moment.timestamp()) * 1000)


class Photos(fields.Field[Json]):
    """The pictures that the desk made ready: {SHA-256: entry}, as JSON."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Json:
        try:
            found = orjson.loads(value) if value else {}
        except orjson.JSONDecodeError as error:
            raise ValidationError("bad_photos") from error
        if not isinstance(found, dict):
            raise ValidationError("bad_photos")
        return found


class Form(Schema):
    """What every form of a case carries: how far the record had come when the form was made."""

    class Meta:
        unknown = EXCLUDE

    seen = fields.Integer(required=True, validate=validate.Range(min=0, max=2**53))
    come_from = fields.String(load_default=None, validate=validate.Length(max=40))
    cycle = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))

    @pre_load
    def strip(self, data: Mapping[str, Any], **_kwargs: Any) -> Json:
        return {name: value.strip() if isinstance(value, str) else value for name, value in data.items()}


class MaybeSaid(Form):
    nonce = fields.UUID(required=True)
    text = optional_text()


class Said(MaybeSaid):
    text = required_text()


class Reject(Form):
    reason = required_text()
    instead = required_text()


class Merge(Form):
    merged_into = fields.String(required=True, validate=validate.Length(min=1, error="choose_one"))


class Dispatch(Form):
    owner = fields.String(required=True, error_messages={"required": "choose_one"})
    due = Day(load_default=None)


class Helpers(Form):
    helpers = fields.List(fields.String(), required=True, validate=validate.Length(min=1, error="choose_one"))


class Hold(Form):
    reason = required_text()
    until = Day(required=True)


class Resolve(Form):
    text = required_text()
    photos = Photos(load_default=dict)


class Verify(MaybeSaid):
    ok = fields.Boolean(required=True)


class Classify(Form):
    class_ = fields.String(data_key="class", required=True)
    category = fields.String(required=True)


class Severity(Form):
    severity = fields.String(required=True)


class Visibility(Form):
    visibility = fields.String(required=True)


class Due(Form):
    due = Day(required=True)


class Summary(Form):
    public_summary = optional_text()
    public_state = optional_text(200)


def _dispatch(asked: Asked) -> Json:
    due = asked.data["due"]
    people = {asked.data["owner"]: {"as": "owner"}}
    return {"status": asked.step("assigned"), "assignees": people, **({"due_at": due} if due else {})}


def _resolve(asked: Asked) -> Json:
    photos = asked.data["photos"]
    text = {"text": asked.data["text"]}
    return {"status": asked.step("resolved"), "resolution": text, **({"photos": photos} if photos else {})}


def _verify(asked: Asked) -> Json:
    ok = asked.data["ok"]
    step = asked.step("closed") if ok else asked.step("working", again=True)
    return {"status": step, "verify": {asked.me: {"ok": ok, "at": to_text(asked.now)}}, **asked.addition}


def _summary(asked: Asked) -> Json:
    return {name: asked.data[name] for name in ("public_summary", "public_state") if asked.data[name]}


def _rejection(asked: Asked) -> Json:
    return {"reason": asked.data["reason"], "instead": asked.data["instead"]}


def _helpers(asked: Asked) -> Json:
    return {"assignees": {each: {"as": "helper"} for each in asked.data["helpers"]}}


@dataclass(frozen=True, slots=True)
class Act:
    """One action: how its form is read, and what it writes."""

    schema: type[Form]
    write: Callable[[Asked], Json]
    many: tuple[str, ...] = ()
    """Fields of the form that may come several times."""
    void: bool | None = None
    """Hide the record, or bring it back (M11): beside the `set`, not in it."""

    def change(self, asked: Asked) -> Json:
        """The arguments of `engine.edit`."""
        return {"set": self.write(asked), **({} if self.void is None else {"void": self.void})}


ACTS: Final[Mapping[str, Act]] = {
    "accept": Act(Form, lambda asked: {"status": asked.step("accepted")}),
    "needs_info": Act(Said, lambda asked: {"status": asked.step("needs_info"), **asked.addition}),
    "report_again": Act(Said, lambda asked: {"status": asked.step("reported"), **asked.addition}),
    "reject": Act(Reject, lambda asked: {"status": asked.step("rejected"), "rejection": _rejection(asked)}),
    "merge": Act(Merge, lambda asked: {"status": asked.step("merged"), "merged_into": asked.data["merged_into"]}),
    "dispatch": Act(Dispatch, _dispatch),
    "helpers": Act(Helpers, _helpers, many=("helpers",)),
    "start": Act(Form, lambda asked: {"status": asked.step("working"), "handler": asked.me}),
    "resume": Act(Form, lambda asked: {"status": asked.step("working")}),
    "hold": Act(
        Hold,
        lambda asked: {
            "status": asked.step("on_hold"),
            "hold": {"reason": asked.data["reason"], "until": asked.data["until"]},
        },
    ),
    "resolve": Act(Resolve, _resolve),
    "verify": Act(Verify, _verify),
    "reopen": Act(Said, lambda asked: {"status": asked.step("working", again=True), **asked.addition}),
    "classify": Act(Classify, lambda asked: {"class": asked.data["class_"], "category": asked.data["category"]}),
    "severity": Act(Severity, lambda asked: {"severity": asked.data["severity"]}),
    "visibility": Act(Visibility, lambda asked: {"visibility": asked.data["visibility"]}),
    "due": Act(Due, lambda asked: {"due_at": asked.data["due"]}),
    "summary": Act(Summary, _summary),
    "add": Act(Said, lambda asked: asked.addition),
    "hide": Act(Said, lambda asked: asked.addition, void=True),
    "restore": Act(Form, lambda _asked: {}, void=False),
}
"""Every action of the case page, by its name in the address."""
