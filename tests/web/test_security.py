"""What every answer carries, what every request must pass; the open doors themselves are listed in tests/rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from itsdangerous import BadSignature
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api import guard
from api.guard import public
from api.services import EXTENSION
from tests.api import world
from tests.server import make_data
from web.app import create_app
from web.config import Config
from web.cookies import Cookies
from web.security import CSP

HEADER = {"X-Gridwalk": "1"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """With a phone app of its own, so that it does not matter whether the real one has been built."""
    static = tmp_path_factory.mktemp("static")
    (static / "app" / "assets").mkdir(parents=True)
    for name in ("index.html", "sw.js", "manifest.webmanifest", "assets/main-abcd1234.js"):
        (static / "app" / name).write_text(name)
    return replace(make_data(tmp_path_factory.mktemp("security"), world.fill), static=static)


@pytest.fixture(scope="module")
def app(config: Config) -> Iterator[Flask]:
    made = create_app(config)
    yield made
    made.extensions[EXTENSION].database.sql_engine.dispose()


def _address(rule: Rule) -> str:
    """The rule with something in the place of each variable."""
    _, url = rule.build(dict.fromkeys(rule.arguments, "0" * 64)) or (None, rule.rule)
    return url or rule.rule


def _calls(app: Flask) -> list[tuple[str, str, str]]:
    """(method, address, end point) of everything the app answers to."""
    return [
        (method, _address(rule), rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}) or ["HEAD"]
    ]


def _get(app: Flask, address: str) -> TestResponse:
    """The answer with its file, if it is one, read and closed."""
    answer = app.test_client().get(address)
    answer.get_data()
    answer.close()
    return answer


def test_every_unsafe_call_without_the_header_is_refused(app: Flask) -> None:
    for method, address, endpoint in _calls(app):
        if method in {"GET", "HEAD"}:
            continue
        answer = app.test_client().open(address, method=method, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (403, "missing_header"), endpoint


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_call_from_another_site_is_refused_though_it_has_the_header(app: Flask, foreign: dict[str, str]) -> None:
    answer = app.test_client().delete("/api/v1/session", headers={**HEADER, **foreign})
    assert (answer.status_code, answer.json["code"]) == (403, "missing_header")


def test_a_call_from_our_own_page_is_taken(app: Flask) -> None:
    own = {**HEADER, "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert app.test_client().delete("/api/v1/session", headers=own).status_code == 204


def test_an_end_point_that_does_not_say_who_may_call_it_is_refused(config: Config) -> None:
    app = create_app(config)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")
    app.extensions[EXTENSION].database.sql_engine.dispose()


@pytest.mark.parametrize("address", ["/", "/app/", "/nowhere", "/api/v1/nowhere", "/static/app/sw.js"])
def test_every_answer_carries_the_headers(app: Flask, address: str) -> None:
    answer = _get(app, address)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert "unsafe" not in CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"]
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("address", ["/healthz", "/api/v1/hello", "/api/v1/openapi.json"])
def test_data_carries_the_headers_that_data_needs_and_no_more(app: Flask, address: str) -> None:
    answer = _get(app, address)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"]
    assert answer.headers["X-Request-Id"]
    assert "Permissions-Policy" not in answer.headers


def test_the_cookie_of_who_is_signed_in_is_the_token_alone_and_whatever_else_is_kept_is_signed(app: Flask) -> None:
    signer, token = Cookies().get_signing_serializer(app), "t" * 43
    plain = {"_user_id": token, "_fresh": True, "_permanent": True}
    assert signer.dumps(plain) == token
    assert signer.loads(token) == plain
    more = signer.dumps({**plain, "more": 1})
    assert signer.loads(more) == {**plain, "more": 1}
    for forged in (token + "x", more[:-1], more.partition(".")[0]):
        with pytest.raises(BadSignature):
            signer.loads(forged)


def test_the_answer_to_an_unsafe_call_says_only_what_can_matter_for_it(config: Config) -> None:
    app = create_app(config)

    @public
    def told() -> dict[str, str]:
        return {}

    app.add_url_rule("/told", "told", told, methods=["POST"])
    answer = app.test_client().post("/told", headers=HEADER)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not {"Content-Security-Policy", "Cross-Origin-Resource-Policy", "Vary"} & set(answer.headers.keys())
    app.extensions[EXTENSION].database.sql_engine.dispose()


def test_the_cookie_is_secure_under_https(config: Config) -> None:
    app = create_app(replace(config, https=True))
    body = {"login": "worker", "password": world.PASSWORD}
    answer = app.test_client().post("/api/v1/session", json=body, headers=HEADER)
    assert "; Secure" in answer.headers["Set-Cookie"]
    app.extensions[EXTENSION].database.sql_engine.dispose()


@pytest.mark.parametrize("demo", [True, False])
def test_browsers_are_told_to_stay_on_https_except_by_a_demo_on_somebody_s_own_machine(
    config: Config, demo: bool
) -> None:
    app = create_app(replace(config, https=True, demo=demo))
    assert ("Strict-Transport-Security" in _get(app, "/healthz").headers) is not demo
    app.extensions[EXTENSION].database.sql_engine.dispose()


def test_pages_without_a_sign_in_set_no_cookie(app: Flask) -> None:
    for address in ("/", "/app/", "/healthz", "/api/v1/hello", "/nowhere"):
        assert "Set-Cookie" not in _get(app, address).headers


def test_the_phone_app_is_served_so_that_it_switches_as_one_version(app: Flask) -> None:
    for address in ("/app/", "/app/index.html", "/app/case/42", "/app/sw.js", "/app/manifest.webmanifest"):
        answer = _get(app, address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache"), address
    assert _get(app, "/app/case/42").text == "index.html"
    worker = _get(app, "/app/sw.js")
    assert (worker.headers["Service-Worker-Allowed"], worker.mimetype) == ("/app/", "text/javascript")
    assert _get(app, "/app/manifest.webmanifest").mimetype == "application/manifest+json"
    assert "immutable" in _get(app, "/app/assets/main-abcd1234.js").headers["Cache-Control"]
    for missing in ("/app/assets/gone-00000000.js", "/app/../secret.txt", "/app/%2e%2e/%2e%2e/secret.txt"):
        assert _get(app, missing).status_code == 404, missing


def test_a_phone_app_that_is_not_built_says_so(config: Config, tmp_path: Path) -> None:
    app = create_app(replace(config, static=tmp_path))
    answer = app.test_client().get("/app/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "make build" in answer.text
    app.extensions[EXTENSION].database.sql_engine.dispose()


def test_the_front_door_leads_those_with_a_desk_to_it_and_everybody_else_to_the_phone_app(app: Flask) -> None:
    for login, target in (("supervisor", "/console"), ("worker", "/app/"), (None, "/app/")):
        client = app.test_client()
        if login:
            client.post("/api/v1/session", json={"login": login, "password": world.PASSWORD}, headers=HEADER)
        assert client.get("/").headers["Location"].startswith(target), login


def test_a_request_id_is_taken_over_and_odd_ones_are_not(app: Flask) -> None:
    given = app.test_client().get("/healthz", headers={"X-Request-Id": "abc-123-def"})
    assert given.headers["X-Request-Id"] == "abc-123-def"
    odd = app.test_client().get("/healthz", headers={"X-Request-Id": "x{}<script>"})
    assert odd.headers["X-Request-Id"] != "x{}<script>"


def test_errors_under_api_are_problems_and_elsewhere_pages_in_the_readers_language(app: Flask) -> None:
    client = app.test_client()
    problem = client.get("/api/v1/nowhere", headers={"Accept-Language": "en"})
    assert problem.mimetype == "application/problem+json"
    assert (problem.json["code"], problem.json["title"], problem.json["status"]) == ("not_found", "Not found", 404)
    assert problem.json["request"] == problem.headers["X-Request-Id"]
    assert client.get("/api/v1/nowhere", headers={"Accept-Language": "zh-CN"}).json["title"] == "没有找到"
    assert client.get("/api/v1/nowhere", headers={"Accept-Language": "fr"}).json["title"] == "没有找到"
    method = client.put("/api/v1/hello", headers=HEADER)
    assert (method.status_code, method.json["code"]) == (405, "method_not_allowed")
    assert "GET" in method.headers["Allow"]
    for language, words in (("zh", "没有找到"), ("en", "Not found")):
        page = client.get("/nowhere", headers={"Accept-Language": language, "Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (404, "text/html")
        assert words in page.text
        assert "style=" not in page.text
        assert "<script>" not in page.text


def test_an_error_of_the_program_is_a_500_that_tells_nothing_but_its_number(config: Config) -> None:
    app = create_app(config)

    @app.get("/api/v1/broken")
    @guard.public
    def broken() -> str:
        raise RuntimeError("the secret inside")

    answer = app.test_client().get("/api/v1/broken")
    assert (answer.status_code, answer.json["code"]) == (500, "server_error")
    assert "secret" not in answer.text
    assert answer.json["request"] in answer.json["detail"]
    app.extensions[EXTENSION].database.sql_engine.dispose()


def test_ready_says_what_is_missing(config: Config, tmp_path: Path) -> None:
    app = create_app(config)
    assert app.test_client().get("/readyz").json == {"ready": True, "database": True, "migrations": True, "data": True}
    app.extensions[EXTENSION].database.sql_engine.dispose()
    empty = create_app(replace(config, data=tmp_path, database_url=f"sqlite:///{tmp_path / 'empty.db'}"))
    answer = empty.test_client().get("/readyz")
    assert (answer.status_code, answer.json["migrations"], answer.json["database"]) == (503, False, True)
    empty.extensions[EXTENSION].database.sql_engine.dispose()


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    from web.config import from_environment

    first = from_environment({"GRIDWALK_DATA": str(tmp_path)})
    again = from_environment({"GRIDWALK_DATA": str(tmp_path)})
    assert first.secret == again.secret
    assert len(first.secret) >= 40
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
