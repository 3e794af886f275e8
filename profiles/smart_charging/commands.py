"""What the CSMS asks of charging profiles."""

import msgspec

from chargepoint.station.command import Command
from chargepoint.station.composite import Composite
from chargepoint.station.schedule import Period, Profile, RateUnit


class OfferedProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A charging profile as the CSMS has sent it, nothing of it checked but its types (2.x ChargingProfileType; 1.6 §7.8).

    The words are those of 2.x. periods: of its first schedule; schedules: how many it has. start, valid_from, valid_to: whole seconds
    since 1970 UTC. transaction_id: the station's identifier, or csms_transaction_id: the number that the 1.6 CSMS gave. beyond: the
    elements that ask for more than a limit over time, as 2.x names them (`limitAtSoC`, `operationMode` …).
    """

    id: int
    stack_level: int
    purpose: str
    kind: str
    unit: str
    periods: tuple[Period, ...]
    schedules: int = 1
    schedule_id: int = 0
    start: int | None = None
    duration_second: int | None = None
    recurrence: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    minimum_rate: float | None = None
    transaction_id: str | None = None
    csms_transaction_id: int | None = None
    max_offline_second: int | None = None
    invalid_after_offline: bool = False
    beyond: tuple[str, ...] = ()


class SetChargingProfile(Command, frozen=True, kw_only=True):
    """Install a charging profile. Result: Result Accepted or Rejected. (2.x K01–K04; 1.6 §5.16)

    evse_id: 0 = the station, or every EVSE.
    """

    evse_id: int
    profile: OfferedProfile


class ProfileFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which profiles; None = whatever it is. ids: empty = any. sources: of limits (2.x ChargingLimitSourceEnumType), empty = any."""

    ids: tuple[int, ...] = ()
    evse_id: int | None = None
    purpose: str | None = None
    stack_level: int | None = None
    sources: tuple[str, ...] = ()

    def met_by(self, profile: Profile, source: str) -> bool:
        """Whether a profile of that source meets all that is named."""
        return (
            (not self.sources or source in self.sources)
            and (not self.ids or profile.id in self.ids)
            and self.evse_id in (None, profile.evse_id)
            and self.purpose in (None, profile.purpose)
            and self.stack_level in (None, profile.stack_level)
        )


class ClearChargingProfile(Command, frozen=True, kw_only=True):
    """Remove the profiles that meet all that is named; all, where nothing is. Result: Result Accepted or Unknown. (2.x K10; 1.6 §5.5)"""

    wanted: ProfileFilter


class GetCompositeSchedule(Command, frozen=True, kw_only=True):
    """What is allowed from now on. Result: CompositeSchedule. (2.x K08; 1.6 §5.7) unit: None = the station chooses."""

    evse_id: int
    duration_second: int
    unit: str | None = None


class CompositeSchedule(msgspec.Struct, frozen=True):
    """schedule: None = refused, for the reason given."""

    schedule: Composite | None = None
    unit: RateUnit = RateUnit.AMPERE
    reason_code: str = ""
    additional_info: str = ""


class GetChargingProfiles(Command, frozen=True, kw_only=True):
    """Report the profiles that meet all that is named. Result: Result Accepted or NoProfiles; then ProfilesReported. (2.x K09)"""

    request_id: int
    wanted: ProfileFilter
