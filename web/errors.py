"""Errors, said to a machine as problem+json and to a person as a page, both from the one catalogue."""

from __future__ import annotations

import logging
from typing import Any, Final

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from api import problems
from api.problems import ProblemError
from sync.protocol import CallError
from web.i18n import current_language

_LOG: Final = logging.getLogger("gridwalk.error")
_SIGN_IN: Final = "console.sign_in"


def install(app: Flask) -> None:
    """Answer every error, whoever raised it."""
    for kind in (ProblemError, CallError, HTTPException, Exception):
        app.register_error_handler(kind, answer)


def answer(error: Exception) -> Any:
    """The answer to an error: a redirect of the router as it is, else a problem or a page."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error
    problem = ProblemError.of(error)
    if problem.code == "server_error":
        _LOG.error("failed", exc_info=error)
    else:
        _LOG.info("refused", extra={"code": problem.code})
    return problems.respond(problem) if _for_a_machine() else page(problem)


def _for_a_machine() -> bool:
    """Also for pages that ask in the background, where they say so."""
    wants = request.accept_mimetypes
    return request.path.startswith("/api/") or wants.best == "application/json"


def page(problem: ProblemError) -> Response:
    """The problem as a page in the reader's language; whoever is signed out is shown where to sign in."""
    if problem.code == "signed_out" and request.method == "GET":
        return _to_sign_in()
    html = render_template("error.html", problem=problems.body(problem, current_language()))
    response = make_response(html, problem.status)
    response.headers.update(problem.headers)
    response.vary.add("Accept-Language")
    return response


def _to_sign_in() -> Response:
    target = url_for(_SIGN_IN, next=request.full_path.rstrip("?"))
    # htmx swaps what it is answered with; the whole page has to go.
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    return make_response(redirect(target))
