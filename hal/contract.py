"""What the station asks of hardware, and what hardware may tell it.

Units are SI and stand in the names (ampere, watt, watt-hour, second). `evse_id` counts from 1, 0 means the whole station;
`connector_id` counts from 1 within its EVSE. A driver is built from its own `Options` and a `Resources`; it may do nothing
before `open()` and must have released everything after `close()`.

Promises that every backend keeps (one contract test suite holds them all to it):

1. A call that returns has happened: `Board.forbid()` returns when the mirror contact says open, `ConnectorLock.lock()` when the
   feedback says locked. What cannot be confirmed within the driver's own deadline raises `HardwareError`.
2. `forbid()` is never delayed by another call: it overtakes a `permit()` in progress. Any call may be cancelled; a cancelled
   `permit()` leaves the contactor open or in the state it had before, never half-way.
3. Events are emitted on the event loop's thread, in the order in which the hardware saw them. After `open()` returns, the present
   state has been emitted once (pilot, proximity, contactor, lock, active faults).
4. When contact with the device is lost, the driver raises a COMMUNICATION fault (METER_… or READER_FAULT for those) and goes on
   trying; it clears the fault when contact is back. It never repeats an old value as a new one. A board that loses contact with the
   agent opens its contactor by itself (hardware heartbeat); where a board cannot, `BoardCapabilities.watchdog` says so.
5. A driver whose class has `immediate = True` waits for nothing but plain futures: without anything to wait for, its coroutines run to the
   end at the first step, and no task is made for them.
6. Python permits power; whether power flows is decided by the board's own safety hardware.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

import msgspec

from hal.fault import Fault, FaultName

__all__ = [
    "Board",
    "BoardCapabilities",
    "Cancellable",
    "ConnectorLock",
    "ContactorChanged",
    "Emit",
    "EnergyMeter",
    "Fault",
    "FaultCleared",
    "FaultName",
    "FaultRaised",
    "HardwareError",
    "HardwareErrorReason",
    "HardwareEvent",
    "ImmediateMeter",
    "LockChanged",
    "MeterReading",
    "OccupancyChanged",
    "PilotState",
    "PilotStateChanged",
    "ProximityChanged",
    "Resources",
    "SignedMeterValue",
    "StopPressed",
    "SystemControl",
    "Time",
    "TokenPresented",
    "TokenReader",
]


# --- what hardware tells ---------------------------------------------------------------------------------------------


class PilotState(StrEnum):
    """Control pilot state of IEC 61851-1 as the EVSE sees it."""

    A = "A"  # no vehicle
    B = "B"  # vehicle connected, not asking for power
    C = "C"  # vehicle asks for power
    D = "D"  # vehicle asks for power and for ventilation
    E = "E"  # pilot shorted, or no supply
    F = "F"  # EVSE not available


class PilotStateChanged(msgspec.Struct, frozen=True):
    """The vehicle side of the pilot changed."""

    evse_id: int
    state: PilotState


class ProximityChanged(msgspec.Struct, frozen=True):
    """A cable was put into, or taken out of, the connector's socket. cable_ampere: rating of the cable, None = no cable.

    A tethered cable reports its rating once and never None.
    """

    evse_id: int
    connector_id: int
    cable_ampere: float | None


class ContactorChanged(msgspec.Struct, frozen=True):
    """The mirror contact says that the main contacts are now closed or open."""

    evse_id: int
    closed: bool


class LockChanged(msgspec.Struct, frozen=True):
    """The feedback of the connector lock changed."""

    evse_id: int
    connector_id: int
    locked: bool


class OccupancyChanged(msgspec.Struct, frozen=True):
    """The parking bay sensor saw a vehicle arrive or leave."""

    evse_id: int
    occupied: bool


class StopPressed(msgspec.Struct, frozen=True):
    """The driver pressed the stop button of the EVSE."""

    evse_id: int


class TokenPresented(msgspec.Struct, frozen=True):
    """A driver identified himself at a reader.

    value: as the reader is configured to format it. kind: OCPP 2.x IdTokenEnumType name (ISO14443, ISO15693, KeyCode, eMAID,
    MacAddress, NoAuthorization …). evse_ids: the EVSEs that the reader serves, empty = all.
    """

    value: str
    kind: str = "ISO14443"
    evse_ids: tuple[int, ...] = ()

    def __repr__(self) -> str:  # a token identifies a person: never in a log; of a key code not even a part
        shown = "" if self.kind == "KeyCode" else self.value[:2]
        return f"TokenPresented(value='{shown}…', kind={self.kind!r}, evse_ids={self.evse_ids})"


class FaultRaised(msgspec.Struct, frozen=True):
    """Something went wrong; it stays wrong until the same fault is cleared."""

    fault: Fault


class FaultCleared(msgspec.Struct, frozen=True):
    """The fault with the same key is over."""

    fault: Fault


HardwareEvent = (
    PilotStateChanged
    | ProximityChanged
    | ContactorChanged
    | LockChanged
    | OccupancyChanged
    | StopPressed
    | TokenPresented
    | FaultRaised
    | FaultCleared
)

Emit = Callable[[HardwareEvent], None]


# --- errors ----------------------------------------------------------------------------------------------------------


class HardwareErrorReason(StrEnum):
    """Why a hardware call failed."""

    ABSENT = "Absent"  # the device or port does not exist
    BUSY = "Busy"  # somebody else owns the port, line or address
    NO_ANSWER = "NoAnswer"  # the device is silent
    BAD_ANSWER = "BadAnswer"  # the device answered something that cannot be right
    NOT_CONFIRMED = "NotConfirmed"  # the feedback did not follow the command in time
    WELDED = "Welded"  # the contactor was told to open and did not
    REFUSED = "Refused"  # the device's own safety logic says no
    UNSUPPORTED = "Unsupported"  # this hardware cannot do that
    MISSING_LIBRARY = "MissingLibrary"  # an optional package is not installed
    BAD_OPTION = "BadOption"  # the configuration of the driver is wrong


class HardwareError(Exception):
    """A hardware call failed; `reason` for the program, the text for the person who must act."""

    def __init__(self, reason: HardwareErrorReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


# --- readings --------------------------------------------------------------------------------------------------------


class SignedMeterValue(msgspec.Struct, frozen=True):
    """A value that the meter signed. Fields as OCPP 2.x SignedMeterValueType; nothing is decoded on the way."""

    signed_meter_data: str
    signing_method: str
    encoding_method: str
    public_key: str


class MeterReading(msgspec.Struct, frozen=True):
    """What a meter showed at one instant.

    monotonic: `Time.monotonic()` when the values were taken from the device.
    values: (OCPP measurand, phase or None) → value in SI units: V, A, W, Wh, var, varh, VA, Hz, Celsius, Percent. A quantity that the
    meter does not have, or that it marks as invalid, is absent; never 0 or NaN in its place.
    """

    monotonic: float
    values: Mapping[tuple[str, str | None], float]
    signed: SignedMeterValue | None = None

    @property
    def energy_import_watt_hour(self) -> float | None:
        """The total import register (Energy.Active.Import.Register), which billing is made from."""
        return self.values.get(("Energy.Active.Import.Register", None))


# --- what a driver is given ------------------------------------------------------------------------------------------


class Cancellable(Protocol):
    """A timer that has been started."""

    def cancel(self) -> None:
        """Stop the timer; without effect when it has run."""


class Time(Protocol):
    """Monotonic time and timers, so that a simulation can drive every driver."""

    def monotonic(self) -> float:
        """Seconds, never stepping back."""
        ...

    def call_later(self, delay_second: float, callback: Callable[[], None]) -> Cancellable:
        """Run `callback` once, after `delay_second`."""
        ...


class Resources:
    """What drivers of one station share.

    `shared` holds what must exist once (a serial bus by port, the simulated world); use `share()`.
    """

    __slots__ = ("_shared", "evse_count", "seed", "time")

    def __init__(self, time: Time, *, evse_count: int = 1, seed: int = 0) -> None:
        self.time = time
        self.evse_count = evse_count
        self.seed = seed
        self._shared: dict[object, Any] = {}

    def share(self, key: object, make: Callable[[], Any]) -> Any:
        """The one object for `key`, made at the first call."""
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = make()
        return found


# --- devices ---------------------------------------------------------------------------------------------------------


class BoardCapabilities(msgspec.Struct, frozen=True):
    """What a board can do, and what it leaves to others.

    pilot: reports control pilot states. feedback: has a mirror contact (without, `forbid()` can promise only the command).
    watchdog: opens by itself when the agent falls silent. switches_phases: can change 1 ↔ 3 phases during a session.
    """

    maximum_ampere: float
    minimum_ampere: float = 6.0
    phases: int = 3
    pilot: bool = True
    feedback: bool = True
    watchdog: bool = False
    switches_phases: bool = False


@runtime_checkable
class Board(Protocol):
    """The power path of one EVSE: control pilot and contactor."""

    capabilities: BoardCapabilities

    async def open(self, emit: Emit) -> None:
        """Claim the hardware with the contactor open, and emit the present state.

        Raises: HardwareError ABSENT, BUSY, NO_ANSWER, WELDED (feedback says closed although never commanded).
        """

    async def close(self) -> None:
        """Open the contactor and release the hardware. Never raises for a device that is gone."""

    async def permit(self, limit_ampere: float, phases: int) -> None:
        """Offer `limit_ampere` per phase on the pilot and let the contactor close when the vehicle asks.

        0 A or less than `minimum_ampere` = pause: the pilot stops offering; the contactor opens when the vehicle has reacted, at the latest
        after 6 s (IEC 61851-1 sequence 10.2). Repeating the call with another limit changes the offer. Returns when the offer is out.
        Raises: HardwareError REFUSED, NO_ANSWER, NOT_CONFIRMED.
        """

    async def forbid(self) -> None:
        """Open the contactor now. Returns when the mirror contact says open.

        Raises: HardwareError WELDED, NO_ANSWER.
        """

    async def set_available(self, available: bool) -> None:
        """Show the vehicle state F (not available) or take that back."""


@runtime_checkable
class ConnectorLock(Protocol):
    """The bolt that holds a plug in its socket."""

    async def open(self, emit: Emit) -> None:
        """Claim the hardware and emit the present state."""

    async def close(self) -> None:
        """Release the hardware; the bolt stays where it is."""

    async def lock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED when the feedback does not say locked."""

    async def unlock(self) -> None:
        """Raises: HardwareError NOT_CONFIRMED when the feedback does not say unlocked."""


@runtime_checkable
class EnergyMeter(Protocol):
    """The meter of one EVSE, or of the station."""

    async def open(self, emit: Emit) -> None:
        """Connect. A meter that is silent raises its fault and goes on trying; a port that is absent does the same."""

    async def close(self) -> None:
        """Release the port."""

    async def read(self) -> MeterReading:
        """Read all quantities now.

        Raises: HardwareError NO_ANSWER, BAD_ANSWER. After an error nothing old is ever returned as new.
        """
        ...


@runtime_checkable
class ImmediateMeter(EnergyMeter, Protocol):
    """A meter whose value needs no waiting (simulated, or on the board's own bus)."""

    def sample(self) -> MeterReading | None:
        """The values at this instant; None while the meter is broken."""
        ...


@runtime_checkable
class TokenReader(Protocol):
    """A card reader, key pad or start button."""

    async def open(self, emit: Emit) -> None:
        """Start reading; `TokenPresented` is emitted once per presentation, however long the card stays."""

    async def close(self) -> None:
        """Release the port."""


@runtime_checkable
class SystemControl(Protocol):
    """The machine that the agent runs on."""

    reboots: ClassVar[bool]

    def boot_reason(self) -> str:
        """Why the machine started, as OCPP 2.x BootReasonEnumType."""
        ...

    async def reboot(self) -> None:
        """Restart the machine; does not return where it works."""
