"""What must hold after every power cut: no receipt without its change, nothing twice, no gap, everybody agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import func, select

from domain.records import TYPES
from sync import tables
from sync.changes import canonical
from sync.database import Database, connect
from sync.draft import recall
from sync.merge import view
from sync.picture_tables import picture
from sync.pictures import clean
from sync.state import replay
from tests.torture.handset import Handset, Json, sha
from web.app import blobs_of
from web.config import Config

Row = Mapping[str, Any]


class Audit:
    """Reads the database itself, beside the server."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.database = Database(connect(config.database_url))

    def close(self) -> None:
        self.database.sql_engine.dispose()

    # -- after every cut ------------------------------------------------------------------------------------------

    def quick(self, phones: Sequence[Handset]) -> Counter[str]:
        """The books have no gap, and every receipt given since the last look stands for what is there. Counts what
        the cut left committed, but unanswered."""
        told: Counter[str] = Counter()
        self.database.sql_engine.dispose()  # whatever was cut off with the server
        with self.database.read() as conn:
            its = tables.change.c
            counted = select(its.book_id, func.count(), func.max(its.seq)).group_by(its.book_id)
            books = {row[0]: (row[1], row[2]) for row in conn.execute(counted)}
            for book, head in conn.execute(select(tables.book.c.id, tables.book.c.head)):
                assert books.get(book, (0, None)) == (head, head or None), f"O1: {book} has {books.get(book)}, {head}"
            for phone in phones:
                waiting = list(phone.keeps.outbox)[:500]
                here = conn.execute(select(its.id).where(its.id.in_(waiting))).scalars().all()
                told["committed, not answered"] += len(here)
                newest = list(phone.keeps.receipts)[-200:]
                self._are_there(conn, {each: phone.keeps.receipts[each] for each in newest})
        return told

    def _are_there(self, conn: Any, receipts: Mapping[str, Json]) -> None:
        found: Counter[str] = Counter()
        for table in (tables.change, tables.parked):
            query = select(table.c.id, table.c.receipt).where(table.c.id.in_(list(receipts)))
            for change, stored in conn.execute(query):
                found[change] += 1
                _same_receipt(change, receipts[change], stored)
        wrong = {change: found[change] for change in receipts if found[change] != 1}
        assert not wrong, f"X1: receipted, but there so many times: {wrong}"

    # -- when everybody is quiet ----------------------------------------------------------------------------------

    def whole(self, phones: Sequence[Handset]) -> None:
        """Everything: to be called when all phones have sent what they had."""
        with self.database.read() as conn:
            changes = [dict(row) for row in conn.execute(select(tables.change)).mappings()]
            parked = [dict(row) for row in conn.execute(select(tables.parked)).mappings()]
            records = [dict(row) for row in conn.execute(select(tables.record)).mappings()]
            books = {row.id: row for row in conn.execute(select(tables.book))}
        self._each_once(phones, changes, parked)
        _gap_free(changes, books)
        _fields_follow(changes, records)
        for phone in phones:
            self._pictures_are_here(phone)

    def _each_once(self, phones: Sequence[Handset], changes: Iterable[Row], parked: Iterable[Row]) -> None:
        there: dict[str, list[Row]] = {}
        for row in (*changes, *parked):
            there.setdefault(row["id"], []).append(row)
        for phone in phones:
            assert phone.keeps.receipts.keys() == phone.keeps.written.keys(), "a change without an answer"
            for change, content in phone.keeps.written.items():
                found = there.get(change, [])
                assert len(found) == 1, f"X2: {change} is there {len(found)} times"
                assert found[0]["device"] == phone.device
                assert found[0]["body"] == canonical(content).decode(), f"X6: {change} is not what was sent"
                _same_receipt(change, phone.keeps.receipts[change], found[0]["receipt"])

    def _pictures_are_here(self, phone: Handset) -> None:
        blobs = blobs_of(self.config)
        with self.database.read() as conn:
            its = picture.c
            here = {
                row.sha256: row.blob for row in conn.execute(select(its.sha256, its.blob).where(its.lost_at.is_(None)))
            }
        for sha256, data in phone.keeps.confirmed.items():
            assert sha256 in here, f"P2: {sha256} was confirmed and is not here"
            kept = blobs.get(f"pictures/{sha256[:2]}/{here[sha256]}.full")
            assert sha256 == sha(data)
            assert kept == clean(data).data, f"P2: {sha256} is not whole"


def _same_receipt(change: str, given: Json, stored: str) -> None:
    kept = orjson.loads(stored)
    assert {name: given[name] for name in kept} == kept, f"X2: {change} was told {given}, kept is {kept}"


def _gap_free(changes: Iterable[Row], books: Mapping[str, Any]) -> None:
    seqs: dict[str, dict[int, str]] = {book: {} for book in books}
    for row in changes:
        seqs.setdefault(row["book_id"], {})[row["seq"]] = row["id"]
    for book, row in books.items():
        assert sorted(seqs[book]) == list(range(1, row.head + 1)), f"O1: {book} has a gap"
        assert seqs[book].get(row.head) == row.head_change


def _fields_follow(changes: Iterable[Row], records: Iterable[Row]) -> None:
    """What is kept of each record is what its history says (M1)."""
    histories: dict[str, list[Row]] = {}
    for row in sorted(changes, key=lambda each: int(each["seq"])):
        histories.setdefault(row["record_id"], []).append(row)
    for row in records:
        record_type = TYPES[row["type"]]
        shown = view(record_type, replay(record_type, [recall(record_type, each) for each in histories[row["id"]]]))
        assert shown.fields == row["fields"], f"M1: {row['id']}"
        assert row["seq"] == histories[row["id"]][-1]["seq"]
