"""Which of the values that a meter gives are told, in what order, and under which names; worked out once for each kind of meter."""

from collections.abc import Mapping
from typing import NamedTuple

from chargepoint.station.metering import UNITS
from profiles.meter_values import variables

OFFERED = frozenset(("Current.Offered", "Power.Offered"))
"""What the station knows and no meter: of an EVSE, not of the main meter."""

Quantity = tuple[str, str | None]


class Chosen(NamedTuple):
    """One value to tell. quantity: where it is in the reading; None = the station offers it. phase: of the grid."""

    quantity: Quantity | None
    measurand: str
    phase: str | None
    location: str
    unit: str


_KNOWN_LIMIT = 256
_known: dict[tuple[tuple[str, ...], str, bool, bool], tuple[tuple[Quantity, ...], tuple[Chosen, ...]]] = {}
"""The last answers of `chosen`, and the quantities of which they were. Meters of one kind have the same, in the same order."""


def chosen(
    members: tuple[str, ...], values: Mapping[Quantity, float], rotation: str, *, main: bool, without_phases: bool
) -> tuple[Chosen, ...]:
    """What is told of a reading that has these values, where the measurands `members` are configured.

    rotation: how the meter's phases are wired to the grid, as in PhaseRotation. main: the meter of the station, not of an EVSE.
    without_phases: registers are told as a total only.
    """
    quantities, key = tuple(values), (members, rotation, main, without_phases)
    known = _known.get(key)
    if (
        known is not None and known[0] == quantities
    ):  # compared, not hashed: they are nearly always the very same objects
        return known[1]
    choice = _choose(members, quantities, rotation, main=main, without_phases=without_phases)
    if len(_known) >= _KNOWN_LIMIT:
        _known.clear()
    _known[key] = quantities, choice
    return choice


def _choose(
    members: tuple[str, ...], quantities: tuple[Quantity, ...], rotation: str, *, main: bool, without_phases: bool
) -> tuple[Chosen, ...]:
    phases = _phases(rotation)
    place = "Inlet" if main else "Outlet"
    found: list[Chosen] = []
    for member in members:
        measurand, only = variables.measurand_and_phase(member)
        unit = UNITS.get(measurand, "")
        if not main and measurand in OFFERED:
            found.append(Chosen(None, measurand, None, place, unit))
            continue
        location = "EV" if measurand == "SoC" else "Body" if measurand == "Temperature" else place
        plain = without_phases and measurand.endswith(".Register")
        for quantity in quantities:
            name, phase = quantity
            if name != measurand or (plain and phase is not None):
                continue
            if phase is not None and phases:  # J01.FR.13, J02.FR.09
                phase = "-".join(phases.get(part, part) for part in phase.split("-"))
            if only is None or phase == only:
                found.append(Chosen(quantity, measurand, phase, location, unit))
    return tuple(found)


def _phases(rotation: str) -> dict[str, str]:
    """Meter phase → phase of the grid, where the wiring is known and is not the plain one."""
    if rotation in ("", "RST"):
        return {}
    return {f"L{wire}": f"L{'RST'.index(phase) + 1}" for wire, phase in enumerate(rotation, 1) if phase in "RST"}
