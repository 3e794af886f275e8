"""Profiles of 2.1 that last only so long without the CSMS (K01.FR.101–FR.103)."""

import pytest

from tests.support.bench import Bench
from tests.support.cars import long_range_car
from tests.support.charging_profiles import install, reported


def charging(**fields: object) -> Bench:
    """A car charges under a profile of 10 A that lasts 60 s, and one of 16 A below it."""
    bench = Bench("2.1").boot()
    install(bench, 1, (0, 16.0), profile_id=1)
    install(bench, 1, (0, 10.0), profile_id=2, level=1, maxOfflineDuration=60, **fields)
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(3)
    assert bench.evse().drawn_ampere == 10.0
    return bench


@pytest.mark.req("K01.FR.101", "K01.FR.102")
def test_a_profile_is_not_valid_after_too_long_without_the_csms() -> None:
    bench = charging()
    bench.disconnect()
    bench.run(59)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(3)
    assert bench.evse().drawn_ampere == 16.0
    bench.connect()
    bench.run(3)
    assert bench.evse().drawn_ampere == 10.0


@pytest.mark.req("K01.FR.102")
def test_a_profile_that_is_over_stays_so() -> None:
    bench = charging(invalidAfterOfflineDuration=True)
    bench.disconnect()
    bench.run(63)
    bench.connect()
    bench.run(3)
    assert bench.evse().drawn_ampere == 16.0
    ((_evse_id, found),) = reported(bench, chargingProfileId=[2])
    assert (found["maxOfflineDuration"], found["invalidAfterOfflineDuration"]) == (60, True)
    bench = bench.power_cut()
    bench.connect()
    bench.run(5)
    bench.unplug()
    bench.run(5)
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(5)
    assert bench.evse().drawn_ampere == 16.0


def test_set_anew_it_is_valid_again() -> None:
    bench = charging(invalidAfterOfflineDuration=True)
    bench.disconnect()
    bench.run(63)
    bench.connect()
    install(bench, 1, (0, 10.0), profile_id=2, level=1, maxOfflineDuration=60)
    bench.run(3)
    assert bench.evse().drawn_ampere == 10.0


@pytest.mark.req("K01.FR.102")
def test_an_outage_that_is_short_enough_changes_nothing() -> None:
    bench = charging(invalidAfterOfflineDuration=True)
    for _ in range(3):
        bench.disconnect()
        bench.run(50)
        bench.connect()
        bench.run(5)
    assert bench.evse().drawn_ampere == 10.0


@pytest.mark.req("K01.FR.103")
def test_without_a_duration_no_outage_is_too_long() -> None:
    bench = Bench("2.1").boot()
    install(bench, 1, (0, 10.0))
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(3)
    bench.disconnect()
    bench.run(20_000)
    assert bench.evse().drawn_ampere == 10.0


def test_a_station_that_starts_without_the_csms_is_offline_from_then_on() -> None:
    bench = Bench("2.1", variables={"AllowOfflineTxForUnknownId": True}).boot()
    install(bench, 1, (0, 10.0), maxOfflineDuration=60)
    bench = bench.power_cut()
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(10)
    assert bench.evse().offered_ampere == 10.0
    bench.run(60)
    assert bench.evse().offered_ampere == 32.0


def test_it_is_advertised() -> None:
    bench = Bench("2.1").boot()
    for variable in (
        {"name": "SupportsFeature", "instance": "MaxOfflineDuration"},
        {"name": "SupportsMaxOfflineDuration"},
    ):
        query = {"component": {"name": "SmartChargingCtrlr"}, "variable": variable}
        (result,) = bench.call("GetVariables", getVariableData=[query])["getVariableResult"]
        assert result["attributeValue"] == "true"
