"""The shape of the declarations of record types."""

from __future__ import annotations

from marshmallow import Schema, fields

LABELS = {"description": "words for people by language tag"}


class ChoiceSchema(Schema):
    value = fields.String(required=True)
    labels = fields.Dict(required=True, metadata=LABELS)
    rank = fields.Integer(metadata={"description": "of a state: how far it is"})


class FieldSchema(Schema):
    rule = fields.String(required=True)
    inner = fields.String()
    kind = fields.String(required=True)
    keyed = fields.Boolean(required=True)
    choices = fields.List(fields.Nested(ChoiceSchema))
    order = fields.List(fields.Raw(), metadata={"description": "lowest … highest; equals in a list of their own"})
    ends = fields.List(fields.String())
    required = fields.Boolean(required=True)
    writers = fields.List(fields.String(), required=True, allow_none=True)
    deciders = fields.List(fields.String(), required=True, allow_none=True)
    max_length = fields.Integer(metadata={"description": "of a text, in characters"})
    shape = fields.Dict(metadata={"description": "of json: permitted key -> kind"})
    pictures = fields.Boolean(metadata={"description": "the keys are SHA-256 of uploaded bytes"})
    sounds = fields.Boolean(metadata={"description": "… of voice notes"})
    class_ = fields.String(required=True, data_key="class", attribute="class")
    example = fields.Raw(required=True, allow_none=True)
    labels = fields.Dict(required=True, metadata=LABELS)


class StepSchema(Schema):
    from_ = fields.String(required=True, allow_none=True, data_key="from", attribute="from")
    to = fields.String(required=True)
    cycle = fields.Integer(required=True)
    roles = fields.List(fields.String(), required=True)
    requires = fields.List(fields.String(), required=True)


class RecordTypeSchema(Schema):
    type = fields.String(required=True)
    schema = fields.Integer(required=True)
    labels = fields.Dict(required=True, metadata=LABELS)
    creators = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.Nested(FieldSchema), required=True, data_key="fields", attribute="fields"
    )
    steps = fields.List(fields.Nested(StepSchema), required=True)
    purpose = fields.Dict(required=True, metadata={"description": "what it is kept for, by language tag"})
    retention_days = fields.Integer(required=True, allow_none=True)
    phone_days = fields.Integer(required=True, metadata={"description": "how long it stays on a phone"})


class RecordTypesSchema(Schema):
    """Every record type, as it is declared."""

    types = fields.List(fields.Nested(RecordTypeSchema), required=True)
