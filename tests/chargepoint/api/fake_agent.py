"""An agent without a station: the simulated world, a record of what was asked, and as much of a description as the tests read."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from chargepoint.api.agent import (
    ConnectorView,
    Description,
    Details,
    Ending,
    EvseView,
    FaultView,
    LinkView,
    StartFailed,
    Subscriber,
)
from chargepoint.api.simulation import Simulation
from chargepoint.config.schema import Configuration
from hal.contract import FaultCleared, FaultRaised, HardwareEvent, PilotState, PilotStateChanged, Resources
from hal.sim.board import SimulatedBoard
from hal.sim.board_options import BoardOptions
from hal.sim.clock import SimulatedTime
from hal.sim.lock import SimulatedLock
from hal.sim.meter import SimulatedMeter
from hal.sim.token_reader import SimulatedReader
from hal.sim.world import World


class FakeAgent:
    """start_second: how long the hardware takes to open. stop_second: how long the CSMS keeps `stop()` waiting."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        start_second: float = 0.0,
        stop_second: float = 0.0,
        failure: StartFailed | None = None,
    ) -> None:
        self.configuration = configuration
        self.resources = Resources(SimulatedTime(), evse_count=len(configuration.evses))
        self.world = World.of(self.resources)
        self.simulation = Simulation(configuration, self.world, self.emit)
        self.events: list[HardwareEvent] = []
        self.asked: list[tuple[str, msgspec.Struct]] = []
        self.deeds: list[str] = []
        self.state = "starting"
        self.pilots = dict.fromkeys(range(1, len(configuration.evses) + 1), PilotState.A)
        self.faults: dict[object, FaultView] = {}
        self.is_healthy = True
        self.ending: asyncio.Future[Ending] | None = None
        self._subscribers: list[Subscriber] = []
        self._start_second = start_second
        self._stop_second = stop_second
        self._failure = failure

    # --- Agent -------------------------------------------------------------------------------------------------------

    def describe(self) -> Description:
        evses = tuple(
            EvseView(
                id=evse_id,
                pilot=self.pilots[evse_id],
                connectors=tuple(
                    ConnectorView(id=n, kind=c.kind, status="Available") for n, c in enumerate(evse.connectors, 1)
                ),
                simulated=True,
                faults=tuple(self.faults.values()) if evse_id == 1 else (),
            )
            for evse_id, evse in enumerate(self.configuration.evses, 1)
        )
        station = self.configuration.station
        link = LinkView(url=self.configuration.csms.url, state="connecting")
        return Description(
            id=station.id,
            vendor=station.vendor,
            model=station.model,
            program="fake",
            state=self.state,
            link=link,
            evses=evses,
        )

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def verb(self, name: str, arguments: msgspec.Struct) -> dict[str, Any]:
        self.asked.append((name, arguments))
        if self.simulation.handles(name):
            return self.simulation.verb(name, arguments)
        if name == "data-transfer":
            return {"reference": "1"}
        return {}

    async def start(self) -> None:
        self.ending = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            raise self._failure
        await asyncio.sleep(self._start_second)
        for evse_id, evse in enumerate(self.configuration.evses, 1):
            cables = tuple(evse.maximum_ampere if connector.fixed_cable else None for connector in evse.connectors)
            await SimulatedBoard(BoardOptions(connector_cable_ampere=cables), self.resources, evse_id).open(self.emit)
            await SimulatedMeter(SimulatedMeter.Options(), self.resources, evse_id).open(self.emit)
            for connector_id in range(1, len(evse.connectors) + 1):
                if evse.lock_of(connector_id) is not None:
                    await SimulatedLock(SimulatedLock.Options(), self.resources, evse_id, connector_id).open(self.emit)
        await SimulatedReader(SimulatedReader.Options(), self.resources).open(self.emit)
        self.state = "running"

    async def stop(self) -> None:
        self.deeds.append("contactors open")
        self.state = "stopping"
        await asyncio.sleep(self._stop_second)
        self.deeds.append("stopped")

    async def ended(self) -> Ending:
        assert self.ending is not None
        return await self.ending

    async def reboot(self) -> None:
        self.deeds.append("reboot")

    def healthy(self) -> bool:
        return self.is_healthy

    # --- for tests ---------------------------------------------------------------------------------------------------

    def emit(self, event: HardwareEvent) -> None:
        """What a station does with hardware events, and no more."""
        self.events.append(event)
        if isinstance(event, PilotStateChanged):
            self.pilots[event.evse_id] = event.state
        elif isinstance(event, FaultRaised):
            self.faults[event.fault.key] = FaultView(name=event.fault.name, stops=event.fault.effect.stops)
        elif isinstance(event, FaultCleared):
            self.faults.pop(event.fault.key, None)
        self.happen(type(event).__name__, {"hardware": event})

    def happen(self, event: str, details: Details) -> None:
        """Tell the subscribers."""
        for subscriber in tuple(self._subscribers):
            subscriber(event, details)
