"""Gridwalk's side: a town with 25 grids and 200 phones that are signed in, and whoever else the measurements need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection

from bench.workload import Json
from domain import roles, sessions
from domain.accounts import add_membership, create_account, hash_password, take_device
from domain.places import create_place
from sync.clock import SystemClock
from sync.database import Database, connect
from sync.engine import Engine
from tests.server import free_port
from web import upgrade
from web.config import Config, from_environment

GRIDS, PER_GRID = 25, 8
WATCHED = 10
"""Grids of the first community: with it and the town above it they are the twelve books of its supervisor."""


@dataclass
class Client:
    """A signed-in device."""

    account: str
    device: str
    cookie: str
    book: str

    def headers(self, **more: str) -> dict[str, str]:
        said = {"X-Gridwalk": "1", "Cookie": f"gridwalk={self.cookie}", "Accept-Encoding": "gzip"}
        return {**said, "Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in more.items()}}


@dataclass
class World:
    grids: list[str] = field(default_factory=list)
    communities: list[str] = field(default_factory=list)
    phones: list[Client] = field(default_factory=list)
    """200, in turn of the grids: number n writes in grid n modulo 25."""
    supervisor: Client | None = None


def configured(data: Path, url: str | None) -> Config:
    """An empty instance in this folder; `url` of a PostgreSQL database, None: SQLite."""
    given = {"GRIDWALK_DATA": str(data), "GRIDWALK_PORT": str(free_port()), **({"DATABASE_URL": url} if url else {})}
    return from_environment(given)


def fill(config: Config, app_of: Callable[[Config], Flask]) -> World:
    """Migrate and fill it. Nobody signs in by password: 200 of those would be a measurement of argon2."""
    upgrade.upgrade(config.database_url)
    app, clock = app_of(config), SystemClock()
    sql = connect(config.database_url)
    database = Database(sql)
    engine = Engine(database, {}, clock)
    with database.write() as conn:
        made = _Making(conn, engine, app)
        world = made.all()
    sql.dispose()
    return world


class _Making:
    def __init__(self, conn: Connection, engine: Engine, app: Flask) -> None:
        self.conn, self.engine, self.app = conn, engine, app
        self.now, self.hash = engine.clock.now(), hash_password("not signed in by password")
        self.world = World()

    def all(self) -> World:
        world = self.world
        town = self._place("town", "云溪镇", None)
        world.communities = [self._place("community", name, town) for name in ("柳湾社区", "乌桥社区")]
        world.grids = [
            self._place("grid", f"第{number + 1}网格", world.communities[number >= WATCHED]) for number in range(GRIDS)
        ]
        world.phones = [
            self._client(f"phone{number}", roles.GRID_WORKER, world.grids[number % GRIDS])
            for number in range(GRIDS * PER_GRID)
        ]
        world.supervisor = self._client("supervisor", roles.SUPERVISOR, world.communities[0])
        return world

    def _place(self, kind: str, name: str, parent: str | None) -> str:
        return create_place(self.conn, self.engine, kind=kind, name=name, parent=parent).id

    def _client(self, login: str, role: str, place: str) -> Client:
        conn, ids, at = self.conn, self.engine.ids, self.now
        account = create_account(conn, ids, login=login, name=login, password_hash=self.hash, at=at)
        add_membership(conn, ids, account_id=account, role=role, place_id=place, at=at)
        kind = "console" if role == roles.SUPERVISOR else "phone"
        device = take_device(conn, ids, account_id=account, name=login, kind=kind, at=at)
        return Client(account, device, self._cookie(sessions.begin(conn, account, device, at)), place)

    def _cookie(self, token: str) -> str:
        """The cookie that a sign-in would have set."""
        with self.app.test_request_context():
            signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            return str(signer.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))


def envelope(client: Client, changes: list[Json], **more: object) -> Json:
    """A sync call of this device's first batch."""
    newest = max((each["id"] for each in changes), default=None)
    head = {"protocol": 1, "device": client.device, "epoch": None, "last": None, "newest": newest}
    return {**head, "cursors": {}, "changes": changes, "limit": 0, **more}


def on_port(config: Config) -> Config:
    return replace(config, port=free_port())
