"""A full disk, a book that cannot be had, a database that is away: said in words, nothing receipted that is not stored,
and everything works again when the trouble is over."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from api.services import EXTENSION, Services
from sync.clock import SystemClock
from sync.database import Database, connect
from sync.shelf import lock_book
from tests.api import phone as phones
from tests.api import world
from tests.api.line import Line
from tests.api.phone import Phone, drawing, report
from tests.server import Server
from tests.torture.cluster import Cluster
from tests.torture.fuzzed import books_are_whole
from tests.torture.world import on_postgresql, on_sqlite
from web.app import create_app

LARGE = "长" * 1_900


@pytest.fixture
def app(data: Path) -> Iterator[Flask]:
    made = create_app(on_sqlite(data), SystemClock())
    yield made
    services(made).database.sql_engine.dispose()


def services(app: Flask) -> Services:
    found: Services = app.extensions[EXTENSION]
    return found


def large_report() -> Any:
    return report(description={"text": LARGE})


class Room:
    """How many pages the database may have, on every connection of the app: SQLite itself says SQLITE_FULL."""

    def __init__(self, app: Flask) -> None:
        self.pages = 2**30
        self.sql_engine = services(app).database.sql_engine
        event.listen(self.sql_engine, "checkout", self._limit)

    def _limit(self, raw: Any, _record: object, _proxy: object) -> None:
        raw.execute(f"PRAGMA max_page_count = {self.pages}")

    def leave(self, pages: int) -> None:
        with self.sql_engine.connect() as conn:
            self.pages = int(conn.exec_driver_sql("PRAGMA page_count").scalar() or 0) + pages


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_X1_a_full_disk_during_a_sync_is_said_in_words_and_nothing_is_receipted_that_is_not_kept(
    app: Flask, language: str
) -> None:
    phone, room = Phone(app).sign_in("worker"), Room(app)
    room.leave(30)
    sent, kept = [large_report() for _ in range(30)], []
    full = 0
    for change in sent:
        answer = phone.post("/sync", phone.call(change, limit=0), headers={"Accept-Language": language})
        if answer.status_code == 200:
            kept += answer.json["receipts"]
            phone.last = change["id"]
            continue
        full += 1
        assert (answer.status_code, answer.json["code"]) == (507, "storage_full")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.mimetype == "application/problem+json"
    assert kept
    assert full
    books_are_whole(services(app))
    room.leave(10_000)
    again = phone.sync(*sent)["receipts"]
    assert {each["outcome"] for each in again} == {"applied"}
    assert [(each["id"], each["seq"]) for each in again][: len(kept)] == [(each["id"], each["seq"]) for each in kept]


def test_X1_a_server_that_may_write_no_further_says_so_and_goes_on_when_it_may(data: Path) -> None:
    """The whole process meets the limit: the database's log, the pictures on their way, everything."""
    with Server(on_sqlite(data)) as server:
        line = Line(server).sign_in("worker")
        picture = drawing(1, (800, 600))
        first = line.sync(report(picture))
        where = line.begin_upload(picture)
        limit = max(each.stat().st_size for each in data.iterdir() if each.name.startswith("gridwalk.db"))
        sent = [large_report() for _ in range(40)]
        call = {"protocol": 1, "device": line.device, "last": sent[-1]["id"], "newest": sent[-1]["id"], "limit": 0}
        with _file_limit(server, min(limit, len(picture) // 2)):
            answers = [line.request("POST", "/api/v1/sync", {**call, "changes": [change]}) for change in sent]
            uploaded = line.patch(where, 0, picture)
        assert {answer.status for answer in answers} <= {200, 507}
        assert any(answer.status == 507 for answer in answers)
        assert uploaded.status == 507
        assert "storage_full" in {answer.json.get("code") for answer in answers}
        told = [each for answer in answers if answer.status == 200 for each in answer.json["receipts"]]
        line.last = sent[-1]["id"]
        again = {each["id"]: each for each in line.sync(*sent, epoch=first["epoch"])["receipts"]}
        assert all(again[each["id"]]["seq"] == each["seq"] for each in told)
        assert {each["outcome"] for each in again.values()} == {"applied"}
        offset = line.offset(where)
        assert line.patch(where, offset, picture[offset:]).status == 204


@contextmanager
def _file_limit(server: Server, size: int) -> Iterator[None]:
    """While this lasts, the processes of a server may make no file larger than `size` bytes (EFBIG, as a quota does)."""
    _limit_files(server, size)
    yield
    _limit_files(server, resource.RLIM_INFINITY)


def _limit_files(server: Server, size: int) -> None:
    main = server._process
    assert main is not None
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(each.name)) == main.pid:
                resource.prlimit(int(each.name), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_X4_a_book_that_cannot_be_had_is_named_and_its_changes_wait(data: Path, database_url: str) -> None:
    sqlite = database_url.startswith("sqlite")
    config = on_sqlite(data) if sqlite else on_postgresql(data, database_url)
    app = create_app(config, SystemClock())
    phone = Phone(app).sign_in("supervisor")
    other = Database(connect(config.database_url))
    impatient = Database(connect(config.database_url, 0.2), 0.2)
    services(app).engine.database = impatient
    phone.sync()
    mine, elsewhere = report(), report(book=world.OTHER_GRID)
    with other.write() as conn:
        lock_book(conn, world.GRID)
        reply = phone.sync(mine, elsewhere, limit=0)
        # SQLite has one writer for all books.
        assert reply["busy"] == (sorted([world.GRID, world.OTHER_GRID]) if sqlite else [world.GRID])
        assert [each["id"] for each in reply["receipts"]] == ([] if sqlite else [elsewhere["id"]])
    assert {each["outcome"] for each in phone.sync(mine, elsewhere)["receipts"]} == {"applied"}
    for each in (other, impatient, services(app).database):
        each.sql_engine.dispose()


def test_X4_who_cannot_even_be_looked_up_is_told_when_to_come_again(data: Path, own_cluster: Cluster) -> None:
    app = create_app(on_postgresql(data, own_cluster.new_database()), SystemClock())
    phone = Phone(app).sign_in("worker")
    own_cluster.kill()
    try:
        answer = phone.post("/sync", phone.call(report()))
        assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        own_cluster.start()
    assert phones.Phone.sync(phone, report())["receipts"][0]["outcome"] == "applied"
    services(app).database.sql_engine.dispose()
