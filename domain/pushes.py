"""Web push: a nudge that says "look", to the phones of those who asked for it.

What there is to see travels by the sync only. A push names nobody and nothing: its words are the same for everybody and
every matter of its kind. It is a help and never the only way, so a lost one is no loss: a look at the books claims its mark
first and nudges then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    exists,
    insert,
    select,
    update,
)

from domain.accounts import account, device
from domain.days import local
from domain.sessions import session
from sync.database import Database, metadata
from sync.ids import Ids
from sync.tables import book, change, record

Topic = Literal["notice", "urgent", "reply", "shift", "task"]
TOPICS: Final[tuple[Topic, ...]] = ("notice", "urgent", "reply", "shift", "task")
"""What a nudge is about; there are sentences for each of them in the catalogue. `urgent`: a notice of an emergency."""
QUIET: Final = (21 * 60 + 30, 6 * 60 + 30)
"""From when to when (minutes of the place's day) nothing rings, but for an emergency; each person may choose otherwise."""
MOST_CHANGES: Final = 500
"""Of one book in one look; what is beyond is seen by the next."""

push_subscription: Final = Table(
    "push_subscription",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("account.id"), nullable=False),
    Column("device_id", String(36), ForeignKey("device.id"), nullable=False, unique=True),
    Column("endpoint", Text, nullable=False, comment="the address at the phone's push service"),
    Column("endpoint_hash", String(64), nullable=False, unique=True),
    Column("p256dh", String(120), nullable=False, comment="the phone's public key"),
    Column("auth", String(40), nullable=False),
    Column("quiet_from", Integer, nullable=False, comment="minutes of the place's day"),
    Column("quiet_to", Integer, nullable=False),
    Column("waiting", String(60), nullable=False, comment="topics held back until the quiet hours are over"),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_push_subscription_account", "account_id"),
    comment="Where a phone that asked for it is nudged to look. Nothing personal is ever sent there.",
)

push_mark: Final = Table(
    "push_mark",
    metadata,
    Column("book_id", String(36), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    comment="How far each book has been looked through for what somebody should be nudged about.",
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """`quiet`: (from, to) in minutes of the place's day; the same twice: never quiet."""

    id: str
    account: str
    endpoint: str
    p256dh: str
    auth: str
    quiet: tuple[int, int]
    waiting: frozenset[str]
    language: str

    def is_quiet(self, now: int) -> bool:
        begin, end = self.quiet
        there = local(now)
        minute = there.hour * 60 + there.minute
        return begin <= minute < end if begin <= end else minute >= begin or minute < end


# ----------------------------------------------------------------------------------------------- who is nudged where


def subscribe(
    conn: Connection, ids: Ids, *, account_id: str, device_id: str, endpoint: str, p256dh: str, auth: str,
    quiet: tuple[int, int], now: int,
) -> None:  # fmt: skip
    """From now on this device is nudged there, and nobody else at this address: a phone has one, whoever uses it."""
    hashed = hashlib.sha256(endpoint.encode()).hexdigest()
    its = push_subscription.c
    conn.execute(delete(push_subscription).where((its.device_id == device_id) | (its.endpoint_hash == hashed)))
    keys = {"endpoint": endpoint, "endpoint_hash": hashed, "p256dh": p256dh, "auth": auth}
    who = {"id": ids.new(), "account_id": account_id, "device_id": device_id}
    quiet_hours = {"quiet_from": quiet[0], "quiet_to": quiet[1]}
    conn.execute(insert(push_subscription).values(**who, **keys, **quiet_hours, waiting="", created_at=now))


def unsubscribe(conn: Connection, device_id: str) -> None:
    conn.execute(delete(push_subscription).where(push_subscription.c.device_id == device_id))


def forget(conn: Connection, subscription_id: str) -> None:
    """Its push service says that nobody is there any more."""
    conn.execute(delete(push_subscription).where(push_subscription.c.id == subscription_id))


def of_device(conn: Connection, device_id: str) -> Subscription | None:
    found = _found(conn, push_subscription.c.device_id == device_id)
    return found[0] if found else None


def by_id(conn: Connection, subscription_id: str, now: int) -> Subscription | None:
    """None where it was given up, or whoever it is for has left the phone."""
    found = _found(conn, push_subscription.c.id == subscription_id, _is_in(now))
    return found[0] if found else None


def of_accounts(conn: Connection, accounts: Iterable[str], now: int) -> list[Subscription]:
    wanted = sorted(set(accounts))
    found: list[Subscription] = []
    for begin in range(0, len(wanted), 500):
        found += _found(conn, push_subscription.c.account_id.in_(wanted[begin : begin + 500]), _is_in(now))
    return found


def _is_in(now: int) -> Any:
    """Somebody is signed in on the device: whoever has left a phone is not nudged on it."""
    here = (session.c.device_id == push_subscription.c.device_id) & (session.c.until > now)
    return exists(select(session.c.token_hash).where(here))


def _found(conn: Connection, *wanted: Any) -> list[Subscription]:
    its = push_subscription.c
    query = (
        select(push_subscription, account.c.language)
        .join(account, (account.c.id == its.account_id) & account.c.disabled_at.is_(None))
        .join(device, (device.c.id == its.device_id) & device.c.revoked_at.is_(None))
        .where(*wanted)
        .order_by(its.id)
    )
    return [
        Subscription(
            row.id,
            row.account_id,
            row.endpoint,
            row.p256dh,
            row.auth,
            (row.quiet_from, row.quiet_to),
            frozenset(row.waiting.split()),
            row.language,
        )
        for row in conn.execute(query)
    ]


# ------------------------------------------------------------------------------------------------ what there is to say


@dataclass(frozen=True, slots=True)
class Happened:
    """One accepted change as far as it may concern somebody: `by` wrote it, `owner` made the record."""

    book: str
    type: str
    by: str
    owner: str
    written: Mapping[str, Any]
    fields: Mapping[str, Any]


def look(database: Database) -> list[Happened]:
    """What has entered the books since the last look. Several programs may look: each change is given to one of them.

    The first look of all begins with how things stand: nobody is nudged about the past.
    """
    with database.read() as conn:
        moved = _moved(conn)
    if not moved:
        return []
    with database.write() as conn:
        ours = [_claim(conn, *each) for each in moved]
    with database.read() as conn:
        return [each for span in ours if span for each in _happened(conn, *span)]


def _moved(conn: Connection) -> list[tuple[str, int, int | None]]:
    """(book, head, mark) of the books that have gone on; mark None where nobody has ever looked."""
    mark = push_mark.c
    query = select(book.c.id, book.c.head, mark.seq).outerjoin(push_mark, mark.book_id == book.c.id)
    found = [
        (row.id, row.head, row.seq) for row in conn.execute(query.where(mark.seq.is_(None) | (book.c.head > mark.seq)))
    ]
    anew = conn.execute(select(mark.book_id).limit(1)).first() is not None
    # A book that came after the first look is looked through from its beginning.
    return [(id, head, 0 if seq is None and anew else seq) for id, head, seq in found]


def _claim(conn: Connection, book_id: str, head: int, mark: int | None) -> tuple[str, int, int] | None:
    """Take the next stretch of a book: (book, after, up to); None where another was quicker, or it is the past."""
    reach = head if mark is None else min(head, mark + MOST_CHANGES)
    row = conn.execute(select(push_mark.c.seq).where(push_mark.c.book_id == book_id).with_for_update()).first()
    if row is None:
        conn.execute(insert(push_mark).values(book_id=book_id, seq=reach))
    elif row.seq != mark:
        return None
    else:
        conn.execute(update(push_mark).where(push_mark.c.book_id == book_id).values(seq=reach))
    return None if mark is None else (book_id, mark, reach)


def _happened(conn: Connection, book_id: str, after: int, reach: int) -> Iterator[Happened]:
    its = change.c
    query = (
        select(its.account, its.body, record.c.type, record.c.by, record.c.fields)
        .join(record, (record.c.book_id == its.book_id) & (record.c.id == its.record_id))
        .where(its.book_id == book_id, its.seq > after, its.seq <= reach, its.body.is_not(None))
        .where(record.c.erased.is_(False), record.c.hidden.is_(False))
        .order_by(its.seq)
    )
    for row in conn.execute(query):
        written = orjson.loads(row.body).get("set") or {}
        yield Happened(book_id, row.type, row.account, row.by, written, row.fields)


# ---------------------------------------------------------------------------------------------------- quiet hours


def hold_back(conn: Connection, found: Subscription, topics: Iterable[Topic]) -> None:
    """It is night there: the nudges wait for the morning, each once however often it came."""
    waiting = " ".join(sorted({*found.waiting, *topics}))
    conn.execute(update(push_subscription).where(push_subscription.c.id == found.id).values(waiting=waiting))


def held_back(conn: Connection, now: int) -> list[Subscription]:
    """For whom something has waited, and the night is over."""
    return [each for each in _found(conn, push_subscription.c.waiting != "", _is_in(now)) if not each.is_quiet(now)]


def let_go(conn: Connection, found: Iterable[Subscription]) -> None:
    """Nothing waits for these any more."""
    for each in found:
        conn.execute(update(push_subscription).where(push_subscription.c.id == each.id).values(waiting=""))
