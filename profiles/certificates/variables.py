"""Variables of the certificates that the CSMS installs."""

from typing import Any

from chargepoint.station.variables import DataType, Mutability, Variable

ADDITIONAL_ROOT_CERTIFICATE_CHECK = Variable(
    "SecurityCtrlr",
    "AdditionalRootCertificateCheck",
    DataType.BOOLEAN,
    False,
    key16="AdditionalRootCertificateCheck",
    mutability=Mutability.READ_ONLY,
)
"""False: a new root stands beside the old ones and need not be signed by one of them (2.x §2.2.6 note 2)."""
CERTIFICATE_STORE_MAX_LENGTH = Variable(
    "", "", DataType.INTEGER, 100, key16="CertificateStoreMaxLength", mutability=Mutability.READ_ONLY, minimum=1
)


def _certificates(station: Any, _evse_id: int, _connector_id: int) -> int:
    return int(station.certificates.entries)


def _most_certificates(station: Any, _evse_id: int, _connector_id: int) -> int:
    return int(station.certificates.room)


CERTIFICATE_ENTRIES = Variable(
    "SecurityCtrlr",
    "CertificateEntries",
    DataType.INTEGER,
    0,
    value_of=_certificates,
    maximum_of=_most_certificates,
)
