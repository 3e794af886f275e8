"""What the station reports of charging profiles."""

from chargepoint.station.facts import Fact
from chargepoint.station.schedule import Profile


class ProfilesReported(Fact, frozen=True, kw_only=True):
    """A part of a report: profiles of one EVSE, from one source (2.x ReportChargingProfiles). Answer: none.

    A request, as all reports: a CSMS that misses the end of one asks for a new one. more: another part follows (K09.FR.02).
    """

    request_id: int
    evse_id: int
    source: str
    profiles: tuple[Profile, ...]
    more: bool
