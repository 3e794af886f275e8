"""The reusable states of the certification documents, reached by a driver's and an operator's actions on a bench.

Each function brings the bench into its state, asserting the messages on the way as the document does, and leaves nothing unexpected behind.
What has been done before is taken from the simulated world and from the station's events, so a test may also act by itself in between.
The names are those of the 2.x documents; in 1.6 the same functions assert what 1.6 has instead (StartTransaction, detailed statuses …).
"""

from datetime import UTC, datetime
from typing import Any, NoReturn

import pytest

from hal.sim.car import Car
from profiles.transactions import variables
from tests.support.bench import Bench
from tests.support.csms import Received

TOKEN = "04AABBCC"
GROUP_TOKEN = "04DDEEFF"
MEASURED = ("MeterValueClock", "MeterValuePeriodic")
ENDING = {"Authorized", "PowerPathClosed", "EnergyTransfer"}
"""Stop points that a stop of the authorization brings to their end."""


def not_applicable(reason: str) -> NoReturn:
    """The case cannot apply to this station; `reason` in the terms of the case's prerequisites."""
    pytest.skip(f"not applicable: {reason}")


# --- what is the case ----------------------------------------------------------------------------------------------------


def start_points(bench: Bench) -> set[str]:
    """TxStartPoint as configured; what 1.6 prescribes."""
    return {"PowerPathClosed"} if bench.version == "1.6" else set(bench.station.get(variables.TX_START_POINT))


def stop_points(bench: Bench) -> set[str]:
    """TxStopPoint as configured; what 1.6 prescribes."""
    return {"Authorized"} if bench.version == "1.6" else set(bench.station.get(variables.TX_STOP_POINT))


def transaction_id(bench: Bench, evse_id: int = 1) -> str | None:
    """The station's identifier of the transaction that runs on the EVSE."""
    running: str | None = None
    for name, details in bench.events:
        if details.get("evse_id") == evse_id:
            if name == "transaction_started":
                running = details["transaction_id"]
            elif name == "transaction_ended":
                running = None
    return running


def is_authorized(bench: Bench, evse_id: int = 1) -> bool:
    """Whether a driver may charge on the EVSE."""
    authorized = False
    for name, details in bench.events:
        if details.get("evse_id") == evse_id:
            if name == "authorized":
                authorized = True
            elif name == "authorization_ended":
                authorized = False
    return authorized


def is_plugged(bench: Bench, evse_id: int = 1) -> bool:
    """Whether a car is connected."""
    return bench.evse(evse_id).car is not None


def is_charging(bench: Bench, evse_id: int = 1) -> bool:
    """Whether current flows."""
    return bench.evse(evse_id).contactor_closed and bench.evse(evse_id).drawn_ampere > 0


# --- asserting -----------------------------------------------------------------------------------------------------------


def transaction_event(bench: Bench, *, within: float = 5.0, **fields: Any) -> Received:
    """The next TransactionEvent that is not merely a measurement, with these fields; see `Bench.expect`.

    trigger, state, reason: triggerReason, chargingState and stoppedReason.
    """
    for short, path in (
        ("trigger", "triggerReason"),
        ("state", "transactionInfo__chargingState"),
        ("reason", "transactionInfo__stoppedReason"),
    ):
        if short in fields:
            fields[path] = fields.pop(short)
    end = bench.time.now + within
    while True:
        for request in bench.csms.of("TransactionEvent"):
            if request["triggerReason"] in MEASURED:
                bench.csms.requests.remove(request)
        if bench.csms.of("TransactionEvent") or bench.time.now >= end:
            return bench.expect("TransactionEvent", within=0, **fields)
        bench.run(0.05)


def expect_settled(bench: Bench, *, during: float = 0.3) -> None:
    """Nothing else is said for a moment, measurements and heartbeats left aside."""
    bench.run(during)
    rest = [r for r in bench.csms.requests if not _is_background(r)]
    assert not rest, f"unexpected: {rest}"


def _is_background(request: Received) -> bool:
    if request.action in ("Heartbeat", "MeterValues", "SecurityEventNotification"):
        return True
    return request.action == "TransactionEvent" and request["triggerReason"] in MEASURED


def expect_status(bench: Bench, status: str, *, evse_id: int = 1, connector_id: int = 1, within: float = 5.0) -> None:
    """A connector tells its status; `status` in 2.x words, or 1.6's for a 1.6 bench."""
    if bench.version == "1.6":
        bench.expect(
            "StatusNotification", connectorId=_number(bench, evse_id, connector_id), status=status, within=within
        )
    else:
        bench.expect(
            "StatusNotification", evseId=evse_id, connectorId=connector_id, connectorStatus=status, within=within
        )


def expect_statuses(bench: Bench, status: str, *places: tuple[int, int], within: float = 5.0) -> None:
    """These connectors (EVSE, connector) tell this status, each once, in whatever order, and no others tell any."""
    waiting, end = list(places), bench.time.now + within
    while True:
        for request in bench.csms.of("StatusNotification"):
            place = (request["evseId"], request["connectorId"])
            assert place in waiting, f"unexpected: {request}"
            assert request["connectorStatus"] == status, request
            waiting.remove(place)
            bench.csms.requests.remove(request)
        if not waiting:
            return
        assert bench.time.now < end, f"{waiting} did not tell that they are {status}"
        bench.run(0.05)


def all_places(bench: Bench) -> list[tuple[int, int]]:
    """Every connector of the station, as (EVSE, connector)."""
    return [(evse.id, connector.id) for evse in bench.station.evses for connector in evse.connectors]


def _number(bench: Bench, evse_id: int, connector_id: int) -> int:
    return (evse_id - 1) * len(bench.station.evses[0].connectors) + connector_id


# --- parking bay ---------------------------------------------------------------------------------------------------------


def parking_bay_occupied(bench: Bench, evse_id: int = 1) -> None:
    """A vehicle comes to stand in the bay."""
    if bench.evse(evse_id).occupied:
        return
    running = transaction_id(bench, evse_id)
    bench.evse(evse_id).occupy_bay()
    if bench.version != "1.6" and (running is not None or "ParkingBayOccupancy" in start_points(bench)):
        transaction_event(bench, eventType="Started" if running is None else "Updated", trigger="EVDetected")
    expect_settled(bench)


def parking_bay_unoccupied(bench: Bench, *, evse_id: int = 1, stop: str = "local") -> None:
    """The vehicle has left the bay after a session."""
    if is_plugged(bench, evse_id) or is_authorized(bench, evse_id):
        ev_disconnected(bench, evse_id=evse_id, stop=stop)
    if not bench.evse(evse_id).occupied:
        return
    running = transaction_id(bench, evse_id)
    bench.evse(evse_id).leave_bay()
    if running is not None:
        transaction_event(
            bench, eventType="Ended", trigger="EVDeparted", reason="Remote" if stop == "remote" else {"Local", None}
        )
    expect_settled(bench)


# --- authorized, connected, charging ---------------------------------------------------------------------------------------


def authorized(
    bench: Bench, *, by: str = "local", evse_id: int = 1, token: str = TOKEN, asks: bool | None = None
) -> None:
    """A driver may charge: by="local" presents a token, by="remote" has the CSMS ask for it.

    asks: whether the station is to ask the CSMS about the token; None = it may or may not.
    """
    plugged = is_plugged(bench, evse_id)
    if not plugged:
        parking_bay_occupied(bench, evse_id)
    running = transaction_id(bench, evse_id)
    if by == "remote":
        _request_start(bench, evse_id, token, running)
    else:
        bench.tap(token)
    _expect_authorize(bench, token, asks)
    occupied = bench.evse(evse_id).occupied
    _expect_authorized_event(bench, by=by, token=token, running=running, plugged=plugged, occupied=occupied)


def _request_start(bench: Bench, evse_id: int, token: str, running: str | None) -> None:
    if bench.version == "1.6":
        answer = bench.call("RemoteStartTransaction", idTag=token, connectorId=_number(bench, evse_id, 1))
        assert answer["status"] == "Accepted"
        return
    answer = bench.call(
        "RequestStartTransaction",
        idToken={"idToken": token, "type": "ISO14443"},
        remoteStartId=4711,
        evseId=evse_id,
    )
    assert answer["status"] == "Accepted"
    assert answer.get("transactionId") == running


def _expect_authorize(bench: Bench, token: str, asks: bool | None) -> None:
    bench.run(0.1)
    came = bench.csms.of("Authorize")
    assert asks is None or bool(came) is asks, f"Authorize: {came}"
    if came:
        if bench.version == "1.6":
            bench.expect("Authorize", idTag=token)
        else:
            bench.expect("Authorize", idToken__idToken=token, idToken__type="ISO14443")


def _expect_authorized_event(
    bench: Bench, *, by: str, token: str, running: str | None, plugged: bool, occupied: bool = False
) -> None:
    points = start_points(bench)
    if bench.version == "1.6":
        if plugged:
            bench.expect("StartTransaction", idTag=token)
        else:
            bench.expect("StatusNotification", status="Preparing")
        return
    begins = "Authorized" in points or (plugged and points & {"EVConnected", "PowerPathClosed"})
    begins = begins or ("ParkingBayOccupancy" in points and occupied)  # after a session that has ended in between
    if running is None and not begins:
        return
    event = transaction_event(
        bench,
        eventType="Started" if running is None else "Updated",
        trigger="RemoteStart" if by == "remote" else "Authorized",
        idToken__idToken=token,
        idToken__type="ISO14443",
    )
    assert event["transactionInfo"].get("remoteStartId") == (4711 if by == "remote" else None)


def ev_connected_pre_session(bench: Bench, *, evse_id: int = 1, car: Car | None = None, connector_id: int = 1) -> None:
    """A car is connected, and nothing has ended yet."""
    parking_bay_occupied(bench, evse_id)
    running, permitted = transaction_id(bench, evse_id), is_authorized(bench, evse_id)
    told = _token_told(bench, running)
    bench.plug_in(evse_id, car, connector_id)
    if bench.version == "1.6":
        if permitted:
            bench.expect("StartTransaction", connectorId=_number(bench, evse_id, connector_id))
        else:
            expect_status(bench, "Preparing", evse_id=evse_id, connector_id=connector_id)
        return
    expect_status(bench, "Occupied", evse_id=evse_id, connector_id=connector_id)
    points = start_points(bench)
    begins = "EVConnected" in points or ("PowerPathClosed" in points and permitted)
    if running is None and not begins:
        return
    event = transaction_event(
        bench,
        eventType="Started" if running is None else "Updated",
        trigger={"CablePluggedIn", "RemoteStart"},
        state={"EVConnected", "SuspendedEVSE", "Charging"},
        evse={"id": evse_id, "connectorId": connector_id},
    )
    if permitted and not told:
        assert "idToken" in event.payload, event


def _token_told(bench: Bench, running: str | None) -> bool:
    return any(
        "idToken" in event.payload
        for event in bench.csms.log
        if event.action == "TransactionEvent" and event["transactionInfo"]["transactionId"] == running
    )


def energy_transfer_started(
    bench: Bench, *, by: str = "local", evse_id: int = 1, token: str = TOKEN, car: Car | None = None
) -> None:
    """Energy flows."""
    if not is_authorized(bench, evse_id):
        if not is_plugged(bench, evse_id):
            parking_bay_occupied(bench, evse_id)
        authorized(bench, by=by, evse_id=evse_id, token=token)
    if not is_plugged(bench, evse_id):
        ev_connected_pre_session(bench, evse_id=evse_id, car=car)
    if bench.version == "1.6":
        bench.expect("StatusNotification", connectorId=_number(bench, evse_id, 1), status={"Preparing", "Charging"})
        if not is_charging(bench, evse_id):
            bench.run(3)
        bench.csms.requests[:] = [r for r in bench.csms.requests if r.get("status") != "Charging"]
    else:
        event = transaction_event(bench, trigger={"ChargingStateChanged", "RemoteStart"}, state="Charging")
        first = event["seqNo"] == 0
        assert event["eventType"] == ("Started" if first else "Updated")
        assert first is (start_points(bench) == {"EnergyTransfer"}), event
    bench.run(1)
    assert is_charging(bench, evse_id)
    expect_settled(bench)


def energy_transfer_suspended(bench: Bench, *, by: str = "local", evse_id: int = 1) -> None:
    """The car has stopped taking energy, and stays connected."""
    if not is_charging(bench, evse_id):
        energy_transfer_started(bench, by=by, evse_id=evse_id)
    bench.run(10)
    bench.evse(evse_id).pause()
    if bench.version == "1.6":
        expect_status(bench, "SuspendedEV", evse_id=evse_id)
    elif "EnergyTransfer" in stop_points(bench):
        transaction_event(
            bench,
            eventType="Ended",
            trigger="ChargingStateChanged",
            state={"EVConnected", "SuspendedEV"},
            reason="StoppedByEV",
        )
    else:
        transaction_event(bench, eventType="Updated", trigger="ChargingStateChanged", state="SuspendedEV")
    expect_settled(bench)


# --- the end -------------------------------------------------------------------------------------------------------------


def stop_authorized(
    bench: Bench,
    *,
    by: str = "local",
    evse_id: int = 1,
    token: str = TOKEN,
    start: str = "local",
    transaction_second: float = 10.0,
) -> None:
    """The session has been told to stop: by="local" with the token, by="remote" by the CSMS."""
    if not is_charging(bench, evse_id):
        energy_transfer_started(bench, by=start, evse_id=evse_id, token=token)
    bench.run(transaction_second)
    running = transaction_id(bench, evse_id)
    if by == "local":
        bench.tap(token)
    elif bench.version == "1.6":
        number = bench.station.transactions.csms_id(running or "")
        assert bench.call("RemoteStopTransaction", transactionId=number)["status"] == "Accepted"
    else:
        assert bench.call("RequestStopTransaction", transactionId=running)["status"] == "Accepted"
    if bench.version == "1.6":
        bench.expect("StopTransaction", reason="Local" if by == "local" else "Remote")
        expect_status(bench, "Finishing", evse_id=evse_id)
    else:
        _expect_stop(bench, by=by)
    bench.run(0.5)
    assert not bench.evse(evse_id).contactor_closed
    expect_settled(bench)


def _expect_stop(bench: Bench, *, by: str) -> None:
    trigger = "StopAuthorized" if by == "local" else "RemoteStop"
    reason: Any = {"Local", None} if by == "local" else "Remote"
    points = stop_points(bench)
    if points & {"Authorized", "PowerPathClosed"}:
        transaction_event(bench, eventType="Ended", trigger=trigger, reason=reason, state="EVConnected")
        return
    transaction_event(bench, eventType="Updated", trigger=trigger)
    last = transaction_event(bench, trigger="ChargingStateChanged", state="EVConnected")
    assert last["eventType"] == ("Ended" if points & ENDING else "Updated")
    if points & ENDING:
        assert last["transactionInfo"].get("stoppedReason") in (("Local", None) if by == "local" else ("Remote",))


def ev_connected_post_session(
    bench: Bench, *, by: str = "local", evse_id: int = 1, token: str = TOKEN, start: str = "local"
) -> None:
    """Energy transfer has ended for good, and the car is still connected."""
    if is_authorized(bench, evse_id) or not is_plugged(bench, evse_id):
        stop_authorized(bench, by=by, evse_id=evse_id, token=token, start=start)


def ev_disconnected(
    bench: Bench, *, evse_id: int = 1, stop: str = "local", token: str = TOKEN, start: str = "local"
) -> None:
    """The car has been unplugged after the session was told to stop."""
    ev_connected_post_session(bench, by=stop, evse_id=evse_id, token=token, start=start)
    running = transaction_id(bench, evse_id)
    bench.unplug(evse_id)
    expect_status(bench, "Available", evse_id=evse_id)
    if running is not None and bench.version != "1.6":
        event = transaction_event(bench, trigger="EVCommunicationLost", state="Idle")
        assert event["eventType"] == ("Ended" if "EVConnected" in stop_points(bench) else "Updated")
    expect_settled(bench)


def deauthorized(bench: Bench, *, evse_id: int = 1, token: str = TOKEN) -> None:
    """The CSMS calls the token of a transaction invalid; call in state Authorized, with StopTxOnInvalidId."""
    bench.csms.tokens[token] = {"status": "Invalid"}
    if transaction_id(bench, evse_id) is None:
        bench.plug_in(evse_id)
        expect_status(bench, "Occupied", evse_id=evse_id)
        transaction_event(bench, idToken__idToken=token)
    ends = bool(stop_points(bench) & ENDING)
    # the document thinks of a connected vehicle only
    told = {"EVConnected", "SuspendedEVSE"} if is_plugged(bench, evse_id) else {"Idle"}
    event = transaction_event(bench, trigger="Deauthorized", state=told)
    assert event["eventType"] == ("Ended" if ends else "Updated")
    assert event["transactionInfo"].get("stoppedReason") == ("DeAuthorized" if ends else None)


# --- boot and connection ---------------------------------------------------------------------------------------------------


def booted(bench: Bench, *, by: str = "power cycle", reset: str = "Immediate") -> Bench:
    """The station has started anew and is idle: by="power cycle", or "reset" with a Reset of type `reset`. Returns the new bench."""
    reason = "PowerUp"
    if by == "reset":
        assert bench.call("Reset", type=reset)["status"] == "Accepted"
        reason = "RemoteReset"
        new = bench.restarted()
    else:
        new = bench.power_cut(boot_reason=reason)
    new.connect()
    new.run(1)
    boot = new.expect("BootNotification")
    if new.version != "1.6":
        assert boot["reason"] == reason
    for evse in new.station.evses:
        for connector in evse.connectors:
            status = next(
                r for r in new.csms.of("StatusNotification") if _concerns(r, evse.id, connector.id, connector.number)
            )
            assert status.get("connectorStatus", status.get("status")) == "Available", status
            new.csms.requests.remove(status)
    new.csms.requests[:] = [r for r in new.csms.requests if r.get("connectorId") != 0]
    expect_settled(new)
    return new


def _concerns(request: Received, evse_id: int, connector_id: int, number: int) -> bool:
    if "evseId" in request.payload:
        return (request["evseId"], request["connectorId"]) == (evse_id, connector_id)
    return bool(request["connectorId"] == number)


def started_offline_transaction(bench: Bench, *, token: str = TOKEN) -> None:
    """A transaction has begun while the CSMS could not be reached, and the connection is back. (StartOfflineTransaction)"""
    bench.disconnect()
    bench.evse().occupy_bay()
    bench.tap(token)
    bench.plug_in()
    bench.run(10)
    bench.connect()


def transaction_events_in_queue_ended(bench: Bench, *, token: str = TOKEN) -> None:
    """Memory state: a whole transaction has taken place offline, and the connection is back. The token must be known to the station."""
    bench.disconnect()
    bench.evse().occupy_bay()
    bench.plug_in()
    bench.tap(token)
    bench.run(10)
    bench.tap(token)
    bench.run(1)
    bench.unplug()
    bench.evse().leave_bay()
    bench.run(1)
    bench.csms.forget()
    bench.connect()


def id_token_cached(bench: Bench, *, token: str = TOKEN, group: str | None = None) -> None:
    """Memory state: the station has the token in its authorization cache, from a session that has ended."""
    if group is not None:
        bench.csms.tokens[token] = {
            "status": "Accepted",
            **(
                {"parentIdTag": group}
                if bench.version == "1.6"
                else {"groupIdToken": {"idToken": group, "type": "Central"}}
            ),
        }
    accepted = bench.csms.tokens.get(token, {"status": "Accepted"})["status"] == "Accepted"
    bench.tap(token)
    bench.run(1)
    if accepted:
        bench.plug_in()
        bench.run(3)
        bench.tap(token)
        bench.run(1)
        bench.unplug()
        bench.run(1)
    bench.csms.forget()


# --- availability, reservation ---------------------------------------------------------------------------------------------


def unavailable(bench: Bench, evse_id: int = 0, connector_id: int = 0) -> None:
    """The CSMS has switched off a connector, an EVSE (connector 0) or the station (EVSE 0). (Unavailable)"""
    assert change_availability(bench, "Inoperative", evse_id, connector_id) == "Accepted"
    places = [p for p in all_places(bench) if evse_id in (0, p[0]) and connector_id in (0, p[1])]
    expect_statuses(bench, "Unavailable", *places)
    expect_settled(bench)


def change_availability(bench: Bench, wish: str, evse_id: int = 0, connector_id: int = 0) -> str:
    """The CSMS asks for a change of availability; returns the status of the answer."""
    place = {"evse": {"id": evse_id, **({"connectorId": connector_id} if connector_id else {})}} if evse_id else {}
    status: str = bench.call("ChangeAvailability", place, operationalStatus=wish)["status"]
    return status


def reserve(bench: Bench, reservation_id: int = 1, *, token: str = TOKEN, second: float = 3600.0, **fields: Any) -> str:
    """The CSMS asks for a reservation for `second` seconds; returns the status of the answer. fields: of ReserveNow."""
    if isinstance(fields.get("groupIdToken"), str):
        fields["groupIdToken"] = {"idToken": fields["groupIdToken"], "type": "Central"}
    status: str = bench.call(
        "ReserveNow",
        id=reservation_id,
        idToken={"idToken": token, "type": "ISO14443"},
        expiryDateTime=time_of_day(bench, second),
        **fields,
    )["status"]
    return status


def time_of_day(bench: Bench, second: float) -> str:
    """The time in `second` seconds, as the CSMS writes it."""
    return datetime.fromtimestamp(bench.wall() + second, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reserved(bench: Bench, evse_id: int = 1, *, reservation_id: int = 1, token: str = TOKEN, **fields: Any) -> None:
    """An EVSE is reserved for a token. (Reserved)"""
    assert reserve(bench, reservation_id, token=token, evseId=evse_id, **fields) == "Accepted"
    expect_statuses(bench, "Reserved", *[place for place in all_places(bench) if place[0] == evse_id])
    expect_settled(bench)
