"""The limit of the station is never exceeded in total, whatever happens at its EVSEs, and is divided without oscillation."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hal.contract import PilotState
from hal.sim.car import Car
from hal.sim.history import Deed
from tests.support.bench import Bench
from tests.support.cars import long_range_car
from tests.support.charging_profiles import clear, install

MAX = "ChargingStationMaxProfile"


def station(version: str, evses: int = 2) -> Bench:
    return Bench(version, evses=evses).boot()


def come(bench: Bench, evse_id: int, car: Car | None = None) -> None:
    """A driver comes and charges."""
    bench.plug_in(evse_id, car or long_range_car())
    bench.tap(f"T{evse_id}")
    bench.run(10)


def go(bench: Bench, evse_id: int) -> None:
    """He goes."""
    bench.tap(f"T{evse_id}")
    bench.run(1)
    bench.unplug(evse_id)
    bench.run(10)


def drawn(bench: Bench) -> list[float]:
    return [round(bench.evse(e.id).drawn_ampere, 3) for e in bench.station.evses]


def offers(bench: Bench) -> int:
    """How many times a board was told another offer."""
    entries = [record.entry for evse in bench.station.evses for record in bench.evse(evse.id).history]
    return sum(isinstance(entry, Deed) and entry.name == "permit" for entry in entries)


@pytest.mark.req("K04.FR.01", "K04.FR.05")
def test_who_comes_shares_and_who_goes_leaves_his_part(version: str) -> None:
    bench = station(version)
    install(bench, 0, (0, 32.0), purpose=MAX)
    come(bench, 1)
    assert drawn(bench) == [32.0, 0.0]
    come(bench, 2)
    assert drawn(bench) == [16.0, 16.0]
    go(bench, 1)
    assert drawn(bench) == [0.0, 32.0]


def test_what_one_may_not_take_the_other_has(version: str) -> None:
    bench = station(version)
    install(bench, 0, (0, 32.0), purpose=MAX, profile_id=1)
    install(bench, 1, (0, 10.0), profile_id=2)
    come(bench, 1)
    come(bench, 2)
    assert drawn(bench) == [10.0, 22.0]


def test_who_comes_last_waits_when_there_is_not_enough_for_all(version: str) -> None:
    """Less than 6 A is nothing that a vehicle could use."""
    bench = station(version, 3)
    install(bench, 0, (0, 14.0), (600, 18.0), purpose=MAX)
    for evse_id in (2, 3, 1):
        come(bench, evse_id)
    assert drawn(bench) == [0.0, 7.0, 7.0]
    bench.run(600)
    assert drawn(bench) == [6.0, 6.0, 6.0]
    go(bench, 2)
    assert drawn(bench) == [9.0, 0.0, 9.0]


def test_zero_for_the_station_stops_all(version: str) -> None:
    bench = station(version)
    come(bench, 1)
    come(bench, 2)
    install(bench, 0, (0, 0.0), purpose=MAX)
    bench.run(10)
    assert drawn(bench) == [0.0, 0.0]
    assert clear(bench, purpose=MAX) == "Accepted"
    bench.run(10)
    assert drawn(bench) == [32.0, 32.0]


def test_watt_are_shared_as_watt(version: str) -> None:
    """A car on one phase leaves more for the other."""
    bench = station(version)
    install(bench, 0, (0, 13_800.0), purpose=MAX, unit="W", profile_id=1)
    install(bench, 1, (0, 10.0), phases=1, profile_id=2)
    come(bench, 1)
    come(bench, 2)
    assert drawn(bench) == [10.0, pytest.approx((13_800 - 2300) / 690, abs=0.1)]


def test_the_limit_counts_in_every_second_of_a_change(version: str) -> None:
    """A vehicle follows a lower offer within 5 s; so long nobody gains from it."""
    bench = station(version)
    install(bench, 0, (0, 32.0), purpose=MAX)
    come(bench, 1, Car(maximum_ampere=32.0, reaction_second=4.9, battery_watt_hour=2_000_000.0))
    bench.plug_in(2, long_range_car())
    bench.tap("T2")
    for _ in range(200):
        bench.run(0.1)
        assert sum(drawn(bench)) <= 32.0
    assert drawn(bench) == [16.0, 16.0]


def test_nothing_oscillates(version: str) -> None:
    """Hours of charging, a car that pauses, one that is full: each change has one answer."""
    bench = station(version)
    install(bench, 0, (0, 32.0), purpose=MAX)
    come(bench, 1)
    come(bench, 2)
    before = offers(bench)
    assert before >= 3  # 32 A, then 16 A for each
    for _ in range(20):
        bench.evse(1).set_pilot(PilotState.B)
        bench.run(30)
        bench.evse(1).set_pilot(None)
        bench.run(30)
    assert offers(bench) == before
    assert drawn(bench) == [16.0, 16.0]


def test_the_division_survives_a_power_cut(version: str) -> None:
    bench = Bench(
        version, evses=2, variables={"TxCtrlr.ResumptionTimeout": 600, "TxCtrlr.AllowEnergyTransferResumption": True}
    ).boot()
    install(bench, 0, (0, 14.0), purpose=MAX)
    come(bench, 2)
    come(bench, 1)
    bench = bench.power_cut()
    bench.connect()
    for _ in range(60):
        bench.run(1)
        assert sum(drawn(bench)) <= 14.0
    assert drawn(bench) == [7.0, 7.0]


# --- whatever happens --------------------------------------------------------------------------------------------------

deeds = st.lists(
    st.tuples(
        st.sampled_from(("come", "go", "limit", "default", "clear", "pause", "resume", "wait")),
        st.integers(1, 3),
        st.sampled_from((0.0, 5.0, 6.0, 10.0, 13.0, 20.0, 32.0, 100.0)),
    ),
    max_size=14,
)


@given(deeds)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_the_sum_of_all_is_never_more_than_the_limit(done: list[tuple[str, int, float]]) -> None:
    bench = station("2.0.1", 3)
    cap, since = 40.0, 0.0
    install(bench, 0, (0, cap), purpose=MAX, profile_id=1)
    present: set[int] = set()
    for deed, evse_id, ampere in done:
        _do(bench, deed, evse_id, ampere, present)
        if deed == "limit":
            cap, since = ampere, bench.time.now
        for _ in range(14):
            bench.run(0.5)
            demanded: list[Any] = [evse.demanded[0] or 0.0 for evse in bench.station.evses]
            assert sum(demanded) <= cap + 1e-6
            assert all(ampere == 0 or ampere >= 6.0 for ampere in demanded)
            if bench.time.now - since > 5.0:
                assert sum(drawn(bench)) <= cap + 1e-3


def _do(bench: Bench, deed: str, evse_id: int, ampere: float, present: set[int]) -> None:
    match deed:
        case "come" if evse_id not in present:
            present.add(evse_id)
            bench.plug_in(evse_id, long_range_car())
            bench.tap(f"T{evse_id}")
        case "go" if evse_id in present:
            present.discard(evse_id)
            bench.tap(f"T{evse_id}")
            bench.run(0.5)
            bench.unplug(evse_id)
        case "limit":
            install(bench, 0, (0, ampere), purpose=MAX, profile_id=1)
        case "default":
            install(bench, evse_id, (0, ampere), profile_id=1 + evse_id)
        case "clear":
            clear(bench, profile_id=1 + evse_id)
        case "pause" | "resume" if evse_id in present:
            bench.evse(evse_id).set_pilot(PilotState.B if deed == "pause" else None)
