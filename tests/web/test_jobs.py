"""What goes by the clock: a resolved case closes after seven days of silence, a closed one is sealed after thirty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from api.services import EXTENSION, Services
from domain import jobs, sessions
from domain.days import DAY
from sync.clock import FixedClock, SystemClock, to_text
from tests.api import world
from tests.api.phone import Phone, change, report
from tests.server import make_data
from web import jobs as clock_jobs
from web.app import create_app


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory, clock: FixedClock) -> Iterator[Flask]:
    config = make_data(tmp_path_factory.mktemp("jobs"), world.fill)
    clock.at = SystemClock().now()  # not before the people became what they are
    made = create_app(config, clock)
    yield made
    made.extensions[EXTENSION].database.sql_engine.dispose()


@pytest.fixture
def at(app: Flask) -> Services:
    found: Services = app.extensions[EXTENSION]
    return found


@pytest.fixture
def worker(app: Flask) -> Phone:
    return Phone(app).sign_in("worker")


def _fixed_on_the_spot(worker: Phone, clock: FixedClock) -> str:
    """A case that its finder mended at once: it is resolved, and waits for somebody to say so."""
    step = {"from": None, "to": "resolved", "cycle": 1}
    sent = {**report(status=step, self_fixed=True), "made_at": to_text(clock.now())}
    worker.push(sent)
    record: str = sent["record"]
    return record


def _read(phone: Phone, record: str) -> Any:
    return phone.get(f"/records/{record}").json


def test_a_resolved_case_closes_after_seven_days_of_silence_and_says_so(
    at: Services, worker: Phone, clock: FixedClock
) -> None:
    record = _fixed_on_the_spot(worker, clock)
    clock.move(7 * DAY - 1000)
    assert jobs.close_silent(at.engine) == 0
    clock.move(2000)
    assert jobs.close_silent(at.engine) == 1
    fields = _read(worker, record)["fields"]
    assert fields["status"] == {"status": "closed", "cycle": 1}
    assert fields["auto_closed"] is True
    assert jobs.close_silent(at.engine) == 0
    last = worker.get(f"/records/{record}/history").json["changes"]
    assert any(each["set"].get("auto_closed") for each in last)


def test_a_case_that_somebody_touched_waits_another_seven_days(at: Services, worker: Phone, clock: FixedClock) -> None:
    record = _fixed_on_the_spot(worker, clock)
    clock.move(6 * DAY)
    worker.push(
        {**change(record, _read(worker, record)["seq"], {"place_note": "门口"}), "made_at": to_text(clock.now())}
    )
    clock.move(2 * DAY)
    assert jobs.close_silent(at.engine) == 0


def test_a_closed_case_is_sealed_after_thirty_days_and_not_opened_again(
    at: Services, worker: Phone, clock: FixedClock
) -> None:
    record = _fixed_on_the_spot(worker, clock)
    clock.move(8 * DAY)
    jobs.close_silent(at.engine)
    clock.move(29 * DAY)
    assert jobs.seal_closed(at.engine) == 0
    clock.move(2 * DAY)
    assert jobs.seal_closed(at.engine) == 1
    assert jobs.seal_closed(at.engine) == 0
    reopen = {"status": {"from": "closed", "to": "working", "cycle": 2}, "verify": {worker.account: None}}
    sent = {**change(record, _read(worker, record)["seq"], reopen), "epoch": at.engine.epoch}
    assert worker.sync(sent, limit=0)["receipts"][0]["outcome"] == "refused"


def test_S4_a_case_is_erased_when_it_has_been_over_for_as_long_as_it_may_be_kept(
    at: Services, worker: Phone, clock: FixedClock
) -> None:
    record, going_on = _fixed_on_the_spot(worker, clock), report()
    worker.push({**going_on, "made_at": to_text(clock.now())})
    clock.move(8 * DAY)
    jobs.close_silent(at.engine)
    kept_for = at.engine.types["case"].retention_days
    assert kept_for == 730
    clock.move((kept_for - 1) * DAY)
    assert jobs.erase_expired(at.engine) == 0
    clock.move(2 * DAY)
    assert jobs.erase_expired(at.engine) == 1
    assert jobs.erase_expired(at.engine) == 0
    again = Phone(worker.http.application).sign_in("worker")
    assert again.get(f"/records/{record}").status_code == 404
    assert again.get(f"/records/{going_on['record']}").status_code == 200, "what is not over is kept"


def test_sessions_that_have_run_out_are_swept_away(at: Services, worker: Phone, clock: FixedClock) -> None:
    clock.move(181 * DAY)
    with at.database.write() as conn:
        sessions.forget_old(conn, clock.now())
        assert conn.execute(sessions.session.select()).first() is None


def test_the_queue_knows_its_periodic_tasks(at: Services) -> None:
    queue = clock_jobs.make(at)
    periodic = {type(task).__name__ for task in queue._registry.periodic_tasks}
    assert {"cases", "sweep", "pictures", "hang_notices"} <= periodic
    assert (at.config.data / "jobs.db").exists()
