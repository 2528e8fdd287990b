"""Shapes that many calls share."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

ID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
CHANGE_ID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
INSTANT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


def plain(value: str) -> None:
    """No NUL, no half of a character: a database and a log must be able to hold it."""
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValidationError("Not plain text.")


def text(longest: int, **options: Any) -> fields.String:
    """A text of at most `longest` characters."""
    shortest = options.pop("shortest", 0)
    return fields.String(validate=[validate.Length(min=shortest, max=longest), plain], **options)


def ident(**options: Any) -> fields.String:
    """An id: a UUID in lower case."""
    options.setdefault("metadata", {})["format"] = "uuid"
    return fields.String(validate=validate.Regexp(ID), **options)


def change_id(**options: Any) -> fields.String:
    """The id of a change: a UUIDv7 in lower case, made on the device."""
    return fields.String(validate=validate.Regexp(CHANGE_ID), **options)


def instant(**options: Any) -> fields.String:
    """A time: UTC with milliseconds, `2026-06-13T08:40:12.123Z`."""
    return fields.String(validate=validate.Regexp(INSTANT), **options)


class ProblemSchema(Schema):
    """What went wrong (RFC 9457). `code` is permanent; details by name may stand beside it."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "for people, in the language asked for"})
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "what to do now, for people"})
    code = fields.String(required=True)
    request = fields.String(required=True, metadata={"description": "the id of the request, as in the logs"})
    limit = fields.Integer(metadata={"description": "with too_large: the limit"})
    wait = fields.Integer(metadata={"description": "with busy and too_many_attempts: seconds"})
    errors = fields.Dict(metadata={"description": "with invalid: field -> texts"})
