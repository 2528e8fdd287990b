"""Bodies that trickle in, or never come: they do not hold the server for ever."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.api.line import Line
from tests.api.phone import report
from tests.server import Server
from tests.torture.world import on_sqlite

LONGEST = 1.0


@pytest.mark.parametrize("path", ["/api/v1/sync", "/api/v1/session"])
def test_more_silent_bodies_than_there_are_threads_are_cut_and_the_slow_one_among_them_is_heard(
    data: Path, path: str
) -> None:
    config = replace(on_sqlite(data), threads=6, longest_body=LONGEST)
    with Server(config) as server, ExitStack() as stack:
        slow, quick = (Line(server).sign_in(login) for login in ("worker", "worker2"))
        change = report(place_note="长" * 190)
        body = orjson.dumps({"protocol": 1, "device": slow.device, "changes": [change], "limit": 0})
        heard = stack.enter_context(_begin(slow, body, "/api/v1/sync"))
        silent = [stack.enter_context(_begin(slow, body, path)) for _ in range(4 * config.threads)]
        for start in range(1, len(body), 500):
            time.sleep(LONGEST / 2)
            heard.sendall(body[start : start + 500])
        assert heard.recv(65_536).startswith(b"HTTP/1.1 200 ")
        # All threads are taken by lines that say no more; and still it goes on.
        assert _in_the_end(lambda: quick.get("/readyz")).status == 200
        mine = report()
        assert _in_the_end(lambda: quick.sync(mine))["receipts"][0]["outcome"] == "applied"
        assert all(_is_cut(each) for each in silent)


def _in_the_end(call: Callable[[], Any]) -> Any:
    """What a phone hears that asks again: whoever had to wait behind the silent may be cut with them."""
    for _ in range(3):
        with suppress(http.client.RemoteDisconnected):
            return call()
    return call()


def _begin(line: Line, data: bytes, path: str) -> socket.socket:
    """A call that says how much will come, and sends one byte of it."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Gridwalk: 1\r\nCookie: {line.cookie}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    sock = socket.create_connection(("127.0.0.1", line.port), timeout=60)
    sock.sendall(head.encode() + data[:1])
    return sock


def _is_cut(sock: socket.socket) -> bool:
    """Refused, or just gone: in any case at its end."""
    try:
        while sock.recv(65_536):
            pass
    except ConnectionError:
        return True
    return True
