"""Certificates in 2.x: InstallCertificate, GetInstalledCertificateIds, DeleteCertificate. 2.1 adds a use and longer texts, no more."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v201 as wire
from profiles.certificates.certificate import CertificateUse, HashData
from profiles.certificates.commands import (
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
    InstalledCertificates,
)
from profiles.common_v201 import status_info
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _installed(result: Result, _request: object, _station: object) -> wire.InstallCertificateResponse:
    return wire.InstallCertificateResponse(status=word(result.status), status_info=status_info(result))


@table.receives("InstallCertificate", InstallCertificate, _installed)
def install_certificate(request: wire.InstallCertificateRequest, _station: "ChargingStation") -> InstallCertificate:
    """M05."""
    return InstallCertificate(use=CertificateUse(request.certificate_type), certificate=request.certificate)


def _found(
    result: InstalledCertificates, _request: object, _station: object
) -> wire.GetInstalledCertificateIdsResponse:
    if not result.found:  # M03.FR.02
        return wire.GetInstalledCertificateIdsResponse(
            status="NotFound", status_info=wire.StatusInfo(reason_code="NotFound")
        )
    return wire.GetInstalledCertificateIdsResponse(
        status="Accepted",  # M03.FR.03
        certificate_hash_data_chain=[
            wire.CertificateHashDataChain(
                certificate_type=word(use.value),
                certificate_hash_data=wire.CertificateHashData(
                    hash_algorithm=word(data.algorithm),
                    issuer_name_hash=data.issuer_name_hash,
                    issuer_key_hash=data.issuer_key_hash,
                    serial_number=data.serial_number,
                ),
            )
            for use, data in result.found
        ],
    )


@table.receives("GetInstalledCertificateIds", GetInstalledCertificates, _found)
def get_installed_certificate_ids(
    request: wire.GetInstalledCertificateIdsRequest, _station: "ChargingStation"
) -> GetInstalledCertificates:
    """M03."""
    return GetInstalledCertificates(uses=tuple(CertificateUse(use) for use in request.certificate_type or ()))


def _deleted(result: Result, _request: object, _station: object) -> wire.DeleteCertificateResponse:
    return wire.DeleteCertificateResponse(status=word(result.status), status_info=status_info(result))


@table.receives("DeleteCertificate", DeleteCertificate, _deleted)
def delete_certificate(request: wire.DeleteCertificateRequest, _station: "ChargingStation") -> DeleteCertificate:
    """M04."""
    data = request.certificate_hash_data
    return DeleteCertificate(
        certificate=HashData(data.hash_algorithm, data.issuer_name_hash, data.issuer_key_hash, data.serial_number)
    )
