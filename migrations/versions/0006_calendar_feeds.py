"""The secret links under which calendars read somebody's own shifts.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_calendar_feed"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_calendar_feed_account_id_account"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feed_token_hash"),
        comment="The secret link under which a calendar reads somebody's own shifts; of the link only a hash.",
    )


def downgrade() -> None:
    op.drop_table("calendar_feed")
