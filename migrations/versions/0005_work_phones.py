"""The number at which colleagues may ring somebody.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    given = "given by the person, for colleagues; never a private number"
    op.add_column("account", sa.Column("work_phone", sa.String(40), comment=given))


def downgrade() -> None:
    op.drop_column("account", "work_phone")
