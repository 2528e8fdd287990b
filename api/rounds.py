"""When each place was last looked at, for the phones of those who walk."""

from __future__ import annotations

from flask import Response

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.schemas.rounds import CoverageSchema
from api.services import current
from domain import coverage
from sync.clock import to_text

blp = Door("rounds", __name__, url_prefix="/api/v1", description="When places were last looked at")


@blp.get("/coverage")
@signed_in
@blp.response(200, CoverageSchema)
@fails(*SIGNED_IN)
def when_looked_at() -> Response:
    """Of the places that this device knows, when each was last looked at in the last ninety days: by whom is not said."""
    services = current()
    with services.database.read() as conn:
        found = coverage.for_phone(conn, identity.person(), services.clock.now())
    books = {book: {place: to_text(at) for place, at in looks.items()} for book, looks in found.items()}
    return bodies.reply({"books": books})
