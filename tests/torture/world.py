"""The small world of the door's tests, on either database, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.api import world
from tests.server import free_port, make_data
from web import upgrade
from web.config import Config, from_environment


def on_sqlite(folder: Path) -> Config:
    """A migrated, filled data folder."""
    return make_data(folder, world.fill)


def on_postgresql(folder: Path, url: str) -> Config:
    """The same with its books in the empty database at `url`."""
    given = {"GRIDWALK_DATA": str(folder), "GRIDWALK_DEMO": "1", "DATABASE_URL": url, "GRIDWALK_PORT": str(free_port())}
    config = replace(from_environment(given), testing=True)
    upgrade.upgrade(url)
    world.fill(config)
    return config


Make = Callable[[Path], Config]
