"""Who is calling: the signed-in person, loaded once a request."""

from __future__ import annotations

from typing import Final, cast

import flask
from flask import Flask, Response, g
from flask_login import (  # type: ignore[import-untyped]
    LoginManager,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)

from api.problems import ProblemError
from api.services import current
from domain import sessions
from domain.access import Person
from domain.people import load_person

_RENEW: Final = sessions.DAY


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """A session as Flask-Login wants it: its id is the session's token."""

    def __init__(self, token: str, person: Person) -> None:
        self.token = token
        self.person = person

    def get_id(self) -> str:
        return self.token


class Manager(LoginManager):  # type: ignore[misc]
    """Flask-Login without its cookie for remembering: our sessions last by themselves."""

    def _update_remember_cookie(self, response: Response) -> Response:
        """Not even looked for: reading the session would make every file differ by cookie."""
        return response


def install(app: Flask) -> None:
    """Let Flask-Login find the person behind the cookie."""
    manager = Manager()
    # The address of a phone changes all day; the token alone says who it is.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)


def _load(token: str) -> Visitor | None:
    services = current()
    now = services.clock.now()
    with services.database.read() as conn:
        found = sessions.find(conn, token, now)
        if found is not None and found.demo and not services.config.demo:
            return None
        person = load_person(conn, found.account, found.device, now) if found else None
    if found is None or person is None:
        return None
    if now - found.used_at > _RENEW:
        with services.database.write() as conn:
            sessions.renew(conn, token, now)
        flask.session.modified = True  # the cookie, too, lasts 180 days from now
    g.language = person.language
    return Visitor(token, person)


def person_or_none() -> Person | None:
    """The signed-in person, None if nobody is."""
    return cast(Visitor, current_user).person if current_user.is_authenticated else None


def person() -> Person:
    """The signed-in person. ProblemError `signed_out`, or `device_revoked` where the device was switched off."""
    found = person_or_none()
    if found is None:
        raise ProblemError("signed_out")
    if found.device_revoked:
        raise ProblemError("device_revoked")
    return found


def enter(token: str, who: Person) -> None:
    """Give this browser the cookie of a new session."""
    flask.session.clear()
    login_user(Visitor(token, who))
    flask.session.permanent = True
    g.language = who.language


def leave() -> None:
    """End the session behind this cookie, if any."""
    services = current()
    if current_user.is_authenticated:
        with services.database.write() as conn:
            sessions.end(conn, cast(Visitor, current_user).token)
    logout_user()
    flask.session.clear()
