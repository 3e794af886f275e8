"""A session in which meter and card reader speak real bytes on serial lines: Modbus RTU and PN532 over ptys."""

from pathlib import Path

import pytest

from chargepoint.api import verbs
from chargepoint.assembly import build
from chargepoint.config.load import load
from chargepoint.csms import Csms
from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter
from hal.sim.readers import PtyPn532
from tests.chargepoint.test_assembly import Watched
from tests.support.patience import until

FILE = """
[station]
id = "WIRED"

[csms]
url = "{url}"
versions = ["{version}"]

[[evse]]
maximum_ampere = 32
board = {{ driver = "simulated" }}
meter = {{ driver = "modbus", map = "eastron_sdm630", port = "{meter}", gap_second = 0.001, quiet_second = 0.05 }}

[[reader]]
driver = "pn532"
port = "{reader}"
"""


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_card_and_meter_on_serial_lines(version: str, tmp_path: Path) -> None:
    energy = {"wh": 123_400.0}

    def values() -> dict[tuple[str, str | None], float]:
        return {("Energy.Active.Import.Register", None): energy["wh"], ("Voltage", "L1-N"): 231.5}

    meter = SimulatedModbusMeter("eastron_sdm630", values)
    reader = PtyPn532(tmp_path / "reader")
    line = SimulatedLine(meter)
    await line.open_pty(tmp_path / "meter")
    reader.plug()
    async with Csms("127.0.0.1", 0) as csms:
        file = tmp_path / "station.toml"
        file.write_text(FILE.format(url=csms.url, version=version, meter=line.port, reader=reader.path))
        watched = Watched(build(load(file, environ={}).configuration))
        agent = watched.agent
        await agent.start()
        await watched.until("registration", status="Accepted")
        agent.verb("plug", verbs.Plug())
        await until(lambda: agent.describe().evses[0].energy_watt_hour is not None)
        reader.present(bytes.fromhex("04A2B3C4D5E680"))
        await watched.until("contactor", closed=True)
        energy["wh"] += 10.0
        await until(lambda: agent.describe().evses[0].energy_watt_hour == pytest.approx(123_410.0, abs=0.1))
        reader.remove()
        agent.verb("unplug", verbs.Unplug())
        await watched.until("transaction_ended")
        await until(lambda: not agent.describe().link.waiting)
        (transaction,) = csms.stations["WIRED"].transactions.values()
        await agent.stop()
        reader.unplug()
        await line.close()
    assert transaction.id_token.upper() == "04A2B3C4D5E680"
    assert transaction.energy_watt_hour == pytest.approx(10.0, abs=1.0)  # 1.6 tells whole Wh
    assert transaction.reason == "EVDisconnected"
