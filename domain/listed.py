"""A record as the lists of a desk have it: its row as it stands, whatever its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a list; `made_at` in milliseconds."""

    id: str
    book: str
    seq: int
    by: str
    made_at: int
    fields: Mapping[str, Any]

    @property
    def status(self) -> str:
        """ "" of what has no steps, or has not taken one."""
        return str((self.fields.get("status") or {}).get("status") or "")
