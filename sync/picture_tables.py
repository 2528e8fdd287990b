"""Where the server notes which bytes are on their way, which are here, and which may lie about."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table

from sync.database import metadata

upload: Final = Table(
    "upload",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False, default=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("early", Boolean, nullable=False, default=False, comment="begun before any change named the bytes"),
    Column("refused", String(60), comment="why these bytes can never be taken"),
    Index("ix_upload_account", "account", "sha256"),
    comment="A transfer of one picture or voice note by one account; what has come so far is in a file of this id.",
)

picture: Final = Table(
    "picture",
    metadata,
    Column("sha256", String(64), primary_key=True, comment="of the bytes as the author's device had them"),
    Column("type", String(20), nullable=False),
    Column("bytes", BigInteger, nullable=False, comment="as kept, without metadata"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("blob", String(64), nullable=False, comment="under which name the store has them"),
    Column("claimed_at", BigInteger, nullable=False, comment="when somebody last said that they want them"),
    Column("ms", Integer, comment="length of a voice note"),
    Column("sized_at", BigInteger, comment="when the smaller sizes were made; null: still to be made"),
    Column("preview_bytes", Integer),
    Column("screen_bytes", Integer, comment="null where the picture is no larger than a screen"),
    Column("lost_at", BigInteger, comment="when the store was found not to have them"),
    Index("ix_picture_sized", "sized_at", "stored_at"),
    Index("ix_picture_claimed", "claimed_at"),
    comment="Pictures and voice notes that are here whole.",
)

leftover: Final = Table(
    "leftover",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("noted_at", BigInteger, nullable=False),
    comment="Bytes that may lie in the store though nothing speaks of them: noted before they are put and when they"
    " are let go, crossed out by the transaction that makes them somebody's.",
)
