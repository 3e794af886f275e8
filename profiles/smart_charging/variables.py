"""Variables of smart charging."""

from typing import Any

from chargepoint.station.variables import DataType, InvalidValue, Mutability, Syntax, Variable

COMPONENT = "SmartChargingCtrlr"
_WORDS16 = {"A": "Current", "W": "Power"}

SMART_CHARGING_AVAILABLE = Variable(COMPONENT, "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY)
SMART_CHARGING_ENABLED = Variable(COMPONENT, "Enabled", DataType.BOOLEAN, True)
PROFILE_STACK_LEVEL = Variable(
    COMPONENT,
    "ProfileStackLevel",
    DataType.INTEGER,
    20,
    key16="ChargeProfileMaxStackLevel",
    mutability=Mutability.READ_ONLY,
    minimum=0,
)
PERIODS_PER_SCHEDULE = Variable(
    COMPONENT,
    "PeriodsPerSchedule",
    DataType.INTEGER,
    200,
    key16="ChargingScheduleMaxPeriods",
    mutability=Mutability.READ_ONLY,
    minimum=1,
    maximum=1024,
)
MAX_PROFILES_INSTALLED = Variable(
    "", "", DataType.INTEGER, 100, key16="MaxChargingProfilesInstalled", mutability=Mutability.READ_ONLY, minimum=1
)


def _units16(value: tuple[str, ...]) -> str:
    return ",".join(_WORDS16[unit] for unit in value)


def _parse_units16(_variable: Variable[Any], text: str) -> tuple[str, ...]:
    units = {word: unit for unit, word in _WORDS16.items()}
    try:
        return tuple(units[word.strip()] for word in text.split(","))
    except KeyError as error:
        raise InvalidValue("expected Current, Power, or both") from error


_ALL_UNITS: tuple[str, ...] = ("A", "W")
RATE_UNIT = Variable(
    COMPONENT,
    "RateUnit",
    DataType.MEMBER_LIST,
    _ALL_UNITS,
    key16="ChargingScheduleAllowedChargingRateUnit",
    mutability=Mutability.READ_ONLY,
    values=_ALL_UNITS,
    syntax16=Syntax(_units16, _parse_units16),
)
LIMIT_CHANGE_SIGNIFICANCE = Variable(
    COMPONENT,
    "LimitChangeSignificance",
    DataType.DECIMAL,
    10.0,
    unit="Percent",
    minimum=0,
)


def _entries(station: Any, _evse_id: int, _connector_id: int) -> int:
    return len(station.smart_charging)


def _most_entries(station: Any, _evse_id: int, _connector_id: int) -> int:
    return int(station.get(MAX_PROFILES_INSTALLED))


PROFILE_ENTRIES = Variable(
    COMPONENT,
    "Entries",
    DataType.INTEGER,
    0,
    instance="ChargingProfiles",
    value_of=_entries,
    maximum_of=_most_entries,
)


def _switches(station: Any, _evse_id: int, _connector_id: int) -> bool:
    several = [evse for evse in station.evses if evse.phases > 1 and evse.supply != "DC"]
    return bool(several) and all(evse.switches_phases for evse in several)


PHASES_3_TO_1 = Variable(
    COMPONENT,
    "Phases3to1",
    DataType.BOOLEAN,
    False,
    key16="ConnectorSwitch3to1PhaseSupported",
    value_of=_switches,
)
_OFFLINE = "MaxOfflineDuration"
SUPPORTS_OFFLINE_DURATION = Variable(
    COMPONENT,
    "SupportsFeature",
    DataType.BOOLEAN,
    True,
    instance=_OFFLINE,
    mutability=Mutability.READ_ONLY,
)
"""2.1 part 2 §2.11.19; the appendix of 2.1 has another name for it, which follows."""
SUPPORTS_MAX_OFFLINE_DURATION = Variable(
    COMPONENT, f"Supports{_OFFLINE}", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY
)
PERSISTENCE_TX_PROFILE = Variable(
    COMPONENT,
    "ChargingProfilePersistence",
    DataType.BOOLEAN,
    True,
    instance="TxProfile",
    mutability=Mutability.READ_ONLY,
)
