"""Block M: what the CSMS installs, reads and deletes (M03, M04, M05)."""

from typing import Any

import pytest

from tests.certificates import DAY, Authority
from tests.conformance.states import not_applicable
from tests.profiles.certificates.roots import OTHER, ROOT, YEARS, delete, install, listed, named
from tests.support.bench import Bench

CSMS, MANUFACTURER = "CSMSRootCertificate", "ManufacturerRootCertificate"
NO_CHECK = "AdditionalRootCertificateCheck (AS-2) is not supported: its variable is read-only and false"
NO_ISO = "ISO 15118 is not supported: the station has no ISO15118Ctrlr, and rejects its roots"


def station(version: str, *installed: tuple[Authority, str]) -> Bench:
    """A station on which these certificates are installed (CertificateInstalled)."""
    bench = Bench(version).boot()
    for authority, use in installed:
        assert install(bench, authority, use)["status"] == "Accepted"
    return bench


def retrieved(bench: Bench, use: str) -> list[dict[str, str]]:
    """GetInstalledCertificates of one type, which must be there: certificateHashData of each."""
    answer = bench.call("GetInstalledCertificateIds", certificateType=[use])
    assert answer["status"] == "Accepted"
    chains: list[dict[str, Any]] = answer["certificateHashDataChain"]
    assert all(chain["certificateType"] == use for chain in chains)
    return [chain["certificateHashData"] for chain in chains]


@pytest.mark.case("TC_M_01_CS")
@pytest.mark.req("M05.FR.01", "M05.FR.02")
def test_tc_m_01_cs_install_csms_root(version: str) -> None:
    bench = station(version, (ROOT, CSMS))
    assert named(ROOT) in retrieved(bench, CSMS)


@pytest.mark.case("TC_M_02_CS")
@pytest.mark.req("M05.FR.01", "M05.FR.02")
def test_tc_m_02_cs_install_manufacturer_root(version: str) -> None:
    bench = station(version, (ROOT, MANUFACTURER))
    assert named(ROOT) in retrieved(bench, MANUFACTURER)


@pytest.mark.case("TC_M_07_CS")
@pytest.mark.req("M05.FR.01", "M05.FR.07")
def test_tc_m_07_cs_certificate_invalid(version: str) -> None:
    bench = station(version)
    expired = Authority("Expired", starts=YEARS["starts"], ends=YEARS["starts"] + DAY)
    answer = install(bench, expired)
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "InvalidCertificate"
    assert named(expired) not in [data for _use, data in listed(bench, CSMS)]


@pytest.mark.case("TC_M_09_CS")
def test_tc_m_09_cs_not_signed_by_the_old_root() -> None:
    not_applicable(NO_CHECK)


@pytest.mark.case("TC_M_30_CS")
def test_tc_m_30_cs_reconnect_with_the_new_root() -> None:
    not_applicable(NO_CHECK)


@pytest.mark.case("TC_M_31_CS")
def test_tc_m_31_cs_back_to_the_old_root() -> None:
    not_applicable(NO_CHECK)


@pytest.mark.case("TC_M_12_CS")
@pytest.mark.req("M03.FR.01", "M03.FR.03", "M03.FR.04")
def test_tc_m_12_cs_csms_root(version: str) -> None:
    bench = station(version, (ROOT, CSMS), (OTHER, CSMS), (OTHER, MANUFACTURER))
    found = retrieved(bench, CSMS)
    assert len(found) == 2
    assert named(ROOT) in found
    assert named(OTHER) in found


@pytest.mark.case("TC_M_13_CS")
@pytest.mark.req("M03.FR.01", "M03.FR.03", "M03.FR.04")
def test_tc_m_13_cs_manufacturer_root(version: str) -> None:
    bench = station(version, (ROOT, CSMS), (OTHER, MANUFACTURER))
    assert retrieved(bench, MANUFACTURER) == [named(OTHER)]


@pytest.mark.case("TC_M_17_CS")
@pytest.mark.req("M03.FR.01", "M03.FR.03", "M03.FR.04")
def test_tc_m_17_cs_both_roots(version: str) -> None:
    bench = station(version, (ROOT, CSMS), (OTHER, MANUFACTURER))
    found = listed(bench, CSMS, MANUFACTURER)
    assert len(found) == 2
    assert (CSMS, named(ROOT)) in found
    assert (MANUFACTURER, named(OTHER)) in found


@pytest.mark.case("TC_M_18_CS")
@pytest.mark.req("M03.FR.01", "M03.FR.03", "M03.FR.04")
def test_tc_m_18_cs_all_types(version: str) -> None:
    bench = station(version, (ROOT, CSMS), (OTHER, MANUFACTURER))
    found = listed(bench)  # certificateType is omitted
    assert len(found) == 2
    assert (CSMS, named(ROOT)) in found
    assert (MANUFACTURER, named(OTHER)) in found


@pytest.mark.case("TC_M_19_CS")
@pytest.mark.req("M03.FR.01", "M03.FR.02")
def test_tc_m_19_cs_none_found(version: str) -> None:
    bench = station(version, (ROOT, CSMS))
    answer = bench.call("GetInstalledCertificateIds", certificateType=["MORootCertificate"])
    assert answer["status"] == "NotFound"
    assert answer.get("certificateHashDataChain") is None


@pytest.mark.case("TC_M_20_CS")
@pytest.mark.req("M04.FR.01", "M04.FR.02")
def test_tc_m_20_cs_delete(version: str) -> None:
    bench = station(version, (ROOT, CSMS), (OTHER, CSMS))
    (told,) = [data for data in retrieved(bench, CSMS) if data == named(ROOT)]
    assert delete(bench, told) == "Accepted"
    assert retrieved(bench, CSMS) == [named(OTHER)]


@pytest.mark.case("TC_M_22_CS")
@pytest.mark.req("M04.FR.01", "M04.FR.04")
def test_tc_m_22_cs_delete_what_is_not_there(version: str) -> None:
    bench = station(version, (ROOT, CSMS))
    assert named(ROOT) in retrieved(bench, CSMS)
    assert delete(bench, named(OTHER)) == "NotFound"
    assert retrieved(bench, CSMS) == [named(ROOT)]


@pytest.mark.case("TC_M_14_CS")
def test_tc_m_14_cs_v2g_root() -> None:
    not_applicable(NO_ISO)


@pytest.mark.case("TC_M_15_CS")
def test_tc_m_15_cs_v2g_chain() -> None:
    not_applicable(NO_ISO)


@pytest.mark.case("TC_M_16_CS")
def test_tc_m_16_cs_mo_root() -> None:
    not_applicable(NO_ISO)


@pytest.mark.case("TC_M_03_CS")
def test_tc_m_03_cs_install_v2g_root() -> None:
    not_applicable(NO_ISO)


@pytest.mark.case("TC_M_04_CS")
def test_tc_m_04_cs_install_mo_root() -> None:
    not_applicable(NO_ISO)
