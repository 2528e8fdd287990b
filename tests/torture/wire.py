"""Plain HTTP over a line that may be cut at any byte: gzip JSON both ways, kept alive, nothing tried again by itself."""

from __future__ import annotations

import gzip
import http.client
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import Any, Final, Literal

import orjson

HEADERS: Final = {"X-Gridwalk": "1", "Accept-Encoding": "gzip", "Content-Type": "application/json"}
Stage = Literal["connecting", "sending", "waiting", "reading"]


class LineCut(Exception):
    """The line broke; `stage` says how far the call had come."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.stage = stage


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    data: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.data)


class Wire:
    """One phone's connection. `slowly` makes it a phone that takes its answer in sips."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self.port, self.timeout = port, timeout
        self.cookie = ""
        self._line: http.client.HTTPConnection | None = None

    def post(self, path: str, body: Any, *, halves: bool = False, slowly: bool = False) -> Answer:
        """POST JSON, packed; `halves`: with a pause in the middle of the body."""
        data = gzip.compress(orjson.dumps(body), 1)
        return self.request("POST", path, data, {"Content-Encoding": "gzip"}, halves=halves, slowly=slowly)

    def request(
        self,
        method: str,
        path: str,
        data: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        halves: bool = False,
        slowly: bool = False,
    ) -> Answer:
        """One call. LineCut if the line breaks; then nobody knows what became of it."""
        stage: Stage = "connecting"
        try:
            line = self._open(slowly)
            stage = "sending"
            self._send(line, method, path, data, {**HEADERS, **(headers or {})}, halves)
            stage = "waiting"
            answer = line.getresponse()
            stage = "reading"
            got = _sip(answer) if slowly else answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.hang_up()
            raise LineCut(stage) from error
        if slowly or answer.will_close:
            self.hang_up()
        if answer.headers.get("Content-Encoding") == "gzip":
            got = gzip.decompress(got)
        return Answer(answer.status, answer.headers, got)

    def _open(self, slowly: bool) -> http.client.HTTPConnection:
        if slowly:
            self.hang_up()
        if self._line is None:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            sock = socket.socket()
            if slowly:  # what the server has said, but nobody has taken, is to stay with the server
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            line.sock = sock
            sock.settimeout(self.timeout)
            self._line = line  # also what cannot be reached is hung up
            sock.connect(("127.0.0.1", self.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._line

    def _send(
        self,
        line: http.client.HTTPConnection,
        method: str,
        path: str,
        data: bytes,
        headers: Mapping[str, str],
        halves: bool,
    ) -> None:
        line.putrequest(method, path, skip_accept_encoding=True)
        for name, value in {**headers, "Cookie": self.cookie, "Content-Length": str(len(data))}.items():
            line.putheader(name, value)
        if not halves:
            line.endheaders(data)
            return
        line.endheaders(data[: len(data) // 2])
        time.sleep(0.01)
        line.send(data[len(data) // 2 :])

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def _sip(answer: http.client.HTTPResponse) -> bytes:
    got = b""
    while sip := answer.read(2048):
        got += sip
        time.sleep(0.001)
    if answer.length:  # read() of a part does not mind that the rest never came
        raise http.client.IncompleteRead(got, answer.length)
    return got
