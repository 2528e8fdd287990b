"""Who asks whether the invariants hold, and how what the database keeps is read for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from sync.ids import derived
from tests.sync.island import BOOKS, Island
from tests.sync.memory import Row
from tests.sync.oracle import Fact
from tests.sync.toys import lead

LEAD = lead().account
SERVER = derived("server")


class Broken(AssertionError):
    """An invariant does not hold; `invariant` is its name."""

    def __init__(self, invariant: str, why: str) -> None:
        super().__init__(f"{invariant}: {why}")
        self.invariant = invariant


class Watch:
    """Asks after every act, and remembers what it must to notice that something has changed which never may."""

    def __init__(self, island: Island, step: Sequence[Invariant], end: Sequence[Invariant]) -> None:
        self.step, self.end = step, end
        self.island, self.world = island, island.world
        self.epoch = 1
        self.heads: dict[str, int] = dict.fromkeys(BOOKS, 0)
        self.asked = 0
        self.receipts: dict[tuple[str, str, str], str] = {}
        self.changes: dict[tuple[str, int], tuple[str, str]] = {}

    def after_step(self) -> None:
        if self.epoch != self.island.epochs:
            self.epoch, self.receipts, self.changes = self.island.epochs, {}, {}
            self.heads = dict.fromkeys(BOOKS, 0)
        self._ask(self.step)
        self.heads = {row["id"]: row["head"] for row in self.world.look("SELECT id, head FROM book")}

    def at_the_end(self) -> None:
        self.heads = dict.fromkeys(BOOKS, 0)
        self._ask(self.step)
        self._ask(self.end)

    def _ask(self, invariants: Sequence[Invariant]) -> None:
        for invariant in invariants:
            self.asked += 1
            for why in invariant(self):
                raise Broken(invariant.__name__, why)

    def state(self) -> int:
        """A number for where everybody stands: the books, what is parked, and what each phone holds and waits for."""
        server = [tuple(row.values()) for query in _EVERYTHING for row in self.world.look(query)]
        phones = [
            (
                phone.epoch,
                str(phone.cursors),
                len(phone.outbox),
                *sorted((each, record["seq"]) for each, record in phone.records.items()),
            )
            for phone in self.island.phones
        ]
        return hash((*server, *phones))

    def touched(self) -> Iterator[Row]:
        """The records that have changed since the last step."""
        for book, head in self.heads.items():
            yield from self.world.look("SELECT * FROM record WHERE book_id = ? AND seq > ?", book, head)

    def history_of(self, row: Row) -> list[Row]:
        query = "SELECT * FROM change WHERE book_id = ? AND record_id = ? ORDER BY seq"
        return self.world.look(query, row["book_id"], row["id"])


_EVERYTHING = (
    "SELECT id, head, head_change FROM book",
    "SELECT book_id, id, seq, state, hidden, erased FROM record ORDER BY book_id, id",
    "SELECT id, state FROM parked ORDER BY id",
)
Invariant = Callable[[Watch], Iterator[str]]


# -- helpers ------------------------------------------------------------------------------------------------------------


def fact_of(row: Row) -> Fact:
    """A row of `change` as the oracle takes it. Toys: only a lead who speaks for themselves decides, and the server."""
    body = orjson.loads(row["body"]) if row["body"] else {}
    decides = (row["account"] == LEAD and row["via"] is None) or row["account"] == SERVER
    return Fact(
        row["id"], row["device"], row["account"], row["seq"], row["at"], row["seen"], body.get("set") or {},
        body.get("void"), decides,
    )  # fmt: skip


def since_erased(history: list[Row]) -> list[Row]:
    """Of what was erased and has begun again (a derived id), what was said since."""
    last = max((each["seq"] for each in history if each["body"] is None), default=0)
    return [each for each in history if each["seq"] > last]


def is_own(other: Row, each: Row) -> bool:
    return bool(other["device"] == each["device"] and other["id"] < each["id"])


def own_held(watch: Watch, each: Row) -> list[int]:
    query = "SELECT at FROM parked WHERE record_id = ? AND device = ? AND id < ? AND body IS NOT NULL"
    return [row["at"] + 1 for row in watch.world.look(query, each["record_id"], each["device"], each["id"])]


def shown_of(read: Any) -> dict[str, Any]:
    return {each: getattr(read, each) for each in ("fields", "conflicts", "others", "hidden")}


def kept_of(row: Row) -> dict[str, Any]:
    extra = orjson.loads(row["extra"]) if row["extra"] else {}
    return {
        "fields": orjson.loads(row["fields"]),
        "conflicts": extra.get("conflicts", {}),
        "others": extra.get("others", {}),
        "hidden": bool(row["hidden"]),
    }
