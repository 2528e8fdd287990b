"""What holds for every test: how hard properties are tried, and where the browser is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright, sync_playwright

from tools import browser

# `make test` tries each property a fixed number of times, the same every time; `make torture` searches.
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
settings.register_profile(
    "torture", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("GRIDWALK_TESTS", "quick"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, so that `make test` can leave it out, and say so, where none can be had."""
    for item in items:
        if "browser_path" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


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
