"""What was found, for people: bench/RESULTS.md with a table, a picture and the machine; raw figures beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from statistics import median
from typing import Any, Final

from bench.goals import GOALS, OURS, PHONE, Found, Goal

Json = dict[str, Any]
WIDTH: Final = 760


def medians(
    rounds: Mapping[str, Sequence[Mapping[str, Mapping[str, float]]]],
) -> dict[str, dict[str, dict[str, float]]]:
    """Target -> its rounds, into target -> measurement -> figure -> median."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for target, all_rounds in rounds.items():
        codes = dict.fromkeys(code for each in all_rounds for code in each)
        found[target] = {code: _middle([each[code] for each in all_rounds if code in each]) for code in codes}
    return found


def _middle(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median([each[name] for each in figures]) for name in figures[0]}


def written(raw: Json) -> str:
    """RESULTS.md."""
    found = medians(raw["rounds"])
    parts = [
        "# How fast it is",
        _preface(raw),
        f"## A storm is over: {raw['sizes']['phones']} phones × {raw['sizes']['each']} entries, 8 at a time (B2)",
        "![Entries a second and processor time an entry](results.svg)",
        _table(_storm(found)),
        "## Goals, and what was reached",
        _goals(found),
        *_phone(found),
        "## Everything else",
        _rest(found),
        _method(),
    ]
    return "\n\n".join(parts) + "\n"


def _preface(raw: Json) -> str:
    machine, sizes = raw["machine"], raw["sizes"]
    versions = ", ".join(f"{name} {version}" for name, version in raw["versions"].items())
    busy = raw["busy"]
    return (
        f"Made by `make bench` on {raw['date']} at commit {raw['commit']}: medians of {sizes['rounds']} rounds on "
        f"{machine['cpus']} processors ({machine['cpu'] or 'unnamed'}), {machine['memory_gb']} GB, {machine['system']}. "
        f"{versions}. The machine's load before the rounds was {min(busy):.1f} to {max(busy):.1f} (0 is quiet): **read the "
        f"ratios, not the figures**. Sizes: {_sizes(sizes)}. Every figure stands with `synchronous=FULL` on SQLite, with `fsync` and "
        "`synchronous_commit` on in PostgreSQL. Raw figures: [results.json](results.json)."
    )


def _sizes(sizes: Mapping[str, Any]) -> str:
    return f"B3 {sizes['pull']:,} records, B7 {sizes['big']:,} records, B8 {sizes['cases']:,} cases, phone {sizes['pull']:,} records"


def _table(rows: Iterable[Sequence[str]]) -> str:
    head, *body = rows
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in body)]
    return "\n".join(lines)


def _storm(found: Found) -> Iterable[Sequence[str]]:
    yield (
        "",
        "entries a second",
        "server ms an entry",
        "bytes up an entry",
        "requests",
        "B1: 200 of one phone",
        "B1 on the bad line",
    )
    for target, by_code in found.items():
        two, one, bad = by_code.get("B2"), by_code.get("B1"), by_code.get("B1 bad line")
        if two and one:
            yield (
                target,
                f"{two['per_second']:,.0f}",
                f"{two['cpu_ms']:.3f}",
                f"{two['up']:.0f}",
                f"{two['requests']:.0f}",
                f"{one['seconds'] * 1000:.0f} ms, {one['up'] / 1000:.0f} kB up",
                f"{bad['seconds']:.1f} s" if bad else "",
            )


def _goals(found: Found) -> str:
    rows: list[Sequence[str]] = [("", "what", "goal", *(each.removeprefix("Gridwalk on ") for each in OURS))]
    for goal in GOALS:
        values = [goal.value(found, target) for target in OURS]
        if any(value is not None for value in values):
            rows.append((goal.code, goal.says, _bound(goal), *(_said(goal, value) for value in values)))
    return _table(rows)


def _bound(goal: Goal) -> str:
    return f"{'≤' if goal.most else '≥'} {goal.bound:g} {goal.unit}".strip()


def _said(goal: Goal, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{'✓' if goal.met(value) else '✗'} {value:.3g} {goal.unit}".strip()


def _phone(found: Found) -> Iterable[str]:
    if "phone" not in found:
        return
    yield "## On the phone (real Chromium, processor six times slower)"
    rows: list[Sequence[str]] = [("what", "goal", "found")]
    rows += [(goal.says, _bound(goal), _said(goal, goal.value(found, "phone"))) for goal in PHONE]
    yield _table(rows)
    told = found["phone"].get("phone", {})
    if told.get("floor_ms"):
        yield (
            f"An empty page needs {told['floor_ms']:.0f} ms at the same slowness to keep one record strictly and to draw one word: "
            f"no app can be faster. 已存手机 stands after {told['said_ms']:.0f} ms ({told['said_ms'] / told['floor_ms']:.1f} ×), "
            f"the row with 在手机上 after {told['saved_ms']:.0f} ms ({told['saved_ms'] / told['floor_ms']:.1f} ×)."
        )


def _rest(found: Found) -> str:
    rows: list[Sequence[str]] = [("", "measurement", "figures")]
    for target, by_code in found.items():
        for code, figures in by_code.items():
            if code not in {"B1", "B2", "B1 bad line"}:
                rows.append((target, code, ", ".join(f"{name} {value:,.4g}" for name, value in figures.items())))
    return _table(rows)


def _method() -> str:
    return """## How it is measured

An entry is 600 bytes of plain JSON: id, grid, author, two times, place, status, five checks, 120 Chinese characters. In
Gridwalk it is a `visit` with purpose 安全检查 and the same content, with every right, rule, merge and receipt. The ceiling
and the peers are given the plain JSON. Clients are processes of their own whose requests were made beforehand; every
byte, with heads, goes through a line that counts (`bench/proxy.py`), or is a bad one. Server time is what /proc says of
the server's own processes, PostgreSQL's not among them. Targets are measured in turn within a round, so that whatever
else the machine does meets all of them. How: `bench/measures.py`, `bench/own.py`, `bench/phone.py`."""


# -- the README ---------------------------------------------------------------------------------------------------

MARKS: Final = ("<!-- made by make bench -->", "<!-- until here -->")


def in_readme(readme: str, raw: Json) -> str:
    """The README with its section about speed made anew; as it is where it has none."""
    if not all(mark in readme for mark in MARKS):
        return readme
    before, rest = readme.split(MARKS[0], 1)
    _, after = rest.split(MARKS[1], 1)
    return f"{before}{MARKS[0]}\n{_section(raw)}\n{MARKS[1]}{after}"


def _section(raw: Json) -> str:
    found = medians(raw["rounds"])
    rows: list[Sequence[str]] = [("", "entries a second", "server ms an entry")]
    for target, by_code in found.items():
        if "B2" in by_code:
            rows.append((target, f"{by_code['B2']['per_second']:,.0f}", f"{by_code['B2']['cpu_ms']:.2f}"))
    sizes = raw["sizes"]
    return (
        f"{sizes['phones']} phones come back on line and push {sizes['each']} entries each, {raw['date']}, "
        f"{raw['machine']['cpus']} processors, load {min(raw['busy']):.0f} to {max(raw['busy']):.0f} by others:\n\n{_table(rows)}\n\n"
        "Every goal, the phone, and how it is measured: [bench/RESULTS.md](bench/RESULTS.md). `make bench` measures it on yours."
    )


# -- the picture --------------------------------------------------------------------------------------------------


def drawn(raw: Json) -> str:
    """results.svg: a bar for each target, entries a second, with the processor time of one beside it."""
    found = medians(raw["rounds"])
    bars = [(target, by_code["B2"]) for target, by_code in found.items() if "B2" in by_code]
    top, high = max(each["per_second"] for _, each in bars), 34
    size = f"{WIDTH} {len(bars) * high + 50}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="14">',
        "<title>Entries a second</title>",
        f'<rect width="{WIDTH}" height="{len(bars) * high + 50}" fill="#fff"/>',
        '<text x="10" y="24" font-weight="bold">Entries a second · server ms an entry</text>',
    ]
    for number, (target, two) in enumerate(bars):
        y, width = 40 + number * high, max(2.0, two["per_second"] / top * (WIDTH - 430))
        colour = "#0b6e4f" if target in OURS else "#8a8f98" if target.startswith("bare") else "#c9772b"
        parts += [
            f'<text x="10" y="{y + 17}">{escape(target)}</text>',
            f'<rect x="200" y="{y}" width="{width:.0f}" height="24" fill="{colour}"/>',
            f'<text x="{206 + width:.0f}" y="{y + 17}">{two["per_second"]:,.0f} · {two["cpu_ms"]:.2f} ms</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
