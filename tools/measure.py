"""How quick the door is on this machine: start-up, an idle phone's call, a report, the console's list.

A real server on a free port of this machine with the demo world, in a folder that is thrown away; a few clients for a
few seconds each. Numbers of one machine are for comparing with numbers of the same machine.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.clock import SystemClock, to_text
from sync.ids import Ids
from tests.server import Server, make_data
from web.commands.demo import PASSWORD
from web.config import Config

SECONDS = float(os.environ.get("SECONDS") or 5)
CLIENTS = 4
IDS = Ids(SystemClock())
Json = dict[str, Any]


@dataclass
class Phone:
    """A signed-in client that keeps its connection."""

    port: int
    login: str
    cookie: str = ""
    device: str = ""
    book: str = ""
    last: str | None = None
    cursors: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        answer = self.post("/api/v1/session", {"login": self.login, "password": PASSWORD, "device_name": "bench"})
        self.device = answer["device"]
        self.book = next(each["book"] for each in answer["books"] if each["access"] == "write")

    def post(self, path: str, body: Json) -> Json:
        headers = {"X-Gridwalk": "1", "Content-Type": "application/json", "Cookie": self.cookie}
        self.line.request("POST", path, json.dumps(body), headers)
        answer = self.line.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {said[:300]!r}")
        self.cookie = (answer.headers.get("Set-Cookie") or self.cookie).split(";")[0]
        parsed: Json = json.loads(said)
        return parsed

    def page(self, path: str) -> None:
        self.line.request("GET", path, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status} ({size} bytes)")

    def sync(self, *changes: Json, limit: int = 5000) -> Json:
        newest = changes[-1]["id"] if changes else self.last
        head = {"protocol": 1, "device": self.device, "epoch": None, "last": self.last, "newest": newest}
        reply = self.post("/api/v1/sync", {**head, "cursors": self.cursors, "changes": [*changes], "limit": limit})
        self.last = newest
        self.cursors.update({each["book"]: each["cursor"] for each in reply["books"]})
        return reply

    def catch_up(self) -> int:
        """Pull until nothing is missing; the number of records."""
        count, more = 0, True
        while more:
            reply = self.sync()
            count += sum(len(each["records"]) for each in reply["books"])
            more = reply["more"]
        return count

    def report(self) -> None:
        receipt = self.sync(a_report(self.book), limit=0)["receipts"][0]
        if receipt["outcome"] != "applied":
            raise RuntimeError(f"a report was not taken: {receipt}")


def a_report(book: str) -> Json:
    now = to_text(SystemClock().now())
    written = {
        "class": "thing",
        "category": "blocked_way",
        "description": {"text": "三楼拐角堆了纸箱"},
        "severity": "serious",
        "source": "grid_worker",
        "captured_at": now,
        "status": {"from": None, "to": "reported", "cycle": 1},
    }
    frame: Json = {"id": IDS.new(), "book": book, "record": IDS.new(), "type": "case", "schema": 1, "epoch": None}
    return {**frame, "seen": 0, "made_at": now, "create": True, "set": written}


def timed(work: Callable[[], object]) -> list[float]:
    """Milliseconds of each call, called again and again for a few seconds."""
    took, end = [], time.perf_counter() + SECONDS
    while (began := time.perf_counter()) < end:
        work()
        took.append((time.perf_counter() - began) * 1000)
    return took


def together(works: list[Callable[[], object]]) -> list[float]:
    """All at the same time, each in a thread of its own."""
    gathered: list[float] = []
    threads = [threading.Thread(target=lambda each=each: gathered.extend(timed(each))) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return gathered


def show(name: str, took: list[float]) -> None:
    cuts = statistics.quantiles(took, n=20)
    rate = len(took) / SECONDS
    print(f"  {name:<46} {rate:8.0f} a second   half in {cuts[9]:6.1f} ms   19 of 20 in {cuts[18]:6.1f} ms", flush=True)


def measure(config: Config) -> None:
    began = time.perf_counter()
    with Server(config) as server:
        print(f"  {'the server answers':<46} after {time.perf_counter() - began:.1f} s")
        phones = [Phone(config.port, login) for login in ("worker", "worker2", "head", "supervisor")[:CLIENTS]]
        began = time.perf_counter()
        count = phones[0].catch_up()
        print(f"  {'a new phone has everything':<46} {count} records in {time.perf_counter() - began:.2f} s")
        for phone in phones[1:]:
            phone.catch_up()
        show("an idle phone's call, one phone", timed(phones[0].sync))
        show(f"an idle phone's call, {CLIENTS} phones", together([phone.sync for phone in phones]))
        show("a report and its receipt on disk, one phone", timed(phones[0].report))
        show(f"a report and its receipt on disk, {CLIENTS} phones", together([phone.report for phone in phones]))
        show("the console's list of cases", timed(lambda: phones[3].page("/console/cases")))
        print(f"  the server said: {server.log.stat().st_size // 1024} KB of log")


def main() -> None:
    print(f"Measuring for {SECONDS:.0f} s each; {os.cpu_count()} processors.")
    with tempfile.TemporaryDirectory() as folder:
        measure(make_data(Path(folder)))


if __name__ == "__main__":
    main()
