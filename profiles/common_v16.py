"""Translations that several blocks share in 1.6: time, connector numbers, meter values."""

from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.station.instant import Instant
from chargepoint.station.metering import MeterValue
from chargepoint.station.token import Token, TokenInfo
from chargepoint.wire import timestamp
from chargepoint.wire import v16 as wire
from profiles.mapping import word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

_UNITS: dict[str, Any] = {"Celsius": "Celsius", "Percent": "Percent", "VAh": None, "": None}
ID_TAG_CHARACTERS = 20
"""1.6 §7.28, CiString20Type."""


def moment(instant: Instant, station: "ChargingStation") -> str:
    """An instant as 1.6 writes it, corrected where it was noted before the clock was right."""
    return timestamp.format(station.clock.seconds_of(instant), milliseconds=True)


def seconds(text: str | None) -> float | None:
    """Seconds since 1970 UTC, None when absent or unreadable."""
    if text is None:
        return None
    try:
        return timestamp.parse(text)
    except ValueError:
        return None


def connector_number(evse_id: int, connector_id: int, station: "ChargingStation") -> int:
    """The 1.6 connector number; 0 is the station."""
    evses = station.evses
    if not 0 < evse_id <= len(evses):
        return 0
    return evses[evse_id - 1].connectors[connector_id - 1 if connector_id > 1 else 0].number


def place(number: int | None, station: "ChargingStation") -> tuple[int, int]:
    """(EVSE, connector) of a 1.6 connector number; (0, 0) for the station, (-1, 0) when there is no such connector."""
    if not number:
        return (0, 0)
    found = station.connector_by_number(number)
    return (found[0].id, found[1].id) if found is not None else (-1, 0)


def token(id_tag: str) -> Token:
    """A token of the CSMS, which does not say its kind."""
    return Token(id_tag, "")


def id_tag(value: Token | None) -> str:
    """A token for the CSMS; "" for none, and for one of another version's life that is longer than an idTag can be."""
    return value.value if value is not None and len(value.value) <= ID_TAG_CHARACTERS else ""


def token_info(info: wire.IdTagInfo) -> TokenInfo:
    """What the CSMS says of an idTag."""
    return TokenInfo(
        status=word(info.status),
        expiry=seconds(info.expiry_date),
        group=Token(info.parent_id_tag, "Central") if info.parent_id_tag is not None else None,
    )


def number(value: float) -> str:
    """A measured value as text: as many digits as it has, three after the point at most."""
    return numbers((value,))[0]


def numbers(values: tuple[float, ...]) -> list[str]:
    """As `number`, of each."""
    texts = [f"{value:.3f}".rstrip("0").rstrip(".") for value in values]
    return texts if "-0" not in texts else [text if text != "-0" else "0" for text in texts]


def meter_values(values: tuple[MeterValue, ...], station: "ChargingStation") -> list[wire.MeterValue]:
    """Meter values as 1.6 words them; what 1.6 has no word for is left out."""
    found: list[wire.MeterValue] = []
    for value in values:
        samples = samples_of(value)
        if samples:
            found.append(wire.MeterValue(timestamp=moment(value.instant, station), sampled_value=samples))
    return found


def samples_of(value: MeterValue) -> list[wire.SampledValue]:
    """The values of one instant as 1.6 words them."""
    samples: list[wire.SampledValue] = []
    for place, (kind, value_now) in enumerate(zip(value.kinds, value.numbers, strict=True)):
        words: Any = kind  # the wire types check the words when the message is encoded
        if words.measurand not in MEASURANDS:
            continue
        told = wire.SampledValue(
            value=number(value_now),
            context=words.context,
            measurand=words.measurand,
            phase=words.phase,
            location=words.location,
            unit=_UNITS.get(words.unit, words.unit),
        )
        samples.append(told)
        if value.signed is not None and place in value.signed:
            signed = value.signed[place].signed_meter_data
            samples.append(msgspec.structs.replace(told, value=signed, format=word("SignedData")))
    return samples


MEASURANDS = frozenset(
    (
        "Current.Export",
        "Current.Import",
        "Current.Offered",
        "Energy.Active.Export.Register",
        "Energy.Active.Import.Register",
        "Energy.Reactive.Export.Register",
        "Energy.Reactive.Import.Register",
        "Energy.Active.Export.Interval",
        "Energy.Active.Import.Interval",
        "Energy.Reactive.Export.Interval",
        "Energy.Reactive.Import.Interval",
        "Frequency",
        "Power.Active.Export",
        "Power.Active.Import",
        "Power.Factor",
        "Power.Offered",
        "Power.Reactive.Export",
        "Power.Reactive.Import",
        "RPM",
        "SoC",
        "Temperature",
        "Voltage",
    )
)
"""The measurands that 1.6 knows (§7.31)."""
