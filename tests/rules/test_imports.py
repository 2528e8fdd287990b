"""What may use what. The directions between packages are import-linter's (pyproject.toml); here is what it cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.reading import CLIENT, ROOT, client_files, client_imports, name_of, python_files, uses

THE_CLOCK = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
FETCHES = re.compile(r"\bfetch\s*\(|\bXMLHttpRequest\b|\bsendBeacon\b|\bWebSocket\b|\bEventSource\b")


def using(names: set[str], *folders: str) -> dict[str, list[int]]:
    """file -> lines that use one of the names, or something of it."""
    found: dict[str, list[int]] = {}
    for path in python_files(*folders):
        for said, line in uses(path):
            if any(said == name or said.startswith(f"{name}.") for name in names):
                found.setdefault(name_of(path), []).append(line)
    return found


def test_imports_point_down() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run(
        [program, "--cache-dir", ".cache/imports"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout


def test_the_environment_is_read_in_one_place() -> None:
    assert set(using({"os.environ", "os.getenv", "os.environb", "os.putenv"})) <= {"web/config.py"}


def test_the_time_of_day_is_read_in_one_place() -> None:
    assert set(using(THE_CLOCK)) <= {"sync/clock.py"}


def test_only_the_engine_commits() -> None:
    committing = {
        name_of(path): line
        for path in python_files()
        for said, line in uses(path)
        if said.endswith(".commit") or said == "commit"
    }
    assert set(committing) <= {"sync/database.py"}


def test_the_pure_parts_are_pure() -> None:
    doors = {
        "open",
        "input",
        "time",
        "random",
        "secrets",
        "os",
        "socket",
        "subprocess",
        "uuid",
        "sqlalchemy",
        "datetime",
    }
    pure = {"sync/rules.py", "sync/merge.py", "sync/protocol.py", "sync/types.py"}
    assert {name: lines for name, lines in using(doors, "sync").items() if name in pure} == {}


def test_randomness_comes_from_few_places() -> None:
    """Ids, tokens and keys; everything else gets its ids and its clock as arguments."""
    allowed = {"sync/ids.py", "domain/sessions.py", "web/config.py", "web/commands/people.py"}
    found = set(using({"random", "secrets", "uuid.uuid1", "uuid.uuid4", "os.urandom"}))
    assert {name for name in found if not name.startswith("domain/demo/")} - allowed - {"web/logs.py"} == set()


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("model", ("store/", "sync/", "screens/", "parts/", "sw/")),
        ("store", ("sync/", "screens/", "parts/", "sw/")),
        ("sync", ("screens/", "parts/")),
        ("sw", ("screens/", "parts/")),
    ],
)
def test_the_client_s_parts_point_down(folder: str, never: tuple[str, ...]) -> None:
    wrong = {
        name_of(path): sorted(bad)
        for path in client_files()
        if path.is_relative_to(CLIENT / folder)
        and not path.name.endswith(".test.ts")
        and (bad := {said for said in client_imports(path) if said.startswith(never)})
    }
    assert wrong == {}


def test_only_the_transport_speaks_to_the_server() -> None:
    # The bytes of pictures travel by tus, which counts them on their way: no fetch can tell that.
    allowed = {"web/client/sync/transport.ts", "web/client/sync/tus.ts"}
    speaking = {
        name_of(path)
        for path in client_files()
        if not path.name.endswith(".test.ts")
        # The service worker answers fetches of pages: it serves files, and sends nothing of its own.
        and not path.is_relative_to(CLIENT / "sw")
        and FETCHES.search(_code(path))
    }
    assert speaking <= allowed


def test_only_the_store_opens_a_database() -> None:
    opening = re.compile(r"""\bindexedDB\b|from ["']dexie["']|new Dexie\b""")
    found = {
        name_of(path)
        for path in client_files()
        if not path.name.endswith(".test.ts")
        and opening.search(_code(path))
        and not path.is_relative_to(CLIENT / "store")
    }
    assert found == set()


def _code(path: Path) -> str:
    """The file without its comments."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", text, flags=re.DOTALL)
