"""A pgbouncer for the tests: the machine's own, else the system package. PyPI has none, so an ordinary user's machine
needs it from its own packages."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools import postgres, system
from tools.say import Trouble, line, output, warn

USUAL: Final = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:/usr/local/bin"
START_WITHIN: Final = 20
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
    found = find()
    if found is None and system.can_install():
        line("pgbouncer for the tests")
        system.install("pgbouncer")
        found = find()
    if found is None:
        warn("no pgbouncer could be had: the test of two server machines cannot run here")
    return found


@contextmanager
def running(host: Path, port: int) -> Iterator[str]:
    """A pgbouncer at 127.0.0.1:`port` before the PostgreSQL whose socket is in `host`: a URL without a database's name.
    Trouble if there is none, or it does not start."""
    program, user = find(), postgres._user()
    if program is None:
        raise Trouble("no pgbouncer here: run `make setup`")
    with postgres._folder(user) as folder:
        process = _start(program, user, folder, host, port)
        try:
            _wait(process, port, folder / "log")
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
        return subprocess.Popen(
            [str(program), str(file)],
            user=user,
            group=postgres._group(user),
            extra_groups=None if user is None else [],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise Trouble(f"pgbouncer did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
