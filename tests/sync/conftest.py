"""The contract suite of the engine runs on both databases: `world` and `make_world` are made twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sync.database import connect, metadata
from tests.postgres import DATABASES, SQLITE, Cluster
from tests.sync.toys import MakeWorld, World


def make_tables(url: str) -> None:
    engine = connect(url)
    metadata.create_all(engine)
    engine.dispose()


@pytest.fixture(params=DATABASES)
def make_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes worlds, each on a database of its own; the test runs on SQLite, and on PostgreSQL."""
    with ExitStack() as stack:

        def new_database() -> str:
            if request.param == SQLITE:
                url = f"sqlite:///{tmp_path / f'book-{len(made)}.db'}"
                make_tables(url)
                return url
            cluster: Cluster = request.getfixturevalue("postgres")
            return stack.enter_context(cluster.lent("toys", make_tables, metadata))

        made: list[World] = []

        def make(patience: float = 20) -> World:
            made.append(World(new_database(), patience))
            stack.callback(made[-1].database.sql_engine.dispose)
            return made[-1]

        yield make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()


@pytest.fixture
def first_seed(request: pytest.FixtureRequest) -> int:
    """0 in `make test`; another in every round of `make torture`, which prints it."""
    return int(request.config.getoption("--hypothesis-seed") or 0)
