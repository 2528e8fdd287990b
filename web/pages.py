"""The addresses that are not the API's and not the console's: the front door, the phone app's files, the health."""

from __future__ import annotations

import logging
import mimetypes
import os
from functools import cache
from pathlib import Path
from typing import Final

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    url_for,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from api import bodies, identity
from api.guard import public
from api.services import current
from domain.access import can_manage_users, can_open_console
from web import packing, revision

blp = Blueprint("pages", __name__)

IMMUTABLE: Final = "public, max-age=31536000, immutable"
_LOG: Final = logging.getLogger("gridwalk.ready")

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@blp.get("/")
@public
def home() -> AnyResponse:
    """The desk for those who work at one, the phone app for everybody else."""
    person = identity.person_or_none()
    if person is not None and (can_open_console(person) or can_manage_users(person)):
        return redirect(url_for("console.home"))
    return redirect(url_for("pages.shell"))


def _folder() -> Path:
    return Path(str(current_app.static_folder)) / "app"


@blp.get("/app/")
@blp.get("/app/<path:path>")
@public
def shell(path: str = "index.html") -> AnyResponse:
    """A file of the phone app; an address of one of its screens gets the shell."""
    folder = _folder()
    if not (folder / "index.html").is_file():
        return make_response(render_template("not_built.html"), 503)
    if not Path(path).suffix:
        path = "index.html"
    response = packing.file(folder, path)
    # Names under assets/ carry a hash of their content; everything else must be asked for anew.
    response.headers["Cache-Control"] = IMMUTABLE if path.startswith("assets/") else "no-cache"
    if path == "sw.js":
        response.headers["Service-Worker-Allowed"] = "/app/"
    return response


@public
def static(filename: str) -> Response:
    """A file under static/. Nothing personal is ever written there."""
    response = packing.file(Path(str(current_app.static_folder)), filename)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blp.get("/robots.txt")
@public
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")


@blp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return bodies.reply({"ok": True})


@blp.get("/readyz")
@public
def readyz() -> Response:
    """It can do its work: the database is there and in the form of this version, the data folder can be written."""
    facts = {"database": _database_answers(), "migrations": _is_at_head(), "data": _can_write()}
    return bodies.reply({"ready": all(facts.values()), **facts}, 200 if all(facts.values()) else 503)


def _database_answers() -> bool:
    try:
        with current().database.read() as conn:
            return conn.exec_driver_sql("SELECT 1").scalar() == 1
    except SQLAlchemyError:
        _LOG.exception("the database does not answer")
        return False


@cache
def _head() -> str | None:
    return revision.newest()


def _is_at_head() -> bool:
    try:
        with current().database.read() as conn:
            return revision.of(conn) == _head()
    except SQLAlchemyError:
        return False


def _can_write() -> bool:
    return os.access(current_app.config["GRIDWALK_DATA"], os.W_OK | os.X_OK)
