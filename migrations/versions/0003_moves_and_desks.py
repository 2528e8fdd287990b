"""Records that moved to another book, and on whose desk a parked change lies.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOVED_TO = "the book it lives in now: this row is a stub (S7)"
MOVED_FROM = "the book where it lived before, with its earlier history"
DESK_BOOK = "whose people decide: another one once moved (S7)"
HANDED_TO = "the account on whose desk it lies first"


def upgrade() -> None:
    op.add_column("record", sa.Column("moved_to", sa.String(36), comment=MOVED_TO))
    op.add_column("record", sa.Column("moved_from", sa.String(36), comment=MOVED_FROM))
    op.add_column("parked", sa.Column("desk_book", sa.String(36), nullable=False, server_default="", comment=DESK_BOOK))
    op.add_column("parked", sa.Column("handed_to", sa.String(36), comment=HANDED_TO))
    op.execute("UPDATE parked SET desk_book = book_id")
    op.drop_index("ix_parked_held", "parked")
    op.execute("CREATE INDEX ix_parked_held ON parked (desk_book, received_at) WHERE state IN ('held', 'asked')")


def downgrade() -> None:
    op.drop_index("ix_parked_held", "parked")
    for name in ("handed_to", "desk_book"):
        op.drop_column("parked", name)
    for name in ("moved_from", "moved_to"):
        op.drop_column("record", name)
    op.execute("CREATE INDEX ix_parked_held ON parked (book_id, received_at) WHERE state = 'held'")
