"""What follows from visits: which door somebody should look after soon, and where nobody is to be sent any more.

Computed from the visits whenever it is asked, never stored: an alert is over as soon as somebody was met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from domain.access import Person, ServerActor
from domain.days import DAY, local
from domain.indexes import Keys
from domain.json_text import json_text
from domain.records import TYPES
from domain.records.visit import VISIT
from domain.roles import GRID_HEAD
from sync.clock import to_text
from sync.engine import Engine
from sync.ids import derived
from sync.tables import book, record

LOOKED_BACK: Final = 90 * DAY
"""How far back an alert looks: goings that are older say nothing about today."""
IN_A_ROW: Final = 2
"""So many times 没人在, one after the other, on care visits to one door: the head of the grid is told."""
FORGOTTEN: Final = 90 * DAY
"""A visit that has waited so long without a word is called off: nobody remembers why, and what waits is kept."""
_ENTERED: Final = frozenset({"applied", "merged", "conflict"})


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody opened, several times in a row. `about` is the care agreement, or the place where there is none; `times`
    are the instants of those goings, oldest first."""

    book: str
    place: str
    about: str
    times: tuple[str, ...]


def unanswered(visits: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Unanswered]:
    """(book, fields) of care visits -> the doors at which nobody was met the last two times or more. Pure."""
    goings: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for book_id, fields in visits:
        if fields.get("purpose") != "care":
            continue
        place = str(fields["place_id"])
        key = (book_id, place, str(fields.get("care_agreement_id") or place))
        went = (fields.get("outcome") or {}).values()
        goings.setdefault(key, []).extend((str(each["at"]), str(each["what"])) for each in went)
    found = [Unanswered(*key, _in_vain(each)) for key, each in goings.items()]
    return sorted((each for each in found if len(each.times) >= IN_A_ROW), key=lambda each: each.times[-1])


def _in_vain(goings: list[tuple[str, str]]) -> tuple[str, ...]:
    """The times nobody was there, since somebody last was."""
    times: list[str] = []
    for at, what in sorted(goings):
        times = [*times, at] if what == "not_home" else []
    return tuple(times)


def alerts(conn: Connection, person: Person, now: int) -> list[Unanswered]:
    """What a grid's head should look after, in the grids of this person; the longest waiting first."""
    grids = [each for each in person.powers if person.is_one_of(frozenset({GRID_HEAD}), each)]
    if not grids:
        return []
    here = and_(record.c.book_id.in_(grids), _visits(), record.c.changed_at >= now - LOOKED_BACK)
    return unanswered((row.book_id, row.fields) for row in conn.execute(_of_visits(here)))


def _visits() -> ColumnElement[bool]:
    its = record.c
    return and_(its.type == VISIT, its.hidden.is_(False), its.erased.is_(False), its.moved_to.is_(None))


def _of_visits(here: ColumnElement[bool]) -> Select[Any]:
    return select(record.c.book_id, record.c.id, record.c.seq, record.c.fields).where(here)


# ---------------------------------------------------------------------------------- whom nobody is sent to


def spare_the_declined(engine: Engine) -> int:
    """Call off visits to doors that said no to this purpose in the last twelve months, unless the household itself has
    asked, and those that nobody has thought of for long; gives how many. For a job that runs every minute: somebody
    without a line may have planned one since."""
    with engine.database.read() as conn:
        unwanted = {row.id: (row, "declined") for row in _unwanted(conn)}
        unwanted = {**{row.id: (row, "forgotten") for row in _forgotten(conn, engine.clock.now())}, **unwanted}
    changes = [_call_off(engine, row, why) for row, why in unwanted.values()]
    receipts = engine.push(ServerActor(derived("device", "jobs")), changes) if changes else []
    return sum(each["outcome"] in _ENTERED for each in receipts)


def _unwanted(conn: Connection) -> Iterator[Any]:
    everywhere = record.c.book_id.in_(select(book.c.id))  # every index of records leads with the book
    declined = conn.execute(_of_visits(and_(everywhere, _visits(), Keys.status == "declined")))
    no = {(row.book_id, row.fields["place_id"], row.fields["purpose"]) for row in declined}
    if not no:
        return
    books = record.c.book_id.in_(sorted({each[0] for each in no}))
    unasked = json_text(record.c.fields, "own_request.how").is_(None)
    for row in conn.execute(_of_visits(and_(books, _waiting(), unasked))):
        if (row.book_id, row.fields["place_id"], row.fields["purpose"]) in no:
            yield row


def _forgotten(conn: Connection, now: int) -> Iterator[Any]:
    everywhere = record.c.book_id.in_(select(book.c.id))
    since = f"{local(now - FORGOTTEN).date()}"
    for row in conn.execute(_of_visits(and_(everywhere, _waiting(), record.c.changed_at < now - FORGOTTEN))):
        if str(row.fields.get("planned_for") or "") <= since:
            yield row


def _waiting() -> ColumnElement[bool]:
    return and_(_visits(), Keys.status.in_(("planned", "retry")))


def _call_off(engine: Engine, row: Any, why: str) -> dict[str, Any]:
    status = row.fields["status"]
    step = {"from": status["status"], "to": "cancelled", "cycle": status["cycle"]}
    return {
        "id": engine.ids.new(),
        "book": row.book_id,
        "record": row.id,
        "type": VISIT,
        "schema": TYPES[VISIT].schema,
        "epoch": engine.epoch,
        "seen": row.seq,
        "made_at": to_text(engine.clock.now()),
        "set": {"status": step, "cancelled_why": why},
    }
