"""What the server does about campaigns: makes the task of every door when one opens, freezes what is over, erases what
is due. Every part looks at what is there already, so that it may be broken off anywhere and begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from domain import places
from domain.access import ServerActor
from domain.campaign_doors import Door, assignees, attrs_in_use, crew, doors
from domain.campaigns import totals
from domain.days import HOUR
from domain.forms.form import read_form
from domain.forms.reuse import report
from domain.json_text import json_text
from domain.records.campaign_rules import state_of
from domain.records.task import ENDS, task_id
from sync.actors import Actor
from sync.clock import to_text
from sync.engine import Engine
from sync.ids import derived
from sync.protocol import MAX_CHANGES
from sync.tables import record
from sync.types import Values

TASK: Final = "task"
RESPONSE: Final = "survey_response"
CAMPAIGN: Final = "campaign"
ANSWERING: Final = (TASK, RESPONSE)
_OPEN: Final = ("open", "paused")
Json = Mapping[str, Any]


def actor() -> Actor:
    """The server's own device for campaigns."""
    return ServerActor(derived("device", "campaigns"))


# ------------------------------------------------------------------------------------------------------- by the clock


def tend(engine: Engine, *, everything: bool = True) -> int:
    """What is due for any campaign; gives how many records were written or erased. Without `everything`: for those that
    are open, due to go, or have just come to their end; so that a round of every minute costs what there is to do."""
    now = engine.clock.now()
    return sum(tend_one(engine, row.id) for row in _campaigns(engine) if everything or _is_near(row, now))


def _is_near(row: Any, now: int) -> bool:
    state = state_of(row.fields)
    if state in _OPEN or row.changed_at > now - HOUR:
        return True
    return state == "closed" and (row.fields.get("erase_at") or "~") <= to_text(now)


def tend_one(engine: Engine, campaign: str) -> int:
    """What is due for one campaign: tasks of new doors, freezing, erasing."""
    row = _row(engine, campaign)
    if row is None:
        return 0
    state, due = state_of(row.fields), row.fields.get("erase_at")
    if state in (*_OPEN, "closed") and due and due <= to_text(engine.clock.now()):
        return erase(engine, campaign)
    if state in _OPEN:
        return make_tasks(engine, campaign)
    if state == "closed":
        return freeze(engine, campaign)
    return _sweep(engine, campaign) if state == "erased" else 0


def _campaigns(engine: Engine) -> list[Any]:
    its = record.c
    there = and_(its.type == CAMPAIGN, its.erased.is_(False), its.hidden.is_(False), its.moved_to.is_(None))
    books = select(places.place.c.id)
    with engine.database.read() as conn:
        query = select(its.id, its.fields, its.changed_at).where(its.book_id.in_(books), there)
        return list(conn.execute(query.order_by(its.id)))


def _row(engine: Engine, campaign: str) -> Any | None:
    its = record.c
    there = and_(its.id == campaign, its.type == CAMPAIGN, its.erased.is_(False), its.hidden.is_(False))
    query = select(its.id, its.book_id, its.seq, its.fields, its.by).where(there, its.moved_to.is_(None))
    with engine.database.read() as conn:
        return conn.execute(query).first()


# ---------------------------------------------------------------------------------------------------------- the tasks


def make_tasks(engine: Engine, campaign: str, at: int | None = None) -> int:
    """Make the task of every door that has none yet, and send somebody to those whose people are all gone; gives how
    many tasks were made or changed. `at`: when that was, of a demo world; else now."""
    row = _row(engine, campaign)
    if row is None or state_of(row.fields) not in _OPEN:
        return 0
    with engine.database.read() as conn:
        # A campaign reaches no further than the place in whose book it stands, whatever its target says.
        books = sorted(set(row.fields["target"]["books"]) & set(places.below(conn, [row.book_id])))
    return sum(_make_in(engine, row, book, at) for book in books)


def _make_in(engine: Engine, row: Any, book: str, at: int | None) -> int:
    with engine.database.read() as conn:
        meant = {task_id(row.id, door.id): door for door in doors(conn, row.fields["target"], [book])}
        known, gone = _known(conn, TASK, row.id, book), _gone(conn, TASK, book)
        people = crew(conn, book, engine.clock.now())
    fresh = (door for id, door in meant.items() if id not in known and id not in gone)
    count = _push(engine, (_create(engine, row, door, assignees(people.of(door)), at) for door in fresh))
    left = ((each, meant[id]) for id, each in known.items() if id in meant and _is_left(each, people.still_there))
    again = ((each, assignees(people.of(door))) for each, door in left)
    count += _push(engine, (_change(engine, each, TASK, {"assignees": who}) for each, who in again if who))
    untold = (each for each in known.values() if asks_photos(row.fields) and not each.fields.get("photo_asked"))
    return count + _push(engine, (_change(engine, each, TASK, {"photo_asked": True}) for each in untold))


def asks_photos(campaign: Values) -> bool:
    """Does it ask for a picture of each door, and has somebody else agreed to it?"""
    return bool(campaign.get("photo_required") and campaign.get("photo_approval"))


def _is_left(task: Any, still_there: Callable[[Iterable[str]], bool]) -> bool:
    """Is it still to be done, by nobody who is there? Whom a head has sent stays sent."""
    return state_of(task.fields) not in ENDS and not still_there(task.fields.get("assignees") or {})


def _create(engine: Engine, row: Any, door: Door, goers: Values, at: int | None) -> dict[str, Any]:
    written = {
        "campaign_id": row.id,
        "place_id": door.id,
        "form_version": row.fields.get("form_version") or 1,
        "status": {"from": None, "to": "todo", "cycle": 1},
        **({"assignees": goers} if goers else {}),
        **({"photo_asked": True} if asks_photos(row.fields) else {}),
    }
    made = _envelope(engine, door.book, task_id(row.id, door.id), TASK, 0, written)
    return {**made, "create": True, **({} if at is None else {"made_at": to_text(at)})}


# ---------------------------------------------------------------------------------------------- what is over, what is due


def freeze(engine: Engine, campaign: str) -> int:
    """Say in every task and every answer that the campaign is over, so that what follows it can tell; gives how many."""
    row = _row(engine, campaign)
    if row is None or state_of(row.fields) != "closed":
        return 0
    over = {"closed_at": row.fields["closed_at"]}
    left = ((kind, each) for kind, each in _answering(engine, row) if not each.fields.get("closed_at"))
    return _push(engine, (_change(engine, each, kind, over) for kind, each in left))


def erase(engine: Engine, campaign: str, by: Actor | None = None) -> int:
    """Keep the totals, step to `erased`, then erase every task and every answer (S4); gives how many.

    `by`: who brings it forward, None for the clock. ValueError where a person may not, or it is not over yet.
    """
    row = _row(engine, campaign)
    if row is None:
        return 0
    if state_of(row.fields) in _OPEN and by is None:
        _step(engine, actor(), row, "closed")  # what is due to go, goes, also where nobody has closed it
        row = _row(engine, campaign) or row
    if state_of(row.fields) == "closed":
        with engine.database.read() as conn:
            kept = totals(conn, row.id, row.book_id, row.fields).kept()
        _push(engine, [_change(engine, row, CAMPAIGN, {"totals": kept})])
        row = _row(engine, campaign) or row
        _step(engine, by or actor(), row, "erased")
    return _sweep(engine, campaign)


def _step(engine: Engine, by: Actor, row: Any, to: str) -> None:
    status = row.fields["status"]
    step = {"from": status["status"], "to": to, "cycle": status["cycle"]}
    receipt = engine.edit(by, book=row.book_id, record=row.id, type=CAMPAIGN, seen=row.seq, set={"status": step})
    if receipt["outcome"] not in ("applied", "merged"):
        raise ValueError(receipt["reason"])


def _sweep(engine: Engine, campaign: str) -> int:
    """Erase what is left of a campaign that has been erased."""
    row = _row(engine, campaign)
    if row is None or state_of(row.fields) != "erased" or not row.fields.get("totals"):
        return 0
    return sum(engine.erase(each.book_id, each.id) is not None for _, each in _answering(engine, row))


# ----------------------------------------------------------------------------------------------------- known already


def note_reuse(engine: Engine, campaign: str) -> dict[str, dict[str, str]]:
    """Look up which questions of the draft are known already, and write that to the campaign; gives the report."""
    row = _row(engine, campaign)
    if row is None:
        return {}
    books = (row.fields.get("target") or {}).get("books") or []
    with engine.database.read() as conn:
        found = report(read_form(row.fields.get("form")), attrs_in_use(conn, books))
    if found != (row.fields.get("reuse_report") or {}):
        _push(engine, [_change(engine, row, CAMPAIGN, {"reuse_report": found})])
    return found


# -------------------------------------------------------------------------------------------------------------- door


def _known(conn: Connection, type: str, campaign: str, book: str) -> dict[str, Any]:
    """id -> record, of a campaign in one book."""
    its = record.c
    mine = and_(its.book_id == book, its.type == type, json_text(its.fields, "campaign_id") == campaign)
    query = select(its.id, its.book_id, its.seq, its.fields).where(mine, its.moved_to.is_(None))
    return {row.id: row for row in conn.execute(query)}


def _gone(conn: Connection, type: str, book: str) -> set[str]:
    """What was erased, or lives elsewhere now: it is not made anew."""
    its = record.c
    query = select(its.id).where(its.book_id == book, its.type == type)
    return set(conn.execute(query.where(its.erased.is_(True) | its.moved_to.is_not(None))).scalars())


def _answering(engine: Engine, row: Any) -> Iterator[tuple[str, Any]]:
    """Every task and every answer of a campaign, wherever it lies below it."""
    with engine.database.read() as conn:
        books = {*places.below(conn, [row.book_id]), *((row.fields.get("target") or {}).get("books") or ())}
        found = [(kind, each) for kind in ANSWERING for book in sorted(books)
                 for each in _known(conn, kind, row.id, book).values()]  # fmt: skip
    yield from found


def _change(engine: Engine, row: Any, type: str, written: Values) -> dict[str, Any]:
    return _envelope(engine, row.book_id, row.id, type, row.seq, written)


def _envelope(engine: Engine, book: str, id: str, type: str, seen: int, written: Values) -> dict[str, Any]:
    common = {"schema": engine.types[type].schema, "epoch": engine.epoch, "made_at": to_text(engine.clock.now())}
    return {"id": engine.ids.new(), "book": book, "record": id, "type": type, "seen": seen, **common, "set": written}


def _push(engine: Engine, changes: Iterable[dict[str, Any]]) -> int:
    """In batches: gives how many entered."""
    waiting, count = iter(changes), 0
    while batch := list(islice(waiting, MAX_CHANGES)):
        count += _entered(engine.push(actor(), batch))
    return count


def _entered(receipts: Sequence[Json]) -> int:
    return sum(receipt["outcome"] in ("applied", "merged", "conflict") for receipt in receipts)
