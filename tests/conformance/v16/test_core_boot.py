"""Cold boot, and power failures (§2.1, §2.13)."""

import itertools

import pytest

from tests.conformance import states16 as s
from tests.conformance.states import not_applicable
from tests.conformance.states16 import Step, expect, quiet, status
from tests.support.bench import Bench


def _heartbeats(bench: Bench, interval_second: int, *, count: int = 3) -> None:
    """Heartbeats come at this interval, and nothing else does."""
    bench.csms.forget()
    bench.run(count * interval_second + 5)
    assert bench.actions() == ["Heartbeat"] * count
    beats = [request.at for request in bench.csms.requests]
    assert all(later - before == pytest.approx(interval_second, abs=1) for before, later in itertools.pairwise(beats))
    bench.csms.forget()


@pytest.mark.case("TC_001_CS")
def test_tc_001_cs_cold_boot() -> None:
    bench = Bench("1.6", evses=2).boot()
    new = bench.power_cut()
    new.csms.boot_status, new.csms.boot_interval = "Rejected", 45
    new.connect()
    (first,) = expect(new, Step("BootNotification", chargePointVendor="Vendor", chargePointModel="Model"))
    quiet(new, during=40)
    assert not new.csms.of("Heartbeat")
    new.csms.boot_status, new.csms.boot_interval = "Accepted", 90
    came = expect(new, Step("BootNotification"), s.whole_status(new), within=10)
    assert came[0].at - first.at == pytest.approx(45, abs=1)
    assert all(request["errorCode"] == "NoError" for request in came[1:])
    _heartbeats(new, 90)


@pytest.mark.case("TC_002_CS")
def test_tc_002_cs_cold_boot_pending() -> None:
    bench = Bench("1.6").boot()
    new = bench.power_cut()
    new.csms.boot_status, new.csms.boot_interval = "Pending", 45
    new.connect()
    (first,) = expect(new, Step("BootNotification"))
    keys = {entry["key"]: entry for entry in new.call("GetConfiguration")["configurationKey"]}
    assert keys["MeterValueSampleInterval"] == {"key": "MeterValueSampleInterval", "readonly": False, "value": "60"}
    s.configured(new, MeterValueSampleInterval=20)
    quiet(new, during=35)
    assert not new.csms.of("Heartbeat")
    new.csms.boot_status, new.csms.boot_interval = "Accepted", 90
    came = expect(new, Step("BootNotification"), s.whole_status(new), within=15)
    assert came[0].at - first.at == pytest.approx(45, abs=1)
    assert s.configuration(new, "MeterValueSampleInterval") == "20"
    _heartbeats(new, 90)


@pytest.mark.case("TC_032_1_CS")
def test_tc_032_1_cs_power_failure_with_back_up_power() -> None:
    not_applicable("the Charge Point has no back-up power source")


@pytest.mark.case("TC_032_2_CS")
def test_tc_032_2_cs_power_failure_stops_the_transaction_afterwards() -> None:
    bench = Bench("1.6", evses=2).boot()
    s.charging(bench)
    bench.run(600)
    energy = bench.evse().imported_watt_hour
    new = s.power_cycled(bench)
    expect(new, Step("BootNotification"), s.whole_status(new, c1={"Preparing", "Finishing"}), then_second=0)
    stop, *_ = expect(
        new, Step("StopTransaction", transactionId=1001, reason="PowerLoss"), *_unless_told(new), then_second=30
    )
    assert stop["meterStop"] == pytest.approx(energy, abs=200)  # the register is stored once a minute at least
    assert s.statuses(new)[1] == "Finishing"
    assert not new.evse().contactor_closed


def _unless_told(bench: Bench) -> list[Step]:
    return [] if s.statuses(bench).get(1) == "Finishing" else [status("Finishing")]


@pytest.mark.case("TC_034_CS")
def test_tc_034_cs_unavailable_survives_a_power_failure() -> None:
    bench = Bench("1.6", evses=2).boot()
    s.charge_point_unavailable(bench)
    new = s.power_cycled(bench)
    unavailable = {f"c{n}": "Unavailable" for n in s.all_connectors(new)}
    expect(new, Step("BootNotification"), s.whole_status(new, **unavailable))
    new.plug_in()
    new.tap()
    new.run(5)
    assert not new.csms.of("StartTransaction")
    assert not new.evse().contactor_closed
