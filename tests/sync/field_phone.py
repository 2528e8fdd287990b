"""A phone that does all that the contract asks of one: journal, outbox, restarts, erasures, another epoch, a new sign-in.

It is the toy phone of `toys.py`, grown up, and says at once when a reply breaks what phones rely on (O2, X4).
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from sync.changes import canonical, digest_of
from sync.clock import Clock
from sync.ids import Ids
from tests.sync.toys import Json, Person, Phone, World


class Skewed:
    """A phone's own clock: the world's, and so much wrong."""

    def __init__(self, clock: Clock, wrong: int = 0) -> None:
        self.clock, self.wrong = clock, wrong

    def now(self) -> int:
        return max(self.clock.now() + self.wrong, 0)


class FieldPhone(Phone):
    """One account's database on one phone. `follows` of its person is shared with all devices of the account."""

    def __init__(self, world: World, person: Person, ids: Ids, clock: Skewed) -> None:
        super().__init__(world, person)
        self.ids, self.clock = ids, clock
        self.journal: list[Json] = []
        self.aside: dict[str, Json] = {}
        self.gone: set[str] = set()
        self.complete: set[str] = set()
        """The books of which it holds everything, as of its last reply."""
        self._asked: set[str] | None = set()
        self._unconfirmed: dict[str, set[str]] = {}
        self._new_epoch: set[str] = set()

    def copied(self) -> FieldPhone:
        """Another phone with the same database: a backup of the phone put back on a second one (X7)."""
        twin = FieldPhone(self.world, replace(self.person), self.ids, self.clock)
        twin.person.follows = self.person.follows
        for name in ("epoch", "last", "newest"):
            setattr(twin, name, getattr(self, name))
        for name in (
            "cursors",
            "records",
            "outbox",
            "journal",
            "receipts",
            "aside",
            "gone",
            "_unconfirmed",
            "_new_epoch",
        ):
            setattr(twin, name, copy.deepcopy(getattr(self, name)))
        return twin

    def sign_in_again(self, phone: int) -> None:
        """A new device id; the entries are kept and sent again (X7)."""
        self.person.phone = phone
        self.last = None
        self.outbox = self._all_entries()

    def _all_entries(self) -> list[Json]:
        entries = {each["id"]: each for each in [*self.journal, *self.outbox]}
        return [entries[each] for each in sorted(entries)]

    def request(self, changes: list[Any] | None = None, **more: Any) -> Json:
        push_only = more.get("limit") == 0 or more.get("protocol") == 0
        self._asked = set() if push_only else set(more["only"]) if more.get("only") is not None else None
        return super().request(changes, **more)

    # -- a reply ------------------------------------------------------------------------------------------------------

    def take(self, reply: Json) -> None:
        if reply["reoffer"]:
            assert reply["receipts"] == reply["books"] == [], "L3: a reply that asks again carries nothing else"
            self._offer_again(reply["epoch"])
            return
        self.epoch = reply["epoch"]
        for receipt in reply["receipts"]:
            self._file(receipt)
        self.complete = {each for each in self.cursors if self._asked is None or each in self._asked}
        self.complete -= {*reply["dropped"], *self._unconfirmed}
        for page in reply["books"]:
            self._take_page(page)
        for book in reply["dropped"]:
            if not any(each["book"] == book for each in self.outbox):
                self._drop(book)
        if self._asked is None and not reply["more"]:
            self._drop_what_nobody_names()
        assert not reply["more"] or self.complete != set(self.cursors), "O3: `more` where there is no more"

    def _file(self, receipt: Json) -> None:
        sent = next((each for each in self.outbox if each["id"] == receipt["id"]), None)
        self.receipts[receipt["id"]] = receipt
        self.last = max(self.last or "", receipt["id"])
        if sent:
            self.outbox.remove(sent)
            if sent not in self.journal:
                self.journal.append(sent)

    def _offer_again(self, epoch: str) -> None:
        """L3: the new epoch, no cursors, `last` kept; the journal is sent anew, then the outbox."""
        self.epoch, self.cursors, self.complete = epoch, {}, set()
        self.outbox, self.journal, self.receipts = self._all_entries(), [], {}
        self._new_epoch = {record["book"] for record in self.records.values()}
        self._unconfirmed = {}

    def _take_page(self, page: Json) -> None:
        book, cursor = page["book"], page["cursor"]
        before = self.cursors.get(book)
        anew = page["restart"] or before is None
        assert anew or cursor[0] >= before[0], "O2: a cursor never goes back"
        if anew:
            self._unconfirmed[book] = {each for each, record in self.records.items() if record["book"] == book}
        empty = {record["id"]: record["seq"] for record in page["records"]}
        for record in page["erased"]:
            self._erase(book, record, empty.get(record))
        for record in page["forget"]:
            self._let_go(book, record)
        seqs = [record["seq"] for record in page["records"]]
        assert seqs == sorted(set(seqs)), "O2: once a page, by rising seq"
        for record in page["records"]:
            self._store(book, record, anew)
        self.cursors[book] = cursor
        self.complete.discard(book)
        if cursor[0] == page["head"]:
            self.complete.add(book)
            self._confirm(book)

    def _store(self, book: str, record: Json, anew: bool) -> None:
        assert record["book"] == book, "a page brings records of its own book"
        if "moved_to" in record:
            self._let_go(book, record["id"])
            return
        held = self.records.get(record["id"])
        known = held if held and held["book"] == book and record["id"] not in self._unconfirmed.get(book, ()) else None
        assert not known or anew or record["seq"] >= known["seq"], "O2: never by one with a lower seq"
        self.records[record["id"]] = record
        self.aside.pop(record["id"], None)
        self._unconfirmed.get(book, set()).discard(record["id"])

    def _let_go(self, book: str, record: str) -> None:
        """Of this book; a record of another book under the same id is another matter (S7)."""
        if record in self.records and self.records[record]["book"] == book:
            del self.records[record]

    def _erase(self, book: str, record: str, empty: int | None) -> None:
        """S4: the record, and every entry about it that had not seen that it was erased."""
        self._let_go(book, record)
        self.aside.pop(record, None)

        def goes(entry: Json) -> bool:
            about = entry["book"] == book and entry["record"] == record
            return about and not (empty and entry["seen"] >= empty and entry["epoch"] == self.epoch)

        self.gone |= {each["id"] for each in self.outbox if goes(each)}
        self.outbox = [each for each in self.outbox if not goes(each)]
        self.journal = [each for each in self.journal if not goes(each)]

    def _confirm(self, book: str) -> None:
        """The head is reached: what has not come back goes (S8), or is set aside where the server was restored (L3)."""
        for record in self._unconfirmed.pop(book, ()):
            held = self.records.get(record)
            if held and held["book"] == book:
                del self.records[record]
                if book in self._new_epoch:
                    self.aside[record] = held
        self._new_epoch.discard(book)

    def _drop(self, book: str) -> None:
        """S2: everything for it has been sent, so its records go; the journal stays."""
        self.records = {each: record for each, record in self.records.items() if record["book"] != book}
        self.cursors.pop(book, None)
        self._unconfirmed.pop(book, None)

    def journal_hash(self, change: str) -> str:
        """Of the entry that a receipt is about."""
        entry = next((each for each in self.journal if each["id"] == change), None)
        return digest_of(canonical(entry)) if entry else ""

    def _drop_what_nobody_names(self) -> None:
        """After another epoch the phone has no cursors, so a place that was lost meanwhile is named by no reply: it
        is a book of which everything was asked and nothing came (S2)."""
        for book in {record["book"] for record in self.records.values()} - self.cursors.keys():
            if not any(each["book"] == book for each in self.outbox):
                self._drop(book)

    def of_book(self, book: str) -> dict[str, Any]:
        return {each: record for each, record in self.records.items() if record["book"] == book}
