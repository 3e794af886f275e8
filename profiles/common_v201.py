"""Translations that several blocks share in 2.x: time, tokens, meter values, status info."""

import functools
from typing import TYPE_CHECKING, Any, get_args

from chargepoint.station.command import Result
from chargepoint.station.instant import Instant
from chargepoint.station.metering import Kind, MeterValue
from chargepoint.station.token import Token, TokenInfo
from chargepoint.wire import timestamp
from chargepoint.wire import v201 as wire
from hal.contract import SignedMeterValue
from profiles.mapping import word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

_TOKEN_KINDS = frozenset(get_args(wire.IdTokenEnum))


def moment(instant: Instant, station: "ChargingStation") -> str:
    """An instant as 2.x writes it, corrected where it was noted before the clock was right."""
    return timestamp.format(station.clock.seconds_of(instant), milliseconds=True)


def seconds(text: str | None) -> float | None:
    """Seconds since 1970 UTC, None when absent or unreadable."""
    if text is None:
        return None
    try:
        return timestamp.parse(text)
    except ValueError:
        return None


def token(value: wire.IdToken) -> Token:
    """A token of the CSMS."""
    additional = tuple((info.additional_id_token, info.type) for info in value.additional_info or ())
    return Token(value.id_token, value.type, additional)


def id_token(value: Token, station: "ChargingStation") -> wire.IdToken | None:
    """A token for the CSMS; None for one of another version's life that is longer than one can be now.

    Central stands for the kind that a 1.6 CSMS did not say, and for those of 2.1 that 2.0.1 has no word for.
    """
    policy = station.policy
    if len(value.value) > policy.maximum_token_characters:
        return None
    kind = value.kind if policy.open_token_kinds or value.kind in _TOKEN_KINDS else ""
    additional = [wire.AdditionalInfo(additional_id_token=text, type=meaning) for text, meaning in value.additional]
    return wire.IdToken(id_token=value.value, type=word(kind or "Central"), additional_info=additional or None)


def token_info(info: wire.IdTokenInfo) -> TokenInfo:
    """What the CSMS says of a token."""
    message = info.personal_message
    return TokenInfo(
        status=word(info.status),
        expiry=seconds(info.cache_expiry_date_time),
        group=token(info.group_id_token) if info.group_id_token is not None else None,
        language=info.language1,
        second_language=info.language2,
        message=message.content if message is not None else None,
        message_format=message.format if message is not None else None,
        message_language=message.language if message is not None else None,
        charging_priority=info.charging_priority or 0,
        evse_ids=tuple(info.evse_id or ()),
    )


def status_info(result: Result) -> wire.StatusInfo | None:
    """Why a command had this result, where there is something to say."""
    if not result.reason_code:
        return None
    return wire.StatusInfo(reason_code=result.reason_code[:20], additional_info=result.additional_info[:512] or None)


def place(evse: wire.EVSE | None) -> tuple[int, int]:
    """(EVSE, connector); 0 where not named."""
    return (evse.id, evse.connector_id or 0) if evse is not None else (0, 0)


def meter_values(values: tuple[MeterValue, ...], station: "ChargingStation") -> list[wire.MeterValue]:
    """Meter values as 2.x words them."""
    return [
        wire.MeterValue(timestamp=moment(value.instant, station), sampled_value=_samples(value))
        for value in values
        if value.kinds
    ]


def number(value: float) -> float:
    """A measured value, three digits after the point at most."""
    return round(value, 3)


def _samples(value: MeterValue) -> list[wire.SampledValue]:
    signed = value.signed
    return [
        _sample(kind, value_now, None if signed is None else signed.get(place))
        for place, (kind, value_now) in enumerate(zip(value.kinds, value.numbers, strict=True))
    ]


def _sample(kind: Kind, value: float, signed: SignedMeterValue | None) -> wire.SampledValue:
    words: Any = kind  # the wire types check them when the message is encoded
    return wire.SampledValue(
        value=number(value),
        context=words.context,
        measurand=words.measurand,
        phase=words.phase,
        location=words.location,
        unit_of_measure=_unit(words.unit) if words.unit else None,
        signed_meter_value=None
        if signed is None
        else wire.SignedMeterValue(
            signed_meter_data=signed.signed_meter_data,
            signing_method=signed.signing_method,
            encoding_method=signed.encoding_method,
            public_key=signed.public_key,
        ),
    )


@functools.cache
def _unit(name: str) -> wire.UnitOfMeasure:
    """One record for each of the few units that there are (`chargepoint.station.metering.UNITS`)."""
    return wire.UnitOfMeasure(unit=name)
