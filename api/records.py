"""Reading one record, its history, and one's own parked changes."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.problems import ProblemError
from api.schemas.sync import AskSchema, HistorySchema, ParkedSchema, RecordSchema
from api.services import current
from domain.access import Person, can_see_content
from domain.directory import place_names

blp = Door("records", __name__, url_prefix="/api/v1", description="Records, their history, parked changes")

PAGE = 200


class PageSchema(Schema):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**53 - 1))
    limit = fields.Integer(load_default=PAGE, validate=validate.Range(min=1, max=PAGE))


def _reader() -> Person:
    """Whoever may read content at all: administrators may not."""
    person = identity.person()
    if not can_see_content(person):
        raise ProblemError("no_content")
    return person


@blp.get("/records/<string:record_id>")
@signed_in
@blp.response(200, RecordSchema)
@fails(*SIGNED_IN, "no_content", "not_found")
def record(record_id: str) -> Response:
    """One record, as a pull would bring it."""
    found = current().engine.record(_reader(), record_id)
    if found is None:
        raise ProblemError("not_found")
    return bodies.reply(found)


@blp.get("/records/<string:record_id>/history")
@signed_in
@blp.arguments(PageSchema, location="query")
@blp.response(200, HistorySchema)
@fails(*SIGNED_IN, "no_content", "not_found", "invalid")
def history(page: dict[str, int], record_id: str) -> Response:
    """Every accepted change of a record, in order."""
    found = current().engine.history(_reader(), record_id, page["after"], page["limit"])
    if found is None:
        raise ProblemError("not_found")
    return bodies.reply({"changes": found["changes"], "next": _next(record_id, found["next"], page["limit"])})


def _next(record_id: str, after: Any, limit: int) -> str | None:
    if after is None:
        return None
    return url_for("records.history", record_id=record_id, after=after, limit=limit)


@blp.get("/parked")
@signed_in
@blp.response(200, ParkedSchema)
@fails(*SIGNED_IN)
def parked() -> Response:
    """My changes that are not in a book: refused, or held for a person."""
    found = current().engine.parked(identity.person())
    with current().database.read() as conn:
        # The writer is told where it went (S3), also where that is no place of theirs: its name, and nothing else.
        names = place_names(conn, {each["for_book"] for each in found})
    return bodies.reply({"changes": [{**each, "for_book_name": names.get(each["for_book"] or "")} for each in found]})


@blp.post("/parked/<string:change_id>/ask")
@signed_in
@blp.arguments(AskSchema)
@blp.response(200, ParkedSchema)
@fails(*SIGNED_IN, "missing_header", "malformed", "too_large", "unsupported_type", "not_found", "invalid")
def ask(asked: dict[str, str], change_id: str) -> Response:
    """Give one's own refused change to the people of its book to decide about. Answers with all that is parked."""
    person = identity.person()
    if not current().engine.ask(person, asked["book"], change_id):
        raise ProblemError("not_found")
    return parked()
