"""The last register of a transaction, where the meter has to be waited for: it is read once more after the contactor has opened.

Rule 1. A transaction is over when it is over; only its last event waits: for the contactor, then for one reading, CLOSING_SECOND at
most. After that it is told with the last value that there is, which bears the time at which it was read.
Rule 2. What waits is stored in the turn in which the transaction ended, with the value of then, so that a power cut costs the reading and
not the bill.
Rule 3. The next transaction on the EVSE does not overtake it (1.6 §3.7.1), and a restart waits for it. A meter that is simply asked is
not waited for at all.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.station.evse import Evse
from chargepoint.station.metering import MeterValue
from chargepoint.station.timers import Timer
from chargepoint.station.transaction import Transaction
from profiles.meter_values import variables as metering
from profiles.service import BlockService
from profiles.transactions.facts import TransactionEnded

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "closing"
CLOSING_SECOND = 3.0
"""How long the contactor and the meter together may take: three readings at the pace of an EVSE in use."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(TransactionEnded)


class Closing:
    """An end that is not told yet. samples: the values before the last one. keyed: whether the meter's public key had been told by then."""

    __slots__ = ("evse", "fact", "keyed", "limit", "readings", "samples", "transaction")

    def __init__(
        self,
        evse: Evse,
        transaction: Transaction,
        fact: TransactionEnded,
        samples: tuple[MeterValue, ...],
        *,
        keyed: bool,
    ) -> None:
        self.evse = evse
        self.transaction = transaction
        self.fact = fact
        self.samples = samples
        self.keyed = keyed
        self.readings = 0  # how often the meter has been asked
        self.limit: Timer | None = None


class ClosingService(BlockService):
    """Functional block E, the last event."""

    __slots__ = ("_closings",)

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._closings: tuple[Closing, ...] = ()

    def restore(self) -> None:
        """Tell what a power cut has kept from being told."""
        station = self.station
        for key, raw in list(station.store.items(COLLECTION)):
            station.store.put(COLLECTION, key, None)
            self._tell(_decoder.decode(raw))

    def waits(self, transaction_id: str | None = None) -> bool:
        """Whether the end of that transaction (None: of any) is not told yet."""
        return any(transaction_id in (None, closing.fact.transaction_id) for closing in self._closings)

    def close(self, closing: Closing) -> None:
        """Tell the end of a transaction as soon as its last register is known."""
        if not self._read(closing):
            self._tell(closing.fact)
            return
        self.station.store.put(COLLECTION, str(closing.evse.id), _encoder.encode(closing.fact))
        self._closings = (*self._closings, closing)
        closing.limit = self.station.after(CLOSING_SECOND, lambda: self._finish(closing))

    def contactor_opened(self, evse: Evse) -> None:
        """Nothing flows any more on the EVSE: what was read until now does not count."""
        for closing in self._closings:
            if closing.evse is evse:
                self._read(closing)

    def finish(self, evse: Evse | None = None) -> None:
        """Wait no longer for what ends on the EVSE (None: on any)."""
        for closing in self._closings:
            if evse in (None, closing.evse):
                self._finish(closing)

    def _read(self, closing: Closing) -> bool:
        """Have the meter read. Returns whether that has to be waited for."""
        closing.readings += 1
        asked = closing.readings
        return self.station.hardware.read_anew(
            closing.evse.id, lambda: self.station.turn(self._have_read, closing, asked)
        )

    def _have_read(self, closing: Closing, asked: int) -> None:
        if asked == closing.readings and not closing.evse.contactor_closed:
            self._finish(closing)

    def _finish(self, closing: Closing) -> None:
        if closing not in self._closings:
            return
        self._closings = tuple(other for other in self._closings if other is not closing)
        if closing.limit is not None:
            closing.limit.cancel()
        station, evse, fact = self.station, closing.evse, closing.fact
        station.store.put(COLLECTION, str(evse.id), None)
        meter = station.meter_values
        changes: dict[str, Any] = {"instant": station.clock.now()}
        energy = meter.energy(evse)
        if energy is not None:
            changes["energy_end_watt_hour"] = energy
        measurands = station.get(metering.TX_ENDED_MEASURANDS)
        final = meter.sample(evse, measurands, "Transaction.End", metering.SIGN_ENDED)
        if final is not None:
            closing.transaction.reported_public_key = closing.keyed
            changes["meter_values"] = meter.with_keys(closing.transaction, (*closing.samples, final))
        self._tell(msgspec.structs.replace(fact, **changes))

    def _tell(self, fact: TransactionEnded) -> None:
        station, evse, energy = self.station, self.station.evse(fact.evse_id), fact.energy_end_watt_hour
        if evse is not None:
            station.meter_values.keep_register(evse, energy)
        station.post(fact)
        clock = station.clock
        began = clock.seconds_of(fact.started) if fact.started is not None else clock.wall()
        station.notify(
            "transaction_ended",
            evse_id=fact.evse_id,
            transaction_id=fact.transaction_id,
            reason=fact.reason,
            energy_watt_hour=(energy or 0.0) - (fact.energy_start_watt_hour or 0.0),
            duration_second=clock.seconds_of(fact.instant) - began,
        )
