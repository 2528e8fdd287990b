"""The peers, each in an environment of its own under `.tools/bench`, fetched when it is first asked for (PEERS=1).

Each is given what serves it best: kinto batches of 25 (its own limit), accordsync one operation an entry (its schema could have
one a field), pouchdb-server `_bulk_docs`. kinto and accordsync stand on PostgreSQL, under Granian as Gridwalk does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from bench.http1 import Answer, request
from bench.machine import Process, Trouble, running
from bench.targets import JSON, POSTGRESQL, Target, database_of
from bench.workload import Entry, plain
from tests.server import free_port
from tools import node
from tools.say import ROOT

CACHE: Final = ROOT / ".tools" / "bench"
KINTO: Final = ("kinto[postgresql]==26.5.0", "granian==2.8.7")
ACCORD: Final = ("accordsync-server==0.3.2", "psycopg[binary]==3.3.9", "granian==2.8.7")
POUCH: Final = "pouchdb-server@4.2.0"


def _python(name: str, packages: Sequence[str]) -> Path:
    """The folder of programs of a private environment with these packages."""
    home = CACHE / name
    stamp = home / ".packages"
    if not (stamp.exists() and stamp.read_text() == " ".join(packages)):
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        words = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(words, check=True)
        stamp.write_text(" ".join(packages))
    return home / "bin"


def _postgres(url: str) -> str:
    """The URL as psycopg and SQLAlchemy's default driver want it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def _served(programs: Path, port: int) -> list[str]:
    """The words that serve a peer's `served.py` as Gridwalk itself is served: one process, as many threads."""
    words = [str(programs / "granian"), "--interface", "wsgi", "--factory", "served:make", "--port", str(port)]
    return [*words, "--workers", "1", "--blocking-threads", "24", "--no-ws", "--log-level", "error"]


@dataclass
class Kinto:
    folder: Path
    url: str
    name: str = "kinto"
    database: str = POSTGRESQL
    note: str = "batches of 25"
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.programs = _python("kinto", KINTO)
        self.folder.mkdir()
        self.ini = self.folder / "kinto.ini"
        url = _postgres(self.url)
        said = {
            "use": "egg:kinto",
            "kinto.storage_backend": "kinto.core.storage.postgresql",
            "kinto.storage_url": url,
            "kinto.cache_backend": "kinto.core.cache.memory",
            "kinto.permission_backend": "kinto.core.permission.postgresql",
            "kinto.permission_url": url,
            "kinto.userid_hmac_secret": "bench",
            "multiauth.policies": "basicauth",
            "kinto.bucket_create_principals": "system.Authenticated",
        }
        self.ini.write_text(
            "[app:main]\n"
            + "".join(f"{name} = {value.replace(chr(37), chr(37) * 2)}\n" for name, value in said.items())
        )
        (self.folder / "served.py").write_text(
            f"from pyramid.paster import get_app\n\n\ndef make():\n    return get_app({str(self.ini)!r})\n"
        )
        log = (self.folder / "migrate.log").open("wb")
        subprocess.run(
            [str(self.programs / "kinto"), "migrate", "--ini", str(self.ini)], check=True, stderr=log, stdout=log
        )
        self._made: set[str] = set()

    @property
    def headers(self) -> dict[str, str]:
        return {**JSON, "Authorization": "Basic " + base64.b64encode(b"bench:bench").decode()}

    @contextmanager
    def serve(self) -> Iterator[Process]:
        words = _served(self.programs, self.port)
        ready = f"http://127.0.0.1:{self.port}/v1/__lbheartbeat__"
        with running(words, self.folder / "kinto.log", ready, cwd=self.folder) as process:
            if not self._made:
                self._make("/buckets/bench")
                for grid in range(25):
                    self._make(f"/buckets/bench/collections/g{grid}")
                self._made.add("bench")
            yield process

    def _make(self, path: str) -> None:
        url = f"http://127.0.0.1:{self.port}/v1{path}"
        asked = urllib.request.Request(url, b"{}", self.headers, method="PUT")
        urllib.request.urlopen(asked, timeout=30).close()

    def push(self, phone: int, batch: Sequence[Entry]) -> list[bytes]:
        path = f"/v1/buckets/bench/collections/g{phone % 25}/records"
        made = [
            {
                "method": "PUT",
                "path": f"{path}/{each.record}",
                "body": {"data": plain(each, f"g{phone % 25}", "a" * 36)},
            }
            for each in batch
        ]
        parts = [made[at : at + 25] for at in range(0, len(made), 25)]
        return [request("POST", "/v1/batch", orjson.dumps({"requests": part}), self.headers) for part in parts]

    def check(self, answer: Answer) -> None:
        said = answer.json()
        if answer.status != 200 or any(each["status"] not in (200, 201) for each in said["responses"]):
            raise Trouble(f"{answer.status} {answer.body[:500]!r}")


ACCORD_APP: Final = """import os
from accordsync_core import define_schema, lww
from accordsync_server import Access, AccordServer, Auth, define_server
from accordsync_server.db import create_pool

GRIDS = [f"grid:{each}" for each in range(25)]
definition = define_server(
    schema=define_schema({"entry": {"body": lww()}}),
    scopes={"entry": lambda record: [f"grid:{record.fields['body']['grid']}"]},
    access=lambda claims: Access(read=GRIDS, write=GRIDS),
    auth=Auth.hs256("a secret of thirty-two bytes ....."),
    rate_limit=None,
)


def make():
    pool = create_pool(os.environ["ACCORD_DATABASE_URL"], size=20)
    return AccordServer(definition, pool).wsgi
"""


@dataclass
class Accord:
    folder: Path
    url: str
    name: str = "accordsync"
    database: str = POSTGRESQL
    note: str = "one operation an entry"
    port: int = field(default_factory=free_port)
    numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.programs = _python("accord", ACCORD)
        self.folder.mkdir()
        (self.folder / "served.py").write_text(ACCORD_APP)
        self.env = {**os.environ, "ACCORD_DATABASE_URL": _postgres(self.url)}
        words = [str(self.programs / "python"), "-m", "accordsync_server", "migrate"]
        with (self.folder / "migrate.log").open("wb") as log:
            subprocess.run(words, check=True, env=self.env, stdout=log, stderr=log)

    @contextmanager
    def serve(self) -> Iterator[Process]:
        words = _served(self.programs, self.port)
        ready = f"http://127.0.0.1:{self.port}/health"
        with running(words, self.folder / "accord.log", ready, self.env, self.folder) as process:
            yield process

    def push(self, phone: int, batch: Sequence[Entry]) -> list[bytes]:
        ops = []
        for each in batch:
            self.numbers[phone] = self.numbers.get(phone, 0) + 1
            node = f"phone{phone}"
            op = {"op_id": f"{node}:{self.numbers[phone]}", "record": f"entry:{each.record}", "field": "body"}
            value = plain(each, str(phone % 25), "a" * 36)
            ops.append({**op, "hlc": f"{each.at}:00000:{node}", "kind": "assign", "value": value, "deps": []})
        headers = {**JSON, "Authorization": f"Bearer {_token()}", "Accord-Device": f"phone{phone}"}
        return [request("POST", "/v1/push", orjson.dumps({"ops": ops}), headers)]

    def check(self, answer: Answer) -> None:
        said = answer.json()
        if answer.status != 200 or said.get("rejected"):
            raise Trouble(f"{answer.status} {answer.body[:500]!r}")


def _token() -> str:
    def packed(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head, who = packed(b'{"alg":"HS256","typ":"JWT"}'), packed(b'{"sub":"bench"}')
    said = f"{head}.{who}"
    signed = hmac.new(b"a secret of thirty-two bytes .....", said.encode(), hashlib.sha256).digest()
    return f"{said}.{packed(signed)}"


@dataclass
class Pouch:
    folder: Path
    name: str = "pouchdb-server"
    database: str = "LevelDB"
    note: str = "does not wait for the disk"
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.env = node.environment()
        home = CACHE / "pouch"
        self.program = home / "node_modules" / "pouchdb-server" / "bin" / "pouchdb-server"
        if not self.program.exists():
            home.mkdir(parents=True, exist_ok=True)
            (home / "package.json").write_text('{"private": true}')
            words = [node.program("npm", self.env), "install", "--no-audit", "--no-fund", "--loglevel=error", POUCH]
            subprocess.run(words, check=True, cwd=home, env=self.env)
        self._made = False

    @contextmanager
    def serve(self) -> Iterator[Process]:
        words = [
            node.program("node", self.env),
            str(self.program),
            "--port",
            str(self.port),
            "--dir",
            str(self.folder / "data"),
        ]
        (self.folder / "data").mkdir(exist_ok=True)
        words += ["--no-stdout-logs", "--config", str(self.folder / "config.json")]
        with running(
            words, self.folder / "pouch.log", f"http://127.0.0.1:{self.port}/", self.env, self.folder
        ) as process:
            for grid in range(0 if self._made else 25):
                url = f"http://127.0.0.1:{self.port}/g{grid}"
                asked = urllib.request.Request(url, b"", method="PUT")
                urllib.request.urlopen(asked, timeout=30).close()
            self._made = True
            yield process

    def push(self, phone: int, batch: Sequence[Entry]) -> list[bytes]:
        docs = [{**plain(each, f"g{phone % 25}", "a" * 36), "_id": each.record} for each in batch]
        return [request("POST", f"/g{phone % 25}/_bulk_docs", orjson.dumps({"docs": docs}), JSON)]

    def check(self, answer: Answer) -> None:
        said = answer.json()
        if answer.status != 201 or not all(each.get("ok") for each in said):
            raise Trouble(f"{answer.status} {answer.body[:500]!r}")


def peers(folder: Path, cluster: str) -> Iterator[Target]:
    """Those that can be had here; why one cannot is said."""
    makers: dict[str, Callable[[], Target]] = {
        "kinto": lambda: Kinto(folder / "kinto", database_of(cluster, "kinto")),
        "accordsync": lambda: Accord(folder / "accord", database_of(cluster, "accord")),
        "pouchdb-server": lambda: Pouch(folder / "pouch"),
    }
    for name, make in makers.items():
        try:
            yield make()
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"  {name} cannot be had here: {error}", flush=True)
            with suppress(OSError):
                shutil.rmtree(folder / name)
