"""Web push: where this device wants to be nudged to look, and when not."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import needs
from api.problems import ProblemError
from api.schemas.push import PushSchema, SubscriptionSchema
from api.services import current
from domain import pushes
from domain.access import Person, can_see_content

blp = Door("push", __name__, url_prefix="/api/v1/push", description="Nudges to look, by web push")


@blp.get("")
@needs(can_see_content)
@blp.response(200, PushSchema)
@fails(*SIGNED_IN)
def how_it_is() -> Response:
    """The key that this server signs with, and what this device has said."""
    return bodies.reply(_said(identity.person()))


@blp.post("")
@needs(can_see_content)
@blp.arguments(SubscriptionSchema)
@blp.response(200, PushSchema)
@fails(*SIGNED_IN, "missing_header", "malformed", "too_large", "unsupported_type", "invalid")
def subscribe(given: dict[str, Any]) -> Response:
    """From now on nudge this device; said again, it is the newer word that counts."""
    person, services = identity.person(), current()
    if not services.push.is_address(given["endpoint"]):
        raise ProblemError("invalid", errors={"endpoint": ["must be the https address of a push service"]})
    quiet = given["quiet"]
    with services.database.write() as conn:
        pushes.subscribe(
            conn,
            services.engine.ids,
            account_id=person.account,
            device_id=person.device,
            endpoint=given["endpoint"],
            p256dh=given["keys"]["p256dh"],
            auth=given["keys"]["auth"],
            quiet=(quiet["from"], quiet["to"]),
            now=services.clock.now(),
        )
    return bodies.reply(_said(person))


@blp.delete("")
@needs(can_see_content)
@blp.response(200, PushSchema)
@fails(*SIGNED_IN, "missing_header")
def unsubscribe() -> Response:
    """Nudge this device no more."""
    person = identity.person()
    with current().database.write() as conn:
        pushes.unsubscribe(conn, person.device)
    return bodies.reply(_said(person))


def _said(person: Person) -> dict[str, Any]:
    with current().database.read() as conn:
        found = pushes.of_device(conn, person.device)
    begin, end = found.quiet if found else pushes.QUIET
    mine = found is not None and found.account == person.account
    where = urlsplit(found.endpoint).netloc if found and mine else None
    return {"key": current().push.public_key, "on": mine, "at": where, "quiet": {"from": begin, "to": end}}
