"""On PostgreSQL a row of up to half a page stays in one piece, as it is.

From about 2,000 bytes on PostgreSQL packs a row's long values, and then moves them to a table beside it: an ordinary
visit is of that size, and a third of the time of storing it went there. What is stored already stays as it lies.

Revision: 0009, after 0008.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _each("SET (toast_tuple_target = 4080)")


def downgrade() -> None:
    _each("RESET (toast_tuple_target)")


def _each(what: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("record", "change"):
            op.execute(f"ALTER TABLE {table} {what}")
