"""What the CSMS learns of transactions under whatever drivers, lines and power supplies do, against a small model (E01–E17; 1.6 §4.8–4.10).

Rule 1   The numbers of a transaction's events are 0, 1, 2 … without a gap; it starts once, ends once, and nothing follows its end.
Rule 2   Power flows only where a driver is authorized, a vehicle asks and nothing is wrong.
Rule 3   The register never falls, within a transaction and from one to the next, and all energy that flowed is in some transaction.
Rule 4   Nothing is lost: when the CSMS can be reached at last, every transaction has been told from start to end.
"""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hal.fault import FaultName
from hal.sim.car import Car
from tests.support.bench import Bench
from tests.support.csms import CsmsDouble, Received

CARDS = ("ANNE", "BERT", "CARL")
POINTS_2X = (
    ("PowerPathClosed", "EVConnected,Authorized"),
    ("Authorized", "Authorized"),
    ("EVConnected", "EVConnected"),
    ("EnergyTransfer,PowerPathClosed", "EnergyTransfer"),
    ("EVConnected,Authorized", "EVConnected,Authorized"),
    ("PowerPathClosed", "PowerPathClosed"),
)
STEP_SECOND = 7.0
CLOCK_SECOND = 0.05
"""What the answer to the BootNotification corrects the station's clock by: the latency of the line."""


class Drivers(RuleBasedStateMachine):
    """One EVSE, three drivers, a line that breaks and a supply that fails. version: of OCPP."""

    version = "2.0.1"

    @initialize(
        points=st.sampled_from(POINTS_2X),
        stops=st.booleans(),
        resumes=st.booleans(),
        sockets=st.booleans(),
        interval=st.sampled_from([0, 20]),
    )
    def begin(self, points: tuple[str, str], stops: bool, resumes: bool, sockets: bool, interval: int) -> None:
        """A station somewhere."""
        variables: dict[str, object] = {
            "StopTransactionOnEVSideDisconnect": stops,
            "MeterValueSampleInterval": interval,
            "ConnectionTimeOut": 30,
            "AllowOfflineTxForUnknownId": True,
            "TxCtrlr.ResumptionTimeout": 300 if resumes else 0,
            "TxCtrlr.AllowEnergyTransferResumption": resumes,
        }
        if self.version != "1.6":
            variables["TxCtrlr.TxStartPoint"], variables["TxCtrlr.TxStopPoint"] = points
        self.bench = Bench(self.version, sockets=sockets, variables=variables).boot()
        self.log: list[Received] = []
        self.refused: set[str] = set()
        self.fault: FaultName | None = None
        self.car = Car()

    # --- what happens --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.bench.evse().car is None)
    @rule()
    def plug_in(self) -> None:
        """The car comes, or comes back to a cable that is still there."""
        self.bench.plug_in(car=self.car)

    @precondition(lambda self: self.bench.evse().car is not None)
    @rule(side=st.sampled_from(["vehicle", "both"]))
    def unplug(self, side: str) -> None:
        """The driver unplugs at the vehicle, or takes the cable along where nothing holds it."""
        evse = self.bench.evse()
        if side == "vehicle" or evse.bolt(1).locked:
            evse.detach_car()
        else:
            evse.unplug()

    @rule(card=st.sampled_from(CARDS))
    def tap(self, card: str) -> None:
        """A card at the reader."""
        self.bench.tap(card)

    @precondition(lambda self: self.bench.evse().car is None)
    @rule(card=st.sampled_from(CARDS), second=st.sampled_from([0.0, STEP_SECOND]))
    def charge(self, card: str, second: float) -> None:
        """What drivers mostly do."""
        self.plug_in()
        self.bench.tap(card)
        self.bench.run(second)

    @precondition(lambda self: self.bench.station.evses[0].authorization is not None)
    @rule()
    def tap_again(self) -> None:
        """The driver stops, with the card that started."""
        authorization = self.bench.station.evses[0].authorization
        assert authorization is not None
        self.bench.tap(authorization.token.value)

    @precondition(lambda self: self.bench.conversation is not None)
    @rule(card=st.sampled_from(CARDS))
    def remote_start(self, card: str) -> None:
        """The CSMS starts for a driver."""
        if self.version == "1.6":
            self.bench.csms.call("RemoteStartTransaction", idTag=card, connectorId=1)
        else:
            token = {"idToken": card, "type": "Central"}
            self.bench.csms.call("RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1)
        self.bench.run(0.5)

    @precondition(lambda self: self.bench.conversation is not None)
    @rule()
    def remote_stop(self) -> None:
        """The CSMS stops what runs."""
        transaction = self.bench.station.evses[0].transaction
        if transaction is None:
            return
        if self.version == "1.6":
            if transaction.csms_id is not None:
                self.bench.csms.call("RemoteStopTransaction", transactionId=transaction.csms_id)
        else:
            self.bench.csms.call("RequestStopTransaction", transactionId=transaction.id)
        self.bench.run(0.5)

    @precondition(lambda self: self.version == "2.1" and self.bench.conversation is not None)
    @rule(watt_hour=st.sampled_from([-1.0, 30.0, 1000.0]))
    def limit(self, watt_hour: float) -> None:
        """The CSMS limits what runs."""
        self.bench.csms.handlers["TransactionEvent"] = lambda _csms, _payload: {
            "transactionLimit": {"maxEnergy": watt_hour}
        }
        self.bench.csms.call("TriggerMessage", requestedMessage="TransactionEvent")
        self.bench.run(0.5)
        self.bench.csms.handlers["TransactionEvent"] = _event

    @precondition(lambda self: self.fault is None)
    @rule(name=st.sampled_from([FaultName.GROUND_FAILURE, FaultName.EMERGENCY_STOP]))
    def fault_comes(self, name: FaultName) -> None:
        """Something is wrong."""
        self.fault = name
        self.bench.evse().raise_fault(name)
        assert self.bench.station.evses[0].transaction is None
        assert self.bench.station.evses[0].authorization is None

    @precondition(lambda self: self.fault is not None)
    @rule()
    def fault_goes(self) -> None:
        """It is right again."""
        assert self.fault is not None
        self.bench.evse().clear_fault(self.fault)
        self.fault = None

    @rule()
    def vehicle_pauses_or_goes_on(self) -> None:
        """The car has its own mind."""
        plug = self.bench.evse().plug
        if plug is not None:
            (self.bench.evse().resume if plug.paused else self.bench.evse().pause)()

    @precondition(lambda self: self.bench.conversation is not None)
    @rule()
    def line_breaks(self) -> None:
        """The CSMS is away."""
        self.bench.disconnect()

    @precondition(lambda self: self.bench.conversation is None)
    @rule()
    def line_is_back(self) -> None:
        """And back."""
        self._connect()

    @rule(second=st.sampled_from([0.0, 5.0, 400.0]))
    def power_fails(self, second: float) -> None:
        """For some time; the station boots without a connection."""
        self._collect()
        self.bench.disconnect()
        self.bench.timers.powered = False
        self.bench.world.cut_power()
        self.bench.run(second)
        self.bench = self.bench.power_cut()
        self.bench.csms.transaction_ids = iter(range(5000 + len(self.log) * 10, 10**9))

    @rule(card=st.sampled_from(CARDS))
    def card_is_blocked_or_not(self, card: str) -> None:
        """The operator changes his mind about a driver."""
        self.refused ^= {card}
        self._tokens()

    @rule(second=st.sampled_from([STEP_SECOND, 45.0]))
    def time_passes(self, second: float) -> None:
        """Nothing happens."""
        self.bench.run(second)

    # --- what must hold --------------------------------------------------------------------------------------------------

    @invariant()
    def power_flows_only_where_it_may(self) -> None:
        """Rule 2."""
        if not hasattr(self, "bench") or not self.bench.evse().contactor_closed:
            return
        evse = self.bench.station.evses[0]
        assert evse.authorization is not None
        assert evse.plugged
        assert self.fault is None

    def teardown(self) -> None:
        """Rules 1, 3 and 4: everybody goes home, and the CSMS gets all that it has missed."""
        if not hasattr(self, "bench"):
            return
        if self.fault is not None:
            self.fault_goes()
        if self.bench.conversation is None:
            self._connect()
        self.bench.run(20)
        evse = self.bench.station.evses[0]
        if evse.authorization is not None:
            self.remote_stop()
        if evse.authorization is not None:
            self.bench.tap(evse.authorization.token.value)
        if self.bench.evse().car is not None:
            self.bench.evse().detach_car()
        self.bench.run(100)
        self._collect()
        assert evse.transaction is None
        assert not self.bench.evse().contactor_closed
        assert self.bench.outbox.queued == 0
        if self.version == "1.6":
            self._check_16()
        else:
            self._check_2x()

    def _check_2x(self) -> None:
        by_id: dict[str, dict[int, Received]] = {}
        for event in self.log:
            if event.action == "TransactionEvent":
                by_number = by_id.setdefault(event["transactionInfo"]["transactionId"], {})
                before = by_number.setdefault(event["seqNo"], event)
                assert _same(before, event), (before, event)
        energy, register = 0.0, 0.0
        for by_number in by_id.values():
            events = [by_number[number] for number in sorted(by_number)]
            assert sorted(by_number) == list(range(len(events)))
            kinds = [event["eventType"] for event in events]
            assert kinds[0] == "Started"
            assert kinds[-1] == "Ended"
            assert set(kinds[1:-1]) <= {"Updated"}
            values = [_register(value) for event in events[:-1] for value in event.get("meterValue", ())]
            values += [_register(value) for value in events[-1]["meterValue"][-1:]]
            assert values == sorted(values)
            first, *_, last = [_register(value) for value in events[-1]["meterValue"]]
            assert first >= register - 0.01
            energy, register = energy + last - first, last
            assert events[-1]["transactionInfo"].get("stoppedReason")
        assert energy == pytest.approx(self.bench.evse().imported_watt_hour, abs=0.5)

    def _check_16(self) -> None:
        starts = _distinct([r for r in self.log if r.action == "StartTransaction"])
        stops = _distinct([r for r in self.log if r.action == "StopTransaction"])
        assert len(starts) == len(stops)
        assert len({stop["transactionId"] for stop in stops}) == len(stops)
        energy, register = 0, 0
        for start, stop in zip(starts, stops, strict=True):
            assert register - 1 <= start["meterStart"] <= stop["meterStop"]
            register = stop["meterStop"]
            energy += stop["meterStop"] - start["meterStart"]
        assert energy == pytest.approx(self.bench.evse().imported_watt_hour, abs=len(starts) + 1)

    # --- the CSMS --------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.bench.connect()
        self._tokens()
        self.bench.run(1)

    def _tokens(self) -> None:
        for card in CARDS:
            status = "Blocked" if card in self.refused else "Accepted"
            self.bench.csms.tokens[card] = {"status": status}

    def _collect(self) -> None:
        self.log += self.bench.csms.log
        self.bench.csms.log.clear()


def _event(csms: CsmsDouble, payload: dict[str, Any]) -> dict[str, Any]:
    if "idToken" not in payload:
        return {}
    return {"idTokenInfo": csms.tokens.get(payload["idToken"]["idToken"], {"status": "Accepted"})}


def _register(value: dict[str, Any]) -> float:
    return next(float(s["value"]) for s in value["sampledValue"] if s["measurand"] == "Energy.Active.Import.Register")


def _same(one: Received, other: Received) -> bool:
    """A repetition has the same content, but for its being one, and for a time noted before the clock was right (ADR 2)."""
    return _timeless(one.payload) == _timeless(other.payload) and abs(_time(one) - _time(other)) < CLOCK_SECOND


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        dropped = (
            ("timestamp", "offline", "transactionId") if "transactionInfo" not in value else ("timestamp", "offline")
        )
        return {key: _timeless(each) for key, each in value.items() if key not in dropped}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


def _time(request: Received) -> float:
    return datetime.fromisoformat(request["timestamp"]).timestamp()


def _distinct(requests: list[Received]) -> list[Received]:
    """Without repetitions: 1.6 has no number to know them by, so by their content."""
    found: list[Received] = []
    for request in requests:
        if not any(_same(request, before) for before in found):
            found.append(request)
    return found


@pytest.mark.parametrize("spoken", ["1.6", "2.0.1", "2.1"])
def test_transactions_against_the_model(spoken: str) -> None:
    """Rules 1 to 4."""
    machine = type(f"Drivers{spoken.replace('.', '')}", (Drivers,), {"version": spoken})
    case = machine.TestCase
    case.settings = settings(
        max_examples=150,
        stateful_step_count=30,
        deadline=None,
        derandomize=False,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()
