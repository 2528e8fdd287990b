"""When was each place last looked at, by whomever: read off the rounds, and told without any person in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from domain.access import Person
from domain.days import DAY
from domain.roles import COMMAND_ROOM, FIELD, GRID_HEAD, SUPERVISOR
from sync.clock import from_text
from sync.tables import record

READERS: Final = FIELD | {GRID_HEAD, SUPERVISOR, COMMAND_ROOM}
"""Coverage names places and days only, so everybody with a place may have that of theirs."""
WINDOW: Final = 90 * DAY
"""What was not looked at for longer is said to be so, and no further."""

Looks = Mapping[str, int]
"""place -> when it was last looked at, in milliseconds."""


@dataclass(slots=True)
class Spot:
    """A building, or a unit in it, with the day on which it or anything in it was last looked at."""

    id: str
    name: str
    at: int | None
    order: tuple[int, str]
    below: list[Spot] = field(default_factory=list)


def last_looked(conn: Connection, books: Iterable[str], now: int) -> dict[str, dict[str, int]]:
    """book -> place -> when last; a place that nobody looked at within WINDOW is not in it."""
    wanted = list(books)
    its = record.c
    query = select(its.book_id, its.fields["stops"]).where(
        its.book_id.in_(wanted), its.type == "round", its.erased.is_(False), its.hidden.is_(False),
        its.changed_at >= now - WINDOW,
    )  # fmt: skip
    found: dict[str, dict[str, int]] = {book: {} for book in wanted}
    for book, stops in conn.execute(query):
        for stop in (stops or {}).values():
            place, at = stop.get("place"), min(from_text(stop["at"]), now)
            found[book][place] = max(at, found[book].get(place, 0))
    return found


def for_phone(conn: Connection, person: Person, now: int) -> dict[str, dict[str, int]]:
    """The same for the books of a person, each narrowed to the places that they know."""
    books = [book for book in person.powers if person.is_one_of(READERS, book)]
    return {book: _narrowed(person, book, looks) for book, looks in last_looked(conn, books, now).items()}


def _narrowed(person: Person, book: str, looks: dict[str, int]) -> dict[str, int]:
    powers = [power for power in person.powers[book] if power.role in READERS]
    if any(power.unit is None for power in powers):
        return looks
    known = {place for power in powers if power.unit for place in (*power.unit.places, power.unit.building)}
    return {place: at for place, at in looks.items() if place in known}


def spots(conn: Connection, book: str, looks: Looks) -> list[Spot]:
    """The buildings of a grid with their units, in the order in which they stand there."""
    its = record.c
    query = select(its.id, its.type, its.fields).where(
        its.book_id == book, its.type.in_(("building", "unit")), its.erased.is_(False), its.hidden.is_(False)
    )
    rows = [row for row in conn.execute(query) if (row.fields.get("status") or {}).get("status") != "retired"]
    made = {row.id: _spot(row.id, row.fields, looks) for row in rows}
    top: list[Spot] = []
    for row in rows:
        above = made.get(row.fields.get("parent_id"))
        (above.below if above else top).append(made[row.id])
    for each in top:
        each.below.sort(key=lambda spot: spot.order)
        each.at = max((spot.at for spot in (each, *each.below) if spot.at is not None), default=None)
    return sorted(top, key=lambda spot: spot.order)


def _spot(id: str, fields: Mapping[str, Any], looks: Looks) -> Spot:
    label = str(fields.get("label") or "")
    return Spot(id, str(fields.get("name") or label), looks.get(id), (int(fields.get("position") or 0), label))
