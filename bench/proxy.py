"""A line that counts what goes over it, and can be a bad one. `python -m bench.proxy UPSTREAM [DELAY_MS BYTES_A_SECOND]`.

It prints its port; then it answers each line of its standard input with its figures as JSON and begins to count anew.
A bad line delays both directions by half the round trip, a new connection by a whole one, and lets no more bytes through
than it is told. (TCP's slow start is not imitated: real lines are a little worse.)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

PIECE = 16_384


@dataclass
class Counted:
    """Bytes with their heads; requests are counted by turns on a connection."""

    up: int = 0
    down: int = 0
    connections: int = 0
    requests: int = 0
    cpu: float = 0.0


class Proxy:
    def __init__(self, upstream: int, round_trip: float = 0.0, speed: float = 0.0) -> None:
        self.upstream, self.round_trip, self.speed = upstream, round_trip, speed
        self.counted = Counted()
        self._cpu = time.process_time()
        self._open: set[asyncio.Task[None] | None] = set()

    def figures(self) -> Counted:
        told, now = self.counted, time.process_time()
        told.cpu, self._cpu = now - self._cpu, now
        self.counted = Counted()
        return told

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counted.connections += 1
        self._open.add(asyncio.current_task())  # else nobody holds it
        if self.round_trip:
            await asyncio.sleep(self.round_trip)  # the handshake
        there, back = await asyncio.open_connection("127.0.0.1", self.upstream, limit=2**20)
        turn = [True]
        with suppress(OSError):
            await asyncio.gather(self._pump(reader, back, turn, up=True), self._pump(there, writer, turn, up=False))
        for each in (back, writer):
            with suppress(OSError):
                each.close()

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, turn: list[bool], *, up: bool
    ) -> None:
        """Everything from one side to the other, as fast as the line is."""
        if not self.round_trip:
            while piece := await source.read(2**18):
                self._count(len(piece), turn, up)
                target.write(piece)
                await target.drain()
        else:
            await self._slowly(source, target, turn, up)
        with suppress(OSError):
            target.write_eof()

    async def _slowly(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, turn: list[bool], up: bool
    ) -> None:
        free, under_way = 0.0, asyncio.Queue[tuple[float, bytes]]()

        async def deliver() -> None:
            while True:
                due, piece = await under_way.get()
                if not piece:
                    return
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                target.write(piece)
                await target.drain()

        delivering = asyncio.create_task(deliver())
        while piece := await source.read(PIECE):
            self._count(len(piece), turn, up)
            free = max(free, time.monotonic()) + len(piece) / self.speed
            under_way.put_nowait((free + self.round_trip / 2, piece))
        under_way.put_nowait((0.0, b""))
        await delivering

    def _count(self, size: int, turn: list[bool], up: bool) -> None:
        if up:
            self.counted.up += size
            self.counted.requests += turn[0]
        else:
            self.counted.down += size
        turn[0] = not up


async def main() -> None:
    upstream, *bad = (float(each) for each in sys.argv[1:])
    proxy = Proxy(int(upstream), *([bad[0] / 1000, bad[1]] if bad else []))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(asdict(proxy.figures())), flush=True)
    sys.stdout.flush()
    os._exit(0)  # lines that are still open are nobody's any more


if __name__ == "__main__":
    asyncio.run(main())
