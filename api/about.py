"""What this server is: hello, and the declarations of record types."""

from __future__ import annotations

from functools import cache

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from api import bodies
from api.docs import SIGNED_IN, Door, fails
from api.guard import public, signed_in
from api.schemas.record_types import RecordTypesSchema
from api.schemas.session import HelloSchema
from api.services import current
from domain import describe, sessions
from sync.protocol import PROTOCOL

blp = Door("about", __name__, url_prefix="/api/v1", description="What this server is")


@blp.get("/hello")
@public
@blp.response(200, HelloSchema)
def hello() -> Response:
    """Name, version and protocol; in demo mode also who can sign in."""
    services = current()
    demo = None
    if services.config.demo:
        with services.database.read() as conn:
            demo = sessions.demo_people(conn)
    version = services.config.version
    return bodies.reply({"name": "Gridwalk", "version": version, "protocol": PROTOCOL, "demo": demo})


@cache
def _declared() -> bytes:
    return bodies.dump(describe.record_types())


@blp.get("/record-types")
@signed_in
@blp.response(200, RecordTypesSchema)
@fails(*SIGNED_IN)
def record_types() -> AnyResponse:
    """Every record type: fields, rules, rights, steps, words."""
    response = Response(_declared(), mimetype="application/json")
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
