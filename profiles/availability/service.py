"""The rules of telling availability: when a status is told, and what faults do. (What a status is: `status.py`.)

Rule 1. A status is told when it differs at the end of a turn from what was told last (G01; 1.6 §4.9, errata 3.19).
Rule 2. A change that lasts shorter than MinimumStatusDuration is not told; a fault is told at once (1.6 §4.9).
Rule 3. After an outage the CSMS is told what it does not know yet; what it has not answered, it does not know (B04; 1.6 §4.9).
Rule 4. A fault opens the contactor first; all else follows.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chargepoint.station.evse import Connector, Evse, FaultKey
from chargepoint.station.facts import Refused
from chargepoint.station.nothing import NO_MEMBERS, NOTHING, with_entry, without
from chargepoint.station.service import answers
from hal.contract import FaultCleared, FaultRaised
from hal.fault import Fault
from profiles.availability import variables
from profiles.availability.facts import ConnectorStatusChanged, FaultReported
from profiles.availability.status import Status, connector_status, plain, station_status
from profiles.provisioning import variables as provisioning
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class AvailabilityService(BlockService):
    """Functional block G, without the change of availability. faults: present ones of the station as a whole."""

    __slots__ = ("_again", "_event_id", "_station_reported", "_station_sent", "faults", "station_touched")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self.faults: Mapping[FaultKey, Fault] = NOTHING
        self.station_touched = False
        self._station_reported: Status | None = None
        self._station_sent: Status | None = None
        # numbers of connectors (0: the station) that are told in this turn although unchanged
        self._again: frozenset[int] = NO_MEMBERS
        self._event_id = 0

    @property
    def station_fault(self) -> Fault | None:
        """A present fault of the station as a whole that forbids power."""
        if not self.faults:
            return None
        return next((fault for fault in self.faults.values() if fault.effect.stops), None)

    def status(self, evse: Evse, connector: Connector) -> Status:
        """The status of a connector as it is now."""
        return connector_status(self.station, evse, connector)

    # --- the end of a turn ---------------------------------------------------------------------------------------------

    def settle(self, evse: Evse) -> None:
        """Tell the statuses that have changed."""
        for connector in evse.connectors:
            status = self.status(evse, connector)
            if status.detailed == "Unavailable" and connector is evse.connector:
                evse.finishing = False  # no way leads back to Finishing: who is still there begins anew (1.6 §4.9, H2)
            if status == connector.reported:
                self._forget_pending(connector)
                if connector.number in self._again:
                    self._post(evse, connector, status)
            elif status != connector.pending:
                self._changed(evse, connector, status)
            self._told_again(connector.number)

    def _changed(self, evse: Evse, connector: Connector, status: Status) -> None:
        self._forget_pending(connector)
        minimum = self.station.get(variables.MINIMUM_STATUS_DURATION)
        if minimum <= 0 or status.status == "Faulted" or connector.reported is None:
            self._report(evse, connector, status)
            return
        connector.pending = status
        connector.status_timer = self.station.after(minimum, lambda: self._report(evse, connector, status))

    @staticmethod
    def _forget_pending(connector: Connector) -> None:
        connector.pending = None
        if connector.status_timer is not None:
            connector.status_timer.cancel()
            connector.status_timer = None

    def _report(self, evse: Evse, connector: Connector, status: Status) -> None:
        self._forget_pending(connector)
        before, connector.reported = connector.reported, status
        self.station.notify(
            "status", evse_id=evse.id, connector_id=connector.id, status=status.status, detailed=status.detailed
        )
        if (
            not isinstance(before, Status)
            or self._told(before) != self._told(status)
            or connector.number in self._again
        ):
            self._post(evse, connector, status)

    def _told(self, status: Status) -> tuple[str, ...]:
        """What the CSMS is told of a status: 1.6 each stage with its error, 2.x only whether the connector is free."""
        if self.station.policy.detailed_connector_status:
            return (status.detailed, status.error_code, status.info, status.vendor_error_code)
        return (status.status,)

    def settle_station(self) -> None:
        """The status of the station as a whole (1.6 connector 0)."""
        self.station_touched = False
        status = station_status(self.station)
        if status != self._station_reported or 0 in self._again:
            self._station_reported = status
            self._post_station(status)
        self._told_again(0)

    def _told_again(self, number: int) -> None:
        if self._again:
            self._again -= {number}

    # --- telling ----------------------------------------------------------------------------------------------------------

    def _post(self, evse: Evse, connector: Connector, status: Status, *, instructed: bool = False) -> None:
        self._told_again(connector.number)
        self.station.outbox.post(self._fact(evse.id, connector.id, status), instructed=instructed)

    def _post_station(self, status: Status, *, instructed: bool = False) -> None:
        if self.station.policy.announce_status_of_station:
            self.station.outbox.post(self._fact(0, 0, status), instructed=instructed)

    def _fact(self, evse_id: int, connector_id: int, status: Status) -> ConnectorStatusChanged:
        return ConnectorStatusChanged(
            evse_id=evse_id,
            connector_id=connector_id,
            instant=self.station.clock.now(),
            status=status.status,
            detailed=status.detailed,
            error_code=status.error_code,
            info=status.info,
            vendor_error_code=status.vendor_error_code,
        )

    @answers(ConnectorStatusChanged)
    def status_answered(self, fact: ConnectorStatusChanged, answer: object) -> None:
        """The CSMS knows the status now, unless it has not answered."""
        if isinstance(answer, Refused):
            return
        sent = plain(fact.status, fact.detailed)
        if (fact.error_code, fact.info, fact.vendor_error_code) != (sent.error_code, sent.info, sent.vendor_error_code):
            sent = Status(fact.status, fact.detailed, fact.error_code, fact.info, fact.vendor_error_code)
        evse = self.station.evse(fact.evse_id)
        if evse is None:
            self._station_sent = sent
        else:
            evse.connectors[fact.connector_id - 1].sent = sent

    def tell_station(self, error_code: str, info: str) -> None:
        """Tell once that something is amiss that is no fault of the hardware, where the version has words for it (1.6 error codes)."""
        status = station_status(self.station)
        self._post_station(Status(status.status, status.detailed, error_code, info))

    def tell_again(self, evse_id: int, connector_id: int) -> None:
        """Tell the statuses of station, EVSE or connector at the end of this turn, changed or not: the CSMS has just asked for a change."""
        evse = self.station.evse(evse_id)
        wanted = {0} if evse is None else set()
        for one in self.station.evses if evse is None else (evse,):
            self.station.touch(one)
            wanted |= {connector.number for connector in one.connectors if connector_id in (0, connector.id)}
        self.station_touched = self.station_touched or evse is None
        self._again = frozenset(wanted)

    def report_all(self) -> None:
        """Tell every status: after the CSMS has accepted the station (B01.FR.05; 1.6 §4.2, errata 3.22)."""
        self._station_reported = station_status(self.station)
        self._post_station(self._station_reported)
        for evse in self.station.evses:
            for connector in evse.connectors:
                self._forget_pending(connector)
                connector.reported = status = self.status(evse, connector)
                self._post(evse, connector, status)

    def back_online(self, offline_second: float) -> None:
        """After an outage: all statuses when it was longer than OfflineThreshold, else those that differ (B04.FR.01, B04.FR.02)."""
        if offline_second > self.station.get(provisioning.OFFLINE_THRESHOLD):
            self.report_all()
            return
        if self._station_reported is not None and self._station_sent != self._station_reported:
            self._post_station(self._station_reported)
        for evse in self.station.evses:
            for connector in evse.connectors:
                reported, sent = connector.reported, connector.sent
                if isinstance(reported, Status) and (
                    not isinstance(sent, Status) or self._told(sent) != self._told(reported)
                ):
                    self._post(evse, connector, reported)

    def trigger(self, evse_id: int | None, connector_id: int) -> None:
        """The CSMS wants statuses again (F06; 1.6 §5.17). evse_id: 0 = the station as a whole, None = it and all connectors."""
        if not evse_id:
            self._post_station(station_status(self.station), instructed=True)
        for evse in self.station.evses:
            for connector in evse.connectors:
                if evse_id in (None, evse.id) and connector_id in (0, connector.id):
                    self._post(evse, connector, self.status(evse, connector), instructed=True)

    # --- faults ---------------------------------------------------------------------------------------------------------

    def fault_raised(self, event: FaultRaised) -> None:
        """Hardware reports a fault: power is forbidden first, all else follows."""
        fault, station = event.fault, self.station
        evse = station.evse(fault.evse_id)
        present = self._faults_of(evse)
        if fault.key in present:
            return
        self._set_faults(evse, with_entry(present, fault.key, fault))
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
        present = self._faults_of(evse)
        if fault.key not in present:
            return
        self._set_faults(evse, without(present, fault.key))
        station.notify("fault", name=fault.name.value, evse_id=fault.evse_id, active=False, message=fault.message)
        self.station_touched = self.station_touched or evse is None
        for one in station.evses if evse is None else (evse,):
            station.touch(one)
        self._tell(fault, active=False)

    def _faults_of(self, evse: Evse | None) -> Mapping[FaultKey, Fault]:
        return self.faults if evse is None else evse.faults

    def _set_faults(self, evse: Evse | None, faults: Mapping[FaultKey, Fault]) -> None:
        if evse is None:
            self.faults = faults
        else:
            evse.faults = faults

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
                problem=self._problem(fault),
                mrec=fault.effect.mrec,
                info=fault.message,
                stops=fault.effect.stops,
            )
        )

    def _problem(self, fault: Fault) -> bool:
        """Whether the component that has, or had, the fault has a problem now: there may be another."""
        place = (fault.evse_id, fault.connector_id)
        if fault.evse_id == 0:
            return self.station.get(variables.CHARGING_STATION_PROBLEM)
        if fault.connector_id == 0:
            return self.station.get(variables.EVSE_PROBLEM, *place)
        if variables.is_lock_fault(fault):
            return self.station.get(variables.LOCK_PROBLEM, *place)
        return self.station.get(variables.CONNECTOR_PROBLEM, *place)


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
