"""Certificates by the security extension (§2.24.1)."""

import pytest

from tests.profiles.certificates.roots import OTHER, ROOT, delete, install, listed, named
from tests.support.bench import Bench

CENTRAL_SYSTEM, MANUFACTURER = "CSMSRootCertificate", "ManufacturerRootCertificate"


@pytest.mark.case("TC_075_1_CS")
def test_tc_075_1_cs_install_manufacturer_root() -> None:
    bench = Bench("1.6").boot()
    assert install(bench, ROOT, MANUFACTURER) == {"status": "Accepted"}
    assert (MANUFACTURER, named(ROOT)) in listed(bench, MANUFACTURER)


@pytest.mark.case("TC_075_2_CS")
def test_tc_075_2_cs_install_central_system_root() -> None:
    bench = Bench("1.6").boot()
    assert install(bench, ROOT, CENTRAL_SYSTEM) == {"status": "Accepted"}
    assert (CENTRAL_SYSTEM, named(ROOT)) in listed(bench, CENTRAL_SYSTEM)


@pytest.mark.case("TC_076_CS")
def test_tc_076_cs_delete() -> None:
    bench = Bench("1.6").boot()
    for root in (ROOT, OTHER):
        assert install(bench, root, CENTRAL_SYSTEM) == {"status": "Accepted"}
    (told,) = [data for _use, data in listed(bench, CENTRAL_SYSTEM) if data == named(ROOT)]
    assert delete(bench, named(ROOT, told["hashAlgorithm"])) == "Accepted"
    assert listed(bench, CENTRAL_SYSTEM) == [(CENTRAL_SYSTEM, named(OTHER))]
