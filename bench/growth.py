"""`python -m bench.growth [--write] [GRIDS …]`: a day of so many grids, played with the measured costs; prints where the queue forms.

What a call and an entry cost is read from bench/results.json and bench/partitions.json (never guessed); how many people
there are and what they do in a day is assumed, in `Society`, and said in docs/scale.md. A queue is what was asked of a
part (processors, the line) in a stretch of ten seconds and could not be done in it. Pure but for reading the two files.
`--write` puts what is printed into docs/scale.md.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from bench.goals import POSTGRESQL, SQLITE
from bench.report import medians

BEGIN: Final = "<!-- from here on by python -m bench.growth --write -->"
END: Final = "<!-- until here -->"
HERE: Final = Path(__file__).resolve().parent
STEP: Final = 10
"""Seconds in one stretch."""
DAY: Final = 24 * 3600
PATIENCE: Final = 5.0
"""Seconds that nobody should wait for longer, on an ordinary day."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds of processor time, and bytes, as measured."""

    entry: float
    call: float
    entry_database: float
    call_database: float
    up: float
    down: float
    picture: float = 0.0
    read: float = 0.0
    """One record pulled by somebody."""
    read_bytes: float = 0.0

    @property
    def together(self) -> tuple[float, float]:
        return self.entry + self.entry_database, self.call + self.call_database


@dataclass(frozen=True, slots=True)
class Society:
    """One grid on a working day."""

    workers: float = 1.0
    captains: float = 8.0
    guards: float = 0.2
    worker_entries: float = 30.0
    captain_entries: float = 3.0
    guard_entries: float = 8.0
    asks_worker: float = 60.0
    """Calls a day that bring nothing: every time the app is opened or comes back to a line."""
    asks_other: float = 8.0
    pictures: float = 0.3
    """Of an entry."""
    picture_bytes: float = 250_000
    readers: float = 4.0
    """Phones and desks that pull what one has written."""
    burst: float = 3.0
    """Entries in one push: what was written since the last line."""

    @property
    def phones(self) -> float:
        return self.workers + self.captains + self.guards

    @property
    def entries(self) -> float:
        others = self.captains * self.captain_entries + self.guards * self.guard_entries
        return self.workers * self.worker_entries + others

    @property
    def calls(self) -> float:
        asks = self.workers * self.asks_worker + (self.captains + self.guards) * self.asks_other
        return asks + self.entries / self.burst


@dataclass(frozen=True, slots=True)
class Setup:
    """What there is: cores of the servers and of PostgreSQL (0: both on the same cores), bytes a second of the line."""

    name: str
    cores: float
    database_cores: float = 0.0
    line: float = 12_500_000.0
    spare: float = 0.7
    """Of the cores that may be used: the rest is the system, the jobs, pictures made smaller."""


SHARES: Final = (
    *((0.002,) * 6),
    0.02, 0.09, 0.17, 0.13, 0.07, 0.03, 0.03, 0.06, 0.09, 0.09, 0.07, 0.05, 0.03, 0.025, 0.015, 0.01, 0.004, 0.004,
)  # fmt: skip
"""Of the day's work, hour by hour: the round of the morning is the peak."""
MORNING: Final = 8 * 3600 + 30 * 60
RETURN: Final = 600.0
"""Seconds within which the phones of the morning meeting come to a line: a fifth of the peak hour's work in ten minutes."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Of one part: how busy at most (1: full), how many seconds one would wait at most, and when (second of the day)."""

    part: str
    busy: float
    wait: float
    at: int


def shape() -> list[float]:
    """The day's work by stretches; together 1."""
    total = sum(SHARES)
    found = [SHARES[at // 3600] / total / (3600 / STEP) for at in range(0, DAY, STEP)]
    peak = SHARES[MORNING // 3600] / total * 0.2
    for at in range(MORNING // STEP, MORNING // STEP + int(RETURN / STEP)):
        found[at] += peak / (RETURN / STEP)
    for at in range(8 * 3600 // STEP, 9 * 3600 // STEP):
        found[at] -= peak / (3600 / STEP)
    return found


def demands(costs: Costs, society: Society, setup: Setup, grids: float) -> Mapping[str, tuple[float, float]]:
    """Part -> (what the whole day asks of it, what it can do in a second): seconds of a core, or bytes."""
    entries, calls = grids * society.entries, grids * society.calls
    each = costs.entry + society.readers * costs.read + society.pictures * costs.picture
    app = (entries * each + calls * costs.call) / 1000
    database = (entries * costs.entry_database + calls * costs.call_database) / 1000
    pictures = entries * society.pictures * society.picture_bytes
    text = entries * (costs.up + society.readers * costs.read_bytes) + calls * costs.down
    line = (pictures + text, setup.line)
    if not setup.database_cores:
        return {"processors": (app + database, setup.cores * setup.spare), "line": line}
    cores = {"servers": (app, setup.cores * setup.spare), "PostgreSQL": (database, setup.database_cores * setup.spare)}
    return {**cores, "line": line}


def play(costs: Costs, society: Society, setup: Setup, grids: float) -> list[Queue]:
    """A day, part by part."""
    return [_play(part, asked, can) for part, (asked, can) in demands(costs, society, setup, grids).items()]


def _play(part: str, asked: float, can: float) -> Queue:
    waiting, worst, at, busy = 0.0, 0.0, 0, 0.0
    for number, share in enumerate(shape()):
        came = asked * share
        busy = max(busy, came / (can * STEP))
        waiting = max(0.0, waiting + came - can * STEP)
        if waiting / can > worst:
            worst, at = waiting / can, number * STEP
    return Queue(part, busy, worst, at)


def carries(costs: Costs, society: Society, setup: Setup) -> int:
    """The most grids with which nobody waits longer than PATIENCE."""
    low, high = 0, 1
    while max(each.wait for each in play(costs, society, setup, high)) <= PATIENCE:
        low, high = high, high * 2
    while high - low > max(1, high // 200):
        middle = (low + high) // 2
        fits = max(each.wait for each in play(costs, society, setup, middle)) <= PATIENCE
        low, high = (middle, high) if fits else (low, middle)
    return low


def after_a_storm(costs: Costs, setup: Setup, phones: float, each: float = 50) -> float:
    """Seconds until the last of so many phones is answered that come in the same minute with so many entries each."""
    entry, call = costs.together if not setup.database_cores else (costs.entry, costs.call)
    on_servers = phones * (each * entry + call) / 1000 / (setup.cores * setup.spare)
    asked = phones * (each * costs.entry_database + costs.call_database) / 1000
    on_database = asked / (setup.database_cores * setup.spare) if setup.database_cores else 0.0
    return max(60.0, on_servers, on_database)


# -- the measured costs --------------------------------------------------------------------------------------------


def costs_of(results: Mapping[str, Any], partitions: Mapping[str, Any], target: str) -> Costs:
    """What `make bench` and `python -m bench.partitions` have found. SQLite's own work is in the server's time."""
    found = medians(results["rounds"])[target]
    call = 1000 / found["B5"]["per_second"]
    whole = partitions["whole"]["B7"]
    share = 0.0 if target == SQLITE else whole["postgres_ms"] / (whole["postgres_ms"] + whole["cpu_ms"])
    return Costs(
        entry=found["B7"]["cpu_ms"],
        call=call * (1 - share),  # one call at a time: all of it counts as work, also what was waiting
        entry_database=0.0 if target == SQLITE else whole["postgres_ms"],
        call_database=call * share,
        up=found["B2"]["up"],
        down=found["B5"]["down"],
        picture=partitions["picture_ms"],
        read=found["B3"]["server_seconds"] * 1000 / found["B3"]["records"],
        read_bytes=found["B3"]["down"] / found["B3"]["records"],
    )


def read(name: str) -> Any:
    return orjson.loads((HERE / name).read_bytes())


SMALL: Final = Setup("one small server, SQLite", 2)
SMALL_POSTGRESQL: Final = Setup("one small server with its PostgreSQL", 2)
CITY: Final = Setup("4 servers of 8 cores, PostgreSQL of 32 cores", 32, 32, 125_000_000.0)
SETUPS: Final = ((SQLITE, SMALL), (POSTGRESQL, SMALL_POSTGRESQL), (POSTGRESQL, CITY))


def _clock(at: int) -> str:
    return f"{at // 3600:02}:{at % 3600 // 60:02}"


def told(grids: Sequence[int]) -> list[str]:
    """The lines that are printed."""
    results, partitions, society = read("results.json"), read("partitions.json"), Society()
    lines = [
        f"Costs of {results['date']} (load {results['busy']}) and {partitions['date']} (load {partitions['load']}).",
        f"A grid: {society.phones:g} phones, {society.entries:g} entries and {society.calls:g} calls a day.",
    ]
    lines += shares(costs_of(results, partitions, POSTGRESQL), society)
    for target, setup in SETUPS:
        lines += ["", *_of(costs_of(results, partitions, target), society, setup, grids)]
    return [*lines, "", *country(costs_of(results, partitions, POSTGRESQL), society)]


def shares(costs: Costs, society: Society) -> list[str]:
    """Where a day's processor time goes."""
    entries = society.entries
    parts = {
        "calls, each with who is calling": society.calls * (costs.call + costs.call_database),
        "pictures checked and made smaller": entries * society.pictures * costs.picture,
        "entries taken": entries * (costs.entry + costs.entry_database),
        "entries read by others": entries * society.readers * costs.read,
    }
    total = sum(parts.values())
    return [f"  {name:<34} {each:7,.0f} ms a grid and day  {each / total:4.0%}" for name, each in parts.items()]


def _of(costs: Costs, society: Society, setup: Setup, grids: Sequence[int]) -> Iterator[str]:
    most = carries(costs, society, setup)
    phones, entries = most * society.phones, most * society.entries
    yield f"{setup.name}: carries {most:,} grids, {phones:,.0f} phones, {entries:,.0f} entries a day"
    storm = after_a_storm(costs, setup, phones * 0.2)
    yield f"  a fifth of its phones after a storm, 50 entries each: {storm:,.0f} s until the last is answered"
    for count in grids or (most, math.ceil(most * 1.3)):
        for each in play(costs, society, setup, count):
            when = f" at {_clock(each.at)}" if each.wait else ""
            yield f"  {count:>9,} grids  {each.part:<11} {each.busy:6.0%} at most, waits {each.wait:8,.1f} s{when}"


def country(costs: Costs, society: Society, grids: float = 4_500_000) -> list[str]:
    """What all grids of a country ask for at the peak, with the share of the cores that may be used."""
    peak = max(shape()) / STEP
    asked = demands(costs, society, Setup("", 1, 1), grids)
    lines = [f"{grids:,.0f} grids: {grids * society.phones:,.0f} phones, {grids * society.entries:,.0f} entries a day"]
    for part in ("servers", "PostgreSQL"):
        lines += [f"  {part:<11} {asked[part][0] * peak / Setup('', 1).spare:10,.0f} cores at the peak"]
    return [*lines, f"  {'line':<11} {asked['line'][0] * peak * 8 / 1e9:10,.0f} Gbit/s at the peak"]


def in_document(text: str, lines: Sequence[str]) -> str:
    """docs/scale.md with these lines in the place of those of the last time."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{BEGIN}", "```text", *lines, "```", f"{END}{after}"])


def main() -> None:
    lines = told([int(each) for each in sys.argv[1:] if each != "--write"])
    print("\n".join(lines))
    if "--write" in sys.argv:
        path = HERE.parent / "docs" / "scale.md"
        path.write_text(in_document(path.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    main()
