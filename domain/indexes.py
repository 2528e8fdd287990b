"""What the questions of phones and boards need to be found quickly in the books.

Every index leads with the book. The expressions are those of `json_text`, the same as in the queries: otherwise the
planner would not know them again. tests/domain/test_boards.py asks it whether it does.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Index, text

from domain.json_text import json_text
from sync.tables import parked, record

its = record.c


class Keys:
    """What of a record's JSON is filtered or sorted by."""

    status: Final = json_text(its.fields, "status.status")
    category: Final = json_text(its.fields, "category")
    severity: Final = json_text(its.fields, "severity")
    visibility: Final = json_text(its.fields, "visibility")
    number: Final = json_text(its.fields, "no")
    parent: Final = json_text(its.fields, "parent_id")
    due: Final = json_text(its.fields, "due_at")
    place: Final = json_text(its.sight, "place")


def _where_there_is_one(name: str, key: ColumnElement[str], *more: ColumnElement[Any]) -> Index:
    """Of the records that have this key at all: a visit fills no tree for the number that it does not have.

    Whoever asks for a certain value is understood by both planners to ask for one that is there.
    """
    there = key.is_not(None)
    return Index(name, its.book_id, its.type, key, *more, sqlite_where=there, postgresql_where=there)


# What a list of any type walks along: its newest, or those that stand somewhere. Whatever else is asked of a record is
# looked up in its row: what every record would have to pay for, hardly any question needs.
# Who made it is there for its width: where all else is equal SQLite takes the narrower index, which is TORN for what is
# undecided. Without it the one that was made last would win.
BY_TIME: Final = Index("ix_record_by_time", its.book_id, its.type, its.made_at, its.id, its.by)
BY_STATUS: Final = Index("ix_record_by_status", its.book_id, its.type, Keys.status, its.made_at, its.id)
# Somebody reads a number out on the telephone.
BY_NUMBER: Final = _where_there_is_one("ix_record_by_number", Keys.number, its.made_at, its.id)
# The doors of a unit: what a captain may see is worked out at every call.
BY_PARENT: Final = _where_there_is_one("ix_record_by_parent", Keys.parent)
# Records with several standing writes: few, and each may wait for a decision.
TORN: Final = Index(
    "ix_record_torn",
    its.book_id,
    its.type,
    its.made_at,
    its.id,
    sqlite_where=text("extra IS NOT NULL"),
    postgresql_where=text("extra IS NOT NULL"),
)
HELD: Final = Index(
    "ix_parked_held",
    parked.c.desk_book,
    parked.c.received_at,
    sqlite_where=text("state IN ('held', 'asked')"),
    postgresql_where=text("state IN ('held', 'asked')"),
)
