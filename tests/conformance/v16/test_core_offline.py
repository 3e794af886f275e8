"""Sessions while the Central System cannot be reached (§2.14)."""

import itertools
from datetime import datetime

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, Step, expect, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


@pytest.mark.case("TC_036_CS")
def test_tc_036_cs_connection_lost_during_a_transaction(bench: Bench) -> None:
    s.configured(bench, MeterValueSampleInterval=10)
    s.charging(bench)
    bench.run(12)
    bench.disconnect()
    bench.csms.forget()
    bench.run(45)
    bench.connect()
    bench.run(20)
    came = [request for request in bench.csms.requests if request.action != "Heartbeat"]
    assert [request.action for request in came] == ["MeterValues"] * len(came)
    assert all(request["transactionId"] == 1001 for request in came)
    moments = [datetime.fromisoformat(request["meterValue"][0]["timestamp"]) for request in came]
    assert len(moments) >= 6  # four of the outage, two since
    for before, later in itertools.pairwise(moments):
        assert (later - before).total_seconds() == pytest.approx(10, abs=0.2)


def _offline_start(bench: Bench, **keys: object) -> None:
    """A card that the station knows starts a transaction offline; then the connection is back."""
    s.configured(
        bench,
        LocalAuthorizeOffline=True,
        LocalAuthListEnabled=True,
        AuthorizationCacheEnabled=True,
        AllowOfflineTxForUnknownId=True,
        **keys,
    )
    s.id_tag_cached(bench)
    s.id_tag_in_local_list(bench)
    bench.disconnect()
    bench.run(5)
    bench.plug_in()
    bench.tap(TAG)
    bench.run(20)
    assert bench.evse().contactor_closed
    assert not bench.csms.requests


START = Step("StartTransaction", connectorId=1, idTag=TAG)


@pytest.mark.case("TC_037_1_CS")
def test_tc_037_1_cs_offline_start_valid(bench: Bench) -> None:
    _offline_start(bench)
    bench.connect()
    expect(bench, (START, status("Charging")), then_second=30)
    assert bench.evse().contactor_closed


@pytest.mark.case("TC_037_2_CS")
def test_tc_037_2_cs_offline_start_invalid_suspends(bench: Bench) -> None:
    _offline_start(bench, StopTransactionOnInvalidId=False, MaxEnergyOnInvalidId=0)
    bench.csms.tokens[TAG] = {"status": "Invalid"}
    bench.connect()
    expect(bench, (START, status("Charging")), *_conflict(status("SuspendedEVSE")), then_second=30)
    assert not bench.evse().contactor_closed


@pytest.mark.case("TC_037_3_CS")
def test_tc_037_3_cs_offline_start_invalid_stops(bench: Bench) -> None:
    _offline_start(bench, StopTransactionOnInvalidId=True, MaxEnergyOnInvalidId=0)
    bench.csms.tokens[TAG] = {"status": "Invalid"}
    bench.connect()
    stop = Step("StopTransaction", transactionId=1002, reason="DeAuthorized")
    expect(bench, (START, status("Charging")), *_conflict(stop, status("Finishing")), then_second=30)
    assert not bench.evse().contactor_closed


def _conflict(*steps: Step) -> list[tuple[Step, ...]]:
    """The list has said otherwise, which the CSMS is told as well (§3.5.2), in whatever order with these."""
    return [(status("Available", 0, errorCode="LocalListConflict"), *steps)]


@pytest.mark.case("TC_038_CS")
def test_tc_038_cs_offline_stop(bench: Bench) -> None:
    s.charging(bench)
    bench.disconnect()
    bench.run(5)
    bench.tap(TAG)
    bench.run(5)
    assert not bench.evse().contactor_closed
    bench.connect()
    stop = Step("StopTransaction", transactionId=1001, idTag=TAG, reason={"Local", None})
    expect(bench, (stop, status("Finishing")))


@pytest.mark.case("TC_039_CS")
def test_tc_039_cs_offline_transaction(bench: Bench) -> None:
    _offline_start(bench)
    bench.tap(TAG)
    bench.run(5)
    bench.unplug()
    bench.connect()
    start, stop = expect(bench, START, Step("StopTransaction", transactionId=1002, idTag=TAG, reason={"Local", None}))
    assert stop["meterStop"] > start["meterStart"]
    assert stop["timestamp"] > start["timestamp"]
