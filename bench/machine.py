"""What a measurement needs of the machine: processes started and ended, their processor time and memory, what is installed."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.say import ROOT

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Trouble(Exception):
    """A server that does not start, or an answer that is not the one that was to be measured."""


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of processor time that these have taken, and their children that have ended."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))
    return total / TICKS


def memory_of(pids: Sequence[int]) -> int:
    """Resident bytes that are these processes' own (proportional where shared)."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) * 1024
    return total


@dataclass
class Process:
    """A server that we started, in a session of its own."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pids(self) -> list[int]:
        return family(self.popen.pid)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(8)
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


@contextmanager
def running(
    words: Sequence[str], log: Path, ready: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Iterator[Process]:
    """A server until the block ends, from when `ready` (a URL) answers. Trouble if it never does."""
    with log.open("ab") as said:
        popen = subprocess.Popen(
            words, cwd=cwd, env=dict(env or os.environ), stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )  # fmt: skip
    process = Process(popen, log)
    try:
        _wait(process, ready)
        yield process
    finally:
        process.end()


def _wait(process: Process, ready: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.popen.poll() is None:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(ready, timeout=5).close()
            return
        time.sleep(0.05)
    raise Trouble(f"{process.popen.args!r} did not start:\n{process.log.read_text(errors='replace')[-2000:]}")


class Counting:
    """The line of `bench.proxy` in front of a port: `port` to speak to, `figures()` since the last time."""

    def __init__(self, upstream: int, *bad: float) -> None:
        words = [sys.executable, "-m", "bench.proxy", str(upstream), *map(str, bad)]
        self._popen = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._say())

    def _say(self, word: str = "") -> str:
        if self._popen.stdin is None or self._popen.stdout is None:
            raise Trouble("a line without pipes")
        if word:
            self._popen.stdin.write(word + "\n")
            self._popen.stdin.flush()
        return self._popen.stdout.readline()

    def figures(self) -> Any:
        return json.loads(self._say("tell"))

    def close(self) -> None:
        self._popen.communicate()  # the end of its standard input is its own


@contextmanager
def counting(upstream: int, *bad: float) -> Iterator[Counting]:
    line = Counting(upstream, *bad)
    try:
        yield line
    finally:
        line.close()


def busy() -> float:
    """How many processes wanted a processor, on the mean of the last minute, before we began."""
    return round(os.getloadavg()[0], 2)


def described() -> dict[str, Any]:
    """The machine, in a few words."""
    memory = os.sysconf("SC_PHYS_PAGES") * PAGE
    model = next((line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    return {
        "cpus": os.cpu_count(),
        "cpu": model,
        "memory_gb": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def _cpuinfo() -> list[str]:
    with suppress(OSError):
        return Path("/proc/cpuinfo").read_text().splitlines()
    return []
