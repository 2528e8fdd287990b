"""Shapes of the one call and of what it carries: protocol 1. The engine checks them; here they are written down."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from api.schemas.common import change_id, ident, instant
from domain.schemas import EDIT
from sync.protocol import MAX_BOOKS, MAX_CHANGES, MAX_RECORDS, REASONS


def set_name(type_name: str) -> str:
    """How the document calls what may stand in `set` of a record type."""
    return f"{type_name.title()}Set"


OUTCOMES = ("applied", "merged", "conflict", "held", "refused")


class ChangeSchema(Schema):
    """One person's edit of one record on one device, accepted or refused as a whole. Frozen when saved."""

    id = change_id(required=True)
    book = ident(required=True)
    record = ident(required=True)
    type = fields.String(required=True)
    schema = fields.Integer(required=True, validate=validate.Range(min=1))
    epoch = ident(allow_none=True)
    seen = fields.Integer(required=True, validate=validate.Range(min=0))
    made_at = instant(required=True)
    create = fields.Boolean()
    set = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "field -> value, as the record type declares it",
            "anyOf": [{"$ref": f"#/components/schemas/{set_name(name)}"} for name in EDIT],
        },
    )
    void = fields.Boolean()


class CallSchema(Schema):
    """Push and pull in one round trip."""

    protocol = fields.Integer(required=True, validate=validate.OneOf([1]))
    device = ident(required=True)
    epoch = ident(allow_none=True)
    last = change_id(allow_none=True, metadata={"description": "newest change that this device has a receipt for"})
    newest = change_id(allow_none=True, metadata={"description": "newest change that this device ever made"})
    cursors = fields.Dict(keys=fields.String(), values=fields.List(fields.Raw()))
    changes = fields.List(fields.Nested(ChangeSchema), validate=validate.Length(max=MAX_CHANGES))
    only_ = fields.List(ident(), data_key="only", attribute="only")
    limit = fields.Integer(validate=validate.Range(min=0, max=MAX_RECORDS))
    missing = fields.Boolean(metadata={"description": "say which pictures and voice notes are not here yet"})


class ReceiptSchema(Schema):
    """The server's answer to one change, stored with it for ever."""

    index = fields.Integer(required=True)
    id = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    seq = fields.Integer(required=True, allow_none=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, data_key="fields", attribute="fields"
    )
    reason = fields.String(required=True, allow_none=True, metadata={"description": ", ".join(REASONS)})
    errors = fields.Dict(required=True, allow_none=True)


class RecordSchema(Schema):
    """One record, in its latest state."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    book = fields.String(required=True)
    seq = fields.Integer(required=True)
    schema = fields.Integer(required=True)
    fields_ = fields.Dict(keys=fields.String(), required=True, data_key="fields", attribute="fields")
    by = fields.String(required=True)
    made_at = instant(required=True)
    changed_at = instant(required=True)
    void = fields.Boolean(required=True)
    conflicts = fields.Dict(metadata={"description": "open, for a person"})
    others = fields.Dict(metadata={"description": "standing writes that did not win"})
    moved_to = fields.String(metadata={"description": "the book where it lives now: this is a stub (S7)"})


class BookPageSchema(Schema):
    """What is new in one book."""

    book = fields.String(required=True)
    cursor = fields.List(fields.Raw(), required=True)
    head = fields.Integer(required=True)
    restart = fields.Boolean(required=True)
    erased = fields.List(fields.String(), required=True)
    forget = fields.List(fields.String(), required=True)
    records = fields.List(fields.Nested(RecordSchema), required=True)


class ReplySchema(Schema):
    """Receipts for what was pushed, pages of what is new."""

    protocol = fields.Integer(required=True)
    epoch = fields.String(required=True)
    server_time = instant(required=True)
    receipts = fields.List(fields.Nested(ReceiptSchema), required=True)
    books = fields.List(fields.Nested(BookPageSchema), required=True)
    dropped = fields.List(fields.String(), required=True)
    busy = fields.List(fields.String(), required=True)
    reoffer = fields.Boolean(required=True)
    more = fields.Boolean(required=True)
    missing = fields.List(
        fields.String(), metadata={"description": "SHA-256 of pictures and voice notes to send, if `missing` was asked"}
    )
    upgrade = fields.Boolean(metadata={"description": "the phone speaks an old protocol: it may push, not pull"})


class PastChangeSchema(Schema):
    """An accepted change as it stands in the book."""

    id = fields.String(required=True)
    seq = fields.Integer(required=True)
    seen = fields.Integer(required=True)
    epoch = fields.String(required=True, allow_none=True)
    device = fields.String(required=True)
    by = fields.String(required=True)
    at = instant(required=True)
    made_at = instant(required=True)
    set = fields.Dict(required=True, allow_none=True)
    void = fields.Boolean(required=True, allow_none=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    via = fields.String(required=True, allow_none=True)


class HistorySchema(Schema):
    """Every accepted change of a record, in order; `next` is the address of the rest."""

    changes = fields.List(fields.Nested(PastChangeSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class DecidedSchema(Schema):
    """Who let a parked change in or declined it, and what they said to its author."""

    by = fields.String(required=True)
    at = instant(required=True)
    note = fields.String(required=True, allow_none=True)


class ParkedChangeSchema(Schema):
    """A change that is not in the book: refused, or waiting for a person."""

    change = fields.Raw(required=True, metadata={"description": "as it was sent; null once erased"})
    state = fields.String(required=True, validate=validate.OneOf(["held", "refused", "asked", "let_in", "declined"]))
    reason = fields.String(required=True)
    at = instant(required=True)
    book = fields.String(required=True)
    decided = fields.Nested(DecidedSchema, required=True, allow_none=True)
    for_book = fields.String(required=True, allow_none=True, metadata={"description": "where it waits now (S7)"})
    for_book_name = fields.String(required=True, allow_none=True, metadata={"description": "what that place is called"})
    handed_to = fields.String(required=True, allow_none=True, metadata={"description": "on whose desk it lies first"})


class ParkedSchema(Schema):
    changes = fields.List(fields.Nested(ParkedChangeSchema), required=True)


class AskSchema(Schema):
    """The book that the refused change was written for."""

    book = ident(required=True)


class SpanSchema(Schema):
    """What a device has receipts for in one book: `count` changes with `after` < id ≤ `until`."""

    after = change_id(required=True, allow_none=True)
    until = change_id(required=True)
    count = fields.Integer(required=True, validate=validate.Range(min=0))
    digest = fields.String(
        required=True,
        validate=validate.Regexp("^[0-9a-f]{64}$"),
        metadata={
            "description": "hex SHA-256 of the lines `ID HASH` LF, by id; HASH: hex SHA-256 of the canonical change"
        },
    )


class ProofCallSchema(Schema):
    """Has everything that this device wrote arrived?"""

    device = ident(required=True)
    books = fields.Dict(
        keys=ident(), values=fields.Nested(SpanSchema), required=True, validate=validate.Length(max=MAX_BOOKS)
    )


class ProvedSchema(Schema):
    """`entries`, where it is not the same: [id, hash] of what has arrived."""

    same = fields.Boolean(required=True)
    count = fields.Integer(required=True)
    entries = fields.List(fields.List(fields.String()))


class ProofSchema(Schema):
    books = fields.Dict(keys=fields.String(), values=fields.Nested(ProvedSchema), required=True)
