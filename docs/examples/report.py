"""A client of the door in one page, with nothing but Python: report a hazard with its picture.

    python docs/examples/report.py http://127.0.0.1:8000 worker gridwalk picture.jpg "三楼拐角堆了纸箱"

Signs in, sends the text (one change), then the picture (tus 1.0.0), and reads the record back. A real client keeps
the change until it has its receipt, and sends it again after any error: the same id has one effect (sync/SPEC.md, X2).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import time
import urllib.request
import uuid
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

TUS = {"Tus-Resumable": "1.0.0"}


class Door:
    """The API of one server; the cookie of the session is kept between calls."""

    def __init__(self, server: str) -> None:
        self.server = server.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"X-Gridwalk": "1", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.server + path, data, sent, method=method)  # noqa: S310
        with self.opener.open(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else answer.headers


def change_id() -> str:
    """A UUIDv7: ids of a device only grow."""
    value = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hazard(book: str, text: str, picture: bytes) -> dict[str, Any]:
    """The change that creates a case. Its picture is named by its hash; the bytes follow by themselves."""
    name = hashlib.sha256(picture).hexdigest()
    written = {
        "class": "thing",
        "category": "blocked_way",
        "description": {"text": text},
        "photos": {name: {"stage": "before", "type": "image/jpeg", "bytes": len(picture)}},
        "severity": "serious",
        "source": "grid_worker",
        "captured_at": now(),
        "status": {"from": None, "to": "reported", "cycle": 1},
    }
    head = {"id": change_id(), "book": book, "record": change_id(), "type": "case", "schema": 1}
    return {**head, "epoch": None, "seen": 0, "made_at": now(), "create": True, "set": written}


def upload(door: Door, picture: bytes) -> None:
    """tus 1.0.0: creation with the hash, then the bytes from where the server says it has come to."""
    name = base64.b64encode(hashlib.sha256(picture).hexdigest().encode()).decode()
    facts = {"Upload_Length": str(len(picture)), "Upload_Metadata": f"sha256 {name}"}
    begun = door.call("POST", "/api/v1/uploads", None, **TUS, **facts)
    offset = int(begun["Upload-Offset"])
    if offset < len(picture):
        piece = {"Upload_Offset": str(offset), "Content_Type": "application/offset+octet-stream"}
        door.call("PATCH", begun["Location"], picture[offset:], **TUS, **piece)


def main(server: str, login: str, password: str, file: str, text: str) -> None:
    door, picture = Door(server), Path(file).read_bytes()
    me = door.call("POST", "/api/v1/session", {"login": login, "password": password, "device_name": "example"})
    book = next(each["book"] for each in me["books"] if each["access"] == "write")
    change = hazard(book, text, picture)
    call = {
        "protocol": 1,
        "device": me["device"],
        "last": None,
        "newest": change["id"],
        "changes": [change],
        "limit": 0,
    }
    receipt = door.call("POST", "/api/v1/sync", call)["receipts"][0]
    print("文字 · text:", receipt["outcome"], receipt["reason"] or "")
    upload(door, picture)
    record = door.call("GET", f"/api/v1/records/{change['record']}")
    print("照片 · picture: 已到", record["fields"]["no"], record["fields"]["status"]["status"])


if __name__ == "__main__":
    main(*sys.argv[1:6])
