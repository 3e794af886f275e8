"""What the CSMS says to the events of a transaction: 1.6 its number, 2.x its cost and limits, and what it thinks of the token.

Rule 1. A token that the CSMS does not accept loses the transaction, or what it may still take is bounded, as configured (E05, C15;
1.6 §4.8). Rule 2. It is the token of now that counts: what is said of an earlier one changes nothing.
"""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.evse import Evse
from chargepoint.station.facts import Refused
from chargepoint.station.service import answers
from chargepoint.station.token import Token, TokenInfo
from profiles.service import BlockService
from profiles.transactions import points, variables
from profiles.transactions.facts import (
    EventAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)

if TYPE_CHECKING:
    pass

COLLECTION = "csms_transaction"


class TransactionAnswersService(BlockService):
    """Functional block E, the answers."""

    __slots__ = ()

    @answers(TransactionStarted)
    def started_answered(self, fact: TransactionStarted, answer: EventAnswer | Refused | None) -> None:
        """1.6: the number of the transaction becomes known."""
        if not isinstance(answer, EventAnswer):
            return
        if answer.csms_id is not None:
            self.station.store.put(COLLECTION, fact.transaction_id, str(answer.csms_id).encode())
            evse = self.station.evse_of_transaction(fact.transaction_id)
            if evse is not None and evse.transaction is not None:
                evse.transaction.csms_id = answer.csms_id
                self.station.transactions.save(evse)
        self._take(fact, answer, fact.token or fact.starter)

    @answers(TransactionUpdated)
    def updated_answered(self, fact: TransactionUpdated, answer: EventAnswer | Refused | None) -> None:
        """The CSMS may say something of the token that was told, of cost and limits."""
        if isinstance(answer, EventAnswer):
            self._take(fact, answer, fact.token)

    @answers(TransactionEnded)
    def ended_answered(self, fact: TransactionEnded, answer: EventAnswer | Refused | None) -> None:
        """The transaction is delivered whole."""
        self.station.store.put(COLLECTION, fact.transaction_id, None)
        token = fact.stopper or fact.token
        if isinstance(answer, EventAnswer):
            if answer.info is not None and token is not None:
                self.station.authorization.learn(token, answer.info)
            if answer.total_cost is not None:
                self._notify_cost(fact, answer.total_cost, final=True)

    def csms_id(self, transaction_id: str) -> int | None:
        """The number that the 1.6 CSMS has given to a transaction of ours, if it has."""
        raw = self.station.store.get(COLLECTION, transaction_id)
        return int(raw) if raw is not None else None

    # --- 2.x -------------------------------------------------------------------------------------------------------------

    def _take(self, fact: TransactionEvent, answer: EventAnswer, token: Token | None) -> None:
        evse = self.station.evse_of_transaction(fact.transaction_id)
        if answer.info is not None and token is not None:
            self._token_info(evse, token, answer.info)
        if evse is None or evse.transaction is None:
            return
        if answer.limit is not None:
            self.station.limits.set_by_csms(evse, answer.limit)
        if answer.total_cost is not None:
            self.station.limits.cost_known(evse, answer.total_cost)
            self._notify_cost(fact, answer.total_cost, final=False)

    def _notify_cost(self, fact: TransactionEvent, total_cost: float, *, final: bool) -> None:
        self.station.notify(
            "cost", evse_id=fact.evse_id, transaction_id=fact.transaction_id, total_cost=total_cost, final=final
        )

    # --- the token -------------------------------------------------------------------------------------------------------

    def _token_info(self, evse: Evse | None, token: Token, info: TokenInfo) -> None:
        self.station.authorization.learn(token, info)
        if evse is None or evse.transaction is None:
            return
        authorization = evse.authorization
        if authorization is None or not authorization.token.same(token):
            return
        if info.accepted and not info.accepted_on(evse.id):  # C01.FR.21
            info = msgspec.structs.replace(info, status="NotAtThisLocation")
        authorization.info = info
        if info.accepted:
            authorization.group = info.group or authorization.group  # 1.6 §6.46 need not repeat what §6.2 has said
            authorization.pending = False
            self.station.transactions.save(evse)
            return
        self._refused(evse)

    def _refused(self, evse: Evse) -> None:
        transaction = evse.transaction
        if transaction is None or transaction.invalid:
            return
        station = self.station
        info = evse.authorization.info if evse.authorization is not None else None
        station.readers.show(info.status if info is not None else "Refused", info, evse.id)
        if station.get(variables.STOP_TX_ON_INVALID_ID):
            station.sessions.keep_cable(evse)  # E05.FR.11; 1.6 §4.8
            if station.transactions.stop_points() & points.ENDED_BY_DEAUTHORIZATION:
                station.transactions.end(evse, "Deauthorized", "DeAuthorized")  # E05.FR.10
                return
            station.sessions.end_authorization(evse)
            evse.finishing = evse.cable_present
            transaction.stop_reason = "DeAuthorized"
            station.apply_power(evse)
            station.transactions.advance(evse, "Deauthorized", reason="DeAuthorized")  # E05.FR.09
            return
        transaction.invalid = True
        if station.get(variables.MAX_ENERGY_ON_INVALID_ID) > 0:  # E05.FR.03
            # Counted from the start of the transaction, for it may "have been exceeded" when the answer comes (E05.FR.02, C15.FR.06).
            start = transaction.energy_start_watt_hour
            transaction.invalid_since_watt_hour = (
                start if start is not None else station.meter_values.energy_or_last(evse) or 0.0
            )
        station.transactions.save(evse)
        station.limits.watch(evse)
        station.touch(evse)  # E05.FR.02: what power does about it is told at the end of this turn
