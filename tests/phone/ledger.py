"""What a server and a phone hold, read beside them: the proof that nothing is missing and nothing is there twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from tests.phone.handset import Handset
from web.config import Config


@dataclass(frozen=True)
class Ledger:
    """The book of a server of these tests. Its database is SQLite, and may be read while it runs."""

    config: Config

    def changes(self, words: str) -> list[dict[str, Any]]:
        """Accepted changes that say `words`: their CHANGE with `seq`, `at`, `outcome`."""
        query = "SELECT seq, at, account, device, body, receipt FROM change WHERE body LIKE ? ORDER BY book_id, seq"
        return [_change(row) for row in self._rows(query, f"%{words}%")]

    def parked(self, words: str) -> list[dict[str, Any]]:
        """Held and refused changes that say `words`."""
        query = "SELECT id, state, reason, account, book_id FROM parked WHERE body LIKE ?"
        return [dict(row) for row in self._rows(query, f"%{words}%")]

    def record(self, record: str) -> dict[str, Any]:
        """The fields of a record."""
        (row,) = self._rows("SELECT fields FROM record WHERE id = ?", record)
        return dict(json.loads(row["fields"]))

    def missing_pictures(self, photos: dict[str, dict[str, Any]]) -> list[str]:
        """Those of `photos` (and of their previews) that are not here whole."""
        wanted = {sha for full, photo in photos.items() for sha in (full, photo["preview"])}
        here = {row["sha256"] for row in self._rows("SELECT sha256 FROM picture")}
        return sorted(wanted - here)

    def moments(self, query: str) -> dict[str, int]:
        """What a query for a name and a time in ms finds, by name."""
        return {str(name): int(at) for name, at in self._rows(query)}

    def _rows(self, query: str, *given: str) -> Iterator[sqlite3.Row]:
        with closing(sqlite3.connect(self.config.data / "gridwalk.db", timeout=20)) as conn:
            conn.row_factory = sqlite3.Row
            yield from conn.execute(query, given).fetchall()


def _change(row: sqlite3.Row) -> dict[str, Any]:
    outcome = json.loads(row["receipt"])["outcome"]
    return {
        **json.loads(row["body"]),
        "seq": row["seq"],
        "at": row["at"],
        "device": row["device"],
        "account": row["account"],
        "outcome": outcome,
    }


def arrived_once(ledger: Ledger, note: str, pictures: int) -> dict[str, Any]:
    """A report has come to the server exactly once, whole, with all its pictures. Returns its change."""
    found = ledger.changes(note)
    assert len(found) == 1, f"{note}: {len(found)} changes"
    assert ledger.parked(note) == []
    photos = ledger.record(found[0]["record"]).get("photos", {})
    assert len(photos) == pictures, note
    assert ledger.missing_pictures(photos) == [], note
    return found[0]


def bodies(phone: Handset, table: Any) -> list[dict[str, Any]]:
    """The changes or drafts in a table of the phone."""
    found = [row["body"]["plain"] for row in phone.stored(table)]
    return [body.get("change", body) for body in found]


def saying(phone: Handset, table: Any, words: str) -> list[dict[str, Any]]:
    """Those of them that say `words`."""
    return [body for body in bodies(phone, table) if words in json.dumps(body, ensure_ascii=False)]


def counters_are_true(phone: Handset) -> None:
    """What the pill says is what lies in the tables; the phone stands without a line, so that they stand still."""
    unsent = len(phone.stored("outbox"))
    pictures = sum(row["state"] == "waiting" and row["kind"] == "full" for row in phone.stored("uploads"))
    words = f"还有{unsent}条没传" if unsent else f"还有{pictures}张照片没传" if pictures else "没信号,照常用"
    phone.pill(words)


def stands_at(phone: Handset) -> str:
    """How it stands with the line: "signed out", "done" or "waiting"."""
    pill = phone.page.locator(".top .pill")
    if phone.page.locator("[name=login]").count() or "请登录" in pill.inner_text():
        return "signed out"
    return "done" if "已同步" in pill.inner_text() else "waiting"


def where_it_comes_to(phone: Handset, asked: Callable[[], object]) -> str:
    """Once the server was `asked` (before that, the pill says how it stood with the last sync).

    Remembered as it is first seen: while a call is tried again, the pill says for a moment what still waits.
    """
    seen: list[str] = []

    def known() -> bool:
        if not asked():
            return False
        phone.rests()
        seen.append(stands_at(phone))
        return seen[-1] != "waiting"

    phone.until(known, "it never went on")
    return seen[-1]


def nothing_waits(phone: Handset) -> None:
    """Everything that was written has its receipt, and every picture its confirmation."""
    phone.until(lambda: phone.stored("outbox") == [], "something is never sent")
    phone.pill("已同步")
    assert phone.stored("outbox") == []
    assert {row["state"] for row in phone.stored("uploads")} <= {"done"}
    assert phone.stored("refused") == []
