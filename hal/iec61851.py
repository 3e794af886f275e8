"""IEC 61851-1 as pure functions: what a control pilot and a proximity pilot say, in both directions.

The pilot is a ±12 V, 1 kHz square wave behind 1 kΩ. The vehicle loads its positive half through a diode, so that the negative half stays
at -12 V: the voltage tells the state of the vehicle, the duty cycle tells the vehicle how much it may draw.

Sources: IEC 61851-1:2017 Annex A, tables A.4 (voltage → state), A.7 (current → duty cycle) and A.8 (duty cycle → current, vehicle side);
Annex B, table B.2 (proximity), as the manuals of the Fluke FEV300 and Testboy adapters, EVerest and chargebyte's CPUtils give them. The
guard bands, and the hysteresis in them, are those of CPUtils.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from hal.contract import PilotState
from hal.fault import FaultName

__all__ = [
    "DUTY_DIGITAL_COMMUNICATION_PERCENT",
    "DUTY_NO_OFFER_PERCENT",
    "MAXIMUM_AMPERE",
    "MINIMUM_AMPERE",
    "PilotJudgement",
    "ProximityJudgement",
    "Ventilation",
    "demands_digital_communication",
    "duty_percent_for_ampere",
    "judge_pilot",
    "judge_proximity_millivolt",
    "judge_proximity_ohm",
    "pilot_state",
    "vehicle_may_draw_ampere",
]

MINIMUM_AMPERE: Final = 6.0
"""The smallest current a pilot can offer; less than this is no offer at all."""

MAXIMUM_AMPERE: Final = 80.0
"""The largest current a pilot can offer."""

DUTY_NO_OFFER_PERCENT: Final = 100.0
"""Constant +12 V, "x1": the vehicle may not draw anything."""

DUTY_DIGITAL_COMMUNICATION_PERCENT: Final = 5.0
"""The limit is agreed on over ISO 15118; without that the vehicle draws nothing."""


# --- control pilot: voltage → state ----------------------------------------------------------------------------------


class Ventilation(StrEnum):
    """Whether the place has the ventilation that a vehicle in state D asks for."""

    PRESENT = "Present"
    ABSENT = "Absent"


class PilotJudgement(NamedTuple):
    """The state that the pilot shows, and what is wrong with it.

    Any fault forbids power, whatever the state. `state` is E where no state can be told.
    """

    state: PilotState
    fault: FaultName | None = None


# Two peaks that are further apart than this in amount come from an intact diode (CPUtils: 1.2 V).
_SYMMETRY_VOLT = 1.2


_STATES: Final[tuple[tuple[float, float, PilotState | None, Mapping[PilotState, PilotState]], ...]] = (
    # from, until (not included), the state when nothing is kept, the states that are kept as another state
    (11.0, math.nextafter(13.0, math.inf), PilotState.A, {}),
    (10.0, 11.0, PilotState.B, {PilotState.A: PilotState.A}),
    (8.0, 10.0, PilotState.B, {}),
    (7.0, 8.0, PilotState.C, {PilotState.A: PilotState.B, PilotState.B: PilotState.B}),
    (5.0, 7.0, PilotState.C, {}),
    (4.0, 5.0, PilotState.D, dict.fromkeys((PilotState.A, PilotState.B, PilotState.C), PilotState.C)),
    (2.0, 4.0, PilotState.D, {}),
    (-1.0, 2.0, PilotState.E, {}),
    (-2.0, -1.0, None, {PilotState.E: PilotState.E}),
    (-13.0, math.nextafter(-11.0, math.inf), PilotState.F, {}),
)


def pilot_state(positive_volt: float, previous: PilotState) -> PilotState | None:
    """Tell the state from the positive peak of the pilot; None for a voltage that belongs to no state.

    previous: the state told last. In the guard bands (1 V wide) between two states it decides, so that noise on a boundary cannot
    make the contactor chatter. Source: IEC 61851-1 table A.4; facts of CPUtils: ≥ 11 V A, 10…11 A if it was A, else B, 8…10 B,
    7…8 B if it was A or B, else C, 5…7 C, 4…5 C unless it was D or worse, 2…4 D, -1…2 E, -2…-1 E if it was E, -13…-11 F.
    """
    for lowest, below, state, kept in _STATES:
        if lowest <= positive_volt < below:
            return kept.get(previous, state)
    return None


def judge_pilot(
    positive_volt: float,
    negative_volt: float,
    duty_percent: float,
    previous: PilotState,
    ventilation: Ventilation = Ventilation.ABSENT,
) -> PilotJudgement:
    """Tell the state and the faults of the pilot from both peaks of one period.

    positive_volt, negative_volt: the highest and lowest voltage (equal while the pilot is constant). duty_percent: what the EVSE puts out,
    0 = F, 100 = x1. Faults: PILOT_FAULT for a voltage outside every state and for a pilot that is shorted to earth; DIODE_FAULT when the
    negative half is loaded as the positive one is (no vehicle, but a resistor or a wet connector); VENTILATION_NOT_AVAILABLE in state D.
    Source: IEC 61851-1 A.2.2, table A.4 note on the diode; hardware table of CPUtils.
    """
    if not (math.isfinite(positive_volt) and math.isfinite(negative_volt)):
        return PilotJudgement(PilotState.E, FaultName.PILOT_FAULT)
    oscillates = 0.0 < duty_percent < 100.0
    symmetric = abs(positive_volt + negative_volt) <= _SYMMETRY_VOLT
    if positive_volt < 2.0 and (symmetric if oscillates else negative_volt > -10.0):
        return PilotJudgement(PilotState.E, FaultName.PILOT_FAULT)
    state = pilot_state(positive_volt, previous)
    if state is None:
        return PilotJudgement(PilotState.E, FaultName.PILOT_FAULT)
    if oscillates and symmetric and positive_volt > 2.0 and state is not PilotState.A:
        return PilotJudgement(state, FaultName.DIODE_FAULT)
    if state is PilotState.D and ventilation is Ventilation.ABSENT:
        return PilotJudgement(state, FaultName.VENTILATION_NOT_AVAILABLE)
    return PilotJudgement(state)


# --- control pilot: ampere ↔ duty cycle ------------------------------------------------------------------------------


def duty_percent_for_ampere(limit_ampere: float) -> float:
    """Give the duty cycle that offers `limit_ampere` per phase: never more than asked, 100 % (no offer) below 6 A, 96 % from 80 A on.

    6…51 A: ampere / 0.6. Above 52.5…80 A: ampere / 2.5 + 64. Between 51 and 52.5 A no duty cycle exists, and 85 % (51 A) is offered.
    Source: IEC 61851-1 table A.7. The result is exact; a PWM that can only do steps must round it down.
    """
    if not limit_ampere >= MINIMUM_AMPERE:  # also NaN: no number, no offer
        return DUTY_NO_OFFER_PERCENT
    limit_ampere = min(limit_ampere, MAXIMUM_AMPERE)
    duty_percent = min(limit_ampere / 0.6, 85.0) if limit_ampere <= 52.5 else limit_ampere / 2.5 + 64.0
    while vehicle_may_draw_ampere(duty_percent) > limit_ampere:  # the last bit of the division may have been rounded up
        duty_percent = math.nextafter(duty_percent, 0.0)
    return duty_percent


def vehicle_may_draw_ampere(duty_percent: float) -> float:
    """Give the current per phase that a vehicle may draw at a duty cycle, without digital communication.

    < 3 %: 0 A. 3…7 %: 0 A (digital communication is demanded). 7…8 %: 0 A (an error). 8…10 %: 6 A. 10…85 %: duty × 0.6.
    85…96 %: (duty - 64) × 2.5. 96…97 %: 80 A. > 97 %: 0 A. Source: IEC 61851-1 table A.8.
    """
    if 8.0 <= duty_percent < 10.0:
        return MINIMUM_AMPERE
    if 10.0 <= duty_percent <= 85.0:
        return duty_percent * 0.6
    if 85.0 < duty_percent <= 96.0:
        return (duty_percent - 64.0) * 2.5
    if 96.0 < duty_percent <= 97.0:
        return MAXIMUM_AMPERE
    return 0.0


def demands_digital_communication(duty_percent: float) -> bool:
    """Say whether a vehicle reads this duty cycle as the demand for ISO 15118 (nominal 5 %, 3…7 % accepted; table A.8)."""
    return 3.0 <= duty_percent <= 7.0


# --- proximity pilot: what the cable can carry -----------------------------------------------------------------------


class ProximityJudgement(NamedTuple):
    """The cable in a socket. cable_ampere: its rating per phase, None = no cable (or a fault: then nothing may flow)."""

    cable_ampere: float | None
    fault: FaultName | None = None


def judge_proximity_ohm(resistance_ohm: float, phases: int = 3) -> ProximityJudgement:
    """Tell the rating of the cable from its coding resistor between proximity and earth.

    1.5 kΩ = 13 A, 680 Ω = 20 A, 220 Ω = 32 A, 100 Ω = 63 A (three phases) or 70 A (one phase). More than 2460 Ω is an empty
    socket, less than 80 Ω a PROXIMITY_FAULT. There is no default for a missing resistor.
    Source: IEC 61851-1 table B.2, windows as EVerest reads them.
    """
    if math.isnan(resistance_ohm) or resistance_ohm < 80.0:
        return ProximityJudgement(None, FaultName.PROXIMITY_FAULT)
    if resistance_ohm > 2460.0:
        return ProximityJudgement(None)
    if resistance_ohm > 936.0:
        return ProximityJudgement(13.0)
    if resistance_ohm > 308.0:
        return ProximityJudgement(20.0)
    if resistance_ohm > 140.0:
        return ProximityJudgement(32.0)
    return ProximityJudgement(_thickest_cable_ampere(phases))


def judge_proximity_millivolt(proximity_millivolt: float, phases: int = 3) -> ProximityJudgement:
    """Tell the rating of the cable from the voltage at a 3.3 V converter, with the divider of the Charge Control C.

    ≥ 2459 mV no cable, ≥ 1813 13 A, ≥ 1170 20 A, ≥ 891 32 A, ≥ 751 63 A (three phases) or 70 A (one phase); less is a PROXIMITY_FAULT.
    """
    if proximity_millivolt >= 2459.0:
        return ProximityJudgement(None)
    if proximity_millivolt >= 1813.0:
        return ProximityJudgement(13.0)
    if proximity_millivolt >= 1170.0:
        return ProximityJudgement(20.0)
    if proximity_millivolt >= 891.0:
        return ProximityJudgement(32.0)
    if proximity_millivolt >= 751.0:
        return ProximityJudgement(_thickest_cable_ampere(phases))
    return ProximityJudgement(None, FaultName.PROXIMITY_FAULT)


def _thickest_cable_ampere(phases: int) -> float:
    return 70.0 if phases == 1 else 63.0
