"""Which certificates the CSMS can install, see and delete (2.x M03, M04, M05; 1.6 security extension), in each version."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.catalogue import Capabilities
from profiles.certificates.certificate import Certificate, HashData, ReaderMissing
from profiles.certificates.service import CertificateService
from tests.certificates import DAY, Authority, Pair, make_key
from tests.profiles.certificates.roots import (
    OTHER,
    ROOT,
    YEARS,
    delete,
    hash_data,
    install,
    listed,
    named,
    use_in,
)
from tests.profiles.certificates.test_reader import CA, made, pem
from tests.support.bench import START_WALL, Bench

CSMS, MANUFACTURER = "CSMSRootCertificate", "ManufacturerRootCertificate"
USES = (CSMS, MANUFACTURER)


def events(bench: Bench, name: str) -> list[dict[str, Any]]:
    return [details for event, details in bench.events if event == name]


class World:
    """What `ports.Network` tells about the connection, and the roots that it has been given."""

    def __init__(self, *, root: str | None = None, own: str | None = None) -> None:
        self.root = root
        self.own = own
        self.given: list[tuple[str, ...]] = []

    def use(self, profile: Any) -> None:
        self.given.append(profile.roots)

    def refusal(self, _profile: Any) -> None: ...

    def reconnect(self, reason: str) -> None: ...

    def root_in_use(self) -> str | None:
        return self.root

    def own_certificate(self) -> str | None:
        return self.own


URL = {"NetworkConfiguration[0].OcppCsmsUrl": "wss://csms.example/ocpp"}


def networked(version: str, world: World) -> Bench:
    bench = Bench(version, variables=URL)
    bench.station.network_profiles.join(world)
    return bench.boot()


# --- installing --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", USES)
@pytest.mark.req("M03.FR.01", "M03.FR.03", "M03.FR.04", "M05.FR.01", "M05.FR.02")
def test_what_is_installed_is_listed_under_its_use_and_no_other(version: str, use: str) -> None:
    bench = Bench(version).boot()
    assert listed(bench) == []
    assert install(bench, ROOT, use) == {"status": "Accepted"}
    assert listed(bench, use) == [(use, named(ROOT))]
    (other,) = set(USES) - {use}
    assert listed(bench, other) == []
    assert install(bench, OTHER, other)["status"] == "Accepted"
    assert listed(bench, use) == [(use, named(ROOT))]
    assert sorted(listed(bench)) == sorted([(use, named(ROOT)), (other, named(OTHER))])
    (first, _second) = events(bench, "certificate_installed")
    assert first["use"] == use
    assert "Root of tests" in first["subject"]


@pytest.mark.req("M05.FR.17")
def test_the_same_certificate_again_takes_the_place_of_itself(version: str) -> None:
    bench = Bench(version, variables={"CertificateStoreMaxLength": 1}).boot()
    for text in (ROOT.pem, ROOT.pem, "a word before\n" + ROOT.pem.replace("\n", "\r\n")):
        assert install(bench, text)["status"] == "Accepted"
    assert listed(bench) == [(CSMS, named(ROOT))]


@pytest.mark.req("M05.FR.06")
def test_more_than_there_is_room_for_is_rejected(version: str) -> None:
    bench = Bench(version, variables={"CertificateStoreMaxLength": 2}).boot()
    assert install(bench, ROOT, CSMS)["status"] == "Accepted"
    assert install(bench, ROOT, MANUFACTURER)["status"] == "Accepted"
    answer = install(bench, OTHER, CSMS)
    assert answer["status"] == "Rejected"
    if version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == "OutOfStorage"
    (told,) = events(bench, "certificate_refused")
    assert "2 certificates" in told["message"]
    assert len(listed(bench)) == 2
    assert delete(bench, named(ROOT)) == "Accepted"
    assert install(bench, OTHER, CSMS)["status"] == "Accepted"


def test_the_number_of_certificates_and_the_room_are_told(version2: str) -> None:
    bench = Bench(version2, variables={"CertificateStoreMaxLength": 7}).boot()
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "CertificateEntries"}}
    for count, root in enumerate((ROOT, OTHER), 1):
        install(bench, root)
        (result,) = bench.call("GetVariables", getVariableData=[data])["getVariableResult"]
        assert result["attributeValue"] == str(count)
    assert bench.call("GetReport", requestId=1, componentVariable=[data])["status"] == "Accepted"
    bench.run(2)
    (report,) = bench.csms.of("NotifyReport")
    assert report["reportData"][0]["variableCharacteristics"]["maxLimit"] == 7


INTERMEDIATE = Authority("Below", signed_by=ROOT, **YEARS)
NOT_ROOTS: dict[str, tuple[Callable[[], str], str]] = {
    "nothing": (lambda: "", "PEM"),
    "garbage": (lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "PEM"),
    "a key": (ROOT.pair.key_pem, "PEM"),
    "two certificates": (lambda: ROOT.pem + OTHER.pem, "more than one"),
    "a leaf": (lambda: ROOT.issue("csms.example", **YEARS).certificate_pem, "root"),
    "a server's that has signed itself": (lambda: pem(made(make_key("ec"))), "not the certificate of a CA"),
    "an intermediate": (lambda: INTERMEDIATE.pem, "intermediate"),
    "one that only looks as if it had signed itself": (
        lambda: pem(made(make_key("ec"), CA, signer=make_key("ec"))),
        "intermediate",
    ),
    "expired": (lambda: in_bench_time(-2 * DAY, -DAY), "expired"),
    "not yet valid": (lambda: in_bench_time(DAY, 2 * DAY), "not valid yet"),
}


def in_bench_time(starts: timedelta, ends: timedelta) -> str:
    """A root whose validity is counted from the time of the bench."""
    offset = datetime.fromtimestamp(START_WALL, UTC) - datetime.now(UTC)
    return Authority("Timed", starts=offset + starts, ends=offset + ends).pem


@pytest.mark.parametrize("name", NOT_ROOTS)
@pytest.mark.req("M05.FR.07")
def test_what_is_no_root_is_rejected_and_the_operator_reads_why(version: str, name: str) -> None:
    make, word = NOT_ROOTS[name]
    bench = Bench(version).boot()
    install(bench, OTHER)
    before = dict(bench.store.items("certificate"))
    answer = install(bench, make())
    assert answer["status"] == "Rejected"
    if version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == "InvalidCertificate"
        assert word in answer["statusInfo"]["additionalInfo"]
    (told,) = events(bench, "certificate_refused")
    assert word in told["message"]
    assert dict(bench.store.items("certificate")) == before


@pytest.mark.parametrize(
    ("kind", "bits", "status"),
    [("RSA", 2047, "Rejected"), ("RSA", 2048, "Accepted"), ("EC", 223, "Rejected"), ("EC", 224, "Accepted")],
)
@pytest.mark.req("A00.FR.501", "A00.FR.502", "A00.FR.503")
def test_a_key_is_long_enough_or_the_root_is_rejected(
    version: str, kind: str, bits: int, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits themselves; the reader's own tests show that lengths are read rightly."""
    bench = Bench(version).boot()
    monkeypatch.setattr(CertificateService, "reader", Reading(kind, bits))
    assert install(bench, ROOT)["status"] == status


class Reading:
    """Reads a certificate with such a key; a `bits` of None stands for a missing library."""

    def __init__(self, kind: str, bits: int | None) -> None:
        self.kind = kind
        self.bits = bits

    def read(self, text: str) -> Certificate:
        if self.bits is None:
            raise ReaderMissing("certificates cannot be read here: install chargepoint[certificates]")
        return Certificate(
            pem=text,
            fingerprint="00",
            subject="CN=x",
            valid_from=0.0,
            valid_until=9e9,
            authority=True,
            self_signed=True,
            key_kind=self.kind,
            key_bit=self.bits,
            hashes=(HashData("SHA256", "aa", "bb", "1"),),
        )

    def first_of(self, chain: str) -> tuple[HashData, ...]:
        return self.read(chain).hashes


@pytest.mark.req("M05.FR.03")
def test_a_library_that_cannot_be_loaded_is_a_failure(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(version).boot()
    monkeypatch.setattr(CertificateService, "reader", Reading("", None))
    answer = install(bench, ROOT)
    assert answer["status"] == "Failed"
    if version != "1.6":
        assert "chargepoint[certificates]" in answer["statusInfo"]["additionalInfo"]
    assert listed(bench) == []


@pytest.mark.parametrize("use", ["V2GRootCertificate", "MORootCertificate", "OEMRootCertificate"])
def test_roots_of_iso_15118_are_rejected_where_nothing_uses_them(version2: str, use: str) -> None:
    if (version2, use) == ("2.0.1", "OEMRootCertificate"):
        return  # a word of 2.1
    bench = Bench(version2).boot()
    answer = install(bench, ROOT, use)
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "UnsupportedParam"
    assert "ISO 15118" in answer["statusInfo"]["additionalInfo"]
    assert listed(bench, use) == []


@pytest.mark.parametrize("use", ["V2GRootCertificate", "MORootCertificate", "V2GCertificateChain"])
@pytest.mark.req("M03.FR.02")
def test_what_is_not_there_is_not_found(version2: str, use: str) -> None:
    bench = Bench(version2).boot()
    install(bench, ROOT)
    answer = bench.call("GetInstalledCertificateIds", certificateType=[use])
    assert answer.payload == {"status": "NotFound", "statusInfo": {"reasonCode": "NotFound"}}
    assert listed(bench, use, CSMS) == [(CSMS, named(ROOT))]


def test_a_station_that_does_not_know_the_time_judges_by_no_date(version: str) -> None:
    """Until the CSMS has told the time, nothing counts as expired; TLS would refuse it anyway."""
    bench = Bench(version)
    bench.csms.boot_status = "Pending"
    bench.connect()
    bench.station.clock.synchronised = False
    assert install(bench, in_bench_time(-2 * DAY, -DAY))["status"] == "Accepted"


# --- deleting ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
@pytest.mark.parametrize("write", [str.lower, str.upper], ids=["lower", "upper"])
@pytest.mark.req("M04.FR.01", "M04.FR.02")
def test_a_certificate_is_deleted_by_its_hashes(version: str, algorithm: str, write: Callable[[str], str]) -> None:
    bench = Bench(version).boot()
    install(bench, ROOT)
    install(bench, OTHER)
    data = {key: value if key == "hashAlgorithm" else write(value) for key, value in named(ROOT, algorithm).items()}
    assert delete(bench, data) == "Accepted"
    assert listed(bench) == [(CSMS, named(OTHER))]
    assert delete(bench, data) == "NotFound"
    assert [event["use"] for event in events(bench, "certificate_deleted")] == [CSMS]


@pytest.mark.parametrize("field", ["hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber"])
@pytest.mark.req("M04.FR.04")
def test_one_wrong_field_names_another_certificate(version: str, field: str) -> None:
    bench = Bench(version).boot()
    install(bench, ROOT)
    wrong = "SHA384" if field == "hashAlgorithm" else "abcdef"
    assert delete(bench, {**named(ROOT), field: wrong}) == "NotFound"
    assert listed(bench) == [(CSMS, named(ROOT))]


def test_a_certificate_of_two_uses_is_deleted_of_both(version: str) -> None:
    """The request names a certificate, not its use."""
    bench = Bench(version).boot()
    for use in USES:
        install(bench, ROOT, use)
    assert delete(bench, named(ROOT)) == "Accepted"
    assert listed(bench) == []


@pytest.mark.req("M04.FR.03", "M04.FR.06")
@pytest.mark.parametrize("chain", [True, False])
def test_the_station_s_own_certificate_cannot_be_deleted(version: str, *, chain: bool) -> None:
    below = Authority("Below", signed_by=ROOT)
    own: Pair = below.issue("CP-1")
    pems = own.certificate_pem if chain else pem(own.certificate)
    bench = networked(version, World(own=pems))
    install(bench, ROOT)
    issuer = hash_data(below.pair.certificate)
    data = {**hash_data(own.certificate), "issuerKeyHash": issuer["issuerKeyHash"]}
    assert delete(bench, data) == "Failed"
    assert delete(bench, {**data, "serialNumber": "1"}) == "NotFound"


@pytest.mark.parametrize("own", ["", "no certificate", ROOT.pair.key_pem()])
def test_an_own_certificate_that_cannot_be_read_stands_in_no_way(version: str, own: str) -> None:
    bench = networked(version, World(own=own))
    assert delete(bench, named(ROOT)) == "NotFound"


@pytest.mark.req("M04.FR.02")
def test_the_root_of_the_present_connection_stays_in_1_6(version: str) -> None:
    """1.6 security M04.FR.06; in 2.x the CSMS may delete every one (M04, remark)."""
    bench = networked(version, World(root=READ.fingerprint))
    install(bench, ROOT)
    assert delete(bench, named(ROOT)) == ("Failed" if version == "1.6" else "Accepted")
    assert [use for use, _data in listed(bench)] == ([CSMS] if version == "1.6" else [])
    assert bool(events(bench, "certificate_kept")) is (version == "1.6")


def test_a_manufacturer_s_root_vouches_for_no_connection(version: str) -> None:
    bench = networked(version, World(root=READ.fingerprint))
    install(bench, ROOT, MANUFACTURER)
    assert delete(bench, named(ROOT)) == "Accepted"


READ = CertificateService.reader.read(ROOT.pem)


# --- what lasts --------------------------------------------------------------------------------------------------------------


def test_certificates_outlive_a_power_cut(version: str) -> None:
    bench = Bench(version).boot()
    install(bench, ROOT, CSMS)
    install(bench, OTHER, MANUFACTURER)
    again = bench.power_cut().boot()
    assert listed(again) == [(CSMS, named(ROOT)), (MANUFACTURER, named(OTHER))]
    assert again.station.certificates.csms_roots == (ROOT.pem,)
    assert delete(again, named(ROOT)) == "Accepted"
    assert again.power_cut().station.certificates.csms_roots == ()


def test_they_are_the_same_in_every_version() -> None:
    bench = Bench("1.6").boot()
    install(bench, ROOT)
    bench.disconnect()
    bench.connect("2.0.1")
    assert listed(bench) == [(CSMS, named(ROOT))]
    assert delete(bench, named(ROOT)) == "Accepted"
    bench.disconnect()
    bench.connect("1.6")
    assert listed(bench) == []


# --- what the link is told -----------------------------------------------------------------------------------------------------


def test_the_link_gets_the_csms_roots_and_no_others(version: str) -> None:
    world = World()
    bench = networked(version, world)
    assert world.given == [()]
    install(bench, OTHER, MANUFACTURER)
    assert world.given == [()], "nothing that concerns the connection has changed"
    install(bench, ROOT)
    assert world.given[-1] == (ROOT.pem,)
    install(bench, OTHER)
    assert set(world.given[-1]) == {ROOT.pem, OTHER.pem}
    delete(bench, named(ROOT))
    assert world.given[-1] == (OTHER.pem,)
    install(bench, "garbage")
    assert len(world.given) == 4


# --- a station without the library -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["InstallCertificate", "GetInstalledCertificateIds", "DeleteCertificate"])
def test_a_station_that_takes_no_certificates_says_so(version: str, action: str) -> None:
    bench = Bench(version, capabilities=Capabilities(trust_store=False)).boot()
    use = use_in(version, CSMS)
    payload: dict[str, Any] = {
        "InstallCertificate": {"certificateType": use, "certificate": ROOT.pem},
        "GetInstalledCertificateIds": {"certificateType": use if version == "1.6" else [use]},
        "DeleteCertificate": {"certificateHashData": named(ROOT)},
    }[action]
    answer = bench.call(action, payload)
    assert answer.error == ("NotSupported", f"this station does not support {action}")


def test_what_was_installed_is_trusted_even_where_the_library_has_gone(version: str) -> None:
    """A package that disappears must not lock the station out."""
    bench = Bench(version).boot()
    install(bench, ROOT)
    again = bench.power_cut(capabilities=Capabilities(trust_store=False))
    assert again.station.certificates.csms_roots == (ROOT.pem,)


def test_only_installing_needs_the_library(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What names a certificate is kept with it."""
    bench = Bench(version).boot()
    install(bench, ROOT)
    monkeypatch.setattr(CertificateService, "reader", Reading("", None))
    assert listed(bench) == [(CSMS, named(ROOT))]
    assert delete(bench, named(ROOT, "SHA512")) == "Accepted"
    assert delete(bench, named(ROOT)) == "NotFound"
