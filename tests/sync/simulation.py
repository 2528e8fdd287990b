"""A small world in which everything goes wrong, by a seed: the same seed, the same story.

Phones write, forget to sync, sync over a line that loses requests and replies and repeats them; clocks jump; people lose
and gain a book; held changes are let in or declined; records are erased. Then the weather clears, everybody syncs until
nothing moves, and `check` says what must hold.
"""

from __future__ import annotations

import random
from typing import Any

import orjson

from sync import tables
from sync.clock import to_text
from sync.draft import recall
from sync.ids import Ids, derived
from sync.merge import view
from sync.protocol import CallError
from sync.state import replay
from tests.sync.toys import BOOK, TYPES, Json, Person, Phone, World, lead

TOYS = [derived("toy", str(number)) for number in range(4)]
STATUSES = ("open", "working", "paused", "done", "dropped")


class Simulation:
    """One run. `history` tells what happened, for whoever must find out why."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.history: list[str] = []
        # Ids by the seed as well, or a failure could not be played again.
        world.engine.ids = Ids(world.clock, self.chance.getrandbits)
        people = [Person("ann"), Person("bob"), Person("cy", sees_secrets=False), lead()]
        self.phones = [self._phone(person) for person in people]
        self.sent: dict[str, Json] = {}
        self.lost_books: set[str] = set()

    def _phone(self, person: Person) -> Phone:
        phone = self.world.phone(person)
        phone.ids = Ids(self.world.clock, self.chance.getrandbits)
        return phone

    def run(self, steps: int) -> None:
        acts = [self.write] * 8 + [self.sync] * 6 + [self.jump, self.move_person, self.desk, self.desk, self.erase]
        for _ in range(steps):
            self.chance.choice(acts)(self.chance.choice(self.phones))
        self.settle()

    # -- what may happen ------------------------------------------------------------------------------------------

    def write(self, phone: Phone) -> None:
        record = self.chance.choice(TOYS)
        held = phone.records.get(record)
        more: Json = {"create": True} if held is None and self.chance.random() < 0.9 else {}
        if held and held["void"] and self.chance.random() < 0.8:
            more["void"] = False
        elif held and self.chance.random() < 0.08:
            more["void"] = self.chance.random() < 0.7
        made_at = self.world.clock.now() + self.chance.randint(-7_200_000, 600_000)
        values = {} if more.get("void") is True else self.values(held)
        change = phone.write(record, values, made_at=to_text(max(made_at, 0)), **more)
        self.sent[change["id"]] = change
        self.history.append(
            f"{phone.person.name} writes {change['id'][-6:]} {record[:4]} {values} {more} seen {change['seen']}"
        )

    def values(self, held: Json | None) -> Json:
        say = self.chance.choice
        makers: list[Any] = [
            lambda: {"title": say("abc")},
            lambda: {"finder": say("abc")},
            lambda: {"severity": say(["low", "mid", "high"])},
            lambda: {"rank": self.chance.randrange(5)},
            lambda: {"tags": {say("xyz"): say(["1", "2", None])}},
            lambda: {"ticks": {say("xy"): say([True, False])}},
            lambda: {"notes": {"text": say("abc")}},
            lambda: {"name": say("ab")},
            lambda: {"kind": say("ab")},
            lambda: {"price": 1},
            lambda: {"level": say(["secret", "free"])},
            lambda: {"title": 7},
            lambda: {"wants_number": True},
            lambda: self.step(held),
            lambda: self.step(held),
        ]
        values: Json = {}
        for maker in self.chance.sample(makers, self.chance.randint(1, 3)):
            values |= maker()
        return values

    def step(self, held: Json | None) -> Json:
        now = (held or {}).get("fields", {}).get("status")
        step = {
            "from": now["status"] if now else None,
            "to": self.chance.choice(STATUSES),
            "cycle": now["cycle"] if now else 1,
        }
        if now and now["status"] == "done" and self.chance.random() < 0.5:
            step |= {"to": "working", "cycle": now["cycle"] + 1}
        return {"status": step, "reason": "why"} if step["to"] == "dropped" else {"status": step}

    def sync(self, phone: Phone) -> None:
        line = self.chance.random()
        limit = self.chance.choice([0, 1, 2, 5000, 5000])
        self.history.append(f"{phone.person.name} syncs {len(phone.outbox)}, line {line:.2f}, limit {limit}")
        if line < 0.1:
            return  # the request is lost
        try:
            reply = self.world.engine.sync(phone.person, phone.request(limit=limit))
            if line < 0.2:
                return  # the reply is lost
            if line < 0.3:
                reply = self.world.engine.sync(phone.person, phone.request(limit=limit))
        except CallError as error:
            raise AssertionError(f"{error.code} to an honest phone") from error
        phone.take(reply)

    def jump(self, _phone: Phone) -> None:
        self.world.clock.move(self.chance.choice([-30_000, 60_000, 3_600_000]))

    def move_person(self, phone: Phone) -> None:
        if phone.person.name == "bob":
            phone.person.follows = {} if phone.person.follows else {BOOK: "write"}
            self.history.append(f"bob follows {len(phone.person.follows)} books")

    def desk(self, _phone: Phone) -> None:
        waiting = [row for row in self.world.rows(tables.parked) if row["state"] == "held"]
        if not waiting:
            return
        row = self.chance.choice(waiting)
        boss = self.phones[-1].person
        try:
            if self.chance.random() < 0.7:
                self.world.engine.let_in(boss, row["book_id"], row["id"])
            else:
                self.world.engine.decline(boss, row["book_id"], row["id"])
        except CallError as error:
            if error.code != "not_yet":
                raise
        self.history.append(f"desk about {row['id'][-6:]} of {row['device'][:4]}")

    def erase(self, _phone: Phone) -> None:
        if self.chance.random() < 0.15:
            record = self.chance.choice(TOYS)
            self.history.append(f"erase {record[:4]}: {self.world.engine.erase(BOOK, record)}")

    # -- when the weather clears ----------------------------------------------------------------------------------

    def settle(self) -> None:
        for phone in self.phones:
            phone.person.follows = {BOOK: "write"}
        for _ in range(3):
            for phone in self.phones:
                while phone.sync()["more"] or phone.outbox:
                    pass

    def check(self) -> None:
        self.check_every_change_is_accounted_for()
        self.check_the_book_has_no_gap()
        self.check_what_is_kept_is_what_the_history_says()
        self.check_phones_hold_the_book()

    def check_every_change_is_accounted_for(self) -> None:
        accepted = {row["id"]: row for row in self.world.rows(tables.change)}
        parked = {row["id"]: row for row in self.world.rows(tables.parked)}
        for change in self.sent:
            entered, kept = change in accepted, change in parked
            assert entered or kept, f"{change} is lost"
            assert not (entered and kept) or parked[change]["state"] == "let_in"
        for phone in self.phones:
            for change, receipt in phone.receipts.items():
                row = parked.get(change) or accepted[change]
                stored = orjson.loads(row["receipt"])
                assert {name: receipt[name] for name in stored} == stored, "a receipt changed after it was given"

    def check_the_book_has_no_gap(self) -> None:
        seqs = sorted(row["seq"] for row in self.world.rows(tables.change) if row["book_id"] == BOOK)
        assert seqs == list(range(1, len(seqs) + 1))

    def check_what_is_kept_is_what_the_history_says(self) -> None:
        changes = self.world.rows(tables.change)
        for row in self.world.rows(tables.record):
            if row["erased"]:
                assert row["fields"] == {}
                continue
            mine = sorted(
                (each for each in changes if each["record_id"] == row["id"]), key=lambda each: int(each["seq"])
            )
            record_type = TYPES[row["type"]]
            shown = view(record_type, replay(record_type, [recall(record_type, each) for each in mine]))
            extra = row["extra"] or {}
            assert shown.fields == row["fields"]
            assert (shown.conflicts, shown.others) == (extra.get("conflicts", {}), extra.get("others", {}))
            assert shown.hidden == row["hidden"]

    def check_phones_hold_the_book(self) -> None:
        for phone in self.phones:
            for row in self.world.rows(tables.record):
                seen = self.world.engine.record(phone.person, row["id"])
                assert phone.records.get(row["id"]) == seen, f"{phone.person.name} and the server differ"
