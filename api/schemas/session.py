"""Shapes of signing in."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from api.catalogue import LANGUAGES
from api.schemas.common import ident, text


class HelloAccountSchema(Schema):
    login = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)


class HelloSchema(Schema):
    """What this server is, before anybody has signed in."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    protocol = fields.Integer(required=True)
    demo = fields.List(fields.Nested(HelloAccountSchema), required=True, allow_none=True)


class SignInSchema(Schema):
    """`device`: an own earlier device id, which is kept, so that signing in again goes on as the same device."""

    login = text(64, shortest=1, required=True)
    password = text(200, shortest=1, required=True, load_only=True)
    device_name = text(100, load_default="", allow_none=True)
    device = ident(load_default=None, allow_none=True)


class LanguageSchema(Schema):
    """The language in which the server itself speaks to this person: nudges, the calendar, errors."""

    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))


class RoleSchema(Schema):
    role = fields.String(required=True)
    place = fields.String(required=True, metadata={"description": "id of the place"})
    unit = fields.String(metadata={"description": "of a building captain: the stair unit"})


class AccountSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)
    language = fields.String(metadata={"description": "the person's own: zh-CN, en …"})
    roles = fields.List(fields.Nested(RoleSchema), required=True)


class ScopeSchema(Schema):
    """What part of the book it is, for people who do not see the whole: of one stair unit, only what is assigned, or only what
    is their own."""

    unit = fields.String()
    name = fields.String()
    assigned = fields.Boolean()
    own = fields.Boolean()


class BookSchema(Schema):
    book = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "town, community, grid, post, station"})
    access = fields.String(required=True, validate=validate.OneOf(["write", "read"]))
    code = fields.String(required=True, metadata={"description": "how the place is called in case numbers"})
    parent = fields.String(required=True, allow_none=True, metadata={"description": "the place above"})
    scope = fields.Nested(ScopeSchema)


class MeSchema(Schema):
    """Who is signed in, on which device, with which books."""

    account = fields.Nested(AccountSchema, required=True)
    device = fields.String(required=True)
    books = fields.List(fields.Nested(BookSchema), required=True)
