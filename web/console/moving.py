"""移到另一网格 (S7): a case that was reported in the wrong place, or whose place has changed hands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from api.problems import ProblemError
from api.services import current
from domain.access import Person, can_move
from domain.powers import CASE
from web.console.changes import Form, optional_text
from web.console.reader import Reader

Json = Mapping[str, Any]
MOVE: Final = "move"


class MovedError(Exception):
    """The case lives in another book now, which this person does not follow (S7)."""

    def __init__(self, record: str, source: str, target: str) -> None:
        super().__init__(record)
        self.record, self.source, self.target = record, source, target


class Move(Form):
    """Where to, and why; the nonce names the move, so that sending it twice moves once."""

    nonce = fields.UUID(required=True)
    to = fields.String(required=True, validate=validate.Length(min=1, error="choose_one"))
    text = optional_text(500)


def move(person: Person, record: Json, sent: Mapping[str, str], reader: Reader) -> str:
    """Move a case as the form asks; the book that it is in now. ValidationError where the form needs a look,
    ProblemError `not_allowed` where it is not this person's to move there."""
    data = Move().load(dict(sent))
    source, target = str(record["book"]), str(data["to"])
    if target not in person.places:
        raise ValidationError({"to": ["choose_one"]})
    if not can_move(person, source, target):
        raise ProblemError("not_allowed")
    nonce = str(data["nonce"])
    seq = current().engine.move(record["id"], source, target, nonce)
    if seq is None:
        raise ProblemError("not_found")
    _tell(person, record["id"], source, target, seq, nonce, data["text"], reader)
    return target


def _tell(
    person: Person, record: str, source: str, target: str, seq: int, nonce: str, why: str, reader: Reader
) -> None:
    """Who moved it, from where, and why: the engine's own entry of the move names no person."""
    names = {"old": person.places[source].name, "new": person.places[target].name}
    text = reader.say("act.move.told_why" if why else "act.move.told", **names, why=why)
    addition = {"additions": {nonce: {"text": text}}}
    current().engine.edit(person, book=target, record=record, type=CASE, seen=seq, set=addition)
