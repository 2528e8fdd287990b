"""Many phones at once, from processes of their own: what they send was made beforehand, so that they cost little.

As a program (`python -m bench.load FILE`) one such process: FILE holds (port, threads, phones), where a phone is the list of its requests, which
it sends one after the other on one connection. It says `ready`, begins at a line of its standard input, and prints what came of it.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from bench.http1 import Line
from tools.say import ROOT

Phone = list[bytes]


@dataclass
class Told:
    """What the clients saw. Seconds; `took` of each request; `cpu` of the clients' own processes."""

    wall: float = 0.0
    cpu: float = 0.0
    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def run(port: int, phones: Sequence[Phone], at_once: int = 8, processes: int = 2) -> Told:
    """Let all phones send what they have, `at_once` of them at the same time."""
    processes = min(processes, at_once)
    with tempfile.TemporaryDirectory() as folder:
        clients = [
            _start(Path(folder) / str(each), (port, at_once // processes, list(phones[each::processes])))
            for each in range(processes)
        ]
        for client in clients:
            _pipe(client.stdout).readline()
        for client in clients:
            _pipe(client.stdin).write("go\n")
            _pipe(client.stdin).flush()
        return _together([json.loads(client.communicate()[0]) for client in clients])


def _start(path: Path, job: Any) -> subprocess.Popen[str]:
    path.write_bytes(pickle.dumps(job))
    words = [sys.executable, "-m", "bench.load", str(path)]
    return subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _pipe(found: IO[str] | None) -> IO[str]:
    if found is None:
        raise RuntimeError("a client without a pipe")
    return found


def _together(told: Sequence[Any]) -> Told:
    wall = max(each["end"] for each in told) - min(each["begin"] for each in told)
    took = [one for each in told for one in each["took"]]
    return Told(wall, sum(each["cpu"] for each in told), took, [one for each in told for one in each["wrong"]])


class Sending:
    """The phones of this process, taken by its threads one by one."""

    def __init__(self, port: int, phones: Sequence[Phone]) -> None:
        self.port, self._waiting = port, list(reversed(phones))
        self.took: list[float] = []
        self.wrong: list[str] = []

    def work(self) -> None:
        while self._waiting:
            try:
                phone = self._waiting.pop()
            except IndexError:
                return
            line = Line(self.port)
            for each in phone:
                began = time.perf_counter()
                answer = line.ask(each)
                self.took.append(time.perf_counter() - began)
                if answer.status not in (200, 201, 202):
                    self.wrong.append(f"{answer.status} {answer.body[:300]!r}")
            line.close()


def main() -> None:
    port, threads, phones = pickle.loads(Path(sys.argv[1]).read_bytes())
    sending = Sending(port, phones)
    print("ready", flush=True)
    sys.stdin.readline()
    # The clock of all processes of a machine is one.
    begin, cpu = time.monotonic(), time.process_time()
    workers = [threading.Thread(target=sending.work) for _ in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    told = {"begin": begin, "end": time.monotonic(), "cpu": time.process_time() - cpu}
    print(json.dumps({**told, "took": sending.took, "wrong": sending.wrong[:5]}))


if __name__ == "__main__":
    main()
