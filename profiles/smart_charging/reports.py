"""A report of charging profiles, part by part: each part tells profiles of one EVSE (2.x K09)."""

from chargepoint.station.schedule import Profile
from profiles.smart_charging.facts import ProfilesReported

PROFILES_PER_PART = 4
"""So that a part stays far below the size that a central system takes, long schedules included."""


class Report:
    """What is still to be told of a report."""

    __slots__ = ("_rest", "request_id")

    def __init__(self, request_id: int, profiles: tuple[Profile, ...]) -> None:
        self.request_id = request_id
        self._rest = sorted(profiles, key=lambda profile: (profile.evse_id, profile.id))

    @property
    def over(self) -> bool:
        """Whether all has been told."""
        return not self._rest

    def part(self, source: str) -> ProfilesReported:
        """Take the next part."""
        evse_id = self._rest[0].evse_id
        taken = [profile for profile in self._rest[:PROFILES_PER_PART] if profile.evse_id == evse_id]
        del self._rest[: len(taken)]
        return ProfilesReported(
            request_id=self.request_id,
            evse_id=evse_id,
            source=source,
            profiles=tuple(taken),
            more=bool(self._rest),
        )
