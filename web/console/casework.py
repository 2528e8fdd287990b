"""What the page of a case is made of: reads of one snapshot, put together for this person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import url_for
from sqlalchemy import Connection

from api.problems import ProblemError
from api.services import current
from domain import boards, directory
from domain.access import Person, can_move
from domain.case_rows import Filters
from domain.powers import CASE
from domain.roles import DISPATCHERS
from web.console import actions, deskwork, views
from web.console.arrived import Arrived, arrived
from web.console.forms import Choice, Situation
from web.console.moving import MovedError
from web.console.parts import CaseView, Source
from web.console.reader import Reader
from web.console.reading import reader_of
from web.i18n import t

Json = Mapping[str, Any]

LONGEST_LINE: Final = 1000
"""Changes of one case that its page shows at most; there is a way to read on in the API."""


def load(person: Person, id: str) -> Json:
    """The record of a case that this person may see. ProblemError `not_found`; MovedError where only the place that it
    left is in sight."""
    record = current().engine.record(person, id)
    if record is None or record["type"] != CASE:
        raise ProblemError("not_found")
    if record.get("moved_to"):
        raise MovedError(id, str(record["book"]), str(record["moved_to"]))
    return record


def roles_towards(person: Person, record: Json) -> frozenset[str]:
    type = current().engine.types[CASE]
    return person.roles(record["book"], CASE, type.sight(record["fields"], record["by"]))


def should_mark_seen(person: Person, record: Json) -> bool:
    """已看过: the first look of a head, a supervisor or the command room, at a desk."""
    return not record["fields"].get("seen_at") and bool(roles_towards(person, record) & DISPATCHERS)


def view(person: Person, record: Json, failed: actions.Failed | None = None, known: int | None = None) -> CaseView:
    """The whole page; `failed`: an action, what was typed, what was wrong with it: its form comes back filled in.
    `known`: the seq of the page that is being answered; of a conflict, what came later is marked."""
    changes, more = _history(person, record["id"])
    conflicts = deskwork.conflicts_of(person, record)
    with current().database.read() as conn:
        reader = reader_of(conn, person, record, changes)
        situation = _situation(conn, person, record, reader)
        letters = deskwork.letters(conn, person, record, conflicts, known)
    pictures = here(record)
    source = Source(
        record=record,
        changes=changes,
        more=more,
        type=current().engine.types[CASE],
        reader=reader,
        roles=situation.roles,
        me=person.account,
        here=pictures,
        token=token(record, pictures),
        grid=person.places[record["book"]].name,
        photo=lambda sha256, size: url_for("photos.photo", sha256=sha256, size=size),
        voice=lambda sha256: url_for("voices.voice", sha256=sha256),
        case=lambda id: url_for("console.case", record=id),
        disputes=tuple(letters),
    )
    return views.see(source, *actions.offered(situation, failed))


def _history(person: Person, id: str) -> tuple[list[Json], bool]:
    found: list[Json] = []
    after: int | None = 0
    while after is not None and len(found) < LONGEST_LINE:
        page = current().engine.history(person, id, after)
        if page is None:
            break
        found += page["changes"]
        after = page["next"]
    return found, after is not None


def here(record: Json) -> Arrived:
    """The pictures and voice notes of the case whose bytes have arrived."""
    with current().database.read() as conn:
        return arrived(conn, [record["fields"].get(name) or {} for name in ("photos", "voice")])


def token(record: Json, pictures: Arrived) -> str:
    """Another one whenever the page would look different: the record's seq, and what has come of its pictures."""
    return f'"{record["seq"]}.{len(pictures)}.{list(pictures.values()).count("full")}"'


def _situation(conn: Connection, person: Person, record: Json, reader: Reader) -> Situation:
    services = current()
    books = sorted(each for each in person.powers if can_move(person, record["book"], each))
    dispatches = bool(roles_towards(person, record) & DISPATCHERS)
    return Situation(
        record=record,
        roles=roles_towards(person, record),
        me=person.account,
        type=services.engine.types[CASE],
        reader=reader,
        href=lambda action: url_for("console.act", record=record["id"], action=action),
        nonce=services.engine.ids.new,
        books=tuple((each, person.places[each].name, "") for each in books),
        people=_people(conn, record, reader.now) if dispatches else (),
        similar=_similar(conn, person, record, reader) if dispatches else (),
    )


def _people(conn: Connection, record: Json, now: int) -> tuple[Choice, ...]:
    found: dict[str, Choice] = {}
    for each in directory.candidates(conn, record["book"], now):
        found.setdefault(each.account, (each.account, each.name, t(f"roles.{each.role}")))
    return tuple(found.values())


def _similar(conn: Connection, person: Person, record: Json, reader: Reader) -> tuple[Choice, ...]:
    this = boards.case(conn, person, record["id"])
    if this is None or this.status not in {"reported", "needs_info"}:
        return ()
    type = current().engine.types[CASE]
    return tuple(
        (
            each.id,
            f"{each.fields.get('no') or ''} {views.category_of(each.fields, type, reader)}",
            f"{reader.when(each.made_at).text} {each.description[:40]}",
        )
        for each in boards.similar(conn, person, this)
    )


def by_number(person: Person, number: str) -> str | None:
    """The id of the case with this number, among those in sight."""
    wanted = number.strip().upper()
    if not wanted:
        return None
    with current().database.read() as conn:
        page = boards.cases(conn, person, Filters(text=wanted), now=current().clock.now(), limit=20)
    return next((each.id for each in page.rows if each.fields.get("no") == wanted), None)
