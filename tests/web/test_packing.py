"""Files and pages go over thin lines packed, and are asked for again only when they have changed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.services import EXTENSION
from tests.api import world
from tests.server import make_data
from web.app import create_app

SCRIPT = b"console.log('a line of a phone app');\n" * 400


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    static = tmp_path_factory.mktemp("static")
    (static / "app" / "assets").mkdir(parents=True)
    (static / "app" / "index.html").write_text("<!doctype html>")
    (static / "app" / "assets" / "main-12345678.js").write_bytes(SCRIPT)
    (static / "icon.png").write_bytes(b"\x89PNG" + bytes(5000))
    made = create_app(replace(make_data(tmp_path_factory.mktemp("data"), world.fill), static=static))
    yield made
    made.extensions[EXTENSION].database.sql_engine.dispose()


def _get(app: Flask, address: str, **headers: str) -> TestResponse:
    answer = app.test_client().get(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer.get_data()
    answer.close()
    return answer


def test_a_script_is_packed_for_who_can_unpack_it(app: Flask) -> None:
    packed = _get(app, "/app/assets/main-12345678.js", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == SCRIPT
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(SCRIPT) / 10
    plain = _get(app, "/app/assets/main-12345678.js")
    assert plain.data == SCRIPT
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_what_has_not_changed_is_not_sent_again(app: Flask) -> None:
    for encoding in ("gzip", "identity"):
        tag = _get(app, "/static/app/index.html", Accept_Encoding=encoding).headers["ETag"]
        again = _get(app, "/static/app/index.html", Accept_Encoding=encoding, If_None_Match=tag)
        assert (again.status_code, again.data) == (304, b"")


def test_pictures_are_not_packed_again(app: Flask) -> None:
    assert "Content-Encoding" not in _get(app, "/static/icon.png", Accept_Encoding="gzip").headers


def test_part_of_a_file_is_part_of_the_plain_file(app: Flask) -> None:
    part = _get(app, "/app/assets/main-12345678.js", Accept_Encoding="gzip", Range="bytes=0-9")
    assert (part.status_code, part.data) == (206, SCRIPT[:10])


def test_pages_are_packed_too(app: Flask) -> None:
    page = _get(app, "/console/sign-in", Accept_Encoding="gzip", Accept="text/html")
    assert page.headers["Content-Encoding"] == "gzip"
    assert b"<!doctype html>" in gzip.decompress(page.data)
