"""The whole instance on PostgreSQL: `gridwalk run` from an empty database, and what only PostgreSQL refuses."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from sync.database import Database, connect
from tests.server import free_port
from tests.waiting import PATIENCE
from tests.web.conftest import SEAT
from tests.web.desk import Desk
from tests.web.test_command_line import read_until, running, wait_for
from web import revision, upgrade


def test_run_sets_up_an_empty_database_and_ends_with_nothing_left(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("GRIDWALK_DATABASE_URL", postgres_url.replace("postgresql+psycopg", "postgres"))
    with running(tmp_path, port, also=("GRIDWALK_DATABASE_URL",)) as process:
        assert f"http://localhost:{port}/" in read_until(process, "Ctrl-C")
        wait_for(port)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert revision.present(postgres_url) == revision.newest()
    assert not list(tmp_path.glob("gridwalk.db*"))


def test_two_programs_that_start_together_migrate_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade.upgrade, [postgres_url, postgres_url]))
    engine = connect(postgres_url)
    with Database(engine).read() as conn:
        assert revision.of(conn) == revision.newest()
    engine.dispose()


@pytest.mark.both_databases
def test_a_nul_in_what_somebody_typed_is_refused_and_nothing_breaks(app: Flask, seat: SEAT) -> None:
    guest = Desk(app)
    for typed in ({"login": "a\0b", "password": "x"}, {"login": "a", "password": "x\0"}):
        assert guest.post("/console/sign-in", **typed).status == 400
    desk = seat("supervisor")
    odd = (
        "/console/cases?text=a%00b",
        "/console/cases?category=%00",
        "/console/cases/%00",
        "/console/cases?after=%00~x",
    )
    assert [desk.get(path).status for path in odd] == [400, 400, 404, 400]
