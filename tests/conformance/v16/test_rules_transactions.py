"""What the 1.6 text says of transactions beyond the cases: §3.7, §3.16, §4.7, §4.8, §4.10, §7.36 with errata 3.14–3.18, 3.54, 3.91."""

from collections.abc import Callable
from typing import Any

import pytest
from ocpp.exceptions import InternalError

from hal.fault import FaultName
from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, TAG_2, expect, status
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER, Received


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


# --- stop reasons (§7.36) ------------------------------------------------------------------------------------------------


def _call(action: str, **fields: Any) -> Callable[[Bench], object]:
    return lambda bench: bench.call(action, **fields)


def _deauthorize(bench: Bench) -> None:
    """The next card is refused in StartTransaction.conf."""
    bench.csms.handlers["StartTransaction"] = lambda csms, _payload: {
        "transactionId": next(csms.transaction_ids),
        "idTagInfo": {"status": "Blocked"},
    }


@pytest.mark.parametrize(
    ("deed", "reason", "id_tag"),
    [
        (lambda bench: bench.tap(TAG), "Local", TAG),
        (lambda bench: bench.evse().press_stop(), "Local", None),
        (lambda bench: bench.evse().unplug(), "EVDisconnected", None),
        (lambda bench: bench.evse().raise_fault(FaultName.EMERGENCY_STOP), "EmergencyStop", None),
        (lambda bench: bench.evse().raise_fault(FaultName.POWER_LOSS), "PowerLoss", None),
        (lambda bench: bench.evse().raise_fault(FaultName.GROUND_FAILURE), "Other", None),
        (_call("RemoteStopTransaction", transactionId=1001), "Remote", None),
        (_call("Reset", type="Hard"), "HardReset", None),
        (_call("Reset", type="Soft"), "SoftReset", None),
    ],
)
def test_the_reason_says_why(bench: Bench, deed: Callable[[Bench], object], reason: str, id_tag: str | None) -> None:
    """And an idTag is told where one has stopped it, not where the station had to (§4.10)."""
    s.charging(bench)
    deed(bench)
    stop = bench.expect("StopTransaction", transactionId=1001, reason=reason)
    assert stop.get("idTag") == id_tag
    bench.run(1)
    assert not bench.evse().contactor_closed
    bench.expect_none("StopTransaction", during=30)


def test_a_refused_token_is_deauthorized(bench: Bench) -> None:
    _deauthorize(bench)
    bench.plug_in()
    bench.tap(TAG)
    bench.expect("StopTransaction", reason="DeAuthorized")


@pytest.mark.parametrize(("boot_reason", "reason"), [("PowerUp", "PowerLoss"), ("Watchdog", "Reboot")])
def test_a_transaction_that_a_restart_has_cut_off_ends_with_its_cause(
    bench: Bench, boot_reason: str, reason: str
) -> None:
    s.charging(bench)
    bench.run(60)
    new = s.power_cycled(bench, boot_reason=boot_reason)
    new.run(10)
    new.expect("StopTransaction", transactionId=1001, reason=reason)
    new.expect_none("StopTransaction", "StartTransaction", during=60)


def test_a_soft_reset_waits_for_the_stop_to_be_delivered(bench: Bench) -> None:
    """§5.14: StopTransaction goes before the reset; what is not confirmed in time is kept for afterwards."""
    s.charging(bench)
    bench.csms.handlers["StopTransaction"] = lambda _csms, _payload: NO_ANSWER
    assert bench.call("Reset", type="Soft")["status"] == "Accepted"
    bench.expect("StopTransaction", reason="SoftReset")
    new = bench.restarted(within=120)
    new.connect()
    new.expect("BootNotification")
    new.expect("StopTransaction", transactionId=1001, reason="SoftReset", within=10)


def test_nothing_starts_between_a_reset_and_the_restart(bench: Bench) -> None:
    bench.plug_in()
    assert bench.call("Reset", type="Soft")["status"] == "Accepted"
    bench.tap(TAG)
    assert bench.call("RemoteStartTransaction", idTag=TAG)["status"] == "Rejected"
    assert not bench.csms.of("StartTransaction")


# --- the number of a transaction (§4.8, errata 3.16, 3.18, 3.54) ----------------------------------------------------------


def test_what_follows_waits_for_the_number(bench: Bench) -> None:
    """StartTransaction is not confirmed for a while: nothing of the transaction is sent with a guess."""
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: NO_ANSWER
    s.configured(bench, MeterValueSampleInterval=5, TransactionMessageAttempts=3, TransactionMessageRetryInterval=10)
    bench.plug_in()
    bench.tap(TAG)
    bench.run(20)
    assert not bench.csms.of("MeterValues")
    del bench.csms.handlers["StartTransaction"]
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: {
        "transactionId": 4711,
        "idTagInfo": {"status": "Accepted"},
    }
    bench.run(60)
    assert {request["transactionId"] for request in bench.csms.of("MeterValues")} == {4711}


def test_a_transaction_without_a_number_is_minus_one(bench: Bench) -> None:
    """Errata 3.18: when StartTransaction has been given up, what follows is sent with -1."""
    s.configured(bench, TransactionMessageAttempts=2, TransactionMessageRetryInterval=5, MeterValueSampleInterval=30)
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: InternalError("no")
    bench.plug_in()
    bench.tap(TAG)
    bench.run(65)
    assert len(bench.csms.of("StartTransaction")) == 2
    bench.tap(TAG)
    bench.run(5)
    assert {request["transactionId"] for request in bench.csms.of("MeterValues")} == {-1}
    bench.expect("StopTransaction", transactionId=-1)


def test_a_remote_stop_of_minus_one_stops_nobody(bench: Bench) -> None:
    s.charging(bench)
    assert bench.call("RemoteStopTransaction", transactionId=-1)["status"] == "Rejected"


def test_a_value_belongs_to_the_transaction_that_ran_when_it_was_taken() -> None:
    """Errata 3.16: each connector has its own; none outside a transaction."""
    bench = Bench("1.6", evses=3).boot()
    s.configured(bench, ClockAlignedDataInterval=60, MeterValueSampleInterval=0)
    s.charging(bench, connector=1)
    s.charging(bench, connector=2, tag=TAG_2)
    bench.csms.forget()
    bench.run(61)
    numbers = {r["connectorId"]: r.get("transactionId") for r in bench.csms.of("MeterValues")}
    assert numbers == {1: 1001, 2: 1002, 3: None}


# --- order and failures (§3.7) -------------------------------------------------------------------------------------------


def _times(requests: list[Received]) -> list[float]:
    return [request.at for request in requests]


def test_a_message_that_cannot_be_processed_is_tried_again_and_then_given_up(bench: Bench) -> None:
    """§3.7.1's own example: 3 attempts, 60 s apart, then 120 s; then the next message."""
    s.configured(bench, TransactionMessageAttempts=3, TransactionMessageRetryInterval=60, MeterValueSampleInterval=0)
    s.charging(bench)
    bench.csms.handlers["StopTransaction"] = lambda _csms, _payload: InternalError("broken")
    bench.tap(TAG)
    bench.run(10)
    bench.tap(TAG_2)
    bench.run(400)
    first, second, third = _times(bench.csms.of("StopTransaction"))
    assert second - first == pytest.approx(60, abs=1)
    assert third - second == pytest.approx(120, abs=1)
    (start,) = [r for r in bench.csms.of("StartTransaction") if r["idTag"] == TAG_2]
    assert third <= start.at <= third + 1


def test_silence_is_a_failure_too(bench: Bench) -> None:
    """OCPP-J: a message without an answer has not been processed."""
    s.configured(bench, TransactionMessageAttempts=2, TransactionMessageRetryInterval=10, MeterValueSampleInterval=0)
    s.charging(bench)
    bench.csms.handlers["StopTransaction"] = lambda _csms, _payload: NO_ANSWER
    bench.tap(TAG)
    bench.run(300)
    assert len(bench.csms.of("StopTransaction")) == 2


def test_being_offline_is_no_failure(bench: Bench) -> None:
    s.configured(bench, TransactionMessageAttempts=1, MeterValueSampleInterval=0)
    s.charging(bench)
    for _ in range(3):
        bench.disconnect()
        bench.run(60)
        bench.connect()
        bench.run(1)
    bench.disconnect()
    bench.tap(TAG)
    bench.run(600)
    bench.connect()
    bench.expect("StopTransaction", transactionId=1001, reason="Local")


def test_new_transaction_messages_wait_for_the_queue_and_others_overtake_it(bench: Bench) -> None:
    """§3.7: chronological order; Authorize and StatusNotification may go first."""
    s.configured(bench, MeterValueSampleInterval=10)
    s.charging(bench)
    bench.disconnect()
    bench.run(600)
    bench.csms.latency = 0.2  # a slow line: the queue takes its time
    bench.connect()
    bench.run(1)
    bench.csms.forget()
    bench.tap(TAG)
    bench.run(1)
    bench.unplug()
    bench.plug_in()
    bench.tap(TAG_2)
    bench.run(60)
    actions = [request.action for request in bench.csms.requests]
    assert actions.index("Authorize") < actions.index("StopTransaction")
    assert actions.index("StopTransaction") < actions.index("StartTransaction")
    values = [i for i, r in enumerate(bench.csms.requests) if r.action == "MeterValues" and r["transactionId"] == 1001]
    assert max(values) < actions.index("StopTransaction")


# --- cable (§4.10) -------------------------------------------------------------------------------------------------------


def test_a_cable_that_is_kept_is_released_by_its_owner_alone() -> None:
    """§4.10: UnlockConnectorOnEVSideDisconnect false; errata 3.5: or by one of his group."""
    bench = Bench("1.6", sockets=True).boot()
    for tag in (TAG, TAG_2):
        bench.csms.tokens[tag] = {"status": "Accepted", "parentIdTag": s.PARENT}
    s.configured(bench, UnlockConnectorOnEVSideDisconnect=False)
    for owner in (TAG, TAG_2):
        s.charging(bench)
        bench.evse().detach_car()
        bench.run(5)
        bench.tap("04STRANGER")
        bench.run(5)
        assert bench.evse().bolt(1).locked
        bench.tap(owner)
        bench.run(5)
        assert not bench.evse().bolt(1).locked
        bench.unplug()
        bench.run(1)
        assert len(bench.csms.of("StartTransaction")) == 0
        bench.csms.forget()


def test_whoever_survives_a_disconnection_keeps_his_cable_and_goes_on() -> None:
    """§4.10: StopTransactionOnEVSideDisconnect false goes before UnlockConnectorOnEVSideDisconnect true."""
    bench = Bench("1.6", sockets=True).boot()
    s.configured(bench, StopTransactionOnEVSideDisconnect=False, UnlockConnectorOnEVSideDisconnect=True)
    s.charging(bench)
    car = bench.evse().car
    assert car is not None
    bench.evse().detach_car()
    expect(bench, status("SuspendedEV", info="EV side disconnected"), then_second=900)
    assert bench.evse().bolt(1).locked
    bench.plug_in(car=car)
    bench.run(15)
    assert s.statuses(bench)[1] == "Charging"
    assert bench.evse().contactor_closed
    assert not bench.csms.of("StopTransaction")
    assert not bench.csms.of("StartTransaction")


def test_the_cable_of_a_refused_token_stays_locked_until_he_is_back() -> None:
    """§3.5.4, errata 3.5."""
    bench = Bench("1.6", sockets=True).boot()
    _deauthorize(bench)
    bench.plug_in()
    bench.tap(TAG)
    bench.expect("StopTransaction", reason="DeAuthorized")
    bench.run(30)
    assert bench.evse().bolt(1).locked
    bench.tap(TAG_2)
    bench.run(5)
    assert bench.evse().bolt(1).locked
    bench.tap(TAG)
    bench.run(5)
    assert not bench.evse().bolt(1).locked
