"""The ceiling: what any Flask design on this machine and this database can reach. It parses, stores a call's entries with
one statement of many rows, numbers them in their grid, gives an ordered feed, and does nothing else: no sign-in, no check,
no merge, no receipt. `granian --factory bench.ceiling:make`, with the database in BENCH_URL.
"""

from __future__ import annotations

import os
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy import Connection, text

from sync.database import Database, connect

FORM = (
    "CREATE TABLE head (grid VARCHAR(36) PRIMARY KEY, seq BIGINT NOT NULL)",
    "CREATE TABLE entry (grid VARCHAR(36), seq BIGINT, id VARCHAR(36) NOT NULL, body TEXT NOT NULL, PRIMARY KEY (grid, seq))",
)


def prepare(url: str, grids: list[str]) -> None:
    """Make its two tables."""
    engine = connect(url)
    with Database(engine).write() as conn:
        for each in FORM:
            conn.exec_driver_sql(each)
        conn.execute(text("INSERT INTO head VALUES (:grid, 0)"), [{"grid": grid} for grid in grids])
    engine.dispose()


def _many(conn: Connection, is_sqlite: bool, rows: list[tuple[Any, ...]]) -> None:
    """One statement, as the driver takes it best."""
    if is_sqlite:
        marks = ",".join(["(?,?,?,?)"] * len(rows))
        conn.exec_driver_sql(f"INSERT INTO entry VALUES {marks}", tuple(each for row in rows for each in row))
    else:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        conn.exec_driver_sql(
            "INSERT INTO entry SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[])", columns
        )


def make() -> Flask:
    app = Flask("ceiling")
    database = Database(connect(os.environ["BENCH_URL"]))
    take = text("UPDATE head SET seq = seq + :count WHERE grid = :grid RETURNING seq")
    feed = text("SELECT seq, body FROM entry WHERE grid = :grid AND seq > :after ORDER BY seq LIMIT 5000")

    @app.get("/ready")
    def ready() -> str:
        return "ready"

    @app.post("/entries/<grid>")
    def push(grid: str) -> Response:
        sent = orjson.loads(request.get_data())
        with database.write() as conn:
            last = conn.execute(take, {"count": len(sent), "grid": grid}).scalar_one()
            first = last - len(sent) + 1
            rows = [(grid, first + at, each["id"], orjson.dumps(each).decode()) for at, each in enumerate(sent)]
            _many(conn, database.is_sqlite, rows)
        return Response(orjson.dumps({"seq": last}), mimetype="application/json")

    @app.get("/entries/<grid>/<int:after>")
    def pull(grid: str, after: int) -> Response:
        with database.read() as conn:
            found = conn.execute(feed, {"grid": grid, "after": after}).all()
        parts = b",".join(b'{"seq":%d,"entry":%s}' % (seq, body.encode()) for seq, body in found)
        return Response(b"[" + parts + b"]", mimetype="application/json")

    return app
