"""A certificate as the rules see it, and the port behind which one is read."""

from enum import Enum
from typing import Protocol

import msgspec


class CertificateUse(Enum):
    """What a certificate is good for; the words are those of 2.x."""

    CSMS_ROOT = "CSMSRootCertificate"
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"
    V2G_ROOT = "V2GRootCertificate"
    MO_ROOT = "MORootCertificate"
    OEM_ROOT = "OEMRootCertificate"
    V2G_CHAIN = "V2GCertificateChain"


class HashData(msgspec.Struct, frozen=True, array_like=True):
    """How OCPP names a certificate: hashes of its issuer's name and key, and its serial number (RFC 6960 §4.1.1 CertID).

    algorithm: SHA256, SHA384 or SHA512. Hashes and number are hexadecimal, the number without leading zeros.
    issuer_key_hash "": the issuer's certificate is not known.
    """

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    def names(self, other: "HashData") -> bool:
        """Whether both name the same certificate; letters in either case (1.6 CiString, 2.x identifierString)."""
        return (
            self.algorithm == other.algorithm
            and self.issuer_name_hash.casefold() == other.issuer_name_hash.casefold()
            and self.issuer_key_hash.casefold() in ("", other.issuer_key_hash.casefold())
            and self.serial_number.casefold() == (other.serial_number.lstrip("0") or "0").casefold()
        )


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of an X.509 certificate.

    pem: the certificate alone, without what stood around it. fingerprint: SHA256 of its DER form, hexadecimal. valid_from, valid_until:
    seconds since 1970 UTC. authority: it may sign other certificates. self_signed: by its own key, in its own name. key_kind: RSA, DSA, EC,
    or another word; key_bit: its length. hashes: in each algorithm, the one that is reported first; empty where `self_signed` is not so.
    """

    pem: str
    fingerprint: str
    subject: str
    valid_from: float
    valid_until: float
    authority: bool
    self_signed: bool
    key_kind: str
    key_bit: int
    hashes: tuple[HashData, ...] = ()


class UnreadableCertificate(ValueError):  # noqa: N818 - what it is about comes first
    """The text is no certificate; the message says what is wrong with it."""


class ReaderMissing(Exception):  # noqa: N818 - what it is about comes first
    """Certificates cannot be read here; the message says what has to be installed."""


class CertificateReader(Protocol):
    """Reads X.509."""

    def read(self, text: str) -> Certificate:
        """The one certificate in a PEM text.

        Raises: UnreadableCertificate. ReaderMissing.
        """
        ...

    def first_of(self, chain: str) -> tuple[HashData, ...]:
        """What names the first certificate of a PEM chain; its issuer's key is known where the chain holds its issuer.

        Raises: UnreadableCertificate. ReaderMissing.
        """
        ...
