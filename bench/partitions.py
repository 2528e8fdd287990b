"""`python -m bench.partitions`: the tables by book, cut by hash(book) into partitions, beside the same tables whole.

Nothing of the engine knows of it: PostgreSQL finds the partition by the book that every statement names. Measured are B2,
B7, and what PostgreSQL's own processes take, which bench/growth.py needs. Written to bench/partitions.json.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import orjson
from PIL import Image
from sqlalchemy import Connection, make_url

from bench import bulk
from bench.machine import busy, cpu_of, family
from bench.measures import Diary, Sizes, storm
from bench.targets import Gridwalk, gridwalk, scratch
from sync.database import Database, connect, metadata
from sync.pictures import clean_file, smaller
from tools import postgres
from tools.say import ROOT

TABLES: Final = ("record", "change", "parked", "named", "erasure")
PARTS: Final = 16
SMALL: Final = Sizes(phones=100, big=100_000)


def cut(conn: Connection, parts: int = PARTS) -> None:
    """Cut the tables by book of a migrated PostgreSQL database into partitions, with what is in them."""
    for name in TABLES:
        conn.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{name}_whole"')
        conn.exec_driver_sql(f'CREATE TABLE "{name}" (LIKE "{name}_whole" INCLUDING ALL) PARTITION BY HASH (book_id)')
        stored = _stored(name)
        for part in range(parts):
            of = f"VALUES WITH (MODULUS {parts}, REMAINDER {part})"
            conn.exec_driver_sql(f'CREATE TABLE "{name}_{part}" PARTITION OF "{name}" FOR {of}{stored}')
        conn.exec_driver_sql(f'INSERT INTO "{name}" SELECT * FROM "{name}_whole"')
        conn.exec_driver_sql(f'DROP TABLE "{name}_whole"')


def _stored(table: str) -> str:
    """How its rows are stored: a partition takes that over from nobody."""
    said = metadata.tables[table].dialect_options["postgresql"]["with"] or {}
    return f" WITH ({', '.join(f'{name} = {value}' for name, value in said.items())})" if said else ""


def cut_at(url: str) -> None:
    engine = connect(url)
    with Database(engine).write() as conn:
        cut(conn)
    engine.dispose()


def _postmaster(url: str) -> int:
    folder = Path(str(make_url(url).query["host"]))
    return int((folder / "data" / "postmaster.pid").read_text("ascii").splitlines()[0])


def _storm(target: Gridwalk, diary: Diary, sizes: Sizes, pids: list[int], keeper: int) -> dict[str, float]:
    before = cpu_of(family(keeper))
    found = storm(target, diary, sizes, pids)
    entries = sizes.phones * sizes.each
    taken = (cpu_of(family(keeper)) - before) * 1000 / entries
    return {"per_second": found["per_second"], "cpu_ms": found["cpu_ms"], "postgres_ms": taken}


def _middle(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(each[name] for each in found) for name in found[0]}


def picture_ms() -> float:
    """Processor time for one picture as phones send it (1600 × 1200, some 250 kB): checked, cleaned, made smaller twice."""
    chance = Random(1)
    image = Image.new("RGB", (80, 60))
    image.putdata([(chance.randrange(256), chance.randrange(256), chance.randrange(256)) for _ in range(80 * 60)])
    noise = Image.effect_noise((1600, 1200), 24).convert("RGB")
    drawn = Image.blend(image.resize((1600, 1200), Image.Resampling.BICUBIC), noise, 0.15)
    with tempfile.TemporaryDirectory() as folder:
        sent, clean = Path(folder) / "sent", Path(folder) / "clean"
        drawn.save(sent, "JPEG", quality=75)
        took = []
        for _ in range(9):
            began = time.process_time()
            clean_file(sent, clean)
            smaller(clean)
            took.append((time.process_time() - began) * 1000)
        print(f"a picture of {sent.stat().st_size:,} bytes: {median(took):.0f} ms")
    return median(took)


def measured(sizes: Sizes) -> dict[str, Any]:
    told: dict[str, Any] = {}
    load = [busy()]
    with scratch() as folder, postgres.running(durable=True) as cluster:
        targets = {name: gridwalk(folder / name, cluster) for name in ("whole", "parts")}
        cut_at(targets["parts"].config.database_url)
        diaries = {name: Diary() for name in targets}
        keeper = _postmaster(cluster)
        with targets["whole"].serve() as one, targets["parts"].serve() as two:
            pids = {"whole": one.pids, "parts": two.pids}
            for code in ("B2", "B7"):
                rounds: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
                for _ in range(sizes.rounds):
                    for name, each in targets.items():
                        rounds[name].append(_storm(each, diaries[name], sizes, pids[name], keeper))
                for name, each in targets.items():
                    told.setdefault(name, {})[code] = _middle(rounds[name])
                    if code == "B2":
                        told[name]["records"] = bulk.grow(each, diaries[name], sizes.big)
                load.append(busy())
    told["picture_ms"] = picture_ms()
    return {"date": f"{datetime.now(UTC):%Y-%m-%d}", "load": load, "parts": PARTS, "sizes": sizes.told(), **told}


def main() -> None:
    found = measured(Sizes() if os.environ.get("FULL") else SMALL)
    path = ROOT / "bench" / "partitions.json"
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
