"""A month of world E through the engine's own door: 1,056 slots at twelve gates, thirty guards, a third of it without a line.

What the phones write is what domain/demo/duty.py tells; here it is made on phones that are without a line for hours or days,
that know of a shift what they last pulled, and that send everything they have when they come back.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from domain import roster
from domain.access import Person
from domain.days import DAY, HOUR, MINUTE
from domain.demo import duty, people, town
from domain.demo.duty import Slot
from domain.demo.story import Act
from domain.people import load_person
from domain.places import PlaceCodes
from domain.records import record_types
from domain.roles import SUPERVISOR
from sync.clock import FixedClock, from_text, to_text
from sync.database import Database
from sync.engine import Engine
from sync.tables import record
from tests.domain.conftest import opened
from tests.domain.world import all_tables

FIRST = date(2026, 6, 1)
BEGIN = from_text("2026-05-29T02:00:00.000Z")
EVENING = 13 * HOUR  # 21:00 by the place's clock, after midnight UTC
ENTERED = {"applied", "merged"}
OFFLINE = 0.35


@dataclass(slots=True)
class Phone:
    """One person's: what waits on it, and until when it is without a line."""

    person: Person
    waiting: list[tuple[Slot, Act, int]] = field(default_factory=list)
    back_at: int = 0
    synced_at: int = 0


@dataclass
class Month:
    """Plays the acts in the order of time; `seqs`: record -> (when, seq) of everything that arrived."""

    engine: Engine
    clock: FixedClock
    phones: dict[str, Phone]
    slots: list[Slot]
    rng: Random
    seqs: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    late: int = 0
    """Changes that arrived more than an hour after they were made."""
    heap: list[tuple[int, int, str, Any]] = field(default_factory=list)
    count: int = 0
    unfair: list[str] = field(default_factory=list)
    """Who was said to have nothing noted though their own phone knew better: must stay empty."""

    def at(self, when: int, kind: str, what: Any) -> None:
        self.count += 1
        heapq.heappush(self.heap, (when, self.count, kind, what))

    # ------------------------------------------------------------------------------------------ what happens

    def play(self) -> None:
        self._plan()
        for slot in self.slots:
            self._begin(slot)
        last = max(slot.start for slot in self.slots) + 6 * DAY
        for day in range(BEGIN // DAY + 1, last // DAY):
            self.at(day * DAY - 2 * HOUR, "morning", None)  # 06:00 by the place's clock
            self.at(day * DAY + EVENING, "evening", None)
        while self.heap:
            when, _, kind, what = heapq.heappop(self.heap)
            self.clock.at = max(self.clock.at, when)
            getattr(self, f"_{kind}")(what)

    def _plan(self) -> None:
        for post in {id(slot.post): slot.post for slot in self.slots}.values():
            mine = [slot for slot in self.slots if slot.post is post]
            phone = self.phones[post.planner]
            self._push(phone, [(slot, Act(BEGIN, post.planner, slot.fields[1]), 0) for slot in mine])

    def _begin(self, slot: Slot) -> None:
        """The acts of the day itself; a swap goes step by step, as each sees the one before."""
        if slot.fate == "swapped":
            self.at(slot.start - 7 * DAY if slot.start - 7 * DAY > BEGIN else BEGIN + HOUR, "swap", (slot, 0))
        changed = list(duty._changed(slot, max(BEGIN, slot.start - 3 * DAY))) if slot.fate == "doubled" else []
        for act in [*changed, *duty._there(slot, self.rng)]:
            self.at(act.at, "write", (slot, act, slot.fate == "doubled" and act in changed))

    def _swap(self, what: tuple[Slot, int]) -> None:
        slot, step = what
        act = list(duty._changed(slot, self.clock.at - HOUR))[step]
        self._send(self.phones[act.who], [(slot, act, self._known(slot, self.clock.at))])
        if step < 2:
            self.at(self.clock.at + self.rng.randint(1, 20) * HOUR, "swap", (slot, step + 1))

    def _write(self, what: tuple[Slot, Act, bool]) -> None:
        """Somebody taps. A phone without a line keeps it; two planners who choose differently have none."""
        slot, act, apart = what
        phone = self.phones[act.who]
        seen = self.seqs[slot.id][0][1] if apart else self._known(slot, phone.synced_at)
        phone.waiting.append((slot, act, seen))
        if self.clock.at < phone.back_at:
            return
        if apart or self.rng.random() < OFFLINE:
            phone.back_at = self.clock.at + min(round(self.rng.lognormvariate(3.7, 1.55)) * MINUTE, 4 * DAY)
            self.at(phone.back_at, "back", act.who)
            return
        self._sync(act.who)

    def _back(self, who: str) -> None:
        self._sync(who)

    def _morning(self, _: None) -> None:
        for who, phone in self.phones.items():
            if self.clock.at >= phone.back_at:
                self._sync(who)

    def _evening(self, _: None) -> None:
        """The planner looks: whoever came is never said to have nothing noted, also while the word of it is on its way."""
        for slot in self.slots:
            if not 0 < self.clock.at - slot.start < DAY:
                continue
            fields = self.fields[slot.id]
            for who in (*slot.crew, slot.other):
                account = slot.post.ids[who]
                if account not in roster.crew(fields):
                    continue
                state = roster.state_of(fields, account, self.clock.at, self.phones[who].synced_at)
                forgot = slot.fate == "no_record" and who == slot.crew[0]
                if state == "no_record" and not forgot and slot.fate != "doubled":
                    self.unfair.append(f"{who} {slot.day} {slot.session}")

    # ------------------------------------------------------------------------------------------ the door

    def _sync(self, who: str) -> None:
        phone = self.phones[who]
        waiting, phone.waiting = phone.waiting, []
        self._send(phone, waiting)
        phone.synced_at = self.clock.at

    def _send(self, phone: Phone, waiting: list[tuple[Slot, Act, int]]) -> None:
        if waiting:
            self._push(phone, waiting)

    def _known(self, slot: Slot, at: int) -> int:
        return max((seq for when, seq in self.seqs[slot.id] if when <= at), default=0)

    def _push(self, phone: Phone, waiting: list[tuple[Slot, Act, int]]) -> None:
        changes = [self._change(*each) for each in waiting]
        receipts = self.engine.push(phone.person, changes)
        now = self.clock.at
        for (slot, act, _), receipt in zip(waiting, receipts, strict=True):
            assert receipt["outcome"] in ENTERED, (slot.fate, act, receipt)
            self.outcomes[receipt["outcome"]] += 1
            self.late += now - act.at > HOUR
            self.seqs[slot.id].append((now, receipt["seq"]))
        self._look(waiting)

    def _change(self, slot: Slot, act: Act, seen: int) -> dict[str, Any]:
        new = {"create": True} if slot.id not in self.fields else {}
        base = {"book": slot.post.place, "record": slot.id, "type": "shift", "schema": 1, "seen": seen}
        made = {"id": self.engine.ids.new(), "epoch": self.engine.epoch, "made_at": to_text(act.at)}
        return {**base, **made, **new, "set": dict(act.written)}

    def _look(self, arrived: list[tuple[Slot, Act, int]]) -> None:
        """No post is ever left empty, nor without anybody whom the one who has just written left there."""
        ids = [slot.id for slot, _, _ in arrived]
        with self.engine.database.read() as conn:
            query = select(record.c.id, record.c.fields).where(record.c.id.in_(ids))
            self.fields |= {row.id: row.fields for row in conn.execute(query)}
        for slot, act, _ in arrived:
            crew = roster.crew(self.fields[slot.id])
            left = {key for key, entry in (act.written.get("assignees") or {}).items() if entry}
            assert crew, f"{slot} is empty after {act}"
            assert left <= set(crew), f"{slot} lost {left - set(crew)} to a merge"


# ---------------------------------------------------------------------------------------------------------------- the run


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    sql = opened(tmp_path_factory.mktemp("month") / "books.sqlite")
    all_tables().create_all(sql)
    database, clock = Database(sql), FixedClock(BEGIN)
    engine = Engine(database, record_types(PlaceCodes(database)), clock)
    with database.write() as conn:
        built = town.build(conn, engine, whole=True)
        for grid in built.grids:
            grid.units = [f"unit {n}" for n, _ in enumerate(grid.estate.units)]  # the houses are not wanted here
        everybody = [each for each in people.logins(built) if each.unit is None]
        people.enrol(conn, engine, everybody, BEGIN)
        wanted = {each.login: each for each in everybody if each.role in {"school_guard", SUPERVISOR, "command_room"}}
        loaded = {login: load_person(conn, each.id, each.device, BEGIN) for login, each in wanted.items()}
    phones = {login: Phone(person) for login, person in loaded.items() if person}
    guards = {post.id: [each.login for each in everybody if each.place == post.id] for post in built.posts}
    planners = {each.place: each.login for each in everybody if each.role == SUPERVISOR}
    posts = duty.posts_of(built.posts, guards, planners, {each.login: each.id for each in everybody})
    rng = Random(20261121)
    made = Month(engine, clock, phones, duty.slots(posts, duty.school_days(FIRST, duty.DAYS), rng), rng)
    made.play()
    yield made
    sql.dispose()


def test_the_month_has_its_slots_its_guards_and_its_shares(month: Month) -> None:
    assert len(month.slots) == 1056 == 6 * 2 * 4 * 22 == len(month.fields)
    guards = [each for slot in month.slots for each in slot.post.guards]
    assert len(set(guards)) == 18 + 12
    fates = Counter(slot.fate for slot in month.slots)
    assert (fates["swapped"], fates["late"], fates["no_record"], fates["doubled"]) == (21, 32, 11, 3)


def test_a_part_of_it_was_written_without_a_line_and_came_hours_late(month: Month) -> None:
    assert month.outcomes["merged"] == 3
    assert 300 < month.late < 2000


def test_rule_10_no_post_is_ever_left_empty_and_two_planners_choices_are_both_kept(month: Month) -> None:
    """That no merge lost anybody is looked at after every single change, see Month._look."""
    for slot in month.slots:
        fields = month.fields[slot.id]
        needed = slot.post.sessions[slot.session]["required_n"]
        assert len(roster.crew(fields)) == needed + (slot.fate == "doubled")
        assert roster.has_too_many(fields) == (slot.fate == "doubled")
        assert roster.lacks(fields) == 0
    assert sum(roster.has_too_many(fields) for fields in month.fields.values()) == 3


def test_the_numbers_come_out_exactly(month: Month) -> None:
    swapped = late = later = 0
    for slot in month.slots:
        fields, ids = month.fields[slot.id], slot.post.ids
        first = ids[slot.crew[0]]
        swapped += roster.state_of(fields, first, month.clock.at, month.clock.at) == "swapped"
        came = {key: from_text(at) for key, at in fields["check_in_at"].items()}
        expected = {ids[each] for each in slot.crew[1:]} | {ids[slot.other] if slot.fate == "swapped" else first}
        assert set(came) == expected
        late += sum(at > slot.start for at in came.values())
        later += len(fields.get("back_fill") or {})
        assert roster.to_confirm(fields) == []
        assert roster.to_approve(fields) == []
    assert (swapped, late, later) == (21, 32, 11)


def test_everybody_who_came_is_done_in_the_end_and_only_a_second_planner_s_choice_is_without_a_word(
    month: Month,
) -> None:
    states: Counter[str] = Counter()
    for slot in month.slots:
        fields = month.fields[slot.id]
        for account in roster.crew(fields):
            states[roster.state_of(fields, account, month.clock.at, month.clock.at)] += 1
    planned = sum(slot.post.sessions[slot.session]["required_n"] for slot in month.slots)
    assert states == {"done": planned, "no_record": 3}


def test_nobody_whose_phone_had_no_line_was_said_to_have_nothing_noted(month: Month) -> None:
    assert month.unfair == []


def test_each_guard_s_phone_gets_the_shifts_of_the_own_post_and_no_other(month: Month) -> None:
    by_post = Counter(slot.post.place for slot in month.slots)
    for post in {slot.post.place: slot.post for slot in month.slots}.values():
        person = month.phones[post.guards[0]].person
        call = {"protocol": 1, "device": person.device, "epoch": None, "last": None, "newest": None, "cursors": {}}
        reply = month.engine.sync(person, {**call, "changes": [], "limit": 5000})
        got = Counter(each["book"] for book in reply["books"] for each in book["records"] if each["type"] == "shift")
        assert got == {post.place: by_post[post.place]}
