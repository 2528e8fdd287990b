"""A small town for the tests of the domain: the real engine on a real SQLite file, people loaded from it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from sync.clock import FixedClock, from_text
from sync.database import connect
from tests.domain.world import World, all_tables

NOON = from_text("2026-06-13T04:00:00.000Z")


def opened(path: Path) -> SqlEngine:
    engine = connect(f"sqlite:///{path}")
    # Nobody pulls the plug of a test: it need not wait for the disk.
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous = OFF"))
    return engine


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the town stands, built once; every test works on a copy of it."""
    path = tmp_path_factory.mktemp("town") / "books.sqlite"
    engine = opened(path)
    all_tables().create_all(engine)
    World(engine, FixedClock(NOON - 60_000))
    engine.dispose()
    return path


@pytest.fixture
def world(town: Path, tmp_path: Path) -> Iterator[World]:
    engine = opened(Path(shutil.copy(town, tmp_path / "books.sqlite")))
    yield World(engine, FixedClock(NOON), built=True)
    engine.dispose()
