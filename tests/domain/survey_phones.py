"""The survey of 987 doors as 31 phones live it: who stands at which door when, what is said there, and when it arrives.

A plan is made from a seed with exact sums; phones then play it through the engine's one call, as real ones do: with
ids of their own, cursors, and `seen` as they last pulled it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import orjson

from domain.access import Person
from domain.days import DAY, HOUR, MINUTE
from domain.demo.survey import WANTS
from domain.records.survey_response import response_id
from domain.records.task import task_id
from sync.clock import FixedClock, to_text
from sync.engine import Engine
from sync.ids import Ids

DAILY: Final = (21, 58, 119, 203, 304, 415, 527, 630, 720, 795, 857, 908, 951, 987)
"""Doors that are over, by the evening of each day."""
NOT_HOME: Final = 276
"""28 %: nobody in at the first try."""
TRIES: Final = 1480
"""1.5 a door."""
DECLINED: Final = 21
TWICE: Final = 30
DIFFERENT: Final = 9
YES: Final = {"gas": 0.71, "committee": 0.64, "company": 0.58}
LATE: Final = 0.35
"""Of what is done in a day on one phone, how often it waits for a line for days."""
LONGEST: Final = 4


@dataclass(slots=True)
class Visit:
    """Somebody at a door: it comes in on `day` (from 0). `answers` None where there was nobody, or they would not."""

    door: str
    phone: str
    day: int
    outcome: str
    order: float = 0.0
    answers: dict[str, str] | None = None


@dataclass(slots=True)
class Plan:
    visits: list[Visit] = field(default_factory=list)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    """door -> what was said there first"""
    differing: dict[str, str] = field(default_factory=dict)
    """door -> the question that a second captain heard answered otherwise"""
    helpers: dict[str, str] = field(default_factory=dict)
    """door -> the captain who went there too"""

    def settled(self, question: str) -> list[str]:
        """What was said to a question at the doors where nothing differs."""
        agreed = (said for door, said in self.said.items() if self.differing.get(door) != question)
        return [said[question] for said in agreed if said.get(question)]


def plan_of(rng: Random, captains: dict[str, str], neighbours: dict[str, str]) -> Plan:
    """`captains`: door -> the phone that goes there; `neighbours`: phone -> the phone next door, in the same grid."""
    doors = rng.sample(sorted(captains), len(captains))
    days = [day for day, total in enumerate(DAILY) for _ in range(total - (DAILY[day - 1] if day else 0))]
    over = dict(zip(doors, days, strict=True))
    apart = rng.sample(doors, len(doors))
    declined, twice, absent = set(apart[:DECLINED]), apart[DECLINED : DECLINED + TWICE], apart[-NOT_HOME:]
    plan = Plan(said=_answers(rng, [door for door in sorted(captains) if door not in declined]))
    for door in doors:
        outcome = "declined" if door in declined else "done"
        plan.visits.append(Visit(door, captains[door], over[door], outcome, 2.0 + rng.random(), plan.said.get(door)))
    often = TRIES - len(doors) - TWICE - NOT_HOME
    for number, door in enumerate(absent):
        for attempt in range(2 if number < often else 1):
            day = max(0, over[door] - rng.randrange(1 if attempt else 3)) if attempt else max(0, over[door] - 3)
            plan.visits.append(Visit(door, captains[door], day, "not_home", attempt + rng.random()))
    for number, door in enumerate(twice):
        helper = neighbours[captains[door]]
        plan.helpers[door] = helper
        said = dict(plan.said[door])
        if number < DIFFERENT:
            question = plan.differing[door] = tuple(YES)[number % len(YES)]
            said[question] = "no" if said[question] == "yes" else "yes"
        plan.visits.append(Visit(door, helper, over[door], "done", 2.0 + rng.random(), said))
    return plan


def _answers(rng: Random, doors: list[str]) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = {door: {} for door in doors}
    for question, share in YES.items():
        yes = set(rng.sample(doors, round(share * len(doors))))
        for door in doors:
            said[door][question] = "yes" if door in yes else "no"
    for answers in said.values():
        wanted = rng.sample(WANTS, rng.choice((1, 2)))
        if answers["gas"] == answers["company"] == "yes":  # also after one of them was heard otherwise
            answers["wants"] = " ".join(each for each in WANTS if each in wanted)
    return said


class Phone:
    """One captain's phone: what it knows, what waits on it, and its own slow or quick clock of ids."""

    def __init__(self, engine: Engine, person: Person, start: int) -> None:
        self.engine, self.person = engine, person
        self.clock = FixedClock(start)
        self.ids = Ids(self.clock)
        self.cursors: dict[str, Any] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.outbox: list[dict[str, Any]] = []
        self.last: str | None = None
        self.stands: dict[str, str] = {}
        self.book = next(book for book, powers in person.powers.items() if powers)

    def visit(self, campaign: str, visit: Visit, at: int) -> None:
        """Write down a visit as it is made: into the outbox, whether there is a line or not."""
        self.clock.move(max(at - self.clock.now(), 1))
        task, when = task_id(campaign, visit.door), to_text(self.clock.now())
        me, state = self.person.account, self.stands.get(task, "todo")
        written: dict[str, Any] = {"tries": {self.ids.new(): {"outcome": visit.outcome, "at": when}}}
        if state != visit.outcome:
            written["status"] = {"from": state, "to": visit.outcome, "cycle": 1}
        if visit.outcome == "done":
            written |= {"done_by": me, "done_at": when}
        self._save(task, "task", {**written, "also_by": {me: {"at": when}}}, create=False)
        self.stands[task] = visit.outcome
        if visit.answers is not None:
            first = {"campaign_id": campaign, "place_id": visit.door, "kind": "survey", "form_version": 1}
            consent = {"kind": "spoken", "text_version": "1", "at": when}
            said = {**first, "answers": visit.answers, "consent": consent, "entered_by": {me: {"at": when}}}
            self._save(response_id(campaign, visit.door), "survey_response", said, create=True)

    def _save(self, record: str, type: str, written: dict[str, Any], *, create: bool) -> None:
        known = self.records.get(record)
        change = {"id": self.ids.new(), "book": self.book, "record": record, "type": type, "schema": 1,
                  "epoch": self.engine.epoch, "seen": known["seq"] if known else 0,
                  "made_at": to_text(self.clock.now()), "set": written}  # fmt: skip
        self.outbox.append({**change, "create": True} if create else change)

    def sync(self) -> list[str]:
        """Push what waits and pull what is new: the outcomes of what was sent."""
        newest = self.outbox[-1]["id"] if self.outbox else self.last
        request = {"protocol": 1, "device": self.person.device, "epoch": self.engine.epoch, "last": self.last,
                   "newest": newest, "cursors": self.cursors, "changes": self.outbox, "only": [self.book],
                   "limit": 5000}  # fmt: skip
        reply = orjson.loads(orjson.dumps(self.engine.sync(self.person, request)))  # as it comes over the line
        assert [each["id"] for each in reply["receipts"]] == [each["id"] for each in self.outbox]
        for book in reply["books"]:
            self.records |= {each["id"]: each for each in book["records"]}
            self.cursors[book["book"]] = book["cursor"]
        self.last, self.outbox = newest, []
        return [each["outcome"] if not each["reason"] else each["reason"] for each in reply["receipts"]]


def days_of(rng: Random, plan: Plan, start: int) -> Iterator[list[tuple[str, list[tuple[int, Visit]]]]]:
    """For each day, the phones in the order in which they find a line, each with what was made on it and when.

    Mostly it was made that day; at times days ago, and only now there is a line.
    """
    mine: dict[tuple[int, str], list[Visit]] = defaultdict(list)
    for visit in plan.visits:
        mine[visit.day, visit.phone].append(visit)
    newest: dict[str, int] = defaultdict(int)
    for day in range(len(DAILY)):
        phones = sorted(phone for its_day, phone in mine if its_day == day)
        found = []
        for phone in rng.sample(phones, len(phones)):
            visits = sorted(mine[day, phone], key=lambda each: each.order)
            late = rng.randrange(1, LONGEST + 1) if rng.random() < LATE else 0
            begin = max(start + (day - late) * DAY + 8 * HOUR, newest[phone] + MINUTE, start)
            end = start + day * DAY + 20 * HOUR
            step = max(1, min(10 * MINUTE, (end - begin) // (len(visits) + 1)))
            made = [(begin + number * step, visit) for number, visit in enumerate(visits)]
            newest[phone] = made[-1][0]
            found.append((phone, made))
        yield found
