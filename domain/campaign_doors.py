"""Which doors a campaign means, and who goes to each. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from domain.accounts import account, membership, valid_at
from domain.json_text import json_text
from domain.roles import BUILDING_CAPTAIN, GRID_WORKER
from sync.tables import record
from sync.types import Values

_RETIRED: Final = "retired"


@dataclass(frozen=True, slots=True)
class Door:
    """One place that a campaign means: a household, or a whole unit or building. `unit`: its stairway, if it has one."""

    id: str
    book: str
    label: str
    unit: str | None
    building: str | None


def doors(conn: Connection, target: Mapping[str, Any], books: Iterable[str] | None = None) -> list[Door]:
    """The doors of a target (campaign_rules.is_target) by book and label; `books` narrows it further."""
    wanted = sorted(set(target["books"]) & set(books) if books is not None else set(target["books"]))
    found = [door for book in wanted for door in _in_book(conn, book, target)]
    return sorted(found, key=lambda door: (wanted.index(door.book), label_order(door.label), door.id))


def label_order(label: str) -> list[tuple[int, int | str]]:
    """「3-2-501」 after 「3-2-102」, and 「10-1」 after 「9-1」."""
    parts = "".join(each if each.isdigit() else f" {each} " for each in label).split()
    return [(0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in parts]


def _in_book(conn: Connection, book: str, target: Mapping[str, Any]) -> list[Door]:
    level = target["level"]
    parents = {row.id: row.parent for row in _places(conn, book, "unit")} if level == "household" else {}
    found = (_door(row, level, book, parents) for row in _places(conn, book, level) if _lived_in(row, target))
    return [door for door in found if _is_meant(door, target)]


def _places(conn: Connection, book: str, type: str) -> list[Any]:
    its = record.c
    columns = [json_text(its.fields, name).label(name) for name in ("label", "occupancy")]
    columns += [
        json_text(its.fields, "parent_id").label("parent"),
        json_text(its.fields, "status.status").label("state"),
    ]
    there = and_(its.book_id == book, its.type == type, its.hidden.is_(False), its.erased.is_(False))
    query = select(its.id, *columns).where(there, its.moved_to.is_(None))
    return [row for row in conn.execute(query) if row.state != _RETIRED]


def _lived_in(row: Any, target: Mapping[str, Any]) -> bool:
    wanted = target.get("occupancy") if target["level"] == "household" else None
    return not wanted or (row.occupancy or "unknown") in wanted


def _door(row: Any, level: str, book: str, parents: Mapping[str, str]) -> Door:
    unit = {"household": row.parent, "unit": row.id}.get(level)
    building = {"household": parents.get(row.parent), "unit": row.parent, "building": row.id}[level]
    return Door(row.id, book, row.label or "", unit, building)


def _is_meant(door: Door, target: Mapping[str, Any]) -> bool:
    units, buildings = target.get("units"), target.get("buildings")
    if not units and not buildings:
        return True
    return bool(units and door.unit in units) or bool(buildings and door.building in buildings)


def attrs_in_use(conn: Connection, books: Iterable[str]) -> list[str]:
    """The names of what is written down about the places in these books, sorted."""
    its = record.c
    query = select(its.fields).where(
        its.book_id.in_(sorted(books)), its.type.in_(["building", "unit", "household"]), its.erased.is_(False)
    )
    return sorted({name for fields in conn.execute(query).scalars() for name in fields.get("attrs") or {}})


Goers = Mapping[str, str]
"""account -> the role in which it goes"""


@dataclass(frozen=True, slots=True)
class Crew:
    """Who may be sent in one grid now."""

    captains: Mapping[str, Goers]
    workers: Goers

    def of(self, door: Door) -> Goers:
        """The captains of the door's stairway; where it has none, the grid's workers."""
        return self.captains.get(door.unit or "") or self.workers

    def still_there(self, accounts: Iterable[str]) -> bool:
        here = {*self.workers, *(each for captains in self.captains.values() for each in captains)}
        return any(each in here for each in accounts)


def crew(conn: Connection, book: str, now: int) -> Crew:
    """Captains by unit, and workers, of this grid."""
    its = membership.c
    query = select(its.account_id, its.role, its.unit_id).join(account, account.c.id == its.account_id)
    query = query.where(its.place_id == book, its.role.in_([BUILDING_CAPTAIN, GRID_WORKER]), valid_at(now))
    captains: dict[str, dict[str, str]] = defaultdict(dict)
    workers: dict[str, str] = {}
    for row in conn.execute(query.where(account.c.disabled_at.is_(None))):
        if row.role == GRID_WORKER:
            workers[row.account_id] = row.role
        elif row.unit_id:
            captains[row.unit_id][row.account_id] = row.role
    return Crew(captains, workers)


def assignees(goers: Goers) -> Values:
    """As the field `assignees` of a task has them."""
    return {account_id: {"as": role} for account_id, role in goers.items()}
