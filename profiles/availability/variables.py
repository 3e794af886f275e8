"""Variables of availability: the state of station, EVSEs and connectors, and what they are made of."""

from typing import Any

from chargepoint.station.evse import Connector, Evse
from chargepoint.station.variables import DataType, InvalidValue, Mutability, Scope, Syntax, Variable
from hal.fault import Fault
from profiles.availability import status

STATES = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")
"""2.x ConnectorStatusEnumType."""

MINIMUM_STATUS_DURATION = Variable(
    "", "", DataType.INTEGER, 0, key16="MinimumStatusDuration", minimum=0, maximum=86_400, unit="s"
)


def _evse(station: Any, evse_id: int) -> Evse:
    evse: Evse = station.evses[evse_id - 1]
    return evse


def _connector(station: Any, evse_id: int, connector_id: int) -> Connector:
    return _evse(station, evse_id).connectors[connector_id - 1]


# --- state -------------------------------------------------------------------------------------------------------------


def _connector_state(station: Any, evse_id: int, connector_id: int) -> str:
    return str(station.availability.status(_evse(station, evse_id), _connector(station, evse_id, connector_id)).status)


def _evse_state(station: Any, evse_id: int, _connector_id: int) -> str:
    return status.evse_state(station, _evse(station, evse_id))


def _station_state(station: Any, _evse_id: int, _connector_id: int) -> str:
    """Available while one of the EVSEs is, else what most closely says why none is."""
    if any(fault.effect.stops for fault in station.availability.faults.values()):
        return "Faulted"
    if not station.operability.operative:
        return "Unavailable"
    states = {_evse_state(station, evse.id, 0) for evse in station.evses}
    return next(state for state in (*STATES[:3], "Faulted", "Unavailable") if state in states or state == "Unavailable")


def _station_problem(station: Any, _evse_id: int, _connector_id: int) -> bool:
    return bool(station.availability.faults) or any(evse.faults for evse in station.evses)


def _evse_problem(station: Any, evse_id: int, _connector_id: int) -> bool:
    return bool(_evse(station, evse_id).faults)


def _connector_problem(station: Any, evse_id: int, connector_id: int) -> bool:
    return any(fault.connector_id == connector_id for fault in _evse(station, evse_id).faults.values())


def is_lock_fault(fault: Fault) -> bool:
    """Whether the fault is one of the lock that holds the plug, a component of its own (G05)."""
    return fault.name.value.startswith("Lock")


def _lock_problem(station: Any, evse_id: int, connector_id: int) -> bool:
    return any(f.connector_id == connector_id and is_lock_fault(f) for f in _evse(station, evse_id).faults.values())


def _available(component: str, scope: Scope) -> Variable[bool]:
    return Variable(component, "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY, scope=scope)


def _state(component: str, scope: Scope, value_of: Any) -> Variable[str]:
    return Variable(
        component,
        "AvailabilityState",
        DataType.OPTION_LIST,
        "Available",
        values=STATES,
        scope=scope,
        value_of=value_of,
    )


def _problem(component: str, scope: Scope, value_of: Any) -> Variable[bool]:
    return Variable(component, "Problem", DataType.BOOLEAN, False, scope=scope, value_of=value_of)


CHARGING_STATION_AVAILABLE = _available("ChargingStation", Scope.STATION)
CHARGING_STATION_AVAILABILITY_STATE = _state("ChargingStation", Scope.STATION, _station_state)
CHARGING_STATION_PROBLEM = _problem("ChargingStation", Scope.STATION, _station_problem)
EVSE_AVAILABLE = _available("EVSE", Scope.EVSE)
EVSE_AVAILABILITY_STATE = _state("EVSE", Scope.EVSE, _evse_state)
EVSE_PROBLEM = _problem("EVSE", Scope.EVSE, _evse_problem)
CONNECTOR_AVAILABLE = _available("Connector", Scope.CONNECTOR)
CONNECTOR_AVAILABILITY_STATE = _state("Connector", Scope.CONNECTOR, _connector_state)
CONNECTOR_PROBLEM = _problem("Connector", Scope.CONNECTOR, _connector_problem)
LOCK_PROBLEM = _problem("ConnectorPlugRetentionLock", Scope.CONNECTOR, _lock_problem)

# --- what they are made of ---------------------------------------------------------------------------------------------


def _evse_phases(station: Any, evse_id: int, _connector_id: int) -> int:
    evse = _evse(station, evse_id)
    return 0 if evse.supply == "DC" else evse.phases


def _station_phases(station: Any, _evse_id: int, _connector_id: int) -> int:
    return max((_evse_phases(station, evse.id, 0) for evse in station.evses), default=0)


def _supply_phases(component: str, scope: Scope, value_of: Any) -> Variable[int]:
    return Variable(
        component, "SupplyPhases", DataType.INTEGER, 0, minimum=0, maximum=3, scope=scope, value_of=value_of
    )


CHARGING_STATION_SUPPLY_PHASES = _supply_phases("ChargingStation", Scope.STATION, _station_phases)
EVSE_SUPPLY_PHASES = _supply_phases("EVSE", Scope.EVSE, _evse_phases)
CONNECTOR_SUPPLY_PHASES = _supply_phases("Connector", Scope.CONNECTOR, _evse_phases)


def _power(station: Any, evse_id: int, _connector_id: int) -> float | None:
    reading = station.hardware.reading(evse_id)
    if reading is None:
        return None
    power: float | None = reading.values.get(("Power.Active.Import", None))
    return power


def _most_power(station: Any, evse_id: int, _connector_id: int) -> float:
    evse = _evse(station, evse_id)
    return evse.voltage_volt * evse.maximum_ampere * (1 if evse.supply == "DC" else evse.phases)


EVSE_POWER: Variable[float | None] = Variable(
    "EVSE", "Power", DataType.DECIMAL, None, unit="W", scope=Scope.EVSE, value_of=_power, maximum_of=_most_power
)
EVSE_ALLOW_RESET = Variable(
    "EVSE", "AllowReset", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY, scope=Scope.EVSE
)


def _connector_type(station: Any, evse_id: int, connector_id: int) -> str:
    return _connector(station, evse_id, connector_id).kind


CONNECTOR_TYPE = Variable(
    "Connector", "ConnectorType", DataType.STRING, "", maximum=20, scope=Scope.CONNECTOR, value_of=_connector_type
)


def _number_of_connectors(station: Any, _evse_id: int, _connector_id: int) -> int:
    return sum(len(evse.connectors) for evse in station.evses)


NUMBER_OF_CONNECTORS = Variable("", "", DataType.INTEGER, 0, key16="NumberOfConnectors", value_of=_number_of_connectors)

# --- phase rotation ----------------------------------------------------------------------------------------------------

PHASE_ROTATIONS = ("RST", "RTS", "SRT", "STR", "TRS", "TSR")
"""The order in which the phases of the parent arrive at L1, L2, L3."""
_PARTIAL = ("Rxx", "Sxx", "Txx", "RSx", "RTx", "SRx", "STx", "TRx", "TSx")


def _check_rotation(value: str) -> None:
    if value and value not in PHASE_ROTATIONS and value not in _PARTIAL:
        raise InvalidValue(f"expected nothing or one of {', '.join((*PHASE_ROTATIONS, *_PARTIAL))}")


def _rotation16(value: str) -> str:
    if not value:
        return "Unknown"
    return value if value in PHASE_ROTATIONS else "NotApplicable"


def _rotation_of_16(_variable: Variable[str], text: str) -> str:
    if text == "Unknown":
        return ""
    if text == "NotApplicable":
        return "Rxx"
    if text not in PHASE_ROTATIONS:
        raise InvalidValue(f"expected NotApplicable, Unknown or one of {', '.join(PHASE_ROTATIONS)}")
    return text


CHARGING_STATION_PHASE_ROTATION = Variable(
    "ChargingStation", "PhaseRotation", DataType.STRING, "", maximum=3, check=_check_rotation
)
CONNECTOR_PHASE_ROTATION = Variable(
    "Connector",
    "PhaseRotation",
    DataType.STRING,
    "",
    key16="ConnectorPhaseRotation",
    maximum=3,
    scope=Scope.CONNECTOR,
    check=_check_rotation,
    syntax16=Syntax(_rotation16, _rotation_of_16),
    station16=CHARGING_STATION_PHASE_ROTATION,
)


def _rotations(station: Any, _evse_id: int, _connector_id: int) -> int:
    return _number_of_connectors(station, 0, 0) + 1


CONNECTOR_PHASE_ROTATION_MAX_LENGTH = Variable(
    "", "", DataType.INTEGER, 1, key16="ConnectorPhaseRotationMaxLength", value_of=_rotations
)
