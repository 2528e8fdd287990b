"""HTTPS for phones in the same network: an authority of one's own, made on the first run, and a page that offers it.

A service worker needs a secure origin, and nobody gives certificates for an address like 192.168.1.20. So this
machine makes its own authority. Its certificate says itself that it holds for private addresses only: a phone that
trusts it trusts it for nothing else.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync.clock import Clock

PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
"""Phones refuse certificates of a server that live longer than about 13 months."""

RENEW_DAYS = 30
ASK_ADDRESS = 0xC0206921 if sys.platform == "darwin" else 0x8915
"""SIOCGIFADDR"""

VIRTUAL = ("docker", "br-", "veth", "virbr", "tun")
"""Interfaces behind which no phone is."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, as files (PEM)."""

    certificate: Path
    key: Path


def addresses() -> list[str]:
    """The private IPv4 addresses under which phones may find this machine, likeliest first; the loopback last."""
    main = _main_interface()
    names = sorted((name for _, name in socket.if_nameindex()), key=lambda name: (name != main, name))
    found = [_address_of(name) for name in names if not name.startswith(VIRTUAL)]
    return [*dict.fromkeys(each for each in found if each and _private(each)), "127.0.0.1"]


def _address_of(interface: str) -> str | None:
    """Asked of the system itself: nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            told = fcntl.ioctl(asking, ASK_ADDRESS, struct.pack("256s", interface.encode()[:15]))
        except OSError:
            return None  # it has no IPv4 address
    return socket.inet_ntoa(told[20:24])


def _main_interface() -> str | None:
    """The interface of the default route, where the system tells (Linux)."""
    try:
        routes = Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    return next((route.split()[0] for route in routes if route.split()[1] == "00000000"), None)


def _private(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not parsed.is_loopback and any(parsed in ipaddress.ip_network(each) for each in PRIVATE_NETWORKS)


class Authority:
    """The authority in `folder`: made if it is not there. Private keys are readable by their owner only."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.own = Pair(folder / "authority.pem", folder / "authority.key")
        self.server = Pair(folder / "server.pem", folder / "server.key")
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if not (self.own.certificate.exists() and self.own.key.exists()):
            self._make_authority()

    def serve(self, names: list[str]) -> Pair:
        """A certificate of this machine for `names` (addresses); the last one if it still holds."""
        if not self._still_holds(names):
            self._make_server(names)
        return self.server

    def offered(self) -> bytes:
        """The authority's certificate as phones take it (DER)."""
        return self._load(self.own.certificate).public_bytes(serialization.Encoding.DER)

    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in pairs, for comparing by eye."""
        digest = self._load(self.own.certificate).fingerprint(hashes.SHA256())
        return digest.hex(":").upper()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now() / 1000, UTC)

    def _make_authority(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Gridwalk 网格行 {socket.gethostname()}"[:60])
        builder = self._builder(name, name, key, AUTHORITY_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        builder = builder.add_extension(_only_private(), critical=True)
        _write(self.own, builder.sign(key, hashes.SHA256()), key)

    def _make_server(self, names: list[str]) -> None:
        signer = serialization.load_pem_private_key(self.own.key.read_bytes(), None)
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self.own.key} holds no key of this authority")
        issuer = self._load(self.own.certificate)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(names[0]), issuer.subject, key, SERVER_DAYS)
        alternatives = [x509.IPAddress(ipaddress.ip_address(each)) for each in names]
        local = [x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName([*alternatives, *local]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(authority, critical=False)
        _write(self.server, builder.sign(signer, hashes.SHA256()), key)

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
    ) -> x509.CertificateBuilder:
        # A day back: the clocks of phones are not all right.
        begin = self._now() - timedelta(days=1)
        builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=days))
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return builder.add_extension(identifier, critical=False)

    def _still_holds(self, names: list[str]) -> bool:
        if not (self.server.certificate.exists() and self.server.key.exists()):
            return False
        certificate = self._load(self.server.certificate)
        covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = {str(each) for each in covered.get_values_for_type(x509.IPAddress)}
        enough = certificate.not_valid_after_utc > self._now() + timedelta(days=RENEW_DAYS)
        return enough and set(names) <= listed and certificate.issuer == self._load(self.own.certificate).subject

    @staticmethod
    def _load(path: Path) -> x509.Certificate:
        return x509.load_pem_x509_certificate(path.read_bytes())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _only_private() -> x509.NameConstraints:
    networks = [x509.IPAddress(ipaddress.ip_network(each)) for each in PRIVATE_NETWORKS]
    return x509.NameConstraints(permitted_subtrees=[*networks, x509.DNSName("localhost")], excluded_subtrees=None)


def _write(pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """The key first, never readable by others, not even for a moment."""
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pair.key.unlink(missing_ok=True)
    pair.key.touch(mode=0o600, exist_ok=False)
    pair.key.write_bytes(secret)
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
