"""The one call: push and pull in one round trip. See SYNC.md."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.schemas.sync import CallSchema, ProofCallSchema, ProofSchema, ReplySchema
from api.services import current
from domain import accounts, sessions
from domain.access import Person
from sync.proof import Span
from sync.protocol import CallError

blp = Door("sync", __name__, url_prefix="/api/v1", description="Push and pull")

BODY = {"content": {"application/json": {"schema": CallSchema}}, "required": True}


@blp.post("/sync")
@signed_in
@blp.response(200, ReplySchema)
@fails(
    *(*SIGNED_IN, "malformed", "missing_header", "wrong_device", "device_copied", "too_large", "unsupported_type"),
    *("busy", "not_ready", "storage_full"),
)
@blp.doc(requestBody=BODY)
def sync() -> Response:
    """Push changes, pull records."""
    actor = identity.person()
    call = bodies.read_call(limit=None)  # the engine asks how deep it nests
    try:
        reply = current().engine.sync(actor, call)
    except CallError as error:
        if error.code == "device_copied":
            _part_from(actor.device)
        raise
    _note(actor)
    return bodies.reply(reply)


@blp.post("/proof")
@signed_in
@blp.arguments(ProofCallSchema)
@blp.response(200, ProofSchema)
@fails(*SIGNED_IN, "missing_header", "malformed", "too_large", "unsupported_type", "wrong_device", "invalid")
def proof(asked: dict[str, Any]) -> Response:
    """Has everything that this device wrote arrived? A digest of each book; where it differs, what has arrived."""
    actor = identity.person()
    if asked["device"] != actor.device:
        raise CallError("wrong_device", device=asked["device"])
    spans = {book: Span(**span) for book, span in asked["books"].items()}
    return bodies.reply({"books": current().engine.prove(actor, spans)})


def _note(actor: Person) -> None:
    """It was here, with everything it had: whoever waits for word from this phone need not wait any longer."""
    services = current()
    now = services.clock.now()
    if now - actor.device_seen_at >= accounts.SEEN_EVERY:
        with services.database.write() as conn:
            accounts.note_seen(conn, actor.device, now)


def _part_from(device: str) -> None:
    """The database was copied: nobody goes on as this device; signing in again makes a new one (X7)."""
    services = current()
    with services.database.write() as conn:
        sessions.end_all(conn, device=device)
        accounts.revoke_device(conn, device, services.clock.now())
