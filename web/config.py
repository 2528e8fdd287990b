"""The configuration: the only place that reads the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
VERSION: Final = "0.1.0"
PUSH_CONTACT: Final = "mailto:gridwalk@example.org"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Config:
    """What an instance is made with. `data` is the one folder that it writes to."""

    data: Path
    database_url: str
    secret: str
    demo: bool = False
    """Demo mode: the accounts of the demo world exist, and the sign-in page shows them."""
    https: bool = False
    """Phones reach it over HTTPS: cookies are Secure."""
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 24
    """Requests answered at once; most of them wait, for the disk or for a phone on a bad line (decision 0002)."""
    workers: int = 1
    """Processes that share them, so that more than one processor works."""
    longest_body: float = 30.0
    """Seconds for which a line may be silent in the middle of a body."""
    proxies: int = 0
    """How many reverse proxies stand before it, whose word on address and scheme is believed."""
    blobs_url: str | None = None
    """An object store for pictures and voice notes (`s3://bucket/prefix?endpoint=…`); None: a folder under `data`."""
    push_key: str = ""
    """The private key that web pushes are signed with; several servers of one instance share it. Empty: that in `data`."""
    push_contact: str = PUSH_CONTACT
    """Whom a push service may write to about them: mailto: or https:."""
    redis_url: str = ""
    """The queue that several server machines of one instance share (`redis://…`). Empty: a file in `data`."""
    erasures_file: Path | None = None
    """The list of erasures, kept apart from the backups; None: in `data`."""
    static: Path = ROOT / "static"
    testing: bool = False
    version: str = VERSION

    @property
    def erasures(self) -> Path:
        return self.erasures_file or self.data / "erasures.jsonl"

    @property
    def threads_each(self) -> int:
        """Of one worker."""
        return max(-(-self.threads // self.workers), 2)


def from_environment(environ: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None) -> Config:
    """GRIDWALK_DATA, GRIDWALK_DATABASE_URL (or DATABASE_URL), GRIDWALK_DEMO, GRIDWALK_HTTPS, GRIDWALK_HOST, GRIDWALK_PORT,
    GRIDWALK_THREADS, GRIDWALK_WORKERS, GRIDWALK_PROXIES, GRIDWALK_BLOBS, GRIDWALK_ERASURES, GRIDWALK_SECRET, GRIDWALK_PUSH_KEY,
    GRIDWALK_PUSH_CONTACT, GRIDWALK_REDIS; each has a default that works.
    `given`, by the same names, comes from the command line and goes before."""
    env = {**(os.environ if environ is None else environ), **(given or {})}
    data = Path(env.get("GRIDWALK_DATA") or ROOT / "var").resolve()
    database_url = _database_url(env) or f"sqlite:///{data / 'gridwalk.db'}"
    return Config(
        data=data,
        database_url=database_url,
        secret=env.get("GRIDWALK_SECRET") or kept_secret(data),
        demo=_flag(env, "GRIDWALK_DEMO"),
        https=_flag(env, "GRIDWALK_HTTPS"),
        host=env.get("GRIDWALK_HOST") or "127.0.0.1",
        port=int(env.get("GRIDWALK_PORT") or 8000),
        threads=int(env.get("GRIDWALK_THREADS") or 24),
        workers=int(env.get("GRIDWALK_WORKERS") or workers_for(database_url)),
        longest_body=float(env.get("GRIDWALK_LONGEST_BODY") or 30),
        proxies=int(env.get("GRIDWALK_PROXIES") or 0),
        blobs_url=env.get("GRIDWALK_BLOBS") or None,
        push_key=env.get("GRIDWALK_PUSH_KEY") or "",
        push_contact=env.get("GRIDWALK_PUSH_CONTACT") or PUSH_CONTACT,
        redis_url=env.get("GRIDWALK_REDIS") or "",
        erasures_file=Path(env["GRIDWALK_ERASURES"]).resolve() if env.get("GRIDWALK_ERASURES") else None,
    )


def workers_for(database_url: str) -> int:
    """One for each processor, at most four. SQLite has one writer, so one process is as fast there, and smaller."""
    return 1 if database_url.startswith("sqlite") else min(os.cpu_count() or 1, 4)


def to_environment(config: Config) -> dict[str, str]:
    """The variables from which another process reads this same configuration."""
    return {
        **os.environ,
        "GRIDWALK_DATA": str(config.data),
        "GRIDWALK_DATABASE_URL": config.database_url,
        "GRIDWALK_SECRET": config.secret,
        "GRIDWALK_DEMO": "1" if config.demo else "",
        "GRIDWALK_HTTPS": "1" if config.https else "",
        "GRIDWALK_HOST": config.host,
        "GRIDWALK_PORT": str(config.port),
        "GRIDWALK_THREADS": str(config.threads),
        "GRIDWALK_WORKERS": str(config.workers),
        "GRIDWALK_LONGEST_BODY": str(config.longest_body),
        "GRIDWALK_PROXIES": str(config.proxies),
        "GRIDWALK_BLOBS": config.blobs_url or "",
        "GRIDWALK_PUSH_KEY": config.push_key,
        "GRIDWALK_PUSH_CONTACT": config.push_contact,
        "GRIDWALK_REDIS": config.redis_url,
        "GRIDWALK_ERASURES": str(config.erasures_file or ""),
    }


def _database_url(env: Mapping[str, str]) -> str:
    """As SQLAlchemy wants it: whoever says PostgreSQL need not know the name of our driver."""
    url = env.get("GRIDWALK_DATABASE_URL") or env.get("DATABASE_URL") or ""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and scheme in {"postgres", "postgresql"} else url


def _flag(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() in _TRUE


def kept_secret(data: Path) -> str:
    """The key that signs the cookies: made on the first run, readable by the server's user only."""
    path = data / "secret"
    data.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()
