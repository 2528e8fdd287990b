"""What one batch adds to a book, gathered row by row and stored at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from sync import shelf
from sync.actors import Actor
from sync.changes import Change, Malformed
from sync.draft import Draft
from sync.ids import derived
from sync.judge import Verdict
from sync.merge import Bounds, Incoming
from sync.protocol import REASONS
from sync.receipts import Receipt
from sync.types import RecordType
from sync.values import is_sha256


class Ledger:
    """The rows of accepted and parked changes of one book, and the pictures that they name."""

    def __init__(self, book: str, head: int | None, head_change: str | None, now: int) -> None:
        self.book, self.head, self.now = book, head, now
        self._head_change = head_change
        self._changes: list[dict[str, Any]] = []
        self._parked: list[dict[str, Any]] = []
        self._named: set[shelf.Name] = set()

    def next_seq(self) -> int:
        self.head = (self.head or 0) + 1
        return self.head

    def enter(self, change: Change, actor: Actor, incoming: Incoming, limits: Bounds, receipt: Receipt) -> None:
        """An accepted change, numbered already."""
        self._head_change = change.id
        writes = limits.pack()
        self._changes.append(
            {
                **self._common(change, actor, receipt),
                "record_id": change.record,
                "seq": receipt.seq,
                "writes": orjson.dumps(writes).decode() if writes else None,
                "seen": incoming.seen,
                "at": incoming.at,
                "made_at": change.made_at,
            }
        )

    def park(
        self,
        item: Change | Malformed,
        actor: Actor,
        verdict: Verdict,
        *,
        at: int = 0,
        seen: int = 0,
        desk: str | None = None,
        keep: bool = True,
    ) -> tuple[Receipt, Mapping[str, Any]]:
        """What does not enter the book, kept whole: who, when and why (X6).

        `desk`: the book whose people decide, where it is not this one (S7). `keep`: False where its record is gone,
        for then nothing that is said of it is kept, whatever is wrong with it (S4).
        """
        fate = REASONS[verdict.reason]
        receipt = Receipt(fate, reason=verdict.reason, errors=verdict.errors or None)
        row = {
            **self._common(item, actor, receipt),
            "record_id": item.record,
            "state": fate,
            "reason": verdict.reason,
            "desk_book": desk or self.book,
            "seen": seen,
            "at": at or min(getattr(item, "made_at", self.now), self.now),
        }
        if not keep:
            row["body"] = None
        self._parked.append(row)
        return receipt, row

    def _common(self, item: Change | Malformed, actor: Actor, receipt: Receipt) -> dict[str, Any]:
        return {
            "book_id": self.book,
            "id": item.id or derived("unnamed", actor.device, item.hash),
            "hash": item.hash,
            "device": actor.device,
            "account": actor.account,
            "via": actor.via,
            "body": item.body,
            "receipt": orjson.dumps(receipt.pack()).decode(),
            "received_at": self.now,
        }

    def name_pictures(self, record_type: RecordType, record: str, values: Mapping[str, Any], actor: Actor) -> None:
        """Note which bytes this author may now send (P3): voice notes, pictures, and the previews named with them."""
        for each in record_type.picture_fields:
            entries, kind = values.get(each.name), "voice" if each.sounds else "picture"
            for sha256, entry in entries.items() if isinstance(entries, dict) else ():
                preview = entry.get("preview") if isinstance(entry, dict) else None
                named = (each for each in (sha256, preview) if entry is not None and is_sha256(each))
                self._named |= {(each, record, actor.account, actor.device, kind) for each in named}

    def store(self, conn: Connection, drafts: Iterable[Draft]) -> None:
        """Write everything, a few statements in all."""
        dirty = [draft for draft in drafts if draft.is_dirty]
        fresh = [draft.store(self.book) for draft in dirty if draft.row is None]
        known = [draft.store(self.book) for draft in dirty if draft.row is not None]
        shelf.store_records(conn, fresh, known)
        shelf.store_changes(conn, self._changes)
        shelf.store_parked(conn, self._parked)
        shelf.store_named(conn, self.book, self._named, self.now)
        if self._changes and self.head is not None:
            shelf.move_head(conn, self.book, self.head, self._head_change)
