"""X.509 read by `cryptography`, which is imported when the first certificate comes: a charger that gets none pays nothing (ADR 14)."""

from __future__ import annotations

import functools
import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from profiles.certificates.certificate import Certificate, HashData, ReaderMissing, UnreadableCertificate

if TYPE_CHECKING:
    from cryptography import x509

_BEGIN = "-----BEGIN "
_MAXIMUM_SERIAL_BIT = 160
"""RFC 5280 §4.1.2.2: 20 bytes; OCPP's serialNumber holds no more."""


@functools.cache
def installed() -> bool:
    """Whether the library is there, found out without importing it."""
    return importlib.util.find_spec("cryptography") is not None


class X509Reader:
    """See `CertificateReader`."""

    __slots__ = ()

    def read(self, text: str) -> Certificate:
        """See `CertificateReader.read`."""
        if text.count(_BEGIN) > 1:
            raise UnreadableCertificate("the PEM text holds more than one object: send the root certificate alone")
        with _reading():
            (certificate,) = _load(text)
            return _described(certificate)

    def first_of(self, chain: str) -> tuple[HashData, ...]:
        """See `CertificateReader.first_of`."""
        with _reading():
            first, *others = _load(chain)
            issuer = next((one for one in (first, *others) if _issued(first, one)), None)
            return _hashes(first, issuer)


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever fails within is said in our words. The library looks at many fields only when it is asked for them."""
    try:
        from cryptography import x509
        from cryptography.exceptions import UnsupportedAlgorithm
    except ImportError as error:
        raise _missing(error) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it will refuse one day
            yield
    except UnreadableCertificate:
        raise
    except ImportError as error:
        raise _missing(error) from error
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as error:
        first_line = str(error).partition("\n")[0].rstrip(".")[:120]
        raise UnreadableCertificate(f"this is no PEM-encoded X.509 certificate: {first_line}") from error


def _missing(error: ImportError) -> ReaderMissing:
    return ReaderMissing(f"certificates cannot be read here: install chargepoint[certificates] ({error})")


def _load(text: str) -> list[x509.Certificate]:
    from cryptography import x509

    certificates = x509.load_pem_x509_certificates(text.encode())
    if any(not 0 < one.serial_number < 1 << _MAXIMUM_SERIAL_BIT for one in certificates):
        raise UnreadableCertificate("its serial number is not positive, or longer than 20 bytes")
    return certificates


def _described(certificate: x509.Certificate) -> Certificate:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    kind, bits = _key(certificate)
    self_signed = _issued(certificate, certificate)
    return Certificate(
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        subject=certificate.subject.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc.timestamp(),
        valid_until=certificate.not_valid_after_utc.timestamp(),
        authority=_is_authority(certificate),
        self_signed=self_signed,
        key_kind=kind,
        key_bit=bits,
        hashes=_hashes(certificate, certificate) if self_signed else (),
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    """RFC 5280 §4.2.1.9, §4.2.1.3."""
    from cryptography import x509

    try:
        if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
    except x509.ExtensionNotFound:
        return False
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    key = certificate.public_key()
    for kind, known in (
        ("RSA", rsa.RSAPublicKey),
        ("DSA", dsa.DSAPublicKey),
        ("EC", ec.EllipticCurvePublicKey),
    ):
        if isinstance(key, known):
            return kind, key.key_size
    return type(key).__name__, 0


def _hashes(certificate: x509.Certificate, issuer: x509.Certificate | None) -> tuple[HashData, ...]:
    """OCSP's own builder makes the CertID that OCPP takes over."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509 import ocsp

    found = []
    for name, algorithm in (("SHA256", hashes.SHA256()), ("SHA384", hashes.SHA384()), ("SHA512", hashes.SHA512())):
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer or certificate, algorithm).build()
        found.append(
            HashData(
                name,
                request.issuer_name_hash.hex(),
                request.issuer_key_hash.hex() if issuer is not None else "",
                f"{request.serial_number:x}",
            )
        )
    return tuple(found)
