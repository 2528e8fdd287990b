"""The jobs' process killed in the middle of making sizes: nothing half is served, and the next one ends the work."""

from __future__ import annotations

import hashlib
import io
import random
import signal
import subprocess
import sys
import time

from flask import Flask
from PIL import Image

from sync.clock import FixedClock
from tests.api.conftest import services
from tests.api.phone import Phone, drawing, report
from web import jobs
from web.config import ROOT, Config, to_environment

ROUNDS = 2
JOB = """
from web import jobs, wsgi
from api.services import EXTENSION
services = wsgi.make().extensions[EXTENSION]
print("ready", flush=True)
while True:
    jobs.finish_pictures(services)
"""


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_anew(app: Flask) -> None:
    with services(app).database.write() as conn:
        conn.exec_driver_sql("UPDATE picture SET sized_at = NULL")


def test_jobs_killed_at_any_moment_leave_every_size_whole_or_unmade(
    app: Flask, config: Config, worker: Phone, clock: FixedClock
) -> None:
    pictures = [drawing(900 + number, (1700, 1300), quality=95) for number in range(5)]
    for each in pictures:
        worker.push(report(each))
        assert worker.upload(each).status_code == 204
    gallery, chance = services(app).uploads.gallery, random.Random(7)
    for _ in range(ROUNDS):
        make_anew(app)
        job = subprocess.Popen(
            [sys.executable, "-c", JOB], cwd=ROOT, env=to_environment(config), stdout=subprocess.PIPE
        )
        with job:
            assert job.stdout is not None
            assert job.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.0, 0.6))
            job.send_signal(signal.SIGKILL)
        for each in pictures:
            stored = gallery.picture(sha(each))
            assert stored is not None
            if stored.sized:
                for size in ("screen", "preview"):
                    data = b"".join(gallery.stream(stored, size) or ())
                    assert len(data) == stored.bytes_of(size)
                    with Image.open(io.BytesIO(data)) as image:
                        image.load()
    jobs.finish_pictures(services(app))
    assert gallery.unsized() == []
    clock.move(2 * 3600 * 1000)
    gallery.sweep()
    for each in pictures:
        for size in ("screen", "preview", "full"):
            assert worker.get(f"/photos/{sha(each)}?size={size}").status_code == 200
