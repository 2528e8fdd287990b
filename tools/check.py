"""`make test`: set-up, every check, every test, and one verdict in plain words."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tools import gentypes, node, postgres, python, setup
from tools.say import IN_CI, ROOT, Trouble, line, run

FOLDERS = ("rules", "tools", "sync", "domain", "api", "web", "phone")
"""Quick ones first; folders of tests/ that are not named here run before the last."""


@dataclass(frozen=True)
class Result:
    name: str
    trouble: str | None
    seconds: float


def checks() -> list[tuple[str, Callable[[], object]]]:
    """What is checked without running a test; each stands alone."""
    env = node.environment()
    npx = node.program("npx", env)
    tool = python.program

    def command(what: str, *words: str | Path) -> tuple[str, Callable[[], object]]:
        program: list[str | Path] = list(words)
        return what, lambda: run(program, what=what, env=env)

    return [
        command("style (ruff)", tool("ruff"), "check", "--quiet", "."),
        command("form (ruff format)", tool("ruff"), "format", "--check", "--quiet", "."),
        command("types of Python (mypy)", tool("mypy"), "--no-error-summary"),
        command("imports point down (import-linter)", tool("lint-imports"), "--cache-dir", ".cache/imports"),
        ("types of the phone are those of domain/", gentypes.check),
        command("types of TypeScript (vue-tsc)", npx, "--no-install", "vue-tsc", "--noEmit", "-p", "tsconfig.json"),
        command("tests of the phone's code (vitest)", npx, "--no-install", "vitest", "run"),
    ]


def attempt(name: str, work: Callable[[], object]) -> Result:
    began = time.monotonic()
    try:
        work()
        trouble = None
    except Trouble as caught:
        trouble = str(caught)
    seconds = time.monotonic() - began
    line(f"{name}: {'good' if trouble is None else 'NOT GOOD'} ({seconds:.0f} s)")
    return Result(name, trouble, seconds)


def lint() -> list[Result]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda each: attempt(*each), checks()))


def pytest(folders: Sequence[str], parts: setup.Parts) -> Result:
    """One run over all folders, so that one summary line stands at the end."""
    there = {"browser": parts.browser, "postgres": parts.postgres, "s3": parts.s3, "machines": parts.machines}
    left_out = " and ".join(f"not {name}" for name, is_there in there.items() if not is_there)
    words: list[str | Path] = [
        python.program("python"),
        "-m",
        "pytest",
        "--no-header",
        "--durations=5",
        *workers(),
        *(["-m", left_out] if left_out else []),
        *folders,
    ]
    return attempt("tests (pytest)", lambda: _with_databases(words, parts))


def workers() -> list[str]:
    """Three processes, or WORKERS of them: many tests only wait for a browser. What a file shares is made once."""
    number = os.environ.get("WORKERS") or "3"
    return ["-n", number, "--dist", "loadfile"] if number not in {"0", "1"} else []


def _with_databases(words: Sequence[str | Path], parts: setup.Parts) -> None:
    with ExitStack() as stack:
        environment = dict(os.environ)
        if parts.postgres and postgres.VARIABLE not in environment:
            environment[postgres.VARIABLE] = stack.enter_context(postgres.running())
        run(words, what="pytest", env=environment, quiet=False)


def test_folders() -> list[str]:
    chosen = os.environ.get("ONLY", "").split()
    if chosen:
        return chosen
    there = {path.name for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py"))}
    ordered = [name for name in FOLDERS[:-1] if name in there]
    ordered += sorted(there - set(FOLDERS)) + [name for name in FOLDERS[-1:] if name in there]
    return [f"tests/{name}" for name in ordered]


MISSING = {
    "browser": "phone and console in a real browser: NOT TESTED, no browser could be had",
    "postgres": "the server on PostgreSQL: NOT TESTED, no PostgreSQL could be had",
    "s3": "pictures in an S3 store: NOT TESTED, rclone comes for Linux on x86-64 only",
    "machines": "two server machines on one PostgreSQL: NOT TESTED, no pgbouncer or no Redis could be had",
}


def everything() -> list[Result]:
    began = time.monotonic()
    parts = setup.for_tests()
    results = [Result("set-up", None, time.monotonic() - began)]
    results += lint()
    results.append(pytest(test_folders(), parts))
    # On a person's machine this is said and the rest stands; where machines decide, it is a failure.
    return results + [Result(said, "missing", 0.0) for name, said in MISSING.items() if not getattr(parts, name)]


def verdict(results: Sequence[Result], what: str) -> int:
    bad = [each for each in results if each.trouble is not None]
    untested = [each for each in bad if each.trouble == "missing"]
    print("\n" + "=" * 78)
    for each in results:
        print(f"  {'✓' if each.trouble is None else '✗'} {each.name}  {each.seconds:.0f} s")
        if each.trouble not in (None, "missing"):
            print(f"      {each.trouble}")
    print("-" * 78)
    if not bad:
        print(f"  GOOD: {what} passed.")
    elif bad == untested and not IN_CI:
        print("  GOOD AS FAR AS TESTED: what could run has passed; what could not is marked ✗ above.")
        print("  Install what is missing (say, `apt install chromium postgresql pgbouncer`) and call make test again.")
    else:
        print(f"  NOT GOOD: {len(bad)} of {len(results)} failed; what each said stands further up.")
    print("=" * 78, flush=True)
    return 0 if not bad or (bad == untested and not IN_CI) else 1


def put_in_form() -> list[Result]:
    ruff = python.program("ruff")
    return [
        attempt("imports in order", lambda: run([ruff, "check", "--fix", "--quiet", "--exit-zero", "."], what="ruff")),
        attempt("form", lambda: run([ruff, "format", "--quiet", "."], what="ruff format")),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lint", action="store_true", help="only the checks without tests")
    parser.add_argument("--format", action="store_true", help="only bring the code into its form")
    chosen = parser.parse_args()
    try:
        if not (chosen.lint or chosen.format):
            return verdict(everything(), "every check and every test")
        setup.for_running()
        return verdict(put_in_form() if chosen.format else lint(), "every check")
    except Trouble as trouble:
        print(f"\nNOT GOOD: set-up stopped. {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
