"""The demo's wires: a Modbus meter and a card reader that speak real bytes on pseudo terminals, so that the real drivers run."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

METER_MAP = "eastron_sdm630"


class Wires:
    """Meter and reader of EVSE 1 on serial lines. The meter shows what flows in the simulated world, once it is attached."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="chargepoint-demo-")
        self.meter_port = str(Path(self._folder.name, "meter"))
        self.reader_port = str(Path(self._folder.name, "reader"))
        self._values: Callable[[], Mapping[Any, float]] = dict
        self._line: Any = None
        self._reader: Any = None

    async def __aenter__(self) -> "Wires":
        from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter
        from hal.sim.readers import PtyPn532

        self._line = SimulatedLine(SimulatedModbusMeter(METER_MAP, self._shown))
        await self._line.open_pty(Path(self.meter_port))
        self._reader = PtyPn532(self.reader_port)
        self._reader.plug()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.unplug()
        await self._line.close()
        self._folder.cleanup()

    def attach(self, values: Callable[[], Mapping[Any, float]]) -> None:
        """Let the meter show these values from now on."""
        self._values = values

    def tap(self, token: str) -> None:
        """Hold a card to the reader for a second. token: its UID in hexadecimal."""
        self._reader.present(bytes.fromhex(token))
        asyncio.get_running_loop().call_later(1.0, self._reader.remove)

    def _shown(self) -> Mapping[Any, float]:
        return self._values()
