"""One driver at one EVSE: what he has come with, what he does next, and when.

Rule 1. All that is chance in a driver comes from a source of his own, which depends on the seed, his station, his EVSE and his number
there. So he is the same whatever other drivers do and however fast the CSMS answers.
Rule 2. A driver acts on the simulated world only from a timer, never from within an event of the station: what he sees there only makes up
his mind. `seat.step_at` is when he acts next.
Rule 3. Who has plugged in ends by unplugging: a lock that holds the plug, a power cut or a reset makes him try again; he never gives up
his car.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final

from chargepoint.station.token import Token
from hal.sim.refusal import RefusalReason, SimulationRefused
from profiles.authorization.service import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chargepoint.fleet.sessions.chance import Chance
    from chargepoint.fleet.sessions.seat import Seat
    from chargepoint.station.evse import Evse
    from hal.sim.car import Car
    from hal.sim.evse import SimulatedEvse
    from profiles.charging_station import ChargingStation

HURRY_SECOND: Final = 0.5
LOCKED_RETRY_SECOND: Final = 15.0
"""How often a driver whose plug is held tries again."""
REFUSED_AFTER_ALL: Final = "DeAuthorized"
"""2.x stop reason of a transaction whose token the CSMS has refused after it had begun."""


class Action(StrEnum):
    """What a driver does; `Crowd.watch` is told."""

    ARRIVE = "arrive"
    TURN_AWAY = "turn-away"
    PLUG_IN = "plug-in"
    TAP = "tap"
    STOP = "stop"
    UNPLUG = "unplug"
    LEAVE = "leave"


class Phase(Enum):
    """What a driver is about."""

    TO_PLUG = "to plug in"
    TO_TAP = "to present the card"
    ASKED = "waiting for the answer"
    WAITING = "waiting for the CSMS to start"
    PARKED = "away, or waiting for the car"
    TO_LEAVE = "to end the session"
    TO_UNPLUG = "to unplug"


class Visit:
    """A driver. evse: where his car is plugged in, else None. leave_at: monotonic time at which he comes back to his car."""

    __slots__ = (
        "_chance",
        "_counted_watt_hour",
        "_ended",
        "_forgetful",
        "_second_card",
        "_taps_to_leave",
        "_waits_at_car",
        "asked_at",
        "begun",
        "car",
        "evse",
        "leave_at",
        "phase",
        "remote",
        "seat",
        "stay_second",
        "token",
    )

    def __init__(self, seat: Seat, chance: Chance, car: Car, stay_second: float, tag: str) -> None:
        drivers = seat.habits.sessions.drivers
        self.seat = seat
        self.car = car
        self.stay_second = stay_second
        self._chance = chance
        card_first = chance.happens(drivers.card_first)
        self.remote = chance.happens(drivers.remote_start)
        wrong_card = chance.happens(drivers.wrong_card)
        self._waits_at_car = chance.happens(drivers.waits_at_car)
        self._forgetful = chance.happens(drivers.forgetful)
        self._taps_to_leave = chance.happens(drivers.taps_to_leave)
        self._second_card: str | None = tag if wrong_card else None
        self.token = drivers.wrong_card_id_tag if wrong_card else tag
        self.phase = Phase.TO_TAP if card_first and not self.remote else Phase.TO_PLUG
        self.evse: SimulatedEvse | None = None
        self.leave_at = 0.0
        self.asked_at = 0.0
        self.begun = False
        self._ended = False
        self._counted_watt_hour = 0.0

    # --- what he does --------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Do what is due."""
        _DEEDS[self.phase](self)

    def _plug_in(self) -> None:
        seat = self.seat
        station, evse = seat.station, seat.evse
        if station is None or evse is None or seat.world is None:
            self._give_up()
            return
        simulated = self.evse = seat.world.evse(seat.evse_id)
        self._counted_watt_hour = simulated.imported_watt_hour
        self._plan_leave()
        try:
            simulated.plug_in(self.car, self._connector(evse))
        except SimulationRefused:
            self.evse = None
            seat.crowd.counts.turned_away += 1  # somebody else was faster
            self._go(Action.TURN_AWAY)
            return
        seat.tell(Action.PLUG_IN)
        if self.phase is not Phase.TO_PLUG:
            return  # what followed at once has made up his mind
        if evse.authorization is not None:  # his card first, or nobody needs one here
            self._park()
        elif self.remote:
            self._next(Phase.WAITING, seat.habits.sessions.drivers.remote_patience_second)
        else:
            self._after_a_moment(Phase.TO_TAP)

    def _tap(self) -> None:
        seat = self.seat
        station, evse = seat.station, seat.evse
        if station is None or evse is None:
            self._give_up()
            return
        if self._is_mine(evse):
            self._accepted()
            return
        self.asked_at = seat.now()
        self._next(Phase.ASKED, seat.habits.sessions.drivers.patience_second)
        seat.tell(Action.TAP)
        if not seat.habits.asks:
            station.turn(_take_at_word, station, evse, self.token)
            if not self._is_mine(evse):
                self.refused(by_csms=False)
        elif not seat.present(self.token):
            self._give_up()  # there is no reader for his card

    def _lose_patience(self) -> None:
        evse = self.seat.evse
        if evse is not None and evse.authorization is not None and self.evse is not None:
            self._park()  # whoever it was for: his car is charged
            return
        self._give_up()

    def _come_back(self) -> None:
        """The time has come to end it."""
        seat = self.seat
        station, evse = seat.station, seat.evse
        if self.leave_at > seat.now() and self.phase is Phase.PARKED:
            seat.step_at = self.leave_at
            return
        if station is None or evse is None:
            self._after_a_moment(Phase.TO_UNPLUG)
            return
        if self._is_mine(evse) and (self._taps_to_leave or self._is_held()):
            seat.tell(Action.STOP)
            self.phase = Phase.TO_UNPLUG
            seat.present(self.token)
        elif evse.authorization is not None and self._is_held() and self.evse is not None:
            seat.tell(Action.STOP)  # started by the CSMS for whoever: the stop button ends it
            self.phase = Phase.TO_UNPLUG
            self.evse.press_stop()
        self._after_a_moment(Phase.TO_UNPLUG)

    def _unplug(self) -> None:
        simulated, seat = self.evse, self.seat
        if simulated is None or simulated.car is not self.car:
            self._go(Action.LEAVE)  # somebody else has pulled it
            return
        try:
            simulated.unplug()
        except SimulationRefused as refusal:
            if refusal.reason is not RefusalReason.PLUG_LOCKED:
                self._go(Action.LEAVE)
                return
            self._next(Phase.TO_UNPLUG, HURRY_SECOND if seat.crowd.hurries else LOCKED_RETRY_SECOND)
            self._ask_for_plug()
            return
        seat.tell(Action.UNPLUG)
        self._go(Action.LEAVE)

    def _ask_for_plug(self) -> None:
        """The lock holds the plug: show the card where that may help; otherwise wait for whoever unlocks."""
        seat = self.seat
        evse = seat.evse
        if evse is None:
            return
        owner = evse.authorization or evse.connector.kept_for
        if owner is None:
            return
        seat.tell(Action.STOP)
        if owner.token.same(Token(self.token)):
            seat.present(self.token)
        elif evse.authorization is not None and self.evse is not None:
            self.evse.press_stop()

    # --- what he sees --------------------------------------------------------------------------------------------------

    def authorized(self) -> None:
        """Somebody may charge at this EVSE; if it is him, he goes on."""
        evse = self.seat.evse
        if evse is None:
            return
        if self.phase is Phase.WAITING or (self.phase in (Phase.ASKED, Phase.TO_TAP) and self._is_mine(evse)):
            self._accepted()
        elif self.phase is Phase.TO_PLUG and self.evse is not None:
            self._park()

    def refused(self, *, by_csms: bool) -> None:
        """The card is not accepted: take another one, or leave. by_csms: it was asked, and has not said yes."""
        if self.phase is not Phase.ASKED:
            return
        if self._second_card is not None:
            self.token, self._second_card = self._second_card, None
            self._after_a_moment(Phase.TO_TAP)
            return
        self._count_refusal(by_csms=by_csms)
        self._leave_unserved()

    def _count_refusal(self, *, by_csms: bool) -> None:
        counts = self.seat.crowd.counts
        counts.refused += 1
        if by_csms:
            counts.refused_by_csms += 1
        else:
            counts.refused_by_station += 1

    def transaction_started(self) -> None:
        """The session is one that is billed."""
        if not self.begun:
            self.begun = True
            self.seat.crowd.counts.begun += 1
            duration = self.seat.habits.duration_second(self._chance)
            if duration is not None:
                self.leave_at = self.seat.now() + duration
                if self.phase is Phase.PARKED:
                    self.seat.step_at = self.leave_at

    def transaction_ended(self, reason: str) -> None:
        """It has ended, by him or without him."""
        self._count_end()
        if reason == REFUSED_AFTER_ALL and self.phase in (Phase.PARKED, Phase.ASKED):
            self._count_refusal(by_csms=True)
            self._leave_unserved()

    def car_paused(self) -> None:
        """The car has stopped asking for power: who waits for it leaves when it has what it wants."""
        plug = self.evse.plug if self.evse is not None else None
        if self._waits_at_car and self.phase is Phase.PARKED and plug is not None and plug.flow.satisfied:
            self._after_a_moment(Phase.TO_LEAVE)

    def power_gone(self) -> None:
        """The station is dark: who has not plugged in yet leaves; who waits for an answer gets none."""
        if self.evse is None or self.phase in (Phase.TO_TAP, Phase.ASKED, Phase.WAITING):
            self._give_up()

    def power_back(self) -> None:
        """The station is there again: see what has become of the session."""
        evse, world = self.seat.evse, self.seat.world
        if self.evse is None or evse is None or world is None:
            return
        if world.evse(self.seat.evse_id).car is not self.car:
            self._go(Action.LEAVE)  # this is another world: his car is not in it
        elif evse.transaction is None and self.begun:
            self._count_end()

    # --- inside --------------------------------------------------------------------------------------------------------

    def go_home(self) -> None:
        """The driver comes back to his car within a moment, whatever he had planned; not all in the same one."""
        self.leave_at = self.seat.now() + HURRY_SECOND * (0.1 + 0.9 * self._chance.random())
        if self.phase is Phase.PARKED:
            self.seat.step_at = self.leave_at
        elif self.phase in (Phase.TO_LEAVE, Phase.TO_UNPLUG):  # he is on his way, and hurries
            self.seat.step_at = min(self.seat.step_at, self.leave_at)
        elif self.phase in (Phase.TO_PLUG, Phase.TO_TAP, Phase.WAITING) and self.seat.station is not None:
            self._give_up()  # he has not begun

    def count_energy(self) -> None:
        """Count what has flowed since it was last counted."""
        if self.evse is not None:
            imported = self.evse.imported_watt_hour
            self.seat.crowd.counts.energy_watt_hour += imported - self._counted_watt_hour
            self._counted_watt_hour = imported

    def _accepted(self) -> None:
        if self.evse is None:
            self._after_a_moment(Phase.TO_PLUG)
        else:
            self._park()

    def _park(self) -> None:
        self.phase = Phase.PARKED
        self.seat.step_at = max(self.leave_at, self.seat.now())
        self.car_paused()  # it may have come full

    def _plan_leave(self) -> None:
        seat = self.seat
        stay = self.stay_second
        if self._forgetful:
            stay += self._chance.draw(seat.habits.sessions.drivers.overstay_second)
        self.leave_at = seat.now() + stay

    def _leave_unserved(self) -> None:
        if self.evse is None:
            self._go(Action.LEAVE)
        else:
            self._after_a_moment(Phase.TO_UNPLUG)

    def _give_up(self) -> None:
        self.seat.crowd.counts.abandoned += 1
        self._leave_unserved()

    def _go(self, action: Action) -> None:
        self.count_energy()
        self._count_end()
        self.evse = None
        self.seat.tell(action)
        self.seat.free()

    def _count_end(self) -> None:
        if self.begun and not self._ended:
            self._ended = True
            self.seat.crowd.counts.ended += 1

    def _next(self, phase: Phase, second: float) -> None:
        self.phase = phase
        self.seat.step_at = self.seat.now() + second

    def _after_a_moment(self, phase: Phase) -> None:
        second = self._chance.draw(self.seat.habits.sessions.drivers.handling_second)
        self._next(phase, min(second, HURRY_SECOND) if self.seat.crowd.hurries else second)

    def _is_mine(self, evse: Evse) -> bool:
        authorization = evse.authorization
        return authorization is not None and authorization.token.same(Token(self.token))

    def _is_held(self) -> bool:
        evse = self.seat.evse
        return evse is not None and evse.connector.locked

    def _connector(self, evse: Evse) -> int:
        able = [one.id for one in evse.connectors if one.operative]
        return able[self._chance.index(len(able))] if able else 1


def _take_at_word(station: ChargingStation, evse: Evse, tag: str) -> None:
    """Let the driver charge without asking anybody (requireAuthorize = false); the CSMS hears of him with the transaction."""
    token = Token(tag)
    if station.startable(evse, token):
        station.sessions.authorize(evse, token, ACCEPTED, origin="local", trigger="Authorized")


_DEEDS: Final[Mapping[Phase, Callable[[Visit], None]]] = {
    Phase.TO_PLUG: Visit._plug_in,
    Phase.TO_TAP: Visit._tap,
    Phase.ASKED: Visit._lose_patience,
    Phase.WAITING: Visit._lose_patience,
    Phase.PARKED: Visit._come_back,
    Phase.TO_LEAVE: Visit._come_back,
    Phase.TO_UNPLUG: Visit._unplug,
}
