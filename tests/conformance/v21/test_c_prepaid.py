"""Authorization with a prepaid card (C17). The cases of 2.1 are followed by title, purpose and use case."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conformance import states
from tests.support.bench import Bench

CARD = "PREPAID"
START_POINTS = ("Authorized", "PowerPathClosed", "EVConnected")
"""Authorization starts the transaction, comes before the cable, or comes into one that runs (scenarios 1, 3 and 2 of the use case)."""


class Account:
    """A prepaid account at the central system: the card is good for what is left, which is told once with each transaction."""

    def __init__(self, bench: Bench, balance: float) -> None:
        self.balance = balance
        self.spent = 0.0
        self.told = False
        self._bench = bench
        bench.csms.handlers["Authorize"] = lambda _csms, _payload: {"idTokenInfo": self._info()}
        bench.csms.handlers["TransactionEvent"] = self._event

    def _info(self) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._bench.wall(), UTC).isoformat()
        return {"status": "Accepted" if self.balance > 0 else "NoCredit", "cacheExpiryDateTime": now}

    def _event(self, _csms: object, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["eventType"] == "Ended":
            return {"totalCost": self.spent}
        answer: dict[str, Any] = {"totalCost": self.spent} if self.spent else {}
        if "idToken" in payload:
            answer["idTokenInfo"] = self._info()
            if self.balance > 0 and not self.told:
                self.told = True
                answer["transactionLimit"] = {"maxCost": self.balance}
        return answer

    def spend(self, cost: float) -> None:
        """The energy so far costs as much; the station is told."""
        self.spent = cost
        running = states.transaction_id(self._bench)
        assert self._bench.call("CostUpdated", totalCost=cost, transactionId=running).payload == {}


def make(start: str, stop: str = "Authorized,EVConnected") -> Bench:
    """A station with an authorization cache that asks nobody about whom it knows."""
    return Bench(
        "2.1",
        variables={
            "TxCtrlr.TxStartPoint": start,
            "TxCtrlr.TxStopPoint": stop,
            "AuthCacheCtrlr.Enabled": True,
            "AuthCtrlr.LocalPreAuthorize": True,
        },
    ).boot()


def events(bench: Bench) -> list[dict[str, Any]]:
    return [r.payload for r in bench.csms.log if r.action == "TransactionEvent"]


@pytest.mark.case("TC_C_103_CS")
@pytest.mark.req("C17.FR.04", "E16.FR.02", "E16.FR.03", "E16.FR.05", "E16.FR.15")
@pytest.mark.parametrize("first", ["cable", "card"])
@pytest.mark.parametrize("start", START_POINTS)
def test_tc_c_103_cs_success(start: str, first: str) -> None:
    bench = make(start)
    account = Account(bench, 12.5)
    if first == "cable":
        bench.plug_in()
        bench.tap(CARD)
    else:
        bench.tap(CARD)
        bench.plug_in()
    bench.expect("Authorize", idToken__idToken=CARD)
    bench.run(20)
    assert states.is_charging(bench)
    (told,) = [e for e in events(bench) if "idToken" in e]
    assert told["idToken"]["idToken"] == CARD
    (confirmed,) = [e for e in events(bench) if e["triggerReason"] == "LimitSet"]
    assert confirmed["transactionInfo"]["transactionLimit"] == {"maxCost": 12.5}
    for cost in (4.0, 12.49):
        account.spend(cost)
        bench.run(30)
        assert states.is_charging(bench)
    bench.csms.forget()
    account.spend(12.5)
    states.transaction_event(bench, eventType="Updated", trigger="CostLimitReached", state="SuspendedEVSE")
    bench.run(600)
    assert not states.is_charging(bench)
    bench.tap(CARD)  # his own card ends it, though nothing is left
    bench.run(1)
    assert events(bench)[-1]["eventType"] == "Ended"
    assert events(bench)[-1]["triggerReason"] == "StopAuthorized"


@pytest.mark.case("TC_C_104_CS")
@pytest.mark.req("C17.FR.05")
@pytest.mark.parametrize("first", ["cable", "card"])
@pytest.mark.parametrize("start", START_POINTS)
def test_tc_c_104_cs_no_credit(start: str, first: str) -> None:
    bench = make(start)
    account = Account(bench, 0.0)
    if first == "cable":
        bench.plug_in()
        bench.tap(CARD)
    else:
        bench.tap(CARD)
        bench.plug_in()
    bench.expect("Authorize", idToken__idToken=CARD)
    bench.run(60)
    assert not bench.evse().contactor_closed
    assert states.is_authorized(bench) is False
    assert not [e for e in events(bench) if "idToken" in e]
    begun = [e for e in events(bench) if e["eventType"] == "Started"]
    assert len(begun) == (1 if start == "EVConnected" else 0)
    assert not [e for e in events(bench) if e["eventType"] == "Ended"]
    assert {e["transactionInfo"].get("chargingState") for e in events(bench)} <= {"EVConnected", None}
    assert "There is not enough credit." in [d.get("text") for name, d in bench.events if name == "display"]
    account.balance = 5.0  # he has paid something in
    bench.tap(CARD)
    bench.expect("Authorize", idToken__idToken=CARD)
    bench.run(20)
    assert states.is_charging(bench)


@pytest.mark.req("C17.FR.04", "E16.FR.06")
def test_a_balance_that_is_used_up_ends_a_transaction_that_lives_by_energy() -> None:
    bench = make("PowerPathClosed", "EnergyTransfer,Authorized,EVConnected")
    account = Account(bench, 3.0)
    bench.plug_in()
    bench.tap(CARD)
    bench.run(20)
    account.spend(3.2)
    bench.run(1)
    last = events(bench)[-1]
    assert last["eventType"] == "Ended"
    assert last["triggerReason"] == "CostLimitReached"
    assert last["transactionInfo"]["stoppedReason"] == "LocalOutOfCredit"
    assert not bench.evse().contactor_closed


@pytest.mark.req("C17.FR.04", "C10.FR.13")
def test_the_balance_is_asked_for_each_time() -> None:
    """The card is not kept, so that what is left is known before each session."""
    bench = make("PowerPathClosed")
    account = Account(bench, 3.0)
    for _ in range(2):
        account.told = False
        bench.plug_in()
        bench.tap(CARD)
        bench.expect("Authorize", idToken__idToken=CARD)
        bench.run(20)
        assert states.is_charging(bench)
        bench.tap(CARD)
        bench.run(1)
        bench.unplug()
    account.balance = 0.0
    bench.plug_in()
    bench.tap(CARD)
    bench.run(20)
    assert not bench.evse().contactor_closed
