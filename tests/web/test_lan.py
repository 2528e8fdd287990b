"""HTTPS for phones: the authority is worth what it says, and nothing more."""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509

from sync.clock import FixedClock, SystemClock
from web import lan, lan_page

DAY = 24 * 3600 * 1000


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
def authority(tmp_path: Path, clock: FixedClock) -> lan.Authority:
    return lan.Authority(tmp_path / "authority", clock)


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(pair: lan.Pair) -> Iterator[int]:
    """A real TLS server on a free port of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = HTTPServer(("127.0.0.1", 0), Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def trusting(authority: lan.Authority) -> ssl.SSLContext:
    """A client that trusts this authority and nobody else."""
    return ssl.create_default_context(cadata=authority.offered())


def test_a_phone_that_trusts_the_authority_gets_a_secure_connection(authority: lan.Authority) -> None:
    with serving(authority.serve(["127.0.0.1"])) as port:
        context = trusting(authority)
        for name in ("127.0.0.1", "localhost"):
            with urllib.request.urlopen(f"https://{name}:{port}/", context=context, timeout=10) as answer:
                assert answer.read() == b"hello"


def test_a_phone_that_does_not_trust_it_refuses(authority: lan.Authority) -> None:
    with serving(authority.serve(["127.0.0.1"])) as port:
        plain = ssl.create_default_context()
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=plain, timeout=10)


def test_the_authority_cannot_vouch_for_a_site_on_the_internet(authority: lan.Authority) -> None:
    """Its certificate is limited to private addresses: a stolen key cannot pretend to be a bank."""
    refused = pytest.raises(urllib.error.URLError, match="permitted subtree")
    with serving(authority.serve(["203.0.113.7", "127.0.0.1"])) as port, refused:
        urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=trusting(authority), timeout=10)


def test_private_keys_are_their_owner_s_only(authority: lan.Authority) -> None:
    pair = authority.serve(["127.0.0.1"])
    assert {oct(path.stat().st_mode & 0o777) for path in (pair.key, authority.own.key)} == {"0o600"}
    assert authority.own.key.parent.stat().st_mode & 0o077 == 0


def test_the_authority_stays_the_same_over_restarts(authority: lan.Authority, clock: FixedClock) -> None:
    again = lan.Authority(authority.own.key.parent, clock)
    assert again.fingerprint() == authority.fingerprint()
    assert again.serve(["127.0.0.1"]).certificate.read_bytes() == again.serve(["127.0.0.1"]).certificate.read_bytes()


def test_a_new_address_or_an_old_certificate_gets_a_new_one(authority: lan.Authority, clock: FixedClock) -> None:
    first = authority.serve(["127.0.0.1"]).certificate.read_bytes()
    moved = authority.serve(["192.168.7.7", "127.0.0.1"]).certificate.read_bytes()
    clock.move((lan.SERVER_DAYS - lan.RENEW_DAYS) * DAY)
    later = authority.serve(["192.168.7.7", "127.0.0.1"]).certificate.read_bytes()
    assert len({first, moved, later}) == 3


def test_a_server_certificate_lives_no_longer_than_phones_accept(authority: lan.Authority) -> None:
    made = x509.load_pem_x509_certificate(authority.serve(["127.0.0.1"]).certificate.read_bytes())
    assert (made.not_valid_after_utc - made.not_valid_before_utc).days <= 398


def test_addresses_are_private_ones_and_end_with_the_loopback() -> None:
    found = lan.addresses()
    assert found[-1] == "127.0.0.1"
    assert len(set(found)) == len(found)


def test_the_page_offers_the_certificate_in_both_languages(authority: lan.Authority) -> None:
    offer = lan_page.Offer("https://192.168.7.7:8000/", authority.offered(), authority.fingerprint())
    server = lan_page.serve(offer, 0, host="127.0.0.1")
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        with urllib.request.urlopen(f"{base}/", timeout=10) as answer:
            page = answer.read().decode()
        with urllib.request.urlopen(f"{base}{lan_page.CERTIFICATE}", timeout=10) as answer:
            given, kind = answer.read(), answer.headers["Content-Type"]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{base}/authority.key", timeout=10)
    finally:
        server.shutdown()
        server.server_close()
    assert (given, kind) == (authority.offered(), "application/x-x509-ca-cert")
    for word in ("https://192.168.7.7:8000/", authority.fingerprint(), "下载证书", "Download the certificate", "<svg"):
        assert word in page


def test_a_taken_port_is_said_before_anything_starts() -> None:
    from web.serve import CannotStart, check_port

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match="port_taken"):
            check_port("127.0.0.1", taken.getsockname()[1])
