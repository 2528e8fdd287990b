"""What the roster pages ask: a week at a post, gaps of the next two days, what waits for a planner. By post, never by person.

Shifts have ids derived from post, day and session, so that a week is read by its ids and not searched for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from domain import roster
from domain.days import DAY, local
from domain.records.post_plan import plan_id
from domain.records.shift import shift_id
from sync.tables import record

AHEAD: Final = 2 * DAY
"""How far gaps are looked for."""
LOOK_BACK: Final = 14
LOOK_AHEAD: Final = 28
_AT_ONCE: Final = 400


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it stands."""

    id: str
    book: str
    seq: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """One session of one day at a post; `shift` None: nobody has planned it yet."""

    book: str
    day: date
    session: str
    start: int
    end: int
    required: int
    id: str
    shift: Found | None

    @property
    def missing(self) -> int:
        return roster.lacks(self.shift.fields) if self.shift else self.required


def plans(conn: Connection, books: Iterable[str]) -> dict[str, Found]:
    """post -> its plan, of those that have one."""
    wanted = {plan_id(book): book for book in books}
    return {wanted[each.id]: each for each in _read(conn, wanted).values()}


def slots(conn: Connection, plans_of: Mapping[str, Found], days: Sequence[date]) -> list[Slot]:
    """Every session of these posts on these days, planned or not, in the order of time."""
    named = [
        (book, day, key, session, shift_id(book, day.isoformat(), key))
        for book, plan in plans_of.items()
        for day, key, session in roster.wanted(plan.fields, days)
    ]
    found = _read(conn, [each[-1] for each in named])
    made = [_slot(*each, found.get(each[-1])) for each in named]
    return sorted(made, key=lambda each: (each.start, each.book))


def _slot(book: str, day: date, key: str, session: roster.Session, id: str, shift: Found | None) -> Slot:
    start, end = roster.times(session, day)
    return Slot(book, day, key, start, end, int(session["required_n"]), id, shift)


def week(conn: Connection, post: str, plan: Found, monday: date) -> list[Slot]:
    return slots(conn, {post: plan}, [monday + timedelta(days=n) for n in range(7)])


def gaps(conn: Connection, plans_of: Mapping[str, Found], now: int) -> list[Slot]:
    """Sessions of the next 48 hours that nobody, or too few, are planned for."""
    found = slots(conn, plans_of, list(_days(now, 0, 2)))
    return [each for each in found if now < each.start <= now + AHEAD and each.missing]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a planner should look at: each list of slots in the order of time."""

    crowded: list[Slot]
    swaps: list[tuple[Slot, str]]
    """with the key of the swap"""
    absences: list[tuple[Slot, str]]
    """with the account"""
    back_fills: list[tuple[Slot, str]]


def waiting(conn: Connection, plans_of: Mapping[str, Found], now: int) -> Waiting:
    found = slots(conn, plans_of, list(_days(now, -LOOK_BACK, LOOK_AHEAD)))
    planned = [(each, each.shift.fields) for each in found if each.shift]
    return Waiting(
        [slot for slot, fields in planned if slot.end > now and roster.has_too_many(fields)],
        [(slot, key) for slot, fields in planned if slot.end > now for key in roster.to_approve(fields)],
        [(slot, who) for slot, fields in planned if slot.end > now for who in roster.to_excuse(fields)],
        [(slot, who) for slot, fields in planned for who in roster.to_confirm(fields)],
    )


def _days(now: int, first: int, last: int) -> Iterator[date]:
    today = local(now).date()
    yield from (today + timedelta(days=n) for n in range(first, last + 1))


def _read(conn: Connection, ids: Iterable[str]) -> dict[str, Found]:
    its, found = record.c, {}
    columns = (its.id, its.book_id, its.seq, its.fields)
    wanted = sorted(ids)
    for begin in range(0, len(wanted), _AT_ONCE):
        some = wanted[begin : begin + _AT_ONCE]
        query = select(*columns).where(its.id.in_(some), its.hidden.is_(False), its.erased.is_(False))
        found.update({row.id: Found(*row) for row in conn.execute(query.where(its.moved_to.is_(None)))})
    return found
