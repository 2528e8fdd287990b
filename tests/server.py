"""A real server process for tests: its own data folder, a free port, killed and started again as a test likes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sync.database import connect
from tests.postgres import Cluster
from web import upgrade
from web.config import ROOT, Config, from_environment, to_environment
from web.serve import Address, server_command

START_WITHIN = 60

Fill = Callable[[Config], None]


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_data(folder: Path, fill: Fill | None = None) -> Config:
    """A migrated data folder in demo mode, filled by `fill` (default: the demo world "small")."""
    environment = {"GRIDWALK_DATA": str(folder), "GRIDWALK_DEMO": "1", "GRIDWALK_PORT": str(free_port())}
    config = replace(from_environment(environment), testing=True)
    _fill(config, fill)
    # One file, so that a template can be copied.
    engine = connect(config.database_url)
    with engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return config


def _fill(config: Config, fill: Fill | None) -> None:
    upgrade.upgrade(config.database_url)
    (fill or load_small)(config)


@contextmanager
def copy_on_postgresql(cluster: Cluster, template: Config, folder: Path, fill: Fill | None = None) -> Iterator[Config]:
    """The same world as the template's in a PostgreSQL database of one's own, its folder copied to `folder`."""

    def make(url: str) -> None:
        with tempfile.TemporaryDirectory() as aside:
            _fill(replace(template, data=Path(aside), database_url=url), fill)

    url = cluster.create(cluster.template(f"world by {fill}", make))
    yield replace(copy_data(template, folder), database_url=url)
    cluster.drop(url)


def load_small(config: Config) -> None:
    """The demo world "small", with its accounts (password `gridwalk`)."""
    from web.commands.demo import load_once

    load_once(config, "small")


def copy_data(template: Config, folder: Path) -> Config:
    """A data folder with what the template holds, on a port of its own."""
    shutil.copytree(template.data, folder, dirs_exist_ok=True)
    url = template.database_url.replace(str(template.data), str(folder))
    return replace(template, data=folder, database_url=url, port=free_port())


def beside(words: Sequence[str], config: Config, log: Path) -> subprocess.Popen[bytes]:
    """One of our own programs as a process of its own group, told the configuration by its environment."""
    with log.open("ab") as said:
        return subprocess.Popen(
            words,
            cwd=ROOT,
            env=to_environment(config),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


class Server:
    """One server process. `base_url` stays the same over `kill()` and `start()`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.base_url = f"http://127.0.0.1:{config.port}"
        self.log = config.data / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Start it and wait until it is ready."""
        self._process = beside(server_command(Address(self.config)), self.config, self.log)
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._ready():
                return self
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the server did not become ready:\n{self.log.read_text()[-4000:]}")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @property
    def runs(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        """End it at once, as a power cut would: no goodbye to anybody."""
        if self._process is not None and self._process.poll() is None:
            # The whole session that we started: granian and its worker.
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        self._process = None

    stop = kill

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()


if __name__ == "__main__":
    # `python -m tests.server FOLDER`: a server on the small demo world, for trying things by hand.
    with Server(make_data(Path(sys.argv[1]))) as running:
        print(running.base_url, flush=True)
        signal.pause()
