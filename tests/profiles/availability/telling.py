"""What tests of availability share: the statuses that a station has told, and the order in which things came."""

from typing import Any

from tests.support.bench import Bench


def told(bench: Bench, *, after: float = 0.2) -> list[tuple[Any, str]]:
    """The statuses that have come, in order, as (connector, word): the 1.6 number, or (EVSE, connector). They count as taken."""
    bench.run(after)
    came = bench.csms.of("StatusNotification")
    bench.csms.requests[:] = [request for request in bench.csms.requests if request.action != "StatusNotification"]
    if bench.version == "1.6":
        return [(r["connectorId"], r["status"]) for r in came]
    return [((r["evseId"], r["connectorId"]), r["connectorStatus"]) for r in came]


def words(bench: Bench, *, after: float = 0.2) -> list[str]:
    """The statuses that have come, of whatever connector."""
    return [word for _place, word in told(bench, after=after)]


def change(bench: Bench, wish: str, evse_id: int = 0, connector_id: int = 0) -> Any:
    """The CSMS asks for a change of availability; an EVSE without connector is its first connector in 1.6. Returns the answer."""
    if bench.version == "1.6":
        each = len(bench.station.evses[0].connectors)
        number = (evse_id - 1) * each + max(connector_id, 1) if evse_id else 0
        return bench.call("ChangeAvailability", connectorId=number, type=wish)
    place = {"evse": {"id": evse_id, **({"connectorId": connector_id} if connector_id else {})}} if evse_id else {}
    return bench.call("ChangeAvailability", place, operationalStatus=wish)


def order(bench: Bench, *actions: str) -> list[str]:
    """The actions that have come and not been taken, of these kinds, in order."""
    return [request.action for request in bench.csms.requests if request.action in actions]
