"""Toy record types, people and phones: the engine knows no patrol, so its tests know none either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from sync.actors import Access
from sync.clock import FixedClock, to_text
from sync.database import Database, connect
from sync.engine import Engine
from sync.ids import Ids, derived
from sync.types import Choice, Field, Moment, RecordType, Sight, Step, Values

START = 1_781_340_000_000
"""2026-06-13T08:40:00Z."""
BOOK, OTHER_BOOK = derived("book", "one"), derived("book", "two")
Json = dict[str, Any]


def words(text: str) -> dict[str, str]:
    return {"zh-CN": text, "en": text}


def a_field(name: str, rule: Any, kind: Any = "text", example: Any = "x", **more: Any) -> Field:
    return Field(name=name, rule=rule, kind=kind, labels=words(name), personal="P1", example=example, **more)


STATES = (("open", 10), ("working", 20), ("paused", 20), ("done", 30), ("dropped", 30))
LEADS, ANYBODY = frozenset({"lead"}), frozenset({"member", "lead"})


def toy_sight(fields: Values, by: str) -> Sight:
    return {"by": by, "secret": fields.get("level") == "secret"}


def toy_judge(before: Values | None, written: Mapping[str, Any], roles: frozenset[str]) -> str | None:
    """A locked toy takes no new title."""
    return "not_allowed" if before and before.get("level") == "locked" and "title" in written else None


def toy_react(moment: Moment, before: Values | None, after: Values) -> Mapping[str, Any]:
    return {"number": f"T-{moment.seq}"} if before is None and after.get("wants_number") else {}


def from_schema_1(values: Json) -> Json:
    """Schema 1 had the title in capitals, under another name."""
    title = {"title": values["old_title"].lower()} if "old_title" in values else {}
    return {name: each for name, each in values.items() if name != "old_title"} | title


TOY = RecordType(
    name="toy",
    labels=words("toy"),
    purpose=words("play"),
    retention_days=30,
    phone_days=30,
    schema=2,
    creators=ANYBODY,
    voiders=LEADS,
    upgrades={1: from_schema_1},
    sight=toy_sight,
    judge=toy_judge,
    react=toy_react,
    fields=(
        a_field("kind", "fixed", deciders=LEADS),
        a_field("title", "latest"),
        a_field("finder", "first"),
        a_field("started", "least", "instant", "2026-06-13T08:40:12.123Z"),
        a_field("rank", "most", "integer", 3),
        a_field("severity", "most", "enum", "low", choices=tuple(Choice(each, words(each)) for each in ("low", "mid", "high")),
                order=("low", "mid", "high")),
        a_field("status", "furthest", "step", {"from": None, "to": "open", "cycle": 1}, deciders=LEADS,
                choices=tuple(Choice(name, words(name), rank) for name, rank in STATES), ends=frozenset({"done", "dropped"})),
        a_field("tags", "collect"),
        a_field("photos", "collect", "json", {"a" * 64: {"bytes": 1}}, pictures=True),
        a_field("ticks", "most", "boolean", {"door": True}, keyed=True, order=(False, True)),
        a_field("notes", "keep_all", example={"text": "x"}),
        a_field("name", "ask", deciders=LEADS),
        a_field("price", "owner", "integer", 3, writers=LEADS),
        a_field("number", "server"),
        a_field("level", "latest"),
        a_field("wants_number", "latest", "boolean", True),
        a_field("reason", "latest"),
    ),
    steps=(
        Step(None, "open", ANYBODY),
        Step("open", "working", ANYBODY),
        Step("working", "paused", ANYBODY),
        Step("paused", "working", ANYBODY),
        Step("working", "done", ANYBODY),
        Step("open", "done", ANYBODY),
        Step("open", "dropped", LEADS, requires=("reason",)),
        Step("working", "dropped", LEADS, requires=("reason",)),
        Step("done", "working", ANYBODY, cycle=1),
    ),
)  # fmt: skip
BOX = RecordType(
    name="box", labels=words("box"), purpose=words("play"), retention_days=None, phone_days=30, creators=LEADS,
    fields=(a_field("label", "latest", required=True),),
)  # fmt: skip
DUTY = RecordType(
    name="duty", labels=words("duty"), purpose=words("play"), retention_days=None, phone_days=30, creators=ANYBODY,
    derived_id=True, fields=(a_field("who", "latest"),),
)  # fmt: skip
TYPES = {"toy": TOY, "box": BOX, "duty": DUTY}


@dataclass
class Person:
    """A toy actor: what it may do is simply said."""

    name: str
    phone: int = 1
    held_roles: frozenset[str] = frozenset({"member"})
    follows: dict[str, Access] = field(default_factory=lambda: {BOOK: "write"})
    sees_secrets: bool = True
    via: str | None = None
    server: bool = False

    @property
    def account(self) -> str:
        return derived("account", self.name)

    @property
    def device(self) -> str:
        return derived("device", self.name, str(self.phone))

    def books(self) -> Mapping[str, Access]:
        return self.follows

    def scope(self, book: str) -> str:
        return "all" if self.sees_secrets else "open"

    def entitled(self, book: str, type_name: str, sight: Sight | None) -> bool:
        return self.follows.get(book) == "write"

    def roles(self, book: str, type_name: str, sight: Sight | None) -> frozenset[str]:
        return self.held_roles

    def sees(self, book: str, type_name: str, sight: Sight) -> bool:
        return self.sees_secrets or not sight.get("secret")


def lead(name: str = "lead") -> Person:
    return Person(name, held_roles=frozenset({"member", "lead"}))


class World:
    """One server with two books, and a clock that moves one second with every change made.

    `url` is that of a database with the engine's tables and nothing in them.
    """

    def __init__(self, url: str, patience: float = 20) -> None:
        self.clock = FixedClock(START)
        self.database = Database(connect(url, patience), patience)
        self.engine = Engine(self.database, TYPES, self.clock)
        with self.database.write() as conn:
            for book in (BOOK, OTHER_BOOK):
                self.engine.open_book(conn, book)

    def phone(self, person: Person) -> Phone:
        return Phone(self, person)

    def ask(self, person: Person, request: Json) -> Json:
        """The reply to a sync call, as it comes over the line."""
        reply: Json = orjson.loads(orjson.dumps(self.engine.sync(person, request)))
        return reply

    def record(self, person: Person, record: str) -> Json:
        found = self.engine.record(person, record)
        assert found is not None
        return found

    @property
    def kind(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.database.sql_engine.dialect.name

    def rows(self, table: Any) -> list[Mapping[str, Any]]:
        with self.database.read() as conn:
            return [dict(row) for row in conn.execute(table.select().order_by(*table.primary_key)).mappings()]


class Phone:
    """A plain client of the wire protocol: it keeps what it must and sends what it has."""

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person = world, person
        self.ids = Ids(world.clock)
        self.epoch: str | None = None
        self.last: str | None = None
        self.newest: str | None = None
        self.cursors: dict[str, list[Any]] = {}
        self.records: dict[str, Json] = {}
        self.outbox: list[Json] = []
        self.receipts: dict[str, Json] = {}

    def write(self, record: str, values: Json | None = None, **more: Any) -> Json:
        """Save one change on the phone. `seen` is what was pulled, unless it is given."""
        self.world.clock.move(1000)
        held = self.records.get(record)
        change: Json = {
            "id": self.ids.new(),
            "book": BOOK,
            "record": record,
            "type": "toy",
            "schema": 2,
            "epoch": self.epoch,
            "seen": held["seq"] if held else 0,
            "made_at": to_text(self.world.clock.now()),
            "set": values or {},
            **more,
        }
        self.newest = change["id"]
        self.outbox.append(change)
        return change

    def create(self, record: str, values: Json, **more: Any) -> Json:
        return self.write(record, values, create=True, **more)

    def request(self, changes: list[Any] | None = None, **more: Any) -> Json:
        return {
            "protocol": 1,
            "device": self.person.device,
            "epoch": self.epoch,
            "last": self.last,
            "newest": self.newest,
            "cursors": self.cursors,
            "changes": self.outbox if changes is None else changes,
            **more,
        }

    def sync(self, **more: Any) -> Json:
        """One round trip, and everything that the reply says is done."""
        reply = self.world.ask(self.person, self.request(**more))
        self.take(reply)
        return reply

    def take(self, reply: Json) -> None:
        self.epoch = reply["epoch"]
        for receipt in reply["receipts"]:
            if receipt["id"]:
                self.receipts[receipt["id"]] = receipt
                self.last = max(self.last or "", receipt["id"])
        self.outbox = [each for each in self.outbox if each["id"] not in self.receipts]
        for page in reply["books"]:
            if page["restart"]:
                self.records = {each: record for each, record in self.records.items() if record["book"] != page["book"]}
            for gone in page["erased"] + page["forget"]:
                self.records.pop(gone, None)
            for record in page["records"]:
                self.records[record["id"]] = record
            self.cursors[page["book"]] = page["cursor"]

    def said(self, change: Json) -> Json:
        """The receipt of a change."""
        return self.receipts[change["id"]]

    def edit(self, record: str, values: Json | None = None, **more: Any) -> Json:
        """Write, sync, and give the receipt."""
        change = self.write(record, values, **more)
        self.sync()
        return self.said(change)


class MakeWorld(Protocol):
    """`patience`: seconds that a writer waits for a book."""

    def __call__(self, patience: float = 20) -> World: ...
