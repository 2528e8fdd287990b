"""A line that has fallen silent in the middle of a body is cut: its thread is for somebody else.

The WSGI server hands over a body while it still comes, and a thread that waits for it cannot be woken; a phone that has
lost its line says nothing more, for ever. So a watch looks at the lines themselves, by what the kernel has counted on
each. It does so only while somebody waits for a body, and where the kernel tells (Linux).
"""

from __future__ import annotations

import itertools
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

LONGEST: Final = 30.0
"""Seconds after which a line is looked at, and then within which something has to come of it."""
LEAST: Final = 50
"""Bytes a second, both directions together: the slowest line on which anything arrives at all."""

_FDS: Final = Path("/proc/self/fd")
_COUNTED: Final = struct.Struct("=QQ")
_ACKED_AND_RECEIVED: Final = 120
"""Where `tcp_info` of Linux has them."""

App = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Patience:
    """Around a WSGI app that listens on `port`."""

    def __init__(self, app: App, port: int, longest: float = LONGEST) -> None:
        self._app, self._port, self._longest = app, port, longest
        self._waiting: dict[int, float] = {}
        self._numbers = itertools.count()
        self._counted: dict[tuple[Any, ...], int] = {}
        self._lock = threading.Lock()
        self._watch: threading.Thread | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD", "OPTIONS"}:
            environ["wsgi.input"] = _Watched(environ["wsgi.input"], self)
        return self._app(environ, start_response)

    def waiting(self, read: Callable[[int], bytes], size: int) -> bytes:
        """What `read` gives; meanwhile somebody waits."""
        number = next(self._numbers)
        self._waiting[number] = time.monotonic()
        try:
            self._begin_to_watch()
            return read(size)
        finally:
            del self._waiting[number]

    def _begin_to_watch(self) -> None:
        if self._watch is None and _FDS.exists():
            with self._lock:
                if self._watch is None:
                    self._watch = threading.Thread(target=self._look, name="patience", daemon=True)
                    self._watch.start()

    def _look(self) -> None:
        while True:
            time.sleep(self._longest)
            oldest = min([*self._waiting.values()], default=time.monotonic())
            if time.monotonic() - oldest >= self._longest:
                self.cut_the_silent()
            else:
                self._counted = {}

    def cut_the_silent(self) -> int:
        """Cut every line on which hardly anything has moved since the last look; gives how many. Of those that nobody
        waits for (kept open between two calls), their owners open another."""
        seen, cut = {}, 0
        for name, line, moved in self._lines():
            before = self._counted.get(name)
            if before is not None and moved - before < LEAST * self._longest:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RD)
                    cut += 1
            else:
                seen[name] = moved
            line.close()
        self._counted = seen
        return cut

    def _lines(self) -> Iterator[tuple[tuple[Any, ...], socket.socket, int]]:
        """Every open line to us: its name, a handle of it, bytes moved on it so far."""
        for each in _FDS.iterdir():
            with suppress(OSError):
                line = socket.socket(fileno=os.dup(int(each.name)))
                try:
                    known = (line.getsockname(), line.getpeername())
                    info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
                    moved = sum(_COUNTED.unpack_from(info, _ACKED_AND_RECEIVED))
                except (OSError, struct.error):
                    line.close()
                    continue
                if known[0][1] == self._port:
                    yield known, line, moved
                else:
                    line.close()


class _Watched:
    """`wsgi.input` of one request."""

    def __init__(self, stream: Any, patience: Patience) -> None:
        self._stream, self._patience = stream, patience

    def read(self, size: int = -1) -> bytes:
        return self._patience.waiting(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._patience.waiting(self._stream.readline, size)
