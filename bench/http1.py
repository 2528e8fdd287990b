"""A client of HTTP/1.1 that costs next to nothing: requests are bytes made beforehand, answers are read and measured."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tests.packing import unpacked

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:
        return orjson.loads(unpacked(self.headers(), self.body))

    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def weight(self) -> int:
        """Bytes on the line, head included."""
        return len(self.head) + 4 + len(self.body)


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """One whole request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Line:
    """One connection that is kept."""

    def __init__(self, port: int, timeout: float = 300) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def ask(self, made: bytes) -> Answer:
        """Send a request, read its answer. OSError where the line breaks."""
        self._socket.sendall(made)
        head = self._until(b"\r\n\r\n")
        status, lower = int(head[9:12]), head.lower()
        if made.startswith(b"HEAD ") or status in (204, 304):
            return Answer(status, head, b"")
        if b"transfer-encoding: chunked" in lower:
            return Answer(status, head, self._chunks())
        at = lower.find(b"content-length:")
        if at < 0:
            raise OSError(f"an answer without a length: {head!r}")
        return Answer(status, head, self._exactly(int(lower[at + 15 :].split(b"\r\n", 1)[0])))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            body += self._exactly(size)
            self._exactly(2)
        self._until(b"\r\n")
        return body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        found, self._rest = self._rest.split(mark, 1)
        return found

    def _exactly(self, count: int) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < count:
            self._rest = b""
            self._more()
            parts.append(self._rest)
            have += len(self._rest)
        whole = b"".join(parts)
        self._rest = whole[count:]
        return whole[:count]

    def _more(self) -> None:
        got = self._socket.recv(262_144)
        if not got:
            raise OSError("the line was closed")
        self._rest += got

    def close(self) -> None:
        self._socket.close()
