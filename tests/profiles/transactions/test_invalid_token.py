"""The CSMS does not accept the token of a running transaction (E05; C15)."""

from typing import Any

import pytest

from tests.conformance import states
from tests.support.bench import Bench

STARTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed")


def bench_with(
    version: str, *, start: str = "PowerPathClosed", stop: str, sockets: bool = False, **variables: object
) -> Bench:
    """A station; the CSMS accepts the token, and refuses it as soon as it is told of the transaction."""
    points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    bench = Bench(version, sockets=sockets, variables={**points, **variables}).boot()

    def event(_csms: Any, payload: dict[str, Any]) -> dict[str, Any]:
        return {"idTokenInfo": {"status": "Blocked"}} if "idToken" in payload else {}

    bench.csms.handlers["TransactionEvent"] = event
    return bench


def begin(bench: Bench) -> None:
    """Card and cable, and the first events."""
    bench.evse().occupy_bay()
    bench.plug_in()
    bench.tap()
    bench.run(0.2)


def events(bench: Bench) -> list[tuple[str, str, str | None]]:
    """What was told: kind, trigger, charging state."""
    return [
        (r["eventType"], r["triggerReason"], r["transactionInfo"].get("chargingState"))
        for r in bench.csms.log
        if r.action == "TransactionEvent"
    ]


@pytest.mark.req("E05.FR.09", "E05.FR.04")
@pytest.mark.parametrize("stop", ["EVConnected", "ParkingBayOccupancy"])
def test_the_authorization_ends_and_the_transaction_does_not(version2: str, stop: str) -> None:
    bench = bench_with(version2, stop=stop, **{"TxCtrlr.StopTxOnInvalidId": True})
    begin(bench)
    bench.run(10)
    assert events(bench)[-1] == ("Updated", "Deauthorized", "EVConnected")
    assert not bench.evse().contactor_closed
    numbers = [r["seqNo"] for r in bench.csms.log if r.action == "TransactionEvent"]
    assert numbers == list(range(len(numbers)))
    bench.unplug()
    bench.evse().leave_bay()
    bench.run(1)
    ended = bench.csms.log[-2] if bench.csms.log[-1].action == "StatusNotification" else bench.csms.log[-1]
    assert ended["eventType"] == "Ended"
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"


@pytest.mark.req("E05.FR.10")
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_the_transaction_ends(version2: str, start: str, stop: str) -> None:
    bench = bench_with(version2, start=start, stop=stop, **{"TxCtrlr.StopTxOnInvalidId": True})
    begin(bench)
    bench.run(10)
    assert events(bench)[-1][:2] == ("Ended", "Deauthorized")
    ended = [r for r in bench.csms.log if r.action == "TransactionEvent"][-1]
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    assert not bench.evse().contactor_closed


@pytest.mark.req("E05.FR.02", "E05.FR.04")
def test_energy_stops_at_once_and_the_transaction_goes_on(version2: str) -> None:
    bench = bench_with(
        version2,
        stop="Authorized",
        **{"TxCtrlr.StopTxOnInvalidId": False, "TxCtrlr.MaxEnergyOnInvalidId": 0},
    )
    begin(bench)
    bench.run(5)
    assert events(bench)[-1] == ("Updated", "ChargingStateChanged", "SuspendedEVSE")
    assert not any(trigger == "Deauthorized" for _kind, trigger, _state in events(bench))
    assert not bench.evse().contactor_closed
    bench.tap()
    bench.run(1)
    ended = [r for r in bench.csms.log if r.action == "TransactionEvent"][-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "StopAuthorized")
    assert ended["transactionInfo"]["stoppedReason"] == "Local"


@pytest.mark.req("E05.FR.03", "E05.FR.02")
@pytest.mark.parametrize("interval", [0, 60])
def test_energy_stops_when_the_allowance_is_used_up(version2: str, interval: int) -> None:
    """Whether values are sampled has nothing to do with it."""
    bench = bench_with(
        version2,
        stop="Authorized",
        **{
            "TxCtrlr.StopTxOnInvalidId": False,
            "TxCtrlr.MaxEnergyOnInvalidId": 400,
            "SampledDataCtrlr.TxUpdatedInterval": interval,
        },
    )
    begin(bench)
    bench.run(60)
    assert bench.evse().contactor_closed
    bench.run(600)
    assert not bench.evse().contactor_closed
    assert 399 <= bench.evse().imported_watt_hour <= 402
    assert [e for e in events(bench) if e[1] == "ChargingStateChanged"][-1][2] == "SuspendedEVSE"


@pytest.mark.req("E05.FR.11")
def test_the_cable_is_kept_for_its_owner(version2: str) -> None:
    bench = bench_with(version2, stop="Authorized", sockets=True, **{"TxCtrlr.StopTxOnInvalidId": True})
    begin(bench)
    bench.run(5)
    assert not bench.evse().contactor_closed
    assert bench.evse().bolt(1).locked
    bench.tap("SOMEBODY")
    bench.run(2)
    assert bench.evse().bolt(1).locked
    bench.tap()
    bench.run(1)
    assert not bench.evse().bolt(1).locked
    assert not bench.evse().contactor_closed


def test_the_operator_gets_a_kept_cable_too(version2: str) -> None:
    """What the CSMS unlocks is not kept any longer."""
    bench = bench_with(version2, stop="Authorized", sockets=True, **{"TxCtrlr.StopTxOnInvalidId": True})
    begin(bench)
    bench.run(5)
    assert bench.call("UnlockConnector", evseId=1, connectorId=1)["status"] == "Unlocked"
    bench.unplug()
    bench.run(1)
    bench.csms.handlers["TransactionEvent"] = lambda _csms, _payload: {}
    bench.plug_in()
    bench.tap("SOMEBODY")
    bench.run(3)
    assert bench.evse().contactor_closed


def test_what_is_said_of_an_earlier_token_changes_nothing(version2: str) -> None:
    """The answer comes when the session is another's already."""
    bench = Bench(version2, variables={"TxCtrlr.TxStopPoint": "Authorized"}).boot()
    states.energy_transfer_started(bench)
    bench.csms.handlers["TransactionEvent"] = lambda _csms, payload: (
        {"idTokenInfo": {"status": "Invalid"}} if payload["eventType"] == "Ended" else {}
    )
    bench.tap()
    bench.run(1)
    bench.tap("OTHER")
    bench.run(5)
    assert bench.evse().contactor_closed
