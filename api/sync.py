"""The one call: push and pull in one round trip. See SYNC.md."""

from __future__ import annotations

from flask import Response

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.schemas.sync import CallSchema, ReplySchema
from api.services import current
from domain import accounts, sessions
from sync.protocol import CallError

blp = Door("sync", __name__, url_prefix="/api/v1", description="Push and pull")

BODY = {"content": {"application/json": {"schema": CallSchema}}, "required": True}


@blp.post("/sync")
@signed_in
@blp.response(200, ReplySchema)
@fails(
    *SIGNED_IN, "malformed", "missing_header", "wrong_device", "device_copied", "too_large", "unsupported_type", "busy"
)
@blp.doc(requestBody=BODY)
def sync() -> Response:
    """Push changes, pull records."""
    actor = identity.person()
    call = bodies.read_call()
    try:
        return bodies.reply(current().engine.sync(actor, call))
    except CallError as error:
        if error.code == "device_copied":
            _part_from(actor.device)
        raise


def _part_from(device: str) -> None:
    """The database was copied: nobody goes on as this device; signing in again makes a new one (X7)."""
    services = current()
    with services.database.write() as conn:
        sessions.end_all(conn, device=device)
        accounts.revoke_device(conn, device, services.clock.now())
