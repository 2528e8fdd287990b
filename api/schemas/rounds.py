"""Shapes of what is told about rounds."""

from __future__ import annotations

from marshmallow import Schema, fields


class CoverageSchema(Schema):
    books = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
        metadata={"description": "book -> place -> the instant at which it was last looked at"},
    )
