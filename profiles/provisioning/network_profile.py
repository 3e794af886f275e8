"""The rules of network connection profiles: what is kept in which slot, which one is tried when (2.x B09, B10; A05).

Rule 1. A profile is the variables of its slot (`network_variables`); a slot without a URL is empty. What the CSMS sets is checked first,
and the security profile never falls, but from 3 to 2 where that is allowed (B09.FR.02–FR.05, B09.FR.31–FR.35; A05.FR.08–FR.10).
Rule 2. A slot in NetworkConfigurationPriority is not changed value by value (B09.FR.22). SetNetworkProfile may replace it as a whole; that
counts from the next connection on.
Rule 3. After a start the slots are tried in the order of NetworkConfigurationPriority, each as often as NetworkProfileConnectionAttempts
says (B10.FR.03, B10.FR.04). After the loss of a connection its own slot comes first, then the others in that order.
Rule 4. When all have failed, the slot of the last connection comes first in the next round, and so on for ever (B10.FR.07–FR.09).
Rule 5. A CSMS of another slot, or at another address, knows nothing of this station: it is introduced anew (B10.FR.10).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chargepoint.station.command import Respond, Result
from chargepoint.station.network import NetworkProfile
from chargepoint.station.ports import Network
from chargepoint.station.service import guards, handles, watches
from chargepoint.station.variables import InvalidValue, RefusalReason, Variable, decode_value, encode_value
from profiles.provisioning import variables
from profiles.provisioning.commands import SetNetworkProfile
from profiles.provisioning.network_variables import SLOT_OF, SLOTS, SlotVariables
from profiles.security import variables as security
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "network"
_LAST = "last_slot"
DEFAULT_MESSAGE_TIMEOUT_SECOND = 30.0
_MESSAGE_TIMEOUT = "OCPPCommCtrlr.MessageTimeout[Default]"


class NetworkProfileService(BlockService):
    """Which CSMS the station talks to."""

    __slots__ = ("_connected", "_failures", "_rest", "slot")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self.slot = 0
        """The slot that is used to connect: of the connection, or of the attempts to get one."""
        self._connected: NetworkProfile | None = None  # of the last connection since the start
        self._failures = 0  # with this slot, in a row
        self._rest: tuple[int, ...] = ()  # the slots to be tried after this one, in this round

    # --- profiles ---------------------------------------------------------------------------------------------------------

    def profile(self, slot: int) -> NetworkProfile | None:
        """The profile in a slot; None when the slot is empty."""
        of_slot, get = SLOTS.get(slot), self.station.get
        url = get(of_slot.url) if of_slot is not None else ""
        if of_slot is None or not url:
            return None
        return NetworkProfile(
            slot=slot,
            url=url,
            security_profile=get(of_slot.security_profile),
            message_timeout_second=get(of_slot.message_timeout_second),
            identity=get(of_slot.identity) or None,
            password=get(of_slot.password) or get(security.BASIC_AUTH_PASSWORD) or None,
            roots=self.station.certificates.csms_roots,
        )

    def _is_filled(self, slot: int) -> bool:
        of_slot = SLOTS.get(slot)
        return of_slot is not None and bool(self.station.get(of_slot.url))

    @property
    def message_timeout_second(self) -> float:
        """How long the CSMS may take to answer."""
        variable = self.station.variables.catalogue.by_path(_MESSAGE_TIMEOUT)
        return float(self.station.get(variable)) if variable is not None else DEFAULT_MESSAGE_TIMEOUT_SECOND

    @property
    def identity(self) -> str:
        """Who the station is at the CSMS: as its profile says, else its own id (B09.FR.28)."""
        of_slot = SLOTS.get(self.slot)
        return (self.station.get(of_slot.identity) if of_slot is not None else "") or self.station.id

    def start(self) -> None:
        """Begin with the first slot (B10.FR.04)."""
        self._begin_round(None)

    def join(self, network: Network) -> None:
        """Have `network` carry out what is decided here, from now on."""
        self.station.network = network
        profile = self.profile(self.slot)
        if profile is not None:
            network.use(profile)

    # --- which one is tried (B10) -----------------------------------------------------------------------------------------

    def connected(self) -> bool:
        """There is a connection. Returns whether it leads elsewhere than the one before, since the start (B10.FR.10)."""
        profile, before = self.profile(self.slot), self._connected
        self._failures = 0
        if profile is None:
            return False
        self._connected = profile
        self.station.store.put(COLLECTION, _LAST, str(self.slot).encode())
        self._adopt(profile)
        return before is not None and (before.slot, before.url, before.identity) != (
            profile.slot,
            profile.url,
            profile.identity,
        )

    def disconnected(self) -> None:
        """The connection is gone: its own slot is tried first, as it is by now."""
        self._begin_round(self.slot)

    def trust_changed(self) -> None:
        """Other roots are installed: they count from the next attempt on, and the present connection stays."""
        profile = self.profile(self.slot)
        if profile is not None and self.station.network is not None:
            self.station.network.use(profile)

    def attempt_failed(self) -> None:
        """An attempt to connect has failed."""
        self._failures += 1
        if self._failures < self.station.get(variables.NETWORK_PROFILE_CONNECTION_ATTEMPTS):
            return
        if self._rest:
            slot, *rest = self._rest
            self._rest = tuple(rest)
            self._use(slot)
        else:
            self._begin_round(
                self._last()
            )  # B10.FR.07: where it was once possible, and then all others again (B10.FR.08)

    def _begin_round(self, first: int | None) -> None:
        priority = [int(slot) for slot in self.station.get(variables.NETWORK_CONFIGURATION_PRIORITY)]
        order = [slot for slot in priority if self._is_filled(slot)]
        if first in order:
            order.remove(first)
            order.insert(0, first)
        if order:
            self._rest = tuple(order[1:])
            self._use(order[0])

    def _use(self, slot: int) -> None:
        self._failures = 0
        of_slot, station = SLOTS.get(slot), self.station
        if of_slot is None or not self._is_filled(slot):
            return
        if slot != self.slot:
            url, security_profile = station.get(of_slot.url), station.get(of_slot.security_profile)
            station.notify("network_profile", slot=slot, url=url, security_profile=security_profile)
        self.slot = slot
        if station.network is not None:  # else `join` gives it the profile
            profile = self.profile(slot)
            if profile is not None:
                station.network.use(profile)

    def _last(self) -> int | None:
        raw = self.station.store.get(COLLECTION, _LAST)
        return int(raw) if raw is not None else None

    def _adopt(self, profile: NetworkProfile) -> None:
        """The connection is made: what the profile says is in force (B09; A05.FR.06)."""
        self._set(security.SECURITY_PROFILE, profile.security_profile)
        message_timeout = self.station.variables.catalogue.by_path(_MESSAGE_TIMEOUT)
        if message_timeout is not None:
            self._set(message_timeout, profile.message_timeout_second)
        lower = self._lower_than(profile.security_profile)
        for slot in lower:
            self._clear(SLOTS[slot])
        priority = self.station.get(variables.NETWORK_CONFIGURATION_PRIORITY)
        kept = tuple([slot for slot in priority if int(slot) not in lower]) or (str(profile.slot),)
        if kept != priority:
            self.station.variables.set(variables.NETWORK_CONFIGURATION_PRIORITY, kept)

    def _lower_than(self, security_profile: int) -> list[int]:
        """The slots with a lower security profile."""
        if security_profile == 0:
            return []
        get = self.station.get
        return [
            slot
            for slot, of_slot in SLOTS.items()
            if get(of_slot.security_profile) < security_profile and self._is_filled(slot)
        ]

    def _clear(self, of_slot: SlotVariables) -> None:
        for variable in (of_slot.url, of_slot.identity, of_slot.password):
            self._set(variable, "")

    def _set(self, variable: Variable[Any], value: object) -> None:
        if self.station.get(variable) != value:
            self.station.variables.set(variable, value)

    # --- what the CSMS sets (B09) -----------------------------------------------------------------------------------------

    @handles(SetNetworkProfile)
    def set_network_profile(self, command: SetNetworkProfile, respond: Respond) -> None:
        """B09; 2.1 has the same in variables."""
        of_slot = SLOTS.get(command.slot)
        if of_slot is None:  # B09.FR.05
            known = ", ".join(map(str, SLOTS))
            respond(Result("Rejected", "InvalidConfSlot", f"there is no slot {command.slot}; there are {known}"))
            return
        try:
            values = dict(self._values(of_slot, command))
            self._check_security_profile(values[of_slot.security_profile])
        except InvalidValue as error:
            reason = error.reason if error.reason is RefusalReason.NO_SECURITY_DOWNGRADE else RefusalReason.NETWORK
            respond(Result("Rejected", reason.value, str(error)))  # B09.FR.02, B09.FR.04
            return
        profile = NetworkProfile(
            slot=command.slot,
            url=values[of_slot.url],
            security_profile=values[of_slot.security_profile],
            message_timeout_second=values[of_slot.message_timeout_second],
            identity=values[of_slot.identity] or None,
            password=values[of_slot.password] or self.station.get(security.BASIC_AUTH_PASSWORD) or None,
        )
        refusal = self._refusal(profile)
        if refusal is not None:
            respond(Result("Rejected", RefusalReason.NETWORK.value, refusal))
            return
        for variable, value in values.items():  # B09.FR.09
            self._set(variable, value)
        self.station.notify("network_profile_set", slot=command.slot, url=profile.url)
        respond(Result("Accepted"))  # B09.FR.01

    def _values(self, of_slot: SlotVariables, command: SetNetworkProfile) -> Iterator[tuple[Variable[Any], Any]]:
        if command.apn or command.vpn:
            what = "APN" if command.apn else "VPN"
            raise InvalidValue(f"this station sets up no {what} by itself; leave {what.lower()} out")
        for variable, value in (
            (of_slot.url, command.url),
            (of_slot.interface, command.interface),
            (of_slot.transport, command.transport),
            (of_slot.version, command.version or of_slot.version.default),
            (of_slot.message_timeout_second, command.message_timeout_second),
            (of_slot.security_profile, command.security_profile),
            (of_slot.identity, command.identity or ""),
            (of_slot.password, command.password or ""),
        ):
            try:
                yield variable, decode_value(variable, encode_value(value))
            except InvalidValue as error:
                raise InvalidValue(f"{variable.name}: {error}", error.reason) from None
        if not command.url:
            raise InvalidValue(f"{of_slot.url.name}: expected a URL")

    def _refusal(self, profile: NetworkProfile) -> str | None:
        return self.station.network.refusal(profile) if self.station.network is not None else None

    # --- guards -----------------------------------------------------------------------------------------------------------

    @guards(*SLOT_OF)
    def _guard_slot(self, variable: Variable[Any], value: Any, _evse_id: int, _connector_id: int) -> None:
        slot, is_security_profile = SLOT_OF[variable]
        if is_security_profile:
            self._check_security_profile(value)
        if str(slot) in self.station.get(variables.NETWORK_CONFIGURATION_PRIORITY):
            raise InvalidValue(
                f"slot {slot} is in use: take it out of NetworkConfigurationPriority first",
                RefusalReason.NETWORK_IN_USE,
            )

    def _check_security_profile(self, security_profile: int) -> None:
        """B09.FR.04, FR.31, FR.32, FR.35; A05.FR.08–FR.10."""
        active = self.station.get(security.SECURITY_PROFILE)
        allowed = self.station.get(security.ALLOW_SECURITY_PROFILE_DOWNGRADE) and (active, security_profile) == (3, 2)
        if security_profile < active and not allowed:
            raise InvalidValue(
                f"security profile {security_profile} is lower than the present one, {active}",
                RefusalReason.NO_SECURITY_DOWNGRADE,
            )

    @guards(variables.NETWORK_CONFIGURATION_PRIORITY)
    def _guard_priority(
        self, _variable: Variable[Any], priority: tuple[str, ...], _evse_id: int, _connector_id: int
    ) -> None:
        """B10.FR.01, B10.FR.02; B09.FR.20, FR.33, FR.34; A05.FR.02–FR.04, FR.08–FR.10."""
        present = self.station.get(variables.NETWORK_CONFIGURATION_PRIORITY)
        if priority == tuple(slot for slot in present if slot in priority):
            return  # nothing is added, and the order stays
        for slot in priority:
            profile = self.profile(int(slot))
            if profile is None:
                raise InvalidValue(f"slot {slot} has no OcppCsmsUrl", RefusalReason.NETWORK)
            self._check_security_profile(profile.security_profile)
            refusal = self._refusal(profile)
            if refusal is not None:
                raise InvalidValue(f"slot {slot}: {refusal}", RefusalReason.NETWORK)

    @watches(variables.WEB_SOCKET_PING_INTERVAL)
    def _ping_interval_changed(self, _evse_id: int, _connector_id: int) -> None:
        if self.station.network is not None:
            self.station.network.ping_interval_changed()

    @watches(security.BASIC_AUTH_PASSWORD)
    def _password_changed(self, _evse_id: int, _connector_id: int) -> None:
        """SecurityCtrlr's password is to be used from now on, whatever the profile says (B09.FR.27; A01)."""
        of_slot = SLOTS.get(self.slot)
        if of_slot is not None:
            self._set(of_slot.password, "")
        profile = self.profile(self.slot)
        if profile is not None and self.station.network is not None:
            self.station.network.use(profile)
            self.station.network.reconnect("new password")
