"""`gridwalk run`: the server and the jobs as two child processes of one, started and ended together."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from web.config import ROOT, Config, to_environment

if TYPE_CHECKING:
    from web.lan import Pair

LINE_BUFFER: Final = 64 * 1024
"""Bytes of a request that wait in memory until a thread takes them, for each line. Granian would hold 400 KB: with fifty
phones sending pictures that alone is 20 MB and more. A request's head has to fit into it, too."""

PATIENCE: Final = 12
"""Seconds that the children have to end what they are doing."""

START_WITHIN: Final = 60


class CannotStart(Exception):
    """Says what stands in the way. `code` is a key of the catalogue, section "terminal"; `values` its figures."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Address:
    """Where the server listens, and under which address a person finds it."""

    config: Config
    certificate: Pair | None = None
    name: str = "localhost"

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://{self.name}:{self.config.port}/"


def check_port(host: str, port: int) -> None:
    """CannotStart `port_taken` if somebody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CannotStart("port_forbidden", port=port) from error
        except OSError as error:
            raise CannotStart("port_taken", port=port, other=port + 10) from error


RESTORING: Final = "restore.unfinished"
"""A file in the data folder while a restore is half-way: nothing starts then."""


def check_restored(data: Path) -> None:
    """CannotStart `restore_unfinished` if a restore was cut short: the database and the pictures do not fit yet."""
    if (data / RESTORING).exists():
        raise CannotStart("restore_unfinished", data=data)


def check_shared(config: Config) -> None:
    """CannotStart `apart` where the queue is shared by several machines, and what they write is not."""
    if config.redis_url and (config.database_url.startswith("sqlite") or not config.blobs_url):
        raise CannotStart("apart")


@contextmanager
def alone_in(data: Path) -> Iterator[None]:
    """Hold the data folder: two instances in one folder would run every job twice. CannotStart `data_taken`."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "run.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart("data_taken", data=data) from error
        yield


def server_command(address: Address) -> list[str]:
    """Processes with threads; a thread waits for the disk without the interpreter."""
    config = address.config
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "web.wsgi:make"]
    command += ["--host", config.host, "--port", str(config.port), "--no-ws", "--no-access-log"]
    command += ["--workers", str(config.workers), "--blocking-threads", str(config.threads_each)]
    command += ["--log-level", "error", "--workers-kill-timeout", "8"]
    command += ["--http1-buffer-size", str(LINE_BUFFER)]
    if address.certificate:
        command += ["--ssl-certificate", str(address.certificate.certificate)]
        command += ["--ssl-keyfile", str(address.certificate.key)]
    return command


def jobs_command() -> list[str]:
    return [sys.executable, "-m", "web.cli", "jobs"]


class Children:
    """Child processes that live and end together."""

    def __init__(self, config: Config, log: Path | None) -> None:
        self._environment = to_environment(config)
        self._log = log
        self._running: list[subprocess.Popen[bytes]] = []
        self.asked = threading.Event()
        """Somebody has asked for the end."""

    def start(self, command: Sequence[str]) -> None:
        # A session of its own: Ctrl-C reaches only the parent, which ends the children in order.
        with ExitStack() as stack:
            log = stack.enter_context(self._log.open("ab")) if self._log else None
            child = subprocess.Popen(  # noqa: S603 - our own program
                command,
                cwd=ROOT,
                env=self._environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._running.append(child)

    def wait(self) -> int:
        """Until somebody asks for the end (0) or a child ends by itself (1)."""
        while not self.asked.wait(0.3):
            if any(child.poll() is not None for child in self._running):
                return 1
        return 0

    def failed(self) -> bool:
        return any(child.poll() is not None for child in self._running)

    def end(self) -> None:
        for child in reversed(self._running):
            child.terminate()
        for child in self._running:
            with suppress(subprocess.TimeoutExpired):
                child.wait(PATIENCE)
            # Whatever is left of it: a worker whose parent was killed, or that does not listen.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def children(config: Config, log: Path | None = None) -> Iterator[Children]:
    """Children that end when the block ends, also by Ctrl-C, `kill`, or a closed terminal.

    What they say goes to the file `log`, or to this terminal.
    """
    family = Children(config, log)

    def ask(_number: int, _frame: FrameType | None) -> None:
        family.asked.set()

    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with ExitStack() as stack:
        stack.callback(lambda: [signal.signal(each, old) for each, old in before.items()])
        stack.callback(family.end)
        yield family


def answers(address: Address, family: Children) -> bool:
    """Wait until the server takes calls; False if it ends before, or does not come."""
    for _ in range(START_WITHIN * 5):
        if family.failed() or family.asked.wait(0.2):
            return False
        if _listening(address.config.host, address.config.port):
            return True
    return False


def _listening(host: str, port: int) -> bool:
    everywhere = host in {"", "0.0.0.0"}  # noqa: S104 - compared, not bound
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1" if everywhere else host, port)) == 0
