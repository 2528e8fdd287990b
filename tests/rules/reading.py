"""Reading the repository itself: which files are in it, and what their code says."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("sync", "domain", "api", "web")
CLIENT = ROOT / "web" / "client"


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project: committed ones, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file() and not path.is_symlink()))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> tuple[Path, ...]:
    wanted = folders or PACKAGES
    return tuple(path for path in files() if path.suffix == ".py" and name_of(path).split("/")[0] in wanted)


def client_files(*suffixes: str) -> tuple[Path, ...]:
    chosen = suffixes or (".ts", ".vue")
    return tuple(path for path in files() if path.suffix in chosen and path.is_relative_to(CLIENT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(node: ast.AST) -> str:
    """`os.environ` of the expression that says so; "" of anything that is no plain chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def uses(path: Path) -> Iterator[tuple[str, int]]:
    """Every dotted name that the code of a file uses, with its line; imports under the name they are used by."""
    renamed = dict(_imports(path))
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Load):
            said = dotted(node)
            first, _, rest = said.partition(".")
            whole = renamed.get(first, first) + (f".{rest}" if rest else "")
            if said:
                yield whole, node.lineno


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield each.asname or each.name.split(".")[0], each.name if each.asname else each.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                yield each.asname or each.name, f"{node.module}.{each.name}"


IMPORT_OF_TS = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")


def client_imports(path: Path) -> set[str]:
    """The files that a file of the client imports, as `folder/name` from web/client; packages by their name."""
    found = set()
    for said in IMPORT_OF_TS.findall(path.read_text(encoding="utf-8")):
        if said.startswith("."):
            found.add((path.parent / said).resolve().relative_to(ROOT).as_posix().removeprefix("web/client/"))
        else:
            found.add(said.removeprefix("@/"))
    return found
