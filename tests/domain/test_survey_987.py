"""柳湾社区, fourteen days, 31 captains, 987 doors: totals, open conflicts and progress come out exactly, whatever waits
for a line and whoever is first. Played through the engine's own call."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event, select

from domain import campaign_work, campaigns, desk
from domain.access import Person
from domain.days import DAY, HOUR
from domain.demo import SEED, people, town
from domain.demo.survey import FORM
from domain.people import load_person
from domain.places import PlaceCodes
from domain.records import record_types
from domain.records.survey_response import response_id
from domain.records.task import task_id
from sync.clock import FixedClock, from_text, to_text
from sync.database import Database, connect
from sync.engine import Engine
from sync.tables import change, record
from tests.domain.survey_phones import (
    DAILY,
    DECLINED,
    DIFFERENT,
    NOT_HOME,
    TRIES,
    TWICE,
    YES,
    Phone,
    Plan,
    days_of,
    plan_of,
)
from tests.domain.world import all_tables

MORNING = from_text("2026-05-31T16:00:00.000Z")
"""Midnight at the place, the first day."""


@dataclass
class Survey:
    """The survey and what came of it, day by day."""

    path: Path
    database: Database
    engine: Engine
    clock: FixedClock
    built: town.Town
    cast: dict[str, Person]
    campaign: str = ""
    plan: Plan = field(default_factory=Plan)
    evenings: list[campaigns.Totals] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def book(self) -> str:
        return self.built.communities[0].place.id

    def totals(self) -> campaigns.Totals:
        with self.database.read() as conn:
            fields = conn.execute(select(record.c.fields).where(record.c.id == self.campaign)).scalar_one()
            return campaigns.totals(conn, self.campaign, self.book, fields)

    def rows(self, type: str) -> dict[str, Any]:
        with self.database.read() as conn:
            return {row.id: row for row in conn.execute(select(record).where(record.c.type == type))}

    def waiting(self, login: str) -> list[desk.Waiting]:
        with self.database.read() as conn:
            return desk.waiting(conn, self.cast[login])

    def edit(self, who: str, id: str, type: str, book: str, written: dict[str, Any], *, create: bool = False) -> Any:
        row = self.rows(type).get(id)
        seen = int(row.seq) if row is not None else 0
        receipt = self.engine.edit(
            self.cast[who], book=book, record=id, type=type, seen=seen, set=written, create=create
        )
        assert receipt["outcome"] == "applied", receipt
        return receipt


def opened(path: Path) -> SqlEngine:
    sql = connect(f"sqlite:///{path}")
    event.listen(sql, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous = OFF"))
    return sql


def world(sql: SqlEngine, path: Path) -> Survey:
    all_tables().create_all(sql)
    database, clock = Database(sql), FixedClock(MORNING - DAY)
    engine = Engine(database, record_types(PlaceCodes(database)), clock)
    with database.write() as conn:
        built = town.build(conn, engine, whole=False)
    town.furnish(engine, built, Random(SEED), clock.now())
    everybody = people.logins(built)
    with database.write() as conn:
        people.enrol(conn, engine, everybody, clock.now())
    with database.read() as conn:
        found = {each.login: load_person(conn, each.id, each.device, clock.now()) for each in everybody}
    return Survey(path, database, engine, clock, built, {login: who for login, who in found.items() if who})


def open_campaign(survey: Survey) -> None:
    survey.campaign = survey.engine.ids.new()
    now, books = survey.clock.now(), [grid.place.id for grid in survey.built.grids]
    fields = {"title": "柳湾社区改造意愿", "kind": "survey", "owner_org": "柳湾社区", "why": "先听大家的意见", "basis": "改造方案",
              "purpose": "定改造方案", "consent_text": "自愿回答", "form": FORM, "results_public": True,
              "target": {"books": books, "level": "household"}, "starts_at": to_text(now),
              "ends_at": to_text(now + 20 * DAY), "erase_at": to_text(now + 80 * DAY),
              "status": {"from": None, "to": "draft", "cycle": 1}}  # fmt: skip
    survey.edit("supervisor", survey.campaign, "campaign", survey.book, fields, create=True)
    for who, start, to in (("supervisor", "draft", "review"), ("command", "review", "open")):
        step = {"status": {"from": start, "to": to, "cycle": 1}}
        survey.edit(who, survey.campaign, "campaign", survey.book, step)
    assert campaign_work.tend(survey.engine) == 987


def stairs(survey: Survey) -> tuple[dict[str, str], dict[str, str]]:
    """door -> its captain's login, and captain -> the next captain of the same grid."""
    units = [(grid, unit) for grid in survey.built.grids for unit in grid.units]
    login = {unit: ("captain" if n == 1 else f"captain{n}") for n, (_, unit) in enumerate(units, 1)}
    doors = {door: login[unit] for grid, unit in units for door in grid.doors[unit]}
    following = {login[unit]: login[grid.units[(grid.units.index(unit) + 1) % len(grid.units)]] for grid, unit in units}
    return doors, following


def send_helpers(survey: Survey) -> None:
    """The head sends a second captain to thirty doors, so that their task is on that phone too."""
    tasks = survey.rows("task")
    for door, helper in survey.plan.helpers.items():
        row = tasks[task_id(survey.campaign, door)]
        head = "head" if row.book_id == survey.built.grids[0].place.id else "head2"
        goers = {"assignees": {survey.cast[helper].account: {"as": "building_captain"}}}
        receipt = survey.engine.edit(
            survey.cast[head], book=row.book_id, record=row.id, type="task", seen=row.seq, set=goers
        )
        assert receipt["outcome"] == "applied", receipt


def play(survey: Survey) -> None:
    rng = Random(SEED)
    survey.plan = plan_of(rng, *stairs(survey))
    send_helpers(survey)
    phones = {login: Phone(survey.engine, survey.cast[login], MORNING) for login in {*stairs(survey)[0].values()}}
    survey.clock.move(MORNING + 7 * HOUR - survey.clock.now())
    for phone in phones.values():
        assert phone.sync() == []
    for day, found in enumerate(days_of(rng, survey.plan, MORNING)):
        survey.clock.move(MORNING + day * DAY + 21 * HOUR - survey.clock.now())
        for login, made in found:
            for at, visit in made:
                phones[login].visit(survey.campaign, visit, at)
            survey.outcomes.update(phones[login].sync())
            survey.clock.move(1000)
        survey.evenings.append(survey.totals())


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    path = tmp_path_factory.mktemp("survey") / "books"
    sql = opened(path)
    made = world(sql, path)
    open_campaign(made)
    play(made)
    yield made
    sql.dispose()


@pytest.fixture
def copied(survey: Survey, tmp_path: Path) -> Iterator[Survey]:
    """The survey on its last evening, to go on with alone."""
    path = tmp_path / "books"
    with closing(sqlite3.connect(survey.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    sql = opened(path)
    database = Database(sql)
    engine = Engine(database, record_types(PlaceCodes(database)), survey.clock)
    yield replace(survey, database=database, engine=engine)
    sql.dispose()


def test_there_are_987_doors_and_31_captains(survey: Survey) -> None:
    doors, following = stairs(survey)
    assert (len(doors), len(following)) == (987, 31)


def test_every_evening_shows_the_doors_that_are_over(survey: Survey) -> None:
    assert tuple(evening.tally.over for evening in survey.evenings) == DAILY
    assert {evening.tally.doors for evening in survey.evenings} == {987}


def test_nothing_that_a_phone_sent_was_refused_or_held(survey: Survey) -> None:
    assert set(survey.outcomes) <= {"applied", "merged", "conflict"}
    assert survey.outcomes["conflict"] == DIFFERENT
    answered = 987 - DECLINED
    assert sum(survey.outcomes.values()) == TRIES + answered + TWICE


def test_much_of_it_was_written_down_without_a_line_and_came_days_later(survey: Survey) -> None:
    with survey.database.read() as conn:
        waited = [row.received_at - row.at for row in conn.execute(select(change.c.received_at, change.c.at))]
    days = Counter(min(each // DAY, 4) for each in waited)
    assert all(days[late] >= 20 for late in range(1, 4)), days
    assert days[0] >= 1000


def test_the_last_evening_has_every_stairway_whole(survey: Survey) -> None:
    lines = survey.evenings[-1].lines
    assert [line.tally.doors for line in lines] == [32] * 30 + [27]
    assert all(line.tally.over == line.tally.doors for line in lines)
    assert [line.name for line in lines[:2]] == ["柳湾里1号楼1单元", "柳湾里1号楼2单元"]


def test_declined_first_tries_and_tries_come_out(survey: Survey) -> None:
    tally = survey.totals().tally
    assert (tally.declined, tally.done, tally.undecided, tally.tries) == (DECLINED, 987 - DECLINED, 0, TRIES)
    tries = [
        sorted(row.fields["tries"].values(), key=lambda each: str(each["at"])) for row in survey.rows("task").values()
    ]
    assert sum(each[0]["outcome"] == "not_home" for each in tries) == NOT_HOME
    assert round(100 * NOT_HOME / 987) == 28
    assert round(tally.tries / 987, 1) == 1.5


def test_thirty_doors_were_visited_by_two_and_nine_of_them_wait_for_a_person(survey: Survey) -> None:
    responses = survey.rows("survey_response")
    twice = {id for id, row in responses.items() if len(row.fields["entered_by"]) == 2}
    assert twice == {response_id(survey.campaign, door) for door in survey.plan.helpers}
    torn = {id: (row.extra or {}).get("conflicts", {}) for id, row in responses.items()}
    differing = {response_id(survey.campaign, door): question for door, question in survey.plan.differing.items()}
    assert {id: set(each["answers"]) for id, each in torn.items() if each} == {
        id: {question} for id, question in differing.items()
    }
    assert (len(twice), len(differing), len(twice) - len(differing)) == (TWICE, DIFFERENT, 21)


def test_two_who_stood_at_one_door_are_both_named_and_it_is_done_once(survey: Survey) -> None:
    tasks = survey.rows("task")
    for door in survey.plan.helpers:
        task = tasks[task_id(survey.campaign, door)]
        first = min((each["at"], account) for account, each in task.fields["also_by"].items())[1]
        assert len(task.fields["also_by"]) == 2
        assert (task.fields["status"]["status"], task.fields["done_by"]) == ("done", first)


def test_the_totals_leave_out_what_is_open_and_say_so(survey: Survey) -> None:
    found = survey.totals()
    assert (found.answered, found.undecided, found.to_look) == (987 - DECLINED, DIFFERENT, 0)
    for asked in found.questions[:3]:
        settled = survey.plan.settled(asked.question.name)
        assert asked.counts == Counter(settled)
        assert (asked.answered, asked.undecided) == (966 - 3, 3)
        assert round(100 * asked.counts["yes"] / asked.answered) == round(100 * YES[asked.question.name])
    wants = Counter(word for said in survey.plan.settled("wants") for word in said.split())
    assert found.questions[3].counts == wants


def test_the_conflicts_are_on_the_communitys_desk_and_on_no_other(survey: Survey) -> None:
    for login, waiting in (("supervisor", DIFFERENT), ("head", 0), ("head2", 0), ("command", 0)):
        assert len(survey.waiting(login)) == waiting, login


def test_a_captain_has_on_the_phone_what_is_asked_there_and_nothing_of_other_stairways(survey: Survey) -> None:
    doors, _ = stairs(survey)
    phone = Phone(survey.engine, survey.cast["captain5"], survey.clock.now())
    phone.sync()
    own = {door for door, login in doors.items() if login == "captain5"}
    helped = {door for door, login in survey.plan.helpers.items() if login == "captain5"}
    tasks = {each["fields"]["place_id"] for each in phone.records.values() if each["type"] == "task"}
    answers = {each["fields"]["place_id"] for each in phone.records.values() if each["type"] == "survey_response"}
    assert tasks == own | helped
    assert answers == {door for door in own | helped if door in survey.plan.said}


def test_when_all_is_decided_closed_and_erased_only_the_totals_stay(copied: Survey) -> None:
    for each in copied.waiting("supervisor"):
        said = {"answers": {each.key: "yes"}}
        copied.edit("supervisor", each.record, "survey_response", each.book, said)
    done = copied.totals()
    assert (done.undecided, [asked.answered for asked in done.questions[:3]]) == (0, [966] * 3)
    step = {"status": {"from": "open", "to": "closed", "cycle": 1}}
    copied.edit("supervisor", copied.campaign, "campaign", copied.book, step)
    frozen = campaign_work.freeze(copied.engine, copied.campaign)
    assert frozen == 987 + 966
    assert copied.totals().kept() == done.kept()
    with copied.database.read() as conn:
        fields = conn.execute(select(record.c.fields).where(record.c.id == copied.campaign)).scalar_one()
    assert fields["closed_at"]
