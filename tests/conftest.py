"""What holds for every test: how hard properties are tried, where the browser is, and the two databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright, expect, sync_playwright

from tests import postgres as on_postgres
from tests.postgres import DATABASES, POSTGRESQL, SQLITE, Cluster
from tests.waiting import PATIENCE_MS
from tools import browser
from web.upgrade import tables

tables()  # every table is known from the first test on: what a database holds must not depend on who was imported first

expect.set_options(timeout=PATIENCE_MS)

# `make test` tries each property a fixed number of times, the same every time; `make torture` searches.
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
settings.register_profile(
    "torture", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("GRIDWALK_TESTS", "quick"))
TORTURE = os.environ.get("GRIDWALK_TESTS") == "torture"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, PostgreSQL and the like, so that `make test` can leave it out, and say so, where there is none."""
    for item in items:
        if "browser_path" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if _needs_postgres(item):
            item.add_marker("postgres")
        if _needs_s3(item):
            item.add_marker("s3")
        if {"pooler_url", "redis_url"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("machines")


def _needs_s3(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    return "s3" in getattr(item, "fixturenames", ()) or "s3" in (called.params.values() if called else ())


def _needs_postgres(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    given = called.params.values() if called else ()
    return "postgres" in getattr(item, "fixturenames", ()) or POSTGRESQL in given


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`database_kind`: both databases where a test or its module is marked `both_databases`, else SQLite.

    `make torture` runs everything on both.
    """
    if "database_kind" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only_on")
    both = TORTURE or metafunc.definition.get_closest_marker("both_databases")
    metafunc.parametrize("database_kind", only.args if only else DATABASES if both else [SQLITE])


@pytest.fixture(autouse=True)
def as_open_as_before() -> Iterator[None]:
    """What a command that runs within a test keeps to itself (umask) does not narrow the tests after it."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium of this machine. `make test` fetches one, or says in its verdict that none could be had."""
    found = browser.find()
    if found is None:
        pytest.fail("no browser: run `make setup`")
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for the whole run: a second beside it would not start."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL, for as long as the tests run."""
    with on_postgres.running() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """A new, empty database on PostgreSQL."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database: the test runs on SQLite, and on PostgreSQL."""
    if request.param == SQLITE:
        return f"sqlite:///{tmp_path / 'book.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
