"""What the CSMS may switch off: the station, an EVSE, a connector (2.x G03, G04; 1.6 §5.2).

Rule 1. Each of them has a state of its own; to be used, a connector needs its own, that of its EVSE and that of the station (G03 note 1).
Rule 2. Inoperative waits for the end of a running transaction, and is in force at once on every EVSE without one (G03.FR.05, G04.FR.06).
Rule 3. What was set, and what waits, survives a restart (G03.FR.08, G04.FR.09; 1.6 §5.2).
Rule 4. A driver who is authorized, and whose transaction has not begun, loses his place when it becomes inoperative.
"""

from typing import TYPE_CHECKING

from chargepoint.station.command import Respond, Result
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.nothing import NO_MEMBERS
from chargepoint.station.service import handles
from profiles.availability.commands import ChangeAvailability
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "operative"
STATION = (0, 0)
_STATES = {b"0": "inoperative", b"1": "operative", b"2": "scheduled"}

Place = tuple[int, int]
"""(EVSE, connector); 0 = as a whole."""


class OperabilityService(BlockService):
    """Change of availability. operative: the station as a whole."""

    __slots__ = ("_out_of_service", "_scheduled", "operative")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self.operative = True
        self._scheduled: frozenset[Place] = NO_MEMBERS  # to become inoperative
        self._out_of_service: frozenset[int] = NO_MEMBERS  # EVSEs that show the vehicle that they cannot be used

    def restore(self) -> None:
        """Take up what the CSMS has set before the restart."""
        for key, raw in self.station.store.items(COLLECTION):
            evse_id, _, connector_id = key.partition(".")
            place = (int(evse_id), int(connector_id))
            if place[0] > len(self.station.evses) or (
                place[0] and place[1] > len(self.station.evses[place[0] - 1].connectors)
            ):
                continue  # the station has been rebuilt with less
            if raw == b"2":
                self._scheduled |= {place}
            self._apply(place, operative=raw != b"0")

    # --- what others ask ------------------------------------------------------------------------------------------------

    def is_operative(self, evse: Evse, connector: Connector | None = None) -> bool:
        """Whether station, EVSE and connector (None: one of them) are all operative."""
        if not self.operative or not evse.operative:
            return False
        if STATION in self._scheduled and evse.transaction is None:
            return False
        if connector is not None:
            return connector.operative
        return any(one.operative for one in evse.connectors)

    # --- commands ---------------------------------------------------------------------------------------------------------

    @handles(ChangeAvailability)
    def change(self, command: ChangeAvailability, respond: Respond) -> None:
        """G03, G04; 1.6 §5.2."""
        station = self.station
        place = (command.evse_id, command.connector_id)
        evse = station.evse(command.evse_id)
        if command.evse_id and evse is None:
            respond(Result("Rejected", "UnknownEvse", f"there is no EVSE {command.evse_id}"))
            return
        if evse is not None and not 0 <= command.connector_id <= len(evse.connectors):
            respond(Result("Rejected", "UnknownConnectorId", f"EVSE {evse.id} has no connector {command.connector_id}"))
            return
        busy = (
            not command.operative and self._operative(place) and any(self._busy(one, place) for one in self._at(place))
        )
        self._keep(place, operative=command.operative, scheduled=busy)
        if place == STATION and command.operative and station.policy.station_change_includes_connectors:
            self._switch_all_on()
        if not busy:
            station.availability.tell_again(*place)  # G03.FR.04, G04.FR.05
        respond(Result("Scheduled", "TxInProgress", "after the transaction") if busy else Result("Accepted"))

    def _switch_all_on(self) -> None:
        """What was switched off by itself is operative too."""
        for evse in self.station.evses:
            for place in ((evse.id, 0), *((evse.id, connector.id) for connector in evse.connectors)):
                if place in self._scheduled or not self._operative(place):
                    self._keep(place, operative=True, scheduled=False)

    def _keep(self, place: Place, *, operative: bool, scheduled: bool) -> None:
        self._scheduled = self._scheduled | {place} if scheduled else self._scheduled - {place}
        if not scheduled:
            self._apply(place, operative=operative)
        for evse in self._at(place):
            self._dismiss(evse)
            self.station.touch(evse)
        state = b"2" if scheduled else b"1" if operative else b"0"
        self.station.store.put(COLLECTION, f"{place[0]}.{place[1]}", state)
        self.station.notify("operability", evse_id=place[0], connector_id=place[1], state=_STATES[state])

    def _apply(self, place: Place, *, operative: bool) -> None:
        evse_id, connector_id = place
        if evse_id == 0:
            self.operative = operative
            self.station.availability.station_touched = True
        elif connector_id == 0:
            self.station.evses[evse_id - 1].operative = operative
        else:
            self.station.evses[evse_id - 1].connectors[connector_id - 1].operative = operative
        for evse in self._at(place):
            self.station.touch(evse)

    def _dismiss(self, evse: Evse) -> None:
        """Rule 4."""
        if evse.authorization is not None and evse.transaction is None and not self.is_operative(evse, evse.connector):
            self.station.sessions.stop(evse, "Deauthorized", "Other")

    # --- the end of a turn ---------------------------------------------------------------------------------------------

    def settle(self, evse: Evse) -> None:
        """What waited for the end of a transaction is done, and the vehicle is shown whether the EVSE can be used."""
        for place in self._scheduled:
            if evse in self._at(place) and not any(self._busy(one, place) for one in self._at(place)):
                self._keep(place, operative=False, scheduled=False)
        usable = self.is_operative(evse)
        if usable is (evse.id in self._out_of_service):
            self._out_of_service = self._out_of_service ^ {evse.id}
            self.station.hardware.set_available(evse.id, usable)

    # --- places -----------------------------------------------------------------------------------------------------------

    def _at(self, place: Place) -> tuple[Evse, ...]:
        evse = self.station.evse(place[0])
        return self.station.evses if evse is None else (evse,)

    def _operative(self, place: Place) -> bool:
        evse = self.station.evse(place[0])
        if evse is None:
            return self.operative
        return evse.operative if place[1] == 0 else evse.connectors[place[1] - 1].operative

    @staticmethod
    def _busy(evse: Evse, place: Place) -> bool:
        return evse.transaction is not None and place[1] in (0, evse.connector.id)
