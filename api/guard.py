"""Who may call what. Everything is refused that does not say who may call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import current_app, request

from api import identity
from api.problems import ProblemError
from domain.access import Person

View = TypeVar("View", bound=Callable[..., Any])
Check = Callable[[Person], bool]

_MARK: Final = "gridwalk_guard"
_ROOM: Final = "gridwalk_room"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def anybody(_person: Person) -> bool:
    return True


def public(view: View) -> View:
    """Declare that nobody need be signed in."""
    setattr(view, _MARK, None)
    return view


def signed_in(view: View) -> View:
    """Declare that any signed-in person may call; what they see is decided by what they ask for."""
    return needs(anybody)(view)


def needs(check: Check) -> Callable[[View], View]:
    """Declare that a signed-in person may call if `check(person)` (a predicate of domain.access)."""

    def declare(view: View) -> View:
        setattr(view, _MARK, check)
        return view

    return declare


def takes_up_to(limit: int) -> Callable[[View], View]:
    """Declare that a body may be larger here than elsewhere: `limit` bytes, asked only of whoever may call."""

    def declare(view: View) -> View:
        setattr(view, _ROOM, limit)
        return view

    return declare


def is_declared(view: Callable[..., Any]) -> bool:
    return hasattr(view, _MARK)


def is_public(view: Callable[..., Any]) -> bool:
    return is_declared(view) and getattr(view, _MARK) is None


def check_request() -> None:
    """Before every request: same origin, and the end point's own declaration. Raises ProblemError."""
    if request.method not in _SAFE:
        _check_origin()
    if request.endpoint is None:  # no such address: answered by the router
        return
    view = current_app.view_functions[request.endpoint]
    if not is_declared(view):
        raise ProblemError("not_allowed")
    check: Check | None = getattr(view, _MARK)
    # Asking what an address can do (OPTIONS) tells nothing about anybody.
    if check is not None and request.method != "OPTIONS" and not check(identity.person()):
        raise ProblemError("not_allowed")
    request.max_content_length = getattr(view, _ROOM, None) or request.max_content_length


def _check_origin() -> None:
    """A page of another site can send neither the header nor a foreign `Origin` of ours (CSRF)."""
    if request.headers.get("X-Gridwalk") != "1":
        raise ProblemError("missing_header")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ProblemError("missing_header")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ProblemError("missing_header")
