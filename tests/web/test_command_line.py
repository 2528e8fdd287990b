"""`gridwalk`: real accounts and places by hand, and demo accounts never where work is real."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.server import free_port
from tests.waiting import PATIENCE
from web.cli import main


class Terminal:
    """`gridwalk …` in a data folder of its own."""

    def __init__(self, data: Path, *, demo: bool = False) -> None:
        self.data = data
        self.environment = {
            "GRIDWALK_DATA": str(data),
            "GRIDWALK_DEMO": "1" if demo else "",
            "GRIDWALK_DATABASE_URL": "",
            "DATABASE_URL": "",
        }

    def type(self, *words: str, answers: str = "") -> Result:
        return CliRunner().invoke(main, [*words], input=answers, env=self.environment)

    def says(self, *words: str, answers: str = "") -> str:
        """What a command that succeeds prints."""
        result = self.type(*words, answers=answers)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def town(terminal: Terminal) -> Terminal:
    """An instance with a town and its administrator."""
    terminal.says("init", "--town", "东河镇", "--login", "boss", "--name", "李主任", "--generate")
    return terminal


def test_an_empty_instance_gets_its_town_and_first_administrator(terminal: Terminal) -> None:
    told = terminal.says("init", answers="东河镇\nboss\n李主任\nlong-enough\nlong-enough\n")
    assert "东河镇" in told
    assert "admin" in terminal.says("account", "list")


def test_an_instance_is_set_up_only_once(town: Terminal) -> None:
    again = town.type("init", "--town", "西河镇", "--login", "other", "--name", "王主任", "--generate")
    assert again.exit_code == 1
    assert "西河镇" not in town.says("place", "list")


def test_places_and_people_are_added_by_hand(town: Terminal) -> None:
    town.says("place", "add", "community", "东社区", "--under", "东河镇", "--code", "DSQ")
    town.says("place", "add", "grid", "一网格", "--under", "DSQ", "--code", "DSQ1")
    town.says("account", "add", "zhou", "--name", "周网格员", "--generate")
    town.says("member", "add", "zhou", "grid_worker", "DSQ1")
    assert "zhou  周网格员  grid_worker DSQ1" in town.says("account", "list")
    assert "    DSQ1  一网格" in town.says("place", "list")
    assert "is noted" in town.says("account", "phone", "zhou", "000-0000-0001")
    assert "is taken away" in town.says("account", "phone", "zhou")
    town.says("member", "end", "zhou", "grid_worker", "DSQ1")
    assert "grid_worker" not in town.says("account", "list")


@pytest.mark.parametrize(
    "words",
    [
        ("place", "add", "grid", "一网格", "--under", "东河镇"),
        ("place", "add", "community", "东社区", "--under", "nowhere"),
        ("account", "add", "boss", "--name", "又一个", "--generate"),
        ("member", "add", "boss", "grid_worker", "东河镇"),
        ("member", "add", "nobody", "admin", "东河镇"),
        ("member", "end", "boss", "supervisor", "东河镇"),
        ("account", "password", "nobody", "--generate"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_in_a_sentence(town: Terminal, words: tuple[str, ...]) -> None:
    refused = town.type(*words)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert "⟦" not in refused.output


def test_a_short_password_is_refused(town: Terminal) -> None:
    refused = town.type("account", "add", "zhou", "--name", "周网格员", answers="short\nshort\n")
    assert refused.exit_code == 1
    assert "zhou" not in town.says("account", "list")


def test_a_disabled_account_is_shown_as_such(town: Terminal) -> None:
    town.says("account", "add", "zhou", "--name", "周网格员", "--generate")
    town.says("account", "disable", "zhou")
    assert "disabled" in town.says("account", "list")


def test_a_database_of_another_version_is_not_touched(town: Terminal) -> None:
    town.says("migrate", "--to", "base")
    refused = town.type("place", "list")
    assert refused.exit_code == 1
    assert "gridwalk migrate" in refused.output


def test_the_demo_world_cannot_be_loaded_outside_demo_mode(town: Terminal) -> None:
    refused = town.type("demo", "load", "small")
    assert refused.exit_code == 1
    assert "worker" not in town.says("account", "list")


def test_the_demo_world_is_not_loaded_beside_real_accounts(town: Terminal) -> None:
    refused = Terminal(town.data, demo=True).type("demo", "load", "small")
    assert refused.exit_code == 1
    assert "worker" not in town.says("account", "list")


def test_an_instance_with_demo_accounts_does_not_start_for_real_work(tmp_path: Path) -> None:
    demo = Terminal(tmp_path, demo=True)
    demo.says("migrate")
    demo.says("demo", "load", "small")
    refused = Terminal(tmp_path).type("run", "--port", str(free_port()))
    assert refused.exit_code == 1
    assert "demo" in refused.output


def test_a_demo_world_whose_loading_was_cut_short_is_loaded_anew(tmp_path: Path) -> None:
    demo = Terminal(tmp_path, demo=True)
    demo.says("migrate")
    words = [sys.executable, "-m", "web.cli", "demo", "load", "small"]
    with subprocess.Popen(words, env={**plain(), **demo.environment}, stdout=subprocess.DEVNULL) as loading:
        deadline = time.monotonic() + 60
        while "worker" not in demo.says("account", "list") and time.monotonic() < deadline:
            time.sleep(0.05)
        loading.kill()
    assert "anew" in demo.says("demo", "load", "small")
    assert demo.type("demo", "load", "small").exit_code == 1
    assert "outsider" in demo.says("account", "list")


@contextmanager
def running(data: Path, port: int, also: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """`gridwalk run` as a process of its own, in a plain environment that has these variables `also`."""
    words = [sys.executable, "-m", "web.cli", "run", "--data", str(data), "--port", str(port)]
    env = {**plain(), **{name: os.environ[name] for name in also}}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE)


def plain() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("GRIDWALK_", "DATABASE_URL"))}


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the server did not answer")


def read_until(process: subprocess.Popen[str], wanted: str) -> str:
    """What the process says up to a line that holds `wanted`, or up to its end."""
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if wanted in line:
            break
    return told


def test_run_starts_from_nothing_and_ends_with_nothing_left(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        assert f"http://localhost:{port}/" in read_until(process, "Ctrl-C")
        wait_for(port)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_two_instances_run_side_by_side_but_not_in_one_folder(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    with running(tmp_path / "one", first), running(tmp_path / "two", second):
        wait_for(first)
        wait_for(second)
        with running(tmp_path / "one", free_port()) as third:
            told, _ = third.communicate(timeout=PATIENCE)
        assert third.returncode == 1
        assert "DATA=" in told
        with running(tmp_path / "three", second) as fourth:
            told, _ = fourth.communicate(timeout=PATIENCE)
        assert fourth.returncode == 1
        assert "PORT=" in told


def test_a_server_that_dies_ends_the_whole_and_says_so(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        wait_for(port)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        os.kill(int(children[0]), signal.SIGKILL)
        told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, told
