"""The rules of availability: what status a connector has, what faults do to it, and what the CSMS may switch off.

Rule 1. A status is derived from state at the end of a turn, never set; so it cannot flap within one (G01; 1.6 §4.9).
Rule 2. A change that lasts shorter than MinimumStatusDuration is not told (1.6 §9.1.18).
Rule 3. Inoperative is persistent, and waits for the end of a running transaction (G03.FR.05, G03.FR.08; 1.6 §5.2).
"""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import Respond, Result, Service, handles
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.timers import Timer
from hal.contract import FaultCleared, FaultRaised
from hal.fault import Fault
from profiles.availability import variables
from profiles.availability.commands import ChangeAvailability
from profiles.availability.facts import ConnectorStatusChanged, FaultReported
from profiles.provisioning import variables as provisioning

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "operative"


class Status(msgspec.Struct, frozen=True):
    """A connector's status in both shapes. status: 2.x ConnectorStatusEnumType. detailed: 1.6 ChargePointStatus."""

    status: str
    detailed: str
    error_code: str = "NoError"
    info: str = ""
    vendor_error_code: str = ""


class AvailabilityService(Service):
    """Functional block G."""

    __slots__ = ("_event_id", "_reported_station", "_scheduled", "faults", "operative", "station_touched")

    station: "ChargingStation"

    def __init__(self, station: "ChargingStation") -> None:
        super().__init__(station)
        self.operative = True  # the station as a whole
        self.faults: dict[tuple[object, ...], Fault] = {}  # of the station as a whole
        self._scheduled: dict[tuple[int, int], bool] = {}
        self._reported_station: Status | None = None
        self._event_id = 0
        self.station_touched = False

    @property
    def station_fault(self) -> Fault | None:
        """A present fault of the station as a whole that forbids power."""
        return next((fault for fault in self.faults.values() if fault.effect.stops), None)

    def restore(self) -> None:
        """Take up what the CSMS has switched off before the restart."""
        for key, raw in self.station.store.items(COLLECTION):
            evse_id, _, connector_id = key.partition(".")
            self._set(int(evse_id), int(connector_id), operative=raw == b"1", keep=False)

    # --- status ---------------------------------------------------------------------------------------------------------

    def is_operative(self, evse: Evse, connector: Connector | None = None) -> bool:
        """Whether station, EVSE and connector are all operative."""
        return self.operative and evse.operative and (connector is None or connector.operative)

    def status(self, evse: Evse, connector: Connector) -> Status:
        """The status of a connector as it is now (tables: 2.x G01; 1.6 §4.9)."""
        fault = evse.stopping_fault or self.station_fault
        if fault is not None:
            return Status(
                "Faulted", "Faulted", fault.effect.code16, fault.message or fault.name.value, fault.vendor_code
            )
        warning = next(iter(evse.faults.values()), None)
        code = warning.effect.code16 if warning is not None else "NoError"
        info = warning.message or warning.name.value if warning is not None else ""
        detailed = self._detailed(evse, connector)
        if detailed in ("Available", "Unavailable", "Reserved"):
            return Status(detailed, detailed, code, info)
        if detailed == "Preparing" and not evse.plugged and evse.transaction is None:
            return Status("Available", detailed, code, info)
        return Status("Occupied", detailed, code, info)

    def _detailed(self, evse: Evse, connector: Connector) -> str:
        in_use = connector is evse.connector
        if evse.transaction is not None and in_use:
            state = self.station.transactions.charging_state(evse)
            if state in ("Charging", "SuspendedEV", "SuspendedEVSE"):
                return state
            return "Preparing" if evse.authorization is not None else "Finishing" if evse.finishing else "Preparing"
        if not self.is_operative(evse, connector):
            return "Unavailable"
        if in_use and evse.plugged:
            return "Finishing" if evse.finishing else "Preparing"
        if in_use and evse.authorization is not None:
            return "Preparing"
        if len(evse.connectors) > 1 and (evse.plugged or evse.transaction is not None):
            return "Unavailable"  # the EVSE serves another of its connectors
        if self.station.reserved(evse, connector):
            return "Reserved"
        return "Available"

    def settle(self, evse: Evse) -> None:
        """End of a turn: tell the statuses that have changed."""
        for connector in evse.connectors:
            status = self.status(evse, connector)
            if status == connector.reported:
                if connector.status_timer is not None:
                    connector.status_timer.cancel()
                    connector.status_timer = None
                continue
            minimum = self.station.get(variables.MINIMUM_STATUS_DURATION)
            if minimum <= 0 or status.status == "Faulted" or connector.reported is None:
                self._report(evse, connector, status)
            elif connector.status_timer is None or not connector.status_timer.active:
                connector.status_timer = self._report_later(evse, connector, minimum)

    def _report_later(self, evse: Evse, connector: Connector, delay_second: float) -> Timer:
        return self.station.after(delay_second, lambda: self._report(evse, connector, self.status(evse, connector)))

    def _report(self, evse: Evse, connector: Connector, status: Status) -> None:
        if status == connector.reported:
            return
        before = connector.reported
        connector.reported = status
        self.station.notify(
            "status", evse_id=evse.id, connector_id=connector.id, status=status.status, detailed=status.detailed
        )
        if not isinstance(before, Status) or self._told(before) != self._told(status):
            self._post(evse, connector, status)

    def _told(self, status: Status) -> tuple[str, ...]:
        """What the CSMS is told of a status: 1.6 each stage with its error, 2.x only whether the connector is free."""
        if self.station.policy.detailed_connector_status:
            return (status.detailed, status.error_code, status.info, status.vendor_error_code)
        return (status.status,)

    def _post(self, evse: Evse, connector: Connector, status: Status, *, instructed: bool = False) -> None:
        connector.reported_at = self.station.clock.now()
        if self.station.outbox.online:
            connector.sent = status
        fact = ConnectorStatusChanged(
            evse_id=evse.id,
            connector_id=connector.id,
            instant=connector.reported_at,
            status=status.status,
            detailed=status.detailed,
            error_code=status.error_code,
            info=status.info,
            vendor_error_code=status.vendor_error_code,
        )
        self.station.outbox.post(fact, instructed=instructed)

    def settle_station(self) -> None:
        """The status of the station as a whole (1.6 connector 0)."""
        self.station_touched = False
        status = self._station_status()
        if status != self._reported_station:
            self._reported_station = status
            self._post_station(status)

    def _station_status(self) -> Status:
        fault = next(iter(self.faults.values()), None)
        if fault is not None and fault.effect.stops:
            return Status(
                "Faulted", "Faulted", fault.effect.code16, fault.message or fault.name.value, fault.vendor_code
            )
        word = "Available" if self.operative else "Unavailable"
        if fault is not None:
            return Status(word, word, fault.effect.code16, fault.message or fault.name.value)
        return Status(word, word)

    def _post_station(self, status: Status, *, instructed: bool = False) -> None:
        if self.station.policy.announce_status_of_station:
            self.station.outbox.post(
                ConnectorStatusChanged(
                    evse_id=0,
                    connector_id=0,
                    instant=self.station.clock.now(),
                    status=status.status,
                    detailed=status.detailed,
                    error_code=status.error_code,
                    info=status.info,
                ),
                instructed=instructed,
            )

    def report_all(self) -> None:
        """Tell every status: after the CSMS has accepted the station (B01.FR.05; 1.6 §4.2)."""
        self._reported_station = self._station_status()
        self._post_station(self._reported_station)
        for evse in self.station.evses:
            for connector in evse.connectors:
                connector.reported = self.status(evse, connector)
                self._post(evse, connector, self.status(evse, connector))

    def back_online(self, offline_second: float) -> None:
        """After an outage: all statuses when it was longer than OfflineThreshold, else those that differ (B04.FR.01, B04.FR.02)."""
        if offline_second > self.station.get(provisioning.OFFLINE_THRESHOLD) or self.station.policy.resync_all_statuses:
            self.report_all()
            return
        for evse in self.station.evses:
            for connector in evse.connectors:
                reported, sent = connector.reported, connector.sent
                if isinstance(reported, Status) and (
                    not isinstance(sent, Status) or self._told(sent) != self._told(reported)
                ):
                    self._post(evse, connector, reported)

    def trigger(self, evse_id: int, connector_id: int) -> bool:
        """The CSMS wants a status again (F06; 1.6 §5.17). Returns whether there is such a connector."""
        if evse_id == 0:
            if self.station.policy.announce_status_of_station:
                self._post_station(self._station_status(), instructed=True)
            if connector_id == 0:
                for evse in self.station.evses:
                    for connector in evse.connectors:
                        self._post(evse, connector, self.status(evse, connector), instructed=True)
            return True
        evse_ = self.station.evse(evse_id)
        if evse_ is None:
            return False
        wanted = [c for c in evse_.connectors if connector_id in (0, c.id)]
        for connector in wanted:
            self._post(evse_, connector, self.status(evse_, connector), instructed=True)
        return bool(wanted)

    # --- faults ---------------------------------------------------------------------------------------------------------

    def fault_raised(self, event: FaultRaised) -> None:
        """Hardware reports a fault: power is forbidden first, all else follows."""
        fault, station = event.fault, self.station
        evse = station.evse(fault.evse_id)
        present = self.faults if evse is None else evse.faults
        if fault.key in present:
            return
        present[fault.key] = fault
        station.notify("fault", name=fault.name.value, evse_id=fault.evse_id, active=True, message=fault.message)
        affected = station.evses if evse is None else (evse,)
        self.station_touched = self.station_touched or evse is None
        for one in affected:
            station.touch(one)
            if fault.effect.stops:
                station.apply_power(one)
                if one.transaction is not None or one.authorization is not None:
                    station.sessions.terminate(one, "AbnormalCondition", _stop_reason(fault))
        self._tell(fault, active=True)

    def fault_cleared(self, event: FaultCleared) -> None:
        """A fault is over."""
        fault, station = event.fault, self.station
        evse = station.evse(fault.evse_id)
        present = self.faults if evse is None else evse.faults
        if present.pop(fault.key, None) is None:
            return
        station.notify("fault", name=fault.name.value, evse_id=fault.evse_id, active=False, message=fault.message)
        self.station_touched = self.station_touched or evse is None
        for one in station.evses if evse is None else (evse,):
            station.touch(one)
        self._tell(fault, active=False)

    def _tell(self, fault: Fault, *, active: bool) -> None:
        self._event_id += 1
        self.station.post(
            FaultReported(
                event_id=self._event_id,
                instant=self.station.clock.now(),
                evse_id=fault.evse_id,
                connector_id=fault.connector_id,
                name=fault.name.value,
                active=active,
                mrec=fault.effect.mrec,
                info=fault.message,
                stops=fault.effect.stops,
            )
        )

    # --- commands -------------------------------------------------------------------------------------------------------

    @handles(ChangeAvailability)
    def change_availability(self, command: ChangeAvailability, respond: Respond) -> None:
        """G03, G04; 1.6 §5.2."""
        station = self.station
        place = (command.evse_id, command.connector_id)
        evse = station.evse(command.evse_id)
        if command.evse_id and (evse is None or command.connector_id > len(evse.connectors)):
            respond(Result("Rejected", "UnknownEvse", "there is no such EVSE or connector"))
            return
        affected = station.evses if evse is None else (evse,)
        busy = [
            one
            for one in affected
            if one.transaction is not None and (not command.connector_id or one.connector.id == command.connector_id)
        ]
        self._scheduled.pop(place, None)
        if not command.operative and busy:
            self._scheduled[place] = False
            if evse is None:  # what is free becomes inoperative at once (G04.FR.05)
                for one in affected:
                    station.touch(one)
            respond(Result("Scheduled"))
            return
        self._set(*place, operative=command.operative)
        respond(Result("Accepted"))

    def transaction_over(self, evse: Evse) -> None:
        """What waited for the end of a transaction is done now."""
        for place, operative in list(self._scheduled.items()):
            affected = self.station.evses if place[0] == 0 else (evse,)
            if place[0] in (0, evse.id) and all(one.transaction is None for one in affected):
                del self._scheduled[place]
                self._set(*place, operative=operative)

    @property
    def has_scheduled(self) -> bool:
        """Whether a change waits for the end of a transaction."""
        return bool(self._scheduled)

    def _set(self, evse_id: int, connector_id: int, *, operative: bool, keep: bool = True) -> None:
        station = self.station
        evse = station.evse(evse_id)
        if evse is None:
            self.operative = operative
            self.station_touched = True
        elif connector_id == 0:
            evse.operative = operative
        else:
            evse.connectors[connector_id - 1].operative = operative
        if keep:
            station.store.put(COLLECTION, f"{evse_id}.{connector_id}", b"1" if operative else b"0")
        for one in station.evses if evse is None else (evse,):
            station.touch(one)
            station.hardware.set_available(one.id, self.is_operative(one))


def _stop_reason(fault: Fault) -> str:
    """2.x ReasonEnumType of a fault that ends a transaction."""
    return {
        "EmergencyStop": "EmergencyStop",
        "GroundFailure": "GroundFault",
        "RcdDC": "GroundFault",
        "RcdAC": "GroundFault",
        "OverCurrentFailure": "OvercurrentFault",
        "PowerLoss": "PowerLoss",
    }.get(fault.name.value, "Other")
