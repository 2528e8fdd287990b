"""Who decided about a held change, and what has been erased.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("parked", sa.Column("decided_by", sa.String(36), comment="who let it in or declined it"))
    op.add_column("parked", sa.Column("decided_at", sa.BigInteger()))
    op.add_column("parked", sa.Column("note", sa.Text(), comment="what they said to its author"))
    op.create_table(
        "erasure",
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "record_id", name="pk_erasure"),
        comment="What has been erased: to be erased again after a restore, before any phone is answered (S4).",
    )


def downgrade() -> None:
    op.drop_table("erasure")
    for name in ("note", "decided_at", "decided_by"):
        op.drop_column("parked", name)
