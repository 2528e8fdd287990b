"""People: accounts, what they are where and from when to when (memberships), and their devices.

An account holds a work name, never an identity number. Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    and_,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from domain.places import PARENTS, place
from domain.roles import (
    ADMIN,
    BUILDING_CAPTAIN,
    COMMAND_ROOM,
    DEPT_HANDLER,
    GRID_HEAD,
    GRID_WORKER,
    RESIDENT,
    ROLES,
    SCHOOL_GUARD,
    SUPERVISOR,
    VOLUNTEER,
)
from domain.words import CHINESE
from sync.database import metadata
from sync.ids import Ids

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 200
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""The form of a language's name (BCP 47). Which there are the catalogues know: one file is one language."""
DEVICE_KINDS: Final = ("phone", "console", "server")

PLACES_OF_ROLE: Final = {
    GRID_WORKER: {"grid", "industry_grid"},
    VOLUNTEER: {"grid", "industry_grid"},
    BUILDING_CAPTAIN: {"grid"},
    SCHOOL_GUARD: {"post"},
    GRID_HEAD: {"grid", "industry_grid"},
    SUPERVISOR: {"community"},
    DEPT_HANDLER: {"community", "town"},
    COMMAND_ROOM: {"town"},
    RESIDENT: set(PARENTS),
    ADMIN: {"town"},
}
"""role -> the kinds of place at which it is held."""

account: Final = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("login", String(60), nullable=False, unique=True, comment="lower case"),
    Column("name", String(60), nullable=False),
    Column("password_hash", String(200), nullable=False, comment="argon2id"),
    Column("language", String(10), nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("work_phone", String(40), comment="given by the person, for colleagues; never a private number"),
    comment="Who may sign in.",
)

membership: Final = Table(
    "membership",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("account.id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("place_id", String(36), ForeignKey("place.id"), nullable=False),
    Column("unit_id", String(36), comment="a record of the place's book: a building captain's own stairway"),
    Column("from_at", BigInteger, nullable=False),
    Column("to_at", BigInteger, comment="null: until further notice"),
    Index("ix_membership_account", "account_id"),
    Index("ix_membership_place", "place_id", "role"),
    comment="Who is what, where, from when to when.",
)

device: Final = Table(
    "device",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("account.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Index("ix_device_account", "account_id"),
    comment="One person's database on one phone, or a console's. Never shared by two people.",
)

_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{2,38}")
_HASHER: Final = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked where the login is unknown, so that the time taken does not tell which logins exist."""
    return _HASHER.hash("nobody signs in with this")


class AccountError(ValueError):
    """An account or membership that cannot be made. `code`: `bad_login`, `login_taken`, `weak_password`,
    `bad_language`, `bad_phone`, `bad_role`, `bad_place`, `needs_unit`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    login: str
    name: str
    language: str
    demo: bool


def hash_password(password: str) -> str:
    """The argon2id hash of a password. AccountError `weak_password` below 8 or above 200 characters."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise AccountError("weak_password")
    return _HASHER.hash(password)


def verify_password(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password[: MAX_PASSWORD + 1])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def fold_login(login: str) -> str:
    return login.strip().casefold()


def create_account(
    conn: Connection,
    ids: Ids,
    *,
    login: str,
    name: str,
    password_hash: str,
    at: int,
    language: str = CHINESE,
    demo: bool = False,
    work_phone: str | None = None,
    id: str | None = None,
) -> str:
    """A new account; returns its id. `password_hash` is from `hash_password`. Raises AccountError."""
    folded = fold_login(login)
    if not 2 <= len(folded) <= 60 or not folded.isprintable() or not 1 <= len(name) <= 60:
        raise AccountError("bad_login")
    if not _LANGUAGE.fullmatch(language) or len(language) > 10:
        raise AccountError("bad_language")
    if conn.execute(select(account.c.id).where(account.c.login == folded)).first():
        raise AccountError("login_taken")
    made = id or ids.new()
    row = {"id": made, "login": folded, "name": name, "password_hash": password_hash, "language": language}
    conn.execute(insert(account).values(**row, demo=demo, created_at=at, work_phone=_checked_phone(work_phone)))
    return made


def set_work_phone(conn: Connection, account_id: str, number: str | None) -> None:
    """The number at which colleagues may ring; None takes it away. Raises AccountError `bad_phone`."""
    conn.execute(update(account).where(account.c.id == account_id).values(work_phone=_checked_phone(number)))


def _checked_phone(number: str | None) -> str | None:
    if number is not None and not _PHONE.fullmatch(number):
        raise AccountError("bad_phone")
    return number


def add_membership(
    conn: Connection,
    ids: Ids,
    *,
    account_id: str,
    role: str,
    place_id: str,
    at: int,
    unit_id: str | None = None,
    to_at: int | None = None,
) -> str:
    """Make somebody something somewhere from `at` on; returns the membership's id. Raises AccountError."""
    if role not in ROLES:
        raise AccountError("bad_role")
    kind = conn.execute(select(place.c.kind).where(place.c.id == place_id)).scalar()
    if kind not in PLACES_OF_ROLE[role]:
        raise AccountError("bad_place")
    if role == BUILDING_CAPTAIN and not unit_id:
        raise AccountError("needs_unit")
    made = ids.new()
    row = {"id": made, "account_id": account_id, "role": role, "place_id": place_id, "unit_id": unit_id}
    conn.execute(insert(membership).values(**row, from_at=at, to_at=to_at))
    return made


def end_membership(conn: Connection, membership_id: str, at: int) -> None:
    """From `at` on it is over; what was done under it stays."""
    conn.execute(update(membership).where(membership.c.id == membership_id).values(to_at=at))


def valid_at(at: int | ColumnElement[int]) -> ColumnElement[bool]:
    """The memberships that hold at `at`."""
    return and_(membership.c.from_at <= at, or_(membership.c.to_at.is_(None), membership.c.to_at > at))


def check_sign_in(conn: Connection, login: str, password: str, *, demo_mode: bool) -> Account | None:
    """The account of this login if the password is right and it may sign in; slow on purpose.

    Demo accounts are as good as unknown outside of demo mode. Call it outside of a write transaction.
    """
    columns = (account.c.id, account.c.login, account.c.name, account.c.language, account.c.demo)
    query = select(*columns, account.c.password_hash, account.c.disabled_at)
    row = conn.execute(query.where(account.c.login == fold_login(login))).first()
    right = verify_password(row.password_hash if row else _nobody(), password)
    if row is None or not right or row.disabled_at is not None or (row.demo and not demo_mode):
        return None
    return Account(*row[:5])


def set_password(conn: Connection, account_id: str, password_hash: str) -> None:
    conn.execute(update(account).where(account.c.id == account_id).values(password_hash=password_hash))


def set_language(conn: Connection, account_id: str, language: str) -> None:
    """Raises AccountError `bad_language`."""
    if not _LANGUAGE.fullmatch(language) or len(language) > 10:
        raise AccountError("bad_language")
    conn.execute(update(account).where(account.c.id == account_id).values(language=language))


def disable(conn: Connection, account_id: str, at: int) -> None:
    """Nobody signs in with it any more; the caller ends its sessions (sessions.end_all)."""
    conn.execute(update(account).where(account.c.id == account_id).values(disabled_at=at))


def has_demo_accounts(conn: Connection) -> bool:
    return conn.execute(select(account.c.id).where(account.c.demo).limit(1)).first() is not None


def names(conn: Connection, ids: set[str]) -> dict[str, str]:
    """account id -> work name, of those that are there."""
    query = select(account.c.id, account.c.name).where(account.c.id.in_(sorted(ids)))
    return {row.id: row.name for row in conn.execute(query)}


def take_device(
    conn: Connection,
    ids: Ids,
    *,
    account_id: str,
    name: str,
    kind: str,
    at: int,
    wanted: str | None = None,
    made: str | None = None,
) -> str:
    """The device that a sign-in is for: the account's own earlier `wanted` one, or a new one (with the id `made`,
    where a demo world names it). Returns its id."""
    if wanted and owns_device(conn, account_id, wanted):
        conn.execute(update(device).where(device.c.id == wanted).values(last_seen_at=at))
        return wanted
    made = made or ids.new()
    row = {"id": made, "account_id": account_id, "name": name[:100], "kind": kind}
    conn.execute(insert(device).values(**row, created_at=at, last_seen_at=at))
    return made


SEEN_EVERY: Final = 10 * 60 * 1000
"""Milliseconds between two notes that a device was here: an idle phone's call is to cost no write."""


def note_seen(conn: Connection, device_id: str, at: int) -> None:
    """It has spoken to the server: what it had not sent before then, it has sent."""
    conn.execute(update(device).where(device.c.id == device_id).values(last_seen_at=at))


def phones_seen(conn: Connection, accounts: Iterable[str]) -> dict[str, int]:
    """account -> when one of its phones was last here; nothing of who has none."""
    theirs = and_(
        device.c.account_id.in_(sorted(set(accounts))), device.c.kind == "phone", device.c.revoked_at.is_(None)
    )
    found: dict[str, int] = {}
    for account_id, at in conn.execute(select(device.c.account_id, device.c.last_seen_at).where(theirs)):
        found[account_id] = max(int(at), found.get(account_id, 0))
    return found


def owns_device(conn: Connection, account_id: str, wanted: str) -> bool:
    """Is it a device of this account that was not revoked?"""
    mine = and_(device.c.id == wanted, device.c.account_id == account_id, device.c.revoked_at.is_(None))
    return conn.execute(select(device.c.id).where(mine)).first() is not None


def revoke_device(conn: Connection, device_id: str, at: int) -> None:
    """A copied or lost device: it is never answered again; its entries are sent anew under a new id (X7)."""
    conn.execute(update(device).where(device.c.id == device_id).values(revoked_at=at))
