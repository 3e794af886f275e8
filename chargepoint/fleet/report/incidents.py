"""What went wrong, as sentences: how often, since when, and at which stations for example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

SENTENCES_LIMIT = 200
"""So many different sentences are kept apart; what comes then is counted under `OTHER`."""
STATIONS_LIMIT = 5
OTHER = "(other incidents)"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence. first_second, last_second: since the beginning. stations: some to which it happened.

    planned: it was asked for, as a fault or what a load shape looks for; the level `incidents` does not count it.
    """

    sentence: str
    count: int
    first_second: float
    last_second: float
    stations: tuple[str, ...] = ()
    planned: bool = False


def unplanned(incidents: Iterable[Incident]) -> int:
    """How many different things have happened that nobody asked for."""
    return sum(not incident.planned for incident in incidents)


class Incidents:
    """Gathers what is said, in little memory however long it goes on."""

    __slots__ = ("_incidents",)

    def __init__(self) -> None:
        self._incidents: dict[str, Incident] = {}

    def add(
        self, sentence: str, station: str | None = None, *, at_second: float, count: int = 1, planned: bool = False
    ) -> None:
        """It has happened, again or for the first time."""
        if sentence not in self._incidents and len(self._incidents) >= SENTENCES_LIMIT:
            sentence = OTHER
        before = self._incidents.get(sentence)
        if before is None:
            first = (station,) if station is not None else ()
            self._incidents[sentence] = Incident(
                sentence=sentence,
                count=count,
                first_second=at_second,
                last_second=at_second,
                stations=first,
                planned=planned,
            )
            return
        stations: tuple[str, ...] = before.stations
        if station is not None and station not in stations and len(stations) < STATIONS_LIMIT:
            stations = (*stations, station)
        self._incidents[sentence] = Incident(
            sentence=sentence,
            count=before.count + count,
            first_second=min(before.first_second, at_second),
            last_second=max(before.last_second, at_second),
            stations=stations,
            planned=before.planned and planned,
        )

    def __len__(self) -> int:
        return len(self._incidents)

    def all(self) -> tuple[Incident, ...]:
        """In the order of their first occurrence."""
        return tuple(sorted(self._incidents.values(), key=lambda incident: incident.first_second))
