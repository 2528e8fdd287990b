"""The key that nudges are signed with, and where they may be sent. Sending itself is web/push_post.py."""

from __future__ import annotations

import base64
import ipaddress
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_KEY: Final = "push.key"


class Push:
    """Web push as this instance does it."""

    def __init__(self, key: str, contact: str, *, near: bool = False) -> None:
        """`key`: the private key, base64url; `contact`: whom a push service may write to (mailto: or https:); `near`:
        also end points on this machine, over plain HTTP, as tests have them."""
        self.key, self.contact, self._near = key, contact, near
        raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        public = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1()).public_key()
        point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self._public = base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    @property
    def public_key(self) -> str:
        """What a browser is told as applicationServerKey."""
        return self._public

    def is_address(self, endpoint: str) -> bool:
        """May this server be asked to send there? Not to machines of its own network: anybody signed in may name one."""
        parts = urlsplit(endpoint)
        try:
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if self._is_near(parts.scheme, host):
            return True
        good = parts.scheme == "https" and "." in host and port in {None, 443} and not parts.username
        return good and not _is_number(host)

    def leads_outside(self, endpoint: str) -> bool:
        """Asked again when something is to be sent: a name may lead somewhere else by then."""
        parts = urlsplit(endpoint)
        if self._is_near(parts.scheme, parts.hostname or ""):
            return True
        try:
            found = socket.getaddrinfo(parts.hostname, 443, type=socket.SOCK_STREAM)
        except OSError:
            return True  # no line now: the attempt itself will say so
        return all(ipaddress.ip_address(each[4][0]).is_global for each in found)

    def _is_near(self, scheme: str, host: str) -> bool:
        return self._near and scheme == "http" and host == "127.0.0.1"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def new_key() -> str:
    """A private key for P-256, base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def kept_key(data: Path) -> str:
    """The key of this instance: made on the first run, readable by the server's user only."""
    path = data / _KEY
    data.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{_KEY}.{os.getpid()}")
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(new_key())
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and whoever is first
        fresh.unlink()
    return path.read_text("ascii").strip()
