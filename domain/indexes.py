"""What the questions of phones and boards need to be found quickly in the books.

Every index leads with the book. The expressions are those of `json_text`, the same as in the queries: otherwise the
planner would not know them again. tests/domain/test_boards.py asks it whether it does.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Index, text

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


# The list of cases, newest first; the trailing columns let a filter be checked without fetching the record.
BY_TIME: Final = Index(
    "ix_record_by_time",
    its.book_id,
    its.type,
    its.made_at,
    its.id,
    Keys.category,
    Keys.severity,
    Keys.visibility,
    Keys.status,
)
# Open cases are few among all there ever were.
BY_STATUS: Final = Index(
    "ix_record_by_status",
    its.book_id,
    its.type,
    Keys.status,
    its.made_at,
    its.id,
    Keys.category,
    Keys.severity,
    Keys.visibility,
)
# Somebody reads a number out on the telephone.
BY_NUMBER: Final = Index("ix_record_by_number", its.book_id, its.type, Keys.number, its.made_at, its.id)
# The doors of a unit: what a captain may see is worked out at every call.
BY_PARENT: Final = Index("ix_record_by_parent", its.book_id, Keys.parent)
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
