"""Shapes of who works where."""

from __future__ import annotations

from marshmallow import Schema, fields


class ColleagueSchema(Schema):
    """One post that somebody holds; who holds two is there twice."""

    id = fields.String(required=True, metadata={"description": "the account"})
    name = fields.String(required=True)
    role = fields.String(required=True)
    place = fields.String(required=True, metadata={"description": "id of the place"})
    phone = fields.String(required=True, allow_none=True, metadata={"description": "for work, given by the person"})


class ColleaguesSchema(Schema):
    colleagues = fields.List(fields.Nested(ColleagueSchema), required=True)
