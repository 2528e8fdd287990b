"""Asks of every broken engine the one question that is known to notice it; prints what was said, as JSON.

And for every invariant, one story in which a broken engine breaks it.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.sync.mutants.breaking import Mutant, ask
from tests.sync.mutants.engines import MUTANTS
from tests.sync.mutants.finding import KEPT


def main() -> int:
    noticed: dict[str, dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    known = [each for each in MUTANTS if each.name in noticed]
    work = [(each.name, each, noticed[each.name]["by"]) for each in known]
    work += [(f"story of {each.name}", each, story) for each, story in _stories(known, noticed)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = dict(pool.map(_ask, work))
    all_asked = sorted({question for _, _, question in work})
    said[""] = ", ".join(each.how for each in ask("rules", None, all_asked))
    json.dump(said, sys.stdout)
    return 0


def _ask(work: tuple[str, Mutant, str]) -> tuple[str, str]:
    name, mutant, question = work
    return name, ask(mutant.module, mutant.source(), [question])[0].how


def _stories(known: list[Mutant], noticed: dict[str, dict[str, Any]]) -> list[tuple[Mutant, str]]:
    """For each invariant, the first broken engine that is known to break it."""
    chosen: dict[str, tuple[Mutant, str]] = {}
    for each in known:
        story = noticed[each.name].get("story")
        if story:
            chosen.setdefault(story["invariant"], (each, story["by"]))
    return list(chosen.values())


if __name__ == "__main__":
    sys.exit(main())
