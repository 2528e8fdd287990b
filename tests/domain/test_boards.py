"""The console's lists: the right cases for everybody, page by page, at a cost that does not grow with the book."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from domain import boards, directory, news
from domain.case_rows import CaseRow, Filters, matches
from domain.records.case_steps import OPEN
from domain.sight import cases_in_sight
from sync.clock import to_text
from sync.tables import record
from tests.domain.world import SERVER, World
from tests.postgres import SQLITE

pytestmark = pytest.mark.both_databases

LOGINS = ("worker", "worker2", "outsider", "volunteer", "captain", "guard", "head", "supervisor", "handler", "command",
          "admin", "resident")  # fmt: skip
CASES = 100_000
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :cases)
INSERT INTO record (book_id, id, type, schema, seq, fields, state, extra, "by", made_at, changed_at, hidden, erased,
                    sight, sights)
SELECT :book, printf('00000000-0000-7000-8000-%012d', i), 'case', 1, 1000 + i,
 json_object('no', printf('LW1-0613-%06d', i),
  'category', CASE i % 7 WHEN 0 THEN 'road' WHEN 1 THEN 'noise' ELSE 'garbage' END,
  'severity', CASE WHEN i % 50 = 0 THEN 'urgent' ELSE 'normal' END,
  'status', json_object('status', CASE i % 1000 WHEN 0 THEN 'working' WHEN 1 THEN 'reported' ELSE 'closed' END, 'cycle', 1),
  'visibility', CASE WHEN i % 40 = 0 THEN 'restricted' END, 'due_at', '2026-06-01T00:00:00.000Z',
  'assignees', CASE WHEN i % 500 = 0 THEN json_object(:handler, json_object('as', 'owner')) ELSE json_object() END,
  'description', json_array(json_object('text', printf('%d', i)))),
 '{}', CASE WHEN i % 5000 = 0 THEN json_object('conflicts', json_object('place_id', json_array())) END,
 :by, :now - (:cases - i) * 60000, :now, 0, 0, json_object('by', 'x', 'visibility', 'internal'), NULL FROM n
"""


def some_cases(world: World, count: int = 60) -> list[str]:
    """Cases of every kind, by many people, in three books."""
    rng = random.Random(7)
    spots = [None, world.units["1-1"], world.doors["1-1"][0], world.doors["1-2"][0]]
    made = []
    for _ in range(count):
        who, book = rng.choice([("worker", "one"), ("worker2", "one"), ("captain", "one"), ("volunteer", "one"),
                                ("outsider", "two"), ("guard", "post"), ("supervisor", "community")])  # fmt: skip
        more: dict[str, Any] = {
            "category": rng.choice(["garbage", "road", "dispute"]),
            "severity": rng.choice(["normal", "urgent"]),
        }
        if spot := rng.choice(spots):
            more["place_id"] = spot
        case = world.report(who, book, **more)
        world.bring_in(book, case, *rng.choice([(), ("accepted",), ("accepted", "assigned"), ("rejected",)]))
        made.append(case)
    return made


def listed(world: World, login: str, filters: Filters | None = None, limit: int = 200) -> list[CaseRow]:
    with world.database.read() as conn:
        return boards.cases(conn, world.person(login), filters or Filters(), now=world.clock.now(), limit=limit).rows


def test_a_list_shows_exactly_what_a_pull_would_bring(world: World) -> None:
    made = some_cases(world)
    rows = {id: world.row(id) for id in made}
    for login in LOGINS:
        person = world.person(login)
        by_actor = {id for id, row in rows.items() if person.sees(row.book_id, "case", row.sight)}
        assert {row.id for row in listed(world, login)} == by_actor, login
    assert len(listed(world, "command")) == len(made)
    assert listed(world, "admin") == []


def test_a_hidden_case_is_in_nobodys_list(world: World) -> None:
    case = world.report()
    world.write(world.person("worker"), case, {}, void=True)
    assert not any(row.id == case for login in LOGINS for row in listed(world, login))


def test_pages_follow_each_other_without_gap_or_double(world: World) -> None:
    made = some_cases(world, 33)
    person, found, after = world.person("command"), list[str](), None
    with world.database.read() as conn:
        while True:
            page = boards.cases(conn, person, Filters(), now=world.clock.now(), after=after, limit=7)
            found += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
    assert sorted(found) == sorted(made)
    assert found == [row.id for row in sorted(listed(world, "command"), key=lambda row: (-row.made_at, row.id))]


@pytest.mark.parametrize("mark", ["", "x", "~", "12", "-1~a", "9" * 40 + "~a", "1~' OR 1=1"])
def test_a_mark_that_cannot_be_read_does_no_harm(world: World, mark: str) -> None:
    world.report()
    with world.database.read() as conn:
        boards.cases(conn, world.person("head"), Filters(), now=world.clock.now(), after=mark)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(statuses=("reported",)),
        Filters(statuses=OPEN),
        Filters(category="road"),
        Filters(severity="urgent"),
        Filters(overdue=True),
        Filters(mine=True),
        Filters(category="road", statuses=("accepted", "assigned"), severity="normal"),
        Filters(text="旧沙发"),
        Filters(text="没有这样的话"),
    ],
    ids=str,
)
def test_filters_in_the_database_and_for_news_agree(world: World, filters: Filters) -> None:
    some_cases(world)
    world.clock.move(2 * 86_400_000)
    for login in ("command", "head", "handler"):
        person, now = world.person(login), world.clock.now()
        wanted = {row.id for row in listed(world, login) if matches(row, filters, person, now)}
        assert {row.id for row in listed(world, login, filters)} == wanted


def test_a_list_is_narrowed_to_a_grid_a_place_or_what_is_undecided(world: World) -> None:
    some_cases(world, 20)
    case = world.report()
    seen = world.seq(case)
    for who, door in (("worker", 0), ("worker2", 1)):
        world.write(world.person(who), case, {"place_id": world.doors["1-1"][door]}, seen=seen)
    assert [row.id for row in listed(world, "head", Filters(undecided=True))] == [case]
    assert {row.book for row in listed(world, "command", Filters(book=world.places["two"]))} == {world.places["two"]}
    assert {row.place for row in listed(world, "command", Filters(place=world.units["1-1"]))} == {world.units["1-1"]}
    number = world.fields(case)["no"]
    assert [row.id for row in listed(world, "head", Filters(text=number.lower()))] == [case]


def test_the_headline_counts_valid_reports_of_today_by_where_they_stand(world: World) -> None:
    ways = [(), ("rejected",), ("merged",), ("accepted",), ("accepted", "assigned"),
            ("accepted", "assigned", "working", "resolved", "closed")]  # fmt: skip
    for way in ways:
        world.bring(world.report(), *way)
    late = world.report(severity="urgent")
    world.write(world.person("head"), late, world.step(late, "accepted", due_at=to_text(world.clock.now() + 60_000)))
    world.clock.move(120_000)
    with world.database.read() as conn:
        now = world.clock.now()
        head = news.headline(conn, world.person("head"), now)
        tomorrow = news.headline(conn, world.person("head"), now + 86_400_000)
        outsider = news.headline(conn, world.person("outsider"), now)
    assert (head.valid, head.closed, head.working, head.overdue) == (4, 1, 2, 1)
    assert head.valid == head.closed + head.working + head.overdue
    assert (tomorrow.valid, outsider.valid) == (0, 0)


def test_the_headline_counts_what_waits_for_a_decision(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    for who, door in (("worker", 0), ("worker2", 1)):
        world.write(world.person(who), case, {"place_id": world.doors["1-1"][door]}, seen=seen)
    world.write(world.person("outsider"), case, {"place_note": "桥头"})
    with world.database.read() as conn:
        for login, wanted in (("head", (1, 1)), ("supervisor", (1, 1)), ("handler", (0, 0)), ("worker", (0, 0))):
            told = news.headline(conn, world.person(login), world.clock.now())
            assert (told.undecided, told.held) == wanted, login


def test_news_are_what_changed_since_the_token(world: World) -> None:
    first = world.report()
    person = world.person("head")
    with world.database.read() as conn:
        start = news.whats_new(conn, person, None)
        assert start.whole
        assert news.whats_new(conn, person, start.token).rows == []
    second = world.report()
    world.write(world.person("worker"), first, {"severity": "urgent"})
    with world.database.read() as conn:
        later = news.whats_new(conn, person, start.token)
    assert {row.id for row in later.rows} == {first, second}
    assert not later.whole
    world.write(world.person("supervisor"), first, {"visibility": "restricted"})
    with world.database.read() as conn:
        gone = news.whats_new(conn, person, later.token)
    assert (gone.rows, gone.gone) == ([], [first])


@pytest.mark.parametrize("token", ["", "x", "x-1", "x-1-2-3-4", "-", "a" * 5000])
def test_a_token_that_cannot_be_read_asks_for_the_whole_list(world: World, token: str) -> None:
    with world.database.read() as conn:
        assert news.whats_new(conn, world.person("head"), token).whole


def test_doubles_are_looked_for_near_in_place_time_and_kind(world: World) -> None:
    old = world.report()
    world.clock.move(4 * 86_400_000)
    near = world.report(place_id=world.units["1-1"])
    other = world.report(category="road")
    here = world.report(place_id=world.units["1-1"])
    away = world.report()
    with world.database.read() as conn:
        person = world.person("head")
        row = boards.case(conn, person, here)
        assert row is not None
        found = [each.id for each in boards.similar(conn, person, row)]
        assert boards.case(conn, world.person("handler"), here) is None
    assert found == [near, away]
    assert old not in found
    assert other not in found


def test_names_and_candidates_around_a_case(world: World) -> None:
    with world.database.read() as conn:
        names = directory.place_names(conn, [world.places["one"], world.units["1-1"], None, "unknown"])
        found = directory.candidates(conn, world.places["one"], world.clock.now())
    assert names == {world.places["one"]: "LW1", world.units["1-1"]: "1-1"}
    assert [each.name for each in found[:2]] == ["handler", "handler2"]
    assert {each.name for each in found} == {"handler", "handler2", "head", "supervisor", "worker", "worker2",
                                             "volunteer", "captain", "captain2"}  # fmt: skip


# ------------------------------------------------------------------------------------------ a hundred thousand cases


def steps_of(conn: Connection, work: Callable[[], object]) -> int:
    """Thousands of steps of SQLite's machine: what it costs, on every machine the same."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    raw: Any = conn.connection.dbapi_connection
    raw.set_progress_handler(tick, 1000)
    try:
        work()
    finally:
        raw.set_progress_handler(None, 0)
    return count


def plan(conn: Connection, query: Any) -> str:
    compiled = query.compile(conn.engine, compile_kwargs={"render_postcompile": True})
    parameters = tuple(compiled.params[name] for name in compiled.positiontup)
    rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", parameters)
    return " | ".join(row[-1] for row in rows)


@pytest.mark.only_on(SQLITE)  # PostgreSQL's own is test_boards_on_postgresql.py
def test_a_page_among_a_hundred_thousand_cases_is_a_short_walk_along_an_index(world: World) -> None:
    values = {"cases": CASES, "book": world.places["one"], "handler": world.account("handler"),
              "by": world.account("worker2"), "now": world.clock.now()}  # fmt: skip
    with world.database.write() as conn:
        conn.execute(text(FILL), values)
    now = world.clock.now()
    closed, middle = Filters(statuses=("closed",)), f"{now - 50_000 * 60_000}~x"
    cheap: dict[str, list[tuple[Filters, str | None]]] = {
        "ix_record_by_time": [(Filters(), None), (Filters(), middle), (Filters(category="noise"), None)],
        "ix_record_by_status": [(Filters(statuses=OPEN), None), (closed, None), (closed, middle), (Filters(overdue=True), None)],
        "ix_record_torn": [(Filters(undecided=True), None)],
        "ix_record_by_number": [(Filters(text="LW1-0613-000044"), None)],
    }  # fmt: skip
    with world.database.read() as conn:
        assert conn.execute(select(func.count()).select_from(record)).scalar_one() > CASES
        for login in ("supervisor", "head", "command"):
            person = world.person(login)
            for index, questions in cheap.items():
                for filters, after in questions:
                    walks = list(boards.walks_of(person, filters, now=now, after=after, limit=51))
                    plans = [plan(conn, walk) for walk in walks]
                    assert all(f"USING INDEX {index} " in each for each in plans), (filters, plans)
                    assert not any("TEMP B-TREE" in each or "SCAN" in each for each in plans), (filters, plans)
                    cost = steps_of(conn, lambda: boards.cases(conn, person, filters, now=now, after=after))  # noqa: B023
                    assert cost < 40, (login, filters, cost)
            news_of = news.whats_new(conn, person, None)
            assert steps_of(conn, lambda: news.whats_new(conn, person, news_of.token)) < 2  # noqa: B023
            assert steps_of(conn, lambda: news.headline(conn, person, now)) < 60  # noqa: B023


def test_the_condition_in_sql_names_the_book_first(world: World) -> None:
    said = str(cases_in_sight(world.person("head"), world.places["one"]))
    assert said.startswith("record.book_id = ")
    assert str(cases_in_sight(world.person("head"), world.places["two"])) == "false"
    assert SERVER.sees(world.places["two"], "case", {})
