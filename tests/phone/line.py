"""The line between a phone and its server: it can lie, break off in the middle, and hand out another version."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

HOP: Final = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length", "date", "server"})


@dataclass
class Answer:
    """What the server said, for somebody on the way to change."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool = False
    """The line breaks off after half of the body."""


Meddle = Callable[[str, str, Answer], Answer]
"""(method, path, answer) -> what the phone gets instead."""


def honest(_method: str, _path: str, answer: Answer) -> Answer:
    return answer


def whole(headers: dict[str, str]) -> dict[str, str]:
    """The same question, but for a whole answer: one that says "unchanged" cannot be changed on the way."""
    return {name: value for name, value in headers.items() if not name.lower().startswith(("if-", "accept-encoding"))}


class Line:
    """A line on a port of its own. Set `meddle` to change what comes through it."""

    def __init__(self, server_port: int) -> None:
        self.meddle: Meddle = honest
        self.heard: list[tuple[str, str]] = []
        self.server_port = server_port
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def _handler(line) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's inside
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                line.heard.append((self.command, self.path))
                answer = line.meddle(
                    self.command, self.path, line._ask(self.command, self.path, dict(self.headers), body)
                )
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                if self.command != "HEAD":
                    self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)

            do_GET = do_POST = do_PATCH = do_HEAD = do_DELETE = do_OPTIONS = _pass  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.server_port, timeout=30)
        try:
            connection.request(method, path, body, {**whole(headers), "Accept-Encoding": "identity"})
            got = connection.getresponse()
            return Answer(got.status, dict(got.getheaders()), got.read())
        finally:
            connection.close()

    @contextmanager
    def open(self) -> Iterator[Line]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()
