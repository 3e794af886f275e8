"""The Modbus meter keeps the contract, over a real pseudo terminal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hal.contract import Resources
from hal.meter.modbus_meter import ModbusMeter
from hal.sim.clock import SimulatedTime
from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter
from tests.hal.contract.ears import LONGEST_WAIT_SECOND
from tests.hal.contract.meter_contract import IMPORT, MeterContract


class ModbusMeterRig:
    """An ABB B23, which can mark a quantity as invalid; its silence is an adapter that has been pulled."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._time = SimulatedTime(1000.0)
        self._shown: dict[tuple[str, str | None], float] = {
            IMPORT: 1000.0,
            ("Voltage", "L1-N"): 230.0,
            ("Current.Import", "L1"): 16.0,
            ("Power.Active.Import", None): 3680.0,
        }
        self._line = SimulatedLine(SimulatedModbusMeter("abb_b23", lambda: self._shown))

    async def plug(self) -> None:
        await self._line.open_pty(self._link)
        options = ModbusMeter.Options(
            map="abb_b23",
            port=self._line.port,
            timeout_second=LONGEST_WAIT_SECOND,
            gap_second=0.0,
            retries=0,
            quiet_second=0.01,
            retry_second=0.02,
        )
        self.meter = ModbusMeter(options, Resources(self._time), 1)

    def show_energy(self, watt_hour: float) -> None:
        self._time.advance(60)
        self._shown[IMPORT] = watt_hour

    def hide(self, measurand: str, phase: str | None) -> None:
        del self._shown[measurand, phase]

    def now(self) -> float:
        return self._time.monotonic()

    def silence(self) -> None:
        self._line.unplug()

    def heal(self) -> None:
        self._line.plug()

    async def close(self) -> None:
        await self.meter.close()
        await self._line.close()


class TestModbusMeter(MeterContract):
    @pytest.fixture
    async def rig(self, tmp_path: Path) -> AsyncIterator[ModbusMeterRig]:
        rig = ModbusMeterRig(tmp_path / "meter")
        await rig.plug()
        yield rig
        await rig.close()
