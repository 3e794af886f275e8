"""The fleet as data: what is to run, when the file has been read and nothing runs yet.

A plan is small and goes to every process, whatever the number of stations: each makes the stations of its own shard, and all of chance
in it comes from the seed and the station's index. So a fleet is the same whatever the number of processes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from chargepoint.config.schema import Configuration
    from chargepoint.fleet.load.faults import FaultPlan
    from chargepoint.fleet.load.shapes import Shape
    from chargepoint.fleet.sessions.plan import Sessions

TimeKind = Literal["real", "accelerated", "virtual"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the parts of a plan. They cross process borders by pickle."""


class Endpoint(Record, frozen=True, kw_only=True):
    """A CSMS. url: without the station's identity; None = the embedded one, in memory. weight: its share of the stations.

    name: for reports. ca_file: CA certificates instead of those that the template's configuration names.
    heartbeat_interval_second: that the embedded one tells its stations, 0 = none; None = that of its rules.
    """

    url: str | None
    weight: float = 1.0
    name: str | None = None
    ca_file: str | None = None
    heartbeat_interval_second: int | None = None


class Template(Record, frozen=True, kw_only=True):
    """What the stations of a group have in common. configuration: station.id, csms.url and credentials are replaced for each station."""

    name: str
    configuration: Configuration
    sessions: Sessions | None = None


class Credentials(Record, frozen=True, kw_only=True):
    """What one station shows to its CSMS."""

    password: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None


class Group(Record, frozen=True, kw_only=True):
    """A number of stations of one template.

    id_pattern: a format with {n} (counted from `first`), {group} and {template}, e.g. "CP{n:05d}".
    password_pattern, certificate_pattern, key_pattern: formats with {id} as well. ids, credentials: instead of patterns, one a station.
    endpoints: indices of the CSMSs among which these stations are distributed; all when empty.
    """

    name: str
    template: int
    count: int
    id_pattern: str = "CP{n:05d}"
    first: int = 1
    ids: tuple[str, ...] = ()
    credentials: tuple[Credentials, ...] = ()
    password_pattern: str | None = None
    certificate_pattern: str | None = None
    key_pattern: str | None = None
    endpoints: tuple[int, ...] = ()


class TimePlan(Record, frozen=True, kw_only=True):
    """How time passes. start: wall clock at the beginning, seconds since 1970; None = now (virtual time needs a start, to be repeatable).

    duration_second: in the fleet's own time; None = until stopped.
    """

    kind: TimeKind = "real"
    speed: float = 1.0
    start: float | None = None
    duration_second: float | None = None


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station. index: in the whole fleet, counted from 0."""

    index: int
    id: str
    group: Group
    template: Template
    endpoint: Endpoint
    credentials: Credentials | None


class Plan(Record, frozen=True, kw_only=True):
    """A whole fleet. service_levels: as `chargepoint.fleet.report.levels` reads them."""

    name: str = "fleet"
    seed: int = 0
    templates: tuple[Template, ...]
    groups: tuple[Group, ...]
    endpoints: tuple[Endpoint, ...]
    time: TimePlan = TimePlan()
    shapes: tuple[Shape, ...] = ()
    faults: tuple[FaultPlan, ...] = ()
    service_levels: tuple[str, ...] = ()
    source_addresses: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of stations."""
        return sum(group.count for group in self.groups)

    def randomness(self, *of: object) -> random.Random:
        """The source of chance for one purpose, e.g. (index, "sessions"): always the same numbers for the same seed and purpose."""
        return random.Random("/".join(map(str, (self.seed, *of))))  # noqa: S311 - repeatable, on purpose

    def stations(self, shard: int = 0, of: int = 1) -> Iterator[StationPlan]:
        """The stations of a shard, counted from 0: every `of`-th one. All of them together are the fleet, whatever `of` is."""
        begin = 0
        for group in self.groups:
            template = self.templates[group.template]
            among = [self.endpoints[i] for i in group.endpoints] or list(self.endpoints)
            place = _places([endpoint.weight for endpoint in among], group.count)
            for index in range(begin + (shard - begin) % of, begin + group.count, of):
                yield self._station(index, index - begin, group, template, among[place(index - begin)])
            begin += group.count

    def distribution(self, group: Group) -> Iterator[int]:
        """The index of the CSMS of each station of a group, in order."""
        among = group.endpoints or tuple(range(len(self.endpoints)))
        place = _places([self.endpoints[i].weight for i in among], group.count)
        return (among[place(n)] for n in range(group.count))

    @staticmethod
    def _station(index: int, n: int, group: Group, template: Template, endpoint: Endpoint) -> StationPlan:
        words = {"n": group.first + n, "group": group.name, "template": template.name}
        identity = group.ids[n] if group.ids else group.id_pattern.format(**words)
        if group.credentials:
            credentials = group.credentials[n]
        elif group.password_pattern or group.certificate_pattern:
            words["id"] = identity
            made = [
                pattern.format(**words) if pattern is not None else None
                for pattern in (group.password_pattern, group.certificate_pattern, group.key_pattern)
            ]
            credentials = Credentials(password=made[0], client_certificate=made[1], client_key=made[2])
        else:
            credentials = None
        return StationPlan(index, identity, group, template, endpoint, credentials)


class _places:  # noqa: N801 - used as a function
    """Which of the weighted places the n-th station gets: at any prefix each place is less than one station off its share.

    Of those to which a station is owed, the one that would soonest be a whole station behind (R. Tijdeman, The chairman assignment
    problem, 1980); to take the one to which most is owed would be up to 1.4 stations off with some thirty places.
    """

    def __init__(self, weights: list[float], count: int) -> None:
        self._of = []
        if len(weights) > 1:
            total = sum(weights)
            shares = [weight / total for weight in weights]
            given = [0] * len(shares)
            least = 1 / (2 * len(shares) - 2)
            for n in range(1, count + 1):
                owed = [n * share - got for share, got in zip(shares, given, strict=True)]
                _, best = min(
                    ((1 - least - owed[i]) / shares[i], i) for i in range(len(owed)) if owed[i] >= least - 1e-9
                )
                given[best] += 1
                self._of.append(best)

    def __call__(self, n: int) -> int:
        return self._of[n] if self._of else 0
