"""Thousands of hostile sync calls: no 500, no partial effect, every good change among them receipted."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from api.services import EXTENSION, Services
from sync.clock import SystemClock
from tests.torture.fuzzed import Fuzz, books_are_whole
from tests.torture.world import on_postgresql, on_sqlite
from web.app import create_app

BODIES = {"sqlite": 3_000, "postgresql": 200}
"""A bounded part; `make torture BODIES=10000` sends so many to each database."""


@pytest.fixture
def app(data: Path, database_url: str) -> Flask:
    config = on_sqlite(data) if database_url.startswith("sqlite") else on_postgresql(data, database_url)
    return create_app(config, SystemClock())


@pytest.mark.timeout(1200)
def test_X5_X6_whatever_is_sent_nothing_breaks_and_good_changes_get_through(app: Flask, first_seed: int) -> None:
    services: Services = app.extensions[EXTENSION]
    fuzz = Fuzz(app, first_seed)
    for _ in range(BODIES[services.database.sql_engine.dialect.name]):
        fuzz.one()
    books_are_whole(services)
    services.database.sql_engine.dispose()
