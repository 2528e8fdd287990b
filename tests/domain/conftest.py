"""A small town for the tests of the domain: the real engine on a real SQLite file, people loaded from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from sync.clock import FixedClock, from_text
from sync.database import connect
from tests.domain.world import World, all_tables

NOON = from_text("2026-06-13T04:00:00.000Z")


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[SqlEngine]:
    engine = connect(f"sqlite:///{tmp_path / 'books.sqlite'}")
    # Nobody pulls the plug of a test: it need not wait for the disk.
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous = OFF"))
    all_tables().create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def world(sql: SqlEngine) -> World:
    return World(sql, FixedClock(NOON))
