"""A record goes only into the indexes of keys that it has: a visit fills two of these trees, not four.

Revision: 0008, after 0007.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The same expressions as domain/json_text.py writes into queries, or the planner would not use them.
IN_SQLITE: Final = {
    "status": "json_extract(fields, '$.status.status')",
    "category": "json_extract(fields, '$.category')",
    "severity": "json_extract(fields, '$.severity')",
    "visibility": "json_extract(fields, '$.visibility')",
    "number": "json_extract(fields, '$.no')",
    "parent": "json_extract(fields, '$.parent_id')",
}
IN_POSTGRESQL: Final = {
    "status": "(fields -> 'status' ->> 'status')",
    "category": "(fields ->> 'category')",
    "severity": "(fields ->> 'severity')",
    "visibility": "(fields ->> 'visibility')",
    "number": "(fields ->> 'no')",
    "parent": "(fields ->> 'parent_id')",
}
BEFORE: Final = {
    "ix_record_by_time": "(book_id, type, made_at, id, {category}, {severity}, {visibility}, {status})",
    "ix_record_by_status": "(book_id, type, {status}, made_at, id, {category}, {severity}, {visibility})",
    "ix_record_by_number": "(book_id, type, {number}, made_at, id)",
    "ix_record_by_parent": "(book_id, {parent})",
}
AFTER: Final = {
    "ix_record_by_time": '(book_id, type, made_at, id, "by")',
    "ix_record_by_status": "(book_id, type, {status}, made_at, id)",
    "ix_record_by_number": "(book_id, type, {number}, made_at, id) WHERE {number} IS NOT NULL",
    "ix_record_by_parent": "(book_id, type, {parent}) WHERE {parent} IS NOT NULL",
}


def upgrade() -> None:
    _replace(AFTER)


def downgrade() -> None:
    _replace(BEFORE)


def _replace(by: Mapping[str, str]) -> None:
    words = IN_SQLITE if op.get_bind().dialect.name == "sqlite" else IN_POSTGRESQL
    for name, what in by.items():
        op.drop_index(name, table_name="record")
        op.execute(f"CREATE INDEX {name} ON record {what.format_map(words)}")
