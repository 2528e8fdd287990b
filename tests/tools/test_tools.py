"""What `make` calls: it knows when there is nothing to do, and its verdict is honest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check, gentypes, node, postgres, run, stamps
from tools.check import Result
from tools.say import ROOT, Trouble
from tools.say import run as run_program
from tools.setup import Parts

GOOD = Result("style", None, 1.0)
BAD = Result("tests", "pytest failed", 2.0)
UNTESTED = Result("the phone in a real browser: NOT TESTED, no browser could be had", "missing", 0.0)


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v20.19.0", True),
        ("v20.18.3", False),
        ("v18.20.4", False),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("garbage", False),
        (None, False),
    ],
)
def test_node_is_new_enough_for_vite_or_another_is_fetched(version: str | None, enough: bool) -> None:
    assert node.new_enough(version) is enough


def test_a_step_is_done_again_only_when_its_sources_have_changed(tmp_path: Path) -> None:
    first = stamps.digest([ROOT / "pyproject.toml"], "word")
    assert first == stamps.digest([ROOT / "pyproject.toml"], "word")
    assert first != stamps.digest([ROOT / "pyproject.toml"], "another word")
    assert first != stamps.digest([ROOT / "package.json"], "word")
    stamp = tmp_path / "made" / "stamp"
    assert not stamps.fresh(stamp, first)
    stamps.put(stamp, first)
    assert stamps.fresh(stamp, first)


def test_run_passes_on_port_data_and_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "DATA", "LAN", "WORLD"):
        monkeypatch.delenv(name, raising=False)
    assert run.words()[1:] == ["run", "--demo", "--port", "8000", "--data", "var"]
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("DATA", "/some/folder")
    monkeypatch.setenv("LAN", "1")
    assert run.words()[1:] == ["run", "--demo", "--port", "8123", "--data", "/some/folder", "--lan"]
    monkeypatch.setenv("LAN", "0")
    assert "--lan" not in run.words()


def test_the_verdict_is_good_only_if_everything_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.verdict([GOOD, GOOD], "every check") == 0
    assert "GOOD: every check passed" in capsys.readouterr().out
    assert check.verdict([GOOD, BAD], "every check") == 1
    said = capsys.readouterr().out
    assert "NOT GOOD: 1 of 2 failed" in said
    assert "pytest failed" in said


@pytest.mark.parametrize(("in_ci", "code"), [(False, 0), (True, 1)])
def test_what_could_not_be_tested_is_said_and_fails_where_machines_decide(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], in_ci: bool, code: int
) -> None:
    monkeypatch.setattr(check, "IN_CI", in_ci)
    assert check.verdict([GOOD, UNTESTED], "every check") == code
    assert "NOT TESTED" in capsys.readouterr().out


def test_every_folder_of_tests_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONLY", raising=False)
    there = {path.parent.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    assert {f"tests/{name}" for name in there} == set(check.test_folders())


@pytest.mark.parametrize(
    ("parts", "left_out"),
    [
        (Parts(browser=True, postgres=True), None),
        (Parts(browser=False, postgres=True), "not browser"),
        (Parts(browser=True, postgres=False), "not postgres"),
        (Parts(browser=False, postgres=False), "not browser and not postgres"),
        (Parts(browser=True, postgres=True, s3=False), "not s3"),
        (Parts(browser=True, postgres=True, machines=False), "not machines"),
    ],
)
def test_only_what_needs_a_missing_part_is_left_out(
    monkeypatch: pytest.MonkeyPatch, parts: Parts, left_out: str | None
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(check, "run", lambda words, **_: ran.append([str(word) for word in words]))
    monkeypatch.setenv(postgres.VARIABLE, "given")
    monkeypatch.setenv("WORKERS", "1")
    check.pytest(["tests/phone"], parts)
    # After "-m pytest" and the options, before the folders.
    assert ran[0][-3:] == (
        ["-m", left_out, "tests/phone"] if left_out else ["--no-header", "--durations=5", "tests/phone"]
    )


@pytest.mark.parametrize(
    ("said", "words"), [("", ["-n", "3", "--dist", "loadfile"]), ("1", []), ("2", ["-n", "2", "--dist", "loadfile"])]
)
def test_tests_run_in_as_many_processes_as_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, said: str, words: list[str]
) -> None:
    monkeypatch.setenv("WORKERS", said)
    assert check.workers() == words


def test_tests_in_a_browser_are_marked(request: pytest.FixtureRequest, browser_path: str) -> None:
    assert request.node.get_closest_marker("browser") is not None


def test_a_program_that_fails_is_named_with_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Trouble, match="Trying failed"):
        run_program(["python3", "-c", "print('the reason'); raise SystemExit(3)"], what="Trying")
    assert "the reason" in capsys.readouterr().out
    with pytest.raises(Trouble, match="could not be started"):
        run_program(["no-such-program-anywhere"], what="Trying")


def test_drifted_types_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drifted = ROOT / "web" / "client" / "model" / "types.gen.ts"
    monkeypatch.setattr(gentypes, "made", lambda: {drifted: "something else"})
    with pytest.raises(Trouble, match="make types"):
        gentypes.check()
