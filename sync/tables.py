"""What the engine keeps. Every key leads with the book: nothing on the hot path spans two of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from sync.database import Json, metadata

_ID: Final = 36
_IN_ONE_PIECE: Final = {"toast_tuple_target": 4080}
"""On PostgreSQL a row of up to half a page is not packed, nor are its long values moved beside it: that takes longer than
storing it."""

epoch: Final = Table(
    "epoch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(_ID), nullable=False, unique=True),
    Column("started_at", BigInteger, nullable=False),
    comment="One row for each life of this database: the first, and one after every restore (L3).",
)

epoch_head: Final = Table(
    "epoch_head",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("book_id", String(_ID), primary_key=True),
    Column("head", BigInteger, nullable=False),
    comment="How far each book had come when an epoch began.",
)

book: Final = Table(
    "book",
    metadata,
    Column("id", String(_ID), primary_key=True),
    Column("head", BigInteger, nullable=False, default=0),
    Column("head_change", String(_ID)),
    comment="The unit of order and of locking: whoever numbers a change holds this row.",
)

record: Final = Table(
    "record",
    metadata,
    Column("book_id", String(_ID), primary_key=True),
    Column("id", String(_ID), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("schema", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="of the newest change"),
    Column("fields", Json, nullable=False),
    Column("state", Text, nullable=False, comment="the standing writes, see sync/state.py"),
    Column("extra", Json, comment="open conflicts and others, where there are any"),
    Column("by", String(_ID), nullable=False, comment="who created it"),
    Column("made_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("hidden", Boolean, nullable=False, default=False),
    Column("erased", Boolean, nullable=False, default=False),
    Column("sight", Json, nullable=False),
    Column("sights", Json, comment="[[seq, sight] …]: what decided about sight until that seq (forget, S8)"),
    Column("moved_to", String(_ID), comment="the book it lives in now: this row is a stub (S7)"),
    Column("moved_from", String(_ID), comment="the book where it lived before, with its earlier history"),
    Index("ix_record_book_seq", "book_id", "seq", unique=True),
    Index("ix_record_id", "id"),
    postgresql_with=_IN_ONE_PIECE,
)

change: Final = Table(
    "change",
    metadata,
    Column("book_id", String(_ID), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("id", String(_ID), nullable=False),
    Column("record_id", String(_ID), nullable=False),
    Column("device", String(_ID), nullable=False),
    Column("account", String(_ID), nullable=False),
    Column("via", String(_ID)),
    Column("hash", String(64), nullable=False),
    Column("body", Text, comment="the CHANGE as first received; null once erased"),
    Column("writes", Text, comment="the writes it became, see sync/state.py; null once erased"),
    Column("receipt", Text, nullable=False),
    Column("seen", BigInteger, nullable=False, comment="as counted in this epoch (L3)"),
    Column("at", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index("ix_change_book_id", "book_id", "id", unique=True),
    Index("ix_change_book_device", "book_id", "device", "id"),
    Index("ix_change_book_record", "book_id", "record_id", "seq"),
    postgresql_with=_IN_ONE_PIECE,
)

parked: Final = Table(
    "parked",
    metadata,
    Column("book_id", String(_ID), primary_key=True),
    Column("id", String(_ID), primary_key=True),
    Column("hash", String(64), primary_key=True, comment="of the content: an id may be sent with another one (X3)"),
    Column("record_id", String(_ID)),
    Column("device", String(_ID), nullable=False),
    Column("account", String(_ID), nullable=False),
    Column("via", String(_ID)),
    Column("state", String(10), nullable=False, comment="held, refused, asked, let_in, declined"),
    Column("reason", String(40), nullable=False),
    Column("body", Text, comment="the CHANGE whole; null once erased"),
    Column("receipt", Text, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("decided_by", String(_ID), comment="who let it in or declined it"),
    Column("decided_at", BigInteger),
    Column("note", Text, comment="what they said to its author"),
    Column("desk_book", String(_ID), nullable=False, comment="whose people decide: another one once moved (S7)"),
    Column("handed_to", String(_ID), comment="the account on whose desk it lies first"),
    Index("ix_parked_book_record", "book_id", "record_id"),
    Index("ix_parked_account", "account", "received_at"),
    Index("ix_parked_book_device", "book_id", "device", "id"),
)

named: Final = Table(
    "named",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("book_id", String(_ID), primary_key=True),
    Column("record_id", String(_ID), primary_key=True),
    Column("account", String(_ID), primary_key=True, comment="who named it"),
    Column("device", String(_ID), comment="on which the bytes are, if nowhere else"),
    Column("kind", String(10), nullable=False, comment="picture, voice"),
    Column("awaited_since", BigInteger, comment="null once the bytes are here"),
    Index("ix_named_book_record", "book_id", "record_id"),
    Index(
        "ix_named_awaited",
        "account",
        "awaited_since",
        sqlite_where=text("awaited_since IS NOT NULL"),
        postgresql_where=text("awaited_since IS NOT NULL"),
    ),
    comment="Which uploaded bytes a change, accepted or parked, speaks of (P3).",
)

erasure: Final = Table(
    "erasure",
    metadata,
    Column("book_id", String(_ID), primary_key=True),
    Column("record_id", String(_ID), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    comment="What has been erased: to be erased again after a restore, before any phone is answered (S4).",
)
