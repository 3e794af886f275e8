"""The device model is fitted to the hardware that the configuration names."""

from pathlib import Path

from chargepoint.config.capabilities import capabilities_of
from chargepoint.config.load import load
from profiles.meter_values.variables import MEASURANDS

ROOT = Path(__file__).resolve().parents[3]
HEAD = '[station]\nid = "A"\n[csms]\nurl = "ws://127.0.0.1:1"\n[[evse]]\nmaximum_ampere = 16\n'


def test_a_simulated_station_can_do_everything_simulated() -> None:
    found = capabilities_of(load(ROOT / "examples" / "simulated.toml", environ={}).configuration)
    assert found.sockets
    assert found.occupancy
    assert not found.modem
    assert found.measurands == MEASURANDS


def test_a_modbus_meter_gives_what_its_map_has(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(
        HEAD
        + 'board = { driver = "simulated" }\nmeter = { driver = "modbus", map = "eastron_sdm72", port = "/dev/null" }\n'
    )
    found = capabilities_of(load(file, environ={}).configuration)
    assert "Energy.Active.Import.Register" in found.measurands
    assert "Current.Offered" in found.measurands
    assert "Voltage" not in found.measurands
    assert not found.sockets
