from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests import s3 as end_point
from tests.postgres import DATABASES, SQLITE
from tests.postgres import Cluster as Shared
from tests.server import free_port
from tests.torture import race
from tests.torture.cluster import Cluster, cluster
from tools import pooler, redis_server


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


@pytest.fixture(scope="session")
def pooler_base(postgres: Shared) -> Iterator[str]:
    """A pgbouncer in transaction mode before the tests' PostgreSQL: its URL without a database."""
    probe = postgres.create()
    host = Path(str(make_url(probe).query["host"]))
    postgres.drop(probe)
    with pooler.running(host, free_port()) as url:
        yield url


@pytest.fixture
def pooler_url(pooler_base: str, postgres_url: str) -> str:
    """A new, empty database, reached through pgbouncer."""
    return f"{pooler_base}/{make_url(postgres_url).database}"


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """An empty Redis of one's own."""
    with redis_server.running(tmp_path / "redis", free_port()) as url:
        yield url


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[end_point.Store]:
    """A real S3 end point, its credentials in the environment."""
    with end_point.running(tmp_path / "s3") as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        yield store
