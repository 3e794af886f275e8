"""What the station asks the CSMS about a driver."""

import msgspec

from chargepoint.station.facts import Fact
from chargepoint.station.token import Token, TokenInfo


class CertificateHash(msgspec.Struct, frozen=True):
    """What an OCSP request needs to know of a certificate (2.x OCSPRequestDataType). algorithm: SHA256, SHA384, SHA512."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    responder_url: str


class AuthorizationRequested(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """May this driver charge? Answer: AuthorizationAnswer.

    certificate: PEM of a contract certificate chain that the station cannot validate itself (C07.FR.06). certificate_hashes: of the
    chain's certificates, at most 4 (C07.FR.02).
    """

    token: Token
    certificate: str | None = None
    certificate_hashes: tuple[CertificateHash, ...] = ()


class AuthorizationAnswer(msgspec.Struct, frozen=True):
    """What the CSMS says of a driver. certificate_status: 2.x AuthorizeCertificateStatusEnumType, None = there was no certificate."""

    info: TokenInfo
    certificate_status: str | None = None
