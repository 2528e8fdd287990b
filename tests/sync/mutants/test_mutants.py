"""A test that cannot fail proves nothing: of every engine broken on purpose, some test notices it; and of every
invariant of the island there is an engine that breaks it.

Only the quickest question that notices is asked here (noticed.json; `python -m tests.sync.mutants.finding` finds it).
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.sync.invariants import END, STEP
from tests.sync.mutants.breaking import ROOT
from tests.sync.mutants.engines import MUTANTS
from tests.sync.mutants.finding import KEPT
from tests.sync.test_invariants import BY_HAND

NOTICED: dict[str, dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def asked() -> dict[str, str]:
    """Mutant -> what its question said of it; asked in one process that has not imported the engine."""
    words = [sys.executable, "-m", "tests.sync.mutants.asking"]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", [each.name for each in MUTANTS])
def test_a_broken_engine_is_noticed(asked: dict[str, str], name: str) -> None:
    assert name in NOTICED, "nobody knows who would notice: python -m tests.sync.mutants.finding"
    assert asked[name], f"{NOTICED[name]['by']} notices nothing"


def test_the_engine_as_it_is_answers_all_these_questions_well(asked: dict[str, str]) -> None:
    assert asked[""] == ""


def test_each_invariant_is_shown_to_fail(asked: dict[str, str]) -> None:
    """Here, or by hand in tests/sync/test_invariants.py."""
    shown = {asked[f"story of {name}"] for name in NOTICED if f"story of {name}" in asked}
    assert sorted({each.__name__ for each in [*STEP, *END]} - shown - BY_HAND.keys()) == []
