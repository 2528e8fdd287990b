"""A real server and clients that cannot speak HTTP, or do not want to: it goes on answering everybody else."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import orjson
import pytest

from tests.api.line import Line
from tests.api.phone import report
from tests.server import Server
from tests.torture.world import on_sqlite

LINES = 300
START = b"POST /api/v1/sync HTTP/1.1\r\n"
SAID = b"Host: localhost\r\nX-Gridwalk: 1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(on_sqlite(tmp_path_factory.mktemp("raw") / "data")) as running:
        yield running


def _heads(cookie: bytes, size: int) -> list[bytes]:
    """Ways to begin a call, most of them wrong."""
    said, length = SAID + cookie, b"Content-Length: %d\r\n" % size
    return [
        START + said + b"\r\n",
        START + said + length + b"\r\n",
        START + said + b"Content-Length: 10\r\n\r\n",
        START + said + b"Content-Length: 999999\r\n\r\n",
        START + said + b"Content-Length: 99999999999999999999\r\n\r\n",
        START + said + b"Content-Length: -1\r\n\r\n",
        START + said + b"Content-Length: x\r\n\r\n",
        START + said + length + b"Content-Length: 3\r\n\r\n",
        START + said + b"Transfer-Encoding: chunked\r\n\r\n",
        START + said + length + b"Transfer-Encoding: chunked\r\n\r\n",
        START + said + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        START + said + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        START + said + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\n",
        START + said + b"Expect: 100-continue\r\n" + length + b"\r\n",
        START + b"X: " + b"y" * 600_000 + b"\r\n" + said + b"\r\n",
        START + b"X: y\r\n" * 3_000 + said + length + b"\r\n",
        START + said + b"Bad Header\r\n" + length + b"\r\n",
        START + said + b"Content-Encoding: gzip\r\n" + length + b"\r\n",
        START.replace(b"1.1", b"1.0") + said + length + b"\r\n",
        START.replace(b"1.1", b"3.7") + said + length + b"\r\n",
        START.replace(b"POST", b"P\xffST") + said + length + b"\r\n",
        START.replace(b"/api", b"/%00%ff%2e%2e/" * 900 + b"/api") + said + length + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n\r\n" + START + said + length + b"\r\n",
        b"",
    ]


def _say(port: int, said: bytes, chance: random.Random) -> bytes:
    """Say it in pieces, perhaps not all of it; what comes back before the line is quiet."""
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as line:
        try:
            cut = chance.randrange(1, len(said) + 1) if said else 0
            line.sendall(said[:cut])
            if chance.random() < 0.7:
                line.sendall(said[cut:])
            if chance.random() < 0.3:
                return b""
            line.shutdown(socket.SHUT_WR)
            return line.recv(65_536)
        except OSError:
            return b""


def test_X4_broken_http_is_answered_or_cut_off_and_never_taken_by_halves(server: Server, first_seed: int) -> None:
    chance = random.Random(first_seed)
    phone = Line(server).sign_in("worker")
    before = phone.sync()
    cookie = f"Cookie: {phone.cookie}\r\n".encode()
    sent = [report() for _ in range(LINES)]
    # It does not wait for answers: what it says last may be heard first.
    newest = sent[-1]["id"]
    body = {"protocol": 1, "device": phone.device, "last": newest, "newest": newest, "limit": 0}
    statuses: set[int] = set()
    for change in sent:
        data = orjson.dumps({**body, "changes": [change]})
        head = chance.choice(_heads(cookie, len(data)))
        answer = _say(server.config.port, head + data, chance)
        if answer.startswith(b"HTTP/1."):
            statuses.add(int(answer.split()[1]))
    assert not {status for status in statuses if status >= 500}, statuses
    assert {200, 400} <= statuses
    # Whoever speaks properly is still answered; and of what was said badly, every change is there whole or not at all.
    phone.last = newest
    reply = phone.sync(cursors={}, epoch=before["epoch"])
    records = {record["id"]: record for page in reply["books"] for record in page["records"]}
    taken = [change for change in sent if change["record"] in records]
    assert 0 < len(taken) < LINES
    assert all(records[change["record"]]["fields"]["category"] == "blocked_way" for change in taken)
    assert phone.get("/readyz").status == 200
    assert "server_error" not in server.log.read_text("utf-8")
