"""A real S3 end point on this machine: `rclone serve s3` over a folder, with credentials of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import python

START_WITHIN = 60


@dataclass
class Store:
    """`url` is what GRIDWALK_BLOBS takes; `environment` has the credentials, `folder` the bytes."""

    url: str
    environment: Mapping[str, str]
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        key = f"{self.environment['AWS_ACCESS_KEY_ID']},{self.environment['AWS_SECRET_ACCESS_KEY']}"
        command = [str(python.program("rclone")), "serve", "s3", "--addr", f"127.0.0.1:{self.port}", "--auth-key", key]
        # Nothing of the person's own set-up.
        quiet = ["--config", os.devnull, "--log-level", "ERROR", "--vfs-cache-mode", "off"]
        log = self.folder.parent.with_suffix(".log")
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                [*command, *quiet, str(self.folder.parent)], stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError("the S3 end point did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def running(folder: Path) -> Iterator[Store]:
    """An end point with one empty bucket, under a prefix in it."""
    bucket = folder / "pictures"
    bucket.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    keys = {"AWS_ACCESS_KEY_ID": secrets.token_hex(8), "AWS_SECRET_ACCESS_KEY": secrets.token_hex(16)}
    store = Store(f"s3://pictures/town?endpoint=http://127.0.0.1:{port}&region=here", keys, bucket, port)
    store.start()
    try:
        yield store
    finally:
        store.kill()
