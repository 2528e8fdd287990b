"""The project stands alone: no trace of the machine it was made on, no undeclared part, no doc that has drifted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.rules.reading import PACKAGES, ROOT, files, name_of, python_files
from tools.help import commands

BINARY = {".png", ".jpg", ".jpeg", ".webp", ".ico", ".woff2", ".gz", ".pdf"}
LOCKS = {"uv.lock", "package-lock.json"}
# Spelled in pieces, so that this file is not its own finding.
PATHS = re.compile(
    "|".join(
        [
            "/wo" + "rk/(?:main|shared|lib)",
            "/wo" + r"rk/\.",
            "/ro" + r"ot/\.",
            "/home/" + r"[a-z]+/",
            r"\.lib" + "rary",
            "fa" + "rm-(?:studio|bench)",
            "CLAU" + "DE",
        ]
    )
)
HOSTS = re.compile(
    "|".join(
        [
            "registry" + r"\.npmjs",
            "py" + r"pi\.org",
            "python" + "hosted",
            "deb" + r"\.debian",
            "unp" + "kg",
            "jsde" + "livr",
            "cdn" + "js",
            "google" + "apis",
        ]
    )
)


def texts(*, locks: bool) -> list[Path]:
    return [path for path in files() if path.suffix not in BINARY and (locks or path.name not in LOCKS)]


def saying(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name_of(path)}:{number}")
    return found


def test_no_path_of_a_machine_is_in_the_repository() -> None:
    assert saying(PATHS, texts(locks=True)) == []


def test_no_host_of_a_registry_or_of_a_third_party_is_in_the_repository() -> None:
    # uv.lock names the public index, which uv writes by itself and whatever mirror a machine uses.
    assert saying(HOSTS, texts(locks=False)) == []
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_nothing_private_or_made_is_committed() -> None:
    made = re.compile(
        r"(^|/)(node_modules|\.venv|\.tools|var|static/(app|vendor)|__pycache__)/|\.(key|pem|db|sqlite3?)$"
    )
    assert [name_of(path) for path in files() if made.search(name_of(path))] == []


def test_every_python_part_is_used_and_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = tomllib.loads(text)["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", each)[0]: each for each in declared}
    modules = {"pillow": "PIL", "argon2-cffi": "argon2"}
    by_name = {"psycopg", "granian"}  # one by the database URL, one by the command that serves
    imported = "\n".join(path.read_text(encoding="utf-8") for path in python_files(*PACKAGES))
    unused = {
        name
        for name in names
        if name not in by_name
        and not re.search(rf"^\s*(from|import) {modules.get(name, name.replace('-', '_'))}\b", imported, re.MULTILINE)
    }
    assert unused == set()
    lines = text.splitlines()
    unexplained = [
        each
        for each in names.values()
        if not any(each in line and lines[at - 1].strip().startswith("#") for at, line in enumerate(lines))
    ]
    assert unexplained == []


def test_npm_parts_are_named_exactly() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    named = {**package["dependencies"], **package["devDependencies"], **package["overrides"]}
    assert [f"{name} {version}" for name, version in named.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_lock_files_are_up_to_date() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][""]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert (lock["dependencies"], lock["devDependencies"]) == (package["dependencies"], package["devDependencies"])


def test_nothing_is_left_undone_in_the_code() -> None:
    marks = re.compile(
        "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error", "not " + "implemented"])
    )
    code = [path for path in texts(locks=False) if path.suffix in {".py", ".ts", ".vue", ".js", ".css", ".html"}]
    assert saying(marks, code) == []


def test_no_test_is_switched_off() -> None:
    off = re.compile(
        "|".join(
            [
                r"mark\.sk" + "ip",
                r"mark\.xf" + "ail",
                r"pytest\.sk" + "ip",
                r"\b(it|test|describe)\.(sk" + "ip|only|to" + "do)",
            ]
        )
    )
    assert saying(off, [path for path in texts(locks=False) if path.suffix in {".py", ".ts"}]) == []


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def test_there_is_a_readme_a_changelog_and_a_way_to_contribute() -> None:
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"} <= {name_of(path) for path in files()}


def test_commands_that_documents_name_are_there() -> None:
    named = {
        (name_of(path), command)
        for path in documents()
        for command in re.findall(r"`(?:[A-Z]+=\S+ )*make ([a-z-]+)", path.read_text(encoding="utf-8"))
    }
    assert {each for each in named if each[1] not in commands()} == set()


def test_files_that_documents_name_are_there() -> None:
    assert {name_of(path): missing for path in documents() if (missing := _missing(path))} == {}


def _missing(path: Path) -> set[str]:
    """In backquotes or as a link: a path with a slash, below the root or beside the document."""
    text = path.read_text(encoding="utf-8")
    said = set(re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", text)) | set(re.findall(r"\]\(([^)#:\s]+)\)", text))
    roots = {*PACKAGES, "tests", "tools", "docs", "migrations", "static", ".ci"}
    return {
        each
        for each in said
        if each.split("/")[0] in roots | {".", ".."} or "](" + each in text
        if not ((ROOT / each).exists() or (path.parent / each).exists() or _is_made(each))
    }


def _is_made(name: str) -> bool:
    """Folders that `make build` makes."""
    return name.startswith(("static/app", "static/vendor", "var/"))


def test_the_map_of_the_code_names_every_package() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {
        name
        for name in (*PACKAGES, "tests", "migrations", "static", "docs", "tools", "bench")
        if f"{name}/" not in readme
    } == set()


def test_the_readme_has_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command for command in ("make run", "make test") if command not in readme] == []


def test_help_lists_every_command_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert phony == set(commands())
    told = subprocess.run(
        [sys.executable, "-m", "tools.help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert all(f"make {name}" in told for name in phony)
