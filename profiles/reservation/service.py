"""The rules of reservation: what may be reserved, who may use it, and what ends it. (Which EVSEs stay free for it: `book.py`.)

Rule 1. A reservation is made only where a free EVSE is left for it besides all others; one of the same id takes the place of the old one
(H01.FR.02–04, H01.FR.06; 1.6 §5.13).
Rule 2. A kept EVSE starts for nobody but him whom it is kept for, or a member of his group (H03; 1.6 §5.13).
Rule 3. It is used up when its token is presented (2.x H03.FR.09), or when the transaction starts (1.6 §5.13): `Policy`.
Rule 4. It ends when its time is over, and when no EVSE is left for it because one is out of order (H01.FR.16, H01.FR.17, H04).
Rule 5. What it does to connectors is told before that it is over.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.station.command import Respond, Result
from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.nothing import NO_MEMBERS, NOTHING
from chargepoint.station.service import handles
from chargepoint.station.timers import Timer
from chargepoint.station.token import Token
from profiles.reservation import variables
from profiles.reservation.book import Reservation, assigned, kept
from profiles.reservation.commands import CancelReservation, ReserveNow
from profiles.reservation.facts import ReservationEnded
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "reservation"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Reservation)


class _Use(NamedTuple):
    """A driver who has claimed his reservation, and whose transaction has not begun yet."""

    authorization: Authorization
    reservation: Reservation


class ReservationService(BlockService):
    """Functional block H."""

    __slots__ = ("_book", "_kept", "_over", "_serial", "_taken", "_timer", "_uses")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._book: Mapping[int, Reservation] = NOTHING  # by id, in the order in which they were made
        self._kept: frozenset[int] = NO_MEMBERS  # EVSEs that nobody else may use
        self._taken: frozenset[int] = NO_MEMBERS  # EVSEs in use by somebody for whom they are not kept
        self._uses: tuple[_Use, ...] = ()
        self._over: tuple[ReservationEnded, ...] = ()  # to be told at the end of this turn
        self._serial = 0
        self._timer: Timer | None = None

    def restore(self) -> None:
        """Take up the reservations from before the restart."""
        found = [_decoder.decode(raw) for _key, raw in self.station.store.items(COLLECTION)]
        for reservation in sorted(found, key=lambda one: one.serial):
            self._add(reservation)

    # --- what others ask ----------------------------------------------------------------------------------------------

    def keeps(self, evse: Evse) -> bool:
        """Whether the EVSE is kept for somebody who has not come yet."""
        return evse.id in self._kept

    def permits(
        self, evse: Evse, token: Token, group: Token | None, *, group_known: bool, leaving: Evse | None = None
    ) -> bool:
        """Whether the driver with this token may start on the EVSE now, as far as reservations go.

        group_known False: of what group he is has still to be asked; any that is named in a reservation may be his (H03.FR.08).
        leaving: the EVSE that he gives up for it.
        """
        if not self._book:
            return True
        taken = self._taken_now()
        if leaving is not None:
            taken -= {leaving.id}
        waiting = self._waiting()
        if not self._needs(waiting, taken, evse):
            return True
        for own in waiting:
            if not (own.is_for(token, group) or (own.group is not None and not group_known)):
                continue
            if evse.id in self._suitable(own, taken) and not self._needs(
                [other for other in waiting if other is not own], taken, evse
            ):
                return True
        return False

    def preferred(self, evses: list[Evse], token: Token, group: Token | None) -> list[Evse]:
        """Of these EVSEs those that are reserved by number for the driver; all, where none is."""
        if not self._book:
            return evses
        named = {own.evse_id for own in self._book.values() if own.is_for(token, group)}
        return [evse for evse in evses if evse.id in named] or evses

    def binds(self, authorization: Authorization) -> bool:
        """Whether a driver has come for a reservation of a certain EVSE, so that he is expected there and nowhere else."""
        return any(use.authorization is authorization and use.reservation.evse_id for use in self._uses)

    def use(self, evse: Evse, authorization: Authorization) -> None:
        """A driver is about to be authorized on the EVSE: if he has a reservation for it, this is what it was for (H03.FR.09)."""
        group = authorization.group
        own = [r for r in self._waiting() if r.is_for(authorization.token, group) and self._suits(r, evse)]
        if not own:
            return
        reservation = min(own, key=lambda r: (not r.token.same(authorization.token), not r.evse_id, r.expiry))
        authorization.reservation_id = reservation.id
        self._uses = (*self._uses, _Use(authorization, reservation))
        self.station.notify("reservation_used", reservation_id=reservation.id, evse_id=evse.id)
        if self.station.policy.reservation_used_by_presenting:
            self._remove(reservation)

    # --- the end of a turn ---------------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether there is nothing to review or to tell: nobody has reserved anything."""
        return not (self._book or self._uses or self._kept or self._over)

    def review(self) -> None:
        """Follow what has happened to EVSEs and drivers: who has used his reservation, and which can be kept no longer."""
        if self._uses:
            self._follow_uses()
        if not self._book:
            self._keep(NO_MEMBERS)
            return
        self._taken = self._taken_now()
        waiting = self._waiting()
        places = assigned([self._suitable(reservation, self._taken) for reservation in waiting])
        for reservation, place in zip(waiting, places, strict=True):
            if place is None:
                self._end(reservation, "Removed")
        self._keep(kept([self._suitable(reservation, self._taken) for reservation in self._waiting()]))

    def tell(self) -> None:
        """Tell what is over, after the statuses of the connectors."""
        over, self._over = self._over, ()
        for fact in over:
            self.station.post(fact)

    def _keep(self, evses: frozenset[int]) -> None:
        if evses == self._kept:
            return
        for evse in self.station.evses:
            if (evse.id in evses) is not (evse.id in self._kept):
                self.station.touch(evse)
        self._kept = evses

    def _follow_uses(self) -> None:
        for use in self._uses:
            authorization, reservation = use
            evse = next((one for one in self.station.evses if one.authorization is authorization), None)
            if authorization.told or (evse is not None and evse.transaction is not None):
                if self._book.get(reservation.id) is reservation:
                    self._remove(reservation)
            elif evse is not None:
                continue
            elif self._book.get(reservation.id) is not reservation:
                self._over = (*self._over, ReservationEnded(reservation_id=reservation.id, status="NoTransaction"))
            self._uses = tuple(other for other in self._uses if other is not use)

    # --- which EVSEs ------------------------------------------------------------------------------------------------------

    def _waiting(self) -> list[Reservation]:
        """The reservations whose drivers have not come yet."""
        claimed = [use.reservation for use in self._uses]
        return [reservation for reservation in self._book.values() if reservation not in claimed]

    def _taken_now(self) -> frozenset[int]:
        """An EVSE that was free for all is taken by who plugs in; one that was kept is so only by whom it was kept for (G01.FR.09)."""
        return frozenset(
            evse.id
            for evse in self.station.evses
            if evse.authorization is not None
            or (_in_use(evse) and (not self._book or evse.id in self._taken or evse.id not in self._kept))
        )

    def _suitable(self, reservation: Reservation, taken: frozenset[int]) -> list[int]:
        return [e.id for e in self.station.evses if e.id not in taken and self._suits(reservation, e)]

    def _suits(self, reservation: Reservation, evse: Evse) -> bool:
        """Whether the EVSE, were it free, could be used with this reservation now."""
        return _targets(reservation, evse) and self._state(reservation, evse) == "Occupied"

    def _state(self, reservation: Reservation, evse: Evse) -> str:
        """Why an EVSE that the reservation is for cannot be had: Faulted, Unavailable, or else that somebody has it."""
        station = self.station
        if evse.stopping_fault is not None or station.availability.station_fault is not None:
            return "Faulted"
        for connector in evse.connectors:
            if _fits(reservation, connector.id, connector.kind) and station.operability.is_operative(evse, connector):
                return "Occupied"
        return "Unavailable"

    def _needs(self, waiting: list[Reservation], taken: frozenset[int], evse: Evse) -> bool:
        """Whether one of the reservations could not be kept without this EVSE."""
        suitable = [self._suitable(reservation, taken) for reservation in waiting]
        rest = [[evse_id for evse_id in evses if evse_id != evse.id] for evses in suitable]
        return assigned(rest).count(None) > assigned(suitable).count(None)

    # --- commands ---------------------------------------------------------------------------------------------------------

    @handles(ReserveNow)
    def reserve(self, command: ReserveNow, respond: Respond) -> None:
        """H01; 1.6 §5.13."""
        old = self._book.get(command.id)
        reservation = Reservation(
            command.id,
            old.serial if old is not None else self._serial + 1,
            command.token,
            command.expiry,
            command.evse_id or 0,
            command.connector_id,
            command.kind,
            command.group,
        )
        refusal = self._refusal(command, reservation)
        if refusal is not None:
            respond(refusal)
            return
        taken = self._taken_now()
        others = [other for other in self._waiting() if other is not old]
        places = [self._suitable(other, taken) for other in (*others, reservation)]
        if assigned(places).count(None) > assigned(places[:-1]).count(None):
            respond(self._occupied(reservation))
            return
        if old is not None:
            self._forget_use(old)
        self._taken = taken
        self._add(reservation)
        self.station.store.put(COLLECTION, str(reservation.id), _encoder.encode(reservation))
        self.station.notify("reserved", reservation_id=reservation.id, evse_id=reservation.evse_id)
        respond(Result("Accepted"))

    def _refusal(self, command: ReserveNow, reservation: Reservation) -> Result | None:
        station = self.station
        if variables.RESERVATION_ENABLED not in station.variables.catalogue:
            return Result("Rejected", "UnsupportedRequest", "this station takes no reservations")
        if not station.get(variables.RESERVATION_ENABLED):  # H01.FR.01
            return Result("Rejected", "NotEnabled", "ReservationCtrlr.Enabled is false")
        if command.evse_id is None and not station.get(variables.RESERVATION_NON_EVSE_SPECIFIC):  # H01.FR.19
            return Result("Rejected", "UnsupportedParam", "only a certain EVSE can be reserved")
        if command.evse_id is not None and station.evse(command.evse_id) is None:
            return Result("Rejected", "UnknownEvse", f"there is no EVSE {command.evse_id}")
        if not any(_targets(reservation, evse) for evse in station.evses):
            if command.kind is None:
                return Result("Rejected", "UnknownConnectorId", f"there is no connector {command.connector_id}")
            return Result("Rejected", "UnknownConnectorType", f"there is no connector of type {command.kind} there")
        if command.expiry <= station.clock.wall():
            return Result("Rejected", "InvalidValue", "the time at which the reservation is to expire is over")
        return None

    def _occupied(self, reservation: Reservation) -> Result:
        """H01.FR.11, H01.FR.12, H01.FR.14; 1.6 §5.13: where the EVSEs differ, what is soonest over counts."""
        states = {self._state(reservation, evse) for evse in self.station.evses if _targets(reservation, evse)}
        if "Occupied" in states:
            return Result("Occupied", "NoEvseFree", "no EVSE that it could be for is free")
        state = "Unavailable" if "Unavailable" in states else "Faulted"
        return Result(state, state, f"every EVSE that it could be for is {state.lower()}")

    @handles(CancelReservation)
    def cancel(self, command: CancelReservation, respond: Respond) -> None:
        """H02; 1.6 §5.1. What the CSMS does itself it is not told (H02, remark)."""
        reservation = self._book.get(command.id)
        if reservation is None:
            respond(Result("Rejected", "NotFound", f"there is no reservation {command.id}"))
            return
        self._forget_use(reservation)
        self._remove(reservation)
        self.station.notify("reservation_cancelled", reservation_id=command.id)
        respond(Result("Accepted"))

    # --- the book ---------------------------------------------------------------------------------------------------------

    def _add(self, reservation: Reservation) -> None:
        book = {**self._book, reservation.id: reservation}
        self._book = dict(sorted(book.items(), key=lambda item: item[1].serial))
        self._serial = max(self._serial, reservation.serial)
        self._await_expiry()
        self._touch_all()

    def _remove(self, reservation: Reservation) -> None:
        self._book = {id_: other for id_, other in self._book.items() if other is not reservation} or NOTHING
        self.station.store.put(COLLECTION, str(reservation.id), None)
        self._await_expiry()
        self._touch_all()

    def _end(self, reservation: Reservation, status: str) -> None:
        self._forget_use(reservation)
        self._remove(reservation)
        self.station.notify("reservation_ended", reservation_id=reservation.id, status=status)
        self._over = (*self._over, ReservationEnded(reservation_id=reservation.id, status=status))

    def _forget_use(self, reservation: Reservation) -> None:
        """A driver who has come, and whose transaction has not begun, came for nothing that is left."""
        for use in self._uses:
            if use.reservation is reservation:
                use.authorization.reservation_id = None
        self._uses = tuple(use for use in self._uses if use.reservation is not reservation)

    def _touch_all(self) -> None:
        for evse in self.station.evses:
            self.station.touch(evse)

    # --- time -------------------------------------------------------------------------------------------------------------

    def clock_stepped(self) -> None:
        """The wall clock has moved: reservations expire by it."""
        if self._book:
            self._await_expiry()

    def _await_expiry(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._book:
            remaining = min(reservation.expiry for reservation in self._book.values()) - self.station.clock.wall()
            self._timer = self.station.after(max(remaining, 0.0), self._expire)

    def _expire(self) -> None:
        """H04; 1.6 §5.13."""
        now = self.station.clock.wall() + 0.001  # a timer may be early by less than a clock can tell
        for reservation in tuple(self._book.values()):
            if reservation.expiry <= now:
                self._end(reservation, "Expired")
        self._await_expiry()


def _in_use(evse: Evse) -> bool:
    return evse.cable_present or evse.transaction is not None


def _fits(reservation: Reservation, connector_id: int, kind: str) -> bool:
    return reservation.connector_id in (0, connector_id) and reservation.kind in (None, kind)


def _targets(reservation: Reservation, evse: Evse) -> bool:
    """Whether the reservation is for this EVSE, or might be."""
    return reservation.evse_id in (0, evse.id) and any(_fits(reservation, c.id, c.kind) for c in evse.connectors)
