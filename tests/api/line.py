"""A client over real HTTP, one connection a call, as a phone on a bad line is."""

from __future__ import annotations

import base64
import hashlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.api import world
from tests.server import Server

TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    data: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.data)


class Line:
    """One person on one device, over real HTTP."""

    def __init__(self, server: Server) -> None:
        self.port = server.config.port
        self.cookie = ""
        self.device = ""
        self.last: str | None = None

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body if isinstance(body, bytes | None) else orjson.dumps(body)
            sent = {"X-Gridwalk": "1", "Cookie": self.cookie, "Content-Type": "application/json", **(headers or {})}
            wire.request(method, path, data, sent)
            answer = wire.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            wire.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, None, headers)

    def sign_in(self, login: str) -> Line:
        answer = self.request("POST", "/api/v1/session", {"login": login, "password": world.PASSWORD})
        assert answer.status == 200, answer.data
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        self.device = answer.json["device"]
        return self

    def sync(self, *changes: Any, **more: Any) -> Any:
        newest = max([each["id"] for each in changes] + [self.last or ""]) or None
        call = {"protocol": 1, "device": self.device, "last": self.last, "newest": newest}
        answer = self.request("POST", "/api/v1/sync", {**call, "changes": list(changes), **more})
        assert answer.status == 200, answer.data
        self.last = newest
        return answer.json

    def begin_upload(self, data: bytes) -> str:
        named = base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
        facts = {"Upload-Length": str(len(data)), "Upload-Metadata": f"sha256 {named}"}
        answer = self.request("POST", "/api/v1/uploads", None, {**TUS, **facts})
        assert answer.status == 201, answer.data
        return answer.headers["Location"]

    def offset(self, where: str) -> int:
        return int(self.request("HEAD", where, None, TUS).headers["Upload-Offset"])

    def patch(self, where: str, offset: int, piece: bytes) -> Answer:
        facts = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return self.request("PATCH", where, piece, {**TUS, **facts})
