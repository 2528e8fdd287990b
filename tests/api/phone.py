"""A client of the door as a test wants it: signed in, with changes to send and pictures to upload."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from sync.clock import SystemClock, to_text
from sync.ids import Ids, is_change_id
from tests.api import world

IDS = Ids(SystemClock())
HEADERS = {"X-Gridwalk": "1"}
TUS = {"Tus-Resumable": "1.0.0"}
Json = dict[str, Any]


class Phone:
    """One cookie jar, and after `sign_in` one device."""

    def __init__(self, app: Flask) -> None:
        self.http = app.test_client()
        self.device = ""
        self.account = ""
        self.books: list[Json] = []
        self.last: str | None = None
        """The newest id with a receipt: what an honest phone says of itself (X7)."""
        self.epoch: str | None = None

    def sign_in(self, login: str, password: str = world.PASSWORD, **more: Any) -> Phone:
        answer = self.post("/session", {"login": login, "password": password, "device_name": "test", **more})
        assert answer.status_code == 200, answer.text
        self.device = answer.json["device"]  # type: ignore[index]
        self.account = answer.json["account"]["id"]  # type: ignore[index]
        self.books = answer.json["books"]  # type: ignore[index]
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get("/api/v1" + path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = {**HEADERS, **options.pop("headers", {})}
        return self.http.post("/api/v1" + path, json=body, headers=headers, **options)

    def raw_sync(self, data: bytes, **headers: str) -> TestResponse:
        """A sync call whose bytes the test has written itself."""
        sent = {**HEADERS, "Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.http.post("/api/v1/sync", data=data, headers=sent)

    def call(self, *changes: Any, **more: Any) -> Json:
        """The body of a sync call."""
        ids = [each["id"] for each in changes if isinstance(each, dict) and isinstance(each.get("id"), str)]
        newest = max([*(each for each in ids if is_change_id(each)), *([self.last] if self.last else [])], default=None)
        base = {"protocol": 1, "device": self.device, "last": self.last, "newest": newest}
        return {**base, "changes": list(changes), **more}

    def sync(self, *changes: Any, **more: Any) -> Json:
        answer = self.post("/sync", self.call(*changes, **more))
        assert answer.status_code == 200, answer.text
        reply: Json = answer.json  # type: ignore[assignment]
        self.epoch = reply["epoch"]
        self.last = max([*(each["id"] for each in reply["receipts"] if each["id"]), self.last or ""]) or None
        return reply

    def push(self, change: Json) -> Json:
        """One change; its receipt, which must not be a refusal."""
        if change["seen"]:
            change = {**change, "epoch": self.epoch or self.sync(limit=0)["epoch"]}
        receipt: Json = self.sync(change, limit=0)["receipts"][0]
        assert receipt["outcome"] in {"applied", "merged", "conflict"}, receipt
        return receipt

    def upload_headers(self, data: bytes, **more: str) -> dict[str, str]:
        sha256 = base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
        kind = base64.b64encode(b"image/jpeg").decode()
        facts = {"Upload-Length": str(len(data)), "Upload-Metadata": f"sha256 {sha256},filetype {kind}"}
        return {**HEADERS, **TUS, **facts, **more}

    def begin_upload(self, data: bytes, **more: str) -> TestResponse:
        return self.http.post("/api/v1/uploads", headers=self.upload_headers(data, **more))

    def patch(self, where: str, offset: int, piece: bytes, **more: str) -> TestResponse:
        facts = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return self.http.patch(where, data=piece, headers={**HEADERS, **TUS, **facts, **more})

    def offset(self, where: str) -> int:
        return int(self.http.head(where, headers=TUS).headers["Upload-Offset"])

    def upload(self, data: bytes) -> TestResponse:
        """A whole picture in one piece; the answer to its last byte."""
        begun = self.begin_upload(data)
        assert begun.status_code == 201, begun.text
        return self.patch(begun.headers["Location"], 0, data)


def report(*pictures: bytes, book: str = world.GRID, record: str | None = None, **fields: Any) -> Json:
    """A change that creates a case: a hazard in a stairwell."""
    photos = {
        hashlib.sha256(each).hexdigest(): {"stage": "before", "type": "image/jpeg", "bytes": len(each)}
        for each in pictures
    }
    written: Json = {
        "class": "thing",
        "category": "blocked_way",
        "description": {"text": "三楼拐角堆了纸箱"},
        "severity": "serious",
        "source": "grid_worker",
        "captured_at": to_text(SystemClock().now()),
        "status": {"from": None, "to": "reported", "cycle": 1},
        **({"photos": photos} if photos else {}),
        **fields,
    }
    return change(record or IDS.new(), 0, written, book=book, create=True)


def change(record: str, seen: int, written: Json, *, book: str = world.GRID, **more: Any) -> Json:
    """Any change of a case."""
    return {
        "id": IDS.new(),
        "book": book,
        "record": record,
        "type": "case",
        "schema": 1,
        "epoch": None,
        "seen": seen,
        "made_at": to_text(SystemClock().now()),
        "set": written,
        **more,
    }


def drawing(seed: int = 1, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    """A JPEG that nobody has seen before: coloured squares after `seed`."""
    image = Image.new("RGB", (8, 6))
    image.putdata([((seed * 37 + n * 11) % 256, (n * n * 7 + seed) % 256, (n * 29) % 256) for n in range(48)])
    out = io.BytesIO()
    image.resize(size, Image.Resampling.NEAREST).save(out, "JPEG", **options)
    return out.getvalue()
