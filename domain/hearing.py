"""投诉建议 and visits as a desk reads them: what people have to say, and where somebody was lately."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, and_, select

from domain.access import Person
from domain.listed import Listed
from domain.records.feedback import FEEDBACK, READERS
from domain.records.visit import VISIT
from domain.roles import GRID_HEAD, SUPERVISOR
from sync.tables import record

MOST: Final = 200
REVIEWERS: Final = frozenset({GRID_HEAD, SUPERVISOR})


def can_hear(person: Person) -> bool:
    """Read 投诉建议 and answer it."""
    return person.is_one_of(READERS)


def can_review_visits(person: Person) -> bool:
    """Look over the visits of a grid."""
    return person.is_one_of(REVIEWERS)


def said(conn: Connection, person: Person) -> list[Listed]:
    """投诉建议 of the places of this person: what waits for an answer first, then the newest."""
    found = _newest(conn, person, FEEDBACK, READERS)
    return sorted(found, key=lambda row: row.status == "answered")


def one_said(conn: Connection, person: Person, id: str) -> Listed | None:
    return next((row for row in said(conn, person) if row.id == id), None)


def visits(conn: Connection, person: Person) -> list[Listed]:
    """The newest visits in the grids of this person."""
    return _newest(conn, person, VISIT, REVIEWERS)


def _newest(conn: Connection, person: Person, type_name: str, roles: frozenset[str]) -> list[Listed]:
    books = [each for each in person.powers if person.is_one_of(roles, each)]
    its = record.c
    here = and_(its.book_id.in_(books), its.type == type_name, its.hidden.is_(False), its.erased.is_(False))
    columns = (its.id, its.book_id, its.seq, its.by, its.made_at, its.fields)
    query = select(*columns).where(here, its.moved_to.is_(None)).order_by(its.made_at.desc()).limit(MOST)
    return [Listed(*row) for row in conn.execute(query)] if books else []
