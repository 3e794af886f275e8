"""The charging station: the services of all functional blocks, composed on one station."""

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.clock import Clock
from chargepoint.station.command import Service
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.policy import Policy
from chargepoint.station.ports import Hardware, Store
from chargepoint.station.power import permitted_ampere
from chargepoint.station.station import Station
from chargepoint.station.timers import Timers
from chargepoint.station.token import Token
from chargepoint.station.variables import Catalogue
from hal.contract import (
    ContactorChanged,
    FaultCleared,
    FaultRaised,
    HardwareEvent,
    LockChanged,
    OccupancyChanged,
    PilotStateChanged,
    ProximityChanged,
    StopPressed,
    TokenPresented,
)
from profiles.authorization.service import AuthorizationService
from profiles.availability.service import AvailabilityService
from profiles.data_transfer.service import DataTransferService
from profiles.meter_values.service import MeterValuesService
from profiles.provisioning import variables as provisioning
from profiles.provisioning.device_model import DeviceModelService
from profiles.provisioning.service import ProvisioningService
from profiles.remote_control.service import RemoteControlService
from profiles.security.service import SecurityService
from profiles.transactions import variables as transactions
from profiles.transactions.service import TransactionService
from profiles.transactions.session import SessionService

if TYPE_CHECKING:
    from chargepoint.dialects.dialect import Dialect


class Identity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who the station is towards the CSMS (BootNotification)."""

    vendor: str = "chargepoint"
    model: str = "chargepoint"
    serial_number: str | None = None
    firmware_version: str | None = None
    box_serial_number: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None
    iccid: str | None = None
    imsi: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the maker decides for a kind of station. Shared by all stations of that kind.

    resume_transactions: after a power cut, go on with what was running when the vehicle is still there (else end it, reason PowerLoss).
    resume_second: how long to wait for the vehicle then. restart_reason: stop reason of what a restart has cut off.
    """

    resume_transactions: bool = False
    resume_second: float = 60.0
    restart_reason: str = "PowerLoss"
    cache_entries: int = 1000


class ChargingStation(Station):
    """One charging station with all its services.

    new_id: makes transaction ids (36 characters at most). on_restart: carries out a restart of the station or of one EVSE when the
    contactors are open: (evse_id, boot reason, soft).
    """

    __slots__ = (
        "_services",
        "authorization",
        "availability",
        "data_transfer",
        "device_model",
        "dialect",
        "identity",
        "meter_values",
        "new_id",
        "on_restart",
        "provisioning",
        "remote_control",
        "security",
        "sessions",
        "settings",
        "transactions",
    )

    def __init__(
        self,
        station_id: str,
        *,
        clock: Clock,
        timers: Timers,
        store: Store,
        hardware: Hardware,
        evses: Iterable[Evse],
        catalogue: Catalogue,
        identity: Identity | None = None,
        settings: Settings | None = None,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(
            station_id, clock=clock, timers=timers, store=store, hardware=hardware, evses=evses, catalogue=catalogue
        )
        self.identity = identity or Identity()
        self.settings = settings or Settings()
        self.new_id = new_id or (lambda: str(uuid.uuid4()))
        self.dialect: Dialect | None = None
        self.on_restart: Callable[[int, str, bool], None] | None = None
        self.provisioning = ProvisioningService(self)
        self.device_model = DeviceModelService(self)
        self.security = SecurityService(self)
        self.authorization = AuthorizationService(self)
        self.transactions = TransactionService(self)
        self.sessions = SessionService(self)
        self.meter_values = MeterValuesService(self)
        self.remote_control = RemoteControlService(self)
        self.availability = AvailabilityService(self)
        self.data_transfer = DataTransferService(self)
        self._services: tuple[Service, ...] = (
            self.provisioning,
            self.device_model,
            self.security,
            self.authorization,
            self.transactions,
            self.meter_values,
            self.remote_control,
            self.availability,
            self.data_transfer,
        )

    def services(self) -> Iterable[Service]:
        """The services that take commands and answers."""
        return self._services

    # --- life -------------------------------------------------------------------------------------------------------------

    def start(self, boot_reason: str = "PowerUp") -> None:
        """Take up the stored state. Call once, with the outbox set, before hardware and link start."""
        self.provisioning.boot_reason = boot_reason
        self.turn(self._start)

    def _start(self) -> None:
        for sentence in self.variables.load():
            self.notify("stored_value", message=sentence)
        self.availability.restore()
        self.provisioning.start()
        self.meter_values.start()
        self.transactions.restore()

    def connected(self, dialect: "Dialect") -> None:
        """There is a connection that speaks `dialect`."""
        self.dialect = dialect
        self.policy = dialect.policy
        self.notify("connected", version=dialect.version)
        self.turn(self.provisioning.connected)

    def disconnected(self) -> None:
        """The connection is gone."""
        self.notify("disconnected")
        self.turn(self.provisioning.disconnected)

    def accepted(self) -> None:
        """The CSMS has accepted the station: tell the state of everything (B01.FR.05)."""
        self.availability.report_all()

    def back_online(self, offline_second: float) -> None:
        """The connection is back after an outage: tell what has changed (B04)."""
        self.availability.back_online(offline_second)

    def synchronise(self, wall: float) -> None:
        """The CSMS says what time it is. A correction beyond the threshold is a security event (A04, SettingSystemTime)."""
        was_synchronised = self.clock.synchronised
        step = self.clock.synchronise(wall)
        if abs(step) > 1.0:
            self.notify("clock_set", step_second=step)
        if was_synchronised and abs(step) > self.get(provisioning.TIME_ADJUSTMENT_REPORTING_THRESHOLD):
            self.security.raise_event("SettingSystemTime", f"corrected by {step:.1f} s")

    # --- hardware -----------------------------------------------------------------------------------------------------------

    def hardware_event(self, event: HardwareEvent) -> None:
        """Something happened to the hardware: one turn."""
        self.turn(self._dispatch, event)

    def _dispatch(self, event: HardwareEvent) -> None:
        match event:
            case PilotStateChanged():
                self.sessions.pilot_changed(event)
            case ContactorChanged():
                self.sessions.contactor_changed(event)
            case ProximityChanged():
                self.sessions.proximity_changed(event)
            case LockChanged():
                self.sessions.lock_changed(event)
            case TokenPresented():
                self.authorization.present(event)
            case StopPressed():
                self.sessions.stop_pressed(event)
            case OccupancyChanged():
                self.sessions.occupancy_changed(event)
            case FaultRaised():
                self.availability.fault_raised(event)
            case FaultCleared():
                self.availability.fault_cleared(event)

    # --- what services ask of each other ------------------------------------------------------------------------------------

    def touch(self, evse: Evse) -> None:
        """Something on this EVSE changed in this turn; what is derived from it is settled at the end."""
        evse.touched = True

    def startable(self, evse: Evse, token: Token | None = None) -> bool:
        """Whether a session may be authorized on the EVSE now, by `token` where that matters (reservations)."""
        return (
            evse.authorization is None
            and evse.stopping_fault is None
            and self.availability.is_operative(evse, evse.connector)
            and not self.provisioning.reset_pending_on(evse.id)
            and (self.provisioning.registration == "Accepted" or self.get(transactions.TX_BEFORE_ACCEPTED_ENABLED))
            and not (evse.transaction is not None and evse.transaction.deauthorized is not None)
        )

    def reserved(self, evse: Evse, connector: Connector) -> bool:
        """Whether the connector is kept for somebody."""
        return False

    def power_permitted(self, evse: Evse) -> bool:
        """Whether the rules permit power now; the board decides whether it flows."""
        if evse.authorization is None or not evse.plugged or evse.stopping_fault is not None:
            return False
        if self.availability.station_fault is not None:
            return False
        transaction = evse.transaction
        if transaction is not None and transaction.deauthorized is not None:
            return transaction.invalid_since_watt_hour is not None
        return True

    def apply_power(self, evse: Evse) -> None:
        """Command the power path as the rules permit. Opening is commanded within this call."""
        limit = permitted_ampere(evse) if self.power_permitted(evse) else None
        evse.paused = limit == 0.0
        demand = (limit, evse.phases if limit is not None else 0)
        if demand == evse.demanded:
            return
        was_permitted = evse.demanded[0] is not None
        evse.demanded = demand
        if (limit is not None) != was_permitted:
            evse.permitted_since = self.clock.monotonic() if limit is not None else None
            self.transactions.permitted_changed(evse, permitted=limit is not None)
        self.hardware.demand(evse.id, *demand)

    def restart(self, evse_id: int, reason: str, *, soft: bool) -> None:
        """Restart the station (0) or an EVSE; contactors are opened first."""
        for evse in self.evses:
            if evse_id in (0, evse.id):
                self.touch(evse)
                self.apply_power(evse)
        self.notify("restart", evse_id=evse_id, reason=reason, soft=soft)
        if self.on_restart is not None:
            self.on_restart(evse_id, reason, soft)

    # --- end of a turn ---------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Derive power, charging state, lock and status of what was touched."""
        ended = False
        for _ in range(4):  # settling one thing may touch another; it converges at once or there is a defect
            touched = [evse for evse in self.evses if evse.touched]
            if not touched:
                break
            for evse in touched:
                evse.touched = False
                self.apply_power(evse)
                self.transactions.settle(evse)
                self._settle_lock(evse)
                if evse.transaction is None:
                    ended = True
                    self.availability.transaction_over(evse)
                self.availability.settle(evse)
        if self.availability.station_touched:
            self.availability.settle_station()
        if ended:
            self.provisioning.transaction_over()

    def _settle_lock(self, evse: Evse) -> None:
        """A plug in a socket is locked while its session is authorized, and released when power is off."""
        connector = evse.connector
        if not connector.has_lock:
            return
        wanted = evse.authorization is not None and (evse.plugged or connector.lock_wanted)
        if wanted == connector.lock_wanted:
            return
        if not wanted and evse.contactor_closed:
            return  # first the contactor, then the lock; the contactor's event brings us back here
        if not wanted and not evse.plugged and not self.get(transactions.UNLOCK_ON_EV_SIDE_DISCONNECT):
            return  # the cable stays locked until its owner presents his token again (E09.FR.06; 1.6 §9.1.29)
        connector.lock_wanted = wanted
        if wanted:
            self.hardware.lock(evse.id, connector.id)
        else:
            self.hardware.unlock(evse.id, connector.id, lambda _moved: None)


def policy_of(station: ChargingStation) -> Policy:
    """The policy in force, for display."""
    return station.policy
