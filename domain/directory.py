"""What ids are called, and who is there to be sent: the words and the people around a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from domain import places
from domain.accounts import account, membership, valid_at
from domain.roles import DEPT_HANDLER, FIELD, GRID_HEAD, SUPERVISOR
from sync.tables import record

MENDERS: Final = FIELD | {GRID_HEAD, SUPERVISOR, DEPT_HANDLER}
"""Roles whose holders may be sent to work on a case."""
_FIRST: Final = (DEPT_HANDLER, GRID_HEAD, SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a case may be dispatched to; one line for each role held in reach of the book."""

    account: str
    name: str
    role: str
    place: str


def place_names(conn: Connection, ids: Iterable[str | None]) -> dict[str, str]:
    """id -> what people call it: of places that own books, and of buildings, units and doors in them."""
    wanted = {each for each in ids if each}
    found = {each.id: each.name for each in places.named(conn, wanted).values()}
    inside = select(record.c.id, record.c.fields).where(record.c.id.in_(sorted(wanted - found.keys())))
    for row in conn.execute(inside):
        found[row.id] = row.fields.get("name") or row.fields.get("label") or ""
    return found


def candidates(conn: Connection, book: str, now: int) -> list[Candidate]:
    """Whoever may be sent to a case of this book: departments first, then the grid's own people, by name."""
    above = list(places.above(conn, [book]))
    columns = (account.c.id, account.c.name, membership.c.role, membership.c.place_id)
    query = select(*columns).join(membership, membership.c.account_id == account.c.id)
    here = query.where(membership.c.place_id.in_(above), membership.c.role.in_(sorted(MENDERS)), valid_at(now))
    found = [Candidate(*row) for row in conn.execute(here.where(account.c.disabled_at.is_(None)))]
    return sorted(found, key=lambda each: (_rank(each.role), each.name, each.account))


def _rank(role: str) -> int:
    return _FIRST.index(role) if role in _FIRST else len(_FIRST)
