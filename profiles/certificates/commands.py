"""What the CSMS asks about certificates."""

import msgspec

from chargepoint.station.command import Command
from profiles.certificates.certificate import CertificateUse, HashData


class InstallCertificate(Command, frozen=True, kw_only=True):
    """Trust a root certificate. Result: Result Accepted, Rejected or Failed. (2.x M05; 1.6 security M05)

    certificate: PEM.
    """

    use: CertificateUse
    certificate: str


class GetInstalledCertificates(Command, frozen=True, kw_only=True):
    """Which certificates are installed for `uses`; for any where it is empty. Result: InstalledCertificates. (2.x M03; 1.6 security M03)"""

    uses: tuple[CertificateUse, ...] = ()


class InstalledCertificates(msgspec.Struct, frozen=True):
    """What was found, one entry for each certificate."""

    found: tuple[tuple[CertificateUse, HashData], ...]


class DeleteCertificate(Command, frozen=True, kw_only=True):
    """Trust it no longer. Result: Result Accepted, Failed or NotFound. (2.x M04; 1.6 security M04)"""

    certificate: HashData
