"""The pictures that a campaign has asked for, door by door: of the thing, never of people. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from domain.access import Person
from domain.campaign_doors import label_order
from domain.campaign_work import TASK
from domain.json_text import json_text
from sync.tables import record


@dataclass(frozen=True, slots=True)
class DoorPhotos:
    """`photos`: SHA-256 -> entry, as the field of a task has them."""

    place: str
    label: str
    photos: Mapping[str, Any]


def photographed(conn: Connection, person: Person, campaign: str, books: Iterable[str]) -> list[DoorPhotos]:
    """The doors in these books with pictures that this person may see, in the order in which one walks."""
    its = record.c
    mine = and_(its.type == TASK, json_text(its.fields, "campaign_id") == campaign, its.erased.is_(False))
    query = select(its.book_id, its.fields, its.sight).where(its.book_id.in_(sorted(books)), mine)
    found = {}
    for row in conn.execute(query.where(its.hidden.is_(False), its.moved_to.is_(None))):
        photos = {sha: entry for sha, entry in (row.fields.get("photos") or {}).items() if entry}
        if photos and person.sees(row.book_id, TASK, row.sight):
            found[row.fields["place_id"]] = photos
    labels = select(its.id, json_text(its.fields, "label").label("label")).where(its.id.in_(sorted(found)))
    doors = [DoorPhotos(row.id, row.label or "", found[row.id]) for row in conn.execute(labels)]
    return sorted(doors, key=lambda door: (label_order(door.label), door.place))
