"""The questions that the console asks about cases. Reads only; everything is filtered by what the person may see.

A list is put together from one short walk along an index for each book (and state) in sight, newest first: what a page
costs follows from the page, not from how many cases there are. Times are milliseconds since the epoch, UTC; the time of
a case is when it was saved on the phone, which the engine never lets lie in the future.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, tuple_, union_all

from domain import days
from domain.access import Person
from domain.case_rows import CaseRow, Filters, case_row
from domain.indexes import Keys
from domain.json_text import json_has_key, json_text
from domain.powers import CASE
from domain.records.case_steps import OPEN
from domain.sight import cases_in_sight
from sync.clock import to_text
from sync.tables import record

PAGE: Final = 50
MAX_PAGE: Final = 200
TEXT_DAYS: Final = 90
_NUMBER: Final = re.compile(r"[0-9A-Za-z]+-\d{4}-\d+")
_WALKS: Final = 200
"""SQLite puts at most 500 selects together."""
COLUMNS: Final = tuple(
    record.c[name]
    for name in ("id", "book_id", "seq", "type", "fields", "extra", "by", "made_at", "changed_at", "hidden", "sight")
)


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the mark to go on after, None at the end."""

    rows: list[CaseRow]
    next: str | None


# ------------------------------------------------------------------------------------------------------ the list


def cases(
    conn: Connection, person: Person, filters: Filters, *, now: int, after: str | None = None, limit: int = PAGE
) -> Page:
    """A page of cases in sight, newest first. A mark `after` that cannot be read begins at the top."""
    limit = max(1, min(limit, MAX_PAGE))
    walks = list(walks_of(person, filters, now=now, after=after, limit=limit + 1))
    found: list[CaseRow] = []
    for begin in range(0, len(walks), _WALKS):
        parts = [select(walk.subquery()) for walk in walks[begin : begin + _WALKS]]
        found += [case_row(row) for row in conn.execute(union_all(*parts)).mappings()]
    found.sort(key=lambda row: (row.made_at, row.id), reverse=True)
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], f"{last.made_at}~{last.id}" if last else None)


def walks_of(person: Person, filters: Filters, *, now: int, after: str | None, limit: int) -> Iterator[Select[Any]]:
    """One walk along an index for each book, and for each state where states are asked for."""
    narrowed = _narrowed(person, filters, now)
    start = _after(after)
    if start is not None:
        narrowed.append(start)
    statuses: tuple[str | None, ...] = filters.statuses or (OPEN if filters.overdue else (None,))
    for each in person.powers:
        if filters.book in (None, each):
            for status in statuses:
                conditions = [cases_in_sight(person, each), *narrowed, *([Keys.status == status] if status else [])]
                query = select(*COLUMNS).where(and_(*conditions))
                yield query.order_by(record.c.made_at.desc(), record.c.id.desc()).limit(limit)


def _after(mark: str | None) -> ColumnElement[bool] | None:
    made_at, _, id = (mark or "").partition("~")
    if not made_at.isdecimal() or len(made_at) > 15:
        return None
    return tuple_(record.c.made_at, record.c.id) < (int(made_at), id)


def _narrowed(person: Person, filters: Filters, now: int) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    exact = ((Keys.category, filters.category), (Keys.severity, filters.severity), (Keys.place, filters.place))
    conditions += [column == value for column, value in exact if value]
    if filters.overdue:
        conditions.append(Keys.due < to_text(now))
    if filters.undecided:
        conditions += torn()
    if filters.mine:
        conditions.append(json_has_key(record.c.fields, "assignees", person.account))
    if filters.text:
        conditions += _speaks_of(filters.text, now)
    return conditions


def torn() -> list[ColumnElement[bool]]:
    return [record.c.extra.is_not(None), json_text(record.c.extra, "conflicts").is_not(None)]


def _speaks_of(words: str, now: int) -> list[ColumnElement[bool]]:
    """A whole number is found in the index; other words are looked for in what is not older than ninety days."""
    wanted = words.strip()[:100]
    if _NUMBER.fullmatch(wanted):
        return [Keys.number == wanted.upper()]
    texts = [Keys.number, *(json_text(record.c.fields, name) for name in ("description", "place_note", "additions"))]
    found = or_(*(each.icontains(wanted, autoescape=True) for each in texts))
    return [record.c.made_at >= now - TEXT_DAYS * days.DAY, found]


def case(conn: Connection, person: Person, case_id: str) -> CaseRow | None:
    """One case, None where there is none or it is not this person's to see."""
    query = select(*COLUMNS).where(record.c.id == case_id, record.c.type == CASE, record.c.erased.is_(False))
    for row in conn.execute(query).mappings():
        if person.sees(row["book_id"], CASE, row["sight"]):
            return case_row(row)
    return None


def similar(conn: Connection, person: Person, to: CaseRow, limit: int = 5) -> list[CaseRow]:
    """Cases of the same category in the same book within 72 hours, the same place first: doubles, perhaps."""
    near = record.c.made_at.between(to.made_at - 3 * days.DAY, to.made_at + 3 * days.DAY)
    alike = and_(
        cases_in_sight(person, to.book), near, Keys.category == to.fields.get("category"), record.c.id != to.id
    )
    query = select(*COLUMNS).where(alike).order_by(record.c.made_at.desc()).limit(50)
    found = [case_row(row) for row in conn.execute(query).mappings()]
    found.sort(key=lambda row: (row.place != to.place, abs(row.made_at - to.made_at)))
    return found[:limit]
