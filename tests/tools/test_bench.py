"""The measuring itself: a workload that is the same every time, a line that counts right and is as bad as it says, goals."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from bench import goals, report
from bench.http1 import Line, request
from bench.machine import counting, cpu_of, family
from bench.measures import QUICK
from bench.proxy import Counted
from bench.workload import change, entries, plain
from domain.records import TYPES
from sync.changes import Change, read_change
from sync.values import TypeCheck

GRID, AUTHOR = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
SAID = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@contextmanager
def echo() -> Iterator[int]:
    """A server that says the same to every request."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            peer, _ = listening.accept()
            with peer:
                while peer.recv(65536):
                    peer.sendall(SAID)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


def test_the_workload_is_the_same_every_time_and_of_the_size_it_says() -> None:
    made = entries(50, "a phone")
    assert made == entries(50, "a phone") != entries(50, "another")
    assert [each.id for each in made] == sorted(each.id for each in made)
    sizes = [len(orjson.dumps(plain(each, GRID, AUTHOR))) for each in made]
    assert 550 <= sum(sizes) / len(sizes) <= 750


def test_an_entry_is_a_change_that_its_record_type_takes() -> None:
    for each in entries(5, "a phone"):
        read = read_change(change(each, GRID, AUTHOR))
        assert isinstance(read, Change)
        assert TypeCheck(TYPES[read.type])(read.values, create=True) == {}


def test_a_line_counts_requests_and_every_byte() -> None:
    asked = request("POST", "/", b"some words")
    with echo() as port, counting(port) as counted:
        line = Line(counted.port)
        answers = [line.ask(asked) for _ in range(3)]
        line.close()
        told = Counted(**counted.figures())
        assert (told.connections, told.requests) == (1, 3)
        assert (told.up, told.down) == (3 * len(asked), 3 * len(SAID))
        assert counted.figures()["up"] == 0
    assert {each.body for each in answers} == {b"hello"}
    assert answers[0].weight == len(SAID)


def test_a_bad_line_takes_a_round_trip_to_connect_one_to_ask_and_the_time_of_its_bytes() -> None:
    with echo() as port, counting(port, 100.0, 50_000.0) as counted:
        began = time.monotonic()
        line = Line(counted.port)
        line.ask(request("POST", "/", b"x" * 5000))
        took = time.monotonic() - began
        line.close()
    assert took >= 0.1 + 0.1 + 0.1


def test_the_processor_time_of_a_process_is_seen_from_outside() -> None:
    with counting(1) as counted:
        assert counted.port > 0
        assert len(family(counted._popen.pid)) >= 1
        assert cpu_of(family(counted._popen.pid)) >= 0


def made_raw() -> report.Json:
    two = {"per_second": 1000.0, "cpu_ms": 0.3, "up": 200.0, "requests": 40.0}
    one = {"seconds": 0.1, "requests": 1.0, "up": 40_000.0}
    slower = {**two, "per_second": 500.0}
    return {
        "date": "2026-11-22",
        "commit": "abc",
        "machine": {"cpus": 2, "cpu": "a < b", "memory_gb": 4.0, "system": "Linux"},
        "versions": {"Python": "3.11"},
        "sizes": QUICK.told(),
        "busy": [0.5],
        "rounds": {
            goals.SQLITE: [{"B2": slower, "B1": one}, {"B2": two, "B1": one}, {"B2": two, "B1": one}],
            goals.BARE[goals.SQLITE]: [{"B2": {**two, "per_second": 2000.0}, "B1": one}],
            "a <peer>": [{"B2": two, "B1": {**one, "seconds": 0.05}}],
        },
    }


def test_goals_are_asked_of_the_medians() -> None:
    found = report.medians(made_raw()["rounds"])
    told = {goal.says: goal.value(found, goals.SQLITE) for goal in goals.GOALS}
    assert told["entries a second, against the ceiling"] == 0.5
    assert told["time, against the fastest peer"] == 2.0
    assert told["entries a second, against kinto"] is None
    assert [goal.met(0.3) for goal in goals.GOALS if goal.says == "server processor time an entry"] == [False]


def test_the_readme_is_told_and_keeps_everything_else() -> None:
    readme = f"# A\n{report.MARKS[0]}\nold\n{report.MARKS[1]}\nafter\n"
    told = report.in_readme(readme, made_raw())
    assert "old" not in told
    assert "| Gridwalk on SQLite | 1,000 | 0.30 |" in told
    assert report.in_readme(told, made_raw()) == told
    assert told.startswith("# A\n")
    assert told.endswith("after\n")
    assert report.in_readme("no place for it", made_raw()) == "no place for it"


def test_the_report_has_a_table_a_picture_and_says_what_was_reached() -> None:
    words = report.written(made_raw())
    assert "| Gridwalk on SQLite | 1,000 | 0.300 |" in words
    assert "✓ 0.5 ×" in words
    assert "✗ 0.3 ms" in words
    picture = report.drawn(made_raw())
    assert "a &lt;peer&gt;" in picture
    assert picture.count("<rect") == 4
