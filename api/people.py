"""Who works where: the names that a phone needs to say who somebody is."""

from __future__ import annotations

from flask import Response

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import signed_in
from api.problems import ProblemError
from api.schemas.people import ColleaguesSchema
from api.services import current
from domain.access import can_see_content
from domain.directory import colleagues

blp = Door("people", __name__, url_prefix="/api/v1", description="Who works where")


@blp.get("/colleagues")
@signed_in
@blp.response(200, ColleaguesSchema)
@fails(*SIGNED_IN, "no_content")
def of_my_places() -> Response:
    """Whoever works at the places that this device follows, with the telephone they gave for work."""
    person = identity.person()
    if not can_see_content(person):
        raise ProblemError("no_content")
    services = current()
    with services.database.read() as conn:
        found = colleagues(conn, person.books(), services.clock.now())
    entries = [
        {"id": each.account, "name": each.name, "role": each.role, "place": each.place, "phone": each.work_phone}
        for each in found
    ]
    return bodies.reply({"colleagues": entries})
