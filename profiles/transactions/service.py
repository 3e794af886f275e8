"""The rules of transactions: when one starts and ends, what it tells, what survives a power cut.

Rule 1. A transaction starts when one of the start points comes to hold, and ends when one of the stop points ceases to (E01, E06).
Rule 2. There is at most one transaction on an EVSE (E §1).
Rule 3. Every change is one event with the next sequence number; events are facts, stored in the turn in which they happen (E01.FR.07).
Rule 4. A transaction that the CSMS calls invalid ends, or is limited, as configured (C15, E05; 1.6 §4.8).
"""

from typing import TYPE_CHECKING, TypedDict

import msgspec

from chargepoint.station.clock import Instant
from chargepoint.station.command import Respond, Service, answers, handles
from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.facts import Refused
from chargepoint.station.metering import MeterValue
from chargepoint.station.timers import Timer
from chargepoint.station.token import Token, TokenInfo
from chargepoint.station.transaction import Transaction
from profiles.meter_values import variables as metering
from profiles.transactions import variables
from profiles.transactions.commands import GetTransactionStatus, TransactionStatus
from profiles.transactions.facts import TransactionEnded, TransactionEvent, TransactionStarted, TransactionUpdated
from profiles.transactions.points import conditions, mask

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "transaction"
WAKE_UP_GRACE_SECOND = 10.0
"""How long a vehicle may take to ask for power before it counts as the one that suspends (IEC 61851-1 legacy wake-up)."""
CONTACT_BOUNCE_SECOND = 1.0
"""An open contactor under a vehicle that asks for power must last this long before it is told as a change of charging state."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Transaction)


class StartAnswer(msgspec.Struct, frozen=True):
    """The CSMS's answer to a start or an update. csms_id: 1.6 transactionId. info: what it says of the token, None = nothing."""

    info: TokenInfo | None = None
    csms_id: int | None = None


class Details(TypedDict, total=False):
    """The fields that all events share."""

    transaction_id: str
    instant: Instant
    sequence: int
    trigger: str
    offline: bool
    evse_id: int
    connector_id: int
    place: bool
    charging_state: str | None
    meter_values: tuple[MeterValue, ...]
    token: Token | None
    remote_start_id: int | None
    reservation_id: int | None
    cable_ampere: float | None
    charging_second: float | None


class TransactionService(Service):
    """Functional block E."""

    __slots__ = ()

    station: "ChargingStation"

    # --- restart -----------------------------------------------------------------------------------------------------

    def restore(self) -> None:
        """Take up the transactions that a power cut or restart has left open: resume or end them, as configured (E06; 2.1 E17)."""
        station = self.station
        for key, raw in list(station.store.items(COLLECTION)):
            evse = station.evse(int(key))
            transaction = _decoder.decode(raw)
            if evse is None:
                station.store.put(COLLECTION, key, None)
                continue
            transaction.charging_since = None
            evse.transaction = transaction
            if (
                station.settings.resume_transactions
                and transaction.token is not None
                and transaction.deauthorized is None
            ):
                evse.authorization = Authorization(transaction.token, station.clock.now(), "resumed")
                evse.authorization.group = transaction.group
                evse.conditions = mask(("Authorized", "EVConnected", "PowerPathClosed"))
                evse.start_timer("resume", self._after_resume(evse))
                self._start_sampling(evse)
            else:
                self.end(evse, "AbnormalCondition", station.settings.restart_reason)

    def _after_resume(self, evse: Evse) -> Timer:
        return self.station.after(self.station.settings.resume_second, lambda: self._not_resumed(evse))

    def _not_resumed(self, evse: Evse) -> None:
        if evse.transaction is not None and not evse.plugged:
            evse.authorization = None
            self.end(evse, "AbnormalCondition", "PowerLoss")
            self.station.touch(evse)

    # --- what moves a transaction ------------------------------------------------------------------------------------

    def advance(
        self, evse: Evse, trigger: str, *, reason: str = "Local", stopper: Token | None = None, report: bool = True
    ) -> None:
        """Something changed on the EVSE: start, end or update its transaction by rule 1.

        trigger: 2.x TriggerReasonEnumType. reason: why, should this be the end. report: worth an event if it is neither start nor end.
        """
        station = self.station
        station.touch(evse)
        before = evse.conditions
        held = "EVConnected" in self._held(evse)
        now = conditions(evse, connected=evse.plugged or held)
        evse.conditions = now
        if evse.transaction is None:
            if now & ~before and now & self.start_points():
                self._start(evse, trigger)
        elif before & ~now & self.stop_points():
            self.end(evse, trigger, reason, stopper)
        elif report:
            self.update(evse, trigger)

    def start_points(self) -> int:
        """The start points in force, as bits."""
        fixed = self.station.policy.fixed_start_points
        return mask(self.station.get(variables.TX_START_POINT) if fixed is None else fixed)

    def stop_points(self) -> int:
        """The stop points in force, as bits."""
        fixed = self.station.policy.fixed_stop_points
        return mask(self.station.get(variables.TX_STOP_POINT) if fixed is None else fixed)

    def _held(self, evse: Evse) -> tuple[str, ...]:
        """Conditions that hold although they do not: a disconnection that the transaction is told to survive (E10; 1.6 §7.47)."""
        if (
            evse.authorization is not None
            and evse.transaction is not None
            and evse.conditions & mask(("EVConnected",))
            and not self.station.get(variables.STOP_TX_ON_EV_SIDE_DISCONNECT)
        ):
            return ("EVConnected",)
        return ()

    def _start(self, evse: Evse, trigger: str) -> None:
        station = self.station
        now = station.clock.now()
        reading = station.meter_values.energy(evse)
        transaction = Transaction(id=station.new_id(), evse_id=evse.id, connector_id=evse.connector.id, started=now)
        transaction.energy_start_watt_hour = transaction.energy_last_watt_hour = reading
        evse.transaction = transaction
        evse.finishing = False
        started = station.meter_values.sample(evse, station.get(metering.TX_STARTED_MEASURANDS), "Transaction.Begin")
        ended = station.meter_values.sample(evse, station.get(metering.TX_ENDED_MEASURANDS), "Transaction.Begin")
        if ended is not None:
            transaction.ended_samples = (ended,)
        details = self._details(evse, trigger, (started,) if started is not None else ())
        authorization = evse.authorization
        self._emit(
            evse,
            TransactionStarted(
                **details,
                energy_start_watt_hour=reading,
                starter=authorization.token if authorization is not None else None,
            ),
        )
        station.notify("transaction_started", evse_id=evse.id, transaction_id=transaction.id)
        self._start_sampling(evse)

    def update(
        self, evse: Evse, trigger: str, meter_values: tuple[MeterValue, ...] = (), *, periodic: bool = False
    ) -> None:
        """Tell a change of the running transaction."""
        if evse.transaction is not None:
            self._emit(evse, TransactionUpdated(**self._details(evse, trigger, meter_values), periodic=periodic))

    def end(self, evse: Evse, trigger: str, reason: str, stopper: Token | None = None) -> None:
        """End the running transaction now. reason: 2.x ReasonEnumType, or SoftReset which 1.6 tells apart."""
        station = self.station
        transaction = evse.transaction
        if transaction is None:
            return
        self._stop_sampling(evse)
        self._count_charging(evse, flowing=False)
        energy = station.meter_values.energy(evse)
        if energy is None:
            energy = transaction.energy_last_watt_hour
        final = station.meter_values.sample(evse, station.get(metering.TX_ENDED_MEASURANDS), "Transaction.End")
        samples = transaction.ended_samples + ((final,) if final is not None else ())
        reason = transaction.deauthorized or transaction.stop_reason or reason
        stopper = stopper or transaction.stop_token
        details = self._details(evse, trigger, samples, token=stopper)
        self._emit(
            evse,
            TransactionEnded(
                **details,
                reason=reason,
                energy_end_watt_hour=energy,
                stopper=stopper,
                started=transaction.started,
            ),
        )
        station.notify(
            "transaction_ended",
            evse_id=evse.id,
            transaction_id=transaction.id,
            reason=reason,
            energy_watt_hour=(energy or 0.0) - (transaction.energy_start_watt_hour or 0.0),
            duration_second=station.clock.seconds_of(station.clock.now())
            - station.clock.seconds_of(transaction.started),
        )
        evse.transaction = None
        evse.finishing = evse.plugged
        self._cancel_authorization(evse)
        evse.conditions = conditions(evse, connected=evse.plugged)
        station.store.put(COLLECTION, str(evse.id), None)
        station.touch(evse)

    def _cancel_authorization(self, evse: Evse) -> None:
        if evse.authorization is not None:
            if evse.authorization.deadline is not None:
                evse.authorization.deadline.cancel()
            evse.authorization = None

    # --- what a transaction tells ------------------------------------------------------------------------------------

    def _details(
        self, evse: Evse, trigger: str, meter_values: tuple[MeterValue, ...], *, token: Token | None = None
    ) -> Details:
        """The fields that all events share; what is to be told once is told now, if it is known."""
        station, transaction, authorization = self.station, evse.transaction, evse.authorization
        if transaction is None:
            raise ValueError(f"EVSE {evse.id} has no transaction to tell of")
        details: Details = {
            "transaction_id": transaction.id,
            "instant": station.clock.now(),
            "sequence": transaction.sequence,
            "trigger": trigger,
            "offline": not station.outbox.online,
            "evse_id": evse.id,
            "connector_id": evse.connector.id,
            "meter_values": meter_values,
        }
        if authorization is not None:
            if not transaction.reported_token:
                transaction.reported_token = True
                transaction.token = authorization.token
                transaction.group = authorization.group
                details["token"] = authorization.token
            if authorization.remote_start_id is not None and not transaction.reported_remote_start:
                transaction.reported_remote_start = True
                transaction.remote_start_id = authorization.remote_start_id
                details["remote_start_id"] = authorization.remote_start_id
            if authorization.reservation_id is not None and not transaction.reported_reservation:
                transaction.reported_reservation = True
                transaction.reservation_id = authorization.reservation_id
                details["reservation_id"] = authorization.reservation_id
        if token is not None:
            details["token"] = token
        if not transaction.reported_evse:
            transaction.reported_evse = True
            details["place"] = True
        if evse.connector.cable_ampere is not None and transaction.sequence == 0:
            details["cable_ampere"] = evse.connector.cable_ampere
        state = self.charging_state(evse)
        if state != transaction.charging_state:
            transaction.charging_state = state
            details["charging_state"] = state
        details["charging_second"] = self._charging_second(evse)
        return details

    def _emit(self, evse: Evse, fact: TransactionEvent) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        transaction.sequence += 1
        self.save(transaction)
        self.station.post(fact)

    def save(self, transaction: Transaction) -> None:
        """Keep the transaction as it is now, with this turn."""
        self.station.store.put(COLLECTION, str(transaction.evse_id), _encoder.encode(transaction))

    # --- charging state ----------------------------------------------------------------------------------------------

    def charging_state(self, evse: Evse) -> str:
        """2.x ChargingStateEnumType as it is now."""
        if not evse.plugged:
            return "SuspendedEV" if self._held(evse) else "Idle"
        if not self.station.power_permitted(evse):
            return "EVConnected"
        if evse.paused:
            return "SuspendedEVSE"
        if evse.requests_power and (evse.contactor_closed or "bounce" in evse.timers):
            return "Charging"
        if not evse.charging_seen and (evse.demanded[0] is None or "grace" in evse.timers):
            return "EVConnected"
        return "SuspendedEV"

    def settle(self, evse: Evse) -> None:
        """End of a turn: tell a change of the charging state, once per turn."""
        transaction = evse.transaction
        flowing = evse.contactor_closed and evse.requests_power
        self._count_charging(evse, flowing=flowing)
        if flowing:
            evse.charging_seen = True
        if transaction is None:
            return
        state = self.charging_state(evse)
        if state != transaction.charging_state:
            self.update(evse, "ChargingStateChanged")

    def contactor_changed(self, evse: Evse) -> None:
        """The contactor opened or closed: one that opens under a vehicle that asks for power may only be on its way somewhere else."""
        if evse.contactor_closed or not evse.requests_power:
            evse.stop_timer("bounce")
        else:
            evse.start_timer("bounce", self.station.after(CONTACT_BOUNCE_SECOND, lambda: self._bounced(evse)))

    def _bounced(self, evse: Evse) -> None:
        evse.stop_timer("bounce")
        self.station.touch(evse)

    def permitted_changed(self, evse: Evse, *, permitted: bool) -> None:
        """Power has been permitted or forbidden: the vehicle gets its time to wake up."""
        if permitted:
            evse.charging_seen = False
            evse.start_timer("grace", self.station.after(WAKE_UP_GRACE_SECOND, lambda: self._grace_over(evse)))
        else:
            evse.stop_timer("grace")

    def _grace_over(self, evse: Evse) -> None:
        evse.stop_timer("grace")
        self.station.touch(evse)

    def _count_charging(self, evse: Evse, *, flowing: bool) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        now = self.station.clock.monotonic()
        if flowing and transaction.charging_since is None:
            transaction.charging_since = now
        elif not flowing and transaction.charging_since is not None:
            transaction.charging_second += now - transaction.charging_since
            transaction.charging_since = None

    def _charging_second(self, evse: Evse) -> float:
        transaction = evse.transaction
        if transaction is None:
            return 0.0
        running = 0.0
        if transaction.charging_since is not None:
            running = self.station.clock.monotonic() - transaction.charging_since
        return transaction.charging_second + running

    # --- sampled meter values (J02) ------------------------------------------------------------------------------------

    def _start_sampling(self, evse: Evse) -> None:
        interval = self.station.get(metering.TX_UPDATED_INTERVAL)
        if interval > 0:
            evse.start_timer("sample", self.station.after(interval, lambda: self._sample(evse)))
        ended = self.station.meter_values.ended_interval()
        if ended > 0:
            evse.start_timer("ended", self.station.after(ended, lambda: self._sample_for_end(evse)))

    def _stop_sampling(self, evse: Evse) -> None:
        for name in ("sample", "ended", "grace", "bounce", "resume"):
            evse.stop_timer(name)

    def restart_sampling(self) -> None:
        """An interval was changed: running transactions follow at once."""
        for evse in self.station.evses:
            if evse.transaction is not None:
                evse.stop_timer("sample")
                evse.stop_timer("ended")
                self._start_sampling(evse)

    def _sample(self, evse: Evse) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        interval = self.station.get(metering.TX_UPDATED_INTERVAL)
        if interval > 0:
            evse.start_timer("sample", self.station.after(interval, lambda: self._sample(evse)))
        value = self.station.meter_values.sample(
            evse, self.station.get(metering.TX_UPDATED_MEASURANDS), "Sample.Periodic"
        )
        self._note_energy(evse)
        if value is not None:
            self.update(evse, "MeterValuePeriodic", (value,), periodic=True)

    def _sample_for_end(self, evse: Evse) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        ended = self.station.meter_values.ended_interval()
        if ended > 0:
            evse.start_timer("ended", self.station.after(ended, lambda: self._sample_for_end(evse)))
        value = self.station.meter_values.sample(
            evse, self.station.get(metering.TX_ENDED_MEASURANDS), "Sample.Periodic"
        )
        if value is not None:
            self.keep_for_end(evse, value)

    def keep_for_end(self, evse: Evse, value: MeterValue) -> None:
        """Keep a value to be told with the end. The number is bounded: beyond it every second of the middle ones goes (J02.FR.14)."""
        transaction = evse.transaction
        if transaction is None:
            return
        samples = (*transaction.ended_samples, value)
        limit = self.station.get(variables.MAX_ENDED_SAMPLES)
        if len(samples) > limit:
            samples = samples[:1] + samples[2:-1:2] + samples[-1:]
        transaction.ended_samples = samples
        self.save(transaction)

    def _note_energy(self, evse: Evse) -> None:
        transaction = evse.transaction
        energy = self.station.meter_values.energy(evse)
        if transaction is None or energy is None:
            return
        transaction.energy_last_watt_hour = energy
        start = transaction.invalid_since_watt_hour
        if start is not None and energy - start >= self.station.get(variables.MAX_ENERGY_ON_INVALID_ID):
            transaction.invalid_since_watt_hour = None
            self.station.touch(evse)

    # --- answers of the CSMS ------------------------------------------------------------------------------------------

    @answers(TransactionStarted)
    def started_answered(self, fact: TransactionStarted, answer: StartAnswer | Refused | None) -> None:
        """1.6: the number of the transaction becomes known; 2.x: the CSMS may say that the token is not valid (C15, E05)."""
        if not isinstance(answer, StartAnswer):
            return
        evse = self.station.evse_of_transaction(fact.transaction_id)
        if answer.csms_id is not None:
            self.station.store.put("csms_transaction", fact.transaction_id, str(answer.csms_id).encode())
            if evse is not None and evse.transaction is not None:
                evse.transaction.csms_id = answer.csms_id
                self.save(evse.transaction)
        token = fact.token or fact.starter
        if answer.info is not None and token is not None:
            self._token_info(evse, token, answer.info)

    @answers(TransactionUpdated)
    def updated_answered(self, fact: TransactionUpdated, answer: StartAnswer | Refused | None) -> None:
        """The CSMS may say something of the token that was told."""
        if isinstance(answer, StartAnswer) and answer.info is not None and fact.token is not None:
            self._token_info(self.station.evse_of_transaction(fact.transaction_id), fact.token, answer.info)

    @answers(TransactionEnded)
    def ended_answered(self, fact: TransactionEnded, answer: StartAnswer | Refused | None) -> None:
        """The transaction is delivered whole."""
        self.station.store.put("csms_transaction", fact.transaction_id, None)
        token = fact.stopper or fact.token
        if isinstance(answer, StartAnswer) and answer.info is not None and token is not None:
            self.station.authorization.learn(token, answer.info)

    def csms_id(self, transaction_id: str) -> int | None:
        """The number that the 1.6 CSMS has given to a transaction of ours, if it has."""
        raw = self.station.store.get("csms_transaction", transaction_id)
        return int(raw) if raw is not None else None

    def _token_info(self, evse: Evse | None, token: Token, info: TokenInfo) -> None:
        self.station.authorization.learn(token, info)
        if (
            evse is None
            or evse.transaction is None
            or evse.authorization is None
            or not evse.authorization.token.same(token)
        ):
            return
        authorization = evse.authorization
        if info.accepted:
            authorization.info = info
            authorization.group = info.group
            authorization.pending = False
            evse.transaction.group = info.group
            return
        self._deauthorize(evse, info)

    def _deauthorize(self, evse: Evse, info: TokenInfo) -> None:
        """The CSMS does not accept the token of a running transaction (2.x C15, E05; 1.6 §4.8)."""
        transaction = evse.transaction
        if transaction is None or transaction.deauthorized is not None:
            return
        transaction.deauthorized = "DeAuthorized"
        if self.station.get(variables.STOP_TX_ON_INVALID_ID):
            self._cancel_authorization(evse)
            self.advance(evse, "Deauthorized", reason="DeAuthorized")
            if evse.transaction is not None:
                evse.finishing = True
            return
        if self.station.get(variables.MAX_ENERGY_ON_INVALID_ID) > 0:
            transaction.invalid_since_watt_hour = self.station.meter_values.energy(evse) or 0.0
        self.station.touch(evse)
        self.update(evse, "Deauthorized")

    # --- commands -----------------------------------------------------------------------------------------------------

    @handles(GetTransactionStatus)
    def get_transaction_status(self, command: GetTransactionStatus, respond: Respond) -> None:
        """E14."""
        identifier = command.transaction_id
        queued = self.station.outbox.transaction_queued(identifier)
        if identifier is None:
            respond(TransactionStatus(queued))
            return
        running = self.station.evse_of_transaction(identifier) is not None
        respond(TransactionStatus(queued, running))
