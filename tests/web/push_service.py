"""A push service on this machine: takes what is pushed, checks who signed it, and opens it as the phone would."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


def plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Pushed:
    """One push as it came: what was inside, and the claims that it was signed with."""

    path: str
    headers: dict[str, str]
    inside: dict[str, Any]
    claims: dict[str, Any]
    key: str


@dataclass
class PushService:
    """`answers`: path -> status, 201 where nothing is said."""

    url: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    pushed: list[Pushed] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _phones: dict[str, tuple[ec.EllipticCurvePrivateKey, bytes]] = field(default_factory=dict)

    def subscription(self, name: str) -> dict[str, Any]:
        """What a browser gives for `pushManager.subscribe`; the phone's keys stay here."""
        key, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self._phones[f"/{name}"] = key, auth
        point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        quiet = {"from": 0, "to": 0}
        return {"endpoint": f"{self.url}/{name}", "keys": {"p256dh": plain(point), "auth": plain(auth)}, "quiet": quiet}

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.asked.append(path)
        status = self.answers.get(path, 201)
        if status == 201:
            key, auth = self._phones[path]
            inside = json.loads(http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm"))
            claims, signer = verified(headers["authorization"])
            self.pushed.append(Pushed(path, headers, inside, claims, signer))
        return status

    @property
    def topics(self) -> list[tuple[str, str]]:
        return sorted((each.path.lstrip("/"), each.inside["topic"]) for each in self.pushed)


def verified(authorization: str) -> tuple[dict[str, Any], str]:
    """The claims of `vapid t=JWT, k=KEY`, checked against the key (RFC 8292)."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(each.strip().split("=", 1) for each in rest.split(","))
    assert scheme == "vapid"
    head, claims, signature = parts["t"].split(".")
    assert json.loads(raw(head))["alg"] == "ES256"
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
    r, s = (int.from_bytes(raw(signature)[i : i + 32], "big") for i in (0, 32))
    try:
        key.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise AssertionError("not signed with the key that it names") from error
    return json.loads(raw(claims)), parts["k"]


@contextmanager
def push_service() -> Iterator[PushService]:
    """Running on a free port of this machine."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status = service.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            if status in {301, 302, 307}:
                self.send_header("Location", f"{service.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
