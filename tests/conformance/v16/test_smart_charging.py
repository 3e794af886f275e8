"""Smart charging (§2.22)."""

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, quiet
from tests.support.bench import Bench
from tests.support.charging_profiles import ask_composite, clear, composite, install, offer, profile, transaction_of

MAX = "ChargingStationMaxProfile"
SOONER_SECOND = 5
"""The configured maximum time deviation."""


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6", evses=2).boot()


@pytest.fixture(params=("A", "W"))
def unit(request: pytest.FixtureRequest) -> str:
    """The configured chargingRateUnit."""
    return str(request.param)


def limits(unit: str, *found: tuple[int, float]) -> list[tuple[int, float]]:
    """Periods of the document in the configured unit."""
    return [(start, limit if unit == "A" else limit * 1000) for start, limit in found]


# --- setting -----------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_056_CS")
def test_tc_056_cs_default_profile(bench: Bench, unit: str) -> None:
    install(bench, 1, *limits(unit, (0, 6)), unit=unit, phases=3, duration=300)
    assert composite(bench, 1, 300, unit) == limits(unit, (0, 6))
    quiet(bench, during=1)


@pytest.mark.case("TC_057_CS")
def test_tc_057_cs_profile_of_the_running_transaction(bench: Bench, unit: str) -> None:
    s.charging(bench)
    running = transaction_of(bench)
    install(
        bench, 1, *limits(unit, (0, 6)), unit=unit, phases=3, duration=300, purpose="TxProfile", transaction=running
    )
    assert composite(bench, 1, 300, unit) == limits(unit, (0, 6))
    bench.run(5)
    assert bench.evse().drawn_ampere == pytest.approx(6.0 if unit == "A" else 6000 / 690)


@pytest.mark.case("TC_058_1_CS")
def test_tc_058_1_cs_profile_of_no_transaction(bench: Bench) -> None:
    sent = profile(bench, (0, 6.0), purpose="TxProfile", transaction=1001)
    assert offer(bench, 1, sent)["status"] == "Rejected"
    quiet(bench, during=1)


@pytest.mark.case("TC_058_2_CS")
def test_tc_058_2_cs_profile_of_another_transaction(bench: Bench) -> None:
    s.charging(bench)
    sent = profile(bench, (0, 6.0), purpose="TxProfile", transaction=4)
    assert offer(bench, 1, sent)["status"] == "Rejected"
    bench.run(5)
    assert bench.evse().drawn_ampere == 16.0


@pytest.mark.case("TC_082_CS")
def test_tc_082_cs_default_profile_in_a_transaction(bench: Bench, unit: str) -> None:
    s.charging(bench)
    install(bench, 1, *limits(unit, (0, 6)), unit=unit, phases=3, duration=300)
    assert composite(bench, 1, 300, unit) == limits(unit, (0, 6))
    bench.run(5)
    assert bench.evse().drawn_ampere == pytest.approx(6.0 if unit == "A" else 6000 / 690)


# --- composite schedule, clearing, stacking -----------------------------------------------------------------------------


@pytest.mark.case("TC_066_CS")
def test_tc_066_cs_three_purposes_combined(bench: Bench, unit: str) -> None:
    s.charging(bench)
    ago = {"start": -SOONER_SECOND, "unit": unit, "phases": 3}
    install(bench, 0, *limits(unit, (0, 10)), profile_id=1, purpose=MAX, duration=86_400, **ago)
    valid = {**ago, "valid_from": -SOONER_SECOND, "valid_to": 401 - SOONER_SECOND}
    default = limits(unit, (0, 6), (60, 10), (120, 8), (180, 15), (260, 8))
    install(bench, 1, *default, profile_id=2, duration=300, **valid)
    own = limits(unit, (0, 8), (50, 11), (140, 16), (200, 6), (240, 12))
    running = transaction_of(bench)
    install(bench, 1, *own, profile_id=3, duration=260, purpose="TxProfile", transaction=running, **valid)
    assert composite(bench, 1, 400, unit) == limits(unit, (0, 8), (45, 10), (195, 6), (235, 10))


@pytest.mark.case("TC_067_CS")
def test_tc_067_cs_cleared_one_by_one(bench: Bench, unit: str) -> None:
    ago = {"start": -SOONER_SECOND, "unit": unit, "phases": 3}
    valid = {**ago, "valid_from": -SOONER_SECOND, "valid_to": 401 - SOONER_SECOND}
    install(bench, 1, *limits(unit, (0, 6), (60, 8), (200, 10)), profile_id=1, level=1, duration=400, **ago)
    install(bench, 1, *limits(unit, (0, 7), (100, 9)), profile_id=2, level=0, duration=400, **valid)
    install(bench, 0, *limits(unit, (0, 11), (200, 12)), profile_id=3, purpose=MAX, duration=86_400, **valid)
    assert clear(bench, profile_id=1) == "Accepted"
    assert composite(bench, 1, 350, unit) == limits(unit, (0, 7), (95, 9))
    assert clear(bench, purpose="TxDefaultProfile", level=0) == "Accepted"
    assert composite(bench, 1, 350, unit) == limits(unit, (0, 11), (195, 12))
    assert clear(bench) == "Accepted"
    assert composite(bench, 1, 350, unit) == [(0, 32.0 if unit == "A" else 32.0 * 690)]


@pytest.mark.case("TC_072_CS")
def test_tc_072_cs_stacked(bench: Bench, unit: str) -> None:
    ago = {"start": -SOONER_SECOND, "unit": unit, "phases": 3}
    valid = {**ago, "valid_from": -SOONER_SECOND, "valid_to": 401 - SOONER_SECOND}
    install(bench, 1, *limits(unit, (0, 6), (100, 8), (200, 10)), profile_id=1, level=0, duration=400, **valid)
    install(bench, 1, *limits(unit, (0, 7), (100, 9)), profile_id=2, level=1, duration=150, **valid)
    assert composite(bench, 1, 350, unit) == limits(unit, (0, 7), (95, 9), (145, 8), (195, 10))


# --- remote start --------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_059_CS")
def test_tc_059_cs_remote_start_with_profile(bench: Bench) -> None:
    sent = profile(bench, (0, 6.0), (100, 8.0), phases=3, duration=300, purpose="TxProfile")
    answer = bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1, chargingProfile=sent)
    assert answer["status"] == "Accepted"
    bench.plug_in()
    bench.expect("StartTransaction", idTag=TAG, connectorId=1)
    bench.run(3)
    assert bench.evse().drawn_ampere == 6.0
    found = composite(bench, 1, 280)
    assert [limit for _start, limit in found] == [6.0, 8.0]
    assert found[0][0] == 0
    assert 94 <= found[1][0] <= 97
    assert ask_composite(bench, 1, 280, "A")["chargingSchedule"]["duration"] == 280


@pytest.mark.case("TC_060_CS")
@pytest.mark.parametrize("purpose", ["TxDefaultProfile", MAX])
def test_tc_060_cs_remote_start_with_another_purpose(bench: Bench, purpose: str) -> None:
    sent = profile(bench, (0, 6.0), purpose=purpose)
    answer = bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1, chargingProfile=sent)
    assert answer["status"] == "Rejected"
    bench.plug_in()
    bench.expect_none("StartTransaction")
