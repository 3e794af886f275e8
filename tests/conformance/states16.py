"""What the 1.6 certification cases share: whole message sequences, and the reusable and memory states of the document.

A state brings the bench where the document has it, by a driver's and an operator's actions, and leaves nothing unexpected behind.
"""

from datetime import UTC, datetime
from typing import Any

from hal.fault import FaultName
from hal.sim.car import Cable, Car
from tests.support.bench import Bench
from tests.support.csms import Answer, Received

TAG = "04AABBCC"
TAG_2 = "04DDEEFF"
PARENT = "FLEET-1"
BACKGROUND = ("Heartbeat", "MeterValues", "SecurityEventNotification")
"""What may come at any time, where a case does not look at it."""


# --- sequences -----------------------------------------------------------------------------------------------------------


class Step:
    """One message that is to come. fields: as in `Bench.expect`; a set lists what is allowed."""

    def __init__(self, action: str, **fields: Any) -> None:
        self.action = action
        self.fields = fields

    def meets(self, request: Received) -> bool:
        """Whether this is the message."""
        if request.action != self.action:
            return False
        for path, expected in self.fields.items():
            value: Any = request.payload
            for part in path.split("__"):
                value = value.get(part) if isinstance(value, dict) else value[int(part)]
            if not (value in expected if isinstance(expected, set) else value == expected):
                return False
        return True

    def __repr__(self) -> str:
        return f"{self.action} {self.fields}"


Steps = Step | tuple[Step, ...]
"""A step, or several whose order is left open."""


def status(word: str | set[str], connector: int = 1, **fields: Any) -> Step:
    """A StatusNotification of a connector."""
    return Step("StatusNotification", connectorId=connector, status=word, **fields)


def expect(bench: Bench, *steps: Steps, within: float = 5.0, then_second: float = 0.3) -> list[Received]:
    """Exactly these messages come, in this order, and no other for `then_second`; background messages count only where named.

    Returns them in the order of the steps.
    """
    end = bench.time.now + within
    taken: list[Received] = []
    for step in steps:
        open_steps = [step] if isinstance(step, Step) else list(step)
        found: dict[int, Received] = {}
        wanted = {id(one): one for one in open_steps}
        while open_steps:
            request = _next(bench, open_steps, end)
            met = next((one for one in open_steps if one.meets(request)), None)
            assert met is not None, f"{request} came instead of {open_steps}"
            open_steps.remove(met)
            found[id(met)] = request
        taken += [found[key] for key in wanted]
    quiet(bench, during=then_second)
    return taken


def _next(bench: Bench, wanted: list[Step], end: float) -> Received:
    named = {step.action for step in wanted}
    while True:
        for request in bench.csms.requests:
            if request.action not in BACKGROUND or request.action in named:
                bench.csms.requests.remove(request)
                return request
        assert bench.time.now < end, f"{wanted} did not come; events: {bench.events[-8:]}"
        bench.run(0.05)


def quiet(bench: Bench, *, during: float = 0.3) -> None:
    """Nothing comes in that time, background messages left aside."""
    bench.run(during)
    rest = [request for request in bench.csms.requests if request.action not in BACKGROUND]
    assert not rest, f"unexpected: {rest}"


def statuses(bench: Bench) -> dict[int, str]:
    """The status that the CSMS knows of each connector: the last that it was told."""
    return {r["connectorId"]: r["status"] for r in bench.csms.log if r.action == "StatusNotification"}


# --- configuration ---------------------------------------------------------------------------------------------------------


def configured(bench: Bench, **keys: object) -> Bench:
    """Set configuration keys, as the operator does before a case."""
    for key, value in keys.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        answer = bench.call("ChangeConfiguration", key=key, value=text)
        assert answer["status"] == "Accepted", f"{key}: {answer}"
    return bench


def configuration(bench: Bench, key: str) -> str | None:
    """The value of a key. (GetConfiguration)"""
    answer = bench.call("GetConfiguration", key=[key])
    assert not answer.get("unknownKey"), answer
    (found,) = answer["configurationKey"]
    assert found["key"] == key
    value: str | None = found.get("value")
    return value


# --- reusable states -------------------------------------------------------------------------------------------------------


def authorized(bench: Bench, *, connector: int = 1, tag: str = TAG, preparing: bool = True, asks: bool = True) -> None:
    """A driver has presented his card and may charge. (Authorized)

    preparing: the connector is to tell it, as it was not Preparing before. asks: whether the CSMS is asked.
    """
    bench.tap(tag)
    steps: list[Step] = []
    if asks:
        steps.append(Step("Authorize", idTag=tag))
    if preparing:
        steps.append(status("Preparing", connector))
    expect(bench, tuple(steps))


def charging(
    bench: Bench, *, connector: int = 1, tag: str = TAG, reserved: bool = False, asks: bool | None = None, **fields: Any
) -> Received:
    """A transaction runs: cable first, then a remote start. Returns the StartTransaction. (Charging)

    reserved: the connector was Reserved; it then may stay so until the remote start, or not. asks: whether the CSMS is asked about the
    token, None = as AuthorizeRemoteTxRequests says. fields: of StartTransaction.
    """
    if asks is None:
        asks = configuration(bench, "AuthorizeRemoteTxRequests") == "true"
    evse_id, connector_id = place(bench, connector)
    bench.plug_in(evse_id, connector_id=connector_id)
    early = (
        []
        if not reserved
        else [r for r in bench.csms.of("StatusNotification") if status("Preparing", connector).meets(r)]
    )
    for request in early:
        bench.csms.requests.remove(request)
    if not reserved:
        expect(bench, status("Preparing", connector, errorCode="NoError"))
    answer = bench.call("RemoteStartTransaction", connectorId=connector, idTag=tag)
    assert answer["status"] == "Accepted", answer
    steps: list[Steps] = []
    if reserved and not early:
        steps.append(status("Preparing", connector))
    if asks:
        steps.append(Step("Authorize", idTag=tag))
    start = Step("StartTransaction", connectorId=connector, idTag=tag, **fields)
    came = expect(bench, *_early_authorize(steps), (start, status("Charging", connector, errorCode="NoError")))
    started = next(r for r in came if r.action == "StartTransaction")
    assert started["meterStart"] >= 0
    assert_charging(bench, evse_id)
    return started


def _early_authorize(steps: list[Steps]) -> list[Steps]:
    """Preparing and Authorize in whatever order."""
    return [tuple(step for step in steps if isinstance(step, Step))] if len(steps) > 1 else steps


def place(bench: Bench, connector: int) -> tuple[int, int]:
    """(EVSE, connector) of a connector number."""
    each = len(bench.station.evses[0].connectors)
    return (connector - 1) // each + 1, (connector - 1) % each + 1


def assert_charging(bench: Bench, evse_id: int = 1) -> None:
    """Energy really flows."""
    bench.run(1)
    assert bench.evse(evse_id).contactor_closed
    assert bench.evse(evse_id).drawn_ampere > 0


def transaction_number(bench: Bench) -> int:
    """The transactionId that the CSMS has given last: it counts up from 1001."""
    return 1000 + sum(1 for request in bench.csms.log if request.action == "StartTransaction")


def connector_faulted(bench: Bench, *, connector: int = 1) -> None:
    """Something is wrong with a connector. (SetConnectorFaulted)"""
    bench.evse(place(bench, connector)[0]).raise_fault(FaultName.GROUND_FAILURE)
    expect(bench, status("Faulted", connector, errorCode="GroundFailure"))


def charge_point_faulted(bench: Bench) -> None:
    """Something is wrong with the station as a whole. (SetChargePointFaulted)"""
    bench.world.raise_fault(FaultName.PERMANENT_FAULT)
    expect(bench, tuple(status("Faulted", n) for n in all_connectors(bench)))


def connector_unavailable(bench: Bench, *, connector: int = 1) -> None:
    """The CSMS has switched a connector off. (SetConnectorUnavailable)"""
    assert bench.call("ChangeAvailability", connectorId=connector, type="Inoperative")["status"] == "Accepted"
    expect(bench, status("Unavailable", connector))


def unused_connectors_unavailable(bench: Bench, *, connector: int = 1) -> None:
    """All connectors but one are switched off. (SetConnectorUnavailable for all unused connectors)"""
    for other in all_connectors(bench):
        if other not in (0, connector):
            connector_unavailable(bench, connector=other)


def charge_point_unavailable(bench: Bench) -> None:
    """The CSMS has switched the station off. (SetChargePointUnavailable)"""
    assert bench.call("ChangeAvailability", connectorId=0, type="Inoperative")["status"] == "Accepted"
    expect(bench, tuple(status("Unavailable", n) for n in all_connectors(bench)))


def connector_occupied(bench: Bench, *, connector: int = 1) -> None:
    """A car is plugged in. (SetConnectorOccupied)"""
    evse_id, connector_id = place(bench, connector)
    bench.plug_in(evse_id, Car(cable=Cable()), connector_id)
    expect(bench, status("Preparing", connector))


def reserve(
    bench: Bench, *, connector: int = 1, tag: str = TAG, number: int = 77, after_second: float = 600, **fields: Any
) -> Answer:
    """The CSMS asks for a reservation; returns the answer."""
    answer: Answer = bench.call(
        "ReserveNow",
        connectorId=connector,
        idTag=tag,
        reservationId=number,
        expiryDate=moment(bench, after_second),
        **fields,
    )
    return answer


def reserved(bench: Bench, *, connector: int = 1, tag: str = TAG, number: int = 77, after_second: float = 600) -> int:
    """A connector is kept for a card. Returns the reservationId. (Reserved)"""
    assert (
        reserve(bench, connector=connector, tag=tag, number=number, after_second=after_second)["status"] == "Accepted"
    )
    expect(bench, status("Reserved", connector))
    return number


def all_connectors(bench: Bench) -> range:
    """The numbers that are reported: the station's own, 0, and those of the connectors."""
    return range(sum(len(evse.connectors) for evse in bench.station.evses) + 1)


def moment(bench: Bench, after_second: float) -> str:
    """A time of day from now, as the CSMS writes it."""
    return datetime.fromtimestamp(bench.wall() + after_second, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# --- memory states ---------------------------------------------------------------------------------------------------------


def id_tag_cached(bench: Bench, *, tag: str = TAG, connector: int = 1) -> None:
    """The card is in the authorization cache, from a session that is over. (IdTagCached)"""
    configured(bench, AuthorizationCacheEnabled=True)
    charging(bench, connector=connector, tag=tag)
    stopped(bench, connector=connector, tag=tag)
    unplugged(bench, connector=connector)


def stopped(bench: Bench, *, connector: int = 1, tag: str = TAG) -> Received:
    """The driver has ended his transaction with his card. Returns the StopTransaction."""
    bench.tap(tag)
    stop = Step("StopTransaction", transactionId=transaction_number(bench), idTag=tag, reason={"Local", None})
    came = expect(bench, (stop, status("Finishing", connector)))
    assert not bench.evse(place(bench, connector)[0]).contactor_closed
    return next(request for request in came if request.action == "StopTransaction")


def unplugged(bench: Bench, *, connector: int = 1) -> None:
    """The cable is out on both sides."""
    bench.unplug(place(bench, connector)[0])
    expect(bench, status("Available", connector))


def id_tag_in_local_list(bench: Bench, *, tag: str = TAG, version: int = 1, parent: str | None = None) -> None:
    """The card is in the local authorization list, and accepted there. (IdTagLocalAuthList)"""
    configured(bench, LocalAuthListEnabled=True)
    info = {"status": "Accepted"} | ({"parentIdTag": parent} if parent is not None else {})
    answer = bench.call(
        "SendLocalList",
        listVersion=version,
        updateType="Full",
        localAuthorizationList=[{"idTag": tag, "idTagInfo": info}],
    )
    assert answer["status"] == "Accepted"
    quiet(bench)


# --- starting anew ---------------------------------------------------------------------------------------------------------


def power_cycled(bench: Bench, **changes: Any) -> Bench:
    """The power was cut and is back; the station connects. Returns the new bench, on which nothing has been taken yet."""
    return _taken_over(bench, bench.power_cut(**changes))


def _taken_over(bench: Bench, new: Bench) -> Bench:
    """The CSMS is the same as before."""
    new.csms.tokens = bench.csms.tokens
    new.csms.handlers = bench.csms.handlers
    new.csms.transaction_ids = bench.csms.transaction_ids
    new.connect()
    return new


def restarted(bench: Bench) -> Bench:
    """The station, told to reset, starts anew. Returns the new bench, on which nothing has been taken yet."""
    new = bench.restarted()
    return _taken_over(bench, new)


def whole_status(bench: Bench, **words: str | set[str]) -> tuple[Step, ...]:
    """One StatusNotification per connector and for the station; `c1="Finishing"` where it is not Available."""
    return tuple(status(words.get(f"c{n}", "Available"), n) for n in all_connectors(bench))
