"""A whole station on real sockets that moves from one central system to another (2.x B09, B10)."""

from pathlib import Path
from typing import Any

import pytest

from chargepoint.csms import Csms
from tests.chargepoint.test_assembly import FILE, Watched, agent_of
from tests.support.patience import until

MORE = """
"OCPPCommCtrlr.NetworkProfileConnectionAttempts" = 1
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 0
"""


def station(folder: Path, url: str, version: str) -> Watched:
    """A station whose configuration file leads to this URL; its state is kept in the folder."""
    file = folder / "station.toml"
    file.write_text(FILE.format(url=url, version=version, keep="disk", directory=folder / "state") + MORE)
    return Watched(agent_of(file))


async def migrate(csms: Csms, url: str) -> None:
    """The CSMS puts another one into slot 1, first in the priority, and asks for a restart."""
    profile: dict[str, Any] = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 20,
        "securityProfile": 0,
        "ocppInterface": "Wired0",
    }
    answer = await csms.call("CP 1", "SetNetworkProfile", {"configurationSlot": 1, "connectionData": profile})
    assert answer["status"] == "Accepted", answer
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": "1,0",
    }
    answer = await csms.call("CP 1", "SetVariables", {"setVariableData": [data]})
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted", answer
    assert (await csms.call("CP 1", "Reset", {"type": "OnIdle"}))["status"] == "Accepted"


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_station_moves_and_comes_back_when_the_new_one_is_gone(version: str, tmp_path: Path) -> None:
    async with Csms("127.0.0.1", 0) as old:
        async with Csms("127.0.0.1", 0) as new:
            first = station(tmp_path, old.url, version)
            await first.agent.start()
            await first.until("registration", status="Accepted")
            await migrate(old, new.url)
            assert (await first.agent.ended()).value == "reset"
            await first.agent.stop()
            second = station(tmp_path, old.url, version)
            await second.agent.start()
            await second.until("registration", status="Accepted")
            assert "CP 1" in new.stations
            assert second.agent.describe().link.url == new.url
            assert second.agent.station is not None
            assert second.agent.station.network_profiles.slot == 1
        await second.until("network_profile", slot=0)  # the new one is gone
        await until(lambda: second.agent.describe().link.state == "connected")
        assert second.agent.describe().link.url == old.url
        await second.agent.stop()
