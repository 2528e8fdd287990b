"""What every answer carries, and what every request must pass."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import Final

from flask import Flask, Response, abort, request

from api import bodies, guard
from domain import sessions
from web.config import Config
from web.cookies import Cookies

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "media-src 'self' blob:",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), browsing-topics=()",
}

DATA: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""For JSON, in which nothing runs, frames or asks for a camera: half a kilobyte more of heads is dear on a thin line."""

ANSWER: Final = {"X-Content-Type-Options": "nosniff"}
"""For JSON that answers an unsafe call: no page of somebody else's can make one (X-Gridwalk), or show what it says."""

MAX_BODY: Final = 11 * 1024 * 1024
"""No body is larger: a picture of 10 MiB in one piece, and a little."""

MAX_HEARD_OUT: Final = 64 * 1024 * 1024
"""Bytes of a refused body that are still read, and thrown away."""
HEARD_OUT_FOR: Final = 10.0
"""Seconds for which they are: whoever sends slowly must not keep others waiting with what nobody wants."""


def install(app: Flask, config: Config) -> None:
    """Cookies as strict as they can be, the headers, and the guard before every request."""
    app.config.update(
        SECRET_KEY=config.secret,
        SESSION_COOKIE_NAME="gridwalk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(milliseconds=sessions.LIFE),
        MAX_CONTENT_LENGTH=MAX_BODY,
    )
    app.session_interface = Cookies()
    app.before_request(_without_nul)
    app.before_request(guard.check_request)
    app.before_request(_typed_without_nul)
    # Not for a demo on one's own machine: `localhost` would stay on HTTPS for every other program too.
    app.after_request(_secure if config.https and not config.demo else _dress)
    app.after_request(_hear_out)


def _without_nul() -> None:
    """No address and no text that a person types has one, and PostgreSQL takes none."""
    if "\0" in request.path:
        abort(404)
    if any("\0" in value for _, value in request.args.items(multi=True)):
        abort(400)


def _typed_without_nul() -> None:
    """The same of forms, once it is known that they are taken at all."""
    if any("\0" in value for _, value in request.form.items(multi=True)):
        abort(400)


def _dress(response: Response) -> Response:
    data = DATA if request.method in {"GET", "HEAD", "OPTIONS"} else ANSWER
    for name, value in (data if response.mimetype in bodies.DATA else HEADERS).items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _secure(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return _dress(response)


def _hear_out(response: Response) -> Response:
    """Read what is left of a refused body: who is still sending does not hear the answer, only a broken line.

    Not of a phone that asks to be cut short: browsers send a piece again by themselves when a connection breaks that
    was used before, and on a thin line that is dear. So what it asks with HEAD before it goes on ends its connection.
    """
    if "X-Hang-Up" in request.headers:
        if response.status_code >= 400 or request.method == "HEAD":
            response.headers["Connection"] = "close"
        return response
    if response.status_code >= 400 and request.method in {"POST", "PUT", "PATCH"}:
        stream, left = request.environ["wsgi.input"], MAX_HEARD_OUT
        until = time.monotonic() + HEARD_OUT_FOR
        with suppress(OSError):
            while left > 0 and time.monotonic() < until and (piece := stream.read(min(left, 64 * 1024))):
                left -= len(piece)
    return response
