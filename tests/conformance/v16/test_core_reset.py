"""Hard and soft reset (§2.6)."""

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import Step, expect, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6", evses=2).boot()


def _reset_without_transaction(bench: Bench, kind: str) -> None:
    s.connector_unavailable(bench)
    assert bench.call("Reset", type=kind)["status"] == "Accepted"
    new = s.restarted(bench)
    expect(new, Step("BootNotification"), s.whole_status(new, c1="Unavailable"))
    assert new.call("ChangeAvailability", connectorId=1, type="Operative")["status"] == "Accepted"
    expect(new, status("Available"))


@pytest.mark.case("TC_013_CS")
def test_tc_013_cs_hard_reset_without_transaction(bench: Bench) -> None:
    _reset_without_transaction(bench, "Hard")


@pytest.mark.case("TC_014_CS")
def test_tc_014_cs_soft_reset_without_transaction(bench: Bench) -> None:
    _reset_without_transaction(bench, "Soft")


def _reset_with_transaction(bench: Bench, kind: str, reason: str) -> None:
    s.charging(bench)
    bench.run(60)
    bench.csms.forget()
    assert bench.call("Reset", type=kind)["status"] == "Accepted"
    stop, _finishing = expect(bench, (Step("StopTransaction", transactionId=1001, reason=reason), status("Finishing")))
    assert stop["meterStop"] == pytest.approx(bench.evse().imported_watt_hour, abs=5)
    assert not bench.evse().contactor_closed
    new = s.restarted(bench)
    expect(new, Step("BootNotification"), s.whole_status(new, c1={"Finishing", "Preparing"}), then_second=30)
    assert not new.evse().contactor_closed


@pytest.mark.case("TC_015_CS")
def test_tc_015_cs_hard_reset_with_transaction(bench: Bench) -> None:
    _reset_with_transaction(bench, "Hard", "HardReset")


@pytest.mark.case("TC_016_CS")
def test_tc_016_cs_soft_reset_with_transaction(bench: Bench) -> None:
    _reset_with_transaction(bench, "Soft", "SoftReset")
