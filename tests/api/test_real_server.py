"""The door of a real server process: many phones at once, a power cut in between, nothing lost, nothing doubled."""

from __future__ import annotations

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.api import world
from tests.api.line import Line
from tests.api.phone import report
from tests.postgres import POSTGRESQL
from tests.server import Server, free_port

pytestmark = pytest.mark.both_databases


def _page(reply: Any) -> Any:
    return next((each for each in reply["books"] if each["book"] == world.GRID), None)


def test_O1_two_phones_push_into_one_book_while_a_third_pulls_and_misses_nothing(server: Server) -> None:
    writers = [Line(server).sign_in(login) for login in ("worker", "worker2")]
    reader = Line(server).sign_in("supervisor")
    first = _page(reader.sync())
    sent = [[report() for _ in range(40)] for _ in writers]
    seen: dict[str, int] = {}
    done = threading.Event()

    def write(line: Line, changes: list[Any]) -> list[Any]:
        receipts = []
        for start in range(0, len(changes), 4):
            receipts += line.sync(*changes[start : start + 4], limit=0)["receipts"]
        return receipts

    def read() -> None:
        cursor = first["cursor"]
        last_round = False
        while True:
            page = _page(reader.sync(cursors={world.GRID: cursor}, only=[world.GRID], limit=7))
            if page is not None:
                seqs = [each["seq"] for each in page["records"]]
                assert seqs == sorted(seqs)
                assert all(seq > cursor[0] for seq in seqs)
                seen.update((each["id"], each["seq"]) for each in page["records"])
                cursor = page["cursor"]
            if page is None or cursor[0] == page["head"]:
                if last_round:
                    return
                last_round = done.is_set()

    with ThreadPoolExecutor(3) as pool:
        reading = pool.submit(read)
        written = [job.result(60) for job in [pool.submit(write, *pair) for pair in zip(writers, sent, strict=True)]]
        done.set()
        reading.result(60)
    receipts = [each for batch in written for each in batch]
    assert {each["outcome"] for each in receipts} == {"applied"}
    assert {change["record"] for batch in sent for change in batch} <= seen.keys()
    history = sorted(each["seq"] for each in receipts)
    assert all(later > earlier for earlier, later in pairwise(history))


@pytest.mark.only_on(POSTGRESQL)
def test_O1_two_server_processes_on_one_database_number_each_book_without_a_gap(own_server: Server) -> None:
    second = Server(replace(own_server.config, port=free_port()))
    with second:
        lines = [
            Line(server).sign_in(login) for server in (own_server, second) for login in ("worker", "worker2", "captain")
        ]

        def write(line: Line) -> list[int]:
            return [line.sync(report(), limit=0)["receipts"][0]["seq"] for _ in range(8)]

        with ThreadPoolExecutor(len(lines)) as pool:
            own = list(pool.map(write, lines))
        reader = Line(second).sign_in("supervisor")
        page = _page(reader.sync())
    # Each report gets its number from the server, as a change of its own.
    assert all(numbers == sorted(numbers) for numbers in own)
    assert len({seq for numbers in own for seq in numbers}) == 8 * len(lines)
    assert len(page["records"]) == 8 * len(lines)
    assert page["head"] == page["cursor"][0] == max(each["seq"] for each in page["records"])


def test_X2_a_power_cut_between_commit_and_answer_loses_nothing_and_doubles_nothing(own_server: Server) -> None:
    line = Line(own_server).sign_in("worker")
    batch = [report() for _ in range(20)]
    cut = threading.Timer(0.05, own_server.kill)
    cut.start()
    for change in batch:
        try:
            line.sync(change, limit=0)
        except (OSError, http.client.HTTPException):
            break
    cut.join()
    own_server.start()
    # The phone does not know how far it came: it sends everything again, twice.
    line.last = None
    replies = [line.sync(*batch)["receipts"] for _ in range(2)]
    assert replies[0] == replies[1]
    assert {each["outcome"] for each in replies[0]} == {"applied"}
    records = [each["id"] for each in _page(line.sync())["records"]]
    assert sorted(records) == sorted(each["record"] for each in batch)


def test_a_phone_that_has_everything_asks_cheaply(server: Server) -> None:
    line = Line(server).sign_in("worker2")
    reply = line.sync()
    cursors = {each["book"]: each["cursor"] for each in reply["books"]}
    idle = line.sync(cursors=cursors, epoch=reply["epoch"])
    assert all(not each["records"] for each in idle["books"])


@pytest.mark.parametrize("path", ["/api/v1/sync", "/api/v1/uploads", "/api/v1/session"])
def test_who_sends_far_too_much_still_hears_why_it_was_refused(server: Server, path: str) -> None:
    line = Line(server).sign_in("worker")
    answer = line.request("POST", path, b"x" * (12 * 1024 * 1024))
    assert 400 <= answer.status < 500
    assert answer.headers["Content-Type"] == "application/problem+json"
