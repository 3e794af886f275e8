"""A contactor that is believed only as far as its mirror contact."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.board.contactor import Contactor, ContactorFailure, ContactorState, Mirror
from hal.contract import HardwareError, HardwareErrorReason
from hal.sim.clock import SimulatedTime


class Bench:
    """A contactor, its relay, and the board that hears of it."""

    def __init__(self, mirror: Mirror = Mirror.PRESENT) -> None:
        self.time = SimulatedTime()
        self.energised = False
        self.switched: list[tuple[float, bool]] = []
        self.moves: list[bool] = []
        self.failures: list[ContactorFailure] = []
        self.contactor = Contactor(
            self, self.time, mirror=mirror, minimum_closing_interval_second=10.0, feedback_timeout_second=0.25
        )
        self.contactor.start(closed=False)

    def energise_relay(self) -> None:
        self.energised = True
        self.switched.append((self.time.monotonic(), True))

    def release_relay(self) -> None:
        self.energised = False
        self.switched.append((self.time.monotonic(), False))

    def contactor_moved(self, closed: bool) -> None:
        self.moves.append(closed)

    def contactor_failed(self, failure: ContactorFailure) -> None:
        assert not self.energised, "the fault is told after the relay is off"
        self.failures.append(failure)

    def closes(self) -> None:
        self.contactor.want_closed()
        self.time.advance(0.02)
        self.contactor.mirror_changed(closed=True)
        assert self.contactor.state is ContactorState.CLOSED


def test_closed_is_what_the_mirror_contact_says() -> None:
    bench = Bench()
    bench.contactor.want_closed()
    assert (bench.energised, bench.contactor.closed, bench.moves) == (True, False, [])
    bench.contactor.mirror_changed(closed=True)
    assert (bench.contactor.closed, bench.moves) == (True, [True])


def test_without_a_mirror_contact_the_command_is_believed() -> None:
    bench = Bench(Mirror.ABSENT)
    bench.contactor.want_closed()
    assert bench.contactor.state is ContactorState.CLOSED
    bench.contactor.want_open()
    assert bench.contactor.state is ContactorState.OPEN
    assert bench.moves == [True, False]


def test_ten_seconds_lie_between_two_closings_and_opening_never_waits() -> None:
    bench = Bench()
    bench.closes()
    bench.contactor.want_open()
    assert not bench.energised
    bench.contactor.mirror_changed(closed=False)
    bench.contactor.want_closed()
    assert bench.contactor.state is ContactorState.DUE
    bench.time.advance(9.9)
    assert not bench.energised
    bench.time.advance(0.1)
    assert [at for at, on in bench.switched if on] == [0.0, 10.0]


def test_a_closing_that_is_due_can_be_called_off() -> None:
    bench = Bench()
    bench.closes()
    bench.contactor.want_open()
    bench.contactor.mirror_changed(closed=False)
    bench.contactor.want_closed()
    bench.contactor.want_open()
    bench.time.advance(60)
    assert not bench.energised
    assert bench.contactor.state is ContactorState.OPEN


def test_a_closing_asked_for_while_opening_comes_after_it() -> None:
    bench = Bench()
    bench.closes()
    bench.contactor.want_open()
    bench.contactor.want_closed()
    assert not bench.energised
    bench.contactor.mirror_changed(closed=False)
    bench.time.advance(10)
    assert bench.energised


def test_a_contactor_that_does_not_close_is_switched_off_and_reported() -> None:
    bench = Bench()
    bench.contactor.want_closed()
    bench.time.advance(0.25)
    assert not bench.energised
    assert bench.failures == [ContactorFailure.DID_NOT_CLOSE]
    bench.time.advance(0.25)
    assert bench.contactor.state is ContactorState.OPEN


def test_a_contactor_that_falls_open_is_switched_off_and_reported() -> None:
    bench = Bench()
    bench.closes()
    bench.contactor.mirror_changed(closed=False)
    assert not bench.energised
    assert bench.failures == [ContactorFailure.FELL_OPEN]
    assert bench.moves == [True, False]


def test_a_contactor_that_stays_closed_is_welded_for_good() -> None:
    bench = Bench()
    bench.closes()
    bench.contactor.want_open()
    bench.time.advance(0.25)
    assert bench.failures == [ContactorFailure.WELDED]
    bench.contactor.want_closed()
    bench.time.advance(60)
    assert not bench.energised
    bench.contactor.mirror_changed(closed=False)  # it came loose: still not to be trusted
    assert bench.moves == [True, False]
    bench.contactor.want_closed()
    bench.time.advance(60)
    assert not bench.energised
    assert bench.failures == [ContactorFailure.WELDED]


@pytest.mark.parametrize("due", [False, True])
def test_a_contactor_that_closes_unasked_is_welded(due: bool) -> None:
    bench = Bench()
    if due:
        bench.closes()
        bench.contactor.want_open()
        bench.contactor.mirror_changed(closed=False)
        bench.contactor.want_closed()
    bench.contactor.mirror_changed(closed=True)
    bench.time.advance(60)
    assert bench.failures == [ContactorFailure.WELDED]
    assert not bench.energised


async def test_forbidden_in_mid_flight_it_is_open_only_when_it_has_settled() -> None:
    bench = Bench()
    bench.contactor.want_closed()
    bench.contactor.want_open()
    opened = asyncio.ensure_future(bench.contactor.confirm_open())
    bench.time.advance(0.02)
    bench.contactor.mirror_changed(closed=True)  # the armature had already started
    await asyncio.sleep(0)
    assert not opened.done()
    bench.time.advance(0.02)
    bench.contactor.mirror_changed(closed=False)
    await opened
    assert bench.failures == []


async def test_forbidden_in_mid_flight_it_may_never_have_moved() -> None:
    bench = Bench()
    bench.contactor.want_closed()
    bench.contactor.want_open()
    opened = asyncio.ensure_future(bench.contactor.confirm_open())
    await asyncio.sleep(0)
    bench.time.advance(0.25)
    await opened
    assert bench.failures == []


async def test_those_who_wait_for_closing_hear_why_it_did_not() -> None:
    bench = Bench()
    bench.contactor.want_closed()
    waiting = asyncio.ensure_future(bench.contactor.confirm_closed())
    await asyncio.sleep(0)
    bench.contactor.want_open(HardwareError(HardwareErrorReason.REFUSED, "forbidden"))
    with pytest.raises(HardwareError, match="forbidden"):
        await waiting


async def test_those_who_wait_for_opening_hear_that_it_is_welded() -> None:
    bench = Bench()
    bench.closes()
    bench.contactor.want_open()
    waiting = asyncio.ensure_future(bench.contactor.confirm_open())
    await asyncio.sleep(0)
    bench.time.advance(0.25)
    with pytest.raises(HardwareError) as welded:
        await waiting
    assert welded.value.reason is HardwareErrorReason.WELDED
    with pytest.raises(HardwareError, match="welded"):  # and so does everybody after them
        await bench.contactor.confirm_open()
    bench.contactor.mirror_changed(closed=False)
    await bench.contactor.confirm_open()


async def test_nobody_waits_for_what_will_not_come() -> None:
    bench = Bench()
    with pytest.raises(HardwareError, match="not closing"):
        await bench.contactor.confirm_closed()
    bench.contactor.want_closed()
    bench.contactor.want_open()
    waiting = asyncio.ensure_future(bench.contactor.confirm_open())
    await asyncio.sleep(0)
    bench.contactor.abandon(HardwareError(HardwareErrorReason.NO_ANSWER, "unplugged"))
    with pytest.raises(HardwareError, match="unplugged"):
        await waiting
    bench.time.advance(60)
    assert bench.failures == []


def test_a_relay_that_cannot_be_reached_is_not_waited_for() -> None:
    class Unreachable(Bench):
        def energise_relay(self) -> None:
            self.contactor.abandon(HardwareError(HardwareErrorReason.NO_ANSWER, "unplugged"))

        def release_relay(self) -> None:
            self.energise_relay()

    bench = Unreachable()
    bench.contactor.want_closed()
    bench.time.advance(60)
    assert bench.contactor.state is ContactorState.OPEN
    bench.contactor.state = ContactorState.CLOSED
    bench.contactor.want_open()
    bench.time.advance(60)
    assert bench.contactor.state is ContactorState.OPEN


def test_at_start_a_closed_contactor_gets_the_time_of_the_relay_to_fall_off() -> None:
    bench = Bench()
    bench.contactor.start(closed=True)
    bench.time.advance(0.02)
    bench.contactor.mirror_changed(closed=False)
    bench.time.advance(1)
    assert bench.failures == []
    bench.contactor.start(closed=True)
    bench.time.advance(0.25)
    assert bench.failures == [ContactorFailure.WELDED]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["close", "open", "mirror closed", "mirror open"]),
            st.floats(0, 12).map(lambda second: ("wait", second)),
        ),
        max_size=60,
    ),
    st.sampled_from(Mirror),
)
def test_whatever_happens_off_is_off_at_once_and_closings_keep_their_distance(
    story: list[str | tuple[str, float]], mirror: Mirror
) -> None:
    bench = Bench(mirror)
    wanted = False
    for step in story:
        match step:
            case "close":
                bench.contactor.want_closed()
                wanted = True
            case "open":
                bench.contactor.want_open()
                wanted = False
            case "mirror closed" | "mirror open" if mirror is Mirror.PRESENT:
                bench.contactor.mirror_changed(closed=step == "mirror closed")
            case ("wait", float(second)):
                bench.time.advance(second)
        if not wanted or bench.contactor.state is ContactorState.WELDED:
            assert not bench.energised
    closings = [at for at, on in bench.switched if on]
    assert all(later - earlier >= 10.0 - 1e-6 for earlier, later in pairwise(closings))
