"""Signed-in sessions, each bound to one device, and the brake on guessing passwords.

Of a session only the SHA-256 of its token is kept: whoever reads the database cannot sign in with it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from math import ceil
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from domain.accounts import account, device, fold_login, membership
from sync.database import metadata
from sync.shelf import insert_once

DAY: Final = 24 * 3600 * 1000
LIFE: Final = 180 * DAY
"""Milliseconds that a session lasts after its last use: a phone that lay in a drawer for months is still signed in."""

session: Final = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", String(36), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False, comment="written at most once a day"),
    Column("until", BigInteger, nullable=False),
    Index("ix_session_device", "device_id"),
    Index("ix_session_account", "account_id"),
    comment="Who is signed in, on which device, until when.",
)

attempt: Final = Table(
    "attempt",
    metadata,
    Column("key", String(80), primary_key=True, comment="hash of a login, or of an address"),
    Column("used", Float, nullable=False),
    Column("at", BigInteger, nullable=False),
    comment="How much of its share of wrong passwords a login or an address has used; it drains by itself.",
)


# Built once: every request asks it.
_GOOD: Final = (
    select(session.c.account_id, session.c.device_id, session.c.used_at, account.c.demo)
    .join(account, account.c.id == session.c.account_id)
    .where(session.c.token_hash == bindparam("hash"), session.c.until > bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is good now. Times in milliseconds."""

    account: str
    device: str
    used_at: int
    demo: bool
    """Of a demo account: good in demo mode only."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """A secret that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def begin(conn: Connection, account: str, device: str, now: int) -> str:
    """A new session of this account on this device. Returns its token, which is kept nowhere."""
    token = new_token()
    row = {"token_hash": _hash(token), "account_id": account, "device_id": device}
    conn.execute(insert(session).values(**row, created_at=now, used_at=now, until=now + LIFE))
    return token


def find(conn: Connection, token: str, now: int) -> Session | None:
    """The session of this token, if it is still good."""
    row = conn.execute(_GOOD, {"hash": _hash(token), "now": now}).first()
    return Session(*row) if row else None


def renew(conn: Connection, token: str, now: int) -> None:
    """Count the 180 days from now."""
    conn.execute(update(session).where(session.c.token_hash == _hash(token)).values(used_at=now, until=now + LIFE))


def end(conn: Connection, token: str) -> None:
    conn.execute(delete(session).where(session.c.token_hash == _hash(token)))


def end_all(conn: Connection, *, device: str | None = None, account: str | None = None) -> None:
    """End every session of a device (it was copied, or switched off) or of an account."""
    if device is not None:
        conn.execute(delete(session).where(session.c.device_id == device))
    if account is not None:
        conn.execute(delete(session).where(session.c.account_id == account))


@dataclass(frozen=True, slots=True)
class Brake:
    """A bucket of wrong passwords: `burst` at once, then one every `every` milliseconds. Never shut for ever."""

    burst: int
    every: int

    def wait(self, used: float) -> int:
        """Seconds until one more may be tried, 0 for now."""
        over = used + 1 - self.burst
        return 0 if over <= 0 else ceil(over * self.every / 1000)


BY_LOGIN: Final = Brake(burst=10, every=60_000)
# A whole office signs in from one address.
BY_ADDRESS: Final = Brake(burst=60, every=5_000)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries a password: for a login, from an address, perhaps on a device that was signed in before."""

    login: str
    address: str
    device: str | None = None


def _keys(conn: Connection, tried: Attempt) -> list[tuple[str, Brake]]:
    """Hashes: the table must not become a list of who signs in from where.

    The owner's own device has a bucket of its own, so that no stranger's guessing keeps the owner out.
    """
    name = fold_login(tried.login)
    whose = f"{name} on {tried.device}" if _is_own(conn, name, tried.device) else name
    return [("login:" + _hash(whose), BY_LOGIN), ("address:" + _hash(tried.address), BY_ADDRESS)]


def _is_own(conn: Connection, login: str, wanted: str | None) -> bool:
    if wanted is None:
        return False
    mine = select(device.c.id).join(account, account.c.id == device.c.account_id)
    here = mine.where(account.c.login == login, device.c.id == wanted, device.c.revoked_at.is_(None))
    return conn.execute(here).first() is not None


def _used(conn: Connection, key: str, brake: Brake, now: int) -> float:
    """How full the bucket is now; its row is held until the end of the transaction."""
    insert_once(conn, attempt, [{"key": key, "used": 0.0, "at": now}])
    row = conn.execute(select(attempt.c.used, attempt.c.at).where(attempt.c.key == key).with_for_update()).one()
    return max(0.0, float(row.used) - max(0, now - int(row.at)) / brake.every)


def _keep(conn: Connection, key: str, used: float, now: int) -> None:
    conn.execute(update(attempt).where(attempt.c.key == key).values(used=max(0.0, used), at=now))


def take_attempt(conn: Connection, tried: Attempt, now: int) -> int:
    """Count one attempt before the password is looked at. Returns seconds to wait; 0: go on."""
    found = [(key, brake, _used(conn, key, brake, now)) for key, brake in _keys(conn, tried)]
    wait = max(brake.wait(used) for _, brake, used in found)
    if wait == 0:
        for key, _, used in found:
            _keep(conn, key, used + 1, now)
    return wait


def take(conn: Connection, name: str, brake: Brake, now: int) -> int:
    """Count one use of something that is shared out, by any name. Returns seconds to wait; 0: go on."""
    key = f"use:{_hash(name)}"
    used = _used(conn, key, brake, now)
    wait = brake.wait(used)
    if wait == 0:
        _keep(conn, key, used + 1, now)
    return wait


def give_back(conn: Connection, tried: Attempt, now: int) -> None:
    """The password was right: the login starts afresh, the address gets its attempt back."""
    for key, brake in _keys(conn, tried):
        used = _used(conn, key, brake, now)
        _keep(conn, key, 0.0 if brake is BY_LOGIN else used - 1, now)


SHOWN: Final = (
    *("worker", "worker2", "outsider", "captain", "captain2", "guard", "head", "supervisor", "handler"),
    *("command", "admin"),
)
"""The demo accounts that sign-in pages offer, in this order; a demo world has more of them."""


def demo_people(conn: Connection) -> list[dict[str, str]]:
    """Whom a sign-in page offers in demo mode: `{"login", "name", "role"}`."""
    columns = (account.c.login, account.c.name, membership.c.role)
    query = select(*columns).join(membership, membership.c.account_id == account.c.id)
    rows = conn.execute(query.where(account.c.demo, account.c.login.in_(SHOWN))).all()
    return sorted((dict(row._mapping) for row in rows), key=lambda each: SHOWN.index(each["login"]))


def forget_old(conn: Connection, now: int) -> None:
    """Sweep out sessions that have run out, and brakes that have long drained."""
    conn.execute(delete(session).where(session.c.until <= now))
    conn.execute(delete(attempt).where(attempt.c.at <= now - DAY))
