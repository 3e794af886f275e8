"""Block K: what the CSMS asks of profiles (K08, K09)."""

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.charging_profiles import ask_composite, composite, ids, install, reported, transaction_of

MAX = "ChargingStationMaxProfile"
SOONER_SECOND = 5
"""The configured maximum time deviation."""


@pytest.fixture
def bench(version: str) -> Bench:
    return Bench(version, evses=2).boot()


@pytest.fixture(params=("A", "W"))
def unit(request: pytest.FixtureRequest) -> str:
    """The configured chargingRateUnit."""
    return str(request.param)


def limits(unit: str, *found: tuple[int, float]) -> list[tuple[int, float]]:
    """Periods of the document in the configured unit."""
    return [(start, limit if unit == "A" else limit * 1000) for start, limit in found]


# --- K08 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_K_39_CS")
@pytest.mark.req("K08.FR.02", "K08.FR.03", "K08.FR.06")
def test_tc_k_39_cs_without_profiles(bench: Bench, unit: str) -> None:
    assert composite(bench, 0, 300, unit) == [(0, 64.0 if unit == "A" else 64.0 * 690)]


@pytest.mark.case("TC_K_40_CS")
@pytest.mark.req("K01.FR.17", "K08.FR.02", "K08.FR.06")
def test_tc_k_40_cs_stacked(bench: Bench, unit: str) -> None:
    ago = {"start": -SOONER_SECOND, "unit": unit, "phases": 3}
    install(bench, 1, *limits(unit, (0, 6), (100, 8), (200, 10)), profile_id=1, level=0, duration=400, **ago)
    install(bench, 1, *limits(unit, (0, 7), (100, 9)), profile_id=2, level=1, duration=150, **ago)
    expected = limits(unit, (0, 7), (95, 9), (145, 8), (195, 10))
    assert composite(bench, 1, 350, unit) == expected


@pytest.mark.case("TC_K_41_CS")
@pytest.mark.req("K08.FR.02", "K08.FR.04", "K02.FR.08")
def test_tc_k_41_cs_combined(bench: Bench, unit: str) -> None:
    states.energy_transfer_started(bench)
    ago = {"start": -SOONER_SECOND, "unit": unit, "phases": 3}
    install(bench, 0, *limits(unit, (0, 10)), profile_id=1, purpose=MAX, duration=86_400, **ago)
    default = limits(unit, (0, 6), (60, 10), (120, 8), (180, 15), (260, 8))
    install(bench, 1, *default, profile_id=2, duration=300, **ago)
    own = limits(unit, (0, 8), (50, 11), (140, 16), (200, 6), (240, 12))
    running = transaction_of(bench)
    install(bench, 1, *own, profile_id=3, duration=260, purpose="TxProfile", transaction=running, **ago)
    expected = limits(unit, (0, 8), (45, 10), (195, 6), (235, 10), (255, 8), (295, 10))
    assert composite(bench, 1, 400, unit) == expected


@pytest.mark.case("TC_K_42_CS")
@pytest.mark.req("K08.FR.07")
@pytest.mark.parametrize(("supported", "asked"), [("A", "W"), ("W", "A")])
def test_tc_k_42_cs_unit_that_is_not_supported(version: str, supported: str, asked: str) -> None:
    bench = Bench(version, variables={"SmartChargingCtrlr.RateUnit": supported}).boot()
    answer = ask_composite(bench, 0, 300, asked)
    assert answer["status"] == "Rejected"
    assert "schedule" not in answer.payload


@pytest.mark.case("TC_K_47_CS")
@pytest.mark.req("K08.FR.05")
def test_tc_k_47_cs_unknown_evse(bench: Bench) -> None:
    answer = ask_composite(bench, 3, 300, "A")
    assert answer["status"] == "Rejected"
    assert "schedule" not in answer.payload


# --- K09 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(bench: Bench) -> Bench:
    """One profile of the station (1, level 0), one of EVSE 1 (2, level 1)."""
    install(bench, 0, (0, 20.0), profile_id=1, purpose=MAX)
    install(bench, 1, (0, 10.0), profile_id=2, level=1)
    return bench


@pytest.mark.case("TC_K_29_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.05")
def test_tc_k_29_cs_of_the_station(two: Bench) -> None:
    assert ids(reported(two, 0)) == [1]


@pytest.mark.case("TC_K_30_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.04")
def test_tc_k_30_cs_of_an_evse(two: Bench) -> None:
    assert ids(reported(two, 1)) == [2]


@pytest.mark.case("TC_K_31_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.06")
def test_tc_k_31_cs_wherever(two: Bench) -> None:
    assert ids(reported(two)) == [1, 2]


@pytest.mark.case("TC_K_32_CS")
@pytest.mark.req("K09.FR.01", "K09.FR.02")
def test_tc_k_32_cs_by_id(two: Bench) -> None:
    assert ids(reported(two, chargingProfileId=[1])) == [1]


@pytest.mark.case("TC_K_33_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.04")
def test_tc_k_33_cs_by_level(two: Bench) -> None:
    assert ids(reported(two, 1, stackLevel=1)) == [2]
    assert ids(reported(two, 1, stackLevel=0)) == []


@pytest.mark.case("TC_K_34_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.04")
def test_tc_k_34_cs_by_source(two: Bench) -> None:
    assert ids(reported(two, 1, chargingLimitSource=["CSO"])) == [2]
    assert ids(reported(two, 1, chargingLimitSource=["SO"])) == []


@pytest.mark.case("TC_K_35_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.04")
def test_tc_k_35_cs_by_purpose(two: Bench) -> None:
    states.energy_transfer_started(two)
    assert ids(reported(two, 1, chargingProfilePurpose="TxDefaultProfile")) == [2]


@pytest.mark.case("TC_K_36_CS")
@pytest.mark.req("K09.FR.02", "K09.FR.04")
def test_tc_k_36_cs_by_purpose_and_level(version: str) -> None:
    bench = Bench(version).boot()
    install(bench, 0, (0, 20.0), profile_id=1, purpose=MAX, level=1)
    install(bench, 1, (0, 10.0), profile_id=2, level=1)
    assert ids(reported(bench, 1, chargingProfilePurpose="TxDefaultProfile", stackLevel=1)) == [2]
