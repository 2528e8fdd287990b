"""What the console asks every few seconds: the headline, and what changed since it last asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, and_, or_, select

from domain import days, desk, held
from domain.access import Person
from domain.boards import COLUMNS, MAX_PAGE
from domain.case_rows import CaseRow, case_row
from domain.powers import CASE
from domain.records.case_steps import COUNTED, ENDS
from domain.sight import cases_in_sight
from sync.tables import book, record


@dataclass(frozen=True, slots=True)
class Headline:
    """今日上报有效信息 = closed + working + overdue, of what was reported today; `undecided` and `held` wait for this
    person, whenever they came, `reminded` of the undecided for longer than 72 hours."""

    valid: int
    closed: int
    working: int
    overdue: int
    undecided: int
    held: int
    reminded: int = 0


def headline(conn: Connection, person: Person, now: int) -> Headline:
    """The numbers of the sentence above the list."""
    today = [row for row in _today(conn, person, now) if row.status in COUNTED]
    closed = sum(row.status in ENDS for row in today)
    overdue = sum(row.is_overdue(now) for row in today)
    waits = desk.tally(conn, person, now)
    moving = len(today) - closed - overdue
    return Headline(len(today), closed, moving, overdue, waits.undecided, held.tally(conn, person), waits.reminded)


def _today(conn: Connection, person: Person, now: int) -> Iterator[CaseRow]:
    """What was reported today in this person's sight."""
    if not person.powers:
        return
    seen = or_(*(cases_in_sight(person, each) for each in person.powers))
    since = and_(
        record.c.book_id.in_(list(person.powers)), record.c.type == CASE, record.c.made_at >= days.start_of_day(now)
    )
    for row in conn.execute(select(*COLUMNS).where(since, seen)).mappings():
        yield case_row(row)


@dataclass(frozen=True, slots=True)
class News:
    """`token` is for the next question. `rows` changed and are in sight; `gone` are ids no longer in sight; `whole`:
    the token was unknown or too old, read the list anew."""

    token: str
    rows: list[CaseRow]
    gone: list[str]
    whole: bool = False


def whats_new(conn: Connection, person: Person, token: str | None, limit: int = MAX_PAGE) -> News:
    """What changed since the token was given: one look at the heads of the books if nothing did."""
    books = sorted(person.powers)
    heads: dict[str, int] = {
        row.id: row.head for row in conn.execute(select(book.c.id, book.c.head).where(book.c.id.in_(books)))
    }
    fresh = "-".join([_fingerprint(person, books), *(str(heads.get(each, 0)) for each in books)])
    if token == fresh:
        return News(fresh, [], [])
    before = _heads(person, books, token)
    if before is None:
        return News(fresh, [], [], whole=True)
    moved = [(each, seq) for each, seq in zip(books, before, strict=True) if seq != heads.get(each, 0)]
    return _changed(conn, person, moved, fresh, limit)


def _changed(conn: Connection, person: Person, moved: Sequence[tuple[str, int]], token: str, limit: int) -> News:
    since = or_(*(and_(record.c.book_id == each, record.c.seq > seq) for each, seq in moved))
    query = select(*COLUMNS).where(since, record.c.type == CASE).order_by(record.c.changed_at.desc()).limit(limit + 1)
    found = list(conn.execute(query).mappings()) if moved else []
    if len(found) > limit:
        return News(token, [], [], whole=True)
    rows: list[CaseRow] = []
    gone: list[str] = []
    for row in found:
        if not row["hidden"] and person.sees(row["book_id"], CASE, row["sight"]):
            rows.append(case_row(row))
        else:
            gone.append(row["id"])
    return News(token, rows, gone)


def _fingerprint(person: Person, books: Sequence[str]) -> str:
    return sha256("".join(f"{each}{person.scope(each)}" for each in books).encode()).hexdigest()[:12]


def _heads(person: Person, books: Sequence[str], token: str | None) -> list[int] | None:
    parts = (token or "").split("-")
    if len(parts) != len(books) + 1 or parts[0] != _fingerprint(person, books):
        return None
    return [int(part) for part in parts[1:]] if all(part.isdecimal() and len(part) < 16 for part in parts[1:]) else None
