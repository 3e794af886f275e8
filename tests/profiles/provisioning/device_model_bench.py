"""A charging station whose CSMS speaks of nothing but the device model: messages as JSON go in, answers come out.

The services and mappings are the real ones; only the two ends of the station are stood in for: the way to the CSMS, and hardware.
"""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec

from chargepoint.station.clock import Clock
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.facts import Fact, Failure, Refused
from chargepoint.station.ports import Gate
from chargepoint.station.timers import SimulatedTime
from chargepoint.station.variables import Catalogue
from chargepoint.store.memory import MemoryStore
from chargepoint.wire import v16, v21, v201
from chargepoint.wire.base import decode_extension
from hal.contract import MeterReading
from profiles.catalogue import Capabilities, station_catalogue
from profiles.charging_station import ChargingStation
from profiles.identity import Identity
from profiles.mapping import Table
from profiles.provisioning import device_model_v16, device_model_v21, device_model_v201

WALL = 1_700_000_000.0
EVERYTHING = Capabilities(
    reservation=True, sockets=True, signed_values=True, certificates=True, modem=True, time_sources=("NTP", "Heartbeat")
)
DIALECTS: dict[str, tuple[ModuleType, Table]] = {
    "1.6": (v16, device_model_v16.table),
    "2.0.1": (v201, device_model_v201.table),
    "2.1": (v21, device_model_v21.table),
}


class Line:
    """The way to the CSMS: `asked` is what waits for an answer."""

    def __init__(self) -> None:
        self.gate = Gate.OPEN
        self.replaying = False
        self.last_sent = 0.0
        self.connected = True
        self.asked: list[tuple[Fact, Callable[[object], None], Callable[[Refused], None], bool]] = []
        self.posted: list[Fact] = []

    @property
    def online(self) -> bool:
        return self.connected and self.gate is Gate.OPEN

    def post(self, fact: Fact, *, instructed: bool = False) -> None:
        self.posted.append(fact)

    def ask(
        self,
        request: Fact,
        answered: Callable[[object], None],
        failed: Callable[[Refused], None],
        *,
        instructed: bool = False,
    ) -> None:
        self.asked.append((request, answered, failed, instructed))

    def skip(self, request: Fact) -> None:
        """Nobody measures."""

    def transaction_queued(self, transaction_id: str | None) -> bool:
        return False


class Metal:
    """Hardware that does nothing; `power_watt` is what its meters show, None = they are silent."""

    def __init__(self) -> None:
        self.power_watt: float | None = None

    def reading(self, evse_id: int) -> MeterReading | None:
        if self.power_watt is None:
            return None
        return MeterReading(0.0, {("Power.Active.Import", None): self.power_watt})

    def demand(self, evse_id: int, limit_ampere: float | None, phases: int) -> None: ...
    def set_available(self, evse_id: int, available: bool) -> None: ...
    def lock(self, evse_id: int, connector_id: int) -> None: ...
    def unlock(self, evse_id: int, connector_id: int, done: Callable[[bool], None]) -> None: ...
    def has_lock(self, evse_id: int, connector_id: int) -> bool:
        return True

    def read_anew(self, evse_id: int, done: Callable[[], None]) -> bool:
        return False

    def restart(self, evse_id: int, reason: str, done: Callable[[], None]) -> None: ...


class Unguarded(ChargingStation):
    """The device model as it is defined: what network profiles say to a change has tests of its own."""

    service_names = tuple(name for name in ChargingStation.service_names if name != "network_profiles")
    __slots__ = ()


class DeviceModelBench:
    """One station and its CSMS's words. `store` may be that of an earlier bench: the station after a restart."""

    def __init__(
        self,
        version: str = "2.0.1",
        *,
        evses: int = 2,
        connectors: int = 2,
        catalogue: Catalogue | None = None,
        store: MemoryStore | None = None,
    ) -> None:
        self.wire, self.table = DIALECTS[version]
        self.time = SimulatedTime(100.0)
        self.line = Line()
        self.metal = Metal()
        self.store = store if store is not None else MemoryStore()
        self.events: list[tuple[str, dict[str, Any]]] = []
        numbers = iter(range(1, evses * connectors + 1))
        self.station = Unguarded(
            "CP-1",
            clock=Clock(self.time.timers.monotonic, lambda: WALL + self.time.now - 100.0, synchronised=True),
            timers=self.time.timers,
            store=self.store,
            hardware=self.metal,
            evses=[
                Evse(
                    n,
                    tuple(
                        Connector(c, next(numbers), "sType2", fixed_cable=False, has_lock=True)
                        for c in range(1, connectors + 1)
                    ),
                )
                for n in range(1, evses + 1)
            ],
            catalogue=catalogue or station_catalogue(EVERYTHING),
            identity=Identity(
                vendor="Vendor", model="Model", serial_number="SN-1", firmware_version="1.0", iccid="893"
            ),
        )
        self.station.outbox = self.line
        self.station.on_event = lambda name, details: self.events.append((name, details))
        self.refused = self.station.variables.load()

    # --- any message ---------------------------------------------------------------------------------------------------

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The CSMS calls; the response as it goes out.

        Raises: CommandError: the CSMS gets a CALLERROR.
        """
        incoming = self.table.incoming[action]
        raw = json.dumps(payload).encode()
        request = msgspec.json.decode(raw, type=getattr(self.wire, f"{action}Request"), dec_hook=decode_extension)
        results: list[Any] = []
        self.station.execute(incoming.command(request, self.station), results.append)
        (result,) = results
        return self._sent(f"{action}Response", incoming.reply(result, request, self.station))

    def _sent(self, name: str, message: msgspec.Struct) -> dict[str, Any]:
        raw = msgspec.json.encode(message)
        msgspec.json.decode(raw, type=getattr(self.wire, name))  # it fits the schema
        sent: dict[str, Any] = json.loads(raw)
        return sent

    # --- values --------------------------------------------------------------------------------------------------------

    def get(self, component: str, variable: str, **where: Any) -> dict[str, Any]:
        """Read one value: its GetVariableResult."""
        (result,) = self.call("GetVariables", {"getVariableData": [_data(component, variable, **where)]})[
            "getVariableResult"
        ]
        return dict(result)

    def set(self, component: str, variable: str, value: str, **where: Any) -> dict[str, Any]:
        """Set one value: its SetVariableResult."""
        data = {**_data(component, variable, **where), "attributeValue": value}
        (result,) = self.call("SetVariables", {"setVariableData": [data]})["setVariableResult"]
        return dict(result)

    # --- reports -------------------------------------------------------------------------------------------------------

    def next_part(self, outcome: Failure | None = None) -> dict[str, Any]:
        """The part that has been sent; the CSMS answers it, or `outcome` befalls it."""
        self.time.advance(0.0)
        fact, answered, failed, instructed = self.line.asked.pop(0)
        assert instructed, "a Pending station may send what it was asked for (B02.FR.02)"
        outgoing = self.table.outgoing[type(fact)]
        message = outgoing.render(fact, self.station)
        assert message is not None
        part = self._sent(f"{outgoing.action}Request", message)
        if outcome is None:
            self.station.turn(answered, None)
        else:
            self.station.turn(failed, Refused(outcome))
        return part

    def parts(self) -> list[dict[str, Any]]:
        """All parts until the station is silent."""
        parts = []
        self.time.advance(0.0)
        while self.line.asked:
            parts.append(self.next_part())
        return parts

    def report(self, **request: Any) -> list[dict[str, Any]]:
        """What a custom report says."""
        assert self.call("GetReport", {"requestId": 1, **request}) == {"status": "Accepted"}
        return [data for part in self.parts() for data in part["reportData"]]

    def base_report(self, base: str) -> list[dict[str, Any]]:
        """What a base report says."""
        assert self.call("GetBaseReport", {"requestId": 1, "reportBase": base}) == {"status": "Accepted"}
        return [data for part in self.parts() for data in part["reportData"]]

    # --- 1.6 -----------------------------------------------------------------------------------------------------------

    def change(self, key: str, value: str) -> str:
        """ChangeConfiguration: its status."""
        return str(self.call("ChangeConfiguration", {"key": key, "value": value})["status"])

    def keys(self, *keys: str) -> dict[str, dict[str, Any]]:
        """GetConfiguration: what it says of each key."""
        response = self.call("GetConfiguration", {"key": list(keys)} if keys else {})
        return {entry["key"]: entry for entry in response.get("configurationKey", ())}


def component(
    name: str, instance: str | None = None, evse: int | None = None, connector: int | None = None
) -> dict[str, Any]:
    """A ComponentType."""
    named: dict[str, Any] = {"name": name}
    if instance is not None:
        named["instance"] = instance
    if evse is not None:
        named["evse"] = {"id": evse} if connector is None else {"id": evse, "connectorId": connector}
    return named


def name_of(data: dict[str, Any]) -> str:
    """Component.Variable of a ReportDataType, as `Variable.path` writes it, with its place."""
    owner, own = (
        str(part["name"]) + (f"[{part['instance']}]" if part.get("instance") else "")
        for part in (data["component"], data["variable"])
    )
    evse = data["component"].get("evse", {})
    place = ".".join(str(evse[key]) for key in ("id", "connectorId") if key in evse)
    return f"{owner}.{own}" + (f"@{place}" if place else "")


def _data(
    name: str,
    variable: str,
    *,
    instance: str | None = None,
    component_instance: str | None = None,
    evse: int | None = None,
    connector: int | None = None,
    attribute: str | None = None,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "component": component(name, component_instance, evse, connector),
        "variable": {"name": variable} if instance is None else {"name": variable, "instance": instance},
    }
    if attribute is not None:
        data["attributeType"] = attribute
    return data
