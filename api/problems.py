"""Every error that the API can answer, as `application/problem+json` (RFC 9457).

A `code`, once issued, keeps its meaning for ever. The words for people are in the catalogue, section "errors".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from api.catalogue import LANGUAGES, choose
from api.services import current
from sync.blobs import StoreDownError
from sync.protocol import CALL_ERRORS, CallError
from sync.troubles import Trouble, trouble_of

STATUS: Final[Mapping[str, int]] = {
    **CALL_ERRORS,
    # who is calling
    "wrong_sign_in": 401,
    "too_many_attempts": 429,
    "missing_header": 403,
    "not_allowed": 403,
    "no_content": 403,
    # what was asked for
    "not_found": 404,
    "method_not_allowed": 405,
    "unsupported_type": 415,
    "invalid": 422,
    # pictures on their way
    "tus_version": 412,
    "wrong_offset": 409,
    "not_named": 409,
    "upload_busy": 423,
    "wrong_hash": 460,
    "not_a_picture": 422,
    "not_a_voice": 422,
    "wrong_checksum": 460,
    "upload_expired": 410,
    "too_many_uploads": 429,
    "no_room": 507,
    # and on their way out
    "bad_range": 416,
    "store_down": 503,
    # the server itself
    "server_error": 500,
    "not_ready": 503,
    "storage_full": 507,
    "not_built": 503,
}

_BY_STATUS: Final = {
    400: "malformed",
    401: "signed_out",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    422: "invalid",
    416: "bad_range",
    429: "too_many_attempts",
    503: "not_ready",
}

RETRY_AFTER: Final = 5
"""Seconds to wait after `busy`, where nobody knows better."""


class ProblemError(Exception):
    """An answer that is not what was hoped for. `details` are named facts, shown beside the code."""

    def __init__(self, code: str, headers: Mapping[str, str] | None = None, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self.headers = dict(headers or {})
        self.details = details

    @classmethod
    def of(cls, error: BaseException) -> ProblemError:
        """What stands in the catalogue for any error of a handler."""
        if isinstance(error, ProblemError):
            return error
        if isinstance(error, CallError):
            return _of_call(error)
        if isinstance(error, StoreDownError):
            return cls("store_down", {"Retry-After": str(RETRY_AFTER)}, wait=RETRY_AFTER)
        if isinstance(error, HTTPException):
            return _of_http(error)
        trouble = trouble_of(error)
        return _OF_TROUBLE[trouble]() if trouble else cls("server_error")


def _of_call(error: CallError) -> ProblemError:
    details = dict(error.details)
    if error.code != "busy":
        return ProblemError(error.code, **details)
    wait = int(details.pop("wait", RETRY_AFTER))
    return ProblemError("busy", {"Retry-After": str(wait)}, wait=wait, **details)


def _later(code: str, wait: int) -> ProblemError:
    return ProblemError(code, {"Retry-After": str(wait)}, wait=wait)


_OF_TROUBLE: Final[Mapping[Trouble, Callable[[], ProblemError]]] = {
    "busy": lambda: _later("busy", RETRY_AFTER),
    "away": lambda: _later("not_ready", RETRY_AFTER),
    # Somebody has to make room first.
    "storage_full": lambda: _later("storage_full", 12 * RETRY_AFTER),
}


def _of_http(error: HTTPException) -> ProblemError:
    code = _BY_STATUS.get(error.code or 500, "server_error" if (error.code or 500) >= 500 else "malformed")
    details: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if code == "method_not_allowed":
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        headers["Allow"] = details["allowed"] = allowed
    if code == "invalid":
        places: dict[str, dict[str, Any]] = getattr(error, "data", {}).get("messages", {})
        details["errors"] = {name: texts for place in places.values() for name, texts in place.items()}
    return ProblemError(code, headers, **details)


def language() -> str:
    """The language of the present request: of the signed-in person if known, else what the client prefers."""
    chosen = g.get("language")
    return chosen if chosen in LANGUAGES else choose(request.accept_languages.values())


def body(problem: ProblemError, tongue: str | None = None) -> dict[str, Any]:
    """The problem as RFC 9457 says it: type, title, status, and our code with its named details."""
    say, tongue = current().catalogue.say, tongue or language()
    values = {**problem.details, "request": g.get("request_id", "")}
    return {
        "type": f"urn:gridwalk:problem:{problem.code}",
        "title": say(tongue, f"errors.{problem.code}.title"),
        "status": problem.status,
        "detail": say(tongue, f"errors.{problem.code}.advice", **values),
        "code": problem.code,
        "request": values["request"],
        **problem.details,
    }


def respond(problem: ProblemError) -> Response:
    """The answer to a machine."""
    response = Response(orjson.dumps(body(problem)), problem.status, mimetype="application/problem+json")
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = language()
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Language")
    return response
