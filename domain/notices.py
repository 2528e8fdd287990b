"""What the desk asks about notices, and what the clock does to them. Reads, and edits through the engine's door.

Who has said 知道了 is added up by place, never by person: the names are there for the notice's author only, for thirty days,
so that somebody can be rung who has not heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, select

from domain import places
from domain.access import Person, ServerActor
from domain.accounts import account, membership, valid_at
from domain.indexes import Keys
from domain.json_text import json_text
from domain.listed import Listed
from domain.records.notice import ASKS, KEPT, NOTICE, NOTICE_ACK
from domain.roles import STAFF
from sync.clock import from_text, to_text
from sync.engine import Engine
from sync.ids import derived
from sync.tables import book, record

MOST: Final = 200
_CHUNK: Final = 500
_ENTERED: Final = frozenset({"applied", "merged", "conflict"})


class Notice(Listed):
    """One notice as its row stands; times in milliseconds."""

    __slots__ = ()

    @property
    def status(self) -> str:
        return super().status or "draft"

    @property
    def audience(self) -> frozenset[str]:
        """The roles that it is for: everybody who has none named."""
        return frozenset(role for role, meant in (self.fields.get("audience") or {}).items() if meant) or STAFF

    @property
    def published_at(self) -> int | None:
        said = self.fields.get("published_at")
        return from_text(said) if said else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the people of one place, how many have said that they know. `known`, `open`: their names, for the author only."""

    place: str
    said: int
    of: int
    known: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


_COLUMNS: Final = tuple(
    record.c[name] for name in ("id", "book_id", "seq", "by", "made_at", "fields", "sight", "hidden", "erased")
)


def in_sight(conn: Connection, person: Person) -> list[Notice]:
    """The newest notices that this person may see, newest first."""
    found: list[Notice] = []
    for each in person.places:
        here = and_(record.c.book_id == each, record.c.type == NOTICE)
        query = select(*_COLUMNS).where(here).order_by(record.c.made_at.desc(), record.c.id.desc()).limit(MOST)
        found += [_notice(row) for row in conn.execute(query) if _is_seen(person, row)]
    return sorted(found, key=lambda each: (each.made_at, each.id), reverse=True)[:MOST]


def one(conn: Connection, person: Person, id: str) -> Notice | None:
    """One notice, None where there is none or it is not this person's to see."""
    query = select(*_COLUMNS).where(record.c.id == id, record.c.type == NOTICE, record.c.moved_to.is_(None))
    row = conn.execute(query).first()
    return _notice(row) if row and _is_seen(person, row) else None


def _is_seen(person: Person, row: Any) -> bool:
    return not row.hidden and not row.erased and person.sees(row.book_id, NOTICE, row.sight)


def _notice(row: Any) -> Notice:
    return Notice(row.id, row.book_id, row.seq, row.by, row.made_at, row.fields)


# --------------------------------------------------------------------------------------------------- who knows


def addressed(conn: Connection, root: str, roles: Iterable[str], now: int) -> dict[str, set[str]]:
    """place -> the accounts that hold one of these roles there now, for `root` and every place below it."""
    below = places.below(conn, [root])
    query = (
        select(membership.c.place_id, account.c.id)
        .join(account, membership.c.account_id == account.c.id)
        .where(membership.c.place_id.in_(sorted(below)), membership.c.role.in_(sorted(roles)))
        .where(valid_at(now), account.c.disabled_at.is_(None))
    )
    found: dict[str, set[str]] = {each: set() for each in below}
    for place, who in conn.execute(query):
        found[place].add(who)
    return {place: people for place, people in found.items() if people}


def coverage(conn: Connection, person: Person, notice: Notice, now: int) -> list[Coverage]:
    """By place, as far as this person's places reach, from the top down. Later than thirty days, what was then."""
    kept = notice.fields.get("coverage")
    if kept:
        return [Coverage(place, each["said"], each["of"]) for place, each in kept.items() if place in person.places]
    asked = {place: people for place, people in _asked(conn, notice, now).items() if place in person.places}
    known = _known(conn, notice.id, set().union(*asked.values()))
    named = _shows_names(person, notice, now)
    return [_coverage(place, people, known, named) for place, people in asked.items()]


def _asked(conn: Connection, notice: Notice, now: int) -> dict[str, set[str]]:
    """Whoever published it need not tell himself."""
    found = addressed(conn, notice.book, notice.audience, now)
    return {place: rest for place, people in found.items() if (rest := people - {notice.by})}


def _coverage(place: str, people: set[str], known: set[str], named: bool) -> Coverage:
    said, left = sorted(people & known), sorted(people - known)
    return Coverage(place, len(said), len(people), tuple(said) if named else (), tuple(left) if named else ())


def _shows_names(person: Person, notice: Notice, now: int) -> bool:
    since = notice.published_at
    return person.account == notice.by and since is not None and now - since < KEPT


def _known(conn: Connection, notice: str, people: Iterable[str]) -> set[str]:
    """Who of these has said that they know: found by the ids that follow from notice and account."""
    ids = {derived(NOTICE_ACK, notice, each): each for each in people}
    found: set[str] = set()
    wanted = sorted(ids)
    for begin in range(0, len(wanted), _CHUNK):
        query = select(record.c.id).where(record.c.id.in_(wanted[begin : begin + _CHUNK]), record.c.erased.is_(False))
        found |= {ids[each] for each in conn.execute(query).scalars()}
    return found


# -------------------------------------------------------------------------------------------------- by the clock


def by_the_clock(engine: Engine) -> dict[str, int]:
    """Publish what is due, take down what has hung long enough, keep what is known of old ones as numbers of places."""
    now = to_text(engine.clock.now())
    due, over = json_text(record.c.fields, "publish_at") <= now, json_text(record.c.fields, "expire_at") <= now
    return {
        "published": _step(engine, and_(Keys.status == "scheduled", due), "scheduled", "published"),
        "expired": _step(engine, and_(Keys.status == "published", over), "published", "expired"),
        "settled": settle(engine),
    }


def _step(engine: Engine, wanted: ColumnElement[bool], come_from: str, to: str) -> int:
    step = {"from": come_from, "to": to, "cycle": 1}
    return _write(engine, wanted, lambda _conn, _notice: {"status": step})


def settle(engine: Engine) -> int:
    """Thirty days after it was published, who knows becomes how many of each place; the single words are erased then."""
    now = engine.clock.now()
    since = json_text(record.c.fields, "published_at")
    old = and_(
        json_text(record.c.fields, "kind").in_(sorted(ASKS)),
        since < to_text(now - KEPT + _EARLIER),
        since > to_text(now - 2 * KEPT),
        json_text(record.c.fields, "coverage").is_(None),
    )

    def numbers(conn: Connection, notice: Notice) -> dict[str, Any]:
        asked = _asked(conn, notice, now) if notice.fields.get("needs_ack") else {}
        known = _known(conn, notice.id, set().union(*asked.values()))
        found = {place: {"said": len(people & known), "of": len(people)} for place, people in asked.items()}
        return {"coverage": found} if found else {}

    return _write(engine, old, numbers)


_EARLIER: Final = 3_600_000
"""An hour before the first word of a reader can be erased."""


def _write(engine: Engine, wanted: ColumnElement[bool], make: Callable[[Connection, Notice], dict[str, Any]]) -> int:
    count = 0
    for notice, written in list(_found(engine, wanted, make)):
        actor = ServerActor(derived("device", "jobs"))
        receipt = engine.edit(actor, book=notice.book, record=notice.id, type=NOTICE, seen=notice.seq, set=written)
        count += receipt["outcome"] in _ENTERED
    return count


def _found(
    engine: Engine, wanted: ColumnElement[bool], make: Callable[[Connection, Notice], dict[str, Any]]
) -> Iterator[tuple[Notice, dict[str, Any]]]:
    here = and_(record.c.book_id == book.c.id, record.c.type == NOTICE)
    query = (
        select(*_COLUMNS).join_from(book, record, here).where(record.c.erased.is_(False), record.c.hidden.is_(False))
    )
    with engine.database.read() as conn:
        for row in conn.execute(query.where(wanted)).all():
            written = make(conn, _notice(row))
            if written:
                yield _notice(row), written
