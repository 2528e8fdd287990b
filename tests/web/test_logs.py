"""Logs: one JSON object a line, the request's id in each, nobody's data in any."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
from flask import Flask

from api.services import EXTENSION
from tests.api import world
from tests.api.phone import Phone, drawing, report
from tests.server import make_data
from web.app import create_app
from web.logs import JsonLines


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = create_app(make_data(tmp_path_factory.mktemp("logs"), world.fill))
    yield made
    made.extensions[EXTENSION].database.sql_engine.dispose()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the program logs, as it would stand in the file."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


def test_every_request_leaves_one_line_of_json_with_its_id(app: Flask, lines: io.StringIO) -> None:
    answer = app.test_client().get("/healthz")
    line = orjson.loads(lines.getvalue().splitlines()[-1])
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["rule"], line["status"], line["level"]) == ("GET", "/healthz", 200, "info")
    assert line["at"].endswith("Z")
    assert line["ms"] >= 0


def test_the_logs_hold_nothing_of_anybody(app: Flask, lines: io.StringIO) -> None:
    worker = Phone(app).sign_in("worker")
    data = drawing(31)
    sent = report(data)
    worker.push(sent)
    worker.upload(data)
    worker.get(f"/records/{sent['record']}?phone=000-0000-0001")
    Phone(app).post("/session", {"login": "worker", "password": "wrong-wrong"})
    text = lines.getvalue()
    secrets = (sent["record"], worker.account, worker.device, "worker", "wrong-wrong", "三楼", "000-0000")
    for secret in (*secrets, next(iter(sent["set"]["photos"]))):
        assert secret not in text, secret
    assert all(orjson.loads(line) for line in text.splitlines())


def test_an_error_of_the_program_is_logged_with_its_trace_and_its_request(app: Flask, lines: io.StringIO) -> None:
    with app.test_request_context("/api/v1/hello"):
        app.preprocess_request()
        answer = app.make_response(app.handle_user_exception(RuntimeError("what broke")))
    line = next(orjson.loads(each) for each in lines.getvalue().splitlines() if '"failed"' in each)
    assert "RuntimeError: what broke" in line["trace"]
    assert line["request"] == orjson.loads(answer.data)["request"]
