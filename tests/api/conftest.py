"""The door of a real app on a real database, and a real server process on the same world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from api.services import EXTENSION, Services
from sync.clock import FixedClock, SystemClock
from tests import s3 as end_point
from tests.api import world
from tests.api.phone import Phone
from tests.postgres import SQLITE, Cluster
from tests.server import Server, copy_data, copy_on_postgresql, make_data
from web.app import create_app
from web.config import Config


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The data of the small world, made once."""
    return make_data(tmp_path_factory.mktemp("template"), world.fill)


@pytest.fixture
def config(template: Config, tmp_path: Path, database_kind: str, request: pytest.FixtureRequest) -> Iterator[Config]:
    if database_kind == SQLITE:
        yield copy_data(template, tmp_path / "data")
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    with copy_on_postgresql(cluster, template, tmp_path / "data", world.fill) as made:
        yield made


@pytest.fixture
def clock() -> FixedClock:
    """The server's clock: real time, standing still until a test moves it."""
    return FixedClock(SystemClock().now())


@pytest.fixture
def app(config: Config, clock: FixedClock) -> Iterator[Flask]:
    yield from serving(config, clock)


def serving(config: Config, clock: FixedClock) -> Iterator[Flask]:
    """The app on these settings; its connections end with the test."""
    made = create_app(config, clock)
    yield made
    services(made).database.sql_engine.dispose()


def services(app: Flask) -> Services:
    found: Services = app.extensions[EXTENSION]
    return found


@pytest.fixture
def phone(app: Flask) -> Phone:
    """A phone on which nobody has signed in."""
    return Phone(app)


@pytest.fixture
def worker(app: Flask) -> Phone:
    return Phone(app).sign_in("worker")


@pytest.fixture
def supervisor(app: Flask) -> Phone:
    return Phone(app).sign_in("supervisor")


@pytest.fixture(scope="session")
def server(template: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server process that many tests share: they must not mind one another."""
    with Server(copy_data(template, tmp_path_factory.mktemp("server"))) as running:
        yield running


@pytest.fixture
def own_server(config: Config) -> Iterator[Server]:
    """A real server process of one's own, for tests that kill it."""
    with Server(config) as running:
        yield running


# -- the two kinds of store

FOLDER, S3 = "folder", "s3"


@dataclass(frozen=True)
class Place:
    """Where a store's bytes lie: as the server is told, and as a test can look."""

    url: str
    folder: Path

    def files(self) -> set[Path]:
        return {each for each in self.folder.rglob("*") if each.is_file()}


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[end_point.Store]:
    """A real S3 end point, its credentials in the environment. Who kills it starts it again."""
    with end_point.running(tmp_path_factory.mktemp("s3") / "root") as store, pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        yield store


@pytest.fixture(params=[FOLDER, S3])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """The test runs on a folder, and on S3."""
    if request.param == FOLDER:
        return Place(f"file://{tmp_path / 'blobs'}", tmp_path / "blobs")
    found: end_point.Store = request.getfixturevalue("bucket")
    return Place(found.url, found.folder)


@pytest.fixture
def stored_server(config: Config, store: Place) -> Iterator[Server]:
    """A real server process of one's own, on each kind of store."""
    with Server(replace(config, blobs_url=store.url)) as running:
        yield running
