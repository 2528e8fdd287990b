"""The OpenAPI document: complete, valid, and never another than the code."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask import Flask

from api.problems import STATUS
from tests.api.phone import Phone
from web.config import ROOT

WRITTEN = ROOT / "docs" / "openapi.json"


@pytest.fixture
def document(phone: Phone) -> dict[str, Any]:
    return dict(phone.get("/openapi.json").json or {})


def test_the_written_document_has_not_drifted_from_the_code(document: dict[str, Any]) -> None:
    """If this fails: `python -m tests.api.write_openapi` writes it anew."""
    assert orjson.loads(WRITTEN.read_bytes()) == document


def test_every_address_of_the_api_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or rule.endpoint == "openapi":
            continue
        path = rule.rule.replace("<string:", "{").replace(">", "}")
        methods = {each.lower() for each in (rule.methods or set()) - {"OPTIONS"}}
        if "get" in methods:
            methods -= {"head"}
        assert methods <= set(document["paths"][path]), path


def test_every_problem_is_in_the_catalogue_in_both_languages(app: Flask) -> None:
    for language in ("zh-CN", "en"):
        words = orjson.loads((ROOT / "web" / "catalogue" / f"{language}.json").read_bytes())["errors"]
        for code in STATUS:
            assert words[code]["title"], code
            assert words[code]["advice"], code


def test_every_documented_problem_is_described_by_its_codes(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert "application/problem+json" in answer["content"], (path, method, status)
                    assert answer["description"].startswith("`")


def test_the_document_is_revalidated_not_fetched_again(phone: Phone) -> None:
    tag = phone.get("/openapi.json").headers["ETag"]
    assert phone.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304
