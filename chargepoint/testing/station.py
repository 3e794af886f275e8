"""One simulated charging station in a test: what a driver, a vehicle or an accident does to it, and what can be seen of it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar, overload

import msgspec

from chargepoint.api.agent import RefusalReason, VerbRefused
from chargepoint.api.verbs import VERBS
from chargepoint.testing.messages import Event, Exchange, Frame, Log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chargepoint.api.agent import ConnectorView, Description, Direction, EvseView, TransactionView
    from chargepoint.fleet.member import Member

T = TypeVar("T")

EVENTS_KEPT = 10_000
LOOK_SECOND = 0.1
"""How often a condition is looked at when nothing happens: some depend on time alone, such as the power that a car takes."""
TIMEOUT_SECOND = 10.0
SHOWN = 15
"""How many of the latest frames a failure shows."""


class NotYetError(AssertionError):
    """What a test has waited for did not come about in time; the text says how things are instead."""


class Station:
    """A station. Its verbs return at once; what comes of them is waited for with `until`.

    frames, events: what went over the wire and what happened, oldest first. Times are seconds of the event loop's clock.
    Verbs raise `chargepoint.api.agent.VerbRefused` where the world forbids them: nothing is plugged in, the plug is locked, it is off.
    """

    def __init__(self, member: Member) -> None:
        self._member = member
        self._loop = asyncio.get_running_loop()
        self._log = Log()
        self._waiting: list[asyncio.Future[None]] = []
        self._seen: dict[tuple[str, str], int] = {}
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._events_seen = 0
        member.on_start = self._started
        self._started(member)

    # --- verbs ----------------------------------------------------------------------------------------------------------

    def plug_in(self, evse: int = 1, **car: Any) -> None:
        """A car plugs in. car: as of the verb `plug`, e.g. maximum_ampere, phases, target_watt_hour, leave_after_second."""
        self.verb("plug", evse=evse, **car)

    def unplug(self, evse: int = 1, **how: Any) -> None:
        """The driver unplugs."""
        self.verb("unplug", evse=evse, **how)

    def tap(self, token: str = "04AABBCC", *, evse: int | None = None, **what: Any) -> None:  # noqa: S107 - a card's number
        """A driver presents a token. evse: that he has chosen at the display; None = the reader's."""
        if evse is not None:
            what["evses"] = (evse,)
        self.verb("tap", token=token, **what)

    def fault(self, name: str, evse: int = 1, **more: Any) -> None:
        """Something breaks, and stays broken. name: of a `hal.fault.FaultName`, e.g. "GroundFailure"."""
        self.verb("fault", name=name, evse=evse, **more)

    def clear_fault(self, name: str, evse: int = 1, **more: Any) -> None:
        """A fault is over."""
        self.verb("clear-fault", name=name, evse=evse, **more)

    def verb(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Carry out any verb of `chargepoint ctl`, e.g. `verb("meter-freeze", evse=1)`.

        Raises: VerbRefused, with a sentence. msgspec.ValidationError: the arguments are not the verb's.
        """
        known = VERBS.get(name)
        if known is None or name in ("watch", "cut-power"):
            raise VerbRefused(RefusalReason.UNKNOWN_VERB, f"there is no verb {name!r} here")
        agent = self._member.agent
        if agent is None:
            raise VerbRefused(RefusalReason.NOT_READY, "the station is switched off; switch it on with power_on()")
        return agent.verb(name, msgspec.convert(arguments, known.arguments))

    def cut_power(self) -> None:
        """Cut the power: contactors fall open, the connection dies without a goodbye, and what was stored is there at the next start."""
        self._member.power_off()
        self._changed()

    def power_on(self) -> None:
        """Give the power back; the car is still plugged in, and the station resumes or ends what it had stored."""
        self._member.power_on()

    def restart(self) -> None:
        """End in good order, and start anew after some seconds."""
        self._member.restart()

    def cut_link(self, for_second: float | None = None) -> None:
        """Take its network away, for some seconds or until `restore_link`; what it has to say waits in its queue."""
        self._member.cut_link(for_second)
        self._changed()

    def restore_link(self) -> None:
        """Give its network back."""
        self._member.restore_link()

    # --- what can be seen -----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Its identity."""
        return self._member.plan.id

    @property
    def on(self) -> bool:
        """Whether it is switched on, or is restarting."""
        return self._member.on

    @property
    def connected(self) -> bool:
        """Whether it has a connection."""
        agent = self._member.agent
        return agent is not None and agent.link is not None and agent.link.connected

    @property
    def version(self) -> str | None:
        """The OCPP version of its connection; None while there is none."""
        agent = self._member.agent
        return (agent.link.version or None) if agent is not None and agent.link is not None else None

    @property
    def registration(self) -> str | None:
        """The CSMS's answer to its BootNotification: "Accepted", "Pending" or "Rejected"; None before there is one."""
        agent = self._member.agent
        return agent.station.provisioning.registration if agent is not None and agent.station is not None else None

    @property
    def description(self) -> Description:
        """All of it as it is now. Raises: VerbRefused: it is switched off."""
        agent = self._member.agent
        if agent is None:
            raise VerbRefused(RefusalReason.NOT_READY, "the station is switched off")
        return agent.describe()

    def evse(self, evse: int = 1) -> EvseView:
        """An EVSE as it is now: pilot, power_watt, energy_watt_hour, transaction, faults …"""
        return next(one for one in self.description.evses if one.id == evse)

    def connector(self, evse: int = 1, connector: int = 1) -> ConnectorView:
        """A connector as it is now."""
        return next(one for one in self.evse(evse).connectors if one.id == connector)

    def status(self, evse: int = 1, connector: int = 1) -> str:
        """The status of a connector, as the CSMS was last told."""
        return self.connector(evse, connector).status

    @property
    def transactions(self) -> list[TransactionView]:
        """Those that run."""
        return [one.transaction for one in self.description.evses if one.transaction is not None]

    @property
    def queued(self) -> int:
        """How many messages wait to be delivered."""
        agent = self._member.agent
        return agent.outbox.queued if agent is not None and agent.outbox is not None else 0

    @property
    def frames(self) -> list[Frame]:
        """What went over the wire, passwords and tokens included."""
        return list(self._log.frames)

    def sent(self, action: str | None = None) -> list[Exchange]:
        """What the station has asked or told the CSMS, and how it was answered."""
        return self._log.by("station", action)

    def received(self, action: str | None = None) -> list[Exchange]:
        """What the CSMS has asked the station, and how it was answered."""
        return self._log.by("csms", action)

    # --- waiting --------------------------------------------------------------------------------------------------------

    @overload
    async def until(self, what: str, timeout_second: float = TIMEOUT_SECOND) -> Event: ...

    @overload
    async def until(self, what: Callable[[], T], timeout_second: float = TIMEOUT_SECOND) -> T: ...

    async def until(self, what: str | Callable[[], Any], timeout_second: float = TIMEOUT_SECOND) -> Any:
        """Wait until a condition holds, and return its value; or for an event by its name, and return it.

        An event that has come since the last wait for an event counts, so that nothing is missed between two lines of a test. A condition
        is looked at whenever something happens, and ten times a second. Raises: NotYetError.
        """
        if isinstance(what, str):
            return await self._until(lambda: self._event(what), timeout_second, f"no event {what!r} came")
        return await self._until(what, timeout_second, "the condition did not hold")

    async def until_sent(
        self,
        action: str,
        where: Callable[[dict[str, Any]], object] = lambda _payload: True,
        timeout_second: float = TIMEOUT_SECOND,
    ) -> Exchange:
        """Wait until the station has sent this, and has its answer; one that an earlier call has returned, or passed over, counts no more.

        where: which payload. Raises: NotYetError.
        """
        return await self._until(
            lambda: self._exchange("station", action, where),
            timeout_second,
            f"no answered {action} of the station came",
        )

    async def until_received(
        self,
        action: str,
        where: Callable[[dict[str, Any]], object] = lambda _payload: True,
        timeout_second: float = TIMEOUT_SECOND,
    ) -> Exchange:
        """As `until_sent`, for what the CSMS asks and the station has answered."""
        return await self._until(
            lambda: self._exchange("csms", action, where), timeout_second, f"no {action} of the CSMS came"
        )

    async def _until(self, condition: Callable[[], T | None], timeout_second: float, failure: str) -> T:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_second
        while not (value := condition()):
            left = end - loop.time()
            if left <= 0:
                raise NotYetError(f"{failure} within {timeout_second:g} s\n{self.summary()}")
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.append(future)
            timer = loop.call_later(min(left, LOOK_SECOND), _wake, future)
            try:
                await future
            finally:
                timer.cancel()
                if future in self._waiting:
                    self._waiting.remove(future)
        return value

    def summary(self) -> str:
        """How things are, for whoever has to find out why a test has failed."""
        lines = [f"{self.id}: {'on' if self.on else 'off'}, {'connected' if self.connected else 'not connected'}"]
        if self._member.agent is not None:
            lines[0] += f", registration {self.registration}, {self.queued} queued"
            for evse in self.description.evses:
                connectors = ", ".join(f"connector {one.id} {one.status}" for one in evse.connectors)
                charging = "no transaction" if evse.transaction is None else f"transaction {evse.transaction.id}"
                lines.append(f"  EVSE {evse.id}: {connectors}, pilot {evse.pilot}, {charging}")
        lines += [f"  {frame}" for frame in list(self._log.frames)[-SHOWN:]]
        return "\n".join(lines)

    def _event(self, name: str) -> Event | None:
        new = list(self.events)[-self._events_seen :] if self._events_seen else []
        for index, event in enumerate(new):
            if event.name == name:
                self._events_seen = len(new) - index - 1
                return event
        return None

    def _exchange(self, by: Any, action: str, where: Callable[[dict[str, Any]], object]) -> Exchange | None:
        exchanges = self._log.by(by, action)
        for index in range(self._seen.get((by, action), 0), len(exchanges)):
            one = exchanges[index]
            if where(one.payload):
                if not one.answered:
                    return None
                self._seen[by, action] = index + 1
                return one
        return None

    # --- what happens ---------------------------------------------------------------------------------------------------

    def framed(self, direction: Direction, raw: bytes) -> None:
        """A frame has passed."""
        self._log.add(self._loop.time(), direction, raw)
        self._changed()

    def _started(self, member: Member) -> None:
        if member.agent is not None:
            member.agent.subscribe(self._heard)
            self._changed()

    def _heard(self, event: str, details: Mapping[str, Any]) -> None:
        self.events.append(Event(self._loop.time(), event, dict(details)))
        self._events_seen += 1
        self._changed()

    def _changed(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            _wake(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
