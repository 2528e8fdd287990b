"""The door against its own OpenAPI document: whatever is sent, no 500 and no undocumented answer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.services import EXTENSION
from tests.api import world
from tests.api.phone import HEADERS, Phone
from tests.postgres import Cluster
from tests.server import copy_on_postgresql, make_data
from web.app import create_app
from web.config import ROOT, Config

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# The same examples on every machine and every day.
BOUNDED = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TORTURE = os.environ.get("GRIDWALK_TESTS") == "torture"
PATHS = orjson.loads((ROOT / "docs" / "openapi.json").read_bytes())["paths"]


# schemathesis does not unpack what it has asked for packed.
PLAIN = {**HEADERS, "Accept-Encoding": "identity"}


def _cases() -> list[tuple[str, str, GenerationMode]]:
    """Every operation with what fits its shape; those that take more than an address also with what does not."""
    found = []
    for path, methods in PATHS.items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            found.append((method, path, GenerationMode.POSITIVE))
            if "requestBody" in operation or operation.get("parameters"):
                found.append((method, path, GenerationMode.NEGATIVE))
    return found


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_a_piece(_context: Any, value: Any) -> Any:
    """A piece of an upload goes over the wire as it is."""
    return value.encode() if isinstance(value, str) else bytes(getattr(value, "data", value))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Config]:
    """On SQLite in `make test`; `make torture` asks PostgreSQL, which takes less."""
    template = make_data(tmp_path_factory.mktemp("fuzz"), world.fill)
    if not TORTURE:
        yield template
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    with copy_on_postgresql(cluster, template, tmp_path_factory.mktemp("on_postgresql"), world.fill) as made:
        yield made


@pytest.fixture(scope="module")
def door(config: Config) -> Iterator[tuple[Any, str]]:
    """The schema over a running app, and the cookie of a signed-in worker."""
    app = create_app(config)
    phone = Phone(app).sign_in("worker")
    cookie = phone.http.get_cookie("gridwalk")
    assert cookie is not None
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app), cookie.value
    app.extensions[EXTENSION].database.sql_engine.dispose()


@pytest.mark.parametrize(("method", "path", "mode"), _cases(), ids=lambda value: str(getattr(value, "value", value)))
def test_no_500_and_no_undocumented_answer(door: tuple[Any, str], method: str, path: str, mode: GenerationMode) -> None:
    schema, cookie = door
    operation = schema[path][method]
    # Signing out would end the session of all others.
    cookies = {} if (method, path) == ("delete", "/api/v1/session") else {"gridwalk": cookie}
    statuses = set()

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def whatever_is_sent(case: Case[Any]) -> None:
        answer = case.call_and_validate(headers=PLAIN, cookies=cookies, checks=CHECKS)
        statuses.add(answer.status_code)

    whatever_is_sent()
    assert statuses - {401} or path == "/api/v1/session", "nothing got past the guard"
