"""Two server machines of one instance, as far as one machine can play them: each has its own folder, its own processes,
and shares with the other only PostgreSQL behind pgbouncer, a Redis and an S3 store. Phones reach either, as behind a
proxy that gives each call to whoever is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.api import world
from tests.server import beside, free_port
from tests.torture.sprung import SprungServer
from tests.torture.wire import Answer, Wire
from web import upgrade
from web.config import Config, from_environment
from web.serve import jobs_command


def configured(folder: Path, database: str, blobs: str, redis: str) -> list[Config]:
    """Two machines of one instance whose database, migrated and filled here, is at `database`."""
    shared = {
        "DATABASE_URL": database,
        "GRIDWALK_BLOBS": blobs,
        "GRIDWALK_REDIS": redis,
        "GRIDWALK_SECRET": "one and the same on every machine of an instance",
        "GRIDWALK_DEMO": "1",
    }
    made = []
    for name in ("east", "west"):
        (folder / name).mkdir(parents=True)
        given = {**shared, "GRIDWALK_DATA": str(folder / name), "GRIDWALK_PORT": str(free_port())}
        made.append(replace(from_environment({}, given), testing=True))
    upgrade.upgrade(database)
    world.fill(made[0])
    return made


class Machine:
    """The processes of one: the server, and the jobs."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.server = SprungServer(config)
        self._jobs: subprocess.Popen[bytes] | None = None

    def start(self, *, jobs: bool = True) -> Machine:
        self.server.start()
        if jobs:
            self.start_jobs()
        return self

    def start_jobs(self) -> None:
        self._jobs = beside(jobs_command(), self.config, self.config.data / "jobs.log")

    def kill_jobs(self) -> None:
        if self._jobs is not None:
            os.killpg(self._jobs.pid, signal.SIGKILL)
            self._jobs.wait()
        self._jobs = None

    def break_somehow(self, chance: random.Random) -> str:
        """SIGKILL for one of its processes or for all of them, and up again."""
        how = chance.choice(("server", "server", "jobs", "machine"))
        if how != "server":
            self.kill_jobs()
        if how != "jobs":
            self.server.kill()
            self.server.start()
        if how != "server":
            self.start_jobs()
        return f"{how} killed"

    def close(self) -> None:
        self.kill_jobs()
        self.server.close()


class Roaming(Wire):
    """A phone's line to whichever machine takes the call. One that is gone is a line cut, as every other."""

    def __init__(self, ports: Sequence[int], seed: int) -> None:
        super().__init__(ports[0])
        self.doors = [Wire(port) for port in ports]
        self.chance = random.Random(seed)
        self.used: set[int] = set()

    def request(
        self, method: str, path: str, data: bytes = b"", headers: Mapping[str, str] | None = None, **how: Any
    ) -> Answer:
        door = self.chance.choice(self.doors)
        door.cookie = self.cookie
        answer = door.request(method, path, data, headers, **how)
        self.used.add(door.port)
        return answer

    def hang_up(self) -> None:
        for door in self.doors:
            door.hang_up()
