"""Transfers that run out, smaller sizes made by a job, voice notes, and which bytes are still awaited from whom.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WEEK = 7 * 24 * 3600 * 1000
NEW_IN_PICTURE = ("lost_at", "screen_bytes", "preview_bytes", "sized_at", "ms", "claimed_at", "blob")


def upgrade() -> None:
    _widen_upload()
    _widen_picture()
    op.add_column("named", sa.Column("device", sa.String(36), comment="on which the bytes are, if nowhere else"))
    kind = sa.Column("kind", sa.String(10), nullable=False, server_default="picture", comment="picture, voice")
    op.add_column("named", kind)
    op.add_column("named", sa.Column("awaited_since", sa.BigInteger(), comment="null once the bytes are here"))
    # From which device is not known any more; whoever of the account has the bytes may send them.
    op.execute("UPDATE named SET awaited_since = 0 WHERE sha256 NOT IN (SELECT sha256 FROM picture)")
    op.execute("CREATE INDEX ix_named_awaited ON named (account, awaited_since) WHERE awaited_since IS NOT NULL")
    op.create_table(
        "leftover",
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_leftover"),
        comment="Bytes that may lie in the store though nothing speaks of them: noted before they are put and when they"
        " are let go, crossed out by the transaction that makes them somebody's.",
    )


def _widen_upload() -> None:
    op.add_column("upload", sa.Column("expires_at", sa.BigInteger(), nullable=False, server_default="0"))
    early = "begun before any change named the bytes"
    op.add_column("upload", sa.Column("early", sa.Boolean(), nullable=False, server_default=sa.false(), comment=early))
    op.add_column("upload", sa.Column("refused", sa.String(60), comment="why these bytes can never be taken"))
    op.execute(f"UPDATE upload SET expires_at = created_at + {WEEK}")


def _widen_picture() -> None:
    blob = sa.Column(
        "blob", sa.String(64), nullable=False, server_default="", comment="under which name the store has them"
    )
    said = "when somebody last said that they want them"
    claimed = sa.Column("claimed_at", sa.BigInteger(), nullable=False, server_default="0", comment=said)
    made = "when the smaller sizes were made; null: still to be made"
    op.add_column("picture", blob)
    op.add_column("picture", claimed)
    op.add_column("picture", sa.Column("ms", sa.Integer(), comment="length of a voice note"))
    op.add_column("picture", sa.Column("sized_at", sa.BigInteger(), comment=made))
    op.add_column("picture", sa.Column("preview_bytes", sa.Integer()))
    no_larger = "null where the picture is no larger than a screen"
    op.add_column("picture", sa.Column("screen_bytes", sa.Integer(), comment=no_larger))
    op.add_column("picture", sa.Column("lost_at", sa.BigInteger(), comment="when the store was found not to have them"))
    # Until now the name in the store was the hash itself.
    op.execute("UPDATE picture SET blob = sha256, claimed_at = stored_at")
    op.create_index("ix_picture_sized", "picture", ["sized_at", "stored_at"])
    op.create_index("ix_picture_claimed", "picture", ["claimed_at"])


def downgrade() -> None:
    # The server of 0003 looks for a picture under its hash: it does not find what has been stored since.
    op.drop_table("leftover")
    op.drop_index("ix_named_awaited", "named")
    for name in ("awaited_since", "kind", "device"):
        op.drop_column("named", name)
    for index in ("ix_picture_claimed", "ix_picture_sized"):
        op.drop_index(index, "picture")
    for name in NEW_IN_PICTURE:
        op.drop_column("picture", name)
    for name in ("refused", "early", "expires_at"):
        op.drop_column("upload", name)
