"""Many large uploads at once over real HTTP: memory stays flat, and text is answered meanwhile (P1)."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from PIL import Image

from tests.api.line import Line
from tests.api.phone import report
from tests.server import Server

LONG = os.environ.get("GRIDWALK_TESTS") == "torture"
AT_ONCE, MEGABYTES = (50, 10) if LONG else (30, 4)
FLAT = 60
"""MB that it may grow by, however many come at once: two pictures being decoded, and the threads that receive the others."""
PIECE = 512 * 1024


@cache
def noisy() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def heavy(number: int) -> bytes:
    """A sound JPEG of nearly so many megabytes; what it lacks is in a comment, different in each."""
    plain, wanted = noisy(), MEGABYTES * 1024 * 1024 - 4096
    filler = number.to_bytes(4, "big") * 16_000
    comment = b"\xff\xfe" + (len(filler) + 2).to_bytes(2, "big") + filler
    return plain[:2] + comment * max((wanted - len(plain)) // len(comment), 1) + plain[2:]


def resident(pid: int) -> int:
    """MB of memory of a process and its children."""
    total = 0
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                said = (each / "status").read_text()
                parent = int(said.split("PPid:")[1].split()[0])
                if int(each.name) == pid or parent == pid:
                    total += int(said.split("VmRSS:")[1].split()[0])
            except (OSError, IndexError):
                continue
    return total // 1024


def send(line: Line, data: bytes) -> None:
    """All of it, as often as it takes: a server that has its hands full says so."""
    where, at = "", 0
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        if not where:
            where = line.begin_upload(data)
            at = line.offset(where)
        answer = line.patch(where, at, data[at : at + PIECE * 4])
        if answer.status == 204:
            at = int(answer.headers["Upload-Offset"])
            if at == len(data):
                return
        else:
            assert answer.status in (409, 423, 503), answer.data
            time.sleep(0.2)
            at = line.offset(where)
    raise AssertionError("an upload did not come to its end")


def test_P1_memory_stays_flat_and_text_is_answered_while_many_large_pictures_come_at_once(
    stored_server: Server,
) -> None:
    line = Line(stored_server).sign_in("worker")
    base = heavy(0)
    pictures = [base] + [heavy(number) for number in range(1, AT_ONCE)]
    for each in pictures:
        line.sync(report(each))
    process = stored_server._process
    assert process is not None
    before, most, slowest = resident(process.pid), 0, 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal most, slowest
        text = Line(stored_server).sign_in("worker2")
        while not ended.wait(0.1):
            most = max(most, resident(process.pid))
            began = time.monotonic()
            text.sync(limit=0)
            slowest = max(slowest, time.monotonic() - began)

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for job in [pool.submit(send, line, each) for each in pictures]:
            job.result(280)
    took = time.monotonic() - began
    ended.set()
    watching.join()
    print(f"{AT_ONCE} x {MEGABYTES} MiB in {took:.0f} s: {before} -> {most} MB; slowest text {slowest:.1f} s")
    assert most - before < FLAT, (before, most)
    for each in pictures[:: AT_ONCE // 5]:
        assert line.get(f"/api/v1/photos/{hashlib.sha256(each).hexdigest()}").status == 200
