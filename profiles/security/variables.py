"""Variables of security: identity, password, security profile, certificates."""

import string
from typing import Any

from chargepoint.station.variables import DataType, InvalidValue, Mutability, RefusalReason, Syntax, Variable


def _identity(station: Any, _evse_id: int, _connector_id: int) -> str:
    return str(station.network_profiles.identity)


IDENTITY = Variable("SecurityCtrlr", "Identity", DataType.STRING, "", maximum=48, value_of=_identity)
"""As the active network profile says, else the station's own: set in NetworkConfiguration only (B09.FR.28)."""


def password_bytes(password: str) -> bytes:
    """The password as it goes into HTTP Basic authentication: UTF-8 (2.x A00.FR.205), or the bytes that 1.6 gave in hexadecimal."""
    return password.encode("utf-8", "surrogateescape")


def _password_of_16(_variable: Variable[Any], text: str) -> str:
    """16 to 20 bytes in hexadecimal (1.6 security A00.FR.205); also the plain text of 16 to 40 characters that many a CSMS sends."""
    if len(text) in range(32, 41, 2) and set(text) <= set(string.hexdigits):
        return bytes.fromhex(text).decode("ascii", "surrogateescape")
    if not 16 <= len(text) <= 40:
        raise InvalidValue("expected 16 to 20 bytes in hexadecimal", RefusalReason.OUT_OF_RANGE)
    return text


BASIC_AUTH_PASSWORD = Variable(
    "SecurityCtrlr",
    "BasicAuthPassword",
    DataType.STRING,
    "",
    key16="AuthorizationKey",
    mutability=Mutability.WRITE_ONLY,
    minimum=16,
    maximum=64,
    secret=True,
    syntax16=Syntax(lambda _password: "", _password_of_16),
)
SECURITY_PROFILE = Variable(
    "SecurityCtrlr",
    "SecurityProfile",
    DataType.INTEGER,
    0,
    key16="SecurityProfile",
    mutability=Mutability.READ_ONLY,
    minimum=0,
    maximum=3,
)
ALLOW_SECURITY_PROFILE_DOWNGRADE = Variable("SecurityCtrlr", "AllowSecurityProfileDowngrade", DataType.BOOLEAN, False)
"""Whether the CSMS may go back from security profile 3 to 2; to 1 it never may (A05.FR.08, A05.FR.09)."""
ORGANIZATION_NAME = Variable("SecurityCtrlr", "OrganizationName", DataType.STRING, "", key16="CpoName", maximum=64)
MAX_CERTIFICATE_CHAIN_SIZE = Variable(
    "SecurityCtrlr",
    "MaxCertificateChainSize",
    DataType.INTEGER,
    10_000,
    key16="CertificateSignedMaxChainSize",
    mutability=Mutability.READ_ONLY,
    minimum=1,
    maximum=10_000,
)
CERT_SIGNING_WAIT_MINIMUM = Variable(
    "SecurityCtrlr",
    "CertSigningWaitMinimum",
    DataType.INTEGER,
    30,
    key16="CertSigningWaitMinimum",
    minimum=0,
    unit="s",
)
CERT_SIGNING_REPEAT_TIMES = Variable(
    "SecurityCtrlr", "CertSigningRepeatTimes", DataType.INTEGER, 3, key16="CertSigningRepeatTimes", minimum=0
)
