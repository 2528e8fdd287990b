"""Putting the API into an app: every blueprint, and the OpenAPI document made from them."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse

from api import about, bodies, calendars, people, photos, push, records, rounds, session, sync, uploads, voices
from api.docs import PREFIX, Document, describe_shapes
from api.guard import public

BLUEPRINTS: Final = (
    about.blp,
    session.blp,
    sync.blp,
    records.blp,
    people.blp,
    calendars.blp,
    push.blp,
    rounds.blp,
    uploads.blp,
    photos.blp,
    voices.blp,
)

INTRODUCTION: Final = """The door for machines: protocol 1.

Every unsafe call carries `X-Gridwalk: 1` and comes from the same origin. Errors are problem+json with a permanent
`code`. Bodies may be gzip; answers are where the client can read it. A body may also be `application/zlib`: a zlib
stream with `api/phrases.gen.txt` as its dictionary; a small answer to such a call then is one, too, and 415
`unsupported_type` says that the server knows other phrases: send gzip."""


def install(app: Flask, version: str) -> None:
    """Register the API under /api/v1, its document at /api/v1/openapi.json."""
    app.config.update(API_TITLE="Gridwalk", API_VERSION=version, OPENAPI_VERSION="3.1.0")
    document = Document(app, spec_kwargs={"info": {"description": INTRODUCTION}})
    describe_shapes(document)
    _describe_safety(document)
    for blueprint in BLUEPRINTS:
        document.register_blueprint(blueprint)
    app.register_blueprint(calendars.feed)
    written = bodies.dump(document.spec.to_dict())

    @public
    def openapi() -> AnyResponse:
        response = Response(written, mimetype="application/json")
        response.add_etag()
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(request)

    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", openapi)


def _describe_safety(document: Document) -> None:
    cookie = {"type": "apiKey", "in": "cookie", "name": "gridwalk"}
    header = {"type": "apiKey", "in": "header", "name": "X-Gridwalk", "description": "`1`, on every unsafe call"}
    document.spec.components.security_scheme("session", cookie)
    document.spec.components.security_scheme("same_origin", header)
