"""The rules of meter values: which measurands, when, and in what context (2.x J01, J02; 1.6 §4.7).

Rule 1. A value that the meter did not give is absent: no zero, nothing stale as fresh.
Rule 2. Clock-aligned values are taken at whole multiples of the interval from midnight UTC, across steps of the clock (J01.FR.06 ff.).
Rule 3. What the meter has signed goes with its register value as it is, where the variables ask for it (J01.FR.21, J02.FR.21).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.evse import Evse
from chargepoint.station.metering import REGISTER, MeterValue
from chargepoint.station.service import watches
from chargepoint.station.transaction import Transaction
from chargepoint.station.variables import Variable
from hal.contract import MeterReading, SignedMeterValue
from profiles.availability import variables as availability
from profiles.meter_values import variables
from profiles.meter_values.alignment import Alignment
from profiles.meter_values.choice import chosen
from profiles.meter_values.facts import MeterValuesTaken
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "register"


class MeterValuesService(BlockService):
    """Functional block J."""

    __slots__ = ("_aligned", "_aligned_end", "_plain")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._aligned: Alignment | None = None
        self._aligned_end: Alignment | None = None
        self._plain: bool | None = None  # phases and registers are told as the meter gives them; None = not known

    def start(self) -> None:
        """Begin with clock-aligned values."""
        self.align()

    @watches(variables.ALIGNED_INTERVAL, variables.ALIGNED_TX_ENDED_INTERVAL)
    def _interval_changed(self, _evse_id: int, _connector_id: int) -> None:
        self.align()

    # --- taking values ------------------------------------------------------------------------------------------------

    def energy(self, evse: Evse) -> float | None:
        """The import register in Wh now; None when the meter gives no fresh value."""
        reading = self.station.hardware.reading(evse.id)
        return reading.energy_import_watt_hour if reading is not None else None

    def energy_or_last(self, evse: Evse) -> float | None:
        """The import register in Wh; where the meter gives none, the one at which the last transaction ended, or this one stood."""
        energy = self.energy(evse)
        if energy is not None:
            return energy
        if evse.transaction is not None and evse.transaction.energy_last_watt_hour is not None:
            return evse.transaction.energy_last_watt_hour
        raw = self.station.store.get(COLLECTION, str(evse.id))
        return float(raw) if raw is not None else None

    def keep_register(self, evse: Evse, watt_hour: float | None) -> None:
        """Remember the register at which a transaction ended, for a meter that fails before the next one begins."""
        if watt_hour is not None:
            self.station.store.put(COLLECTION, str(evse.id), repr(watt_hour).encode())

    def signs(self, evse: Evse) -> bool:
        """Whether the meter of an EVSE has a signed value now, and is asked for it (E01.FR.04)."""
        if variables.SAMPLED_SIGN_READINGS not in self.station.variables.catalogue:
            return False
        reading = self.station.hardware.reading(evse.id)
        return reading is not None and reading.signed is not None and self.station.get(variables.SAMPLED_SIGN_READINGS)

    def with_keys(self, transaction: Transaction | None, values: tuple[MeterValue, ...]) -> tuple[MeterValue, ...]:
        """Values as they are told: the meter's public key with each signed one, with the first of the transaction, or with none."""
        if not _any_signed(values):
            return values
        when = self.station.get(variables.PUBLIC_KEY_WITH_SIGNED_METER_VALUE)
        if when == "EveryMeterValue":
            return values
        told: list[MeterValue] = []
        for value in values:
            signed = dict(value.signed or {})
            for number, one in signed.items():
                first = transaction is None or not transaction.reported_public_key
                if when == "OncePerTransaction" and first:
                    if transaction is not None:
                        transaction.reported_public_key = True
                else:
                    signed[number] = msgspec.structs.replace(one, public_key="")
            told.append(msgspec.structs.replace(value, signed=signed or None))
        return tuple(told)

    def sample(
        self, evse: Evse | None, measurands: tuple[str, ...], context: str, signing: variables.Signing
    ) -> MeterValue | None:
        """The configured measurands of an EVSE (None: of the main meter) as of now; see `told_of`."""
        reading = self.station.hardware.reading(evse.id if evse is not None else 0)
        return None if reading is None else self.told_of(reading, evse, measurands, context, signing)

    def told_of(
        self,
        reading: MeterReading,
        evse: Evse | None,
        measurands: tuple[str, ...],
        context: str,
        signing: variables.Signing,
    ) -> MeterValue | None:
        """The configured measurands of a reading, in all phases that the meter gives; None when there is nothing.

        signing: what decides whether the meter's signature goes with them. They bear the time at which the meter was read.
        """
        station, values = self.station, reading.values
        if not measurands:
            return None
        if self._plain is None:
            self._plain = self._is_plain()
        choice = chosen(
            measurands,
            values,
            context,
            "" if self._plain else self._rotation(evse),
            main=evse is None,
            without_phases=not self._plain and station.get(variables.REGISTER_VALUES_WITHOUT_PHASES),
        )
        if not choice.kinds:
            return None
        if choice.pick is not None:
            numbers = choice.pick(values)
        else:
            numbers = tuple(
                [
                    values[quantity] if quantity is not None else _offered(evse, kind.measurand)
                    for kind, quantity in zip(choice.kinds, choice.quantities, strict=True)
                ]
            )
        signed: dict[int, SignedMeterValue] | None = None
        if reading.signed is not None and self._asks_signature(signing):
            # the register of all phases bears what the meter has signed
            signed = {
                place: reading.signed
                for place, kind in enumerate(choice.kinds)
                if kind.measurand == REGISTER and kind.phase is None
            } or None
        return MeterValue(station.clock.at(reading.monotonic), choice.kinds, numbers, signed)

    def _asks_signature(self, signing: variables.Signing) -> bool:
        catalogue = self.station.variables.catalogue
        return all(variable in catalogue and self.station.get(variable) for variable in signing)

    @watches(
        availability.CONNECTOR_PHASE_ROTATION,
        availability.CHARGING_STATION_PHASE_ROTATION,
        variables.REGISTER_VALUES_WITHOUT_PHASES,
    )
    def _wiring_changed(self, _evse_id: int, _connector_id: int) -> None:
        self._plain = None

    def _is_plain(self) -> bool:
        station = self.station
        rotations = {station.get(availability.CHARGING_STATION_PHASE_ROTATION)}
        for evse in station.evses:
            for connector in evse.connectors:
                rotations.add(station.get(availability.CONNECTOR_PHASE_ROTATION, evse.id, connector.id))
        return rotations <= {"", "RST"} and not station.get(variables.REGISTER_VALUES_WITHOUT_PHASES)

    def _rotation(self, evse: Evse | None) -> str:
        """How the connector's phases are wired to the grid; "" where that is not known."""
        rotation = ""
        if evse is not None:
            rotation = self.station.get(availability.CONNECTOR_PHASE_ROTATION, evse.id, evse.connector.id)
        return rotation or self.station.get(availability.CHARGING_STATION_PHASE_ROTATION)

    def told(self, variable: Variable[tuple[str, ...]]) -> tuple[str, ...]:
        """The measurands of a list of what is told on the way; an empty one may mean the register."""
        measurands = self.station.get(variable)
        return measurands or (variables.ENERGY if self.station.policy.empty_measurands_mean_energy else ())

    # --- clock-aligned (J01) --------------------------------------------------------------------------------------------

    def align(self) -> None:
        """Take up the intervals, and the clock, as they are now."""
        interval, interval_end = variables.ALIGNED_INTERVAL, variables.ALIGNED_TX_ENDED_INTERVAL
        self._aligned = self._begun(self._aligned, interval, self._take_aligned)
        self._aligned_end = self._begun(self._aligned_end, interval_end, self._take_aligned_for_end)

    def _begun(
        self, alignment: Alignment | None, interval: Variable[int], take: Callable[[], None]
    ) -> Alignment | None:
        """The alignment begun anew; there is none without an interval."""
        interval_second = self.station.get(interval)
        if alignment is None and interval_second > 0:
            alignment = Alignment(self.station, take)
        if alignment is not None:
            alignment.set(interval_second)
        return alignment if interval_second > 0 else None

    def _take_aligned(self) -> None:
        station = self.station
        busy = any(evse.transaction is not None for evse in station.evses)
        silent = busy and station.get(variables.SEND_DURING_IDLE)  # J01.FR.19, J01.FR.20
        for evse in station.evses:
            if evse.transaction is not None and station.policy.ended_samples_follow_updates:
                self._keep_aligned(evse)
            if not silent:
                self.take_clock_value(evse)
        if not silent:
            self._main_meter("Sample.Clock")

    def take_clock_value(self, evse: Evse) -> None:
        """One clock-aligned value of an EVSE, inside or outside a transaction."""
        station = self.station
        measurands = self.told(variables.ALIGNED_MEASURANDS)
        if evse.transaction is not None:  # J01.FR.22
            value = self.sample(evse, measurands, "Sample.Clock", variables.SIGN_ALIGNED_UPDATED)
            if value is not None:
                station.transactions.update(evse, "MeterValueClock", (value,), periodic=True)
            return
        value = self._outside(evse, measurands, "Sample.Clock")
        if value is not None:
            station.post(MeterValuesTaken(evse_id=evse.id, connector_id=evse.connector.id, meter_values=(value,)))

    def _keep_aligned(self, evse: Evse) -> None:
        measurands = self.station.get(variables.ALIGNED_TX_ENDED_MEASURANDS)
        kept = self.sample(evse, measurands, "Sample.Clock", variables.SIGN_ALIGNED)
        if kept is not None:
            self.station.sampling.keep_for_end(evse, kept)

    def _take_aligned_for_end(self) -> None:
        if self.station.policy.ended_samples_follow_updates:
            return  # 1.6 has one interval for what is sent and what is kept for the end
        for evse in self.station.evses:
            if evse.transaction is not None:
                self._keep_aligned(evse)

    def _outside(self, evse: Evse | None, measurands: tuple[str, ...], context: str) -> MeterValue | None:
        """A value outside a transaction, as it is told."""
        value = self.sample(evse, measurands, context, variables.SIGN_ALIGNED)
        return None if value is None else self.with_keys(evse.transaction if evse else None, (value,))[0]

    def _main_meter(self, context: str) -> None:
        value = self._outside(None, self.told(variables.ALIGNED_MEASURANDS), context)
        if value is not None:
            self.station.post(MeterValuesTaken(evse_id=0, connector_id=0, meter_values=(value,)))

    def triggered(self, evse: Evse | None) -> MeterValuesTaken | None:
        """The values that the CSMS wants now; None where there are none. evse None: of the main meter. (F06.FR.06; 1.6 errata 3.46)"""
        station = self.station
        sampled = station.policy.triggered_values_are_sampled
        measurands = self.told(variables.TX_UPDATED_MEASURANDS if sampled else variables.ALIGNED_MEASURANDS)
        value = self._outside(evse, measurands, "Trigger")
        if value is None:
            return None
        if evse is None:
            return MeterValuesTaken(evse_id=0, connector_id=0, meter_values=(value,))
        transaction = evse.transaction.id if evse.transaction is not None else None
        return MeterValuesTaken(
            evse_id=evse.id, connector_id=evse.connector.id, meter_values=(value,), transaction_id=transaction
        )

    def trigger_event(self, evse: Evse) -> None:
        """The CSMS wants an event of the running transaction now (F06.FR.07)."""
        measurands = self.station.get(variables.TX_UPDATED_MEASURANDS)
        value = self.sample(evse, measurands, "Trigger", variables.SIGN_UPDATED)
        self.station.transactions.update(evse, "Trigger", (value,) if value is not None else ())


def _any_signed(values: tuple[MeterValue, ...]) -> bool:
    return any(value.signed is not None for value in values)


def _offered(evse: Evse | None, measurand: str) -> float:
    """The current, or the power, that an EVSE offers to the vehicle."""
    if evse is None:
        return 0.0
    limit, phases = evse.demanded
    ampere = limit or 0.0
    if measurand == "Current.Offered":
        return ampere
    return (
        ampere * evse.voltage_volt * (1 if evse.supply == "DC" else max(phases, 1))
    )  # a DC limit is that of the one output
