"""The rules of smart charging: which profiles are installed, and what the CSMS asks of them. (What may be installed: `checks.py`; what
follows for the power: `limits.py`; reports: `reports.py`.)

Rule 1. A profile takes the place of the one with its id; what else it may not stand beside is refused (2.x K01), or replaced (1.6).
Rule 2. Profiles are kept over restarts (K01.FR.27; 1.6 errata 3.37), those of a transaction until it ends (K02.FR.05).
Rule 3. Without smart charging, or with SmartChargingCtrlr.Enabled off, every request is NotSupported (K01.FR.29), the profile of a remote
start is ignored (F01.FR.12), and no profile limits anything.
"""

from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import CommandError, Respond, Result
from chargepoint.station.composite import Allowance
from chargepoint.station.evse import Evse
from chargepoint.station.instant import Instant
from chargepoint.station.schedule import Profile, Purpose, RateUnit
from chargepoint.station.service import handles, watches
from chargepoint.station.transaction import Transaction
from profiles.service import BlockService
from profiles.smart_charging import checks, limits, reports, variables
from profiles.smart_charging.commands import (
    ClearChargingProfile,
    CompositeSchedule,
    GetChargingProfiles,
    GetCompositeSchedule,
    OfferedProfile,
    ProfileFilter,
    SetChargingProfile,
)

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "charging_profile"
SOURCE = "CSO"
"""Whose limits the CSMS sets (2.x ChargingLimitSourceEnumType)."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Profile)


class SmartChargingService(BlockService):
    """Functional block K."""

    __slots__ = ("_limiter", "_reports", "installed")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self.installed: tuple[Profile, ...] = ()
        self._limiter: limits.Limiter | None = None  # made with the first profile
        self._reports: tuple[reports.Report, ...] = ()

    def __len__(self) -> int:
        return len(self.installed)

    @property
    def enabled(self) -> bool:
        """Whether this station has smart charging, and it is switched on."""
        station = self.station
        available = variables.SMART_CHARGING_AVAILABLE in station.variables.catalogue
        return available and station.get(variables.SMART_CHARGING_ENABLED)

    def restore(self) -> None:
        """Take up the profiles from before the restart; call when the transactions are there."""
        station = self.station
        for key, raw in list(station.store.items(COLLECTION)):
            profile = _decoder.decode(raw)
            gone = profile.evse_id > len(station.evses)
            if profile.purpose is Purpose.TX:
                gone = profile.transaction_id is None or station.evse_of_transaction(profile.transaction_id) is None
            if gone:
                station.store.put(COLLECTION, key, None)
            else:
                self.installed = (*self.installed, profile)
        if self.installed:
            self._limits().set_offline()

    # --- what others ask --------------------------------------------------------------------------------------------------

    def allowance(self, evse: Evse) -> Allowance | None:
        """What the profiles allow on the EVSE as of this turn; None = they limit nothing."""
        return self._limiter.allowance(evse) if self._limiter is not None else None

    def review(self) -> None:
        """At the end of a turn, before power is settled: derive what is allowed from what has changed."""
        if self._limiter is not None:
            self._limiter.review()

    def in_force(self) -> tuple[Profile, ...]:
        """The profiles that are installed, but for those that are not valid while the CSMS is away."""
        limiter = self._limiter
        if limiter is None:
            return self.installed
        return tuple(profile for profile in self.installed if limiter.in_force(profile))

    def lapse(self, profiles: tuple[Profile, ...]) -> None:
        """The CSMS has been away for too long for these: some are over for good (K01.FR.102)."""
        for profile in profiles:
            if profile.invalid_after_offline and not profile.lapsed:
                self._install(msgspec.structs.replace(profile, lapsed=True), (profile,))

    def connected(self) -> None:
        """The CSMS can be reached."""
        if self._limiter is not None:
            self._limiter.set_online()

    def disconnected(self) -> None:
        """The CSMS cannot be reached."""
        if self._limiter is not None:
            self._limiter.set_offline()

    def clock_stepped(self) -> None:
        """The wall clock has moved: schedules run by it."""
        self._note_change()

    @watches(variables.SMART_CHARGING_ENABLED)
    def switched(self, _evse_id: int, _connector_id: int) -> None:
        """Smart charging was switched on or off."""
        self._note_change()

    def _note_change(self) -> None:
        if self._limiter is not None:
            self._limiter.changed()

    def is_full(self, profile_id: int, *, replaced: tuple[Profile, ...] = ()) -> bool:
        """Whether there is no room for a profile of that id."""
        going = {profile_id, *(profile.id for profile in replaced)}
        rest = sum(1 for profile in self.installed if profile.id not in going)
        return rest >= self.station.get(variables.MAX_PROFILES_INSTALLED)

    def applied(self, evse: Evse, before_ampere: float, ampere: float) -> None:
        """Another current is offered in a running transaction: tell it where it is much (K01.FR.61)."""
        station = self.station
        change_percent = abs(ampere - before_ampere) / before_ampere * 100
        much = change_percent > station.get(variables.LIMIT_CHANGE_SIGNIFICANCE)
        if much and station.charging.flowing(evse):
            station.transactions.update(evse, "ChargingRateChanged")

    # --- the life of a transaction ---------------------------------------------------------------------------------------

    def refuses_start(self, offered: OfferedProfile, evse: Evse) -> Result | None:
        """Why a remote start may not bring this profile along; None = it may, or it is ignored (F01.FR.12)."""
        return checks.refusal_at_start(self.station, offered, evse) if self.enabled else None

    def expect(self, offered: OfferedProfile | None, evse: Evse) -> Profile | None:
        """The profile for the transaction that a remote start is about to begin; None where it has none, or it is ignored."""
        if offered is None or not self.enabled:
            return None
        self._limits().changed()
        return checks.accepted(offered, evse.id)

    def begin(self, evse: Evse) -> None:
        """A driver is authorized in a transaction: what his remote start has brought along belongs to it now (F01.FR.10)."""
        authorization, transaction = evse.authorization, evse.transaction
        if authorization is None or transaction is None or authorization.charging_profile is None:
            return
        profile = msgspec.structs.replace(
            authorization.charging_profile, evse_id=evse.id, transaction_id=transaction.id
        )
        authorization.charging_profile = None
        self._install(profile, tuple(other for other in self.installed if other.id == profile.id))

    def end(self, transaction: Transaction) -> None:
        """A transaction is over, and its profiles with it (K02.FR.05; 1.6 §3.13.1)."""
        self._remove(tuple(one for one in self.installed if one.transaction_id == transaction.id))

    def moved(self, transaction: Transaction) -> None:
        """A transaction goes on at another EVSE, and its profiles with it."""
        for profile in self.installed:
            if profile.transaction_id == transaction.id:
                self._install(msgspec.structs.replace(profile, evse_id=transaction.evse_id), (profile,))

    def ready(self, evse: Evse) -> Instant | None:
        """When the driver was authorized and his vehicle connected: what relative profiles count from (2.1 K01.FR.42)."""
        authorization, transaction = evse.authorization, evse.transaction
        if transaction is not None and transaction.ready is not None:
            return transaction.ready
        if authorization is None or evse.plugged_since is None:
            return None
        found = max(authorization.since, evse.plugged_since, key=lambda instant: instant.monotonic)
        if transaction is not None:
            transaction.ready = found
            self.station.transactions.save(evse)
        return found

    # --- commands ----------------------------------------------------------------------------------------------------------

    def _require(self) -> None:
        if not self.enabled:
            raise CommandError("NotSupported", "this station has no smart charging, or it is switched off")

    @handles(SetChargingProfile)
    def set_profile(self, command: SetChargingProfile, respond: Respond) -> None:
        """K01–K04; 1.6 §5.16."""
        self._require()
        station, offered, evse_id = self.station, command.profile, command.evse_id
        refusal = checks.refusal(station, offered, evse_id, self.installed)
        if refusal is not None:
            station.notify("charging_profile_refused", id=offered.id, message=refusal.additional_info)
            respond(refusal)
            return
        evse = station.evse(evse_id)
        transaction = evse.transaction if evse is not None and offered.purpose == Purpose.TX else None
        since = int(station.clock.wall()) if offered.purpose == Purpose.STATION_MAX and offered.start is None else None
        profile = checks.accepted(
            offered, evse_id, transaction_id=transaction.id if transaction is not None else None, since=since
        )
        self._install(profile, checks.replaced(station, offered, evse_id, self.installed))
        respond(Result("Accepted"))

    @handles(ClearChargingProfile)
    def clear(self, command: ClearChargingProfile, respond: Respond) -> None:
        """K10; 1.6 §5.5."""
        self._require()
        wanted = command.wanted
        if wanted.ids and self.station.policy.profile_id_alone_clears:  # K10.FR.03
            wanted = ProfileFilter(ids=wanted.ids)
        found = self.matching(wanted)
        if not found:  # K10.FR.01
            respond(Result("Unknown", "NotFound", "no profile meets all that is named"))
            return
        self._remove(found)
        respond(Result("Accepted"))

    @handles(GetCompositeSchedule)
    def get_composite(self, command: GetCompositeSchedule, respond: Respond) -> None:
        """K08; 1.6 §5.7."""
        self._require()
        station, units = self.station, self.station.get(variables.RATE_UNIT)
        evse = station.evse(command.evse_id)
        direct = evse is not None and evse.supply == "DC"
        unit = command.unit or ("W" if direct and "W" in units else units[0])
        if command.evse_id and evse is None:  # K08.FR.05
            respond(CompositeSchedule(None, RateUnit.AMPERE, "UnknownEvse", f"there is no EVSE {command.evse_id}"))
        elif unit not in units:  # K08.FR.07
            respond(CompositeSchedule(None, RateUnit.AMPERE, "UnsupportedRateUnit", f"not in {unit}"))
        elif command.duration_second < 0:
            respond(CompositeSchedule(None, RateUnit.AMPERE, "InvalidValue", "the duration is less than 0"))
        else:
            schedule = limits.schedule_of(station, evse, command.duration_second, RateUnit(unit))
            respond(CompositeSchedule(schedule, RateUnit(unit)))

    @handles(GetChargingProfiles)
    def get_profiles(self, command: GetChargingProfiles, respond: Respond) -> None:
        """K09."""
        self._require()
        found = self.matching(command.wanted)
        if not found:
            respond(Result("NoProfiles", "NotFound", "no profile meets all that is named"))
            return
        respond(Result("Accepted"))
        self._reports = (*self._reports, reports.Report(command.request_id, found))
        if len(self._reports) == 1:
            self.station.after(0.0, self._send_part)  # in a turn of its own: the response goes first

    def matching(self, wanted: ProfileFilter) -> tuple[Profile, ...]:
        """The installed profiles that meet all that is named (K09.FR.04–FR.06, K10.FR.04; 1.6 errata 3.25)."""
        return tuple(profile for profile in self.installed if wanted.met_by(profile, SOURCE))

    # --- reports -----------------------------------------------------------------------------------------------------------

    def _send_part(self) -> None:
        if self._reports:
            part = self._reports[0].part(SOURCE)
            self.station.outbox.ask(part, self._part_answered, self._part_failed, instructed=True)

    def _part_answered(self, _answer: object) -> None:
        self._reports = self._reports[self._reports[0].over :]
        self._send_part()

    def _part_failed(self, refused: object) -> None:
        self.station.notify("report_failed", request_id=self._reports[0].request_id, failure=str(refused))
        self._reports = ()

    # --- what is installed -------------------------------------------------------------------------------------------------

    def _limits(self) -> limits.Limiter:
        if self._limiter is None:
            self._limiter = limits.Limiter(self.station)
        return self._limiter

    def _install(self, profile: Profile, replaced: tuple[Profile, ...]) -> None:
        store = self.station.store
        for other in replaced:
            if other.id != profile.id:
                store.put(COLLECTION, str(other.id), None)
        self.installed = (*(other for other in self.installed if other not in replaced), profile)
        store.put(COLLECTION, str(profile.id), _encoder.encode(profile))
        self.station.notify("charging_profile_installed", id=profile.id, evse_id=profile.evse_id)
        self._limits().changed()  # K01.FR.07

    def _remove(self, going: tuple[Profile, ...]) -> None:
        if not going:
            return
        for profile in going:
            self.station.store.put(COLLECTION, str(profile.id), None)
            self.station.notify("charging_profile_removed", id=profile.id, evse_id=profile.evse_id)
        self.installed = tuple(profile for profile in self.installed if profile not in going)
        self._limits().changed()  # K10.FR.05
