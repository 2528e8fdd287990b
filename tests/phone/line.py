"""The line between a phone and its server: it can lie, break off, stand still, and hand out another version."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal

from tests.packing import unpacked

HOP: Final = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length", "date", "server"})
WITHIN: Final = 30
"""Seconds that a test waits for a call to come by, and a stopped call for its test."""


@dataclass
class Answer:
    """What the server said, for somebody on the way to change."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool = False
    """The line breaks off after half of the body."""


@dataclass
class Call:
    """What a phone asks."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(unpacked(self.headers, self.body))


Meddle = Callable[[str, str, Answer], Answer]
"""(method, path, answer) -> what the phone gets instead."""

Instead = Callable[[Call], Answer | None]
"""What somebody says in the server's place, who never hears of it; None: the call goes through."""

Stop = Literal["asked", "half asked", "answered", "half answered"]
"""Where a call stands still: before the server has it, with half of it there, before its answer, in the middle of it."""


@dataclass
class Gate:
    """The next call of this kind comes no further than here. `reached` once one stands there."""

    at: Stop
    method: str
    path: str
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    goes_on: bool = False
    when: Callable[[Call], bool] | None = None
    taken: bool = False

    def takes(self, call: Call) -> bool:
        here = self.method == call.method and call.path.startswith(self.path)
        return here and not self.taken and (self.when is None or self.when(call))

    def wait(self, within: float = WITHIN) -> None:
        assert self.reached.wait(within), f"no {self.method} {self.path} ever came by"

    def open(self, goes_on: bool) -> None:
        """Let the call go on, or break its connection."""
        self.goes_on = goes_on
        self.opened.set()


class BrokenOff(Exception):
    """This connection ends here, without a word."""


def honest(_method: str, _path: str, answer: Answer) -> Answer:
    return answer


def nobody(_call: Call) -> Answer | None:
    return None


def whole(headers: dict[str, str]) -> dict[str, str]:
    """The same question, but for a whole answer: one that says "unchanged" cannot be changed on the way."""
    return {name: value for name, value in headers.items() if not name.lower().startswith(("if-", "accept-encoding"))}


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A phone that dies in the middle of a call is what these tests are about."""


class Line:
    """A line on a port of its own. Set `meddle` to change what comes through it, `dead` to let nothing through."""

    def __init__(self, server_port: int) -> None:
        self.meddle: Meddle = honest
        self.instead: Instead = nobody
        self.dead = False
        self.heard: list[tuple[str, str]] = []
        self.calls: list[Call] = []
        self.said: list[str] = []
        """What pages have told people, as tests.phone.handset.TELL hears it."""
        self.stopped = threading.Event()
        """A page has come to the point where it was told to stand still."""
        self.most_at_once: Counter[str] = Counter()
        self._free = threading.Event()
        self.server_port = server_port
        self._now: Counter[str] = Counter()
        self._gates: list[Gate] = []
        self._guard = threading.Lock()
        self._http = Quiet(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def gate(self, at: Stop, method: str, path: str, when: Callable[[Call], bool] | None = None) -> Gate:
        """Stop the next call of this kind there (of those that `when` is true of)."""
        made = Gate(at, method, path, when=when)
        self._gates.append(made)
        return made

    def clear(self) -> None:
        """An honest line again; what stood still breaks off."""
        self.meddle, self.instead, self.dead = honest, nobody, False
        self._free.set()
        self._free = threading.Event()
        self.stopped.clear()
        self.said.clear()
        for gate in self._gates:
            gate.open(False)
        self._gates.clear()

    def synced(self, since: int = 0) -> list[Any]:
        """What the sync calls since that many calls ago have asked."""
        return [call.json for call in self.calls[since:] if call.path == "/api/v1/sync"]

    def _handler(line) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's inside
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                self.close_connection = True
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                call = Call(self.command, self.path, dict(self.headers), body)
                with suppress(BrokenOff):
                    if not line._is_aside(call):
                        with line._counted(call):
                            answer = line._answer(call)
                            self._give(call, answer)
                        return
                    self._give(call, Answer(204, {}, b""))

            def _give(self, call: Call, answer: Answer) -> None:
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command == "HEAD":
                    return
                half = len(answer.body) // 2
                self.wfile.write(answer.body[:half])
                line._stand("half answered", call)
                if not answer.cut:
                    self.wfile.write(answer.body[half:])

            do_GET = do_POST = do_PATCH = do_HEAD = do_DELETE = do_OPTIONS = _pass  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def _is_aside(self, call: Call) -> bool:
        """What the page tells the test, and what the server never hears of."""
        if call.path == "/__said":
            self.said.append(call.body.decode())
            return True
        if call.path == "/__stand_still":
            self.stopped.set()
            self._free.wait(4 * WITHIN)
            return True
        return False

    @contextmanager
    def _counted(self, call: Call) -> Iterator[None]:
        with self._guard:
            self._now[call.path] += 1
            self.most_at_once[call.path] = max(self.most_at_once[call.path], self._now[call.path])
        try:
            yield
        finally:
            with self._guard:
                self._now[call.path] -= 1

    def _answer(self, call: Call) -> Answer:
        self.heard.append((call.method, call.path))
        self.calls.append(call)
        if self.dead:
            raise BrokenOff
        self._stand("asked", call)
        if said := self.instead(call):
            return said
        if gate := self._stands("half asked", call, self._ask_half):
            gate.opened.wait(4 * WITHIN)
            raise BrokenOff
        answer = self._ask(call)
        self._stand("answered", call)
        return self.meddle(call.method, call.path, answer)

    def _stands(self, at: Stop, call: Call, before: Callable[[Call], None] | None = None) -> Gate | None:
        """The gate that this call stands at, after `before` was done."""
        with self._guard:
            found = next((gate for gate in self._gates if gate.at == at and gate.takes(call)), None)
            if found:
                found.taken = True
        if found:
            if before:
                before(call)
            found.reached.set()
        return found

    def _stand(self, at: Stop, call: Call) -> None:
        gate = self._stands(at, call)
        if gate and not (gate.opened.wait(4 * WITHIN) and gate.goes_on):
            raise BrokenOff

    def _ask_half(self, call: Call) -> None:
        """The server gets half of what was meant for it, and then the connection is gone."""
        raw = socket.create_connection(("127.0.0.1", self.server_port), timeout=WITHIN)
        with raw:
            head = [f"{call.method} {call.path} HTTP/1.1"]
            head += [f"{name}: {value}" for name, value in whole(call.headers).items()]
            raw.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + call.body[: len(call.body) // 2])
            raw.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                raw.recv(65536)

    def _ask(self, call: Call) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.server_port, timeout=30)
        try:
            headers = {**whole(call.headers), "Accept-Encoding": "identity"}
            connection.request(call.method, call.path, call.body, headers)
            got = connection.getresponse()
            return self._plain(Answer(got.status, dict(got.getheaders()), got.read()))
        except (OSError, http.client.HTTPException) as error:
            raise BrokenOff from error
        finally:
            connection.close()

    def _plain(self, answer: Answer) -> Answer:
        """As somebody can meddle with it; an honest line leaves it as it came."""
        plain = unpacked(answer.headers, answer.body)
        if self.meddle is honest or plain == answer.body:
            return answer
        others = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
        return Answer(answer.status, {**others, "Content-Type": "application/json"}, plain)

    @contextmanager
    def open(self) -> Iterator[Line]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.clear()
            self._http.shutdown()
            thread.join()
            self._http.server_close()
