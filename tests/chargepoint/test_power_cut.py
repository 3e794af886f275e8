"""The power is cut at every write of a session; what the central system has received in the end must be the session, once."""

import contextlib
import json
from typing import Any

import pytest

from chargepoint.station.timers import SimulatedTime
from tests.chargepoint.store.power import CuttingStore, Disk, PowerCut, PowerSupply, strokes_of
from tests.support.bench import Bench
from tests.support.csms import Received
from tests.support.meters import PolledMeters

VERSIONS = ("1.6", "2.0.1", "2.1")
VARIABLES: dict[str, object] = {"SampledDataCtrlr.TxUpdatedInterval": 30}
RESUMING: dict[str, object] = {"TxCtrlr.ResumptionTimeout": 604_800, "TxCtrlr.AllowEnergyTransferResumption": True}


class Session:
    """A session on one station, up to the cut. offline: the link is away from the tap on, until the station has been started again.

    polled: the meter has to be waited for, and the contactor takes a moment.
    """

    def __init__(self, version: str, supply: PowerSupply, *, offline: bool = False, polled: bool = False) -> None:
        self._polled = polled
        self.disk = Disk()
        self.log: list[Received] = []
        self.register = 0.0
        self.bench: Bench | None = None
        with contextlib.suppress(PowerCut):
            self._run(version, supply, offline=offline)
        if self.bench is not None:
            self.log += self.bench.csms.log
            self.register = self.bench.evse().imported_watt_hour

    def _run(self, version: str, supply: PowerSupply, *, offline: bool) -> None:
        board = {"open_delay_second": 0.2, "feedback_timeout_second": 1.0} if self._polled else None
        bench = self.bench = Bench(version, store=CuttingStore(self.disk, supply), variables=VARIABLES, board=board)
        if self._polled:
            meters = PolledMeters(bench.hardware, bench.timers)
            bench.station.hardware = meters
        bench.connect()
        bench.run(1)
        bench.tap("CARD")  # the CSMS is asked now, so that the card is known offline
        bench.plug_in()
        bench.run(35)
        if offline:
            bench.disconnect()
        bench.run(65)
        bench.tap("CARD")
        bench.run(1)
        bench.unplug()
        bench.run(1)
        if offline:
            bench.connect()
            bench.run(5)

    def restarted(self, version: str, **options: Any) -> Bench:
        """The station after the power has come back: the car is gone, the meter stands where it stood."""
        time = SimulatedTime(5000.0)
        options.setdefault("variables", VARIABLES)
        bench = Bench(version, store=CuttingStore(self.disk), time=time, boot=self.disk.boot, **options)
        bench.evse().meter.set_register(self.register)
        return bench


def told(log: list[Received]) -> list[tuple[str, dict[str, Any]]]:
    """What the central system knows in the end: a message that came twice with the same content counts once."""
    seen: dict[str, tuple[str, dict[str, Any]]] = {}
    for request in log:
        seen.setdefault(
            json.dumps([request.action, request.payload], sort_keys=True, default=str),
            (request.action, request.payload),
        )
    return list(seen.values())


def check_2(log: list[Received]) -> None:
    events: dict[str, list[dict[str, Any]]] = {}
    for action, payload in told(log):
        if action == "TransactionEvent":
            events.setdefault(payload["transactionInfo"]["transactionId"], []).append(payload)
    for transaction in events.values():
        meanings: dict[int, set[tuple[str, str, str]]] = {}
        for event in transaction:
            meaning = (event["eventType"], event["triggerReason"], event["timestamp"])
            meanings.setdefault(event["seqNo"], set()).add(meaning)
        assert sorted(meanings) == list(range(len(meanings)))
        assert all(len(found) == 1 for found in meanings.values()), f"one number, two meanings: {meanings}"
        kinds = [next(iter(meanings[number]))[0] for number in sorted(meanings)]
        assert kinds == ["Started", *["Updated"] * (len(kinds) - 2), "Ended"]
        energies = [
            sample["value"]
            for event in sorted(transaction, key=lambda event: event["seqNo"])
            for value in event.get("meterValue", ())
            for sample in value["sampledValue"]
            if event["eventType"] != "Ended" and sample.get("measurand") == "Energy.Active.Import.Register"
        ]
        assert energies == sorted(energies)


def check_16(log: list[Received]) -> None:
    starts, stops = [], []
    for action, payload in told(log):
        if action == "StartTransaction":
            starts.append((payload["idTag"], payload["timestamp"], payload["meterStart"]))
        elif action == "StopTransaction":
            stops.append(payload)
    assert len(starts) == len(set(starts))
    assert len(stops) == len(starts), f"{len(starts)} starts, {len(stops)} stops"
    for stop in stops:
        assert stop["transactionId"] > 0
        assert stop["meterStop"] >= min(start[2] for start in starts)


@pytest.mark.parametrize("offline", [False, True], ids=["online", "offline"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_bill_survives_a_cut_at_every_write(version: str, offline: bool) -> None:
    strokes = strokes_of(lambda supply: Session(version, supply, offline=offline))
    assert strokes > 20
    billed = 0
    for cut in range(strokes):
        session = Session(version, PowerSupply(cut), offline=offline)
        bench = session.restarted(version)
        assert not bench.evse().contactor_closed
        bench.connect()
        bench.run(400)
        log = session.log + bench.csms.log
        (check_16 if version == "1.6" else check_2)(log)
        assert bench.outbox.queued == 0
        billed += any(request.action in ("StartTransaction", "TransactionEvent") for request in log)
    assert strokes > billed > strokes // 2


@pytest.mark.parametrize("version", VERSIONS)
def test_the_bill_survives_a_cut_while_the_last_register_is_waited_for(version: str) -> None:
    strokes = strokes_of(lambda supply: Session(version, supply, polled=True))
    waited = 0
    for cut in range(strokes):
        session = Session(version, PowerSupply(cut), polled=True)
        waited += session.bench is not None and session.bench.station.closing.waits()
        bench = session.restarted(version)
        bench.connect()
        bench.run(400)
        (check_16 if version == "1.6" else check_2)(session.log + bench.csms.log)
        assert bench.outbox.queued == 0
        assert not bench.station.closing.waits()
    assert waited


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_resumed_where_that_is_configured(version: str) -> None:
    strokes = strokes_of(lambda supply: Session(version, supply))
    resumed = 0
    for cut in range(strokes):
        session = Session(version, PowerSupply(cut))
        bench = session.restarted(version, variables=VARIABLES | RESUMING)
        was_open = bench.station.evses[0].transaction is not None
        bench.plug_in()  # the car stands there as before
        bench.connect()
        bench.run(60)
        if was_open:
            resumed += 1
            assert bench.evse().contactor_closed
            bench.tap("CARD")
        bench.run(60)
        bench.unplug()
        bench.run(400)
        assert not bench.evse().contactor_closed
        (check_16 if version == "1.6" else check_2)(session.log + bench.csms.log)
    assert resumed
