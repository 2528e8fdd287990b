"""Which pictures' bytes have come: a page must not ask for one that is still on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from sync.uploads import picture

Arrived = Mapping[str, str]
"""SHA-256 of a named picture -> "full", or "preview" where only the small one that went ahead is here."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`preview` and `full` are addresses; empty while the bytes are on their way."""

    preview: str
    full: str
    alt: str
    caption: str


def arrived(conn: Connection, photos: Iterable[Mapping[str, Any]]) -> Arrived:
    """Of the `photos` fields of some cases, the pictures that can be shown. One question for all of them."""
    previews = {sha: str((entry or {}).get("preview") or "") for each in photos for sha, entry in each.items()}
    wanted = sorted({*previews, *previews.values()} - {""})
    if not wanted:
        return {}
    here = set(conn.execute(select(picture.c.sha256).where(picture.c.sha256.in_(wanted))).scalars())
    sizes = {sha: "full" if sha in here else "preview" if ahead in here else "" for sha, ahead in previews.items()}
    return {sha: size for sha, size in sizes.items() if size}
