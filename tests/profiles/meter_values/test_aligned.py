"""Clock-aligned values across what clocks do (J01)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conformance import states
from tests.support.bench import START_WALL, Bench
from tests.support.csms import CsmsDouble

INTERVAL = 900


def taken(bench: Bench) -> list[float]:
    """The times of the values that came, seconds since 1970."""
    return [datetime.fromisoformat(r["meterValue"][0]["timestamp"]).timestamp() for r in bench.csms.of("MeterValues")]


def bench_with(version: str, interval: int = INTERVAL, **variables: object) -> Bench:
    name = "ClockAlignedDataInterval" if version == "1.6" else "AlignedDataCtrlr.Interval"
    return Bench(version, variables={name: interval, **variables}).boot()


@pytest.mark.req("J01.FR.14")
@pytest.mark.parametrize("interval", [900, 1000, 7, 86_400, 50_000])
def test_every_value_is_at_a_multiple_from_midnight(version: str, interval: int) -> None:
    """An interval that does not divide the day begins anew at midnight (J §2.2)."""
    bench = bench_with(version, interval)
    bench.run(50 if interval == 7 else 3 * 86_400 if interval > 1000 else 100_000)
    times = taken(bench)
    assert times
    midnights = {int(t // 86_400) for t in times}
    for t in times:
        assert (t % 86_400) % interval == pytest.approx(0, abs=0.01)
    if len(midnights) > 1:
        assert any(t % 86_400 == pytest.approx(0, abs=0.01) for t in times)
    assert len(times) == len(set(times))


@pytest.mark.parametrize("step", [-3000.0, -100.0, 100.0, 3000.0])
def test_a_step_of_the_clock_realigns(version: str, step: float) -> None:
    """The CSMS says that it is another time: from then on values are at the multiples of that one."""
    bench = bench_with(version)
    bench.run(400)
    bench.wall_offset += step
    bench.run(301)  # the next heartbeat
    bench.csms.forget()
    bench.run(3 * INTERVAL)
    times = taken(bench)
    assert len(times) == 3
    for t in times:
        assert t % INTERVAL == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("drift", [-0.4, 0.4])
def test_a_drifting_clock_neither_repeats_nor_skips(version: str, drift: float) -> None:
    """Corrections of less than a second happen with every heartbeat."""
    bench = bench_with(version, 60)
    heartbeats = bench.csms.handlers["Heartbeat"]

    def drifting(csms: CsmsDouble, payload: dict[str, Any]) -> object:
        bench.wall_offset += drift
        return heartbeats(csms, payload)

    bench.csms.handlers["Heartbeat"] = drifting
    bench.run(7200)
    times = taken(bench)
    assert len(times) in (119, 120, 121)
    rounded = [round(t / 60) for t in times]
    assert rounded == list(range(rounded[0], rounded[0] + len(rounded)))
    for t in times:
        assert abs(t - round(t / 60) * 60) < 0.5


def test_no_value_bears_a_time_from_1970(version: str) -> None:
    """A station whose clock was wrong at boot corrects what it noted before it knew (traps: timestamps of 1970)."""
    bench = Bench(version, variables={"ClockAlignedDataInterval": 60})
    bench.clock._anchor_wall = 60.0
    bench.station.meter_values.align()
    bench.run(200)
    bench.connect()
    bench.run(130)
    times = taken(bench)
    assert len(times) >= 2
    assert all(t > START_WALL for t in times)


@pytest.mark.parametrize("interval", [0, 30])
def test_a_change_of_the_interval_holds_at_once(version2: str, interval: int) -> None:
    bench = bench_with(version2, 20)
    bench.run(50)
    bench.csms.forget()
    data = [
        {
            "component": {"name": "AlignedDataCtrlr"},
            "variable": {"name": "Interval"},
            "attributeValue": str(interval),
        }
    ]
    assert bench.call("SetVariables", setVariableData=data)["setVariableResult"][0]["attributeStatus"] == "Accepted"
    bench.csms.forget()
    bench.run(121)
    times = taken(bench)
    assert len(times) == (0 if interval == 0 else 4)
    assert all(t % 30 == pytest.approx(0, abs=0.01) for t in times)


@pytest.mark.req("J01.FR.19", "J01.FR.20", "J01.FR.22")
def test_between_transactions_and_during_one(version2: str) -> None:
    bench = bench_with(version2, 60, **{"SampledDataCtrlr.TxUpdatedInterval": 0})
    bench.run(61)
    assert bench.csms.of("MeterValues")
    states.energy_transfer_started(bench)
    bench.csms.forget()
    bench.run(121)
    assert [r["triggerReason"] for r in bench.csms.of("TransactionEvent")] == ["MeterValueClock"] * 2
    assert not bench.csms.of("MeterValues")
    states.parking_bay_unoccupied(bench)
    bench.csms.forget()
    bench.run(61)
    assert bench.csms.of("MeterValues")


def test_values_wait_for_the_csms(version: str) -> None:
    """Taken offline, delivered later, with the time at which they were taken."""
    bench = bench_with(version, 60)
    bench.disconnect()
    bench.run(200)
    bench.csms.forget()
    bench.connect()
    bench.run(3)
    times = taken(bench)
    assert len(times) == 3
    assert times == sorted(times)
    assert datetime.fromtimestamp(times[0], UTC).second == 0
