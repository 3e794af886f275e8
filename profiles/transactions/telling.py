"""What an event of a transaction tells: what belongs to every event, and what is told once, when it is known.

evse once after a vehicle was connected (E01.FR.16); token once after the authorization, and where one ends it (E03.FR.01, E07.FR.02);
remote start and reservation with the token (F01.FR.25, E01.FR.13); charging state, phases and limits where they are new (E01.FR.18,
E02.FR.18, E16.FR.03); the values of the beginning as soon as the EVSE is known (E01.FR.09, E01.FR.17).
"""

from typing import TYPE_CHECKING, TypedDict

from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.instant import Instant
from chargepoint.station.metering import MeterValue
from chargepoint.station.token import Token
from chargepoint.station.transaction import Transaction, TransactionLimit
from hal.contract import MeterReading
from profiles.meter_values import variables as metering
from profiles.transactions.facts import TransactionUpdated

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


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
    phases_used: int | None
    charging_second: float | None
    limit: TransactionLimit | None


def details_of(
    station: "ChargingStation",
    evse: Evse,
    trigger: str,
    meter_values: tuple[MeterValue, ...] = (),
    *,
    token: Token | None = None,
    authorization: Authorization | None = None,
    final: bool = False,
    settled: bool = False,
    reading: MeterReading | None = None,
) -> Details:
    """The fields of the next event. token: the one that ends the authorization. authorization: where the EVSE has it no more.

    final: the last event, after which nothing flows. settled: nothing has happened since the end of the last turn, which has told the
    charging state if it was new. reading: of the meter, as of now, where it has been asked already.

    Raises: ValueError: there is no transaction.
    """
    transaction = evse.transaction
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
    }
    authorization = authorization or evse.authorization
    if authorization is not None and not authorization.told:
        _tell_authorization(details, transaction, authorization)
    if token is not None:
        details["token"] = token
    if not (transaction.reported_place and transaction.reported_cable):
        _tell_place(details, evse, transaction)
    if not settled:
        _tell_state(details, station, evse, transaction, final=final)
    phases = None if final else station.charging.phases_used(evse, reading)
    if phases is not None and phases != transaction.reported_phases:
        transaction.reported_phases = phases
        details["phases_used"] = phases
    if transaction.limit is not transaction.reported_limit and transaction.limit != transaction.reported_limit:
        details["limit"] = _news(transaction.limit, transaction.reported_limit)
        transaction.reported_limit = transaction.limit
    if not transaction.reported_begin:
        meter_values = _begin(station, evse, transaction) + meter_values
    details["meter_values"] = station.meter_values.with_keys(transaction, meter_values)
    station.charging.count(evse, flowing=transaction.charging_since is not None)
    details["charging_second"] = transaction.charging_second
    return details


def sample_of(
    station: "ChargingStation", evse: Evse, value: MeterValue, reading: MeterReading, now: Instant
) -> TransactionUpdated | None:
    """The event of a periodic sample, as nearly all are: there is nothing else to tell. None = there is, and `details_of` says what.

    value: of `reading`, which is of `now`.
    """
    transaction, authorization = evse.transaction, evse.authorization
    if (
        transaction is None
        or evse.touched
        or value.signed is not None
        or not transaction.reported_begin
        or transaction.limit is not transaction.reported_limit
        or (authorization is not None and not authorization.told)
    ):
        return None
    connector = evse.connector
    if not transaction.reported_place or (not transaction.reported_cable and connector.cable_ampere is not None):
        return None
    if transaction.charging_since is not None and evse.supply != "DC":  # where nothing flows, nothing is news
        phases = station.charging.phases_in(reading)
        if phases is not None and phases != transaction.reported_phases:
            return None
    station.charging.count_until(transaction, now.monotonic)
    return TransactionUpdated(
        transaction_id=transaction.id,
        instant=now,
        sequence=transaction.sequence,
        trigger="MeterValuePeriodic",
        offline=not station.outbox.online,
        evse_id=evse.id,
        connector_id=connector.id,
        meter_values=(value,),
        charging_second=transaction.charging_second,
        periodic=True,
    )


def _tell_authorization(details: Details, transaction: Transaction, authorization: Authorization) -> None:
    authorization.told = True
    details["token"] = authorization.token
    if authorization.remote_start_id is not None:
        details["remote_start_id"] = transaction.remote_start_id = authorization.remote_start_id
        details["trigger"] = "RemoteStart"  # whatever has happened as well (F01.FR.19, F02.FR.21)
    if authorization.reservation_id is not None:
        details["reservation_id"] = transaction.reservation_id = authorization.reservation_id


def _tell_place(details: Details, evse: Evse, transaction: Transaction) -> None:
    if not evse.plugged:
        return
    if not transaction.reported_place:
        transaction.reported_place = True
        details["place"] = True
    ampere = evse.connector.cable_ampere
    if ampere is not None and not transaction.reported_cable:
        transaction.reported_cable = True
        details["cable_ampere"] = ampere


def _tell_state(
    details: Details, station: "ChargingStation", evse: Evse, transaction: Transaction, *, final: bool
) -> None:
    over = "EVConnected" if evse.plugged else "Idle"
    state = over if final else station.charging.state(evse)
    if state != transaction.charging_state or details["trigger"] in ("ChargingStateChanged", "Deauthorized", "Trigger"):
        transaction.charging_state = state
        details["charging_state"] = state


def _begin(station: "ChargingStation", evse: Evse, transaction: Transaction) -> tuple[MeterValue, ...]:
    """The values of the beginning, once, when it is known whose meter to ask."""
    authorization = evse.authorization
    if authorization is not None and authorization.anywhere:
        return ()
    transaction.reported_begin = True
    meter = station.meter_values
    transaction.energy_start_watt_hour = transaction.energy_last_watt_hour = meter.energy_or_last(evse)
    ended = meter.sample(evse, station.get(metering.TX_ENDED_MEASURANDS), "Transaction.Begin", metering.SIGN_ENDED)
    if ended is not None:
        station.sampling.keep_first_for_end(evse, ended)
    started = meter.sample(
        evse, station.get(metering.TX_STARTED_MEASURANDS), "Transaction.Begin", metering.SIGN_STARTED
    )
    return (started,) if started is not None else ()


def _news(now: TransactionLimit, before: TransactionLimit) -> TransactionLimit:
    """The limits that are new."""
    return TransactionLimit(
        *(
            None if getattr(now, name) == getattr(before, name) else getattr(now, name)
            for name in TransactionLimit.__struct_fields__
        )
    )
