"""What holds whatever the world and the agent do, in whatever order."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hal.contract import FaultName, HardwareError, HardwareErrorReason, PilotState
from hal.fault import EFFECTS
from hal.sim.battery import ChargingCurve
from hal.sim.board_options import BoardOptions
from hal.sim.bolt import BoltMode
from hal.sim.car import Cable, Car
from hal.sim.contactor import ContactorMode
from hal.sim.refusal import SimulationRefused
from tests.hal.sim.bench import Bench, drive

STEP_SECOND = 0.25  # every delay below is a multiple, so that what begins and ends does so between two looks

cars = st.builds(
    Car,
    battery_watt_hour=st.sampled_from([2_000.0, 60_000.0]),
    state_of_charge=st.floats(0, 1),
    maximum_ampere=st.sampled_from([10.0, 16.0, 32.0]),
    phases=st.integers(1, 3),
    curve=st.sampled_from([*ChargingCurve, ((0.0, 0.2), (0.5, 1.0), (1.0, 0.1))]),
    reaction_second=st.sampled_from([0.0, 0.5, 5.0]),
    start_delay_second=st.sampled_from([0.0, 10.0]),
    target_watt_hour=st.sampled_from([None, 200.0]),
    leave_after_second=st.sampled_from([None, 60.0]),
    needs_ventilation=st.booleans(),
    ignores_offer=st.booleans(),
    cable=st.builds(Cable, ampere=st.sampled_from([13.0, 20.0, 32.0]), phases=st.sampled_from([1, 3])),
)
boards = st.builds(
    BoardOptions,
    minimum_ampere=st.sampled_from([1.0, 6.0]),
    ventilation=st.booleans(),
    watchdog_second=st.sampled_from([0.0, 3.0]),
    close_delay_second=st.sampled_from([0.0, 0.25]),
)
limits = st.one_of(st.sampled_from([0.0, 5.9, 6.0, 16.0, 32.0, 63.0]), st.floats(0, 80))
modes = st.sampled_from([mode for mode in ContactorMode if mode not in (ContactorMode.WELDED, ContactorMode.SLOW)])


class AnEvse(RuleBasedStateMachine):
    """Verbs and calls in any order, with what must hold after each of them."""

    @initialize(options=boards, seed=st.integers(0, 2**32))
    def build(self, options: BoardOptions, seed: int) -> None:
        self.bench = Bench(options, seed=seed)
        self.permitted = False
        self.energy = 0.0
        self.offers: list[tuple[float, float]] = []

    def world(self, verb: Callable[..., None], *arguments: object) -> None:
        with suppress(SimulationRefused):
            verb(*arguments)

    @rule(car=cars)
    def plug_in(self, car: Car) -> None:
        self.world(self.bench.evse.plug_in, car)

    @rule(
        verb=st.sampled_from(
            [
                "unplug",
                "detach_car",
                "pull_by_force",
                "pause",
                "resume",
                "break_contact",
                "restore_contact",
                "press_stop",
            ]
        )
    )
    def act(self, verb: str) -> None:
        self.world(getattr(self.bench.evse, verb))

    @rule(state=st.one_of(st.none(), st.sampled_from(PilotState)))
    def force_pilot(self, state: PilotState | None) -> None:
        self.bench.evse.set_pilot(state)

    @rule(name=st.sampled_from([FaultName.GROUND_FAILURE, FaultName.VENDOR_WARNING]))
    def raise_fault(self, name: FaultName) -> None:
        self.bench.evse.raise_fault(name)
        self.permitted = self.permitted and not EFFECTS[name].stops

    @rule(name=st.sampled_from([FaultName.GROUND_FAILURE, FaultName.VENDOR_WARNING]))
    def clear_fault(self, name: FaultName) -> None:
        self.bench.evse.clear_fault(name)

    @rule(mode=modes)
    def set_contactor(self, mode: ContactorMode) -> None:
        self.bench.evse.set_contactor(mode)

    @rule(mode=st.sampled_from(BoltMode))
    def fail_lock(self, mode: BoltMode) -> None:
        self.bench.evse.fail_lock(mode)

    @rule(limit=limits, phases=st.sampled_from([1, 3]))
    def permit(self, limit: float, phases: int) -> None:
        with suppress(HardwareError):
            self.bench.permit(limit, phases)
            self.permitted = True

    @rule()
    def forbid(self) -> None:
        try:
            self.bench.forbid()
        except HardwareError as error:
            if error.reason is HardwareErrorReason.NO_ANSWER:
                return
        self.permitted = False

    @rule(available=st.booleans())
    def set_available(self, available: bool) -> None:
        with suppress(HardwareError):
            drive(self.bench.board.set_available(available))
            self.permitted = self.permitted and available

    @rule(call=st.sampled_from(["lock", "unlock"]))
    def move_lock(self, call: str) -> None:
        with suppress(HardwareError):
            drive(getattr(self.bench.lock, call)())

    @rule(steps=st.integers(1, 60))
    def wait(self, steps: int) -> None:
        """Energy is the integral of power: each step errs by at most the height of what changed within it."""
        before, integral, slack = self.bench.evse.imported_watt_hour, 0.0, 1e-6
        watt = self.watt
        for _ in range(steps):
            self.bench.advance(STEP_SECOND)
            next_watt = self.watt
            integral += (watt + next_watt) / 2 * STEP_SECOND / 3600
            slack += abs(next_watt - watt) / 2 * STEP_SECOND / 3600
            watt = next_watt
        assert self.bench.evse.imported_watt_hour - before == pytest.approx(integral, abs=slack)

    @rule(second=st.floats(0, 20_000))
    def wait_long(self, second: float) -> None:
        self.bench.advance(round(second / STEP_SECOND) * STEP_SECOND)

    @property
    def watt(self) -> float:
        return self.bench.shown("Power.Active.Import")

    @invariant()
    def energy_never_falls(self) -> None:
        energy = self.bench.sample().energy_import_watt_hour
        assert energy is not None
        assert energy >= self.energy
        self.energy = energy

    @invariant()
    def the_contactor_is_closed_only_where_it_may_be(self) -> None:
        evse = self.bench.evse
        if not evse.contactor_closed:
            return
        assert self.permitted
        assert evse.stopping_fault() is None
        assert self.bench.pilot in (PilotState.C, PilotState.D)
        assert self.bench.pilot is not PilotState.D or evse.path.options.ventilation

    @invariant()
    def a_car_draws_no_more_than_it_was_offered_within_its_reaction_time(self) -> None:
        evse, now = self.bench.evse, self.bench.time.monotonic()
        self.offers.append((now, evse.offered_ampere))
        car = evse.car
        if car is None or car.ignores_offer:
            return
        in_force = [offer for second, offer in self.offers if second >= now - car.reaction_second]
        before = [offer for second, offer in self.offers if second < now - car.reaction_second]
        assert evse.drawn_ampere <= max(in_force + before[-1:])
        assert evse.drawn_ampere <= min(car.maximum_ampere, evse.cable_ampere())

    @invariant()
    def nothing_flows_through_open_contacts(self) -> None:
        if not self.bench.evse.contactor_closed:
            assert self.bench.evse.drawn_ampere == 0
            assert self.watt == 0

    @invariant()
    def the_battery_stays_between_empty_and_full(self) -> None:
        car = self.bench.evse.car
        assert car is None or 0 <= car.state_of_charge <= 1

    @precondition(lambda self: self.bench.evse.path.in_contact)
    @invariant()
    def the_agent_was_told_what_is_so(self) -> None:
        path = self.bench.evse.path
        told = {type(record.entry).__name__: record.entry for record in self.bench.told}
        if "PilotStateChanged" in told:
            assert told["PilotStateChanged"].state is path.pilot
        if "ContactorChanged" in told:
            assert told["ContactorChanged"].closed is path.contactor.feedback_closed


AnEvse.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnEvse = AnEvse.TestCase


# --- determinism ------------------------------------------------------------------------------------------------------

Deed = tuple[str, object]
scripts = st.lists(
    st.one_of(
        st.tuples(st.just("plug_in"), st.sampled_from([6.0, 16.0, 32.0])),
        st.tuples(st.just("permit"), limits),
        st.tuples(st.just("advance"), st.floats(0, 4000)),
        st.tuples(st.sampled_from(["forbid", "unplug", "pause", "resume"]), st.none()),
    ),
    max_size=25,
)


def perform(script: list[Deed], seed: int) -> tuple[Bench, list[float]]:
    bench, shown = Bench(seed=seed), list[float]()
    for name, argument in script:
        with suppress(SimulationRefused):
            if name == "plug_in":
                bench.evse.plug_in(Car(maximum_ampere=argument))
            elif name in ("permit", "advance"):
                getattr(bench, name)(argument)
            elif name == "forbid":
                bench.forbid()
            else:
                getattr(bench.evse, name)()
        shown += bench.sample().values.values()
    return bench, shown


@given(script=scripts, seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_the_same_seed_gives_the_same_history_and_the_same_readings(script: list[Deed], seed: int) -> None:
    (one, shown), (other, shown_again) = perform(script, seed), perform(script, seed)
    assert one.evse.history == other.evse.history
    assert shown == shown_again


def test_another_seed_gives_other_readings() -> None:
    script: list[Deed] = [("plug_in", 16.0), ("permit", 16.0), ("advance", 3600)]
    assert perform(script, 1)[1] != perform(script, 2)[1]
