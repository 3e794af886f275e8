"""The rules of transactions: when one starts and ends, what it tells, what survives a power cut.

Rule 1. A transaction starts when one of the start points comes to hold, and ends when one of the stop points ceases to (E01, E06).
Rule 2. There is at most one transaction on an EVSE (E §1).
Rule 3. Every change is one event with the next sequence number; events are facts, stored in the turn in which they happen (E01.FR.07).
Rule 4. Power is off before the last register of a transaction is read (2.x TxStopPoint); see `closing`.
"""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import Respond
from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.metering import MeterValue
from chargepoint.station.service import handles
from chargepoint.station.token import Token
from chargepoint.station.transaction import Transaction
from hal.contract import MeterReading
from profiles.meter_values import variables as metering
from profiles.service import BlockService
from profiles.transactions import points, variables
from profiles.transactions.closing import Closing
from profiles.transactions.commands import GetTransactionStatus, TransactionStatus
from profiles.transactions.facts import TransactionEnded, TransactionEvent, TransactionStarted, TransactionUpdated
from profiles.transactions.telling import details_of, sample_of

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "transaction"
KEEP_SECOND = 60.0
"""How often a running transaction is stored although nothing happens: what a power cut can cost of its register and its time."""
SIGNATURE_SECOND = 1.0
"""How often a meter is asked again whose signature the start waits for."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Transaction)


class TransactionService(BlockService):
    """Functional block E."""

    __slots__ = ("_ending",)

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._ending: Evse | None = None  # what follows from the end of its transaction starts and ends nothing

    # --- storage ---------------------------------------------------------------------------------------------------------

    def restore(self) -> list[Evse]:
        """Take up the transactions that a power cut or restart has left open. Returns their EVSEs."""
        station = self.station
        found: list[Evse] = []
        for key, raw in list(station.store.items(COLLECTION)):
            evse = station.evse(int(key))
            if evse is None:
                station.store.put(COLLECTION, key, None)
                continue
            transaction = _decoder.decode(raw)
            transaction.charging_since = None
            evse.transaction = transaction
            found.append(evse)
        return found

    def save(self, evse: Evse) -> None:
        """Keep the transaction of an EVSE as it is now, with this turn."""
        transaction, authorization = evse.transaction, evse.authorization
        if transaction is None:
            return
        if not self.station.resumption.pending(evse):  # until that is decided, it stands as the power cut has left it
            self.station.charging.count(evse, flowing=transaction.charging_since is not None)
            transaction.alive = self.station.clock.now()
            transaction.authorized = authorization is not None
        self._put(evse.id, transaction, authorization)

    def _put(self, evse_id: int, transaction: Transaction, authorization: Authorization | None) -> None:
        if authorization is not None:
            transaction.token, transaction.group = authorization.token, authorization.group
            transaction.reported_token = authorization.told
        self.station.store.put(COLLECTION, str(evse_id), _encoder.encode(transaction))

    def keep_alive(self, evse: Evse) -> None:
        """Store a running transaction every now and then."""
        timeout = self.station.get(variables.RESUMPTION_TIMEOUT)
        period = KEEP_SECOND if timeout <= 0 else min(KEEP_SECOND, max(1.0, timeout / 10))
        evse.start_timer("keep", self.station.after(period, lambda: self._keep(evse)))

    def _keep(self, evse: Evse) -> None:
        if evse.transaction is not None:
            self.note_energy(evse)
            self.save(evse)
            self.keep_alive(evse)

    def note_energy(self, evse: Evse) -> None:
        """Remember the register, for a meter that fails later."""
        reading = self.station.hardware.reading(evse.id)
        if reading is not None:
            self.note_register(evse, reading)

    def note_register(self, evse: Evse, reading: MeterReading) -> None:
        """As `note_energy`, of a reading that is at hand."""
        energy = reading.energy_import_watt_hour
        if evse.transaction is not None and energy is not None:
            evse.transaction.energy_last_watt_hour = energy

    # --- what moves a transaction ----------------------------------------------------------------------------------------

    def advance(
        self, evse: Evse, trigger: str, *, reason: str = "Local", stopper: Token | None = None, report: bool = True
    ) -> None:
        """Something changed on the EVSE: start, end or update its transaction by rule 1.

        trigger: 2.x TriggerReasonEnumType. reason: why, should this be the end; what has ended the authorization counts more.
        report: worth an event if it is neither start nor end.
        """
        self.station.touch(evse)
        before, transaction = evse.conditions, evse.transaction
        now = evse.conditions = self.conditions(evse)
        if self._ending is evse or self.station.resumption.pending(evse):
            return
        if transaction is None:
            self._start_if_due(evse, trigger, before, now)
            return
        if now != transaction.conditions:
            transaction.conditions = now
            self.save(evse)
        if points.over(before, now, self.stop_points()):
            self.end(evse, trigger, transaction.stop_reason or reason, stopper)
        elif report:
            self.update(evse, trigger, token=stopper)

    def _start_if_due(self, evse: Evse, trigger: str, before: int, now: int) -> None:
        wanted, rising = self.start_points(), now & ~before
        if rising & points.AUTHORIZED:
            rising = (
                now  # who is authorized anew begins with what holds already, as after a session that has just ended
            )
        if not rising & wanted:
            if wanted & points.DATA_SIGNED and now & points.POWER_PATH_CLOSED and not now & points.DATA_SIGNED:
                again = self.station.after(
                    SIGNATURE_SECOND, lambda: self.advance(evse, "SignedDataReceived", report=False)
                )
                evse.start_timer("signature", again)
            return
        if not rising & wanted & ~points.DATA_SIGNED:
            trigger = "SignedDataReceived"
        self._start(evse, trigger)

    def conditions(self, evse: Evse) -> int:
        """The transaction points that hold now, as bits."""
        signed = bool(self.start_points() & points.DATA_SIGNED) and self.station.meter_values.signs(evse)
        return points.conditions(evse, flowing=self.station.charging.flowing(evse), signed=signed)

    def start_points(self) -> int:
        """The start points in force, as bits."""
        fixed = self.station.policy.fixed_start_points
        return points.mask(self.station.get(variables.TX_START_POINT) if fixed is None else fixed)

    def stop_points(self) -> int:
        """The stop points in force, as bits."""
        fixed = self.station.policy.fixed_stop_points
        return points.mask(self.station.get(variables.TX_STOP_POINT) if fixed is None else fixed)

    # --- start, update, end ----------------------------------------------------------------------------------------------

    def _start(self, evse: Evse, trigger: str) -> None:
        station, authorization = self.station, evse.authorization
        station.closing.finish(evse)
        station.availability.settle(evse)  # what has led to it is told before it (1.6 §4.9 A2, G2)
        transaction = Transaction(
            id=station.new_id(), evse_id=evse.id, connector_id=evse.connector.id, started=station.clock.now()
        )
        transaction.conditions = evse.conditions
        evse.transaction = transaction
        evse.finishing = False
        station.limits.begin(evse)
        station.smart_charging.begin(evse)
        details = details_of(station, evse, trigger)
        self._emit(
            evse,
            TransactionStarted(
                **details,
                energy_start_watt_hour=transaction.energy_start_watt_hour,
                starter=authorization.token if authorization is not None else None,
            ),
        )
        station.notify("transaction_started", evse_id=evse.id, transaction_id=transaction.id)
        self.accompany(evse)

    def accompany(self, evse: Evse) -> None:
        """Take samples, watch limits and store the transaction, as long as it runs."""
        self.station.sampling.start(evse)
        self.station.limits.watch(evse)
        self.keep_alive(evse)

    def update(
        self,
        evse: Evse,
        trigger: str,
        meter_values: tuple[MeterValue, ...] = (),
        *,
        token: Token | None = None,
        periodic: bool = False,
        reading: MeterReading | None = None,
    ) -> None:
        """Tell a change of the running transaction. reading: of the meter, as of now; it is asked where none is given."""
        station, resumption = self.station, self.station.resumption
        if evse.transaction is None or resumption.pending(evse):
            return
        idle = resumption.idle
        if not idle and trigger != "TxResumed":
            resumption.tell(evse)
        settled = idle and periodic and not evse.touched
        details = details_of(station, evse, trigger, meter_values, token=token, settled=settled, reading=reading)
        self._emit(evse, TransactionUpdated(**details, periodic=periodic))

    def sampled(self, evse: Evse, value: MeterValue, reading: MeterReading) -> None:
        """Tell a periodic sample of the running transaction. value: of `reading`, which is of now."""
        station, transaction, resumption = self.station, evse.transaction, self.station.resumption
        if transaction is None:
            return
        fact = None
        if resumption.quiet:
            now = station.clock.now()
            fact = sample_of(station, evse, value, reading, now)
        if fact is None:
            self.update(evse, "MeterValuePeriodic", (value,), periodic=True, reading=reading)
            return
        authorization = evse.authorization
        transaction.sequence += 1
        transaction.alive = fact.instant
        transaction.authorized = authorization is not None
        self._put(evse.id, transaction, authorization)
        station.outbox.post(fact)

    def end(self, evse: Evse, trigger: str, reason: str, stopper: Token | None = None) -> None:
        """End the running transaction now. reason: 2.x ReasonEnumType, or SoftReset which 1.6 tells apart."""
        station, transaction = self.station, evse.transaction
        if transaction is None or self._ending is evse:
            return
        station.resumption.over(evse)
        self._ending = evse
        try:
            authorization = evse.authorization
            station.sessions.end_authorization(evse)
            evse.finishing = evse.cable_present
            station.apply_power(evse)
            evse.conditions = self.conditions(evse)
            for name in ("sample", "ended", "keep", "limit"):
                evse.stop_timer(name)
            station.charging.count(evse, flowing=False)
            self._tell_end(evse, trigger, reason, stopper, authorization)
        finally:
            self._ending = None
        station.touch(evse)

    def _tell_end(
        self, evse: Evse, trigger: str, reason: str, stopper: Token | None, authorization: Authorization | None
    ) -> None:
        station, transaction = self.station, evse.transaction
        if transaction is None:
            return
        self.note_energy(evse)
        measurands = station.get(metering.TX_ENDED_MEASURANDS)
        final = station.meter_values.sample(evse, measurands, "Transaction.End", metering.SIGN_ENDED)
        details = details_of(station, evse, trigger, token=stopper, authorization=authorization, final=True)
        keyed, samples = transaction.reported_public_key, station.sampling.take_for_end(evse)
        told = samples + ((final,) if final is not None else ())
        details["meter_values"] = station.meter_values.with_keys(transaction, told)
        fact = TransactionEnded(
            **details,
            reason=reason,
            energy_start_watt_hour=transaction.energy_start_watt_hour,
            energy_end_watt_hour=transaction.energy_last_watt_hour,
            stopper=stopper or transaction.stop_token,
            started=transaction.started,
        )
        evse.transaction = None
        station.store.put(COLLECTION, str(evse.id), None)
        station.smart_charging.end(transaction)
        station.closing.close(Closing(evse, transaction, fact, samples, keyed=keyed))

    def move(self, source: Evse, target: Evse) -> None:
        """The vehicle was plugged in elsewhere: a transaction that began without knowing where goes on there (F02.FR.22)."""
        transaction = source.transaction
        source.conditions = self.conditions(source)
        self.station.touch(source)
        if transaction is None:
            return
        for name in ("sample", "ended", "keep", "limit"):
            source.stop_timer(name)
        source.transaction = None
        self.station.store.put(COLLECTION, str(source.id), None)
        transaction.evse_id = target.id
        transaction.connector_id = target.connector.id
        target.transaction = transaction
        self.station.sampling.move(source, target)
        self.station.smart_charging.moved(transaction)
        self.station.notify(
            "transaction_moved", evse_id=target.id, transaction_id=transaction.id, from_evse_id=source.id
        )
        self.accompany(target)

    def _emit(self, evse: Evse, fact: TransactionEvent) -> None:
        if evse.transaction is None:
            return
        evse.transaction.sequence += 1
        self.save(evse)
        self.station.post(fact)

    # --- commands --------------------------------------------------------------------------------------------------------

    def csms_id(self, transaction_id: str) -> int | None:
        """The number that the 1.6 CSMS has given to a transaction of ours, if it has."""
        return self.station.transaction_answers.csms_id(transaction_id)

    @handles(GetTransactionStatus)
    def get_transaction_status(self, command: GetTransactionStatus, respond: Respond) -> None:
        """E14."""
        identifier = command.transaction_id
        queued = self.station.closing.waits(identifier) or self.station.outbox.transaction_queued(identifier)
        if identifier is None:
            respond(TransactionStatus(queued))
            return
        running = self.station.evse_of_transaction(identifier) is not None
        respond(TransactionStatus(queued, running))
