"""Somebody else in the same books, at the same door, without a screen: writes what a test needs written."""

from __future__ import annotations

import base64
import hashlib
import http.cookiejar
import json
import urllib.request
from typing import Any, Final

from sync.clock import SystemClock, to_text
from sync.ids import Ids
from tests.phone.handset import PASSWORD

IDS: Final = Ids(SystemClock())
Json = dict[str, Any]


class Colleague:
    """One account on a device of its own."""

    def __init__(self, url: str, login: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._http = urllib.request.build_opener(jar)
        session = self.call("POST", "/session", {"login": login, "password": PASSWORD, "device_name": "test"})
        self.device: str = session["device"]
        self.account: str = session["account"]["id"]
        self.books: list[Json] = session["books"]
        self.last: str | None = None
        self.epoch: str | None = None

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """One call of the door; urllib.error.HTTPError where it says no."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Gridwalk": "1", "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        with self._http.open(request, timeout=30) as answer:
            found: Json = json.loads(answer.read() or b"null")
        return found

    def upload(self, data: bytes, kind: str) -> None:
        """Bytes that a change of this account names, in one piece."""
        told = {"sha256": hashlib.sha256(data).hexdigest(), "filetype": kind}
        facts = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
        headers = {"X-Gridwalk": "1", "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        headers |= {"Upload-Length": str(len(data)), "Upload-Metadata": facts}
        request = urllib.request.Request(f"{self.url}/api/v1/uploads", data, headers, method="POST")
        with self._http.open(request, timeout=30) as answer:
            assert answer.headers["Upload-Offset"] == str(len(data))

    def sync(self, *changes: Json, limit: int = 5000) -> Json:
        newest = max((each["id"] for each in changes), default=self.last)
        body = {"protocol": 1, "device": self.device, "last": self.last, "newest": newest, "changes": list(changes)}
        reply = self.call("POST", "/sync", {**body, "cursors": {}, "limit": limit})
        self.epoch, self.last = reply["epoch"], newest
        return reply

    def record(self, record: str) -> Json:
        return self.call("GET", f"/records/{record}")

    def newest_case(self, by: str) -> Json:
        """The last case that this account made, as this colleague sees it."""
        found = [each for book in self.sync()["books"] for each in book["records"] if each["type"] == "case"]
        return max((each for each in found if each["by"] == by), key=lambda each: str(each["id"]))

    def write(self, about: Json, written: Json, *, seen: int | None = None) -> Json:
        """Change a record; `seen` 0 as somebody who knew nothing of it. Gives the receipt."""
        epoch = self.epoch or self.sync(limit=0)["epoch"]
        change = {"id": IDS.new(), "book": about["book"], "record": about["id"], "type": about["type"], "schema": 1}
        base = {"epoch": epoch, "seen": about["seq"] if seen is None else seen, "made_at": to_text(SystemClock().now())}
        receipt: Json = self.sync({**change, **base, "set": written}, limit=0)["receipts"][0]
        return receipt
