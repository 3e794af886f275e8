"""The parts of a fleet whose figures are kept apart: the stations of a group at one of its CSMSs. So a report can say which of them it is.

Parts cost memory, and time each second, in every process: beyond `PARTS_LIMIT` of them the smallest groups, and then the
smallest CSMSs as well, are taken together as `OTHER`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from chargepoint.fleet.measure.snapshot import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chargepoint.fleet.plan import Plan, StationPlan

PARTS_LIMIT = 50
OTHER = "(other)"


class PlannedPart(NamedTuple):
    """A part of a plan. url: None = the embedded CSMS. template, version: of its group; all are None where several are taken together.

    version: of OCPP, the preferred one. stations: of the whole plan.
    """

    part: Part
    url: str | None
    template: str | None
    version: str | None
    stations: int


class Parting:
    """Which part each station of a plan is of."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        names = [endpoint.name or f"csms-{number}" for number, endpoint in enumerate(plan.endpoints, 1)]
        counts = dict(_counts(plan))
        groups = Counter[int]()
        endpoints = Counter[int]()
        for (group, endpoint), count in counts.items():
            groups[group] += count
            endpoints[endpoint] += count
        apart, taken = _smallest_last(groups), _smallest_last(endpoints)
        while len({_kept(pair, apart, taken) for pair in counts}) > PARTS_LIMIT:
            (apart if len(apart) >= len(taken) else taken).pop()
        self._parts = {}
        for pair in counts:
            of, at = _kept(pair, apart, taken)
            self._parts[pair] = Part(OTHER if at is None else names[at], OTHER if of is None else plan.groups[of].name)
        self._counts = counts
        self._of = {
            (plan.groups[group].name, id(plan.endpoints[endpoint])): part
            for (group, endpoint), part in self._parts.items()
        }

    def of(self, station: StationPlan) -> Part:
        """The part of a station of this very plan."""
        return self._of[station.group.name, id(station.endpoint)]

    def all(self) -> tuple[PlannedPart, ...]:
        """All parts, in the order of the plan; what is taken together stands last."""
        found: dict[Part, PlannedPart] = {}
        for (group, endpoint), part in sorted(self._parts.items(), key=lambda item: OTHER in item[1]):
            template = self._plan.templates[self._plan.groups[group].template]
            url = self._plan.endpoints[endpoint].url
            several = part.group == OTHER
            before = found[part].stations if part in found else 0
            found[part] = PlannedPart(
                part,
                None if part.csms == OTHER else url,
                None if several else template.name,
                None if several else template.configuration.csms.versions[0],
                before + self._counts[group, endpoint],
            )
        return tuple(found.values())


def _smallest_last(counts: Counter[int]) -> list[int]:
    return sorted(counts, key=lambda index: (-counts[index], index))


def _kept(pair: tuple[int, int], groups: list[int], endpoints: list[int]) -> tuple[int | None, int | None]:
    group, endpoint = pair
    return group if group in groups else None, endpoint if endpoint in endpoints else None


def _counts(plan: Plan) -> Iterator[tuple[tuple[int, int], int]]:
    """The number of stations by the indices of group and endpoint, where there are any."""
    for number, group in enumerate(plan.groups):
        among = group.endpoints or tuple(range(len(plan.endpoints)))
        alone = len(among) == 1
        counts = Counter({among[0]: group.count}) if alone else Counter(plan.distribution(group))
        for endpoint in among:
            if counts[endpoint]:
                yield (number, endpoint), counts[endpoint]
