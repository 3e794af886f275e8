"""The meter as a device in the world: a register, a display, and the ways in which both fail."""

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from hal.contract import FaultCleared, FaultRaised, HardwareError, HardwareErrorReason
from hal.fault import Fault, FaultName

if TYPE_CHECKING:
    from hal.contract import Emit
    from hal.sim.world import World

__all__ = ["Electrics", "MeterDevice", "Metered"]

_Quantity = tuple[str, str | None]  # measurand, phase
_IMPORT: Final[_Quantity] = ("Energy.Active.Import.Register", None)
_EXPORT: Final[_Quantity] = ("Energy.Active.Export.Register", None)
_POWER: Final[_Quantity] = ("Power.Active.Import", None)
_PHASES: Final = tuple(
    (("Voltage", f"{name}-N"), ("Current.Import", name), ("Power.Active.Import", name)) for name in ("L1", "L2", "L3")
)


class Electrics(NamedTuple):
    """Volts and amperes of each phase (one entry for direct current), and what follows from them, at one instant."""

    volt: tuple[float, ...]
    ampere: tuple[float, ...]
    watt: tuple[float, ...]
    reactive: tuple[float, ...]
    hertz: float | None
    state_of_charge: float | None


class Metered(Protocol):
    """What a meter is wired into."""

    @property
    def imported_watt_hour(self) -> float:
        """Energy that went through, up to now."""
        ...

    def measured(self, instant: float, /) -> tuple[float, Electrics]:
        """That, and what flows. instant: now."""
        ...

    def circumstances(self) -> tuple[object, ...] | None:
        """What both depend on, but for the time; None = too much to say."""
        ...


class MeterDevice:
    """The meter of one EVSE (evse_id from 1) or of the station (0).

    The register counts what flows through the wires; `set_register()` is the exchange of the meter, the only way in which it may fall.
    """

    __slots__ = (
        "_evse_id",
        "_export_watt_hour",
        "_fault",
        "_frozen",
        "_offset_watt_hour",
        "_overrides",
        "_shown",
        "_wires",
        "_world",
        "emit",
    )

    def __init__(self, world: "World", wires: Metered, evse_id: int) -> None:
        self._world = world
        self._wires = wires
        self._evse_id = evse_id
        self._offset_watt_hour = 0.0
        self._export_watt_hour = 0.0
        self._fault: Fault | None = None
        self._frozen: dict[_Quantity, float] | None = None
        self._overrides: dict[_Quantity, float | None] | None = None
        self._shown: tuple[Electrics, dict[_Quantity, float]] | None = None  # what flowed last, and how it was shown
        self.emit: Emit | None = None

    # --- the outside world --------------------------------------------------------------------------------------------

    def set_register(self, import_watt_hour: float, export_watt_hour: float = 0.0) -> None:
        """Exchange the meter for one that shows these registers."""
        self._offset_watt_hour = import_watt_hour - self._wires.imported_watt_hour
        self._export_watt_hour = export_watt_hour

    def freeze(self) -> None:
        """The meter repeats what it shows now, as a meter whose processor hangs; the wires go on counting."""
        self._frozen = self.values()

    def break_(self) -> None:
        """The meter falls silent, and its driver raises MeterCommunicationFault."""
        if self._fault is None:
            text = "The energy meter does not answer. Check its wiring, address and supply."
            self._fault = Fault(FaultName.METER_COMMUNICATION_FAULT, self._evse_id, message=text)
            self._tell(FaultRaised(self._fault))
            self._world.deliver()

    def repair(self) -> None:
        """Answer again, count again, show what is true."""
        self._frozen = self._overrides = None
        fault, self._fault = self._fault, None
        if fault is not None:
            self._tell(FaultCleared(fault))
            self._world.deliver()

    def set_value(self, measurand: str, phase: str | None, value: float | None) -> None:
        """Show `value` (SI unit) whatever is true, until `repair()`; None = the meter does not have that quantity."""
        if self._overrides is None:
            self._overrides = {}
        self._overrides[(measurand, phase)] = value

    # --- the driver's side --------------------------------------------------------------------------------------------

    @property
    def silent(self) -> bool:
        """The meter does not answer."""
        return self._fault is not None

    def claim(self, emit: "Emit") -> None:
        """Give the meter to a driver."""
        if self.emit is not None:
            raise HardwareError(
                HardwareErrorReason.BUSY, f"The simulated meter of EVSE {self._evse_id} is already in use."
            )
        self.emit = emit
        if self._fault is not None:
            self._tell(FaultRaised(self._fault))
            self._world.deliver()

    def circumstances(self) -> tuple[object, ...] | None:
        """What `values` depends on: while it is the same, so are the values; None = they have to be asked for."""
        wires = self._wires.circumstances()
        if wires is None or self._frozen is not None or self._overrides is not None:
            return None
        return (self._world.time.monotonic(), self._offset_watt_hour, self._export_watt_hour, wires)

    def values(self) -> dict[_Quantity, float]:
        """What the meter shows now."""
        return self.values_at(self._world.time.monotonic())

    def values_at(self, instant: float) -> dict[_Quantity, float]:
        """What the meter shows now, which is `instant`."""
        if self._frozen is None and self._overrides is None:
            return self._measure(instant)
        values = self._measure(instant) if self._frozen is None else dict(self._frozen)
        for key, value in (self._overrides or {}).items():
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        return values

    def _measure(self, instant: float) -> dict[_Quantity, float]:
        imported, now = self._wires.measured(instant)
        shown = self._shown
        if shown is None or shown[0] is not now:
            shown = self._shown = (now, _display(now))
        values = shown[1].copy()
        values[_IMPORT] = imported + self._offset_watt_hour
        values[_EXPORT] = self._export_watt_hour
        return values

    def _tell(self, event: FaultRaised | FaultCleared) -> None:
        if self.emit is not None:
            self._world.queue(self.emit, event)


def _display(now: Electrics) -> dict[_Quantity, float]:
    """What a meter shows of what flows, behind its registers, which come first and are filled in later."""
    values: dict[_Quantity, float] = {_IMPORT: 0.0, _EXPORT: 0.0, _POWER: sum(now.watt)}
    if now.hertz is None:
        values["Voltage", None] = now.volt[0]
        values["Current.Import", None] = now.ampere[0]
    else:
        values["Frequency", None] = now.hertz
        values["Power.Reactive.Import", None] = sum(now.reactive)
        for (voltage, current, power), volt, ampere, watt in zip(_PHASES, now.volt, now.ampere, now.watt, strict=False):
            values[voltage] = volt
            values[current] = ampere
            values[power] = watt
    if now.state_of_charge is not None:
        values["SoC", None] = now.state_of_charge * 100
    return values
