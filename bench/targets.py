"""What is measured: Gridwalk and the bare ceiling, each on SQLite and on PostgreSQL, under the same server program."""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
from sqlalchemy import make_url

from api.bodies import PHRASES, ZLIB
from bench.ceiling import prepare
from bench.http1 import Answer, Line, request
from bench.machine import Process, Trouble, running
from bench.workload import Entry, Json, change, plain
from bench.world import Client, World, configured, envelope, fill
from tests.server import free_port
from web.app import create_app
from web.config import Config, from_environment, to_environment
from web.serve import Address, server_command

SQLITE: Final = "SQLite"
POSTGRESQL: Final = "PostgreSQL"
JSON: Final = {"Content-Type": "application/json"}
LEVEL: Final = 6
"""What a browser's CompressionStream packs with."""


SMALL: Final = 16_000
"""What is shorter travels in phrases, as web/client/sync/packing.ts has it."""


def packed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """What a phone sends, and how it says so."""
    if len(body.decode()) >= SMALL:
        return gzip.compress(body, LEVEL), {"Content_Encoding": "gzip"}
    pack = zlib.compressobj(level=9, memLevel=9, zdict=PHRASES)
    return pack.compress(body) + pack.flush(), {"Content_Type": ZLIB}


class Target(Protocol):
    """Something that takes entries. `grids` names as many as there are; phone n writes in grid n modulo that."""

    @property
    def name(self) -> str: ...

    @property
    def database(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def note(self) -> str: ...

    def serve(self) -> Any:
        """A context: its server runs, and is the Process of the block."""

    def push(self, phone: int, batch: Sequence[Entry]) -> list[bytes]:
        """The requests by which this phone sends a batch."""

    def check(self, answer: Answer) -> None:
        """Trouble unless everything was taken."""


@dataclass
class Gridwalk:
    """The product, as `gridwalk run` starts it."""

    config: Config
    database: str
    world: World
    name: str = "Gridwalk"
    note: str = ""
    last: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return self.config.port

    @contextmanager
    def serve(self) -> Iterator[Process]:
        words = server_command(Address(self.config))
        url = f"http://127.0.0.1:{self.port}/readyz"
        with running(words, self.config.data / "server.log", url, to_environment(self.config)) as process:
            yield process

    def call(self, client: Client, changes: list[Json], **more: object) -> bytes:
        """One sync call of this client; what it sends counts as receipted afterwards."""
        said = envelope(client, changes, last=self.last.get(client.device), **more)
        if changes:
            self.last[client.device] = str(said["newest"])
        body, form = packed(orjson.dumps(said))
        return request("POST", "/api/v1/sync", body, client.headers(**form))

    def push(self, phone: int, batch: Sequence[Entry]) -> list[bytes]:
        client = self.world.phones[phone]
        return [self.call(client, [change(each, client.book, client.account) for each in batch])]

    def check(self, answer: Answer) -> None:
        outcomes = [each["outcome"] for each in answer.json()["receipts"]]
        if set(outcomes) - {"applied", "merged", "conflict"}:
            raise Trouble(f"not taken: {answer.body[:500]!r}")

    def ask(self, line: Line, made: bytes) -> Any:
        answer = line.ask(made)
        if answer.status != 200:
            raise Trouble(f"{answer.status} {answer.body[:500]!r}")
        return answer.json()


@dataclass
class Ceiling:
    """See bench/ceiling.py."""

    url: str
    database: str
    folder: Path
    grids: list[str]
    name: str = "bare Flask"
    note: str = "parse, one statement of many rows, ordered feed; no check, no merge, no receipt"
    port: int = field(default_factory=free_port)

    @contextmanager
    def serve(self) -> Iterator[Process]:
        words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "bench.ceiling:make"]
        # As many processes and threads as Gridwalk has.
        config = from_environment({"GRIDWALK_DATA": str(self.folder), "DATABASE_URL": self.url})
        words += ["--port", str(self.port), "--workers", str(config.workers)]
        words += ["--blocking-threads", str(config.threads_each), "--no-ws", "--log-level", "error"]
        env = {**os.environ, "BENCH_URL": self.url}
        with running(words, self.folder / "ceiling.log", f"http://127.0.0.1:{self.port}/ready", env) as process:
            yield process

    def push(self, phone: int, batch: Sequence[Entry]) -> list[bytes]:
        grid = self.grids[phone % len(self.grids)]
        body = orjson.dumps([plain(each, grid, "a" * 36) for each in batch])
        return [request("POST", f"/entries/{grid}", body, JSON)]

    def check(self, answer: Answer) -> None:
        if answer.status != 200:
            raise Trouble(f"{answer.status} {answer.body[:500]!r}")


def database_of(cluster: str, name: str) -> str:
    """A new empty database of a cluster."""
    from sqlalchemy import create_engine

    admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f'CREATE DATABASE "{name}"')
    admin.dispose()
    return make_url(cluster).set(database=name).render_as_string(hide_password=False)


def gridwalk(folder: Path, cluster: str | None) -> Gridwalk:
    """A filled instance of its own, on SQLite or in a cluster."""
    folder.mkdir()
    config = configured(folder, database_of(cluster, f"bench_{folder.name}") if cluster else None)
    return Gridwalk(config, POSTGRESQL if cluster else SQLITE, fill(config, create_app))


def ceiling(folder: Path, cluster: str | None, grids: int) -> Ceiling:
    folder.mkdir()
    url = database_of(cluster, f"bench_{folder.name}") if cluster else f"sqlite:///{folder / 'ceiling.db'}"
    names = [f"{each:036d}" for each in range(grids)]
    prepare(url, names)
    return Ceiling(url, POSTGRESQL if cluster else SQLITE, folder, names)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on a real disk, gone at the end."""
    with ExitStack() as stack:
        yield Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="gridwalk-bench-", ignore_cleanup_errors=True))
        )
