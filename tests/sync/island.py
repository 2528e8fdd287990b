"""A small world in which everything goes wrong: what may happen in it, one act at a time.

Who drives it chooses by a `Chance`: the simulation by a seed, the model by Hypothesis. The acts are the same, and so are
the invariants (tests/sync/invariants.py), asked after every one of them. `calm` ends the bad weather: everybody gets a
line and their places back and syncs until nothing moves.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sync.actors import Access
from sync.clock import to_text
from sync.erasures import Erased
from sync.ids import Ids
from sync.protocol import CallError
from tests.sync.field_phone import FieldPhone, Skewed
from tests.sync.memory import Killed, MemoryWorld
from tests.sync.sayings import DUTY, HOME, TOYS, say_something
from tests.sync.toys import BOOK, OTHER_BOOK, Json, Person, lead

BOOKS = (BOOK, OTHER_BOOK)
Chosen = TypeVar("Chosen")


class Chance(Protocol):
    """Where the choices come from."""

    def pick(self, options: Sequence[Chosen]) -> Chosen: ...

    def below(self, limit: int) -> int:
        """0 … limit - 1."""

    def often(self, percent: int) -> bool: ...


class Seeded:
    """The same seed, the same choices."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, options: Sequence[Chosen]) -> Chosen:
        return self._random.choice(options)

    def below(self, limit: int) -> int:
        return self._random.randrange(limit)

    def often(self, percent: int) -> bool:
        return self._random.randrange(100) < percent


class Island:
    """Phones, a server, a line between them, and what people and time do to all three."""

    def __init__(self, world: MemoryWorld) -> None:
        self.world = world
        self.history: list[str] = []
        self.made: dict[str, Json] = {}
        self.erasures: list[Erased] = []
        self.backups: list[bytes] = []
        self.ghosts: list[tuple[FieldPhone, str, Json]] = []
        self.copied: set[str] = set()
        """Devices whose database was copied: they may be told so."""
        self.epochs = 1
        self._bits = random.Random(0)
        world.start_server(Ids(world.clock, self._bits.getrandbits))
        self.phones = [self._phone(person) for person in self._people()]
        self._signed_in = len(self.phones)
        # A console session is a device of its own.
        self.boss = lead_of(self.phones[3].person.follows, phone=99)

    @staticmethod
    def _people() -> list[Person]:
        both: dict[str, Access] = {BOOK: "write", OTHER_BOOK: "write"}
        cy = Person("cy", sees_secrets=False, follows={BOOK: "write"})
        return [Person("ann", follows=dict(both)), Person("bob"), cy, lead_of(dict(both))]

    def _phone(self, person: Person) -> FieldPhone:
        clock = Skewed(self.world.clock)
        return FieldPhone(self.world, person, Ids(clock, self._bits.getrandbits), clock)

    def tell(self, what: str) -> None:
        self.history.append(what)

    # -- what people do -------------------------------------------------------------------------------------------

    def write(self, chance: Chance) -> None:
        phone = chance.pick(self.phones)
        record = DUTY if chance.often(12) else chance.pick(TOYS)
        held = phone.records.get(record)
        change = phone.write(
            record,
            **say_something(chance, record, held),
            book=held["book"] if held else HOME[record],
            made_at=to_text(phone.clock.now()),
        )
        self.made[change["id"]] = change
        self.tell(f"{name(phone)} writes {short(change)}")

    def sync(self, chance: Chance) -> None:
        phone = chance.pick(self.phones)
        more: Json = {"limit": chance.pick([0, 1, 2, 5000, 5000, 5000])}
        if chance.often(5):
            more["only"] = [chance.pick(BOOKS)]
        if chance.often(3):
            more["protocol"] = 0
        changes = phone.outbox[: 1 + chance.below(len(phone.outbox))] if phone.outbox and chance.often(20) else None
        line = chance.pick(["good"] * 6 + ["request lost", "reply lost", "repeated", "delayed", "killed"])
        request = phone.request(changes, **more)
        self.tell(f"{name(phone)} syncs {len(request['changes'])} of {len(phone.outbox)}, line {line}, {more}")
        self._over(phone, request, line, chance)

    def _over(self, phone: FieldPhone, request: Json, line: str, chance: Chance) -> None:
        if line == "request lost":
            return
        if line == "delayed":
            self.ghosts.append((phone, phone.person.device, _frozen(request)))
            return
        if line == "killed":
            self.kill(phone, request, chance)
            return
        for _ in range(2 if line == "repeated" else 1):
            reply = self.call(phone, request) if phone.person.device == request["device"] else None
        if reply is not None and line != "reply lost":
            phone.take(reply)

    def call(self, phone: FieldPhone, request: Json) -> Json | None:
        """The reply; None where the phone was told that it is a copy, and its owner signed in again."""
        try:
            return self.world.ask(phone.person, request)
        except CallError as error:
            if error.code != "device_copied" or phone.person.device not in self.copied:
                raise AssertionError(f"X7: {error.code} to an honest phone") from error
            self._signed_in += 1
            phone.sign_in_again(self._signed_in)
            self.tell(f"  … was told that it is a copy, signs in as {phone.person.device[:4]}")
            return None

    def deliver_late(self, chance: Chance) -> None:
        """A request that its phone has long given up arrives all the same; nobody hears the reply."""
        if self.ghosts:
            phone, device, request = self.ghosts.pop(chance.below(len(self.ghosts)))
            if phone.person.device == device:
                self.tell(f"late: {len(request['changes'])} changes of {name(phone)}")
                self.call(phone, request)

    def kill(self, phone: FieldPhone, request: Json, chance: Chance) -> None:
        """The server dies in the middle of a call, and another is started."""
        after = chance.below(30)
        try:
            with self.world.killed_after(after):
                self.call(phone, request)
        except Killed:
            self.tell(f"  … and the server dies after {after} statements")
        self.world.start_server(self.world.engine.ids)

    def edit_on_the_console(self, chance: Chance) -> None:
        record = chance.pick(TOYS)
        shown = self.world.engine.record(self.boss, record)
        if shown is None or "moved_to" in shown:
            return
        seen = shown["seq"] if chance.often(70) else chance.below(shown["seq"] + 1)
        said = say_something(chance, record, shown)
        receipt = self.world.engine.edit(
            self.boss,
            book=shown["book"],
            record=record,
            type="toy",
            seen=seen,
            set=said["values"],
            void=said.get("void"),
        )
        self.tell(f"console edits {record[:4]} {said} seen {seen}: {receipt['outcome']}")

    def at_the_desk(self, chance: Chance) -> None:
        waiting = self.world.look(
            "SELECT * FROM parked WHERE body IS NOT NULL AND state IN ('held', 'asked', 'refused')"
        )
        if not waiting:
            return
        row, engine = chance.pick(waiting), self.world.engine
        act = chance.pick(["let_in", "let_in", "decline", "hand_on", "ask"])
        self.tell(f"desk: {act} {row['state']} {row['id'][-6:]}")
        try:
            if act == "let_in":
                engine.let_in(self.boss, row["desk_book"], row["id"])
            elif act == "decline":
                engine.decline(self.boss, row["desk_book"], row["id"], "no")
            elif act == "hand_on":
                engine.hand_on(self.boss, row["desk_book"], row["id"], self.boss.account)
            else:
                engine.ask(
                    next(each.person for each in self.phones if each.person.account == row["account"]),
                    row["book_id"],
                    row["id"],
                )
        except CallError as error:
            if error.code != "not_yet":
                raise

    def rescue(self, chance: Chance) -> None:
        phone = chance.pick(self.phones)
        if phone.outbox:
            self.tell(f"rescue file of {name(phone)}: {len(phone.outbox)}")
            self.world.engine.hand_in(self.boss, phone.person.account, phone.person.device, _frozen(phone.outbox))

    # -- what time and the office do ------------------------------------------------------------------------------

    def jump(self, chance: Chance) -> None:
        if chance.often(50):
            self.world.clock.move(chance.pick([-30_000, 60_000, 3_600_000]))
        else:
            chance.pick(self.phones).clock.wrong = chance.pick([0, -7_200_000, 600_000])

    def move_person(self, chance: Chance) -> None:
        """A place is lost, or given back, for all devices of the account."""
        person = chance.pick(self.phones[:3]).person
        book = chance.pick(BOOKS)
        access: Any = chance.pick(["write", "read"])
        if book in person.follows:
            del person.follows[book]
        else:
            person.follows[book] = access
        self.tell(f"{person.name} follows {['one' if each == BOOK else 'two' for each in person.follows]} {access}")

    def open_eyes(self, chance: Chance) -> None:
        sees = chance.often(50)
        for phone in self.phones:
            if phone.person.name == "cy":
                phone.person.sees_secrets = sees
        self.tell(f"cy sees secrets: {sees}")

    def erase(self, chance: Chance) -> None:
        record, book = chance.pick([*TOYS, DUTY]), chance.pick(BOOKS)
        lives = self.world.look("SELECT book_id, type FROM record WHERE id = ? AND NOT erased", record)
        self.world.engine.erase(book, record)
        if lives:
            stands = {row["book_id"]: row["type"] for row in lives}
            self.erasures.append(Erased.now(record, stands, self.world.clock))
        self.tell(f"erase {record[:4]} of {'one' if book == BOOK else 'two'}")

    def move_record(self, chance: Chance) -> None:
        record, (source, target) = chance.pick(TOYS), chance.pick([BOOKS, BOOKS[::-1]])
        move_id = f"move {chance.below(40)}"
        seq = self.world.engine.move(record, source, target, move_id)
        self.tell(f"move {record[:4]} from {'one' if source == BOOK else 'two'} by {move_id!r}: {seq}")

    def back_up(self, _chance: Chance) -> None:
        self.backups.append(self.world.image())
        self.tell("backup")

    def restore(self, chance: Chance) -> None:
        if not self.backups:
            return
        self.backups = self.backups[: 1 + chance.below(len(self.backups))]
        self.epochs += 1
        self.world.restore(self.backups[-1], self.erasures)
        self.tell(f"restored from backup {len(self.backups)}")

    def copy_a_phone(self, chance: Chance) -> None:
        if len(self.phones) < 6:
            phone = chance.pick(self.phones)
            self.copied.add(phone.person.device)
            self.phones.append(phone.copied())
            self.tell(f"{name(phone)} is copied")

    # -- when the weather clears ------------------------------------------------------------------------------------

    def calm(self) -> None:
        """Everybody has their places and a line, and syncs until nothing moves."""
        self.ghosts.clear()
        for phone in self.phones:
            phone.person.follows.clear()
            phone.person.follows.update(
                {BOOK: "write", **({OTHER_BOOK: "write"} if phone.person.name in ("ann", "lead") else {})}
            )
        for _ in range(2):
            for phone in self.phones:
                self._until_quiet(phone)

    def _until_quiet(self, phone: FieldPhone) -> None:
        for _ in range(8):
            reply = self.call(phone, phone.request())
            if reply is None:
                continue
            phone.take(reply)
            if not (reply["more"] or reply["reoffer"] or phone.outbox):
                return
        raise AssertionError(f"{name(phone)} finds no end: {len(phone.outbox)} entries left")


def lead_of(books: dict[str, Access], phone: int = 1) -> Person:
    person = lead()
    person.follows, person.phone = books, phone
    return person


def name(phone: FieldPhone) -> str:
    return f"{phone.person.name}·{phone.person.device[:4]}"


def short(change: Json) -> str:
    book = "one" if change["book"] == BOOK else "two"
    said = {key: change[key] for key in ("create", "void") if key in change}
    return f"{change['id'][-6:]} on {change['record'][:4]} in {book} {change['set']} {said} seen {change['seen']}"


def _frozen(value: Any) -> Any:
    """What was sent stays as it was, whatever the phone does since."""
    return copy.deepcopy(value)
