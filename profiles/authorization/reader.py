"""What a driver does at a card reader, key pad or start button: on which EVSE a presented token acts, and how.

Rule 1. The token that started a session ends it, without asking anyone (C01.FR.03, E07; 1.6 §4.1).
Rule 2. Another token ends a session only when its group is the session's group (C09), or the master pass group (C16).
Rule 3. A token acts on what it found when it was presented: the vehicle that waited then, the sessions that ran then. So two drivers who
present their tokens at the same time do not change places, whoever's answer comes first.
Rule 4. A start button starts where a vehicle waits; it ends a session only where it serves no other EVSE (C02).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.nothing import NOTHING, with_entry, without
from chargepoint.station.token import Token, TokenInfo
from hal.contract import TokenPresented
from profiles.authorization import texts, variables
from profiles.authorization.key_pad import KeyPadGuard
from profiles.authorization.service import ACCEPTED, NO_AUTHORIZATION, Decision
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class _Presentation:
    """A token about which the CSMS is being asked. target: the EVSE where a session was to begin; sessions: those that ran."""

    __slots__ = ("served", "sessions", "target", "token")

    def __init__(self, token: Token, served: list[Evse], target: Evse | None) -> None:
        self.token = token
        self.served = served
        self.target = target
        self.sessions: dict[int, Authorization | None] = {evse.id: evse.authorization for evse in served}


class ReaderService(BlockService):
    """What drivers do at readers."""

    __slots__ = ("_key_pad", "_presented")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._key_pad = KeyPadGuard()
        self._presented: Mapping[tuple[str, str], _Presentation] = NOTHING

    # --- a token is presented ------------------------------------------------------------------------------------------

    def present(self, event: TokenPresented) -> None:
        """A token was presented at a reader: it ends a session, or starts one on the EVSE that fits best."""
        station = self.station
        served = [evse for evse in station.evses if not event.evse_ids or evse.id in event.evse_ids]
        station.notify("token_presented", evse_ids=[evse.id for evse in served])
        if event.kind == "NoAuthorization":
            self._button(served)
            return
        token = Token(event.value, event.kind)
        if not self._acceptable(token):
            return
        for evse in served:
            if evse.authorization is not None and evse.authorization.token.same(token):
                self._stop(evse, token, "Local")
                return
        if self._release_cable(served, token, None):
            return
        if token.key in self._presented:
            return  # the same card again while the CSMS is being asked about it
        if self._stop_by_known_group(served, token):
            return
        target = self._choose(served, token)
        if target is None and not self._may_concern(served):
            self._refuse("Busy", "no EVSE is free", None, "")
            return
        presentation = _Presentation(token, served, target)
        self._presented = with_entry(self._presented, token.key, presentation)
        station.authorization.decide(token, lambda decision: self._decided(presentation, decision))

    def _acceptable(self, token: Token) -> bool:
        """Whether it makes sense to ask about the token at all."""
        station = self.station
        if token.kind == "KeyCode" and self._key_pad.wait_second(station.clock.monotonic()) > 0:
            self._refuse("Wait", "too many wrong codes", None, "key pad")
            return False
        if not 0 < len(token.value) <= station.policy.maximum_token_characters:
            self._refuse("Refused", "the CSMS cannot be told a token of this length", None, "reader")
            return False
        return True

    def _may_concern(self, served: list[Evse]) -> bool:
        """Whether there is a session or a cable that another token than its own might end or release."""
        if self.station.get(variables.MASTER_PASS_GROUP_ID):
            return any(_in_use(evse) for evse in self.station.evses)
        if self.station.policy.asks_only_within_groups:
            return any(_group(evse) is not None for evse in served)
        return any(_in_use(evse) for evse in served)

    def _release_cable(self, served: list[Evse], token: Token, group: Token | None) -> bool:
        """The owner of a cable that is still locked, or one of his group, gets it back (E05.FR.11, E09.FR.03)."""
        for evse in served:
            owner = evse.connector.kept_for
            if owner is None:
                continue
            refused = owner.info is not None and not owner.info.accepted
            if evse.plugged and not refused:
                continue  # his vehicle is back: he means to charge
            if owner.token.same(token) or (group is not None and group.same_group(owner.group)):
                self.station.sessions.release_cable(evse)
                return True
        return False

    def _stop_by_known_group(self, served: list[Evse], token: Token) -> bool:
        """A valid token that the station knows to be of a session's group ends it without asking (C01.FR.03, C09.FR.07)."""
        known = self.station.authorization.known(token)
        if known is None or not known.info.accepted or known.info.group is None:
            return False
        for evse in served:
            if evse.authorization is not None and known.info.group.same_group(evse.authorization.group):
                self._stop(evse, token, "Local")
                return True
        return False

    def _decided(self, presentation: _Presentation, decision: Decision) -> None:
        token, served, info = presentation.token, presentation.served, decision.info
        self._presented = without(self._presented, token.key)
        if token.kind == "KeyCode":
            if decision.accepted:
                self._key_pad.right()
            else:
                self._key_pad.wrong(self.station.clock.monotonic())
        if not decision.accepted:
            self._refuse(info.status, info.status, info, decision.source)
            return
        if self.station.authorization.is_master_pass(info.group):
            self._stop_all(token)
            return
        if self._release_cable(served, token, info.group):
            return
        for evse in served:
            session = evse.authorization
            if session is None:
                continue
            if session.token.same(token):
                return  # the CSMS itself has started the session in the meantime
            before = session is presentation.sessions.get(evse.id)
            if before and info.group is not None and info.group.same_group(session.group):  # C09.FR.03
                self._stop(evse, token, "Local")
                return
        self._start(presentation, decision)

    def _start(self, presentation: _Presentation, decision: Decision) -> None:
        station, info, token = self.station, decision.info, presentation.token
        allowed = [evse for evse in presentation.served if info.accepted_on(evse.id)]  # C01.FR.21
        chosen = presentation.target
        if chosen is None or chosen not in allowed or not chosen.plugged or not self._startable(chosen, token, info):
            chosen = self._choose(allowed, token, info)
        if chosen is None:
            if allowed:
                self._refuse("Busy", "no EVSE is free", info, "")  # which is for the station to say
            else:
                self._refuse("NotAtThisLocation", "NotAtThisLocation", info, decision.source)
            return
        elsewhere = sum(self._startable(evse, token, info) for evse in allowed) > 1
        station.sessions.authorize(
            chosen,
            token,
            info,
            origin="local",
            trigger="Authorized",
            pending=decision.pending,
            anywhere=elsewhere,
        )

    def _startable(self, evse: Evse, token: Token, info: TokenInfo | None) -> bool:
        """Whether the driver may start there now. info None: he has still to be asked about; the group that he is of may have reserved."""
        group = info.group if info is not None else None
        owner = evse.connector.kept_for  # who charges with a cable could take it along (C15.FR.05)
        if owner is not None and not owner.token.same(token) and not (group and group.same_group(owner.group)):
            return False
        return self.station.startable(evse, token, group, group_known=info is not None)

    def _choose(self, served: list[Evse], token: Token, info: TokenInfo | None = None) -> Evse | None:
        """The EVSE for a new session: the one that is reserved for the driver, or plugged in last and free, else the first that is free."""
        claimed = [other.target for other in self._presented.values()]
        free = [evse for evse in served if self._startable(evse, token, info) and evse not in claimed]
        free = self.station.reservations.preferred(free, token, info.group if info is not None else None)
        plugged = [evse for evse in free if evse.plugged]
        if plugged:
            return max(plugged, key=lambda evse: evse.plugged_since.monotonic if evse.plugged_since else 0.0)
        return free[0] if free else None

    def _stop(self, evse: Evse, token: Token, reason: str) -> None:
        self.station.sessions.stop(evse, "StopAuthorized", reason, stopper=token)

    def _stop_all(self, token: Token) -> None:
        """The master pass ends every session of the station, and frees every cable (C16.FR.02, C16.FR.08)."""
        for evse in self.station.evses:
            if evse.authorization is not None:
                self._stop(evse, token, "MasterPass")
            elif evse.connector.kept_for is not None:
                self.station.sessions.release_cable(evse)

    def _button(self, served: list[Evse]) -> None:
        chosen = self._choose(served, NO_AUTHORIZATION, ACCEPTED)
        if (chosen is None or not chosen.plugged) and len(served) == 1:
            session = served[0].authorization
            if session is not None and session.token.kind == "NoAuthorization":
                self._stop(served[0], NO_AUTHORIZATION, "Local")
                return
        if chosen is None:
            self._refuse("Busy", "no EVSE is free", None, "")
            return
        self.station.sessions.authorize(chosen, NO_AUTHORIZATION, ACCEPTED, origin="local", trigger="Authorized")

    def _refuse(self, occasion: str, reason: str, info: TokenInfo | None, source: str) -> None:
        self.station.notify("token_refused", reason=reason, source=source)
        self.show(occasion, info, 0)

    # --- a vehicle comes -----------------------------------------------------------------------------------------------

    def plugged(self, evse: Evse) -> None:
        """A vehicle was plugged in: the oldest authorization that waits elsewhere moves here, when nothing has begun there."""
        station = self.station
        if evse.authorization is not None or not station.startable(evse):
            return
        if not station.get(variables.AUTH_ENABLED):
            self._let_charge(evse)
            return
        waiting = [
            (authorization.since.monotonic, other.id, other, authorization)
            for other in station.evses
            if (authorization := other.authorization) is not None
            and (authorization.anywhere or (authorization.origin == "local" and other.transaction is None))
            and not (other.transaction is not None and evse.transaction is not None)
            and not other.plugged
            and not station.reservations.binds(authorization)
            and station.startable(evse, authorization.token, authorization.group, group_known=True, leaving=other)
            and (authorization.info is None or authorization.info.accepted_on(evse.id))  # C01.FR.21
        ]
        if waiting:
            _since, _id, other, authorization = min(waiting)
            other.authorization = None
            evse.authorization = authorization
            station.transactions.move(other, evse)
            station.notify("authorization_moved", evse_id=evse.id, from_evse_id=other.id)

    def settle(self, evse: Evse) -> None:
        """Where nobody is to be authorized, who waits charges as soon as nothing stands in his way any more; who has been served does not.

        That was a fault, inoperativeness, a reservation, or that the CSMS had not accepted the station yet (1.6 §4.9 H3).
        """
        if evse.authorization is not None or not evse.plugged or evse.finishing:
            return
        station = self.station
        if not station.get(variables.AUTH_ENABLED) and station.startable(evse):
            self._let_charge(evse)

    def _let_charge(self, evse: Evse) -> None:
        if self._startable(evse, NO_AUTHORIZATION, ACCEPTED):
            self.station.sessions.authorize(evse, NO_AUTHORIZATION, ACCEPTED, origin="none", trigger="Authorized")

    # --- display ---------------------------------------------------------------------------------------------------------

    def show(self, occasion: str, info: TokenInfo | None, evse_id: int) -> None:
        """Tell the driver something, in a language of his where there is one, and with it what the CSMS has to say to him (C01.FR.08–13).

        evse_id 0: wherever the reader is.
        """
        station = self.station
        if station.on_event is None:
            return
        language = texts.language_of(info)
        station.notify("display", evse_id=evse_id, text=texts.text(occasion, language), language=language)
        if info is not None and info.message is not None:
            station.notify(
                "display",
                evse_id=evse_id,
                text=info.message,
                language=info.message_language or language,
                message_format=info.message_format or "UTF8",
            )


def _group(evse: Evse) -> Token | None:
    """The group whose members may end the session of an EVSE, or have its cable."""
    owner = evse.authorization or evse.connector.kept_for
    return owner.group if owner is not None else None


def _in_use(evse: Evse) -> bool:
    return evse.authorization is not None or evse.transaction is not None or evse.connector.kept_for is not None
