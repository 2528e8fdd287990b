"""Engines broken by no plan: every comparison turned, every `not` dropped, every number one off, in the engine's own
modules, one at a time: `python -m tests.sync.mutants.random_edits 100` asks about a hundred of them, by chance.

What nobody notices is printed with its place. Some of it changes nothing that anybody could see; the rest is a test that
is missing.
"""

from __future__ import annotations

import ast
import copy
import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.sync.mutants.breaking import ROOT, ask
from tests.sync.mutants.finding import all_questions

MODULES = (
    "rules", "merge", "state", "judge", "draft", "push", "pull", "known", "ledger", "epochs", "desk", "moves", "seed", "proof", "beginning",
)  # fmt: skip
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Edit:
    """One module with one node changed."""

    module: str
    line: int
    what: str
    source: str


def edits(module: str) -> Iterator[Edit]:
    tree = ast.parse((ROOT / "sync" / f"{module}.py").read_text(encoding="utf-8"))
    for number, node in enumerate(ast.walk(tree)):
        for what, change in _changes(node):
            broken = copy.deepcopy(tree)
            change(list(ast.walk(broken))[number])
            yield Edit(module, getattr(node, "lineno", 0), what, ast.unparse(broken))


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _TURNED:
        turned = _TURNED[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} → {turned.__name__}", lambda each: each.ops.__setitem__(0, turned())
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{type(node.op).__name__} → {other.__name__}", lambda each: setattr(each, "op", other())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", _drop_not
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield f"{node.value} → {node.value + 1}", lambda each: setattr(each, "value", each.value + 1)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield f"{node.value} → {not node.value}", lambda each: setattr(each, "value", not each.value)
    if isinstance(node, ast.Name) and node.id in _SWAPPED and isinstance(node.ctx, ast.Load):
        yield f"{node.id} → {_SWAPPED[node.id]}", lambda each: setattr(each, "id", _SWAPPED[each.id])


def _drop_not(each: ast.UnaryOp) -> None:
    """`not x` becomes `not not x`."""
    each.operand = ast.UnaryOp(ast.Not(), each.operand)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    made = [edit for module in MODULES for edit in edits(module)]
    chosen = random.Random(seed).sample(made, min(count, len(made)))
    questions = all_questions()
    quick = sorted(questions, key=lambda each: not each.startswith("test_"))
    survivors = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = pool.map(lambda edit: ask(edit.module, edit.source, quick)[0], chosen)
        for edit, noticed in zip(chosen, said, strict=True):
            if not noticed.by:
                survivors += 1
                print(f"NOT NOTICED: sync/{edit.module}.py:{edit.line} {edit.what}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} noticed; {len(made)} could be made (seed {seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
