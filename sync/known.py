"""What a book knows already of the changes of a batch: their receipts, and what is parked about their records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from sync import shelf
from sync.changes import Change, Malformed
from sync.judge import Verdict
from sync.receipts import Receipt

Row = Mapping[str, Any]
_NOT_ABOUT_A_RECORD: Final = frozenset({"malformed", "too_large", "id_reused", "gone"})


class Known:
    """Receipts by change id, and parked changes by what they are about; grows as the batch is taken."""

    def __init__(self) -> None:
        self._receipts: dict[str, list[tuple[str, Receipt]]] = {}
        self._parked: list[Row] = []

    def recall(self, conn: Connection, book: str, items: Sequence[Change | Malformed]) -> None:
        """Read all that the book holds of these changes; what was parked first answers first (S6)."""
        ids = {item.id for item in items if item.id}
        records = {item.record for item in items if item.record}
        for row in shelf.parked_about(conn, book, ids, records):
            if row["id"] in ids:
                self.answered(row["id"], row["hash"], Receipt.unpack(orjson.loads(row["receipt"])))
            self.parked(row)
        for row in shelf.receipts(conn, book, ids):
            self.answered(row["id"], row["hash"], Receipt.unpack(orjson.loads(row["receipt"])))

    def answered(self, change: str, digest: str, receipt: Receipt) -> None:
        self._receipts.setdefault(change, []).append((digest, receipt))

    def parked(self, row: Row) -> None:
        if row["body"] and row["reason"] not in _NOT_ABOUT_A_RECORD:
            self._parked.append(row)

    def answer(self, item: Change | Malformed) -> Receipt | None:
        """The receipt that this very content has had (X2)."""
        return next((receipt for digest, receipt in self._receipts.get(item.id or "", ()) if digest == item.hash), None)

    def has(self, change: str | None) -> bool:
        """Has the id been used, for whatever content (X3)?"""
        return change in self._receipts

    def fate_of_creation(self, record: str) -> Verdict:
        """What becomes of a change whose record is not in the book: the same as of its creation (X5)."""
        creations = [row for row in self._parked if row["record_id"] == record and _body(row).get("create") is True]
        held = next((row for row in creations if row["state"] == "held"), None)
        if held:
            return Verdict(held["reason"])
        return Verdict("needs", {"needs": [creations[-1]["id"] if creations else record]})

    def own_held(self, change: Change, device: str) -> Iterator[tuple[Row, Mapping[str, Any]]]:
        """The device's earlier changes of the same record that were held, with their bodies."""
        for row in self._parked:
            own = row["record_id"] == change.record and row["device"] == device and row["id"] < change.id
            if own and row["state"] in ("held", "let_in"):
                yield row, _body(row)


def _body(row: Row) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(row["body"])
    return body


def is_copied(own: Collection[str], last_sent: str, newest: str, sent: Collection[str]) -> bool:
    """Does the book hold ids of this device that this database never made, or has skipped (X7)?

    `own` are the device's ids above its last receipt; `last_sent` the batch's newest; `newest` the newest ever made.
    """
    return any(each > newest or (each <= last_sent and each not in sent) for each in own)
