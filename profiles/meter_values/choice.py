"""Which of the values that a meter gives are told, in what order, and under which names; worked out once for each kind of meter."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import NamedTuple

from chargepoint.station.metering import UNITS, Kind, MeterValue
from profiles.meter_values import variables

OFFERED = frozenset(("Current.Offered", "Power.Offered"))
"""What the station knows and no meter: of an EVSE, not of the main meter."""

Quantity = tuple[str, str | None]


class Choice(NamedTuple):
    """The values to tell. quantities: where each is in the reading; None = the station offers it. pick: takes them all at once."""

    kinds: tuple[Kind, ...]
    quantities: tuple[Quantity | None, ...]
    pick: Callable[[Mapping[Quantity, float]], tuple[float, ...]] | None


_KNOWN_LIMIT = 256
_known: dict[tuple[tuple[str, ...], str, str, bool, bool], tuple[tuple[Quantity, ...], Choice]] = {}
"""The last answers of `chosen`, and the quantities of which they were. Meters of one kind have the same, in the same order."""


def chosen(
    members: tuple[str, ...],
    values: Mapping[Quantity, float],
    context: str,
    rotation: str,
    *,
    main: bool,
    without_phases: bool,
) -> Choice:
    """What is told of a reading that has these values, where the measurands `members` are configured.

    rotation: how the meter's phases are wired to the grid, as in PhaseRotation. main: the meter of the station, not of an EVSE.
    without_phases: registers are told as a total only.
    """
    quantities, key = tuple(values), (members, context, rotation, main, without_phases)
    known = _known.get(key)
    if (
        known is not None and known[0] == quantities
    ):  # compared, not hashed: they are nearly always the very same objects
        return known[1]
    choice = _choose(members, quantities, context, rotation, main=main, without_phases=without_phases)
    if len(_known) >= _KNOWN_LIMIT:
        _known.clear()
    _known[key] = quantities, choice
    return choice


def _choose(
    members: tuple[str, ...],
    quantities: tuple[Quantity, ...],
    context: str,
    rotation: str,
    *,
    main: bool,
    without_phases: bool,
) -> Choice:
    phases = _phases(rotation)
    place = "Inlet" if main else "Outlet"
    kinds: list[Kind] = []
    found: list[Quantity | None] = []
    for member in members:
        measurand, only = variables.measurand_and_phase(member)
        unit = UNITS.get(measurand, "")
        if not main and measurand in OFFERED:
            kinds.append(Kind(measurand, context, None, place, unit))
            found.append(None)
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
                kinds.append(Kind(measurand, context, phase, location, unit))
                found.append(quantity)
    pick = itemgetter(*found) if len(found) > 1 and None not in found else None
    return Choice(tuple(kinds), tuple(found), pick)


_parts: dict[int, tuple[tuple[Kind, ...], dict[tuple[str, ...], tuple[tuple[Kind, ...], tuple[int, ...]] | None]]] = {}
"""By the identity of kinds: what `part_of` takes of them. It holds them, so no others can get their identity."""


def contains(told: tuple[str, ...], kept: tuple[str, ...]) -> bool:
    """Whether what is told where `told` is configured holds all that is where `kept` is, so that `part_of` finds it there."""
    measurands = [variables.measurand_and_phase(member)[0] for member in told]
    return set(kept) <= set(told) and len(set(measurands)) == len(measurands)


def part_of(value: MeterValue, members: tuple[str, ...]) -> MeterValue | None:
    """Of values that are told, those of the measurands `members`, in that order; None where the meter has none of one of them.

    The members are among those that are told; see `contains`.
    """
    known = _parts.get(id(value.kinds))
    if known is None:
        if len(_parts) >= _KNOWN_LIMIT:
            _parts.clear()
        known = _parts[id(value.kinds)] = (value.kinds, {})
    if members not in known[1]:
        if len(known[1]) >= _KNOWN_LIMIT:
            known[1].clear()
        known[1][members] = _part(value.kinds, members)
    part = known[1][members]
    if part is None:
        return None
    kinds, places = part
    return MeterValue(value.instant, kinds, tuple([value.numbers[place] for place in places]))


def _part(kinds: tuple[Kind, ...], members: tuple[str, ...]) -> tuple[tuple[Kind, ...], tuple[int, ...]] | None:
    places: list[int] = []
    for member in members:
        measurand = variables.measurand_and_phase(member)[0]
        found = [place for place, kind in enumerate(kinds) if kind.measurand == measurand]
        if not found:
            return None
        places += found
    return (tuple(kinds[place] for place in places), tuple(places)) if places else None


def _phases(rotation: str) -> dict[str, str]:
    """Meter phase → phase of the grid, where the wiring is known and is not the plain one."""
    if rotation in ("", "RST"):
        return {}
    return {f"L{wire}": f"L{'RST'.index(phase) + 1}" for wire, phase in enumerate(rotation, 1) if phase in "RST"}
