"""Block K in 2.1: what a profile may ask for, and this station does not have; what outlives a restart."""

from typing import Any

import pytest

from tests.conformance import states
from tests.support.bench import Bench
from tests.support.charging_profiles import composite, install, offer, profile, reported, transaction_of

MAX = "ChargingStationMaxProfile"


@pytest.fixture
def bench() -> Bench:
    return Bench("2.1", evses=2).boot()


def _refused(bench: Bench, reason: str, evse_id: int = 1, **fields: Any) -> None:
    """The profile is rejected for that reason, and not installed."""
    answer = offer(bench, evse_id, profile(bench, (0, 6.0), **fields))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert reported(bench, chargingProfileId=[1]) == []


@pytest.mark.case("TC_K_100_CS")
@pytest.mark.req("K01.FR.101", "K01.FR.102")
@pytest.mark.parametrize(("for_good", "back"), [(False, 6.0), (True, 10.0)])
def test_tc_k_100_cs_max_offline_duration(bench: Bench, for_good: bool, back: float) -> None:
    states.energy_transfer_started(bench)
    running = {"purpose": "TxProfile", "kind": "Relative", "transaction": transaction_of(bench)}
    install(bench, 1, (0, 10.0), profile_id=1)
    install(bench, 1, (0, 6.0), profile_id=2, maxOfflineDuration=30, invalidAfterOfflineDuration=for_good, **running)
    bench.run(5)
    bench.disconnect()
    bench.run(25)
    assert bench.evse().drawn_ampere == 6.0
    bench.run(10)
    assert bench.evse().drawn_ampere == 10.0
    bench.connect()
    bench.run(5)
    assert bench.evse().drawn_ampere == back
    assert composite(bench, 1, 60) == [(0, back)]


@pytest.mark.case("TC_K_105_CS")
@pytest.mark.req("K01.FR.27")
def test_tc_k_105_cs_profile_of_the_station_persists(bench: Bench) -> None:
    sent = install(bench, 0, (0, 20.0), purpose=MAX)
    bench = states.booted(bench)
    assert reported(bench, chargingProfileId=[1]) == [(0, sent)]


@pytest.mark.case("TC_K_130_CS")
@pytest.mark.req("K01.FR.120")
def test_tc_k_130_cs_priority_charging(bench: Bench) -> None:
    _refused(bench, "UnsupportedPurpose", purpose="PriorityCharging")


@pytest.mark.case("TC_K_131_CS")
@pytest.mark.req("K01.FR.120")
def test_tc_k_131_cs_local_generation(bench: Bench) -> None:
    _refused(bench, "UnsupportedPurpose", 0, purpose="LocalGeneration")


@pytest.mark.case("TC_K_132_CS")
@pytest.mark.req("K01.FR.123")
def test_tc_k_132_cs_local_time(bench: Bench) -> None:
    _refused(bench, "InvalidSchedule", schedule={"useLocalTime": True})


@pytest.mark.case("TC_K_133_CS")
@pytest.mark.req("K01.FR.124")
def test_tc_k_133_cs_randomized_delay(bench: Bench) -> None:
    _refused(bench, "InvalidSchedule", schedule={"randomizedDelay": 30})


@pytest.mark.case("TC_K_134_CS")
@pytest.mark.req("K01.FR.125")
def test_tc_k_134_cs_limit_at_soc(bench: Bench) -> None:
    _refused(bench, "InvalidSchedule", schedule={"limitAtSoC": {"soc": 80, "limit": 6.0}})


@pytest.mark.case("TC_K_135_CS")
@pytest.mark.req("K01.FR.126")
def test_tc_k_135_cs_evse_sleep(bench: Bench) -> None:
    period = {"startPeriod": 0, "limit": 0.0, "evseSleep": True}
    _refused(bench, "InvalidSchedule", schedule={"chargingSchedulePeriod": [period]})
