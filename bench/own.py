"""What is asked of Gridwalk alone: B3 to B9."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import orjson

from bench import bulk
from bench.http1 import Line, request
from bench.machine import Trouble, counting, cpu_of, memory_of
from bench.measures import BAD, Diary, Figures, Sizes, many_phones, sent, storm
from bench.targets import Gridwalk
from bench.workload import Entry, Json, change, edit
from bench.world import GRIDS, Client
from sync.protocol import MAX_CHANGES

TURNS: Final = 3
"""How often two storms are compared, one right after the other."""


class Watch:
    """B9: the memory of the server, looked at twice a second for as long as the block lasts."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.pids, self.seen = pids, [memory_of(pids)]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._end.wait(0.5):
            self.seen.append(memory_of(self.pids))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def first_pull(target: Gridwalk, client: Client, records: int, pids: Sequence[int]) -> Figures:
    """B3: a new phone pulls a book of that many records, page after page; cut off after the first, it goes on from there.
    Seconds and bytes are those of `records`."""
    cursors: Json = {}
    got: set[str] = set()
    with counting(target.port) as counted:
        before, began = cpu_of(pids), time.perf_counter()
        line, more = Line(counted.port), True
        while more:
            reply = target.ask(line, target.call(client, [], cursors=cursors, limit=5000))
            for each in reply["books"]:
                cursors[each["book"]] = each["cursor"]
                got |= {record["id"] for record in each["records"]}
            more = reply["more"]
            line.close()
            line = Line(counted.port)  # every page on a line of its own: nothing is held in the server
        took, cpu, told = time.perf_counter() - began, cpu_of(pids) - before, counted.figures()
    if len(got) < records:
        raise Trouble(f"only {len(got)} of {records} records came")
    share = records / len(got)  # earlier storms have left some more in the book
    return {
        "records": records,
        "seconds": took * share,
        "server_seconds": cpu * share,
        "requests": told["requests"],
        "down": told["down"] * share,
    }


def _full_book(target: Gridwalk, diary: Diary, sizes: Sizes) -> Client:
    """Somebody in whose book there are enough entries, no two alike."""
    phone, line = 1, Line(target.port)
    missing = sizes.pull - bulk.records_of(target, target.world.phones[phone].book)
    for begin in range(0, missing, MAX_CHANGES):
        for each in sent(target, diary, phone, min(MAX_CHANGES, missing - begin)):
            target.check(line.ask(each))
    line.close()
    return target.world.phones[phone]


def one_and_one(target: Gridwalk, diary: Diary) -> Figures:
    """B4: one entry up and one down, on a new connection of the bad line."""
    writer, reader = target.world.phones[0], target.world.phones[GRIDS]  # of one grid
    line = Line(target.port)
    cursors = _caught_up(target, line, writer)
    target.ask(line, target.call(reader, [change(diary.batch("reader", 1)[0], reader.book, reader.account)]))
    line.close()
    entry = diary.batch("writer", 1)[0]
    made = target.call(writer, [change(entry, writer.book, writer.account)], cursors=cursors, limit=5000)
    with counting(target.port, *BAD) as counted:
        began = time.perf_counter()
        line = Line(counted.port)
        reply = target.ask(line, made)
        took = time.perf_counter() - began
        line.close()
        told = counted.figures()
    came = sum(len(each["records"]) for each in reply["books"])
    if came != 2 or reply["receipts"][0]["outcome"] != "applied":  # the other's, and one's own as the server has it
        raise Trouble(f"one up, one down: {came} records, {reply['receipts']}")
    return {"seconds": took, "up": told["up"], "down": told["down"], "requests": told["requests"]}


def _caught_up(target: Gridwalk, line: Line, client: Client) -> Json:
    cursors: Json = {}
    more = True
    while more:
        reply = target.ask(line, target.call(client, [], cursors=cursors, limit=5000))
        cursors |= {each["book"]: each["cursor"] for each in reply["books"]}
        more = reply["more"]
    return cursors


def idle(target: Gridwalk, sizes: Sizes) -> Figures:
    """B5: a phone with twelve books that has everything asks, beside a trivial route that wants a signed-in person."""
    who = target.world.supervisor
    if who is None:
        raise Trouble("nobody with twelve books")
    line = Line(target.port)
    cursors = _caught_up(target, line, who)
    asked = target.call(who, [], cursors=cursors, limit=5000)
    trivial = request("GET", "/api/v1/session", headers=who.headers())
    answer = line.ask(asked)
    rates: dict[str, list[float]] = {"idle": [], "trivial": []}
    for _ in range(3):  # in turn, for the machine is not ours alone
        rates["trivial"].append(_rate(line, trivial, sizes.seconds / 3))
        rates["idle"].append(_rate(line, asked, sizes.seconds / 3))
    line.close()
    idle_rate, trivial_rate = statistics.median(rates["idle"]), statistics.median(rates["trivial"])
    return {
        "books": len(cursors),
        "per_second": idle_rate,
        "trivial_per_second": trivial_rate,
        "ratio": idle_rate / trivial_rate,
        "up": len(asked),
        "down": answer.weight,
    }


def _rate(line: Line, made: bytes, seconds: float) -> float:
    count, end = 0, time.perf_counter() + seconds
    began = time.perf_counter()
    while time.perf_counter() < end:
        if line.ask(made).status != 200:
            raise Trouble("an idle call that fails")
        count += 1
    return count / (time.perf_counter() - began)


def concurrent(target: Gridwalk, diary: Diary, sizes: Sizes, pids: Sequence[int]) -> Figures:
    """B6: as B2, but one change of ten is an edit that meets somebody else's edit of the same record."""
    apart = max(sizes.each // 10, 1)
    line = Line(target.port)
    bases = {phone: _met(target, line, diary, phone, apart) for phone in range(sizes.phones)}
    line.close()
    phones = []
    for phone in range(sizes.phones):
        client, batch = target.world.phones[phone], diary.batch(phone, sizes.each)
        late = [edit(entry, client.book, own.id, seen) for own, (entry, seen) in zip(batch, bases[phone], strict=False)]
        made = [*late, *(change(each, client.book, client.account) for each in batch[apart:])]
        phones.append([target.call(client, made)])
    return many_phones(target, phones, pids, sizes.phones * sizes.each)


def _met(target: Gridwalk, line: Line, diary: Diary, phone: int, count: int) -> list[tuple[Entry, int]]:
    """Entries of this phone, with the seq that it has seen of each, which a colleague has edited since."""
    client, other = target.world.phones[phone], target.world.phones[(phone + GRIDS) % len(target.world.phones)]
    made = diary.batch(phone, count)
    reply = target.ask(line, target.call(client, [change(each, client.book, client.account) for each in made]))
    seen = [int(each["seq"]) for each in reply["receipts"]]
    theirs = diary.batch(f"met {phone}", count)
    edits = [edit(entry, other.book, own.id, at) for entry, own, at in zip(made, theirs, seen, strict=True)]
    target.ask(line, target.call(other, edits))
    return list(zip(made, seen, strict=True))


def long_history(target: Gridwalk, fresh: Gridwalk, diary: Diary, sizes: Sizes, pids: Sequence[int]) -> Figures:
    """B7: as B2, on a million records. In turn with an instance that has none: the machine is not the same a minute later."""
    stored = bulk.grow(target, diary, sizes.big)
    with fresh.serve() as process:
        storm(fresh, diary, sizes, process.pids)
        turns = [(storm(fresh, diary, sizes, process.pids), storm(target, diary, sizes, pids)) for _ in range(TURNS)]
    short, long = (_middle(each) for each in zip(*turns, strict=True))
    return {
        "records": stored,
        "before": short["per_second"],
        "after": long["per_second"],
        "ratio": _middle_ratio(turns, "per_second"),
        "cpu_ratio": 1 / _middle_ratio(turns, "cpu_ms"),
        "cpu_ms": long["cpu_ms"],
    }


def _middle(turns: Sequence[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in turns) for name in turns[0]}


def _middle_ratio(turns: Sequence[tuple[Figures, Figures]], name: str) -> float:
    return statistics.median(later[name] / earlier[name] for earlier, later in turns)


def board(target: Gridwalk, diary: Diary, sizes: Sizes, pids: Sequence[int]) -> Figures:
    """B8: the console's list of cases at 100,000 of them, alone and while B2 runs."""
    stored = bulk.grow_cases(target, diary, sizes.cases)
    quiet = _looked_at(target, lambda: time.sleep(sizes.seconds))
    few = replace(sizes, phones=max(sizes.phones, 40))
    busy = _looked_at(target, lambda: storm(target, diary, few, pids))
    return {
        "cases": stored,
        "idle_p50_ms": statistics.median(quiet) * 1000,
        "idle_p95_ms": _nineteen_of_twenty(quiet) * 1000,
        "busy_p95_ms": _nineteen_of_twenty(busy) * 1000,
        "looks": len(busy),
        "ratio": _nineteen_of_twenty(busy) / _nineteen_of_twenty(quiet),
    }


def _nineteen_of_twenty(took: Sequence[float]) -> float:
    return statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]


def _looked_at(target: Gridwalk, meanwhile: Callable[[], object]) -> list[float]:
    """Seconds of each look at the list, by one person who looks ten times a second, for as long as `meanwhile` takes."""
    who, took, done = target.world.supervisor, list[float](), threading.Event()
    if who is None:
        raise Trouble("nobody to look")
    page = request("GET", "/console/cases", headers=who.headers())

    def look() -> None:
        line = Line(target.port)
        while True:
            began = time.perf_counter()
            answer = line.ask(page)
            if answer.status != 200:
                raise Trouble(f"the list says {answer.status}")
            took.append(time.perf_counter() - began)
            if done.wait(0.1):
                break
        line.close()

    thread = threading.Thread(target=look)
    thread.start()
    meanwhile()
    done.set()
    thread.join()
    return took


def weight(target: Gridwalk, diary: Diary) -> Figures:
    """How large the entry is: as it is, and as it travels."""
    batch, client = diary.batch("weight", 50), target.world.phones[0]
    changes = [len(orjson.dumps(change(each, client.book, client.account))) for each in batch]
    return {"change": statistics.mean(changes)}


def round_of_own(
    target: Gridwalk, diary: Diary, sizes: Sizes, fresh: Callable[[], Gridwalk] | None
) -> dict[str, Figures]:
    """One round; with `fresh`, which makes an empty instance on the same database server: also what needs a large
    database, for which once is enough."""
    with target.serve() as process, Watch(process.pids) as watch:
        pids = process.pids
        storm(target, diary, sizes, pids)
        after_first = memory_of(pids)
        turns = [(storm(target, diary, sizes, pids), concurrent(target, diary, sizes, pids)) for _ in range(TURNS)]
        found = dict(zip(("B6 base", "B6"), (_middle(each) for each in zip(*turns, strict=True)), strict=True))
        found["B6"]["ratio"] = _middle_ratio(turns, "per_second")
        found["B4"] = one_and_one(target, diary)
        found["B5"] = idle(target, sizes)
        found["B3"] = first_pull(target, _full_book(target, diary, sizes), sizes.pull, pids)
        if fresh:
            found["B8"] = board(target, diary, sizes, pids)
            found["B7"] = long_history(target, fresh(), diary, sizes, pids)
        found["B9"] = {
            "start": watch.seen[0],
            "after_first_storm": after_first,
            "peak": max(watch.seen),
            "end": memory_of(pids),
            "growth": memory_of(pids) / after_first,
        }
    return found
