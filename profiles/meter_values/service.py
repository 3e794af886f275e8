"""The rules of meter values: which measurands, when, and in what context (2.x J01, J02; 1.6 §4.7).

Rule 1. A value that the meter did not give is absent: no zero, nothing stale as fresh.
Rule 2. Clock-aligned values are taken at whole multiples of the interval from midnight UTC, across steps of the clock (J01.FR.06 ff.).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chargepoint.station.command import Service
from chargepoint.station.evse import Evse
from chargepoint.station.metering import UNITS, MeterValue, SampledValue
from chargepoint.station.timers import Timer
from hal.contract import MeterReading
from profiles.availability import variables as availability
from profiles.meter_values import variables
from profiles.meter_values.facts import MeterValuesTaken

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

ENERGY = ("Energy.Active.Import.Register", None)
DAY_SECOND = 86400


class MeterValuesService(Service):
    """Functional block J."""

    __slots__ = ("_aligned", "_aligned_end")

    station: "ChargingStation"

    def __init__(self, station: "ChargingStation") -> None:
        super().__init__(station)
        self._aligned: Timer | None = None
        self._aligned_end: Timer | None = None

    def start(self) -> None:
        """Begin with clock-aligned values, and follow changes of the intervals and of the clock."""
        station = self.station
        station.variables.watch(variables.ALIGNED_INTERVAL, lambda _e, _c: self.align())
        station.variables.watch(variables.ALIGNED_TX_ENDED_INTERVAL, lambda _e, _c: self.align())
        station.variables.watch(variables.TX_UPDATED_INTERVAL, lambda _e, _c: station.transactions.restart_sampling())
        station.variables.watch(variables.TX_ENDED_INTERVAL, lambda _e, _c: station.transactions.restart_sampling())
        station.clock.on_step(lambda _step: self.align())
        self.align()

    # --- taking values ------------------------------------------------------------------------------------------------

    def energy(self, evse: Evse) -> float | None:
        """The import register in Wh now; None when the meter gives no fresh value."""
        reading = self.station.hardware.reading(evse.id)
        return reading.energy_import_watt_hour if reading is not None else None

    def sample(self, evse: Evse | None, measurands: tuple[str, ...], context: str) -> MeterValue | None:
        """The configured measurands of an EVSE (None: of the main meter) in all phases that the meter gives; None when there is nothing."""
        if not measurands:
            return None
        reading = self.station.hardware.reading(evse.id if evse is not None else 0)
        if reading is None:
            return None
        found: list[SampledValue] = []
        rotation = self._rotation(evse)
        for member in measurands:
            measurand, only = variables.measurand_and_phase(member)
            if evse is not None and measurand in ("Current.Offered", "Power.Offered"):
                found.append(self._offered(evse, measurand, context))
            else:
                values = self._values(reading, measurand, context, rotation)
                found.extend(value for value in values if only is None or value.phase == only)
        return MeterValue(self.station.clock.now(), tuple(found)) if found else None

    def _rotation(self, evse: Evse | None) -> dict[str, str]:
        """Meter phase → phase of the grid, where the wiring of the connector is known and is not the plain one."""
        rotation = ""
        if evse is not None:
            rotation = self.station.get(availability.CONNECTOR_PHASE_ROTATION, evse.id, evse.connector.id)
        rotation = rotation or self.station.get(availability.CHARGING_STATION_PHASE_ROTATION)
        if rotation in ("", "RST"):
            return {}
        return {f"L{wire}": f"L{'RST'.index(phase) + 1}" for wire, phase in enumerate(rotation, 1) if phase in "RST"}

    def _values(
        self, reading: MeterReading, measurand: str, context: str, rotation: dict[str, str]
    ) -> list[SampledValue]:
        unit = UNITS.get(measurand, "")
        signed = reading.signed if measurand == ENERGY[0] else None
        without_phases = measurand.endswith(".Register") and self.station.get(variables.REGISTER_VALUES_WITHOUT_PHASES)
        location = "EV" if measurand == "SoC" else "Body" if measurand == "Temperature" else "Outlet"
        return [
            SampledValue(
                value, measurand, context, _rotated(phase, rotation), location, unit, signed if phase is None else None
            )
            for (name, phase), value in reading.values.items()
            if name == measurand and not (without_phases and phase is not None)
        ]

    def _offered(self, evse: Evse, measurand: str, context: str) -> SampledValue:
        limit, phases = evse.demanded
        ampere = limit or 0.0
        value = ampere if measurand == "Current.Offered" else ampere * evse.voltage_volt * max(phases, 1)
        return SampledValue(value, measurand, context, None, "Outlet", UNITS[measurand])

    # --- clock-aligned (J01) --------------------------------------------------------------------------------------------

    def ended_interval(self) -> int:
        """Seconds between the values that are kept for the end of a transaction."""
        station = self.station
        if station.policy.ended_samples_follow_updates:
            return station.get(variables.TX_UPDATED_INTERVAL)
        return station.get(variables.TX_ENDED_INTERVAL)

    def align(self) -> None:
        """Set the timer to the next multiple of the interval from midnight UTC."""
        station = self.station
        self._aligned = self._realign(self._aligned, station.get(variables.ALIGNED_INTERVAL), self._take_aligned)
        # 1.6 has one interval for what is sent and what is kept for the end
        kept = 0 if station.policy.ended_samples_follow_updates else station.get(variables.ALIGNED_TX_ENDED_INTERVAL)
        self._aligned_end = self._realign(self._aligned_end, kept, self._take_aligned_for_end)

    def _realign(self, timer: Timer | None, interval: int, take: Callable[[], None]) -> Timer | None:
        if timer is not None:
            timer.cancel()
        if interval <= 0:
            return None
        since_midnight = self.station.clock.wall() % DAY_SECOND
        remaining = min(interval - since_midnight % interval, DAY_SECOND - since_midnight)
        return self.station.after(max(remaining, 0.001), take)

    def _take_aligned(self) -> None:
        self._aligned = None
        for evse in self.station.evses:
            self.take_clock_value(evse)
        self._main_meter("Sample.Clock")
        self.align()

    def take_clock_value(self, evse: Evse) -> None:
        """One clock-aligned value of an EVSE, inside or outside a transaction."""
        station = self.station
        measurands = station.get(variables.ALIGNED_MEASURANDS)
        if evse.transaction is not None:
            if station.policy.ended_samples_follow_updates:
                self._keep_aligned(evse)
            if station.get(variables.SEND_DURING_IDLE):
                return
            value = self.sample(evse, measurands, "Sample.Clock")
            if value is not None:
                station.transactions.update(evse, "MeterValueClock", (value,), periodic=True)
            return
        value = self.sample(evse, measurands, "Sample.Clock")
        if value is not None:
            station.post(MeterValuesTaken(evse_id=evse.id, connector_id=evse.connector.id, meter_values=(value,)))

    def _keep_aligned(self, evse: Evse) -> None:
        kept = self.sample(evse, self.station.get(variables.ALIGNED_TX_ENDED_MEASURANDS), "Sample.Clock")
        if kept is not None:
            self.station.transactions.keep_for_end(evse, kept)

    def _take_aligned_for_end(self) -> None:
        self._aligned_end = None
        for evse in self.station.evses:
            if evse.transaction is not None:
                self._keep_aligned(evse)
        self.align()

    def _main_meter(self, context: str) -> None:
        value = self.sample(None, self.station.get(variables.ALIGNED_MEASURANDS), context)
        if value is not None:
            self.station.post(MeterValuesTaken(evse_id=0, connector_id=0, meter_values=(value,)))

    def trigger(self, evse: Evse) -> bool:
        """The CSMS wants values now (F06; 1.6 §5.17). Returns whether there were any."""
        station = self.station
        if evse.transaction is not None:
            value = self.sample(evse, station.get(variables.TX_UPDATED_MEASURANDS), "Trigger")
            if value is None:
                return False
            station.transactions.update(evse, "Trigger", (value,))
            return True
        value = self.sample(evse, station.get(variables.ALIGNED_MEASURANDS), "Trigger")
        if value is None:
            return False
        station.outbox.post(
            MeterValuesTaken(evse_id=evse.id, connector_id=evse.connector.id, meter_values=(value,)), instructed=True
        )
        return True


def _rotated(phase: str | None, rotation: dict[str, str]) -> str | None:
    """The phase of the grid that the meter calls `phase`."""
    if phase is None or not rotation:
        return phase
    return "-".join(rotation.get(part, part) for part in phase.split("-"))
