"""A secret link of one's own under which a calendar reads the own shifts: times and places, nobody's name.

Of the link only a hash is kept, so that whoever reads the database cannot read a calendar. One link a person: a new one
ends the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, String, Table, delete, insert, select

from domain import places
from domain.accounts import account, membership, valid_at
from domain.days import DAY, local
from domain.json_text import json_has_key, json_text
from domain.roles import STAFF
from domain.sessions import Brake, new_token
from sync.clock import from_text, to_text
from sync.database import metadata
from sync.tables import record

PAST: Final = 7 * DAY
COMING: Final = 60 * DAY
BRAKE: Final = Brake(burst=30, every=60_000)
"""Calendars ask every quarter of an hour; whoever asks more often than every minute waits."""

calendar_feed: Final = Table(
    "calendar_feed",
    metadata,
    Column("account_id", String(36), ForeignKey("account.id"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    comment="The secret link under which a calendar reads somebody's own shifts; of the link only a hash.",
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose feed it is."""

    account: str
    language: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift as a calendar may know it. Times in milliseconds."""

    id: str
    place: str
    start: int
    end: int
    lead_minutes: int
    changed_at: int


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(conn: Connection, account_id: str, now: int) -> str:
    """A new link; the one before is over. Returns its token, which is kept nowhere."""
    token = new_token()
    revoke(conn, account_id)
    row = {"account_id": account_id, "token_hash": _hash(token), "created_at": now}
    conn.execute(insert(calendar_feed).values(row))
    return token


def since(conn: Connection, account_id: str) -> int | None:
    """When the present link was made, None where there is none."""
    query = select(calendar_feed.c.created_at).where(calendar_feed.c.account_id == account_id)
    return conn.execute(query).scalar()


def revoke(conn: Connection, account_id: str) -> None:
    conn.execute(delete(calendar_feed).where(calendar_feed.c.account_id == account_id))


def owner(conn: Connection, token: str) -> Owner | None:
    """Whose link it is; None of one that is over, or whose owner may not sign in any more."""
    columns = (account.c.id, account.c.language, account.c.demo)
    query = select(*columns).join(calendar_feed, calendar_feed.c.account_id == account.c.id)
    row = conn.execute(query.where(calendar_feed.c.token_hash == _hash(token), account.c.disabled_at.is_(None))).first()
    return Owner(*row) if row else None


def duties(conn: Connection, account_id: str, now: int) -> list[Duty]:
    """The own shifts of the last week and the next two months, excused ones left out, in the order of time."""
    books = places.below(conn, _posts(conn, account_id, now))
    its = record.c
    begins = json_text(its.fields, "start")
    query = select(its.id, its.book_id, its.fields, its.changed_at).where(
        its.book_id.in_(sorted(books)),
        its.type == "shift",
        its.hidden.is_(False),
        its.erased.is_(False),
        begins.between(to_text(now - PAST), to_text(now + COMING)),
        json_has_key(its.fields, "assignees", account_id),
    )
    found = [
        _duty(row.id, books[row.book_id].name, row.fields, row.changed_at)
        for row in conn.execute(query)
        if account_id not in (row.fields.get("excused") or {})
    ]
    return sorted(found, key=lambda each: (each.start, each.id))


def _posts(conn: Connection, account_id: str, now: int) -> Iterable[str]:
    held = membership.c.account_id == account_id
    query = select(membership.c.place_id).where(held, membership.c.role.in_(sorted(STAFF)), valid_at(now))
    return conn.execute(query).scalars().all()


def _duty(id: str, place: str, fields: dict[str, Any], changed_at: int) -> Duty:
    start, end = from_text(fields["start"]), from_text(fields["end"])
    return Duty(id, place, start, end, int(fields.get("lead_minutes") or 10), changed_at)


def clock_of(duty: Duty) -> str:
    """`07:10`, by the place's clock."""
    return f"{local(duty.start):%H:%M}"
