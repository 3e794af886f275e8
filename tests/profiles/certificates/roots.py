"""Certificates that a CSMS may send, and how each version says it."""

import hashlib
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.certificates import DAY, Authority, Pair
from tests.support.bench import Bench

YEARS: dict[str, timedelta] = {"starts": -20 * 365 * DAY, "ends": 20 * 365 * DAY}
"""Valid in the time of the bench as well as now."""
ROOT = Authority("Root of tests", **YEARS)
OTHER = Authority("Other root of tests", kind="rsa", **YEARS)
USES_16 = {"CSMSRootCertificate": "CentralSystemRootCertificate"}


def hash_data(certificate: x509.Certificate, algorithm: str = "SHA256") -> dict[str, str]:
    """certificateHashData of a root, worked out by hand (RFC 6960 §4.1.1)."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    name = algorithm.lower()
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": hashlib.new(name, certificate.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": hashlib.new(name, bits).hexdigest(),
        "serialNumber": f"{certificate.serial_number:x}",
    }


def named(authority: Authority, algorithm: str = "SHA256") -> dict[str, str]:
    """certificateHashData of an authority's own certificate."""
    return hash_data(authority.pair.certificate, algorithm)


def use_in(version: str, use: str) -> str:
    """A certificateType as the version calls it."""
    return USES_16.get(use, use) if version == "1.6" else use


def install(bench: Bench, certificate: Authority | Pair | str, use: str = "CSMSRootCertificate") -> dict[str, Any]:
    """InstallCertificate: its answer."""
    if isinstance(certificate, Authority):
        text = certificate.pem
    else:
        text = certificate if isinstance(certificate, str) else certificate.certificate_pem
    answer = bench.call("InstallCertificate", certificateType=use_in(bench.version, use), certificate=text)
    assert answer.payload is not None, answer
    return dict(answer.payload)


def listed(bench: Bench, *uses: str) -> list[tuple[str, dict[str, str]]]:
    """GetInstalledCertificateIds: certificateType, as 2.x calls it, and certificateHashData; of all uses where none is named."""
    found: list[tuple[str, dict[str, str]]] = []
    if bench.version == "1.6":
        for use in uses or ("CSMSRootCertificate", "ManufacturerRootCertificate"):
            answer = bench.call("GetInstalledCertificateIds", certificateType=use_in("1.6", use))
            entries = answer.get("certificateHashData")
            assert answer["status"] == ("Accepted" if entries else "NotFound")
            found += [(use, data) for data in entries or ()]
        return found
    answer = bench.call("GetInstalledCertificateIds", {"certificateType": list(uses)} if uses else {})
    entries = answer.get("certificateHashDataChain")
    assert answer["status"] == ("Accepted" if entries else "NotFound")
    return [(entry["certificateType"], entry["certificateHashData"]) for entry in entries or ()]


def delete(bench: Bench, data: dict[str, str]) -> str:
    """DeleteCertificate: its status."""
    return str(bench.call("DeleteCertificate", certificateHashData=data)["status"])
