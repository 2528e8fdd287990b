"""Finding out which question notices which broken engine, quickest first: `python -m tests.sync.mutants.finding`.

What it finds is kept in noticed.json; `make test` then asks of every broken engine just that one question.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.sync.mutants.breaking import Mutant, Noticed, ask
from tests.sync.mutants.engines import MUTANTS

KEPT = Path(__file__).with_name("noticed.json")
SEEDS = range(24)
ORDERS = (
    "fixed", "latest", "first", "least", "most", "furthest", "collect", "a map of most", "keep_all", "ask", "owner",
    "server", "void", "many at once",
)  # fmt: skip


def all_questions() -> list[str]:
    """The invariants first, then the orders, then the tests: those that the engine as it is answers well."""
    tests = _in_a_child()
    wanted = [*(f"seed:{seed}" for seed in SEEDS), *(f"orders:{rule}" for rule in ORDERS), *tests]
    failed = {each.by: each.how for each in ask("rules", None, wanted, all_of_them=True) if each.by}
    for question, how in failed.items():
        print(f"  not asked, for it fails as it is: {question}: {how}", flush=True)
    return [each for each in wanted if each not in failed]


def _in_a_child() -> list[str]:
    """The names of the tests; a child lists them, so that this process stays without the engine."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        from tests.sync.mutants.questions import tests_of_the_suite

        os.write(writer, json.dumps(list(tests_of_the_suite())).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        found: list[str] = json.loads(pipe.read())
    return found


def notice(mutant: Mutant, questions: Sequence[str]) -> dict[str, Any] | None:
    """Who notices: the first of the simulated stories, with the invariant, and the first of the others, those about
    the same rule before the rest. None where nobody does."""
    source, rule = mutant.source(), mutant.name.split()[0]
    stories = [each for each in questions if each.startswith("seed:")]
    field = mutant.name.removeprefix(rule).strip().split(":")[0]
    near = sorted(questions, key=lambda each: (f"orders:{field}" != each, f"test_{rule}_" not in each))
    others = [each for each in near if each not in stories]
    found = [each for asked in (stories, others) for each in ask(mutant.module, source, asked) if each.by]
    if not found:
        return None
    best = min(found, key=lambda each: each.seconds)
    kept: dict[str, Any] = {"by": best.by, "how": best.how, "seconds": best.seconds}
    if found[0].by.startswith("seed:"):
        kept["story"] = {"by": found[0].by, "invariant": found[0].how}
    return kept


def find(mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, dict[str, Any] | None]]:
    questions = all_questions()
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield from zip(mutants, pool.map(lambda each: notice(each, questions), mutants), strict=True)


def main() -> int:
    wanted = [each for each in MUTANTS if not sys.argv[1:] or any(word in each.name for word in sys.argv[1:])]
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    survivors = 0
    for mutant, found in find(wanted):
        survivors += found is None
        print(f"{mutant.name}: {found and (found['by'], found.get('story', {}).get('invariant'))}", flush=True)
        if found:
            kept[mutant.name] = found
            text = json.dumps({name: kept[name] for name in sorted(kept)}, ensure_ascii=False, indent=1)
            KEPT.write_text(text + "\n", encoding="utf-8")
    print(f"{len(wanted) - survivors} of {len(wanted)} noticed")
    return 0


__all__ = ["KEPT", "Noticed", "find", "notice"]

if __name__ == "__main__":
    sys.exit(main())
