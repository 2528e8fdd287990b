"""The console on the small world of the door's tests: a real app, real forms, a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Playwright

from sync.clock import FixedClock, SystemClock
from tests.api import world
from tests.api.phone import Phone
from tests.postgres import SQLITE, Cluster
from tests.server import Server, copy_data, copy_on_postgresql, make_data
from tests.web.browsing import field, sit  # noqa: F401 - fixtures
from tests.web.desk import Desk
from web.app import create_app
from web.config import Config

SEAT = Callable[[str], Desk]


@pytest.fixture(scope="session")
def world_template(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return make_data(tmp_path_factory.mktemp("world"), world.fill)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
def config(
    world_template: Config, tmp_path: Path, database_kind: str, request: pytest.FixtureRequest
) -> Iterator[Config]:
    if database_kind == SQLITE:
        yield copy_data(world_template, tmp_path / "data")
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    with copy_on_postgresql(cluster, world_template, tmp_path / "data", world.fill) as made:
        yield made


@pytest.fixture
def app(config: Config, clock: FixedClock) -> Iterator[Flask]:
    made = create_app(config, clock)
    yield made
    made.extensions["gridwalk"].database.sql_engine.dispose()


@pytest.fixture
def worker(app: Flask) -> Phone:
    return Phone(app).sign_in("worker")


@pytest.fixture
def seat(app: Flask) -> SEAT:
    """Somebody signed in at a desk."""
    return lambda login: Desk(app).sign_in(login)


@pytest.fixture
def desk_server(world_template: Config, tmp_path: Path) -> Iterator[Server]:
    """A real server process of one's own."""
    with Server(copy_data(world_template, tmp_path / "server")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, browser_path: str) -> Iterator[Browser]:
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
    browser = playwright.chromium.launch(
        executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]
    )
    yield browser
    browser.close()
