from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import DATABASES, SQLITE
from tests.torture import race
from tests.torture.cluster import Cluster, cluster


@pytest.fixture(scope="session")
def own_cluster(postgres: object) -> Iterator[Cluster]:
    """A PostgreSQL that a test may kill. (`postgres` only says that there is one on this machine.)"""
    with cluster() as made:
        yield made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=DATABASES)
def breakable(request: pytest.FixtureRequest) -> Cluster | None:
    """None for SQLite; else the PostgreSQL to be killed."""
    if request.param == SQLITE:
        return None
    found: Cluster = request.getfixturevalue("own_cluster")
    return found


@pytest.fixture
def book_url(database_url: str) -> str:
    """A database with two empty books of toys: the test runs on SQLite, and on PostgreSQL."""
    return race.with_books(database_url)


@pytest.fixture
def postgres_book_url(postgres_url: str) -> str:
    """The same on PostgreSQL, for what can only be shown where writers run side by side."""
    return race.with_books(postgres_url)


@pytest.fixture
def first_seed(request: pytest.FixtureRequest) -> int:
    """0 in `make test`; another in every round of `make torture`, which prints it."""
    return int(request.config.getoption("--hypothesis-seed") or 0)
