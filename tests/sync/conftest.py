from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.toys import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.sql_engine.dispose()


@pytest.fixture
def first_seed(request: pytest.FixtureRequest) -> int:
    """0 in `make test`; another in every round of `make torture`, which prints it."""
    return int(request.config.getoption("--hypothesis-seed") or 0)
