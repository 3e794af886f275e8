"""A bad network between a station and its CSMS: what is sent arrives late, in order, or twice.

It stands between the link and the connection, so it works on sockets and in memory. It is put only around stations that a fault of this
kind can strike; the others pay nothing.

A CALL that arrives twice is answered twice. The second answer is the fault's own doing and ends here: the station, and with it the report,
hears of an answer to nothing only where the CSMS has given more answers than it was asked for.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.rpc.frames import MessageType

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from chargepoint.link.channel import Channel, Handler
    from chargepoint.link.errors import LinkError
    from chargepoint.link.link import Dial
    from chargepoint.link.settings import LinkSettings
    from chargepoint.station.timers import Timer, Timers


DOUBLED_KEPT = 100
"""So many CALLs that were sent twice are remembered at most; a CSMS that tells repetitions apart answers them once, and for ever."""


class _Head(msgspec.Struct, array_like=True):
    """The first two elements of a message: a number and the message id."""

    kind: int
    message_id: str


_head = msgspec.json.Decoder(_Head)


class Trouble(NamedTuple):
    """What a fault does to a network; see `Weather`."""

    outward: tuple[float, float] = (0.0, 0.0)
    inward: tuple[float, float] = (0.0, 0.0)
    duplicate: float = 0.0


class Weather:
    """How a station's network is now. Seconds; probability from 0 to 1. Each direction: (least delay, at most so much more)."""

    __slots__ = ("_troubles", "chance", "duplicate", "inward", "outward", "timers")

    def __init__(self, timers: Timers, chance: random.Random) -> None:
        self.timers = timers
        self.chance = chance
        self.outward = (0.0, 0.0)
        self.inward = (0.0, 0.0)
        self.duplicate = 0.0
        self._troubles: dict[object, Trouble] = {}

    def begin(self, key: object, trouble: Trouble) -> None:
        """Add a trouble; delays of several add up."""
        self._troubles[key] = trouble
        self._sum()

    def end(self, key: object) -> None:
        """Take a trouble away."""
        self._troubles.pop(key, None)
        self._sum()

    def _sum(self) -> None:
        troubles = self._troubles.values()
        self.outward = sum(one.outward[0] for one in troubles), sum(one.outward[1] for one in troubles)
        self.inward = sum(one.inward[0] for one in troubles), sum(one.inward[1] for one in troubles)
        self.duplicate = max((one.duplicate for one in troubles), default=0.0)

    def dial(self, dial: Dial) -> Dial:
        """Dial through this weather."""

        def dial_through(settings: LinkSettings, handler: Handler) -> Channel:
            wire = Wire(self, handler)
            wire.channel = dial(settings, wire)
            return wire

        return dial_through


class Wire:
    """Channel to the link, handler to the connection."""

    __slots__ = ("_doubled", "_handler", "_in", "_out", "_weather", "channel")

    def __init__(self, weather: Weather, handler: Handler) -> None:
        self._weather = weather
        self._handler: Handler | None = handler
        self._in: _Pipe | None = None
        self._out: _Pipe | None = None
        self._doubled: dict[
            str, bool
        ] = {}  # CALLs that were sent twice, by message id: whether the first answer has come
        self.channel: Channel | None = None

    # --- the link's side ------------------------------------------------------------------------------------------------

    def send(self, text: str | bytes) -> None:
        """Send a message, late or twice."""
        weather = self._weather
        twice = bool(weather.duplicate) and weather.chance.random() < weather.duplicate
        if twice:
            self._double(text)
        for _ in range(2 if twice else 1):
            if self._out is None and not any(weather.outward):
                self._send(text)
            else:
                if self._out is None:
                    self._out = _Pipe(weather, self._out_empty)
                self._out.put(lambda: self._send(text), weather.outward)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, after what was sent before."""
        if self._out is not None:
            self._out.put(lambda: self._close(code, reason), (0.0, 0.0))
        else:
            self._close(code, reason)

    def abort(self) -> None:
        """Drop the connection, and everything under way."""
        self._handler = None
        self._drop()
        if self.channel is not None:
            self.channel.abort()

    def ping_interval_changed(self) -> None:
        """Pass it on."""
        if self.channel is not None:
            self.channel.ping_interval_changed()

    def root_certificate(self) -> bytes | None:
        """See `Channel.root_certificate`."""
        return self.channel.root_certificate() if self.channel is not None else None

    # --- the connection's side ------------------------------------------------------------------------------------------

    def opened(self, subprotocol: str) -> None:
        """Pass it on."""
        if self._handler is not None:
            self._handler.opened(subprotocol)

    def failed(self, error: LinkError) -> None:
        """Pass it on."""
        if self._handler is not None:
            self._handler.failed(error)

    def received(self, text: str) -> None:
        """A message has come; the link hears it later."""
        if self._doubled and self._second_answer(text):
            return
        weather = self._weather
        if self._in is None and not any(weather.inward):
            self._received(text)
        else:
            if self._in is None:
                self._in = _Pipe(weather, self._in_empty)
            self._in.put(lambda: self._received(text), weather.inward)

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone, and with it what is under way."""
        self._drop()
        if self._handler is not None:
            self._handler.closed(code, reason)

    # --- inside -----------------------------------------------------------------------------------------------------------

    def _double(self, text: str | bytes) -> None:
        """Remember that a second answer is to be expected, where there is an answer at all."""
        kind, message_id = _head_of(text)
        if kind == MessageType.CALL:
            self._doubled[message_id] = False
            if len(self._doubled) > DOUBLED_KEPT:
                del self._doubled[next(iter(self._doubled))]

    def _second_answer(self, text: str) -> bool:
        """Whether this answers a CALL for the second time, because it was sent twice."""
        kind, message_id = _head_of(text)
        if kind not in (MessageType.CALL_RESULT, MessageType.CALL_ERROR):
            return False
        answered = self._doubled.get(message_id)
        if answered is None:
            return False
        if not answered:
            self._doubled[message_id] = True
            return False
        del self._doubled[message_id]
        return True

    def _send(self, text: str | bytes) -> None:
        if self.channel is not None:
            self.channel.send(text)

    def _close(self, code: int, reason: str) -> None:
        if self.channel is not None:
            self.channel.close(code, reason)

    def _received(self, text: str) -> None:
        if self._handler is not None:
            self._handler.received(text)

    def _out_empty(self) -> None:
        self._out = None

    def _in_empty(self) -> None:
        self._in = None

    def _drop(self) -> None:
        for pipe in (self._out, self._in):
            if pipe is not None:
                pipe.drop()
        self._out = self._in = None


def _head_of(text: str | bytes) -> tuple[int, str]:
    """Message type and id, as far as there are some."""
    try:
        head = _head.decode(text)
    except (ValueError, RecursionError):  # of a CSMS that says anything
        return 0, ""
    return head.kind, head.message_id


class _Pipe:
    """What is under way in one direction; nothing overtakes."""

    __slots__ = ("_empty", "_things", "_timer", "_weather")

    def __init__(self, weather: Weather, empty: Callable[[], None]) -> None:
        self._weather = weather
        self._empty = empty
        self._things: deque[tuple[float, Callable[[], None]]] = deque()
        self._timer: Timer | None = None

    def put(self, thing: Callable[[], None], delay: tuple[float, float]) -> None:
        """Have `thing` arrive after the delay, and after what was put before it."""
        least, more = delay
        arrival = self._weather.timers.monotonic() + least + (self._weather.chance.random() * more if more else 0.0)
        if self._things:
            arrival = max(arrival, self._things[-1][0])
        self._things.append((arrival, thing))
        if self._timer is None:
            self._timer = self._weather.timers.call_at(arrival, self._arrive)

    def drop(self) -> None:
        """Lose what is under way."""
        self._things.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arrive(self) -> None:
        self._timer = None
        _arrival, thing = self._things.popleft()
        if self._things:
            self._timer = self._weather.timers.call_at(self._things[0][0], self._arrive)
        else:
            self._empty()
        thing()
