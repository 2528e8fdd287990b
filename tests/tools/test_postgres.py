"""The PostgreSQL of the tests: it is there when asked for, and nothing of it is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from tests.postgres import DATABASES, Cluster
from tools import postgres
from tools.say import ROOT


def folder_of(url: str) -> Path:
    return Path(str(make_url(url).query["host"]))


def answer(engine: Engine, words: str) -> object:
    with engine.connect() as conn:
        found = conn.execute(text(words)).scalar()
    engine.dispose()
    return found


def wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()


@pytest.mark.postgres
def test_a_cluster_ends_with_its_block_and_leaves_nothing() -> None:
    with postgres.running() as url:
        assert answer(create_engine(url), "SELECT 1") == 1
        folder = folder_of(url)
        pid = int((folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.postgres
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_cluster_ends_with_whoever_started_it_however_that_ends(end: signal.Signals) -> None:
    words = (
        "import sys, time\nfrom tools import postgres\n"
        "with postgres.running() as url:\n    print(url, flush=True)\n    time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    folder = folder_of(starter.stdout.readline().strip())
    assert folder.exists()
    starter.send_signal(end)
    starter.communicate()
    wait_until_gone(folder)


def test_a_copy_of_a_template_is_a_database_of_its_own(postgres: Cluster) -> None:
    def fill(url: str) -> None:
        engine = create_engine(url)
        with engine.begin() as conn:
            conn.execute(text("CREATE TABLE one (n int)"))
            conn.execute(text("INSERT INTO one VALUES (1)"))
        engine.dispose()

    made = [postgres.create(postgres.template("tools", fill)) for _ in range(2)]
    engine = create_engine(made[0])
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM one"))
    engine.dispose()
    assert [answer(create_engine(url), "SELECT count(*) FROM one") for url in made] == [0, 1]
    for url in made:
        postgres.drop(url)


def test_what_runs_on_postgresql_is_marked(request: pytest.FixtureRequest, postgres: Cluster) -> None:
    assert request.node.get_closest_marker("postgres") is not None


@pytest.mark.parametrize("kind", DATABASES)
def test_of_two_databases_only_one_is_marked(request: pytest.FixtureRequest, kind: str) -> None:
    assert (request.node.get_closest_marker("postgres") is not None) == (kind == "postgresql")


def test_both_databases_are_what_they_say(database_url: str, request: pytest.FixtureRequest) -> None:
    assert database_url.startswith(request.node.callspec.params["database_url"])
    assert answer(create_engine(database_url), "SELECT 1") == 1
