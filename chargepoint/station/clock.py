"""Time: monotonic for intervals, wall clock for timestamps, and the one place where the two meet.

The wall clock is anchored on the monotonic one, so a step of the operating system's clock moves no timestamp. Who may anchor it anew is
the time source: the CSMS (BootNotification and Heartbeat; OCPP 2.0.1 B01, G02; 1.6 §4.2, §4.6), or a synchronised system clock.
"""

from collections.abc import Callable

from chargepoint.station.instant import Instant

EARLIEST_WALL, LATEST_WALL = 0.0, 221_845_392_000.0
"""The years 1970 to 8999. A CSMS whose clock is unset may send the first or the last instant that its language knows (the year 1, the
year 9999); with that as its time a station could write no timestamp any more."""


class Clock:
    """The station's clock.

    monotonic: seconds, never stepping back. system_wall: the operating system's clock, seconds since 1970 UTC. boot: counts process
    starts, kept in the store, so that an instant of an earlier process is known as such. of_csms: the station's time for that of a CSMS,
    where they do not run at the same speed.
    """

    __slots__ = ("_anchor_monotonic", "_anchor_wall", "_monotonic", "_of_csms", "_system_wall", "boot", "synchronised")

    def __init__(
        self,
        monotonic: Callable[[], float],
        system_wall: Callable[[], float],
        *,
        boot: int = 0,
        synchronised: bool = False,
        of_csms: Callable[[float], float] | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._of_csms = of_csms
        self._system_wall = system_wall
        self._anchor_monotonic = monotonic()
        self._anchor_wall = system_wall()
        self.boot = boot
        self.synchronised = synchronised

    def monotonic(self) -> float:
        """Seconds for intervals."""
        return self._monotonic()

    def wall(self) -> float:
        """Seconds since 1970 UTC, as well as the station knows."""
        return self._anchor_wall + (self._monotonic() - self._anchor_monotonic)

    def now(self) -> Instant:
        """This instant."""
        monotonic = self._monotonic()
        wall = self._anchor_wall + (monotonic - self._anchor_monotonic)
        return Instant(wall, monotonic, self.boot, self.synchronised)

    def at(self, monotonic: float) -> Instant:
        """The instant of a monotonic time of this boot."""
        return Instant(
            self._anchor_wall + (monotonic - self._anchor_monotonic), monotonic, self.boot, self.synchronised
        )

    def synchronise(self, wall: float) -> float:
        """Anchor the wall clock at `wall` seconds since 1970 UTC. Returns the step in seconds."""
        monotonic = self._monotonic()
        step = wall - (self._anchor_wall + (monotonic - self._anchor_monotonic))
        self._anchor_wall = wall
        self._anchor_monotonic = monotonic
        self.synchronised = True
        return step

    def of_csms(self, wall: float) -> float:
        """What a CSMS calls `wall`, seconds since 1970 UTC, in this station's time."""
        return wall if self._of_csms is None else self._of_csms(wall)

    def follow_system(self) -> float:
        """Anchor the wall clock at the operating system's. Returns the step in seconds."""
        return self.synchronise(self._system_wall())

    def seconds_of(self, instant: Instant) -> float:
        """Seconds since 1970 UTC of `instant`, corrected where it was noted before the clock was right."""
        if instant.synchronised or instant.boot != self.boot or not self.synchronised:
            return instant.wall
        return self._anchor_wall + (instant.monotonic - self._anchor_monotonic)

    def seconds_since(self, instant: Instant) -> float:
        """Seconds from `instant` until now; within one boot no step of the wall clock counts."""
        if instant.boot == self.boot:
            return self._monotonic() - instant.monotonic
        return self.wall() - self.seconds_of(instant)
