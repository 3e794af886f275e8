"""One charging session from outside: what a driver does, what must come of it, and an account of the messages."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec

from chargepoint.api import verbs
from chargepoint.api.agent import Agent, Details, Direction
from chargepoint.cli import output

TOKEN: Final = "04A2B3C4D5E6F7"  # noqa: S105  # the number of a card that everybody may know
_CHARGING_SECOND: Final = 200.0
_SHORT_CHARGING_SECOND: Final = 15.0
_PATIENCE_SECOND: Final = 15.0
_TOLD: Final = (("StartTransaction", "TransactionEvent Started"), ("StopTransaction", "TransactionEvent Ended"))
"""What the central system must have been told, in the words of 1.6 or of 2.x."""
_CALL, _RESULT, _SEND = 2, 3, 6
_ERRORS: Final = {4: "was answered with an error", 5: "had its answer refused"}


class Ledger:
    """Counts the frames of a station, and remembers which calls wait for an answer. show: told every frame."""

    def __init__(self, show: Callable[[str, bytes], None] | None = None) -> None:
        self.sent = 0
        self.received = 0
        self.actions: list[str] = []
        self.errors: list[str] = []
        self._open: dict[tuple[Direction, str], str] = {}
        self._show = show

    def frame(self, station: str, direction: Direction, frame: bytes) -> None:
        """Take down a frame; the shape of `FrameSink`."""
        if direction == Direction.SENT:
            self.sent += 1
        else:
            self.received += 1
        if self._show is not None:
            self._show(direction, frame)
        kind, identifier, *rest = msgspec.json.decode(frame)
        if kind in (_CALL, _SEND):
            if kind == _CALL:
                self._open[direction, identifier] = rest[0]
            if direction == Direction.SENT:
                self.actions.append(_action(rest[0], rest[1]))
            return
        asked = Direction.RECEIVED if direction == Direction.SENT else Direction.SENT
        action = self._open.pop((asked, identifier), "a call that was never made")
        if kind != _RESULT:
            self.errors.append(
                f"{action} {_ERRORS.get(kind, f'got message type {kind}')}: {' '.join(map(str, rest[:2]))}"
            )

    @property
    def unanswered(self) -> list[str]:
        """The calls of either side that wait for an answer."""
        return list(self._open.values())


def _action(action: str, payload: dict[str, Any]) -> str:
    return f"{action} {payload['eventType']}" if action == "TransactionEvent" else action


class Session:
    """A car at EVSE 1: plugged in, a card, energy, the card again, unplugged.

    tap: how a card is held to a reader; by default to the simulated one.
    """

    def __init__(
        self, agent: Agent, ledger: Ledger, *, speed: float, tap: Callable[[str], object] | None = None
    ) -> None:
        self._agent = agent
        self._ledger = ledger
        self._charging_second = _CHARGING_SECOND / speed if speed > 1 else _SHORT_CHARGING_SECOND
        self._tap = tap or (lambda token: agent.verb("tap", verbs.Tap(token=token, evses=(1,))))
        self._happened: dict[str, Details] = {}
        self._news = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        """The account of the session; `problems` is empty when all went well."""
        unsubscribe = self._agent.subscribe(self._note)
        problems: list[str] = []
        try:
            await self._play()
        except TimeoutError as error:
            problems.append(str(error))
        finally:
            unsubscribe()
        ended = self._happened.get("transaction_ended", {})
        energy = ended.get("energy_watt_hour")
        if ended and not energy:
            problems.append("no energy flowed")
        problems.extend(self._ledger.errors)
        sent = set(self._ledger.actions)
        problems.extend(f"{' or '.join(wanted)} was not sent" for wanted in _TOLD if not sent & set(wanted))
        if self._ledger.unanswered:
            problems.append(f"not answered: {', '.join(self._ledger.unanswered)}")
        return {
            "ocpp": self._agent.describe().link.version,
            "energy_watt_hour": energy,
            "duration_second": ended.get("duration_second"),
            "reason": ended.get("reason"),
            "messages_sent": self._ledger.sent,
            "messages_received": self._ledger.received,
            "problems": problems,
        }

    async def _play(self) -> None:
        await self._until(
            "the central system did not accept the station", lambda: self._link.registration == "Accepted"
        )
        await self._until(
            "the meter gave no reading", lambda: self._agent.describe().evses[0].energy_watt_hour is not None
        )
        output.talk("a car plugs in at EVSE 1, and its driver taps a card")
        self._agent.verb("plug", verbs.Plug(evse=1, state_of_charge=0.2))
        self._tap(TOKEN)
        await self._until("no transaction began", lambda: "transaction_started" in self._happened)
        await self._until("the contactor did not close", lambda: self._agent.describe().evses[0].contactor_closed)
        output.talk("the car charges")
        await asyncio.sleep(self._charging_second)
        output.talk("the driver taps the card again")
        self._tap(TOKEN)
        await self._until("the transaction did not end", lambda: "transaction_ended" in self._happened)
        await self._until("the plug was not unlocked", lambda: not self._agent.describe().evses[0].connectors[0].locked)
        output.talk("the driver unplugs and leaves")
        self._agent.verb("unplug", verbs.Unplug(evse=1))
        await self._until("messages are left over", lambda: self._link.waiting == 0 and not self._ledger.unanswered)

    @property
    def _link(self) -> Any:
        return self._agent.describe().link

    def _note(self, event: str, details: Details) -> None:
        self._happened[event] = details
        self._news.set()

    async def _until(self, otherwise: str, is_so: Callable[[], bool]) -> None:
        """Wait until it is so. Raises: TimeoutError with `otherwise`."""
        try:
            async with asyncio.timeout(_PATIENCE_SECOND):
                while not is_so():
                    self._news.clear()
                    try:
                        async with asyncio.timeout(0.05):  # answers of the central system are no events
                            await self._news.wait()
                    except TimeoutError:
                        continue
        except TimeoutError:
            raise TimeoutError(f"{otherwise} within {_PATIENCE_SECOND:g} s") from None
