"""What is asked of an engine, by name: `orders:RULE`, `seed:N`, or a test of the suite as `FILE:TEST` or `FILE:TEST:N`
(the Nth of its parameters). Imported in the child only, with the engine that is asked about."""

from __future__ import annotations

import importlib
import inspect
import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

STEPS = 40
"""Of a simulated story, when it is a question."""
FILES = (
    "test_everyday", "test_merging", "test_exactly_once", "test_order_and_pull", "test_desk", "test_moves", "test_found",
    "test_lifting", "test_proof", "test_rules_whole", "test_beginning",
)  # fmt: skip
UNFIT = frozenset(
    {
        "test_X1_the_database_is_told_to_flush_every_commit",
        "test_X4_changes_of_a_busy_book_get_no_receipt_and_go_in_later",
        "test_O1_two_writers_and_a_reader_share_a_book_without_a_gap",
        "test_O3_a_reply_ends_at_about_a_mebibyte_compressed",
    }
)
"""They need a database on a disk, or several connections to it, or long."""


def put(question: str) -> None:
    """Ask; an error is an engine that was found out."""
    kind, _, rest = question.partition(":")
    if kind == "orders":
        _ask_orders(rest)
    elif kind == "seed":
        _ask_seed(int(rest))
    else:
        name, _, number = rest.partition(":")
        _ask_test(kind, name, int(number or 0))


def _ask_orders(rule: str) -> None:
    from tests.sync.orders import orders, play
    from tests.sync.rule_stories import RULES, every_story, some_stories
    from tests.sync.toys import TOY

    stories = [*every_story(rule, 2, ties=True)] if rule in RULES else []
    for story in [*stories, *some_stories(rule, 40, 1)]:
        ends = [play(TOY, order) for order in orders(story)]
        assert all(end == ends[0] for end in ends)


_WORLDS: list[Any] = []
"""Made once, and made new for each question: to compile the statements takes longer than to run them."""


def _world(number: int = 0) -> Any:
    from tests.sync.memory import MemoryWorld

    while len(_WORLDS) <= number:
        _WORLDS.append(MemoryWorld())
    _WORLDS[number].begin_again()
    return _WORLDS[number]


def _ask_seed(seed: int) -> None:
    from tests.sync.simulation import run

    run(_world(), seed, STEPS)


# -- tests of the suite, called as they are -----------------------------------------------------------------------------


def _ask_test(file: str, name: str, number: int) -> None:
    test = getattr(importlib.import_module(f"tests.sync.{file}"), name)
    numbers = itertools.count()

    def world() -> Any:
        return _world(next(numbers))

    with ExitStack() as stack:
        given: dict[str, Callable[[], Any]] = {
            "world": world,
            "make_world": lambda: lambda patience=20: world(),
            "tmp_path": lambda: Path(stack.enter_context(tempfile.TemporaryDirectory())),
            "first_seed": lambda: 0,
        }
        values = _parameters(test)[number]
        test(**{each: values[each] if each in values else given[each]() for each in inspect.signature(test).parameters})


def _parameters(test: Any) -> list[dict[str, Any]]:
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names, rows = mark.args[0], mark.args[1]
            if isinstance(names, str):
                names = [each.strip() for each in names.split(",")]
            if len(names) == 1:
                return [{names[0]: row} for row in rows]
            return [dict(zip(names, getattr(row, "values", row), strict=True)) for row in rows]
    return [{}]


def tests_of_the_suite() -> Iterator[str]:
    """Every test that can be asked so."""
    for file in FILES:
        if not (Path(__file__).parents[1] / f"{file}.py").exists():
            continue
        module = importlib.import_module(f"tests.sync.{file}")
        for name, test in vars(module).items():
            if name.startswith("test_") and name not in UNFIT and test.__module__ == module.__name__:
                for number in range(len(_parameters(test))):
                    yield f"{file}:{name}" + (f":{number}" if number else "")
