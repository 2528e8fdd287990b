"""Which pictures and voice notes are named, and not here: asked for again, of those who have them (P2)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from sync.picture_tables import picture, upload
from sync.tables import named

MOST_ASKED: Final = 200
"""How many are asked for at a time."""


def missing(conn: Connection, account: str, device: str) -> list[str]:
    """SHA-256 of the bytes that changes of this account name and that are not here, those of this device first.

    One look into an index that holds only what is awaited. What was refused for good is not asked for again.
    """
    its = named.c
    refused = exists().where(
        upload.c.account == its.account, upload.c.sha256 == its.sha256, upload.c.refused.is_not(None)
    )
    mine = (its.account == account, its.awaited_since.is_not(None), ~is_here(), ~refused)
    own_first = func.max(case((its.device == device, 1), else_=0)).desc()
    order = (own_first, func.max(its.awaited_since).desc(), its.sha256)
    query = select(its.sha256).where(*mine).group_by(its.sha256).order_by(*order).limit(MOST_ASKED)
    return list(conn.execute(query).scalars())


def is_here() -> ColumnElement[bool]:
    """Are the bytes that a row of `named` speaks of here?"""
    return exists().where(picture.c.sha256 == named.c.sha256, picture.c.lost_at.is_(None))
