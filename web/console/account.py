"""Signing in and out of the console, language, light and dark."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import identity
from api.catalogue import LANGUAGES
from api.guard import public
from api.problems import ProblemError, body
from api.services import current
from api.session import enter
from domain import sessions
from domain.access import Person, can_manage_users, can_open_console
from web.console.blueprint import blp
from web.i18n import COOKIE, THEME_COOKIE, current_language, t

DEVICE_COOKIE: Final = "gridwalk-desk"
YEAR: Final = 365 * 24 * 3600
PHONE: Final = "/app/"
DEMO_PASSWORD: Final = "gridwalk"  # noqa: S105 - shown to everybody, in demo mode only


def own_page(path: str | None) -> str:
    """Where to go after signing in: a page of the console, never another site."""
    parts = urlsplit(path or "")
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/console")
    return path if path and inside and "\\" not in path else url_for("console.home")


def _offered() -> list[dict[str, str]]:
    """The demo accounts that a press signs in as; nobody outside demo mode."""
    services = current()
    if not services.config.demo:
        return []
    with services.database.read() as conn:
        people = sessions.demo_people(conn)
    return [{"login": each["login"], "role": t(f"roles.{each['role']}")} for each in people]


def _page(template: str, **values: Any) -> str:
    given = request.values
    return render_template(
        f"console/{template}",
        demo=_offered(),
        demo_password=DEMO_PASSWORD,
        login=given.get("login", ""),
        next_path=own_page(given.get("next")),
        phone_url=PHONE,
        **values,
    )


@blp.get("/sign-in")
@public
def sign_in() -> AnyResponse:
    """The sign-in page; whoever is signed in goes on."""
    chosen = request.args.get("language")
    if chosen in LANGUAGES:
        answer = redirect(url_for("console.sign_in", next=own_page(request.args.get("next"))))
        return _remember(answer, COOKIE, str(chosen))
    if identity.person_or_none() is not None:
        return redirect(own_page(request.args.get("next")))
    return make_response(_page("sign_in.html"))


@blp.post("/sign-in")
@public
def do_sign_in() -> AnyResponse:
    """Sign in on this desk. A wrong password comes back as the form with a word about it."""
    try:
        person = enter(
            login=request.form.get("login", "")[:60],
            password=request.form.get("password", "")[:300],
            device_name=(request.user_agent.string or "console")[:100],
            device=request.cookies.get(DEVICE_COOKIE),
            kind="console",
        )
    except ProblemError as problem:
        words = body(problem, current_language())
        page = _page("_sign_in.html", problem={"title": words["title"], "advice": words["detail"]})
        return make_response(page, 422 if problem.code == "wrong_sign_in" else problem.status)
    answer = Response(status=204, headers={"HX-Redirect": _goes_to(person)})
    return _remember(answer, DEVICE_COOKIE, person.device, secret=True)


def _goes_to(person: Person) -> str:
    if can_open_console(person) or can_manage_users(person):
        return own_page(request.form.get("next"))
    return url_for("console.home")


@blp.post("/sign-out")
@public
def sign_out() -> Response:
    """Sign out of this desk. Pictures that wait in this browser stay until their author comes back."""
    identity.leave()
    return Response(status=204, headers={"HX-Redirect": url_for("console.sign_in")})


@blp.post("/settings")
@public
def settings() -> AnyResponse:
    """Language, light or dark, on this browser."""
    answer: AnyResponse = Response(status=204)
    if request.form.get("language") in LANGUAGES:
        answer.headers["HX-Refresh"] = "true"
        answer = _remember(answer, COOKIE, request.form["language"])
    if request.form.get("theme") in {"light", "dark"}:
        answer = _remember(answer, THEME_COOKIE, request.form["theme"])
    return answer


def _remember(answer: AnyResponse, name: str, value: str, *, secret: bool = False) -> AnyResponse:
    answer.set_cookie(
        name, value, max_age=YEAR, samesite="Lax", httponly=secret, secure=current().config.https, path="/"
    )
    return answer
