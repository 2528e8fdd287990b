"""Default deny, proved over the whole URL map: what is not on the list below answers nobody who is not signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from api import guard
from api.services import EXTENSION
from web import upgrade
from web.app import create_app
from web.config import from_environment

OPEN = {
    "static": "style sheets, scripts and icons; nothing personal is ever written there",
    "about.hello": "version and demo accounts (in demo mode) for the sign-in page",
    "openapi": "the document of the API",
    "session.sign_in": "the way in",
    "session.sign_out": "the way out, also for a session that has ended",
    "uploads.offer": "what the upload end point can do (tus OPTIONS), nothing of anybody",
    "feed.shifts": "a calendar has no session: the secret link itself says whose shifts, when and where, no more",
    "pages.home": "leads to the phone app or to the console",
    "pages.shell": "the phone app's files, the same for everybody",
    "pages.robots": "asks search engines to stay away",
    "pages.healthz": "the process answers",
    "pages.readyz": "it can work",
    "console.sign_in": "the console's way in",
    "console.do_sign_in": "the console's way in",
    "console.sign_out": "the way out, also for a session that has ended",
    "console.settings": "language and light of this browser: cookies of its own, nothing on the server",
}
"""end point -> why nobody need be signed in. Whoever adds one says why."""

DENIED = {401, 403}
ID = "0191d1f0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    config = from_environment({"GRIDWALK_DATA": str(tmp_path_factory.mktemp("doors"))})
    upgrade.upgrade(config.database_url)
    made = create_app(config)
    yield made
    made.extensions[EXTENSION].database.sql_engine.dispose()


def address(rule: Rule) -> str:
    """An address that the rule matches."""
    values = {name: "0" * 64 if name == "sha256" else ID for name in rule.arguments}
    for name, converter in rule._converters.items():
        if type(converter).__name__ == "IntegerConverter":
            values[name] = "1"
    built = rule.build(values)
    assert built is not None, rule.rule
    return built[1]


def closed(app: Flask) -> list[tuple[str, str, Rule]]:
    return [
        (rule.endpoint, method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint not in OPEN
    ]


def test_every_end_point_says_who_may_call_it(app: Flask) -> None:
    assert [name for name, view in app.view_functions.items() if not guard.is_declared(view)] == []


def test_only_what_is_on_the_list_is_open(app: Flask) -> None:
    declared = {name for name, view in app.view_functions.items() if guard.is_public(view)}
    assert declared - set(OPEN) == set()


def test_without_a_session_every_other_address_is_shut(app: Flask) -> None:
    client = app.test_client()
    answered = {}
    for endpoint, method, rule in closed(app):
        answer = client.open(address(rule), method=method, headers={"X-Gridwalk": "1"}, json={})
        leads_in = answer.status_code in {302, 303} and "sign-in" in answer.headers.get("Location", "")
        if answer.status_code not in DENIED and not leads_in:
            answered[f"{method} {rule.rule} ({endpoint})"] = answer.status_code
    assert answered == {}


def test_without_its_header_no_unsafe_call_is_taken(app: Flask) -> None:
    client = app.test_client()
    taken = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            answer = client.open(address(rule), method=method, json={})
            if answer.status_code != 403:
                taken[f"{method} {rule.rule}"] = answer.status_code
    assert taken == {}


def test_no_other_site_can_make_an_unsafe_call(app: Flask) -> None:
    client = app.test_client()
    headers = {"X-Gridwalk": "1", "Origin": "https://elsewhere.example"}
    answer = client.post("/api/v1/session", headers=headers, json={"login": "a", "password": "b"})
    assert answer.status_code == 403


def test_nothing_is_served_from_outside_the_static_folder(app: Flask) -> None:
    client = app.test_client()
    for path in (
        "/static/../pyproject.toml",
        "/static/..%2fpyproject.toml",
        "/app/../../pyproject.toml",
        "/app/..%2f..%2fMakefile",
    ):
        with client.get(path) as answer:
            assert b"[project]" not in answer.data, path
            assert b"PYTHON" not in answer.data, path


def test_every_answer_carries_the_strict_headers(app: Flask) -> None:
    for path in ("/healthz", "/app/", "/api/v1/openapi.json", "/nowhere", "/api/v1/sync"):
        with app.test_client().get(path) as answer:
            headers = answer.headers
        policy = headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers.get("X-Content-Type-Options") == "nosniff", path


def test_the_private_files_of_an_instance_are_its_owner_s_only(tmp_path: Path) -> None:
    config = from_environment({"GRIDWALK_DATA": str(tmp_path)})
    assert (config.data / "secret").stat().st_mode & 0o077 == 0
