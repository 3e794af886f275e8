"""A car at a connector: how it reads the pilot, when it asks for power, and what it takes."""

from typing import TYPE_CHECKING, Final

from hal.contract import PilotState
from hal.sim.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.contract import Cancellable
    from hal.sim.car import Cable, Car
    from hal.sim.evse import SimulatedEvse

__all__ = ["Plug"]

_SHORTEST_WAIT_SECOND: Final = 0.001


class Plug:
    """The vehicle side of one EVSE from plugging in to unplugging; an EVSE without a car has none.

    asks: S2 in the car is closed (state C or D). seen_ampere: the offer that the car acts on, which trails the pilot by the car's
    reaction time.
    """

    __slots__ = (
        "_evse",
        "_ready",
        "_timers",
        "_was_offered",
        "asks",
        "car",
        "flow",
        "leaving",
        "paused",
        "seen_ampere",
    )

    def __init__(self, evse: "SimulatedEvse", car: "Car") -> None:
        world = evse.world
        self._evse = evse
        self._ready = car.start_delay_second == 0
        self._was_offered = False
        self._timers: dict[str, Cancellable] = {}
        self.car = car
        self.asks = False
        self.paused = False
        self.leaving = False
        self.seen_ampere = 0.0
        direct = evse.path.options.direct_current
        self.flow = Flow(car, world.supply, world.seed, world.time.monotonic(), direct_current=direct)

    @property
    def state(self) -> PilotState:
        """What the car does to the pilot."""
        if not self.asks:
            return PilotState.B
        return PilotState.D if self.car.needs_ventilation else PilotState.C

    def arrive(self) -> None:
        """The pilot is connected: start the clocks of the car and its driver."""
        if not self._ready:
            self._start("start", self.car.start_delay_second, self._begin)
        if self.car.leave_after_second is not None:
            self._start("leave", self.car.leave_after_second, self._leave)
        self.follow_offer()

    def depart(self) -> None:
        """The pilot is gone: nothing of this car happens any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self.asks = False

    def follow_offer(self) -> None:
        """The pilot offers something else: the car notices after its reaction time."""
        if self._evse.path.offer_ampere == self.seen_ampere and "reaction" not in self._timers:
            return
        if self.car.reaction_second == 0:
            self._react()
        elif "reaction" not in self._timers:
            self._start("reaction", self.car.reaction_second, self._react)

    def decide(self) -> None:
        """Open or close S2 as the car now sees things, and take the current that belongs to it."""
        car = self.car
        wants = self._ready and not self.paused and not self.flow.satisfied
        may = self.seen_ampere >= car.minimum_ampere or (car.ignores_offer and self._was_offered)
        asks = wants and may
        if asks is not self.asks:
            self.asks = asks
            self._evse.path.look()
        self._evse.update_flow()

    def cap_ampere(self, cable: "Cable") -> float:
        """The current that offer and cable leave to the charger of a car that asks."""
        return cable.ampere if self.car.ignores_offer else min(self.seen_ampere, cable.ampere)

    def await_satisfaction(self) -> None:
        """Set the one timer that ends the charge; call after each change of the flow."""
        timer = self._timers.pop("satisfied", None)
        if timer is not None:
            timer.cancel()
        if self.flow.cap_ampere > 0 and not self.flow.satisfied:
            self._start(
                "satisfied", max(_SHORTEST_WAIT_SECOND, self.flow.soonest_stop_second()), self._check_satisfaction
            )

    def _start(self, name: str, second: float, action: "Callable[[], None]") -> None:
        evse, timers = self._evse, self._timers

        def run() -> None:
            timers.pop(name, None)
            action()
            evse.world.deliver()

        timers[name] = evse.world.time.call_later(second, run)

    def _begin(self) -> None:
        self._ready = True
        self.decide()

    def _react(self) -> None:
        self.seen_ampere = self._evse.path.offer_ampere
        if self.seen_ampere >= self.car.minimum_ampere:
            self._was_offered = True
        self.decide()

    def _check_satisfaction(self) -> None:
        self._evse.settle()
        if self.flow.satisfied:
            self.decide()
        else:
            self.await_satisfaction()

    def _leave(self) -> None:
        self.leaving = True
        self._evse.leave_if_free()
