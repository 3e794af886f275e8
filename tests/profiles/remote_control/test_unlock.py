"""UnlockConnector (2.x F05; 1.6 §5.18)."""

import asyncio
from typing import Any

import pytest

from hal.contract import ContactorChanged, LockChanged
from hal.sim.bolt import BoltMode
from hal.sim.car import Cable, Car
from hal.sim.contactor import ContactorMode
from tests.support.bench import Bench

OPENING_SECOND = 0.5


async def run(bench: Bench, second: float) -> None:
    """Let time pass for hardware that takes its time: what it waits for comes through the event loop."""
    for _ in range(round(second / 0.05)):
        bench.run(0.05)
        for _ in range(5):
            await asyncio.sleep(0)


def unlock(bench: Bench, connector_id: int = 1, evse_id: int = 1) -> Any:
    """The CSMS asks for it; returns the answer, or what will become one."""
    if bench.version == "1.6":
        each = len(bench.station.evses[0].connectors)
        return bench.csms.call("UnlockConnector", connectorId=(evse_id - 1) * each + connector_id)
    return bench.csms.call("UnlockConnector", evseId=evse_id, connectorId=connector_id)


def unlocked(bench: Bench, connector_id: int = 1) -> Any:
    """The CSMS asks for it; returns the answer when it has come."""
    answer = unlock(bench, connector_id)
    bench.run(10)
    assert answer.done
    return answer


def station(version: str, **options: Any) -> Bench:
    """A socket with a lock; in 1.6, where an unlocking waits for it, with a contactor that takes its time to open."""
    slow = {"open_delay_second": OPENING_SECOND, "feedback_timeout_second": 2.0} if version == "1.6" else None
    return Bench(version, sockets=True, board=slow, variables={"AuthorizeRemoteTxRequests": False, **options}).boot()


def charging(bench: Bench) -> None:
    bench.plug_in()
    bench.tap()
    bench.run(3)
    assert bench.evse().contactor_closed
    assert bench.evse().bolt(1).locked
    bench.csms.forget()


def never_unlocked_under_load(bench: Bench) -> bool:
    """Whether the contactor was open whenever the bolt was drawn."""
    closed = False
    for record in bench.evse().history:
        match record.entry:
            case ContactorChanged(closed=now):
                closed = now
            case LockChanged(locked=False) if closed:
                return False
    return not any("hazard" in str(record.entry) for record in bench.evse().history)


# --- during a session --------------------------------------------------------------------------------------------------------


@pytest.mark.req("F05.FR.02")
def test_2x_refuses(version2: str) -> None:
    bench = station(version2)
    charging(bench)
    answer = unlocked(bench)
    assert answer["status"] == "OngoingAuthorizedTransaction"
    assert answer["statusInfo"]["reasonCode"] == "TxInProgress"
    assert bench.evse().bolt(1).locked
    assert bench.evse().contactor_closed


@pytest.mark.req("F05.FR.02")
def test_2x_refuses_a_session_whose_transaction_has_still_to_begin(version2: str) -> None:
    """TxStartPoint EnergyTransfer: the driver is authorized and plugged in, and power would follow."""
    bench = station(version2, **{"TxCtrlr.TxStartPoint": "EnergyTransfer"})
    bench.plug_in(car=Car(start_delay_second=600.0))
    bench.tap()
    bench.run(3)
    assert not bench.csms.of("TransactionEvent")
    assert unlocked(bench)["status"] == "OngoingAuthorizedTransaction"
    assert bench.evse().bolt(1).locked


async def test_16_ends_the_transaction_first() -> None:
    """The contactor opens, then the bolt moves, then comes the answer."""
    bench = station("1.6")
    charging(bench)
    answer = unlock(bench)
    await run(bench, OPENING_SECOND / 2)
    assert not answer.done
    assert bench.evse().bolt(1).locked
    await run(bench, 2)
    assert answer["status"] == "Unlocked"
    assert not bench.evse().bolt(1).locked
    assert never_unlocked_under_load(bench)
    bench.expect("StopTransaction", reason="UnlockCommand")
    bench.expect("StatusNotification", status="Finishing")
    bench.unplug()
    bench.expect("StatusNotification", status="Available")


async def test_a_contactor_that_does_not_open_keeps_the_plug_locked() -> None:
    bench = station("1.6")
    charging(bench)
    bench.evse().set_contactor(ContactorMode.WELDED)
    answer = unlock(bench)
    await run(bench, 10)
    assert answer["status"] == "UnlockFailed"
    assert bench.evse().bolt(1).locked
    assert never_unlocked_under_load(bench)


async def test_asked_twice_while_the_contactor_opens() -> None:
    bench = station("1.6")
    charging(bench)
    first, second = unlock(bench), unlock(bench)
    await run(bench, 3)
    assert [first["status"], second["status"]] == ["Unlocked", "UnlockFailed"]


@pytest.mark.req("F05.FR.02", "F05.FR.04")
def test_after_the_driver_has_stopped_it_is_tried(version2: str) -> None:
    """TxStopPoint EVConnected: the transaction runs, and nobody is authorized any more."""
    bench = station(version2, **{"TxCtrlr.TxStopPoint": "EVConnected"})
    charging(bench)
    bench.evse().fail_lock(BoltMode.WILL_NOT_UNLOCK)
    bench.tap()
    bench.run(3)
    assert bench.evse().bolt(1).locked, "stuck: what the message is for"
    assert unlocked(bench)["status"] == "UnlockFailed"
    bench.evse().fail_lock(BoltMode.OK)
    assert unlocked(bench)["status"] == "Unlocked"
    assert not bench.evse().bolt(1).locked


# --- without a session -------------------------------------------------------------------------------------------------------


@pytest.mark.req("F05.FR.04", "F05.FR.05", "F05.FR.06")
@pytest.mark.parametrize("cable", [False, True])
@pytest.mark.parametrize("mode", [BoltMode.OK, BoltMode.WILL_NOT_UNLOCK, BoltMode.JAMMED])
def test_the_answer_is_what_the_bolt_has_done(version: str, cable: bool, mode: BoltMode) -> None:
    bench = station(version)
    if cable:
        bench.evse().insert_cable(Cable())
    bolt = bench.evse().bolt(1)
    bolt.set_mode(BoltMode.WILL_NOT_UNLOCK)
    bolt.lock()
    bench.world.deliver()
    bench.run(1)
    assert bolt.locked
    bolt.set_mode(mode)
    answer = unlocked(bench)
    assert answer["status"] == ("Unlocked" if mode is BoltMode.OK else "UnlockFailed")
    assert bolt.locked is (mode is not BoltMode.OK)
    if mode is not BoltMode.OK and version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == "LockFailure"


@pytest.mark.req("F05.FR.07")
def test_without_a_lock(version: str) -> None:
    """1.6 has a status for it; 2.x a CALLERROR."""
    bench = Bench(version).boot()
    answer = unlocked(bench)
    if version == "1.6":
        assert answer["status"] == "NotSupported"
    else:
        assert answer.error == ("NotSupported", "this connector has no lock that could be driven")


BAD = [
    ("1.6", 0, 1),
    ("1.6", -1, 1),
    ("1.6", 5, 1),
    ("2.0.1", 0, 1),
    ("2.0.1", -1, 1),
    ("2.0.1", 3, 1),
    ("2.0.1", 1, 3),
]
BAD += [("2.0.1", 1, 0), ("2.0.1", 1, -1), ("2.1", 0, 1), ("2.1", 3, 1), ("2.1", 1, 3)]


@pytest.mark.req("F05.FR.03")
@pytest.mark.parametrize(("version", "connector_id", "evse_id"), BAD)
def test_what_does_not_exist_cannot_be_unlocked(version: str, connector_id: int, evse_id: int) -> None:
    bench = Bench(version, evses=2, connectors=2, sockets=True).boot()
    payload = {"connectorId": connector_id} if version == "1.6" else {"evseId": evse_id, "connectorId": connector_id}
    answer = bench.call("UnlockConnector", payload)
    if version == "1.6":
        assert answer["status"] == "NotSupported"
    else:
        assert answer["status"] == "UnknownConnector"
        assert answer["statusInfo"]["reasonCode"] in ("UnknownEvse", "UnknownConnectorId")
    bench.expect_none(during=2)


def test_the_other_connector_of_a_busy_evse(version: str) -> None:
    bench = Bench(version, connectors=2, sockets=True).boot()
    bench.plug_in(connector_id=2)
    bench.tap()
    bench.run(3)
    assert unlocked(bench, 1)["status"] == "Unlocked"
    assert bench.evse().bolt(2).locked
    assert bench.evse().contactor_closed
