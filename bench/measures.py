"""What is asked of everybody: B1 and B2, in rounds, one target after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from time import perf_counter
from typing import Any, Final

from bench import load
from bench.http1 import Line
from bench.machine import Trouble, busy, counting, cpu_of, memory_of
from bench.targets import Target
from bench.workload import START, Entry, entries

Figures = dict[str, float]
BAD: Final = (600.0, 50_000.0)
"""The bad line: milliseconds there and back, bytes a second."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    rounds: int = 3
    phones: int = 200
    each: int = 50
    push: int = 200
    pull: int = 10_000
    big: int = 1_000_000
    cases: int = 100_000
    seconds: float = 5.0

    def told(self) -> dict[str, Any]:
        return asdict(self)


QUICK: Final = Sizes(rounds=1, phones=40, each=50, push=200, pull=2_000, big=20_000, cases=2_000, seconds=1.5)


class Diary:
    """The entries of every phone, each made once: a phone's ids only grow from one batch to the next."""

    def __init__(self) -> None:
        self._turn = 0

    def batch(self, who: object, count: int) -> list[Entry]:
        self._turn += 1
        return entries(count, f"{who} {self._turn}", START + self._turn * 1_000_000)


def sent(target: Target, diary: Diary, phone: int, count: int) -> list[bytes]:
    return target.push(phone, diary.batch(phone, count))


def warm(target: Target, diary: Diary) -> None:
    """A few calls, so that nothing is loaded for the first time; the first of a sort is also looked at."""
    line = Line(target.port)
    for phone in (0, 1, 2):
        for each in sent(target, diary, phone, 5):
            target.check(line.ask(each))
    line.close()


def one_phone(target: Target, diary: Diary, sizes: Sizes, times: int = 5) -> Figures:
    """B1: one phone that was away pushes all it has; the middle of a few phones."""
    took = []
    with counting(target.port) as counted:
        for phone in range(3, 3 + times):
            made = sent(target, diary, phone, sizes.push)
            began = perf_counter()
            line = Line(counted.port)
            answers = [line.ask(each) for each in made]
            took.append(perf_counter() - began)
            line.close()
            for each in answers:
                target.check(each)
        told = counted.figures()
    return {
        "seconds": median(took),
        "requests": told["requests"] / times,
        "up": told["up"] / times,
        "down": told["down"] / times,
    }


def bad_line(target: Target, diary: Diary, sizes: Sizes) -> Figures:
    """B1 over the bad line."""
    made = sent(target, diary, 9, sizes.push)
    with counting(target.port, *BAD) as counted:
        began = perf_counter()
        line = Line(counted.port)
        answers = [line.ask(each) for each in made]
        took = perf_counter() - began
        line.close()
    for each in answers:
        target.check(each)
    return {"seconds": took}


def many_phones(
    target: Target, phones: Sequence[load.Phone], pids: Sequence[int], entries_of_all: int, at_once: int = 8
) -> Figures:
    """B2: all of them come back on line in the same minute."""
    with counting(target.port) as counted:
        before = cpu_of(pids)
        told = load.run(counted.port, phones, at_once)
        cpu, line = cpu_of(pids) - before, counted.figures()
    if told.wrong:
        raise Trouble(f"{target.name} on {target.database}: {told.wrong[0]}")
    return {
        "per_second": entries_of_all / told.wall,
        "cpu_ms": cpu / entries_of_all * 1000,
        "answer_ms": median(told.took) * 1000,
        "up": line["up"] / entries_of_all,
        "down": line["down"] / entries_of_all,
        "requests": line["requests"],
        "clients_cpu": told.cpu / told.wall,
        "line_cpu": line["cpu"] / told.wall,
        "memory": memory_of(pids),
        "busy": busy(),
    }


def storm(target: Target, diary: Diary, sizes: Sizes, pids: Sequence[int], at_once: int = 8) -> Figures:
    phones = [sent(target, diary, phone, sizes.each) for phone in range(sizes.phones)]
    return many_phones(target, phones, pids, sizes.phones * sizes.each, at_once)


def of_everybody(target: Target, diary: Diary, sizes: Sizes, *, bad: bool) -> dict[str, Figures]:
    """One round of one target. The bad line is asked once: its figure is the line's."""
    with target.serve() as process:
        warm(target, diary)
        pids = process.pids
        # Every thread of the server has had a call, and has its connection to the database.
        storm(target, diary, replace(sizes, phones=24, each=5), pids)
        found = {"B1": one_phone(target, diary, sizes), "B2": storm(target, diary, sizes, pids)}
        if bad:
            found["B1 bad line"] = bad_line(target, diary, sizes)
    return found
