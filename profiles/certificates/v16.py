"""Certificates in 1.6, by its security extension: InstallCertificate, GetInstalledCertificateIds, DeleteCertificate."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v16 as wire
from profiles.certificates.certificate import CertificateUse, HashData
from profiles.certificates.commands import (
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
    InstalledCertificates,
)
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()

_USES = {
    "CentralSystemRootCertificate": CertificateUse.CSMS_ROOT,
    "ManufacturerRootCertificate": CertificateUse.MANUFACTURER_ROOT,
}


def _installed(result: Result, _request: object, _station: object) -> wire.InstallCertificateResponse:
    return wire.InstallCertificateResponse(status=word(result.status))


@table.receives("InstallCertificate", InstallCertificate, _installed)
def install_certificate(request: wire.InstallCertificateRequest, _station: "ChargingStation") -> InstallCertificate:
    """1.6 security §5.11."""
    return InstallCertificate(use=_USES[request.certificate_type], certificate=request.certificate)


def _found(
    result: InstalledCertificates, _request: object, _station: object
) -> wire.GetInstalledCertificateIdsResponse:
    if not result.found:
        return wire.GetInstalledCertificateIdsResponse(status="NotFound")
    return wire.GetInstalledCertificateIdsResponse(
        status="Accepted",
        certificate_hash_data=[
            wire.CertificateHashData(
                hash_algorithm=word(data.algorithm),
                issuer_name_hash=data.issuer_name_hash,
                issuer_key_hash=data.issuer_key_hash,
                serial_number=data.serial_number,
            )
            for _use, data in result.found
        ],
    )


@table.receives("GetInstalledCertificateIds", GetInstalledCertificates, _found)
def get_installed_certificate_ids(
    request: wire.GetInstalledCertificateIdsRequest, _station: "ChargingStation"
) -> GetInstalledCertificates:
    """1.6 security §5.7."""
    return GetInstalledCertificates(uses=(_USES[request.certificate_type],))


def _deleted(result: Result, _request: object, _station: object) -> wire.DeleteCertificateResponse:
    return wire.DeleteCertificateResponse(status=word(result.status))


@table.receives("DeleteCertificate", DeleteCertificate, _deleted)
def delete_certificate(request: wire.DeleteCertificateRequest, _station: "ChargingStation") -> DeleteCertificate:
    """1.6 security §5.3."""
    data = request.certificate_hash_data
    return DeleteCertificate(
        certificate=HashData(data.hash_algorithm, data.issuer_name_hash, data.issuer_key_hash, data.serial_number)
    )
