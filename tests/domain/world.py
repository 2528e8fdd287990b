"""The town of the tests: two grids, a school post, everybody in every role, and short ways to write a case."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import MetaData, select

import domain
import sync
from domain import accounts, places, roles
from domain.access import Person, ServerActor
from domain.people import load_person
from domain.places import PlaceCodes
from domain.records import record_types
from sync.actors import Actor
from sync.clock import FixedClock, to_text
from sync.database import Database, metadata
from sync.engine import Engine
from sync.ids import derived
from sync.tables import record

SERVER = ServerActor()
PEOPLE = {
    "worker": (roles.GRID_WORKER, "one", None),
    "worker2": (roles.GRID_WORKER, "one", None),
    "outsider": (roles.GRID_WORKER, "two", None),
    "volunteer": (roles.VOLUNTEER, "one", None),
    "captain": (roles.BUILDING_CAPTAIN, "one", "1-1"),
    "captain2": (roles.BUILDING_CAPTAIN, "one", "1-2"),
    "guard": (roles.SCHOOL_GUARD, "post", None),
    "head": (roles.GRID_HEAD, "one", None),
    "supervisor": (roles.SUPERVISOR, "community", None),
    "handler": (roles.DEPT_HANDLER, "community", None),
    "handler2": (roles.DEPT_HANDLER, "community", None),
    "command": (roles.COMMAND_ROOM, "town", None),
    "admin": (roles.ADMIN, "town", None),
    "resident": (roles.RESIDENT, "one", None),
}
TREE: dict[str, tuple[str, str | None, str]] = {
    "town": ("town", None, "YX"),
    "community": ("community", "town", "LW"),
    "one": ("grid", "community", "LW1"),
    "two": ("grid", "community", "LW2"),
    "post": ("post", "community", "CSK1"),
    "elsewhere": ("community", "town", "WQ"),
    "three": ("grid", "elsewhere", "WQ1"),
}
NUMBERS = (101, 102)
Written = dict[str, Any]


def all_tables() -> MetaData:
    for package in (sync, domain):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    return metadata


class World:
    def __init__(self, sql: SqlEngine, clock: FixedClock, *, built: bool = False) -> None:
        """`built`: the database is a copy of one in which the town stands already."""
        self.clock = clock
        self.database = Database(sql)
        self.engine = Engine(self.database, record_types(PlaceCodes(self.database)), clock)
        self.ids = self.engine.ids
        self.places = {name: derived("place", name) for name in TREE}
        self.building = derived("building", self.places["one"], "1")
        self.units = {label: derived("unit", self.building, label) for label in ("1-1", "1-2")}
        self.doors = {
            label: [derived("household", unit, f"{label}-{number}") for number in NUMBERS]
            for label, unit in self.units.items()
        }
        if not built:
            self._build()
            self._enrol()

    def _build(self) -> None:
        with self.database.write() as conn:
            for name, (kind, parent, code) in TREE.items():
                above = self.places[parent] if parent else None
                id = self.places[name]
                places.create_place(conn, self.engine, kind=kind, name=code, parent=above, code=code, id=id)
        self.make_place("building", self.building, "1", self.places["one"])
        for label, unit in self.units.items():
            self.make_place("unit", unit, label, self.building)
            for door, number in zip(self.doors[label], NUMBERS, strict=True):
                self.make_place("household", door, f"{label}-{number}", unit, contact_phone="000-0000-0001")

    def make_place(self, type: str, id: str, label: str, parent: str, **more: Any) -> None:
        active = {"from": None, "to": "active", "cycle": 1}
        fields = {"label": label, "parent_id": parent, "status": active, **more}
        receipt = self.write(SERVER, id, fields, type=type, create=True)
        assert receipt["outcome"] == "applied", receipt

    def _enrol(self) -> None:
        with self.database.write() as conn:
            for login, (role, place, unit) in PEOPLE.items():
                who = accounts.create_account(
                    conn, self.ids, login=login, name=login, password_hash="-", at=0, id=derived("account", login)
                )
                accounts.add_membership(
                    conn,
                    self.ids,
                    account_id=who,
                    role=role,
                    place_id=self.places[place],
                    at=0,
                    unit_id=self.units[unit] if unit else None,
                )

    # ------------------------------------------------------------------------------------- people

    def account(self, login: str) -> str:
        return derived("account", login)

    def person(self, login: str, phone: int = 1) -> Person:
        """Somebody on their first, second … phone, loaded anew from the database."""
        device = derived("device", login, str(phone))
        with self.database.write() as conn:
            own = accounts.owns_device(conn, self.account(login), device)
            if not own:
                accounts.take_device(
                    conn, self.ids, account_id=self.account(login), name="phone", kind="phone", at=0, made=device
                )
            found = load_person(conn, self.account(login), device, self.clock.now())
        assert found is not None
        return found

    # ------------------------------------------------------------------------------------- writing

    def write(
        self,
        actor: Actor,
        id: str,
        written: Written,
        *,
        seen: int | None = None,
        create: bool = False,
        type: str = "case",
        book: str = "one",
        at: int | None = None,
        void: bool | None = None,
    ) -> dict[str, Any]:
        """One change; `seen` is what stands now unless it is said. Gives the receipt."""
        self.clock.move(1000)
        stands = self.seq(id) if seen is None else seen
        where = self.places[book]
        return self.engine.edit(
            actor, book=where, record=id, type=type, seen=stands, set=written, create=create, made_at=at, void=void
        )

    def report(self, who: str = "worker", book: str = "one", **more: Any) -> str:
        """A case as a phone reports it; gives its id."""
        id = self.ids.new()
        receipt = self.write(self.person(who), id, self.reported(**more), create=True, book=book)
        assert receipt["outcome"] == "applied", receipt
        return id

    def reported(self, **more: Any) -> Written:
        return {
            "class": "thing",
            "category": "garbage",
            "description": {"text": "楼道里堆着旧沙发"},
            "place_guess": self.places["one"],
            "severity": "normal",
            "source": "grid_worker",
            "captured_at": to_text(self.clock.now()),
            "status": {"from": None, "to": "reported", "cycle": 1},
            **more,
        }

    def step(self, id: str, to: str, *, again: bool = False, **more: Any) -> Written:
        """A step from where the case stands, with what it needs."""
        now = self.fields(id)["status"]
        step = {"from": now["status"], "to": to, "cycle": now["cycle"] + again}
        return {"status": step, **self.needs(to), **more}

    def needs(self, to: str) -> Written:
        needed: dict[str, Written] = {
            "rejected": {"rejection": {"reason": "属于物业", "instead": "物业服务中心"}},
            "merged": {"merged_into": derived("another case")},
            "assigned": {"assignees": {self.account("handler"): {"as": "owner"}}},
            "on_hold": {"hold": {"reason": "等配件", "until": to_text(self.clock.now() + 86_400_000)}},
            "resolved": {"resolution": {"text": "清理了"}},
        }
        return needed.get(to, {})

    def bring(self, id: str, *way: str) -> None:
        """Take a case along a way of states, by the server's own hand."""
        self.bring_in("one", id, *way)

    def bring_in(self, book: str, id: str, *way: str) -> None:
        for to in way:
            receipt = self.write(SERVER, id, self.step(id, to), book=book)
            assert receipt["outcome"] == "applied", receipt

    # ------------------------------------------------------------------------------------- reading

    def row(self, id: str) -> Any:
        with self.database.read() as conn:
            return conn.execute(select(record).where(record.c.id == id)).one()

    def seq(self, id: str) -> int:
        with self.database.read() as conn:
            return conn.execute(select(record.c.seq).where(record.c.id == id)).scalar() or 0

    def fields(self, id: str) -> dict[str, Any]:
        return dict(self.row(id).fields)

    def status(self, id: str) -> tuple[str, int]:
        status = self.fields(id)["status"]
        return status["status"], status["cycle"]

    def conflicts(self, id: str) -> dict[str, Any]:
        return dict((self.row(id).extra or {}).get("conflicts", {}))

    def sees(self, login: str, id: str) -> bool:
        """Does a pull of this person bring the record?"""
        person = self.person(login)
        reply = self.engine.sync(
            person,
            {"protocol": 1, "device": person.device, "epoch": None, "last": None, "newest": None, "cursors": {},
             "changes": [], "limit": 5000},
        )  # fmt: skip
        return any(each["id"] == id for book in reply["books"] for each in book["records"])
