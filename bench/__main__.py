"""`make bench`: the whole measurement. ROUNDS=3; QUICK=1 for small sizes; PEERS=1 with the peers; PHONE=0 without the phone.

Whole runs write bench/RESULTS.md, quick ones `.cache/bench/RESULTS.md`; OUT= names another folder.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

from bench import goals, own, peers, phone, report
from bench.machine import Trouble, busy, described
from bench.measures import QUICK, Diary, Sizes, of_everybody
from bench.targets import POSTGRESQL, Gridwalk, Target, ceiling, gridwalk, scratch
from bench.world import GRIDS
from tools import postgres
from tools.say import ROOT

PARTS: Final = ("flask", "sqlalchemy", "granian", "orjson", "psycopg")


def _asked(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _sizes() -> Sizes:
    chosen = QUICK if _asked("QUICK") else Sizes()
    return replace(chosen, rounds=int(os.environ.get("ROUNDS") or chosen.rounds))


def _targets(folder: Path, cluster: str) -> Iterator[Target]:
    yield gridwalk(folder / "gridwalk_sqlite", None)
    yield ceiling(folder / "ceiling_sqlite", None, GRIDS)
    yield gridwalk(folder / "gridwalk_postgres", cluster)
    yield ceiling(folder / "ceiling_postgres", cluster, GRIDS)
    if _asked("PEERS"):
        yield from peers.peers(folder, cluster)


def measure(sizes: Sizes, keep: Callable[[dict[str, Any]], None]) -> None:
    """Everything, as it is written to results.json; kept after every step, so that whoever stops it has what there is."""
    rounds: defaultdict[str, list[Any]] = defaultdict(list)
    load = []
    with scratch() as folder, postgres.running(durable=True) as cluster:
        targets = [(each, Diary()) for each in _targets(folder, cluster)]
        for number in range(sizes.rounds):
            load.append(busy())
            for target, diary in targets:
                rounds[_name(target)].append(_round(target, diary, sizes, number))
                keep(_described(sizes, load, rounds))
        for target, diary in targets:
            if isinstance(target, Gridwalk):
                name = f"fresh_{target.database.lower()}"
                fresh = partial(gridwalk, folder / name, cluster if target.database == POSTGRESQL else None)
                _own(target, diary, sizes, rounds[_name(target)], fresh)
                keep(_described(sizes, load, rounds))
    if os.environ.get("PHONE") != "0":
        for each in phone.measured(sizes):
            rounds["phone"].append({"phone": each})
            keep(_described(sizes, load, rounds))


def _name(target: Target) -> str:
    return f"{target.name} on {target.database}"


def _round(target: Target, diary: Diary, sizes: Sizes, number: int) -> Any:
    found = of_everybody(target, diary, sizes, bad=number == 0)
    two = found["B2"]
    print(
        f"  round {number + 1}  {_name(target):<28} {two['per_second']:8,.0f} entries/s  {two['cpu_ms']:.3f} ms an entry  "
        f"B1 {found['B1']['seconds'] * 1000:5.0f} ms   load {two['busy']}",
        flush=True,
    )
    return found


def _own(target: Gridwalk, diary: Diary, sizes: Sizes, rounds: list[Any], fresh: Callable[[], Gridwalk]) -> None:
    for number in range(sizes.rounds):
        found = own.round_of_own(target, diary, sizes, fresh if number == sizes.rounds - 1 else None)
        rounds[number].update(found)
        print(f"  round {number + 1}  {_name(target)}: {', '.join(code for code in found)}", flush=True)


def _described(sizes: Sizes, load: list[float], rounds: Any) -> dict[str, Any]:
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": head.stdout.strip() or "unknown",
        "machine": described(),
        "versions": {"Python": platform.python_version(), **{each: version(each) for each in PARTS}},
        "sizes": sizes.told(),
        "busy": load,
        "rounds": dict(rounds),
    }


def main() -> None:
    sizes = _sizes()
    folder = ROOT / (os.environ.get("OUT") or (".cache/bench" if _asked("QUICK") else "bench"))
    folder.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Any] = {}
    print(f"Measuring: {sizes.rounds} rounds, {sizes.phones} phones; the machine's load is {busy()}.", flush=True)
    try:
        measure(sizes, kept.update)
    except Trouble as trouble:
        raise SystemExit(f"\nMeasuring stopped: {trouble}") from None
    finally:
        if kept:
            _write(folder, kept)
    _tell(kept)


def _write(folder: Path, kept: dict[str, Any]) -> None:
    """All that was measured, also where something went wrong afterwards."""
    (folder / "results.json").write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2))
    (folder / "results.svg").write_text(report.drawn(kept), encoding="utf-8")
    (folder / "RESULTS.md").write_text(report.written(kept), encoding="utf-8")
    if folder == ROOT / "bench":
        readme = ROOT / "README.md"
        readme.write_text(report.in_readme(readme.read_text(encoding="utf-8"), kept), encoding="utf-8")
    print(f"\nWritten to {folder.relative_to(ROOT)}/RESULTS.md")


def _tell(kept: dict[str, Any]) -> None:
    found = report.medians(kept["rounds"])
    for goal in goals.GOALS:
        values = [goal.value(found, target) for target in goals.OURS]
        told = "   ".join(
            "–" if each is None else f"{'ok ' if goal.met(each) else 'NOT'} {each:8.3g}" for each in values
        )
        print(f"  {goal.code}  {goal.says:<56} {'≤' if goal.most else '≥'} {goal.bound:g} {goal.unit:<3} {told}")


if __name__ == "__main__":
    main()
