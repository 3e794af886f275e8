"""The effects of what says when a transaction begins and ends, and what survives; of statuses and reservations."""

import random
from collections.abc import Callable
from typing import Any

from hal.sim.car import Cable, Car
from tests.profiles.effects.effect import TOKEN, Effect, booted, charge, charging, ended, info, started
from tests.support.bench import Bench

RESUMING: dict[str, object] = {"TxCtrlr.ResumptionTimeout": 600, "TxCtrlr.AllowEnergyTransferResumption": True}


def begins_with_the_cable(bench: Bench) -> bool:
    """Whether a transaction begins as soon as a car is there."""
    bench.plug_in()
    bench.run(2)
    return any(map(started, bench.csms.requests))


def ends_with_the_token(bench: Bench) -> bool:
    """Whether a transaction ends while the car is still there."""
    charge(bench)
    bench.tap()
    bench.run(5)
    return any(map(ended, bench.csms.requests))


def plugged_in_after_40_second(bench: Bench) -> bool:
    """Whether a driver still charges who has taken 40 s to plug in."""
    bench.tap()
    bench.run(40)
    bench.plug_in()
    bench.run(5)
    return charging(bench)


def ends_at_the_vehicle(bench: Bench) -> bool:
    """Whether a transaction ends when the cable is unplugged at the vehicle."""
    charge(bench)
    bench.evse().detach_car()
    bench.run(5)
    return any(map(ended, bench.csms.requests))


def held_after_the_vehicle(bench: Bench) -> bool:
    """Whether the cable is still held when it has been unplugged at the vehicle."""
    bench.plug_in(car=Car(cable=Cable()))
    bench.tap()
    bench.run(5)
    assert bench.evse().bolt(1).locked
    bench.evse().detach_car()
    bench.run(5)
    return bench.evse().bolt(1).locked


def charges_on_a_refused_token(bench: Bench) -> bool:
    """Whether energy flows although the CSMS has refused the token of the transaction."""
    refused: dict[str, Any] = {
        "idTagInfo" if bench.version == "1.6" else "idTokenInfo": info("Invalid", version=bench.version)
    }
    action = "StartTransaction" if bench.version == "1.6" else "TransactionEvent"
    if bench.version == "1.6":
        refused["transactionId"] = 17
    bench.csms.handlers[action] = lambda _csms, payload: (
        refused if action == "StartTransaction" or "idToken" in payload else {}
    )
    bench.plug_in()
    bench.tap()
    bench.run(20)
    return charging(bench)


def ends_on_a_refused_token(bench: Bench) -> bool:
    """Whether the transaction is over then."""
    charges_on_a_refused_token(bench)
    return any(map(ended, bench.csms.log))


def pending(version: str) -> Bench:
    """The CSMS has not accepted the station yet."""
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": True})
    bench.csms.boot_status = "Pending"
    return bench.boot()


def charges(bench: Bench) -> bool:
    """Whether somebody who plugs in and presents his token charges."""
    bench.plug_in()
    bench.tap()
    bench.run(5)
    return charging(bench)


def after_a_power_cut(bench: Bench, second: float = 20.0) -> Bench:
    """The station after a power cut in a session; the car is still there."""
    charge(bench)
    new = bench.power_cut()
    new.connect()
    new.run(second)
    return new


def goes_on(bench: Bench) -> bool:
    """Whether the transaction has survived a power cut."""
    return not any(map(ended, after_a_power_cut(bench).csms.log))


def charges_again(bench: Bench) -> bool:
    """Whether energy flows soon after a power cut."""
    random.seed(4)
    return charging(after_a_power_cut(bench))


def statuses_of_a_moment(bench: Bench) -> int:
    """How many statuses are told of a car that is there for 5 s."""
    bench.plug_in()
    bench.run(5)
    bench.unplug()
    bench.run(60)
    return len(bench.csms.of("StatusNotification"))


def reserved(bench: Bench) -> str:
    """What becomes of a reservation."""
    token = {"idToken": TOKEN, "type": "ISO14443"}
    answer = bench.call("ReserveNow", id=1, expiryDateTime="2030-01-01T00:00:00Z", idToken=token, evseId=1)
    return str(answer["status"])


def resuming(*without: str) -> Callable[[str], Bench]:
    """A station that goes on after a power cut, but for what is to be set."""
    return booted(variables={name: value for name, value in RESUMING.items() if name not in without})


REFUSED_GOES_ON: dict[str, object] = {"StopTransactionOnInvalidId": False}

EFFECTS: dict[str, Effect] = {
    "TxCtrlr.TxStartPoint": Effect(begins_with_the_cable, {"EVConnected": True, "Authorized": False}, booted()),
    "TxCtrlr.TxStopPoint": Effect(ends_with_the_token, {"Authorized": True, "EVConnected": False}, booted()),
    "TxCtrlr.EVConnectionTimeOut": Effect(plugged_in_after_40_second, {"20": False, "60": True}, booted()),
    "TxCtrlr.StopTxOnEVSideDisconnect": Effect(
        ends_at_the_vehicle,
        {"true": True, "false": False},
        booted(sockets=True, variables={"TxCtrlr.TxStopPoint": "Authorized"}),
    ),
    "OCPPCommCtrlr.UnlockOnEVSideDisconnect": Effect(
        held_after_the_vehicle, {"true": False, "false": True}, booted(sockets=True)
    ),
    "TxCtrlr.StopTxOnInvalidId": Effect(ends_on_a_refused_token, {"true": True, "false": False}, booted()),
    "TxCtrlr.MaxEnergyOnInvalidId": Effect(
        charges_on_a_refused_token, {"0": False, "5000": True}, booted(variables=REFUSED_GOES_ON)
    ),
    "TxCtrlr.TxBeforeAcceptedEnabled": Effect(charges, {"true": True, "false": False}, pending),
    "TxCtrlr.ResumptionTimeout": Effect(goes_on, {"0": False, "600": True}, resuming("TxCtrlr.ResumptionTimeout")),
    "TxCtrlr.AllowEnergyTransferResumption": Effect(
        charges_again, {"true": True, "false": False}, resuming("TxCtrlr.AllowEnergyTransferResumption")
    ),
    "TxCtrlr.EnergyTransferResumptionRandomRange": Effect(charges_again, {"0": True, "3600": False}, resuming()),
    "MinimumStatusDuration": Effect(statuses_of_a_moment, {"0": 2, "30": 0}, booted()),
    "ReservationCtrlr.Enabled": Effect(reserved, {"true": "Accepted", "false": "Rejected"}, booted()),
}
