"""The server's answer to one change, in the form in which it is kept and in the form in which it is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.protocol import Mark, Outcome
from sync.values import Errors


@dataclass(frozen=True, slots=True)
class Receipt:
    """`seq` for what entered the book; `reason` for what did not; `errors` field -> texts in both languages."""

    outcome: Outcome
    seq: int | None = None
    fields: Mapping[str, Mark] = field(default_factory=dict)
    reason: str | None = None
    errors: Errors | None = None

    def wire(self, index: int, change: str | None) -> dict[str, Any]:
        """One element of `receipts`."""
        return {"index": index, "id": change, **self.pack()}

    def pack(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "seq": self.seq,
            "fields": dict(self.fields),
            "reason": self.reason,
            "errors": self.errors,
        }

    @staticmethod
    def unpack(packed: Mapping[str, Any]) -> Receipt:
        return Receipt(**packed)
