"""A very small world for the tests of the door: one town, one community, two grids, somebody of each role."""

from __future__ import annotations

from argon2 import PasswordHasher

from api.services import EXTENSION, Services
from domain import accounts, places
from domain.access import ServerActor
from sync.ids import derived
from web.app import create_app
from web.config import Config

PASSWORD = "gridwalk"
TOWN, COMMUNITY, GRID, OTHER_GRID, POST = (derived("test", name) for name in ("town", "community", "g1", "g2", "post"))
BUILDING, UNIT, OTHER_UNIT = (derived("test", name) for name in ("building", "unit", "unit2"))

PEOPLE = (
    ("worker", "grid_worker", GRID, None),
    ("worker2", "grid_worker", GRID, None),
    ("outsider", "grid_worker", OTHER_GRID, None),
    ("captain", "building_captain", GRID, UNIT),
    ("captain2", "building_captain", GRID, OTHER_UNIT),
    ("guard", "school_guard", POST, None),
    ("head", "grid_head", GRID, None),
    ("supervisor", "supervisor", COMMUNITY, None),
    ("handler", "dept_handler", COMMUNITY, None),
    ("command", "command_room", TOWN, None),
    ("admin", "admin", TOWN, None),
)


def fill(config: Config) -> None:
    """Write the world into an empty, migrated database."""
    at: Services = create_app(config).extensions[EXTENSION]
    _make_places(at)
    # A hash says itself how slow it is to check: a quick one, since the tests sign in hundreds of times.
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    now = at.clock.now()
    with at.database.write() as conn:
        for login, role, place, unit in PEOPLE:
            made = accounts.create_account(
                conn, at.engine.ids, login=login, name=f"{login}(示例)", password_hash=hashed, at=now, demo=True
            )
            accounts.add_membership(
                conn, at.engine.ids, account_id=made, role=role, place_id=place, at=now, unit_id=unit
            )
    at.database.sql_engine.dispose()


def _make_places(at: Services) -> None:
    tree = (
        ("town", "云溪镇", None, "YX", TOWN),
        ("community", "柳湾社区", TOWN, "LW", COMMUNITY),
        ("grid", "柳湾一网格", COMMUNITY, "LW1", GRID),
        ("grid", "柳湾二网格", COMMUNITY, "LW2", OTHER_GRID),
        ("post", "吹哨口小学东门", COMMUNITY, "XD", POST),
    )
    with at.database.write() as conn:
        for kind, name, parent, code, made in tree:
            places.create_place(conn, at.engine, kind=kind, name=name, parent=parent, code=code, id=made)


SERVER = ServerActor()
