"""Where phones are nudged to look, and how far the books have been looked through for it.

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_mark",
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="pk_push_mark"),
        comment="How far each book has been looked through for what somebody should be nudged about.",
    )
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False, comment="the address at the phone's push service"),
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("p256dh", sa.String(120), nullable=False, comment="the phone's public key"),
        sa.Column("auth", sa.String(40), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False, comment="minutes of the place's day"),
        sa.Column("quiet_to", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.String(60), nullable=False, comment="topics held back until the quiet hours are over"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscription"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_push_subscription_account_id_account"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_push_subscription_device_id_device"),
        sa.UniqueConstraint("device_id", name="uq_push_subscription_device_id"),
        sa.UniqueConstraint("endpoint_hash", name="uq_push_subscription_endpoint_hash"),
        comment="Where a phone that asked for it is nudged to look. Nothing personal is ever sent there.",
    )
    op.create_index("ix_push_subscription_account", "push_subscription", ["account_id"])


def downgrade() -> None:
    op.drop_index("ix_push_subscription_account", table_name="push_subscription")
    op.drop_table("push_subscription")
    op.drop_table("push_mark")
