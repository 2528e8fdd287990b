"""What ids are called, and who is there to be sent: the words and the people around a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from domain import places
from domain.accounts import account, membership, valid_at
from domain.roles import DECIDERS, DEPT_HANDLER, FIELD, GRID_HEAD, ROLES, STAFF, SUPERVISOR
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
    work_phone: str | None


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
    found = _holders(conn, MENDERS, now, book)
    return sorted(found, key=lambda each: (_rank(each.role), each.name, each.account))


def deciders(conn: Connection, book: str, now: int) -> list[Candidate]:
    """Whoever decides in this book: the nearest first, each person once."""
    found = sorted(_holders(conn, DECIDERS, now, book), key=lambda each: (ROLES.index(each.role), each.name))
    return list({each.account: each for each in reversed(found)}.values())[::-1]


def colleagues(conn: Connection, places_in_reach: Iterable[str], now: int) -> list[Candidate]:
    """Whoever works at these places, one line for each post: so that a phone can say a name where it has an id.

    Work names and work telephones only; neither residents nor administrators are among them.
    """
    query = _posts(now).where(membership.c.place_id.in_(sorted(places_in_reach)), membership.c.role.in_(sorted(STAFF)))
    found = {Candidate(*row) for row in conn.execute(query)}
    return sorted(found, key=lambda each: (ROLES.index(each.role), each.name, each.account, each.place))


def _holders(conn: Connection, roles: Iterable[str], now: int, book: str) -> list[Candidate]:
    above = list(places.above(conn, [book]))
    query = _posts(now).where(membership.c.place_id.in_(above), membership.c.role.in_(sorted(roles)))
    return [Candidate(*row) for row in conn.execute(query)]


def _posts(now: int) -> Select[Any]:
    columns = (account.c.id, account.c.name, membership.c.role, membership.c.place_id, account.c.work_phone)
    query = select(*columns).join(membership, membership.c.account_id == account.c.id)
    return query.where(valid_at(now), account.c.disabled_at.is_(None))


def posts_of(conn: Connection, accounts: Iterable[str], now: int) -> dict[str, Candidate]:
    """account -> its first post at this time; whoever holds none, or no account any more, is not among them."""
    wanted = sorted(set(accounts))
    found = [Candidate(*row) for row in conn.execute(_posts(now).where(account.c.id.in_(wanted)))]
    found.sort(key=lambda each: ROLES.index(each.role))
    return {each.account: each for each in found}


def _rank(role: str) -> int:
    return _FIRST.index(role) if role in _FIRST else len(_FIRST)
