"""A driver who was accepted without the central system, and whom it does not accept afterwards (C15, E05; 1.6 §3.5.4, §4.8)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.profiles.authorization.drivers import CARD, info
from tests.support.bench import Bench
from tests.support.csms import Received

FRIEND = "04FRIEND"
STRANGERS = {"AllowOfflineTxForUnknownId": True}


def charge_offline(bench: Bench, second: float, said: dict[str, Any] | None = None) -> float:
    """A stranger charges for a while, then the connection is back. Returns the meter's register at the start."""
    bench.disconnect()
    bench.plug_in()
    register = bench.evse().imported_watt_hour
    bench.tap(CARD)
    bench.run(second)
    assert bench.evse().contactor_closed
    bench.csms.forget()
    bench.csms.tokens[CARD] = said or {"status": "Blocked"}
    bench.connect()
    bench.run(3)
    return register


def events(bench: Bench) -> list[Received]:
    return [e for e in bench.csms.of("TransactionEvent") if not e["triggerReason"].startswith("MeterValue")]


@pytest.mark.req("C15.FR.02")
def test_a_transaction_that_the_central_system_accepts_afterwards_goes_on(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, variables=STRANGERS)
    charge_offline(bench, 60, info())
    assert bench.evse().contactor_closed
    assert events(bench)[0]["eventType"] == "Started"
    assert all(event.get("offline") for event in events(bench))


@pytest.mark.req("C15.FR.03")
def test_it_loses_the_authorization_where_that_is_no_stop_point(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, variables={**STRANGERS, "TxCtrlr.TxStopPoint": "EVConnected"})
    charge_offline(bench, 60)
    assert not bench.evse().contactor_closed
    last = [event for event in events(bench) if event["triggerReason"] == "Deauthorized"]
    assert [event["eventType"] for event in last] == ["Updated"]
    told = [e["transactionInfo"].get("chargingState") for e in events(bench)]
    assert told[-1] == "EVConnected"
    bench.csms.forget()
    bench.unplug()
    bench.run(1)
    assert events(bench)[-1]["transactionInfo"]["stoppedReason"] == "DeAuthorized"


@pytest.mark.req("C15.FR.04")
@pytest.mark.parametrize("point", ["Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_it_ends_where_that_is_a_stop_point(version2: str, make_bench: Callable[..., Bench], point: str) -> None:
    bench = make_bench(version2, variables={**STRANGERS, "TxCtrlr.TxStopPoint": point})
    charge_offline(bench, 60)
    assert not bench.evse().contactor_closed
    last = events(bench)[-1]
    assert (last["eventType"], last["triggerReason"]) == ("Ended", "Deauthorized")
    assert last["transactionInfo"]["stoppedReason"] == "DeAuthorized"


@pytest.mark.req("C15.FR.05")
@pytest.mark.parametrize("by", ["owner", "friend", "stranger"])
def test_the_cable_stays_locked_until_its_owner_comes(version: str, make_bench: Callable[..., Bench], by: str) -> None:
    """Or somebody of his group (1.6 errata 3.5). He does not begin anew by that."""
    bench = make_bench(version, sockets=True, variables=STRANGERS)
    group: dict[str, Any] = (
        {"parentIdTag": "FAMILY"} if version == "1.6" else {"groupIdToken": {"idToken": "FAMILY", "type": "Central"}}
    )
    bench.csms.tokens[FRIEND] = {"status": "Accepted", **(group if by == "friend" else {})}
    bench.csms.tokens[CARD] = {"status": "Accepted", **group}
    bench.tap(CARD)  # the station learns of the group
    bench.run(1)
    bench.tap(CARD)
    bench.run(1)
    charge_offline(bench, 60, {"status": "Blocked", **group})
    assert not bench.evse().contactor_closed
    assert bench.evse().bolt(1).locked
    bench.csms.tokens[CARD] = {"status": "Blocked"}
    bench.tap(CARD if by == "owner" else FRIEND)
    bench.run(5)
    assert bench.evse().bolt(1).locked is (by == "stranger")
    assert not bench.evse().contactor_closed


@pytest.mark.req("C15.FR.06")
@pytest.mark.parametrize("allowance", [0, 500])
def test_power_stops_at_once_when_nothing_is_left(
    version2: str, make_bench: Callable[..., Bench], allowance: int
) -> None:
    """There is no allowance, or more than that was taken while nobody could be asked."""
    bench = make_bench(
        version2,
        variables={**STRANGERS, "StopTransactionOnInvalidId": False, "MaxEnergyOnInvalidId": allowance},
    )
    register = charge_offline(bench, 600)
    assert bench.evse().imported_watt_hour - register > 500
    assert not bench.evse().contactor_closed
    last = events(bench)[-1]
    assert (last["eventType"], last["triggerReason"]) == ("Updated", "ChargingStateChanged")
    assert last["transactionInfo"]["chargingState"] == "SuspendedEVSE"


@pytest.mark.req("C15.FR.07")
def test_power_stops_when_the_allowance_is_used_up(version: str, make_bench: Callable[..., Bench]) -> None:
    """It counts from the start of the transaction."""
    bench = make_bench(
        version, variables={**STRANGERS, "StopTransactionOnInvalidId": False, "MaxEnergyOnInvalidId": 3000}
    )
    register = charge_offline(bench, 300)
    taken = bench.evse().imported_watt_hour - register
    assert 500 < taken < 2000
    assert bench.evse().contactor_closed
    bench.run(3600)
    assert not bench.evse().contactor_closed
    assert 3000 <= bench.evse().imported_watt_hour - register < 3050


def test_a_driver_on_an_allowance_ends_his_session_with_his_card(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(
        version2, variables={**STRANGERS, "StopTransactionOnInvalidId": False, "MaxEnergyOnInvalidId": 0}
    )
    charge_offline(bench, 60)
    bench.csms.forget()
    bench.tap(CARD)
    bench.run(1)
    last = events(bench)[-1]
    assert (last["eventType"], last["triggerReason"]) == ("Ended", "StopAuthorized")
    assert last["transactionInfo"].get("stoppedReason") in ("Local", None)
