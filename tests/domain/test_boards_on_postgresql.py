"""Among a hundred thousand cases PostgreSQL, too, walks along the indexes that were made for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from domain import boards
from domain.case_rows import Filters
from domain.records.case_steps import OPEN
from tests.domain.world import World
from tests.postgres import POSTGRESQL

pytestmark = pytest.mark.only_on(POSTGRESQL)
CASES = 100_000
FILL = """
INSERT INTO record (book_id, id, type, schema, seq, fields, state, extra, "by", made_at, changed_at, hidden, erased, sight)
SELECT :book, '00000000-0000-7000-8000-' || lpad(i::text, 12, '0'), 'case', 1, 1000 + i, jsonb_build_object(
  'no', 'LW1-0613-' || lpad(i::text, 6, '0'),
  'category', CASE i % 7 WHEN 0 THEN 'road' WHEN 1 THEN 'noise' ELSE 'garbage' END,
  'severity', CASE WHEN i % 50 = 0 THEN 'urgent' ELSE 'normal' END,
  'status', jsonb_build_object(
    'status', CASE i % 1000 WHEN 0 THEN 'working' WHEN 1 THEN 'reported' ELSE 'closed' END, 'cycle', 1),
  'visibility', CASE WHEN i % 40 = 0 THEN 'restricted' END, 'due_at', '2026-06-01T00:00:00.000Z',
  'assignees', '{}'::jsonb, 'description', jsonb_build_array(jsonb_build_object('text', i::text))),
 '{}', CASE WHEN i % 5000 = 0 THEN '{"conflicts": {"place_id": []}}'::jsonb END,
 :by, CAST(:now AS bigint) - (CAST(:cases AS int) - i) * 60000::bigint, CAST(:now AS bigint), false, false, '{"by": "x", "visibility": "internal"}'
FROM generate_series(1, CAST(:cases AS int)) AS i
"""
PAGES_READ = 120
"""Blocks of 8 KiB that one walk may touch: an index and a page of rows, not the table (some 6,000)."""


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for each in plan.get("Plans", ()) for inner in nodes(each))]


def explained(conn: Connection, query: Any) -> list[dict[str, Any]]:
    words = str(query.compile(conn.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    # Not prepared: the values are in it, and their signs are theirs.
    cursor: Any = conn.connection.cursor()
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {words}".encode())
    return nodes(cursor.fetchone()[0][0]["Plan"])


def test_a_page_among_a_hundred_thousand_cases_is_a_short_walk_along_an_index(world: World) -> None:
    values = {"cases": CASES, "book": world.places["one"], "by": world.account("worker2"), "now": world.clock.now()}
    with world.database.write() as conn:
        conn.execute(text(FILL), values)
        conn.exec_driver_sql("ANALYZE record")
    now = world.clock.now()
    closed, middle = Filters(statuses=("closed",)), f"{now - 50_000 * 60_000}~x"
    cheap: dict[str, list[tuple[Filters, str | None]]] = {
        "ix_record_by_time": [(Filters(), None), (Filters(), middle), (Filters(category="noise"), None)],
        "ix_record_by_status": [(Filters(statuses=OPEN), None)],
        "ix_record_torn": [(Filters(undecided=True), None)],
        "ix_record_by_number": [(Filters(text="LW1-0613-000044"), None)],
    }
    # Nearly all are closed: the newest of all or the newest closed ones, PostgreSQL may take either.
    cheap["ix_record_by_"] = [(closed, None), (closed, middle)]
    person = world.person("supervisor")
    with world.database.read() as conn:
        for index, questions in cheap.items():
            for filters, after in questions:
                # Of a book with hardly anything in it, any way is short.
                full = replace(filters, book=world.places["one"])
                for walk in boards.walks_of(person, full, now=now, after=after, limit=51):
                    plan = explained(conn, walk)
                    used = {each.get("Index Name") for each in plan} - {None}
                    read = plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"]
                    assert not any(each["Node Type"] == "Seq Scan" for each in plan), (filters, plan)
                    assert [each.startswith(index) for each in used] == [True], (filters, used)
                    assert read <= PAGES_READ, (filters, read)
