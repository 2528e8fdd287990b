"""The books, and the people and places around them.

Revision: 0001, the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

TABLES: Final = [
    "book",
    "record",
    "change",
    "parked",
    "named",
    "epoch",
    "epoch_head",
    "place",
    "account",
    "membership",
    "device",
    "session",
    "attempt",
    "upload",
    "picture",
]

INDEXES: Final = (
    ("ix_record_id", "record", "id"),
    ("ix_change_book_device", "change", "book_id, device, id"),
    ("ix_change_book_record", "change", "book_id, record_id, seq"),
    ("ix_parked_account", "parked", "account, received_at"),
    ("ix_parked_book_device", "parked", "book_id, device, id"),
    ("ix_parked_book_record", "parked", "book_id, record_id"),
    ("ix_named_book_record", "named", "book_id, record_id"),
    ("ix_place_parent", "place", "parent_id"),
    ("ix_membership_account", "membership", "account_id"),
    ("ix_membership_place", "membership", "place_id, role"),
    ("ix_device_account", "device", "account_id"),
    ("ix_session_account", "session", "account_id"),
    ("ix_session_device", "session", "device_id"),
    ("ix_upload_account", "upload", "account, sha256"),
)
UNIQUE: Final = (
    ("ix_record_book_seq", "record", "book_id, seq"),
    ("ix_change_book_id", "change", "book_id, id"),
)
PARTIAL: Final = (
    ("ix_record_torn", "record", "book_id, type, made_at, id", "extra IS NOT NULL"),
    ("ix_parked_held", "parked", "book_id, received_at", "state = 'held'"),
)
EXPRESSIONS: Final = (
    ("ix_record_by_time", "book_id, type, made_at, id, {category}, {severity}, {visibility}, {status}"),
    ("ix_record_by_status", "book_id, type, {status}, made_at, id, {category}, {severity}, {visibility}"),
    ("ix_record_by_number", "book_id, type, {number}, made_at, id"),
    ("ix_record_by_parent", "book_id, {parent}"),
)
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


def upgrade() -> None:
    _books()
    _parked()
    _people()
    _devices()
    _pictures()
    _indexes()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _indexes() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns.split(", "))
    for name, table, columns in UNIQUE:
        op.create_index(name, table, columns.split(", "), unique=True)
    for name, table, columns, where in PARTIAL:
        condition = sa.text(where)
        op.create_index(name, table, columns.split(", "), sqlite_where=condition, postgresql_where=condition)
    # The same expressions as domain/json_text.py writes into queries, or the planner would not use them.
    words: Mapping[str, str] = IN_SQLITE if op.get_bind().dialect.name == "sqlite" else IN_POSTGRESQL
    for name, columns in EXPRESSIONS:
        op.execute(f"CREATE INDEX {name} ON record ({columns.format_map(words)})")


def _books() -> None:
    op.create_table(
        "book",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("head_change", sa.String(36)),
        sa.PrimaryKeyConstraint("id", name="pk_book"),
        comment="The unit of order and of locking: whoever numbers a change holds this row.",
    )
    op.create_table(
        "record",
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="of the newest change"),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="the standing writes, see sync/state.py"),
        sa.Column("extra", JSON, comment="open conflicts and others, where there are any"),
        sa.Column("by", sa.String(36), nullable=False, comment="who created it"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("sight", JSON, nullable=False),
        sa.Column("sights", JSON, comment="[[seq, sight] …]: what decided about sight until that seq (forget, S8)"),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_record"),
    )
    op.create_table(
        "change",
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("account", sa.String(36), nullable=False),
        sa.Column("via", sa.String(36)),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), comment="the CHANGE as first received; null once erased"),
        sa.Column("writes", sa.Text(), comment="the writes it became, see sync/state.py; null once erased"),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False, comment="as counted in this epoch (L3)"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "seq", name="pk_change"),
    )


def _parked() -> None:
    op.create_table(
        "parked",
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column(
            "hash", sa.String(64), nullable=False, comment="of the content: an id may be sent with another one (X3)"
        ),
        sa.Column("record_id", sa.String(36)),
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("account", sa.String(36), nullable=False),
        sa.Column("via", sa.String(36)),
        sa.Column("state", sa.String(10), nullable=False, comment="held, refused, let_in, declined"),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), comment="the CHANGE whole; null once erased"),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", "hash", name="pk_parked"),
    )
    op.create_table(
        "named",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("account", sa.String(36), nullable=False, comment="who named it"),
        sa.PrimaryKeyConstraint("sha256", "book_id", "record_id", "account", name="pk_named"),
        comment="Which uploaded bytes a change, accepted or parked, speaks of (P3).",
    )
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_epoch"),
        sa.UniqueConstraint("id", name="uq_epoch_id"),
        comment="One row for each life of this database: the first, and one after every restore (L3).",
    )
    op.create_table(
        "epoch_head",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.String(36), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", "book_id", name="pk_epoch_head"),
        comment="How far each book had come when an epoch began.",
    )


def _people() -> None:
    op.create_table(
        "place",
        sa.Column("id", sa.String(36), nullable=False, comment="also the id of its book"),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("short_label", sa.String(40), nullable=False),
        sa.Column("code", sa.String(12), nullable=False, comment="said aloud in case numbers: LW1-0613-036"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name="fk_place_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
        sa.UniqueConstraint("code", name="uq_place_code"),
        comment="The tree of places that own books.",
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("login", sa.String(60), nullable=False, comment="lower case"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False, comment="argon2id"),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
        comment="Who may sign in.",
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("place_id", sa.String(36), nullable=False),
        sa.Column("unit_id", sa.String(36), comment="a record of the place's book: a building captain's own stairway"),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), comment="null: until further notice"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_membership_account_id"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_membership_place_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        comment="Who is what, where, from when to when.",
    )


def _devices() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_device_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        comment="One person's database on one phone, or a console's. Never shared by two people.",
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False, comment="written at most once a day"),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
        comment="Who is signed in, on which device, until when.",
    )
    op.create_table(
        "attempt",
        sa.Column("key", sa.String(80), nullable=False, comment="hash of a login, or of an address"),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempt"),
        comment="How much of its share of wrong passwords a login or an address has used; it drains by itself.",
    )


def _pictures() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("account", sa.String(36), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload"),
        comment="A transfer of one picture by one account; what has come so far is in a file of this id.",
    )
    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(64), nullable=False, comment="of the bytes as the author's device had them"),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="as kept, without metadata"),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_picture"),
        comment="Pictures that are here whole.",
    )
