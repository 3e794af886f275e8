"""The rules of authorization: whether a driver may charge, and on which EVSE a presented token acts.

Rule 1. The token that started a session ends it, without asking anyone (C01.FR.03, E07; 1.6 §4.8).
Rule 2. Another token ends a session only when its group is the session's group (C09) or it belongs to the master pass group (C16).
Rule 3. A token of the master pass group starts nothing; it ends every session at the reader's EVSEs (C16).
Rule 4. What the station knows itself is used before the CSMS is asked, where LocalPreAuthorize says so (C12, C14); otherwise the CSMS is
asked, and what the station knows counts only when the CSMS cannot be reached (C13, C15; 1.6 §3.4.2, §3.5).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from chargepoint.station.command import Respond, Result, Service, handles
from chargepoint.station.evse import Evse
from chargepoint.station.facts import Refused
from chargepoint.station.token import Token, TokenInfo
from hal.contract import TokenPresented
from profiles.authorization import variables
from profiles.authorization.cache import AuthorizationCache
from profiles.authorization.commands import ClearCache
from profiles.authorization.facts import AuthorizationRequested

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class Decision(msgspec.Struct, frozen=True):
    """Whether a token may charge. source: who decided (list, cache, csms, offline, disabled). pending: the CSMS is still to be told."""

    info: TokenInfo
    source: str
    pending: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the driver may charge."""
        return self.info.accepted


UNKNOWN = TokenInfo(status="Unknown")
ACCEPTED = TokenInfo(status="Accepted")
NO_AUTHORIZATION = Token("", "NoAuthorization")


class AuthorizationService(Service):
    """Functional block C."""

    __slots__ = ("_asking", "cache")

    station: "ChargingStation"

    def __init__(self, station: "ChargingStation") -> None:
        super().__init__(station)
        self.cache = AuthorizationCache(station, station.settings.cache_entries)
        self._asking: set[str] = set()

    # --- a driver at a reader -----------------------------------------------------------------------------------------

    def present(self, event: TokenPresented) -> None:
        """A token was presented at a reader: it ends a session, or starts one on the EVSE that fits best."""
        token = Token(event.value, event.kind)
        station = self.station
        served = [evse for evse in station.evses if not event.evse_ids or evse.id in event.evse_ids]
        station.notify("token_presented", evse_ids=[evse.id for evse in served])
        for evse in served:
            if evse.authorization is not None and evse.authorization.token.same(token):
                station.sessions.stop(evse, "StopAuthorized", "Local", stopper=token)
                return
        if token.key in self._asking:
            return  # the same card again while the CSMS is being asked about it
        if self._choose(served) is None and not any(self._stoppable(other) for other in served):
            station.notify("token_refused", reason="no EVSE is free")
            return
        self._asking.add(token.key)
        self.decide(token, lambda decision: self._decided(token, served, decision))

    def _choose(self, served: list[Evse]) -> Evse | None:
        """The EVSE for a new session: plugged in last and free, else the first that is free (card first)."""
        free = [evse for evse in served if self.station.startable(evse)]
        plugged = [evse for evse in free if evse.plugged]
        if plugged:
            return max(plugged, key=lambda evse: evse.plugged_since.monotonic if evse.plugged_since else 0.0)
        return free[0] if free else None

    @staticmethod
    def _stoppable(evse: Evse) -> bool:
        return evse.authorization is not None or evse.transaction is not None

    def _decided(self, token: Token, served: list[Evse], decision: Decision) -> None:
        self._asking.discard(token.key)
        station = self.station
        if not decision.accepted:
            station.notify("token_refused", reason=decision.info.status, source=decision.source)
            return
        group = decision.info.group
        if self.is_master_pass(group):
            for evse in served:
                if evse.authorization is not None:
                    station.sessions.stop(evse, "StopAuthorized", "MasterPass", stopper=token)
            return
        for evse in served:
            authorization = evse.authorization
            if authorization is None:
                continue
            if authorization.token.same(token) or (group is not None and group.same(authorization.group)):
                station.sessions.stop(evse, "StopAuthorized", "Local", stopper=token)
                return
        evse_ids = decision.info.evse_ids
        chosen = self._choose([evse for evse in served if not evse_ids or evse.id in evse_ids])
        if chosen is None:
            station.notify("token_refused", reason="no EVSE is free", source=decision.source)
            return
        station.sessions.authorize(
            chosen, token, decision.info, origin="local", trigger="Authorized", pending=decision.pending
        )

    def plugged(self, evse: Evse) -> None:
        """A vehicle was plugged in: an authorization that waits on another EVSE moves here, when nothing has begun there."""
        station = self.station
        if evse.authorization is not None or not station.startable(evse):
            return
        if not station.get(variables.AUTH_ENABLED):
            station.sessions.authorize(evse, NO_AUTHORIZATION, ACCEPTED, origin="none", trigger="Authorized")
            return
        for other in station.evses:
            waiting = other.authorization
            if (
                waiting is not None
                and other is not evse
                and waiting.origin == "local"
                and not other.plugged
                and other.transaction is None
            ):
                other.authorization = None
                evse.authorization = waiting
                station.transactions.advance(other, "Authorized", report=False)
                return

    # --- decisions ----------------------------------------------------------------------------------------------------

    def decide(self, token: Token, decided: Callable[[Decision], None], *, ask: bool = True) -> None:
        """Decide whether a token may charge; `decided` is called once, now or when the CSMS has answered.

        ask False: only what the station knows itself.
        """
        station = self.station
        if not station.get(variables.AUTH_ENABLED):
            decided(Decision(ACCEPTED, "disabled"))
            return
        known, source = self.known(token)
        if known is not None and known.accepted and station.get(variables.LOCAL_PRE_AUTHORIZE):
            decided(Decision(known, source))
            return
        if known is not None and not known.accepted and station.get(variables.AUTH_CACHE_DISABLE_POST_AUTHORIZE):
            decided(Decision(known, source))
            return
        if station.get(variables.DISABLE_REMOTE_AUTHORIZATION):
            decided(Decision(known or UNKNOWN, source or "local"))
            return
        if not ask or not station.outbox.online:
            decided(self._offline(known, source))
            return
        station.outbox.ask(
            AuthorizationRequested(token=token),
            lambda answer: self._answered(token, answer, decided),
            lambda refused: self._unanswered(token, refused, decided),
        )

    def is_master_pass(self, group: Token | None) -> bool:
        """Whether a token of this group belongs to law enforcement or service staff (C16.FR.01)."""
        master = self.station.get(variables.MASTER_PASS_GROUP_ID)
        return bool(master) and group is not None and group.value.casefold() == master.casefold()

    def known(self, token: Token) -> tuple[TokenInfo | None, str]:
        """What the station itself knows of a token, the local list before the cache (C13.FR.01; 1.6 §3.5.3)."""
        if self.station.get(variables.AUTH_CACHE_ENABLED):
            info = self.cache.find(token, lifetime_second=self.station.get(variables.AUTH_CACHE_LIFE_TIME))
            if info is not None:
                return info, "cache"
        return None, ""

    def _answered(self, token: Token, answer: object, decided: Callable[[Decision], None]) -> None:
        if not isinstance(answer, TokenInfo):
            decided(Decision(UNKNOWN, "csms"))
            return
        self.learn(token, answer)
        decided(Decision(answer, "csms"))

    def _unanswered(self, token: Token, refused: Refused, decided: Callable[[Decision], None]) -> None:
        self.station.notify("authorize_failed", failure=refused.failure.value)
        known, source = self.known(token)
        decided(self._offline(known, source))

    def _offline(self, known: TokenInfo | None, source: str) -> Decision:
        """The CSMS cannot be asked (C13, C15; 1.6 §3.4.2): known tokens by LocalAuthorizeOffline, unknown ones by their own variable."""
        station = self.station
        if known is not None:
            if known.accepted and station.get(variables.LOCAL_AUTHORIZE_OFFLINE):
                return Decision(known, source, pending=True)
            return Decision(known if not known.accepted else UNKNOWN, "offline")
        if station.get(variables.OFFLINE_TX_FOR_UNKNOWN_ID_ENABLED):
            return Decision(ACCEPTED, "offline", pending=True)
        return Decision(UNKNOWN, "offline")

    def learn(self, token: Token, info: TokenInfo) -> None:
        """The CSMS has said something of a token: the cache keeps it (C10; 1.6 §3.5.1)."""
        if (
            token.kind not in ("NoAuthorization", "Central")
            and token.value
            and self.station.get(variables.AUTH_CACHE_ENABLED)
        ):
            self.cache.put(token, info)

    # --- commands -----------------------------------------------------------------------------------------------------

    @handles(ClearCache)
    def clear_cache(self, command: ClearCache, respond: Respond) -> None:
        """C11; 1.6 §5.4."""
        if not self.station.get(variables.AUTH_CACHE_ENABLED):
            respond(Result("Rejected", "NotEnabled", "the authorization cache is switched off"))
            return
        self.cache.clear()
        respond(Result("Accepted"))
