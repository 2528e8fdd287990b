"""A PostgreSQL of one's own that can be killed: as an operator's, it writes to the disk what it promises to."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psycopg

from tools import background, postgres

SAFE: Final = {**postgres.SETTINGS, "fsync": "on", "full_page_writes": "on", "autovacuum": "on"}
"""`synchronous_commit` stays off here: the program has to ask for it itself (X1)."""
WITHIN: Final = 60


class Cluster:
    """The programs of a cluster in `folder`, started and killed as a test likes."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.programs, self.folder, self.user = programs, folder, user
        self.data = folder / "data"
        self._server: subprocess.Popen[bytes] | None = None
        self._databases = 0

    def new_database(self) -> str:
        """The address of an empty one: a cluster serves several tests."""
        self._databases += 1
        name = f"own{self._databases}"
        with self._connect() as conn:
            conn.autocommit = True
            conn.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        return f"postgresql+psycopg://{postgres.OWNER}@/{name}?host={self.folder}"

    def spring(self) -> None:
        """Start it; it is not ready yet."""
        with suppress(FileNotFoundError):
            (self.data / "postmaster.pid").unlink()  # of one that is gone: who kills it waits for its end
        words = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        words += [word for name, value in SAFE.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._server = background.start(words, log, self.user)

    def start(self) -> Cluster:
        self.spring()
        self.wait()
        return self

    def wait(self) -> None:
        """Until it takes calls (again)."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), self._connect():
                return
            time.sleep(0.01)
        raise RuntimeError((self.folder / "log").read_text(encoding="utf-8", errors="replace")[-3000:])

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user=postgres.OWNER, dbname="postgres")

    def backends(self) -> list[int]:
        """The processes that the postmaster has started."""
        pid = self._server.pid if self._server else 0
        with suppress(OSError):
            return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
        return []

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: nothing is written any more; the next start recovers from the log."""
        if self._server:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(WITHIN)
        self._server = None

    def kill(self) -> None:
        """As a power cut: SIGKILL for the postmaster and all that it has started."""
        if self._server is None:
            return
        # Stopped first, or it would start a new child for one that is gone already.
        self._server.send_signal(signal.SIGSTOP)
        family = [*self.backends(), self._server.pid]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait(WITHIN)
        while any(_is_alive(pid) for pid in family):
            time.sleep(0.005)
        self._server = None

    def kill_a_backend(self, chance: random.Random) -> None:
        """SIGKILL for one of its processes: the postmaster ends all others and recovers by itself."""
        before = self.backends()
        if not before:
            return
        victim = chance.choice(before)
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        deadline = time.monotonic() + WITHIN
        while set(self.backends()) & set(before) and time.monotonic() < deadline:
            time.sleep(0.005)

    def break_somehow(self, chance: random.Random) -> str | None:
        """What a siege does to it in one cut of two."""
        how = chance.choice((None, None, None, "immediate", "kill", "backend"))
        if how == "immediate":
            self.stop_at_once()
            self.start()
        elif how == "kill":
            self.kill()
            self.start()
        elif how == "backend":
            self.kill_a_backend(chance)
            self.wait()
        return how and f"PostgreSQL: {how}"


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster, gone with everything in it at the end."""
    programs, user = postgres.find(), background.least_user()
    if programs is None:
        raise RuntimeError("no PostgreSQL here: run `make setup`")
    with postgres._folder(user) as folder:
        made = Cluster(programs, folder, user)
        postgres._init(programs, made.data, user)
        try:
            yield made.start()
        finally:
            made.kill()
