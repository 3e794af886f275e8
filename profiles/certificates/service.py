"""The rules of installed certificates: which roots the CSMS has made this station trust.

Rule 1. What is installed is a root: a CA's certificate, signed by its own key, in force now, with a key that is long enough (A00.FR.502,
A00.FR.503). Anything else could not be named to the CSMS afterwards, or would vouch for nothing, and is rejected (M05.FR.07).
Rule 2. Roots of ISO 15118 are rejected, because nothing here would ever ask for them.
Rule 3. CSMS roots are trusted beside those of the configuration file, from the next connection on; which of them a connection profile
needs is nobody's choice (M05.FR.09 ff. do not bind: AdditionalRootCertificateCheck is false).
Rule 4. Only what was installed is listed and can be deleted. The files of the configuration belong to the owner of the station.
Rule 5. In 1.6 the root that vouches for the present connection stays (1.6 security M04.FR.06); in 2.x the CSMS may delete every one (M04).

Certificates live in the store alone, each with the hashes that name it; only the CSMS roots are kept in memory, where there are any.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import msgspec

from chargepoint.station.command import CommandError, Respond, Result
from chargepoint.station.service import handles
from profiles.certificates import variables
from profiles.certificates.certificate import (
    Certificate,
    CertificateReader,
    CertificateUse,
    HashData,
    ReaderMissing,
    UnreadableCertificate,
)
from profiles.certificates.commands import (
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
    InstalledCertificates,
)
from profiles.certificates.x509 import X509Reader
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "certificate"
KEPT = frozenset((CertificateUse.CSMS_ROOT, CertificateUse.MANUFACTURER_ROOT))
LEAST_KEY_BIT = {"RSA": 2048, "DSA": 2048, "EC": 224}
"""A00.FR.502, A00.FR.503; kinds that are not here have one length, which is enough."""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """What the store keeps of a certificate."""

    pem: str
    subject: str
    hashes: tuple[HashData, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Stored)


class CertificateService(BlockService):
    """Functional block M, as far as the CSMS manages the station's trust store (M03, M04, M05)."""

    __slots__ = ("_csms_roots",)

    reader: ClassVar[CertificateReader] = X509Reader()

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._csms_roots: tuple[str, ...] | None = None

    # --- what the station asks --------------------------------------------------------------------------------------------

    @property
    def available(self) -> bool:
        """Whether this kind of station takes certificates."""
        return self.station.variables.catalogue.by_key16("CertificateStoreMaxLength") is not None

    @property
    def csms_roots(self) -> tuple[str, ...]:
        """The roots that may vouch for a CSMS, PEM, besides those that the configuration names."""
        if self._csms_roots is None:
            self._csms_roots = tuple(
                stored.pem for use, _fingerprint, stored in self._installed() if use is CertificateUse.CSMS_ROOT
            )
        return self._csms_roots

    @property
    def entries(self) -> int:
        """How many certificates are installed."""
        return sum(1 for _ in self.station.store.items(COLLECTION))

    @property
    def room(self) -> int:
        """How many may be."""
        return self.station.get(variables.CERTIFICATE_STORE_MAX_LENGTH) if self.available else 0

    # --- commands ---------------------------------------------------------------------------------------------------------

    @handles(InstallCertificate)
    def install(self, command: InstallCertificate, respond: Respond) -> None:
        """M05."""
        self._check_available("InstallCertificate")
        result = self._install(command)
        if result.status != "Accepted":  # 1.6 has no place for the reason in its answer
            self.station.notify(
                "certificate_refused", use=command.use.value, status=result.status, message=result.additional_info
            )
        respond(result)

    def _install(self, command: InstallCertificate) -> Result:
        if command.use not in KEPT:
            return Result(
                "Rejected", "UnsupportedParam", f"no ISO 15118 here, which is all a {command.use.value} is for"
            )
        try:
            certificate = self.reader.read(command.certificate)
        except UnreadableCertificate as error:
            return Result("Rejected", "InvalidCertificate", str(error))  # M05.FR.07
        except ReaderMissing as error:
            return Result("Failed", "InternalError", str(error))  # M05.FR.03
        flaw = self._flaw(certificate)
        if flaw is not None:
            return Result("Rejected", "InvalidCertificate", f"{certificate.subject}: {flaw}")  # M05.FR.07
        store, key = self.station.store, _key(command.use, certificate.fingerprint)
        if store.get(COLLECTION, key) is None and self.entries >= self.room:  # M05.FR.06; 1.6 security M05.FR.03
            return Result("Rejected", "OutOfStorage", f"{self.room} certificates are the most; delete one first")
        stored = _Stored(certificate.pem, certificate.subject, certificate.hashes)
        store.put(COLLECTION, key, _encoder.encode(stored))  # M05.FR.17
        self.station.notify("certificate_installed", use=command.use.value, subject=certificate.subject)
        self._changed(command.use)
        return Result("Accepted")  # M05.FR.02

    def _flaw(self, certificate: Certificate) -> str | None:
        """Why this is no root to be trusted; None = it is one."""
        if not certificate.authority:
            return "not the certificate of a CA; send its root"
        if not certificate.self_signed:
            return "an intermediate certificate, signed by another key; send the root at the top of its chain"
        least = LEAST_KEY_BIT.get(certificate.key_kind, 0)
        if certificate.key_bit < least:
            return f"its {certificate.key_kind} key has {certificate.key_bit} bits, and {least} are the least"
        clock = self.station.clock
        if clock.synchronised and clock.wall() >= certificate.valid_until:
            return "it has expired"
        if clock.synchronised and clock.wall() < certificate.valid_from:
            return "it is not valid yet"
        return None

    @handles(GetInstalledCertificates)
    def get_installed(self, command: GetInstalledCertificates, respond: Respond) -> None:
        """M03."""
        self._check_available("GetInstalledCertificateIds")
        respond(
            InstalledCertificates(
                tuple(
                    (use, stored.hashes[0])
                    for use, _fingerprint, stored in self._installed()
                    if not command.uses or use in command.uses
                )
            )
        )

    @handles(DeleteCertificate)
    def delete(self, command: DeleteCertificate, respond: Respond) -> None:
        """M04."""
        self._check_available("DeleteCertificate")
        result = self._delete(command.certificate)
        if result.status == "Failed":
            self.station.notify("certificate_kept", message=result.additional_info)
        respond(result)

    def _delete(self, wanted: HashData) -> Result:
        found = [
            (use, fingerprint, stored)
            for use, fingerprint, stored in self._installed()
            if any(one.names(wanted) for one in stored.hashes)
        ]
        if not found:
            return self._not_found(wanted)
        if self.station.policy.root_in_use_is_kept and self._in_use(found):
            return Result(
                "Failed", "UnsupportedRequest", "it vouches for the present connection; connect by another one first"
            )
        for use, fingerprint, stored in found:  # M04.FR.02
            self.station.store.put(COLLECTION, _key(use, fingerprint), None)
            self.station.notify("certificate_deleted", use=use.value, subject=stored.subject)
        for use in {use for use, _fingerprint, _stored in found}:
            self._changed(use)
        return Result("Accepted")

    def _not_found(self, wanted: HashData) -> Result:
        """M04.FR.06, M04.FR.04."""
        network = self.station.network
        own = network.own_certificate() if network is not None else None
        if own is not None:
            try:
                is_own = any(one.names(wanted) for one in self.reader.first_of(own))
            except (UnreadableCertificate, ReaderMissing):
                is_own = False  # then nothing has been found, which is as safe an answer
            if is_own:
                return Result("Failed", "UnsupportedRequest", "the station's own certificate cannot be deleted")
        return Result("NotFound", "NotFound", "no such certificate is installed")

    def _in_use(self, found: list[tuple[CertificateUse, str, _Stored]]) -> bool:
        network = self.station.network
        root = network.root_in_use() if network is not None else None
        return any(use is CertificateUse.CSMS_ROOT and fingerprint == root for use, fingerprint, _stored in found)

    # --- inside -----------------------------------------------------------------------------------------------------------

    def _installed(self) -> Iterator[tuple[CertificateUse, str, _Stored]]:
        for key, raw in self.station.store.items(COLLECTION):
            use, _, fingerprint = key.partition("/")
            yield CertificateUse(use), fingerprint, _decoder.decode(raw)

    def _changed(self, use: CertificateUse) -> None:
        if use is CertificateUse.CSMS_ROOT:
            self._csms_roots = None
            self.station.network_profiles.trust_changed()

    def _check_available(self, action: str) -> None:
        if not self.available:
            raise CommandError("NotSupported", f"this station does not support {action}")


def _key(use: CertificateUse, fingerprint: str) -> str:
    return f"{use.value}/{fingerprint}"
