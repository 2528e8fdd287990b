"""A line as it is at the edge of a mountain village: twenty kilobytes a second, and it breaks off every few seconds.

It passes bytes and knows no HTTP. What it has taken from the phone is counted, whether it arrives or not; what still
lies in the phone's own buffers when the line breaks has never left it.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_SIP: Final = 2048
_RESET: Final = struct.pack("ii", 1, 0)


class Pace:
    """So many bytes a second in one direction, for all connections together; None: as fast as it goes."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._lock = threading.Lock()
        self._free_at = 0.0

    def take(self, count: int) -> None:
        """Return when so many bytes have passed."""
        if self.rate is None:
            return
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + count / self.rate
            until = self._free_at
        time.sleep(max(0.0, until - time.monotonic()))


class Wire:
    """One connection of the phone, and its counterpart to the server."""

    def __init__(self, line: PoorLine, phone: socket.socket) -> None:
        self._line = line
        self.phone = phone
        self.server = socket.create_connection(("127.0.0.1", line.server_port), timeout=30)
        self.server.settimeout(None)
        self.broken = False
        self._ended = 0
        self._guard = threading.Lock()

    def start(self) -> None:
        for work in (self._up, self._down):
            threading.Thread(target=work, daemon=True).start()

    def _up(self) -> None:
        if not self._pump(self.phone, self.server, self._line.up, count=True) or self.broken:
            self.break_off(server_hears_after=0.0)  # the server has hung up on what it did not want to hear
            self.phone.close()
        self._end()

    def _down(self) -> None:
        self._pump(self.server, self.phone, self._line.down, count=False)
        self._end()

    def _pump(self, source: socket.socket, target: socket.socket, pace: Pace, *, count: bool) -> bool:
        """True when everything has gone through to its end."""
        with suppress(OSError):
            while not self.broken and (sip := source.recv(_SIP)):
                if count:
                    self._line.sent += len(sip)
                pace.take(len(sip))
                if not self.broken:  # else these were on the line when it broke
                    target.sendall(sip)
            target.shutdown(socket.SHUT_WR)
            return True
        return False

    def _end(self) -> None:
        with self._guard:
            self._ended += 1
            last = self._ended == 2
        if last:
            self.phone.close()
            self.server.close()

    def break_off(self, server_hears_after: float) -> None:
        """The phone knows at once; the server may go on listening into the void for a while."""
        if self.broken:
            return
        self.broken = True
        with suppress(OSError):
            self.phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.phone.shutdown(socket.SHUT_RD)  # wakes whoever listens to it; closing says the rest
        hang_up = threading.Timer(server_hears_after, self._hang_up)
        hang_up.daemon = True
        hang_up.start()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)


class PoorLine:
    """`sent`: bytes that phones have put on it, heads of requests and all. Set `slow_down` to make it poor."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.sent = 0
        self.cuts = 0
        self.up, self.down = Pace(), Pace()
        self._wires: list[Wire] = []
        self._over = threading.Event()
        self._chance = random.Random(20260613)
        self._door = socket.socket()
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what waits, waits in the phone
        self._door.bind(("127.0.0.1", 0))
        self._door.listen(64)
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    @contextmanager
    def open(self) -> Iterator[PoorLine]:
        threading.Thread(target=self._answer, daemon=True).start()
        try:
            yield self
        finally:
            self._over.set()
            self._door.close()
            self.cut()

    def slow_down(self, rate: float, breaks_every: float) -> None:
        """From now on so many bytes a second each way, and a break after about so many seconds, again and again."""
        self.up.rate = self.down.rate = rate
        threading.Thread(target=self._break_again, args=(breaks_every,), daemon=True).start()

    def _answer(self) -> None:
        with suppress(OSError):
            while True:
                phone, _ = self._door.accept()
                try:
                    wire = Wire(self, phone)
                except OSError:  # nobody is there: the phone hears so
                    phone.close()
                    continue
                self._wires = [each for each in self._wires if not each.broken] + [wire]
                wire.start()

    def _break_again(self, every: float) -> None:
        while not self._over.wait(every * self._chance.uniform(0.6, 1.4)):
            self.cut()

    def cut(self) -> None:
        """Everything that is connected now is not any more."""
        self.cuts += 1
        for wire in self._wires:
            if not wire.broken:
                wire.break_off(server_hears_after=self._chance.choice([0.0, 0.0, 1.5]))
