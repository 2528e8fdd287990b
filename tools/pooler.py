"""A pgbouncer for the tests: the machine's own, else the system package. PyPI has none, so an ordinary user's machine
needs it from its own packages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools import background, postgres
from tools.say import Trouble, output

USUAL: Final = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:/usr/local/bin"
SETTINGS: Final = {
    "pool_mode": "transaction",
    "auth_type": "any",
    # Far fewer than there are threads: whoever keeps one for himself is found out.
    "default_pool_size": "6",
    "max_client_conn": "500",
    "server_login_retry": "1",
    "query_wait_timeout": "20",
}


def find() -> Path | None:
    """The program, if one works here."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path=USUAL)
    return Path(found) if found and output([found, "--version"]) is not None else None


def make() -> Path | None:
    """Find or fetch it; None if none can be had (then the reason has been said)."""
    return background.fetch("pgbouncer", "pgbouncer", find, "the test of two server machines cannot run here")


@contextmanager
def running(host: Path, port: int) -> Iterator[str]:
    """A pgbouncer at 127.0.0.1:`port` before the PostgreSQL whose socket is in `host`: a URL without a database's name.
    Trouble if there is none, or it does not start."""
    program, user = find(), background.least_user()
    if program is None:
        raise Trouble("no pgbouncer here: run `make setup`")
    with postgres._folder(user) as folder:
        process = _start(program, user, folder, host, port)
        try:
            background.wait_until(lambda: background.answers(port), process, folder / "log", "pgbouncer did not start")
            yield f"postgresql+psycopg://{postgres.OWNER}@127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _start(program: Path, user: str | None, folder: Path, host: Path, port: int) -> subprocess.Popen[bytes]:
    file = folder / "pgbouncer.ini"
    said = {**SETTINGS, "listen_addr": "127.0.0.1", "listen_port": str(port), "unix_socket_dir": ""}
    lines = ["[databases]", f"* = host={host} user={postgres.OWNER}", "[pgbouncer]"]
    file.write_text("\n".join([*lines, *(f"{name} = {value}" for name, value in said.items()), ""]), encoding="utf-8")
    file.chmod(0o644)  # whoever it runs as reads it, however narrow our own files are
    with (folder / "log").open("wb") as log:
        return background.start([str(program), str(file)], log, user)
