"""The last register of a transaction, with a meter that has to be waited for: it is that of after the contactor has opened."""

from datetime import datetime

import pytest

from hal.sim.contactor import ContactorMode
from profiles.catalogue import Capabilities
from tests.support.bench import Bench
from tests.support.csms import Received
from tests.support.meters import PUBLIC_KEY, PolledMeters

POINTS = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}
REGISTER = "Energy.Active.Import.Register"


def polled(version: str) -> tuple[Bench, PolledMeters]:
    """A station whose meter answers after 0.3 s, and whose contactor takes 0.4 s, charging for a minute and a half second."""
    board = {"open_delay_second": 0.4, "feedback_timeout_second": 1.0}
    bench = Bench(version, variables={**POINTS, "StopTxnSampledData": REGISTER}, board=board).boot()
    meters = PolledMeters(bench.hardware, bench.timers)
    bench.station.hardware = meters
    bench.plug_in()
    bench.tap("CARD")
    bench.run(60.5)
    assert bench.evse().contactor_closed
    return bench, meters


def ended(bench: Bench) -> list[Received]:
    """The ends that the central system has been told."""
    return [r for r in bench.csms.log if r.action == "StopTransaction" or r.get("eventType") == "Ended"]


def last_register(end: Received) -> tuple[float, float]:
    """The register at the end in Wh, and when it was read, in seconds since 1970."""
    values = end["transactionData"] if end.action == "StopTransaction" else end["meterValue"]
    (register,) = [
        sample
        for sample in values[-1]["sampledValue"]
        if sample.get("measurand", REGISTER) == REGISTER and sample["context"] == "Transaction.End"
    ]
    if end.action == "StopTransaction":
        assert end["meterStop"] == round(float(register["value"]))
    return float(register["value"]), datetime.fromisoformat(values[-1]["timestamp"]).timestamp()


def test_it_is_read_after_the_contactor_has_opened(version: str) -> None:
    bench, meters = polled(version)
    stopped = bench.wall()
    before = meters.reading(1)
    bench.tap("CARD")
    assert bench.evse().contactor_closed  # it is on its way
    assert not ended(bench)
    bench.run(1)
    (end,) = ended(bench)
    register, at = last_register(end)
    assert register == pytest.approx(bench.evse().imported_watt_hour, abs=0.1)
    assert before is not None
    assert register > (before.energy_import_watt_hour or 0.0) + 2
    assert at >= stopped + 0.4
    assert datetime.fromisoformat(end["timestamp"]).timestamp() >= at
    if version != "1.6":
        assert [e["seqNo"] for e in bench.csms.log if e.action == "TransactionEvent"][-1] == end["seqNo"]


def test_a_meter_that_has_fallen_silent_is_not_waited_for_any_longer(version: str) -> None:
    """Nor is its last value told as one of now."""
    bench, meters = polled(version)
    meters.silent = True
    last = meters.reading(1)
    assert last is not None
    bench.run(0.5)
    stopped = bench.wall()
    bench.tap("CARD")
    bench.run(2.5)
    assert not ended(bench)
    bench.run(1)
    (end,) = ended(bench)
    register, at = last_register(end)
    assert register == pytest.approx(last.energy_import_watt_hour, abs=0.1)
    assert at == pytest.approx(last.monotonic + bench.wall_offset, abs=0.01)
    assert at < stopped


def test_a_contactor_that_does_not_open_does_not_keep_the_bill(version: str) -> None:
    bench, _meters = polled(version)
    bench.evse().set_contactor(ContactorMode.WELDED)
    bench.tap("CARD")
    bench.run(5)
    (end,) = ended(bench)
    assert last_register(end)[0] > 0


@pytest.mark.parametrize("cut_second", [0.0, 0.2, 0.5, 0.6])
def test_a_power_cut_while_it_is_waited_for_costs_the_reading_and_not_the_bill(version: str, cut_second: float) -> None:
    bench, meters = polled(version)
    before = meters.reading(1)
    assert before is not None
    bench.world.reader().present("CARD", "ISO14443")
    bench.run(cut_second)
    assert not ended(bench)
    new = bench.power_cut()
    new.run(5)
    new.connect()
    new.run(5)
    (end,) = ended(new)
    assert last_register(end)[0] == pytest.approx(before.energy_import_watt_hour, abs=1.1)
    if version == "1.6":
        assert end["reason"] == "Local"
        assert end["transactionId"] == 1001
    else:
        events = [r for r in bench.csms.log + new.csms.log if r.action == "TransactionEvent"]
        assert [e["seqNo"] for e in events] == list(range(len(events)))
        assert end["transactionInfo"]["stoppedReason"] == "Local"
    again = new.power_cut()
    again.connect()
    again.run(10)
    assert not ended(again)


def test_the_next_driver_does_not_overtake_it(version: str) -> None:
    bench, meters = polled(version)
    meters.answer_second = 2.0
    bench.tap("CARD")
    bench.run(0.5)
    bench.tap("NEXT")
    bench.run(10)
    kinds = [
        r.action if bench.version == "1.6" else r["eventType"]
        for r in bench.csms.log
        if r.action in ("StartTransaction", "StopTransaction") or r.get("eventType") in ("Started", "Ended")
    ]
    first, second = ("StartTransaction", "StopTransaction") if version == "1.6" else ("Started", "Ended")
    assert kinds == [first, second, first]
    if version == "1.6":
        starts = [r for r in bench.csms.log if r.action == "StartTransaction"]
        assert starts[1]["meterStart"] >= ended(bench)[0]["meterStop"]


def test_its_end_counts_as_not_delivered_until_it_is_told(version2: str) -> None:
    """E14: the transaction is over, and something of it is still to come."""
    bench, _meters = polled(version2)
    running = bench.station.evses[0].transaction
    assert running is not None
    bench.tap("CARD")
    status = bench.call("GetTransactionStatus", transactionId=running.id)
    assert (status["ongoingIndicator"], status["messagesInQueue"]) == (False, True)
    bench.run(2)
    status = bench.call("GetTransactionStatus", transactionId=running.id)
    assert (status["ongoingIndicator"], status["messagesInQueue"]) == (False, False)


def test_a_restart_waits_for_it(version: str) -> None:
    bench, meters = polled(version)
    meters.answer_second = 1.5
    assert bench.call("Reset", type="Hard" if version == "1.6" else "Immediate")["status"] == "Accepted"
    new = bench.restarted()
    (end,) = ended(bench)
    assert last_register(end)[0] == pytest.approx(bench.evse().imported_watt_hour, abs=0.1)
    new.connect()
    new.run(10)
    assert not ended(new)


def test_the_public_key_goes_with_the_value_that_is_told(version2: str) -> None:
    """Though a value has been made before, should the meter not answer."""
    keys = {
        "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": "OncePerTransaction",
        "SampledDataCtrlr.SignReadings": True,
        "SampledDataCtrlr.TxStartedMeasurands": "Voltage",
        "SampledDataCtrlr.TxUpdatedInterval": 0,
    }
    bench = Bench(version2, variables={**POINTS, **keys}, capabilities=Capabilities(signed_values=True)).boot()
    bench.station.hardware = PolledMeters(bench.hardware, bench.timers)
    bench.plug_in()
    bench.tap("CARD")
    bench.run(60)
    bench.tap("CARD")
    bench.run(2)
    (end,) = ended(bench)
    told = [sample["signedMeterValue"]["publicKey"] for value in end["meterValue"] for sample in value["sampledValue"]]
    assert told == [PUBLIC_KEY, ""]
