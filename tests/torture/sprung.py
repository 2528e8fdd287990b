"""A server that starts at once: a process that has loaded the program already forks one server after the other.

Nearly all of a start (some 1.5 of 2 seconds) is Python loading modules, during which nothing can be lost. What is forked
here goes the same way as `python -m granian …` from its command line on: granian's main process, its worker, the app.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.server import START_WITHIN, Server, beside
from tests.torture.traced import BOARD, SLOTS
from web.config import ROOT, Config, to_environment
from web.serve import Address, server_command

APP: Final = "tests.torture.traced:make"
_BE_THEIR_PARENT: Final = 36  # PR_SET_CHILD_SUBREAPER


def command_of(config: Config) -> list[str]:
    """The product's own command line, with the watched app."""
    return [APP if word == "web.wsgi:make" else word for word in server_command(Address(config))]


class SprungServer(Server):
    """A `Server` whose `start()` forks a loaded process. `close()` ends that one, too."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        (config.data / BOARD).write_bytes(bytes(SLOTS))
        self._pid = 0
        self._plain: subprocess.Popen[bytes] | None = None
        with self.log.open("ab") as log:
            self._spring = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.sprung", *command_of(config)[3:]],
                cwd=ROOT,
                env=to_environment(config),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def spring(self) -> None:
        """Fork a server; it is not ready yet."""
        self._pid = int(self._ask("start"))

    def start(self, *, plainly: bool = False) -> SprungServer:
        """`plainly`: from nothing, as an operator's service manager would."""
        if plainly:
            self._start_plainly()
        else:
            self.spring()
        self.wait()
        return self

    def _start_plainly(self) -> None:
        self._plain = beside(command_of(self.config), self.config, self.log)

    def kill(self) -> None:
        """SIGKILL for every process of the server; returns when they are gone."""
        if self._pid:
            try:
                os.killpg(self._pid, signal.SIGKILL)
            except ProcessLookupError:  # so young that it has no group of its own yet
                os.kill(self._pid, signal.SIGKILL)
            self._ask("reap")
        if self._plain is not None:
            os.killpg(self._plain.pid, signal.SIGKILL)
            self._plain.wait()
        self._pid, self._plain = 0, None

    stop = kill

    def close(self) -> None:
        self.kill()
        if self._spring.stdin and self._spring.stdout:
            self._spring.stdin.close()
            self._spring.stdout.close()
        self._spring.wait()

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self) -> None:
        """Until it is ready."""
        deadline = time.monotonic() + START_WITHIN
        while not self._ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server did not become ready:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.005)

    def _ask(self, word: str) -> str:
        if self._spring.stdin is None or self._spring.stdout is None:
            raise RuntimeError("the spring has no pipes")
        self._spring.stdin.write(word.encode() + b"\n")
        self._spring.stdin.flush()
        answer = self._spring.stdout.readline().decode().strip()
        if not answer:
            raise RuntimeError(f"the spring is broken:\n{self.log.read_text()[-4000:]}")
        return answer


def serve(arguments: Sequence[str]) -> None:
    """In the forked child: a process group of its own, then granian as from its command line."""
    from granian.cli import entrypoint

    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.argv = ["granian", *arguments]
    entrypoint()  # type: ignore[no-untyped-call]


def main() -> None:
    import granian.cli
    import granian.server

    import tests.torture.traced

    _ = (granian.cli, granian.server, tests.torture.traced)  # loaded, for whoever is forked
    sys.path.insert(0, str(Path.cwd()))
    # Whatever a killed server leaves behind becomes ours, so that its end can be waited for.
    ctypes.CDLL(None).prctl(_BE_THEIR_PARENT, 1)
    for line in sys.stdin:
        if line.strip() == "start":
            child = os.fork()
            if child == 0:
                try:
                    serve(sys.argv[1:])
                finally:
                    os._exit(0)
            print(child, flush=True)
        else:
            _reap()
            print("gone", flush=True)


def _reap() -> None:
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
