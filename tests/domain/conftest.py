"""A small town for the tests of the domain: the real engine on a real database, people loaded from it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from sync.clock import FixedClock, from_text
from sync.database import connect
from tests.domain.world import World, all_tables
from tests.postgres import SQLITE, Cluster

NOON = from_text("2026-06-13T04:00:00.000Z")


def opened(path: Path) -> SqlEngine:
    engine = connect(f"sqlite:///{path}")
    # Nobody pulls the plug of a test: it need not wait for the disk.
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous = OFF"))
    return engine


def build(url: str) -> None:
    engine = connect(url)
    all_tables().create_all(engine)
    World(engine, FixedClock(NOON - 60_000))
    engine.dispose()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the town stands, built once; every test works on a copy of it."""
    path = tmp_path_factory.mktemp("town") / "books.sqlite"
    build(f"sqlite:///{path}")
    return path


@pytest.fixture
def town_copy(town: Path, tmp_path: Path, database_kind: str, request: pytest.FixtureRequest) -> Iterator[SqlEngine]:
    """A database of one's own in which the town stands."""
    with ExitStack() as stack:
        if database_kind == SQLITE:
            engine = opened(Path(shutil.copy(town, tmp_path / "books.sqlite")))
        else:
            cluster: Cluster = request.getfixturevalue("postgres")
            url = cluster.create(cluster.template("town", build))
            stack.callback(cluster.drop, url)
            engine = connect(url)
        stack.callback(engine.dispose)
        yield engine


@pytest.fixture
def world(town_copy: SqlEngine) -> World:
    return World(town_copy, FixedClock(NOON), built=True)
