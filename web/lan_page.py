"""The small plain page of `make run LAN=1`: it hands the authority's certificate to a phone, with words and a QR.

Plain HTTP, because the phone cannot trust this machine yet: so the fingerprint stands on the page and in the
terminal, and nothing but the certificate, which is public, is given out here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web import i18n

HERE: Final = Path(__file__).parent
STYLES: Final = HERE.parent / "static" / "css"
CERTIFICATE: Final = "/gridwalk-authority.crt"
SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Offer:
    """What the page gives out: the address of the app, the certificate (DER), its fingerprint."""

    app: str
    certificate: bytes
    fingerprint: str

    @cached_property
    def page(self) -> bytes:
        folder = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        picture = Markup(segno.make(self.app, error="m").svg_inline(scale=6, border=3))  # noqa: S704 - drawn here
        page = folder.get_template("lan.html").render(
            say=i18n.say, app=self.app, certificate=CERTIFICATE, fingerprint=self.fingerprint, picture=picture
        )
        return page.encode()

    def answers(self) -> dict[str, tuple[str, Callable[[], bytes]]]:
        """path -> (content type, body)"""
        return {
            "/": ("text/html; charset=utf-8", lambda: self.page),
            CERTIFICATE: ("application/x-x509-ca-cert", lambda: self.certificate),
            "/tokens.css": ("text/css; charset=utf-8", (STYLES / "tokens.css").read_bytes),
            "/lan.css": ("text/css; charset=utf-8", (STYLES / "lan.css").read_bytes),
        }


def serve(offer: Offer, port: int, host: str = "0.0.0.0") -> ThreadingHTTPServer:  # noqa: S104 - phones must reach it
    """Serve the page in a thread of its own, until `shutdown()`. OSError if the port is taken."""
    answers = offer.answers()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            found = answers.get(self.path.split("?")[0])
            status, kind, body = (HTTPStatus.OK, found[0], found[1]()) if found else _nothing()
            self.send_response(status)
            for name, value in {**SAFE, "Content-Type": kind, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Nobody needs a log of who took a public certificate."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="lan-page", daemon=True).start()
    return server


def _nothing() -> tuple[HTTPStatus, str, bytes]:
    return HTTPStatus.NOT_FOUND, "text/plain", b"Not here.\n"
