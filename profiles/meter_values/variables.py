"""Variables of meter values: which measurands, how often, where to."""

import functools
from typing import Any

from chargepoint.station.variables import (
    DataType,
    InvalidValue,
    Mutability,
    Syntax,
    Variable,
    encode_value,
    split_list,
)

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "Current.Offered",
    "Power.Offered",
)
"""What a plain AC meter gives; a station whose meter gives more says so in its `Capabilities`."""
PHASES = ("L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1")
ENERGY = ("Energy.Active.Import.Register",)


@functools.cache
def measurand_and_phase(member: str) -> tuple[str, str | None]:
    """The parts of a member of a measurand list: 1.6 may name one phase, as in Voltage.L1 (1.6 §9.1.17); None = all phases."""
    measurand, _, phase = member.rpartition(".")
    return (measurand, phase) if measurand and phase in PHASES else (member, None)


def _measurands_of_16(variable: Variable[Any], text: str) -> tuple[str, ...]:
    known = {value.casefold(): value for value in variable.values}
    phases = {phase.casefold(): phase for phase in PHASES}
    found: list[str] = []
    for member in split_list(text):
        folded = member.casefold()
        measurand, _, phase = folded.rpartition(".")
        if folded in known:
            found.append(known[folded])
        elif measurand in known and phase in phases:
            found.append(f"{known[measurand]}.{phases[phase]}")
        else:  # one that is not supported refuses the whole list (1.6 errata 3.14.4)
            raise InvalidValue(f"{member} not among {', '.join(variable.values)}")
    if variable.maximum is not None and len(",".join(found)) > variable.maximum:
        raise InvalidValue(f"longer than {variable.maximum:g} characters")
    return tuple(dict.fromkeys(found))


def _measurands(component: str, name: str, key16: str, default: tuple[str, ...]) -> Variable[tuple[str, ...]]:
    return Variable(
        component,
        name,
        DataType.MEMBER_LIST,
        default,
        key16=key16,
        maximum=500,
        values=MEASURANDS,
        syntax16=Syntax(encode_value, _measurands_of_16) if key16 else None,
    )


def _most_measurands(key16: str, of: Variable[tuple[str, ...]]) -> Variable[int]:
    def value_of(station: Any, _evse_id: int, _connector_id: int) -> int:
        return len(station.variables.catalogue.form(of).values) * (1 + len(PHASES))

    return Variable("", "", DataType.INTEGER, 1, key16=key16, value_of=value_of)


# --- sampled -----------------------------------------------------------------------------------------------------------

SAMPLED_AVAILABLE = Variable("SampledDataCtrlr", "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY)
TX_STARTED_MEASURANDS = _measurands("SampledDataCtrlr", "TxStartedMeasurands", "", ENERGY)
TX_UPDATED_MEASURANDS = _measurands("SampledDataCtrlr", "TxUpdatedMeasurands", "MeterValuesSampledData", ENERGY)
TX_UPDATED_MEASURANDS_MAX_LENGTH = _most_measurands("MeterValuesSampledDataMaxLength", TX_UPDATED_MEASURANDS)
TX_UPDATED_INTERVAL = Variable(
    "SampledDataCtrlr",
    "TxUpdatedInterval",
    DataType.INTEGER,
    60,
    key16="MeterValueSampleInterval",
    minimum=0,
    unit="s",
)
TX_ENDED_MEASURANDS = _measurands("SampledDataCtrlr", "TxEndedMeasurands", "StopTxnSampledData", ENERGY)
TX_ENDED_MEASURANDS_MAX_LENGTH = _most_measurands("StopTxnSampledDataMaxLength", TX_ENDED_MEASURANDS)
TX_ENDED_INTERVAL = Variable("SampledDataCtrlr", "TxEndedInterval", DataType.INTEGER, 0, minimum=0, unit="s")
REGISTER_VALUES_WITHOUT_PHASES = Variable("SampledDataCtrlr", "RegisterValuesWithoutPhases", DataType.BOOLEAN, False)

# --- clock-aligned -----------------------------------------------------------------------------------------------------

ALIGNED_AVAILABLE = Variable("AlignedDataCtrlr", "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY)
ALIGNED_MEASURANDS = _measurands("AlignedDataCtrlr", "Measurands", "MeterValuesAlignedData", ENERGY)
ALIGNED_MEASURANDS_MAX_LENGTH = _most_measurands("MeterValuesAlignedDataMaxLength", ALIGNED_MEASURANDS)
ALIGNED_INTERVAL = Variable(
    "AlignedDataCtrlr",
    "Interval",
    DataType.INTEGER,
    0,
    key16="ClockAlignedDataInterval",
    minimum=0,
    maximum=86_400,
    unit="s",
)
ALIGNED_TX_ENDED_MEASURANDS = _measurands("AlignedDataCtrlr", "TxEndedMeasurands", "StopTxnAlignedData", ())
ALIGNED_TX_ENDED_MEASURANDS_MAX_LENGTH = _most_measurands("StopTxnAlignedDataMaxLength", ALIGNED_TX_ENDED_MEASURANDS)
ALIGNED_TX_ENDED_INTERVAL = Variable(
    "AlignedDataCtrlr", "TxEndedInterval", DataType.INTEGER, 0, minimum=0, maximum=86_400, unit="s"
)
SEND_DURING_IDLE = Variable("AlignedDataCtrlr", "SendDuringIdle", DataType.BOOLEAN, False)

# --- signed ------------------------------------------------------------------------------------------------------------

SAMPLED_SIGN_READINGS = Variable("SampledDataCtrlr", "SignReadings", DataType.BOOLEAN, True)
SAMPLED_SIGN_STARTED_READINGS = Variable("SampledDataCtrlr", "SignStartedReadings", DataType.BOOLEAN, True)
SAMPLED_SIGN_UPDATED_READINGS = Variable("SampledDataCtrlr", "SignUpdatedReadings", DataType.BOOLEAN, True)
ALIGNED_SIGN_READINGS = Variable("AlignedDataCtrlr", "SignReadings", DataType.BOOLEAN, True)
ALIGNED_SIGN_UPDATED_READINGS = Variable("AlignedDataCtrlr", "SignUpdatedReadings", DataType.BOOLEAN, True)
"""The finer ones are of 2.1, and in force in 2.0.1 too: they refine what the coarse one allows."""

Signing = tuple[Variable[bool], ...]
SIGN_STARTED: Signing = (SAMPLED_SIGN_READINGS, SAMPLED_SIGN_STARTED_READINGS)
SIGN_UPDATED: Signing = (SAMPLED_SIGN_READINGS, SAMPLED_SIGN_UPDATED_READINGS)
SIGN_ENDED: Signing = (SAMPLED_SIGN_READINGS,)
SIGN_ALIGNED: Signing = (ALIGNED_SIGN_READINGS,)
SIGN_ALIGNED_UPDATED: Signing = (ALIGNED_SIGN_READINGS, ALIGNED_SIGN_UPDATED_READINGS)
"""For each use of a value: what must all be true for the meter's signature to go with it."""

PUBLIC_KEY_WITH_SIGNED_METER_VALUE = Variable(
    "OCPPCommCtrlr",
    "PublicKeyWithSignedMeterValue",
    DataType.OPTION_LIST,
    "Never",
    values=("Never", "OncePerTransaction", "EveryMeterValue"),
)
