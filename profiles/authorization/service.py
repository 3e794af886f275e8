"""The rules of authorization: whether a driver may charge. (On which EVSE a presented token acts is in `reader.py`.)

Rule 1. What the station knows itself is used before the CSMS is asked, where LocalPreAuthorize says so (C12, C14; 1.6 §3.5); otherwise
the CSMS is asked, and what the station knows counts only when the CSMS cannot be (C13, C15; 1.6 §3.4.2).
Rule 2. The local list goes before the cache (C13.FR.01, C14.FR.01; 1.6 §3.5.3).
Rule 3. What is not accepted by what the station knows is asked about, unless DisablePostAuthorize says so (C10.FR.03, C14.FR.03).
Rule 4. A token of the master pass group starts nothing (C16.FR.03).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.station.command import Respond, Result
from chargepoint.station.facts import Failure, Refused
from chargepoint.station.service import handles
from chargepoint.station.token import Token, TokenInfo
from profiles.authorization import variables
from profiles.authorization.cache import AuthorizationCache
from profiles.authorization.commands import ClearCache
from profiles.authorization.facts import AuthorizationAnswer, AuthorizationRequested, CertificateHash
from profiles.local_list import variables as local_list
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

UNKNOWN = TokenInfo(status="Unknown")
ACCEPTED = TokenInfo(status="Accepted")
NO_AUTHORIZATION = Token("", "NoAuthorization")
UNASKED_KINDS = ("NoAuthorization", "Central")
"""The CSMS is not asked about these, and nothing is cached of them (C02.FR.01, C02.FR.03, C05.FR.01, C05.FR.02)."""
_REACHED = (Failure.REFUSED, Failure.INVALID, Failure.NOT_SUPPORTED)


class Decision(msgspec.Struct, frozen=True):
    """Whether a token may charge. source: who decided (list, cache, csms, offline, disabled). pending: the CSMS is still to be told."""

    info: TokenInfo
    source: str
    pending: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the driver may charge."""
        return self.info.accepted


class Known(NamedTuple):
    """What the station itself knows of a token. lapsed: its time is over; `info` then says Expired."""

    info: TokenInfo
    source: str
    lapsed: bool = False


class Contract(msgspec.Struct, frozen=True):
    """The contract certificate behind an eMAID (C07). certificate: PEM of the chain, where the CSMS is to validate it."""

    certificate: str | None = None
    hashes: tuple[CertificateHash, ...] = ()


class AuthorizationService(BlockService):
    """Functional block C."""

    __slots__ = ("cache",)

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self.cache = AuthorizationCache(station, station.settings.cache_entries)

    # --- decisions ----------------------------------------------------------------------------------------------------

    def decide(self, token: Token, decided: Callable[[Decision], None], *, contract: Contract | None = None) -> None:
        """Decide whether a token may charge; `decided` is called once, now or when the CSMS has answered."""
        station = self.station
        if not station.get(variables.AUTH_ENABLED):
            decided(Decision(ACCEPTED, "disabled"))
            return
        known = self.known(token)
        if not station.outbox.online:
            decided(self._offline(known))
            return
        remote = not station.get(variables.DISABLE_REMOTE_AUTHORIZATION)
        if known is not None and not known.lapsed:
            if known.info.accepted:
                if not remote or station.get(variables.LOCAL_PRE_AUTHORIZE):  # C12.FR.02, C14.FR.02, C14.FR.04
                    decided(Decision(known.info, known.source))
                    return
            elif not self._post_authorizes(known.source):
                decided(Decision(known.info, known.source))
                return
        if not remote:
            decided(Decision(known.info, known.source) if known is not None else Decision(UNKNOWN, "local"))
            return
        contract = contract or Contract()
        station.outbox.ask(
            AuthorizationRequested(token=token, certificate=contract.certificate, certificate_hashes=contract.hashes),
            lambda answer: self._answered(token, answer, decided),
            lambda refused: self._unanswered(token, refused, decided),
        )

    def decide_remote(self, token: Token, decided: Callable[[Decision | None], None]) -> None:
        """Decide about a token that the CSMS itself has named; None = there is nothing to decide (C05.FR.01; 1.6 §5.11)."""
        if not self.station.get(variables.AUTHORIZE_REMOTE_START) or token.kind in UNASKED_KINDS:
            decided(None)
        else:
            self.decide(token, decided)

    def is_master_pass(self, group: Token | None) -> bool:
        """Whether a token of this group belongs to law enforcement or service staff (C16.FR.01)."""
        master = self.station.get(variables.MASTER_PASS_GROUP_ID)
        return bool(master) and group is not None and group.value.casefold() == master.casefold()

    def may_start(self, token: Token, group: Token | None) -> bool:
        """Whether nothing that the station knows says that the token belongs to the master pass group (C12.FR.09, C16.FR.03)."""
        known = self.known(token)
        return not self.is_master_pass(group) and not (known is not None and self.is_master_pass(known.info.group))

    def known(self, token: Token) -> Known | None:
        """What the station itself knows of a token, the local list before the cache (C13.FR.01; 1.6 §3.5.3)."""
        station = self.station
        listed = station.local_list.find(token)
        if listed is not None:
            if listed.accepted and listed.expiry is not None and listed.expiry <= station.clock.wall():
                return Known(msgspec.structs.replace(listed, status="Expired"), "list", lapsed=True)
            return Known(listed, "list")
        if self.cache_enabled:
            found = self.cache.find(token, lifetime_second=station.get(variables.AUTH_CACHE_LIFE_TIME))
            if found is not None:
                return Known(found.info, "cache", found.lapsed)
        return None

    @property
    def cache_enabled(self) -> bool:
        """Whether there is a cache that counts (C10.FR.11; 1.6 §9.1.2)."""
        has_cache = self.station.variables.catalogue.by_key16("AuthorizationCacheEnabled") is not None
        return has_cache and self.station.get(variables.AUTH_CACHE_ENABLED)

    def _post_authorizes(self, source: str) -> bool:
        """Whether the CSMS is asked about a token that this source does not accept."""
        if source == "list":
            return not self.station.get(local_list.LOCAL_AUTH_LIST_DISABLE_POST_AUTHORIZE)
        return not self.station.get(variables.AUTH_CACHE_DISABLE_POST_AUTHORIZE)

    def _answered(self, token: Token, answer: object, decided: Callable[[Decision], None]) -> None:
        if not isinstance(answer, AuthorizationAnswer):
            decided(Decision(UNKNOWN, "csms"))
            return
        info = answer.info
        self.learn(token, info)
        if info.accepted and answer.certificate_status not in (None, "Accepted"):  # C07: the contract counts too
            info = msgspec.structs.replace(info, status="Invalid")
        decided(Decision(info, "csms"))

    def _unanswered(self, token: Token, refused: Refused, decided: Callable[[Decision], None]) -> None:
        self.station.notify("authorize_failed", failure=refused.failure.value)
        known = self.known(token)
        if known is None and refused.failure in _REACHED:  # the CSMS is there, and has not said yes
            decided(Decision(UNKNOWN, "csms"))
        else:
            decided(self._offline(known))

    def _offline(self, known: Known | None) -> Decision:
        """The CSMS cannot be asked (C13, C15; 1.6 §3.4.2): known tokens by LocalAuthorizeOffline, unknown ones by their own variable."""
        station = self.station
        anybody = station.get(variables.OFFLINE_TX_FOR_UNKNOWN_ID_ENABLED)
        if known is None:
            return Decision(ACCEPTED, "offline", pending=True) if anybody else Decision(UNKNOWN, "offline")  # C15.FR.08
        if known.info.accepted and not anybody and not station.get(variables.LOCAL_AUTHORIZE_OFFLINE):
            return Decision(UNKNOWN, "offline")
        return Decision(known.info, known.source, pending=known.info.accepted)  # C13.FR.02, C13.FR.04–06

    # --- what the CSMS says ---------------------------------------------------------------------------------------------

    def learn(self, token: Token, info: TokenInfo) -> None:
        """The CSMS has said something of a token: the cache keeps it (C10.FR.04, C10.FR.05, C12.FR.06; 1.6 §3.5.1)."""
        if token.kind in UNASKED_KINDS or not token.value:
            return
        listed = self.station.local_list.find(token)
        if listed is not None:
            if _valid(listed) is not _valid(info):  # 1.6 §3.5.2
                self.station.availability.tell_station("LocalListConflict", f"the list has {listed.status}")
            if self.station.policy.listed_tokens_are_not_cached:
                return
        if not self.cache_enabled:
            return
        if token.kind == "KeyCode" and not info.accepted:  # C04.FR.03: guesses would drive out everybody else
            self.cache.forget(token)
        else:
            self.cache.put(token, info, with_message=self.station.policy.message_is_cached)

    # --- commands -----------------------------------------------------------------------------------------------------

    @handles(ClearCache)
    def clear_cache(self, command: ClearCache, respond: Respond) -> None:
        """C11; 1.6 §5.4, errata 3.23."""
        if not self.cache_enabled:  # C11.FR.04
            respond(Result("Rejected", "NotEnabled", "the authorization cache is switched off"))
            return
        self.cache.clear()
        self.station.notify("cache_cleared")
        respond(Result("Accepted"))  # C11.FR.03


def _valid(info: TokenInfo) -> bool:
    """1.6 §3.5.2: a token that is in use elsewhere is a valid one."""
    return info.status in ("Accepted", "ConcurrentTx")
