"""Limits of the CSMS change the power that flows, when their time comes, in all versions."""

from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.cars import long_range_car
from tests.support.charging_profiles import clear, composite, install, transaction_of


def charging(version: str, **options: Any) -> Bench:
    """A station at which a car charges with all that it can have."""
    bench = Bench(version, **options).boot()
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(3)
    assert bench.evse().drawn_ampere == bench.evse().offered_ampere == 32.0
    bench.csms.forget()
    return bench


def states(bench: Bench) -> list[str]:
    """The charging states (2.x), or the connector's statuses (1.6), that were told."""
    if bench.version == "1.6":
        return [r["status"] for r in bench.csms.of("StatusNotification") if r["connectorId"] == 1]
    told = [r["transactionInfo"].get("chargingState") for r in bench.csms.of("TransactionEvent")]
    return [state for state in told if state is not None]


@pytest.mark.req("K01.FR.07", "K01.FR.32", "K01.FR.51", "K02.FR.02", "K03.FR.03")
def test_a_default_profile_limits_a_running_transaction(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), (60, 16.0), duration=120)
    bench.run(5)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(60)
    assert bench.evse().drawn_ampere == 16.0
    bench.run(60)
    assert bench.evse().drawn_ampere == 32.0


def test_a_default_profile_limits_transactions_to_come(version: str) -> None:
    bench = Bench(version, evses=2).boot()
    install(bench, 0, (0, 10.0))
    for evse_id in (1, 2):
        bench.plug_in(evse_id, long_range_car())
        bench.tap(f"T{evse_id}")
        bench.run(3)
        assert bench.evse(evse_id).drawn_ampere == 10.0


@pytest.mark.req("K01.FR.04", "K02.FR.04", "K02.FR.08")
def test_a_transaction_profile_overrules_the_default_while_it_lasts(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), profile_id=1)
    install(bench, 1, (0, 20.0), profile_id=2, purpose="TxProfile", duration=60, transaction=transaction_of(bench))
    bench.run(3)
    assert bench.evse().drawn_ampere == 20.0
    bench.run(60)
    assert bench.evse().drawn_ampere == (32.0 if version == "1.6" else 10.0)  # 1.6 §3.13.1: the default is for others


@pytest.mark.req("K02.FR.05")
def test_a_transaction_profile_ends_with_the_transaction(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), purpose="TxProfile", transaction=transaction_of(bench))
    bench.tap()
    bench.run(3)
    bench.unplug()
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(3)
    assert bench.evse().drawn_ampere == 32.0
    assert not list(bench.store.items("charging_profile"))


def test_zero_ampere_suspends_and_a_limit_resumes(version: str) -> None:
    """A limit of 0 is a limit; less than 6 A is nothing that a vehicle could use."""
    bench = charging(version)
    install(bench, 1, (0, 0.0), (60, 10.0), (120, 5.9))
    bench.run(10)
    assert bench.evse().drawn_ampere == 0
    assert states(bench)[-1] == "SuspendedEVSE"
    bench.run(60)
    assert bench.evse().drawn_ampere == 10.0
    assert states(bench)[-1] == "Charging"
    bench.run(60)
    assert bench.evse().drawn_ampere == 0
    assert states(bench)[-1] == "SuspendedEVSE"
    assert states(bench).count("SuspendedEVSE") == 2  # nothing flaps


@pytest.mark.req("K10.FR.05", "K10.FR.07")
def test_a_cleared_profile_limits_no_more(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0))
    bench.run(3)
    assert clear(bench, profile_id=1) == "Accepted"
    bench.run(3)
    assert bench.evse().drawn_ampere == 32.0


@pytest.mark.req("K01.FR.47", "K01.FR.49", "K01.FR.50")
@pytest.mark.parametrize(("phases", "ampere", "used"), [(None, 10.0, 3), (3, 10.0, 3), (1, 30.0, 1)])
def test_a_limit_in_watt_is_divided_by_voltage_and_phases(
    version: str, phases: int | None, ampere: float, used: int
) -> None:
    bench = charging(version)
    install(bench, 1, (0, 6900.0), unit="W", phases=phases)
    bench.run(10)
    assert bench.evse().drawn_ampere == pytest.approx(ampere)
    assert sum(bench.evse().electrics().watt) == pytest.approx(6900, rel=0.05)
    assert used == bench.station.evses[0].demanded[1]


@pytest.mark.req("K06.FR.01", "K07.FR.01")
def test_profiles_go_on_offline(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), (60, 16.0), profile_id=1)
    install(bench, 1, (0, 12.0), profile_id=2, purpose="TxProfile", duration=120, transaction=transaction_of(bench))
    bench.disconnect()
    bench.run(60)
    assert bench.evse().drawn_ampere == 12.0
    bench.run(61)
    assert bench.evse().drawn_ampere == (32.0 if version == "1.6" else 16.0)


@pytest.mark.req("K04.FR.02", "K06.FR.02")
def test_offline_without_profiles_nothing_limits(version: str) -> None:
    bench = charging(version)
    bench.disconnect()
    bench.run(60)
    assert bench.evse().drawn_ampere == 32.0


@pytest.mark.req("K01.FR.42")
def test_a_relative_schedule_counts_from_when_power_could_flow(version: str) -> None:
    """Not from when it was set, and not anew when it is paused."""
    bench = charging(version)
    bench.run(57)
    install(bench, 1, (0, 10.0), (100, 0.0), (130, 16.0), kind="Relative")
    bench.run(2)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(40)
    assert bench.evse().drawn_ampere == 0.0
    bench.run(30)
    assert bench.evse().drawn_ampere == 16.0


def test_a_relative_schedule_begins_with_each_transaction(version: str) -> None:
    bench = Bench(version).boot()
    install(bench, 1, (0, 10.0), (60, 16.0), kind="Relative")
    bench.run(1000)
    for _ in range(2):
        bench.plug_in(car=long_range_car())
        bench.tap()
        bench.run(5)
        assert bench.evse().drawn_ampere == 10.0
        bench.run(60)
        assert bench.evse().drawn_ampere == 16.0
        bench.tap()
        bench.run(3)
        bench.unplug()
        bench.run(5)


def test_a_schedule_follows_the_clock_that_the_csms_sets(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), (3600, 16.0))
    bench.run(3)
    assert bench.evse().drawn_ampere == 10.0
    bench.wall_offset += 3600  # the world's clock, as the CSMS tells it from now on
    bench.call("TriggerMessage", requestedMessage="Heartbeat")
    bench.run(5)
    assert bench.evse().drawn_ampere == 16.0


def test_a_relative_schedule_does_not_mind_the_clock(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), (1000, 16.0), kind="Relative")
    bench.wall_offset += 3600
    bench.call("TriggerMessage", requestedMessage="Heartbeat")
    bench.run(900)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(100)
    assert bench.evse().drawn_ampere == 16.0


@pytest.mark.req("K01.FR.13")
def test_a_daily_schedule_comes_every_day(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0), duration=3600, kind="Recurring", recurrence="Daily")
    for _ in range(2):
        bench.run(10)
        assert bench.evse().offered_ampere == 10.0
        bench.run(3600)
        assert bench.evse().offered_ampere == 32.0
        bench.run(86_400 - 3610)


@pytest.mark.req("K01.FR.27", "K06.FR.01")
def test_profiles_survive_a_power_cut(version: str) -> None:
    bench = charging(version)
    install(bench, 0, (0, 20.0), profile_id=1, purpose="ChargingStationMaxProfile")
    install(bench, 1, (0, 10.0), profile_id=2)
    bench.run(5)
    bench = bench.power_cut()
    bench.run(3)
    bench.connect()
    bench.run(5)
    assert composite(bench)[0] == (0, 10.0)
    assert sorted(key for key, _raw in bench.store.items("charging_profile")) == ["1", "2"]
    bench.unplug()
    bench.run(5)
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(5)
    assert bench.evse().drawn_ampere == 10.0


@pytest.mark.req("K01.FR.55")
@pytest.mark.parametrize("resumed", [True, False])
def test_a_transaction_profile_survives_with_its_transaction(version: str, resumed: bool) -> None:
    values = {"TxCtrlr.ResumptionTimeout": 600 if resumed else 0, "TxCtrlr.AllowEnergyTransferResumption": True}
    bench = charging(version, variables=values)
    install(bench, 1, (0, 10.0), (300, 12.0), purpose="TxProfile", kind="Relative", transaction=transaction_of(bench))
    bench.run(5)
    bench = bench.power_cut()
    bench.connect()
    bench.run(60)
    kept = len(list(bench.store.items("charging_profile")))
    assert kept == (1 if resumed else 0)
    if resumed:
        assert bench.evse().drawn_ampere == 10.0
        bench.run(300)
        assert bench.evse().drawn_ampere == 12.0  # it counts from when it began, not from the restart


def test_a_version_switch_keeps_profiles(version: str) -> None:
    bench = charging(version)
    install(bench, 1, (0, 10.0))
    bench.disconnect()
    bench.connect({"1.6": "2.1", "2.0.1": "1.6", "2.1": "2.0.1"}[version])
    bench.run(2)
    assert composite(bench)[0] == (0, 10.0)
    assert clear(bench, profile_id=1) == "Accepted"


def rate_changes(bench: Bench) -> int:
    return sum(r["triggerReason"] == "ChargingRateChanged" for r in bench.csms.of("TransactionEvent"))


@pytest.mark.req("K01.FR.61")
def test_a_significant_change_of_the_rate_is_told(version2: str) -> None:
    bench = charging(version2)
    install(bench, 1, (0, 20.0), (60, 19.0), (120, 10.0), (180, 0.0))
    bench.run(30)
    assert rate_changes(bench) == 1
    bench.run(60)
    assert rate_changes(bench) == 1  # 5 %
    bench.run(60)
    assert rate_changes(bench) == 2
    bench.run(60)
    assert rate_changes(bench) == 2  # that it is suspended is told as such


def test_a_board_that_cannot_switch_phases_keeps_them(version: str) -> None:
    bench = Bench(version, board={"switches_phases": False}).boot()
    install(bench, 1, (0, 6900.0), unit="W")
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(5)
    assert bench.evse().drawn_ampere == pytest.approx(10.0)
    assert bench.station.evses[0].demanded == (pytest.approx(10.0), 3)


def test_a_station_without_profiles_keeps_nothing_of_them(version: str) -> None:
    bench = charging(version)
    service = bench.station.smart_charging
    assert (service.installed, service._limiter, service._reports) == ((), None, ())


def test_an_idle_station_with_profiles_waits_for_nothing(version: str) -> None:
    """Whoever comes is reviewed then; until that no timer runs for it."""
    bench = Bench(version).boot()
    install(bench, 1, (0, 10.0), (60, 16.0), duration=3600, kind="Recurring", recurrence="Daily")
    assert bench.station.smart_charging._limiter is not None
    assert bench.station.smart_charging._limiter._timer is None
    bench.run(86_400 + 30)
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(5)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(60)
    assert bench.evse().drawn_ampere == 16.0
    bench.tap()
    bench.run(5)
    assert bench.station.smart_charging._limiter._timer is None


@pytest.mark.parametrize("kind", ["Relative", "Absolute"])
def test_in_1_6_a_limit_of_the_station_without_start_holds_from_when_it_was_set(kind: str) -> None:
    """Many central systems of 1.6 send nothing but a limit (§7.13)."""
    bench = charging("1.6", variables={"TxCtrlr.ResumptionTimeout": 600, "TxCtrlr.AllowEnergyTransferResumption": True})
    bench.run(100)
    install(bench, 0, (0, 10.0), (60, 16.0), purpose="ChargingStationMaxProfile", kind=kind, start=None)
    bench.run(30)
    assert bench.evse().drawn_ampere == 10.0
    bench = bench.power_cut()
    bench.connect()
    bench.run(20)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(20)
    assert bench.evse().drawn_ampere == 16.0


@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
def test_in_1_6_a_schedule_without_start_counts_from_the_start_of_charging(kind: str) -> None:
    """1.6 §7.13."""
    bench = Bench("1.6").boot()
    install(bench, 1, (0, 10.0), (60, 16.0), kind=kind, start=None)
    bench.run(500)
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(30)
    assert bench.evse().drawn_ampere == 10.0
    bench.run(40)
    assert bench.evse().drawn_ampere == 16.0


def test_a_dc_evse_takes_watt_as_watt(version: str) -> None:
    """The 6 A of IEC 61851-1 are for AC."""
    bench = Bench(version, board={"direct_current": True, "maximum_ampere": 125.0}).boot()
    (evse,) = bench.station.evses
    evse.supply, evse.voltage_volt, evse.maximum_ampere = "DC", 400.0, 125.0
    evse.connector.cable_ampere = None
    install(bench, 1, (0, 8_000.0), (60, 1_000.0), unit="W")
    assert composite(bench, 1, 300, "W") == [(0, 8_000.0), (60, 1_000.0)]
    assert composite(bench, 1, 300, None)[0] == (0, 8_000.0)
    bench.plug_in()
    bench.tap()
    bench.run(5)
    assert evse.demanded == (20.0, evse.phases)
    assert sum(bench.evse().electrics().watt) == pytest.approx(8_000, rel=0.1)
    bench.run(60)
    assert evse.demanded == (2.5, evse.phases)
