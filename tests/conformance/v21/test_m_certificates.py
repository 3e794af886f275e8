"""Block M of 2.1: roots of a vehicle's maker."""

import pytest

from tests.conformance.states import not_applicable
from tests.conformance.v201.test_m_certificates import NO_ISO


@pytest.mark.case("TC_M_101_CS")
def test_tc_m_101_cs_install_oem_root() -> None:
    not_applicable(NO_ISO)
