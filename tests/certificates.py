"""Certificates for tests: a CA, servers and clients, right ones and wrong ones. Elliptic curves, because they are quick to make."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
KeyKind = Literal["ec", "rsa"]

DAY = timedelta(days=1)


def make_key(kind: KeyKind = "ec") -> Key:
    """A new private key: P-256, or RSA with 2048 bits."""
    return ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Charging"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@dataclass(frozen=True)
class Pair:
    """A certificate, its key, and the chain up to the root without it."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def certificate_pem(self) -> str:
        """The certificate and the chain, PEM."""
        return "".join(
            certificate.public_bytes(serialization.Encoding.PEM).decode()
            for certificate in (self.certificate, *self.chain)
        )

    def key_pem(self, password: bytes | None = None) -> str:
        """The key, PEM."""
        encryption: serialization.KeySerializationEncryption = (
            serialization.NoEncryption() if password is None else serialization.BestAvailableEncryption(password)
        )
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        ).decode()

    def write(self, directory: Path, name: str, *, password: bytes | None = None) -> tuple[str, str]:
        """Write `name`.pem and `name`.key. Returns their paths."""
        certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
        certificate.write_text(self.certificate_pem)
        key.write_text(self.key_pem(password))
        return str(certificate), str(key)


class Authority:
    """A certificate authority: a root, or below another authority. starts, ends: validity, counted from now."""

    def __init__(
        self,
        common_name: str = "Test Root",
        *,
        signed_by: Authority | None = None,
        kind: KeyKind = "ec",
        starts: timedelta = -DAY,
        ends: timedelta = 365 * DAY,
    ) -> None:
        self.pair: Pair
        self._below_root: tuple[x509.Certificate, ...]
        key = make_key(kind)
        issuer = signed_by.pair if signed_by is not None else None
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(issuer.certificate.subject if issuer is not None else _name(common_name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + starts)
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        certificate = builder.sign(issuer.key if issuer is not None else key, hashes.SHA256())
        self.pair = Pair(certificate, key)
        self._below_root = () if signed_by is None else (certificate, *signed_by._below_root)

    @property
    def pem(self) -> str:
        """The authority's own certificate, PEM."""
        return self.pair.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def write(self, directory: Path, name: str = "ca") -> str:
        """Write the authority's certificate. Returns the path."""
        path = directory / f"{name}.pem"
        path.write_text(self.pem)
        return str(path)

    def issue(
        self,
        common_name: str,
        *,
        names: tuple[str, ...] = (),
        addresses: tuple[str, ...] = (),
        starts: timedelta = -DAY,
        ends: timedelta = 30 * DAY,
        kind: KeyKind = "ec",
    ) -> Pair:
        """A certificate of a server or a client. names, addresses: alternative names. starts, ends: validity, counted from now."""
        key = make_key(kind)
        now = datetime.now(UTC)
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(self.pair.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + starts)
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        certificate = builder.sign(self.pair.key, hashes.SHA256())
        return Pair(certificate, key, self._below_root)


def server_context(
    pair: Pair, directory: Path, *, client_authority: Authority | None = None, name: str = "server"
) -> ssl.SSLContext:
    """A server's context with this certificate; with `client_authority` it demands a client certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair.write(directory, name))
    if client_authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_authority.pem)
    return context
