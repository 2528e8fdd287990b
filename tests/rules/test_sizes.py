"""Small pieces: functions median at most 8 lines, 9 of 10 at most 30, none above 60; files 9 of 10 at most 300, none above 500."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.reading import ROOT, client_files, files, name_of, python_files, tree

OWN = ("sync", "domain", "api", "web", "tools", "bench", "migrations", "tests")
MADE = (".gen.ts", ".gen.json")


def functions(*folders: str) -> Iterator[tuple[str, int]]:
    """(where, lines of code) of every function: decorators and docstring not counted, they are not to be followed."""
    for path in python_files(*folders):
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{name_of(path)}:{node.lineno} {node.name}", _length(node)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0)


def lengths(paths: Iterator[Path] | tuple[Path, ...]) -> dict[str, int]:
    return {
        name_of(path): path.read_text(encoding="utf-8").count("\n") for path in paths if not path.name.endswith(MADE)
    }


def nine_of_ten(values: list[int]) -> float:
    return statistics.quantiles(values, n=10)[-1] if len(values) > 1 else float(values[0])


def test_no_function_is_above_sixty_lines() -> None:
    assert {where: size for where, size in functions(*OWN) if size > 60} == {}


def test_nine_of_ten_functions_are_at_most_thirty_lines_and_half_at_most_eight() -> None:
    sizes = [size for _, size in functions("sync", "domain", "api", "web", "tools")]
    assert nine_of_ten(sizes) <= 30
    assert statistics.median(sizes) <= 8


@pytest.mark.parametrize("kind", ["python", "client", "pages"])
def test_files_are_short(kind: str) -> None:
    chosen = {
        "python": python_files(*OWN),
        "client": client_files(".ts", ".vue", ".css"),
        "pages": tuple(path for path in files() if path.suffix in {".html", ".css", ".js"} and _is_own_page(path)),
    }[kind]
    sizes = lengths(chosen)
    assert {name: size for name, size in sizes.items() if size > 500} == {}
    assert nine_of_ten(list(sizes.values())) <= 300


def _is_own_page(path: Path) -> bool:
    return path.is_relative_to(ROOT / "web" / "templates") or path.is_relative_to(ROOT / "static")
