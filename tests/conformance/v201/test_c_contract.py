"""Authorization using contract certificates (C07)."""

import pytest

from tests.conformance.states import not_applicable

REASON = "the certification profile ISO 15118 Support is not claimed: no vehicle can hand a contract certificate over"


@pytest.mark.case("TC_C_50_CS")
def test_tc_c_50_cs_online_local_validation_accepted(version: str) -> None:
    not_applicable(f"{REASON} ({version})")


@pytest.mark.case("TC_C_51_CS")
def test_tc_c_51_cs_online_local_validation_rejected(version: str) -> None:
    not_applicable(f"{REASON} ({version})")


@pytest.mark.case("TC_C_52_CS")
def test_tc_c_52_cs_online_central_validation_accepted(version: str) -> None:
    not_applicable(f"{REASON} ({version})")


@pytest.mark.case("TC_C_53_CS")
def test_tc_c_53_cs_online_central_validation_fails(version: str) -> None:
    not_applicable(f"{REASON} ({version})")


@pytest.mark.case("TC_C_54_CS")
def test_tc_c_54_cs_offline_validation_allowed(version: str) -> None:
    not_applicable(f"{REASON} ({version})")


@pytest.mark.case("TC_C_55_CS")
def test_tc_c_55_cs_offline_validation_forbidden(version: str) -> None:
    not_applicable(f"{REASON} ({version})")
