"""The charging station: the services of all functional blocks, composed on one station."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from chargepoint.station.chance import SYSTEM, Chance
from chargepoint.station.clock import EARLIEST_WALL, LATEST_WALL, Clock
from chargepoint.station.evse import Evse
from chargepoint.station.policy import POLICIES
from chargepoint.station.ports import Hardware, Network, Store
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
from hal.fault import FaultName
from profiles.authorization.reader import ReaderService
from profiles.authorization.service import AuthorizationService
from profiles.availability.operability import OperabilityService
from profiles.availability.service import AvailabilityService
from profiles.certificates.service import CertificateService
from profiles.data_transfer.service import DataTransferService
from profiles.diagnostics.service import DiagnosticsService
from profiles.firmware.service import FirmwareService
from profiles.identity import Identity, Settings
from profiles.local_list.service import LocalListService
from profiles.meter_values.sampling import SamplingService
from profiles.meter_values.service import MeterValuesService
from profiles.provisioning import variables as provisioning
from profiles.provisioning.device_model import DeviceModelService
from profiles.provisioning.network_profile import NetworkProfileService
from profiles.provisioning.reset import ResetService
from profiles.provisioning.service import ProvisioningService
from profiles.remote_control.service import RemoteControlService
from profiles.remote_control.trigger import TriggerService
from profiles.reservation.service import ReservationService
from profiles.security.service import SecurityService
from profiles.smart_charging.service import SmartChargingService
from profiles.tariff_cost.service import TariffCostService
from profiles.transactions import variables as transactions
from profiles.transactions.answers import TransactionAnswersService
from profiles.transactions.charging import ChargingService
from profiles.transactions.closing import ClosingService
from profiles.transactions.limits import LimitService
from profiles.transactions.resumption import ResumptionService
from profiles.transactions.service import TransactionService
from profiles.transactions.session import SessionService

if TYPE_CHECKING:
    from chargepoint.dialects.dialect import Dialect


_VERSION_COLLECTION, _VERSION = "station", "version"


class ChargingStation(Station):
    """One charging station with all its services.

    chance: what is random. new_id: makes transaction ids (36 characters at most), by chance by default.
    on_restart: carries out a restart of the station; its boot reason is given.
    network: the link, where there is a choice of network profiles.
    """

    service_names: ClassVar[tuple[str, ...]] = (
        "provisioning",
        "resets",
        "network_profiles",
        "device_model",
        "security",
        "authorization",
        "local_list",
        "transactions",
        "transaction_answers",
        "meter_values",
        "remote_control",
        "triggers",
        "availability",
        "operability",
        "reservations",
        "smart_charging",
        "data_transfer",
        "certificates",
        "tariff_cost",
        "sampling",
    )
    """The services that have a table of commands, answers or variables."""

    __slots__ = (
        "authorization",
        "availability",
        "certificates",
        "chance",
        "charging",
        "closing",
        "data_transfer",
        "device_model",
        "diagnostics",
        "dialect",
        "firmware",
        "identity",
        "limits",
        "local_list",
        "meter_values",
        "network",
        "network_profiles",
        "new_id",
        "on_restart",
        "operability",
        "provisioning",
        "readers",
        "remote_control",
        "reservations",
        "resets",
        "resumption",
        "sampling",
        "security",
        "sessions",
        "settings",
        "smart_charging",
        "tariff_cost",
        "touched",
        "transaction_answers",
        "transactions",
        "triggers",
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
        chance: Chance = SYSTEM,
    ) -> None:
        super().__init__(
            station_id, clock=clock, timers=timers, store=store, hardware=hardware, evses=evses, catalogue=catalogue
        )
        self.identity = identity or Identity()
        self.settings = settings or Settings()
        self.chance = chance
        self.new_id = new_id or chance.transaction_id
        self.dialect: Dialect | None = None
        self.on_restart: Callable[[str], None] | None = None
        self.network: Network | None = None
        self.touched = False  # some EVSE is
        self.provisioning = ProvisioningService(self)
        self.resets = ResetService(self)
        self.network_profiles = NetworkProfileService(self)
        self.device_model = DeviceModelService(self)
        self.security = SecurityService(self)
        self.local_list = LocalListService(self)
        self.authorization = AuthorizationService(self)
        self.readers = ReaderService(self)
        self.transactions = TransactionService(self)
        self.transaction_answers = TransactionAnswersService(self)
        self.charging = ChargingService(self)
        self.closing = ClosingService(self)
        self.limits = LimitService(self)
        self.resumption = ResumptionService(self)
        self.sessions = SessionService(self)
        self.meter_values = MeterValuesService(self)
        self.sampling = SamplingService(self)
        self.remote_control = RemoteControlService(self)
        self.availability = AvailabilityService(self)
        self.operability = OperabilityService(self)
        self.reservations = ReservationService(self)
        self.smart_charging = SmartChargingService(self)
        self.triggers = TriggerService(self)
        self.firmware = FirmwareService(self)
        self.diagnostics = DiagnosticsService(self)
        self.data_transfer = DataTransferService(self)
        self.certificates = CertificateService(self)
        self.tariff_cost = TariffCostService(self)

    # --- life -------------------------------------------------------------------------------------------------------------

    def start(self, boot_reason: str = "PowerUp") -> None:
        """Take up the stored state. Call once, with the outbox set, before hardware and link start."""
        self.provisioning.boot_reason = boot_reason
        self.turn(self._start)

    def _start(self) -> None:
        for sentence in self.variables.load():
            self.notify("stored_value", message=sentence)
        spoken = self.store.get(_VERSION_COLLECTION, _VERSION)
        version = spoken.decode() if spoken is not None else self.settings.first_version
        self.policy = POLICIES.get(version, self.policy)
        self.operability.restore()
        self.reservations.restore()
        self.data_transfer.start()
        self.provisioning.start()
        self.network_profiles.start()
        self.meter_values.start()
        self.closing.restore()
        interrupted = self.transactions.restore()
        self.sampling.restore()
        self.smart_charging.restore()
        self.resumption.begin(interrupted)

    def connected(self, dialect: "Dialect") -> None:
        """There is a connection that speaks `dialect`."""
        self.dialect = dialect
        self.policy = dialect.policy
        self.sampling.version_changed()
        self.notify("connected", version=dialect.version)
        self.turn(self._connected)

    def _connected(self) -> None:
        self._keep_version(self.policy.version)
        self.smart_charging.connected()
        self.provisioning.connected(elsewhere=self.network_profiles.connected())

    def _keep_version(self, version: str) -> None:
        """Remember what was spoken last: after a restart its rules hold until there is a connection."""
        if self.store.get(_VERSION_COLLECTION, _VERSION) != version.encode():
            self.store.put(_VERSION_COLLECTION, _VERSION, version.encode())

    def disconnected(self) -> None:
        """The connection is gone."""
        self.notify("disconnected")
        self.turn(self._disconnected)

    def _disconnected(self) -> None:
        self.provisioning.disconnected()
        self.smart_charging.disconnected()
        self.network_profiles.disconnected()

    def admit(self) -> None:
        """See `Station.admit`."""
        self.provisioning.admit()

    def accepted(self) -> None:
        """The CSMS has accepted the station: tell the state of everything (B01.FR.05), and let those charge who have waited for it."""
        self.availability.report_all()
        for evse in self.evses:
            self.touch(evse)

    def back_online(self, offline_second: float) -> None:
        """The connection is back after an outage: tell what has changed (B04)."""
        self.availability.back_online(offline_second)

    @property
    def follows_csms_time(self) -> bool:
        """Whether the CSMS's clock is the best one that there is (B01.FR.06, G02.FR.06)."""
        return self.get(provisioning.TIME_SOURCE)[:1] == ("Heartbeat",)

    def synchronise(self, wall: float | None) -> None:
        """Set the clock: by what the CSMS says, or by the machine's own clock where that is the time source.

        What no timestamp could hold is no time. A correction beyond the threshold is a security event (A04, SettingSystemTime).
        """
        was_synchronised = self.clock.synchronised
        if not self.follows_csms_time:
            step = self.clock.follow_system()
        elif wall is not None and EARLIEST_WALL <= wall < LATEST_WALL:
            step = self.clock.synchronise(wall)
        else:
            return
        stepped = abs(step) > 1.0
        if stepped:
            self.meter_values.align()
            self.reservations.clock_stepped()
            self.smart_charging.clock_stepped()
        self.resumption.clock_known()
        if stepped:
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
                self.readers.present(event)
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
        evse.touched = self.touched = True

    def startable(
        self,
        evse: Evse,
        token: Token | None = None,
        group: Token | None = None,
        *,
        group_known: bool = False,
        leaving: Evse | None = None,
    ) -> bool:
        """Whether a session may be authorized on the EVSE now, by `token` where that matters (reservations, C01.FR.23).

        group: of the driver, for reservations; group_known False: it has not been asked for yet, and may turn out to be the right one.
        leaving: the EVSE that he gives up for it.
        """
        begun_by = evse.transaction.token if evse.transaction is not None else None
        return (
            evse.authorization is None
            and evse.stopping_fault is None
            and self.availability.station_fault is None
            and self.operability.is_operative(evse, evse.connector if evse.cable_present else None)
            and not self.resets.pending_on(evse.id)
            and (self.provisioning.accepted or self.get(transactions.TX_BEFORE_ACCEPTED_ENABLED))
            and not self.resumption.pending(evse)
            and (evse.connector.kept_for is None or evse.plugged)
            and (token is None or begun_by is None or begun_by.same(token))
            and (
                token is None or self.reservations.permits(evse, token, group, group_known=group_known, leaving=leaving)
            )
        )

    def reserved(self, evse: Evse) -> bool:
        """Whether the EVSE is kept for somebody who has not come yet."""
        return evse.authorization is None and self.reservations.keeps(evse)

    def power_permitted(self, evse: Evse) -> bool:
        """Whether the rules permit power now; the board decides whether it flows."""
        if evse.authorization is None or not evse.plugged or evse.stopping_fault is not None:
            return False
        if not evse.secured:  # G05.FR.01
            return False
        if self.availability.station_fault is not None:
            return False
        return evse.transaction is None or not self.limits.withholds(evse.transaction)

    def apply_power(self, evse: Evse) -> None:
        """Command the power path as the rules permit. Opening is commanded within this call."""
        allowance = self.smart_charging.allowance(evse)
        ampere = None if allowance is None else allowance.ampere
        phases = evse.phases if allowance is None or evse.supply == "DC" else allowance.phases
        limit = permitted_ampere(evse, ampere) if self.power_permitted(evse) else None
        evse.paused = limit == 0.0
        demand = (limit, phases if limit is not None else 0)
        if demand == evse.demanded:
            return
        before = evse.demanded[0]
        was_offered = bool(before)
        evse.demanded = demand
        if bool(limit) != was_offered:
            evse.permitted_since = self.clock.monotonic() if limit else None
            self.charging.permitted_changed(evse, permitted=bool(limit))
        elif before and limit:
            self.smart_charging.applied(evse, before, limit)
        self.hardware.demand(evse.id, *demand)

    def restart(self, reason: str) -> None:
        """Restart the station; what was running has been told to stop. reason: 2.x BootReasonEnumType of the next start."""
        self.notify("restart", evse_id=0, reason=reason)
        if self.on_restart is not None:
            self.on_restart(reason)

    # --- end of a turn ---------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Derive power, charging state, lock and status of what was touched."""
        ended, reservations = False, self.reservations
        if not self.touched and reservations.idle:
            self.smart_charging.review()
            if not self.touched:  # as after most turns
                if self.availability.station_touched:
                    self.availability.settle_station()
                return
        for _ in range(4):  # settling one thing may touch another; it converges at once or there is a defect
            if not reservations.idle:
                reservations.review()
            self.smart_charging.review()
            if not self.touched:
                break
            self.touched = False
            for evse in [evse for evse in self.evses if evse.touched]:
                evse.touched = False
                self.readers.settle(evse)
                self.apply_power(evse)
                self.charging.settle(evse)
                self._settle_lock(evse)
                if evse.transaction is None:
                    ended = True
                self.remote_control.settle(evse)
                self.operability.settle(evse)
                self.availability.settle(evse)
            if ended:
                ended = False
                self.resets.settle()
        if self.availability.station_touched:
            self.availability.settle_station()
        if not reservations.idle:
            reservations.tell()

    def _settle_lock(self, evse: Evse) -> None:
        """A plug in a socket is locked while its session is authorized or its owner is awaited, and released when power is off."""
        connector, authorization = evse.connector, evse.authorization
        if not connector.has_lock:
            return
        wanted = (
            connector.kept_for is not None
            or (self.resumption.pending(evse) and not self.resumption.interrupted(evse))
            or (authorization is not None and (evse.plugged or connector.lock_wanted))
        )
        if wanted == connector.lock_wanted:
            return
        if not wanted and evse.contactor_closed:
            return  # first the contactor, then the lock; the contactor's event brings us back here
        if not wanted and evse.cable_present and any(key[0] is FaultName.LOCK_FAILED_LOCK for key in evse.faults):
            return  # driving it again would clear the fault, and the plug sits as badly as before
        connector.lock_wanted = wanted
        if wanted:
            self.hardware.lock(evse.id, connector.id)
        else:
            self.hardware.unlock(evse.id, connector.id, lambda _moved: None)
