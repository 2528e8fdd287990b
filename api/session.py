"""Signing in, who am I, signing out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import public, signed_in
from api.problems import ProblemError
from api.schemas.session import LanguageSchema, MeSchema, SignInSchema
from api.services import current
from domain import accounts, sessions
from domain.access import Held, Person
from domain.people import load_person

blp = Door("session", __name__, url_prefix="/api/v1", description="Signing in and out")


@blp.post("/session")
@public
@blp.arguments(SignInSchema)
@blp.response(200, MeSchema)
@fails("malformed", "wrong_sign_in", "missing_header", "too_large", "unsupported_type", "invalid", "too_many_attempts")
def sign_in(given: dict[str, Any]) -> Response:
    """Sign in: sets the session's cookie."""
    return bodies.reply(describe(enter(kind="phone", **given)))


@blp.get("/session")
@signed_in
@blp.response(200, MeSchema)
@fails(*SIGNED_IN)
def who_am_i() -> Response:
    """Who is signed in."""
    return bodies.reply(describe(identity.person()))


@blp.patch("/session")
@signed_in
@blp.arguments(LanguageSchema)
@blp.response(200, MeSchema)
@fails(*SIGNED_IN, "missing_header", "malformed", "too_large", "unsupported_type", "invalid")
def speak(given: dict[str, Any]) -> Response:
    """The person wants to be spoken to in this language, on every device."""
    person, services = identity.person(), current()
    with services.database.write() as conn:
        accounts.set_language(conn, person.account, given["language"])
    return bodies.reply(describe(replace(person, language=given["language"])))


@blp.delete("/session")
@public
@blp.response(204)
@fails("missing_header")
def sign_out() -> Response:
    """Sign out. Nothing is lost: what the device has not sent stays on it."""
    identity.leave()
    return Response(status=204)


def enter(
    *, login: str, password: str, device_name: str | None, device: str | None = None, kind: str = "phone"
) -> Person:
    """Sign somebody in on this browser; the page of the console comes here too.

    ProblemError `too_many_attempts` (with the seconds to wait) or `wrong_sign_in`.
    """
    services = current()
    now, tried = services.clock.now(), sessions.Attempt(login, request.remote_addr or "", device)
    with services.database.write() as conn:
        wait = sessions.take_attempt(conn, tried, now)
    if wait:
        raise ProblemError("too_many_attempts", {"Retry-After": str(wait)}, wait=wait)
    with services.database.read() as conn:
        found = accounts.check_sign_in(conn, login, password, demo_mode=services.config.demo)
    if found is None:
        raise ProblemError("wrong_sign_in")
    ids = services.engine.ids
    with services.database.write() as conn:
        sessions.give_back(conn, tried, now)
        kept = accounts.take_device(
            conn, ids, account_id=found.id, name=device_name or kind, kind=kind, at=now, wanted=device
        )
        token = sessions.begin(conn, found.id, kept, now)
        person = load_person(conn, found.id, kept, now)
    if person is None:
        raise ProblemError("wrong_sign_in")
    identity.leave()
    identity.enter(token, person)
    return person


def describe(person: Person) -> dict[str, Any]:
    """The person as MeSchema says it."""
    return {
        "account": {
            "id": person.account,
            "name": person.name,
            "language": person.language,
            "roles": [{"role": each.role, "place": each.place, **_unit(each)} for each in person.held],
        },
        "device": person.device,
        "books": person.book_entries(),
    }


def _unit(held: Held) -> dict[str, str]:
    """Which stairway a captain looks after: somebody with other posts in the same book sees more than that one."""
    return {"unit": held.unit} if held.unit else {}
