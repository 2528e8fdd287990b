"""Who may see what, said in SQL: the same as `Person.sees`, for lists. A test compares the two over every role."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, func, or_, true

from domain.access import Person
from domain.indexes import Keys
from domain.json_text import json_has_key
from domain.powers import CASE
from sync.tables import record


def cases_in_sight(person: Person, book: str) -> ColumnElement[bool]:
    """The condition on `record` for the cases of this book that the person may see. Hidden ones are nobody's."""
    if book not in person.powers:
        return false()
    here = and_(record.c.book_id == book, record.c.type == CASE, record.c.hidden.is_(False), record.c.erased.is_(False))
    return and_(here, _in_sight(person, book))


def _in_sight(person: Person, book: str) -> ColumnElement[bool]:
    if book in person.restricted_books():
        return true()
    own = or_(record.c.by == person.account, json_has_key(record.c.fields, "assignees", person.account))
    open_to_all = func.coalesce(Keys.visibility, "internal") != "restricted"
    if book in person.whole_books():
        return or_(open_to_all, own)
    places = {place for power in person.powers[book] if power.unit for place in power.unit.places}
    return or_(own, and_(open_to_all, Keys.place.in_(sorted(places)))) if places else own
