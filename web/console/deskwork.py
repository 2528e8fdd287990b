"""What 待您决定 is made of: reads for this person, put together as letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import url_for
from sqlalchemy import Connection

from api.problems import ProblemError
from api.services import current
from domain import campaigns, desk, directory
from domain.access import Person
from domain.forms.form import Question
from domain.powers import CASE
from sync.actors import SERVER
from sync.clock import to_text
from sync.state import VOID
from web.console.arrived import arrived
from web.console.letters import Call, Dispute, Scene, disputes
from web.console.moving import MovedError
from web.console.reader import Reader
from web.console.reading import reader_of
from web.console.views import category_of, place_of
from web.i18n import t

Json = Mapping[str, Any]
SHOWN: Final = 20
"""Open conflicts on one page; the oldest come first, so that none is forgotten behind the others."""


@dataclass(frozen=True, slots=True)
class About:
    """The record that a conflict is about, in a few words. `href` is empty where it has no page."""

    title: str
    place: str
    no: str
    note: str
    picture: str
    href: str


@dataclass(frozen=True, slots=True)
class Item:
    """One conflict on the desk."""

    about: About
    dispute: Dispute


def load(person: Person, record: str) -> Json:
    """A record of any type that this person may see. ProblemError `not_found`; MovedError as of a case."""
    found = current().engine.record(person, record)
    if found is None:
        raise ProblemError("not_found")
    if found.get("moved_to"):
        raise MovedError(record, str(found["book"]), str(found["moved_to"]))
    return found


def conflicts_of(person: Person, record: Json) -> list[Json]:
    """The open conflicts of a record that this person may read, as the engine tells them."""
    found = current().engine.conflicts(person, record["id"]) if record.get("conflicts") else None
    type = current().engine.types[record["type"]]
    sight = type.sight(record["fields"], record["by"])
    return [each for each in found or () if desk.may_read(person, record["book"], type, sight, each["field"])]


def letters(
    conn: Connection, person: Person, record: Json, conflicts: Sequence[Json], known: int | None = None
) -> list[Dispute]:
    """The open conflicts of a record, as letters; `known`: the seq that the reader's page had been made with."""
    if not conflicts:
        return []
    opposite = _opposite(conn, record, conflicts)
    candidates = [each for conflict in conflicts for each in conflict["candidates"]]
    reader = reader_of(conn, person, record, [*candidates, *opposite, *_bases(conflicts)])
    type = current().engine.types[record["type"]]
    sight = type.sight(record["fields"], record["by"])
    scene = Scene(
        record=record,
        type=type,
        reader=reader,
        me=person.account,
        entitled=lambda field: desk.may_decide(person, record["book"], type, sight, field),
        nonce=current().engine.ids.new,
        photo=lambda sha256, size: url_for("photos.photo", sha256=sha256, size=size),
        here=arrived(conn, ((each.get("set") or {}).get("photos") or {} for each in candidates)),
        calls=_calls(conn, record, reader, [*candidates, *opposite]),
        opposite=opposite,
        known=known,
        questions=_asked(conn, record)[1],
    )
    return disputes(scene, conflicts)


def _asked(conn: Connection, record: Json) -> tuple[str, dict[str, Question]]:
    """Of a task and of answers: the title of their campaign, and its questions."""
    campaign = record["fields"].get("campaign_id")
    return campaigns.asked_in(conn, str(campaign)) if campaign else ("", {})


def _bases(conflicts: Sequence[Json]) -> list[Json]:
    """What stood before, in the form of a change, so that its ids get their names too."""
    return [{"by": SERVER, "set": {each["field"]: each.get("base")}} for each in conflicts]


def _opposite(conn: Connection, record: Json, conflicts: Sequence[Json]) -> list[Json]:
    """Of a hiding alone: the edits that it had not seen, as entries of a history."""
    alone = [each for each in conflicts if each["field"] == VOID and len(each["candidates"]) == 1]
    if not alone:
        return []
    rows = desk.unseen_by(conn, record["book"], record["id"], alone[0]["candidates"][0]["change"])
    return [
        {
            "by": row["account"],
            "made_at": to_text(row["made_at"]),
            "seq": row["seq"],
            "set": orjson.loads(row["body"]).get("set") or {},
        }
        for row in rows
        if row["body"] and row["account"] != SERVER
    ]


def _calls(conn: Connection, record: Json, reader: Reader, changes: Sequence[Json]) -> dict[str, Call]:
    """Whom to ring about it, by account. Whoever told of it and wants to stay unnamed is not given away here either."""
    writers = {str(each["by"]) for each in changes} - {SERVER}
    hidden = {record["by"]} if record["fields"].get("hide_reporter") else set()
    posts = directory.posts_of(conn, writers - hidden, reader.now)
    return {account: Call(post.name, t(f"roles.{post.role}"), post.work_phone or "") for account, post in posts.items()}


def about(conn: Connection, person: Person, record: Json) -> About:
    """What the record is, for somebody who has not opened it."""
    reader = reader_of(conn, person, record)
    fields, type = record["fields"], current().engine.types[record["type"]]
    grid = person.places[record["book"]].name
    if record["type"] != CASE:
        named = str(fields.get("name") or fields.get("label") or _asked(conn, record)[0])
        place = place_of(fields, reader, grid) if fields.get("place_id") else grid
        return About(f"{reader.label(type.labels)} {named}".strip(), place, "", "", "", "")
    photos = fields.get("photos") or {}
    here = arrived(conn, [photos])
    shown = next((sha for sha in sorted(photos) if sha in here), None)
    texts = fields.get("description") or []
    return About(
        title=category_of(fields, type, reader),
        place=place_of(fields, reader, grid),
        no=str(fields.get("no") or ""),
        note=str(texts[-1]["text"]) if texts else "",
        picture=url_for("photos.photo", sha256=shown, size="preview") if shown else "",
        href=url_for("console.case", record=record["id"]),
    )


def waiting(person: Person) -> tuple[list[Item], int]:
    """The oldest conflicts that wait for this person, and how many wait in all."""
    with current().database.read() as conn:
        found = desk.waiting(conn, person)
    records = [current().engine.record(person, id) for id in dict.fromkeys(each.record for each in found[:SHOWN])]
    torn = [(record, conflicts_of(person, record)) for record in records if record]
    items: list[Item] = []
    with current().database.read() as conn:
        for record, conflicts in torn:
            its = about(conn, person, record)
            items += [Item(its, each) for each in letters(conn, person, record, conflicts) if each.may_decide]
    order = {(each.record, each.field, each.key or ""): n for n, each in enumerate(found)}
    items.sort(key=lambda each: order.get((each.dispute.record, each.dispute.field, each.dispute.key), len(order)))
    return items[:SHOWN], len(found)


def last_word(person: Person, record: Json, field: str) -> str:
    """What stands in a field that nobody disputes any more, and who said it last."""
    declared = current().engine.types[record["type"]].by_name.get(field)
    last: Json | None = None
    after: int | None = 0
    while after is not None:
        page = current().engine.history(person, record["id"], after) or {"changes": [], "next": None}
        said = [each for each in page["changes"] if field in (each["set"] or {}) and each["by"] != SERVER]
        last, after = (said[-1] if said else last), page["next"]
    if declared is None or last is None or declared.is_keyed:
        return ""
    with current().database.read() as conn:
        reader = reader_of(conn, person, record, [last])
    value, when = reader.value(declared, record["fields"].get(field)), reader.when(str(last["made_at"]))
    return reader.say("desk.stands", value=value, name=reader.name(last["by"]), when=when.text)
