"""EVSE and connector: what the station knows of its own sockets right now."""

from collections.abc import Mapping

from chargepoint.station.instant import Instant
from chargepoint.station.nothing import NOTHING
from chargepoint.station.schedule import Profile
from chargepoint.station.timers import Timer
from chargepoint.station.token import Token, TokenInfo
from chargepoint.station.transaction import Transaction
from hal.contract import PilotState
from hal.fault import Fault, FaultName

FaultKey = tuple[FaultName, int, int]
_WITH_VEHICLE = PilotState.B, PilotState.C, PilotState.D
_ASKING = PilotState.C, PilotState.D
_NO_TIMERS: dict[str, Timer] = {}  # of all idle EVSEs, never changed


class Connector:
    """A socket or a tethered cable. number: its connector number in 1.6, counted through the station from 1."""

    __slots__ = (
        "cable_ampere",
        "fixed_cable",
        "has_lock",
        "id",
        "kept_for",
        "kind",
        "lock_wanted",
        "locked",
        "number",
        "operative",
        "pending",
        "reported",
        "sent",
        "status_timer",
    )

    def __init__(self, connector_id: int, number: int, kind: str, *, fixed_cable: bool, has_lock: bool) -> None:
        self.id = connector_id
        self.number = number
        self.kind = kind
        self.fixed_cable = fixed_cable
        self.has_lock = has_lock
        self.cable_ampere: float | None = None
        self.locked = False
        self.operative = True
        self.lock_wanted = False
        self.kept_for: Authorization | None = None  # the session is over, but the cable is held for its owner
        self.reported: object = None  # the status last derived and told
        self.pending: object = None  # a newer one that has to last a while before it is told
        self.sent: object = None  # the status that the CSMS has answered last
        self.status_timer: Timer | None = None  # runs while one is pending


class Authorization:
    """That a driver may charge here: since when, who, and by what.

    origin: "local" (reader, key pad, button), "remote" (CSMS), "none" (authorization disabled), "resumed" (from before a restart).
    anywhere: which EVSE he will use is not known yet; where a vehicle is plugged in, there it is.
    """

    __slots__ = (
        "anywhere",
        "charging_profile",
        "deadline",
        "group",
        "info",
        "origin",
        "pending",
        "remote_start_id",
        "reservation_id",
        "since",
        "token",
        "told",
    )

    def __init__(self, token: Token, since: Instant, origin: str) -> None:
        self.token = token
        self.since = since
        self.origin = origin
        self.info: TokenInfo | None = None
        self.group: Token | None = None
        self.remote_start_id: int | None = None
        self.reservation_id: int | None = None
        self.deadline: Timer | None = None
        self.charging_profile: Profile | None = None  # brought along by a remote start, for the transaction to come
        self.anywhere = False
        self.told = False  # the CSMS has been told who it is, within a transaction
        self.pending = False  # accepted by offline policy or list; the CSMS has not been asked yet


class Evse:
    """One EVSE: at most one transaction at a time."""

    __slots__ = (
        "authorization",
        "charging_seen",
        "chosen_connector_id",
        "conditions",
        "connectors",
        "contactor_closed",
        "demanded",
        "faults",
        "finishing",
        "id",
        "left_in_transaction",
        "maximum_ampere",
        "occupied",
        "operative",
        "paused",
        "permitted_since",
        "phases",
        "pilot",
        "plugged_since",
        "senses_vehicle",
        "supply",
        "switches_phases",
        "timers",
        "touched",
        "transaction",
        "voltage_volt",
    )

    def __init__(
        self,
        evse_id: int,
        connectors: tuple[Connector, ...],
        *,
        phases: int = 3,
        maximum_ampere: float = 32.0,
        voltage_volt: float = 230.0,
        supply: str = "AC",
    ) -> None:
        self.id = evse_id
        self.connectors = connectors
        self.phases = phases
        self.maximum_ampere = maximum_ampere
        self.voltage_volt = voltage_volt
        self.supply = supply
        self.pilot = PilotState.A
        self.plugged_since: Instant | None = None
        self.occupied = False
        self.operative = True
        self.contactor_closed = False
        self.faults: Mapping[FaultKey, Fault] = NOTHING
        self.authorization: Authorization | None = None
        self.transaction: Transaction | None = None
        self.finishing = False  # the session is over but the vehicle, or its cable, is still there (1.6 Finishing)
        self.left_in_transaction = False  # the vehicle was unplugged during a transaction, and is not back
        self.demanded: tuple[float | None, int] = (None, 0)
        self.conditions = 0  # the transaction points that hold now, as bits
        self.permitted_since: float | None = None  # monotonic
        self.charging_seen = False  # energy has flowed since power was permitted
        self.paused = False  # the station offers no current for the moment
        self.switches_phases = False  # the board can change between one phase and all during a session
        self.senses_vehicle = True  # without a pilot, a vehicle is taken to be there once somebody may charge
        self.chosen_connector_id = 0  # which the CSMS has named for the vehicle that is there or to come; 0 = none
        self.touched = False  # something changed in this turn
        self.timers = _NO_TIMERS

    def start_timer(self, name: str, timer: Timer) -> None:
        """Keep a timer under a name; an earlier one of that name is cancelled."""
        timers = self.timers
        if not timers:
            self.timers = {name: timer}
            return
        earlier = timers.get(name)
        if earlier is not None:
            earlier.cancel()
        timers[name] = timer

    def stop_timer(self, name: str) -> None:
        """Cancel the timer of that name, if there is one."""
        timers = self.timers
        if name in timers:
            timers.pop(name).cancel()
            if not timers:
                self.timers = _NO_TIMERS

    @property
    def plugged(self) -> bool:
        """Whether a vehicle is connected."""
        return self.pilot in _WITH_VEHICLE and (self.senses_vehicle or self.authorization is not None)

    @property
    def requests_power(self) -> bool:
        """Whether the vehicle asks for power."""
        return self.pilot in _ASKING

    @property
    def connector(self) -> Connector:
        """The connector in use: the one that holds a cable, else the one that the CSMS has named, else the first that may be used."""
        if len(self.connectors) == 1:
            return self.connectors[0]
        for connector in self.connectors:
            if not connector.fixed_cable and connector.cable_ampere is not None:
                return connector
        if self.chosen_connector_id:
            return self.connectors[self.chosen_connector_id - 1]
        return next((connector for connector in self.connectors if connector.operative), self.connectors[0])

    @property
    def secured(self) -> bool:
        """Whether the plug is held as far as it can be: its lock is closed, or it has none."""
        connector = self.connector
        return connector.locked or not connector.has_lock

    @property
    def cable_present(self) -> bool:
        """Whether a vehicle is connected, or at least a loose cable is in the socket."""
        connector = self.connector
        return self.plugged or (not connector.fixed_cable and connector.cable_ampere is not None)

    @property
    def stopping_fault(self) -> Fault | None:
        """A present fault that forbids power."""
        if self.faults:
            for fault in self.faults.values():
                if fault.effect.stops:
                    return fault
        return None
