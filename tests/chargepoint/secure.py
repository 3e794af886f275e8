"""A whole station on real sockets with TLS, security profile 2, and what a CSMS asks of it on the way to another CSMS."""

from pathlib import Path
from typing import Any

from chargepoint.csms import Csms
from tests.certificates import Authority, server_context
from tests.chargepoint.test_assembly import FILE, Watched, agent_of

STATION = "CP 1"
PASSWORD = "a password of the station"
SECURE = """security_profile = 2
password_file = "{folder}/password"
ca_file = "{folder}/ca.pem"

[[evse]]
maximum_ampere = 32"""
MORE = """
"OCPPCommCtrlr.NetworkProfileConnectionAttempts" = 1
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 0
"""


def csms_of(authority: Authority, folder: Path, name: str = "server", port: int = 0) -> Csms:
    """A CSMS whose certificate this authority has signed."""
    pair = authority.issue("csms.example", addresses=("127.0.0.1",))
    return Csms("127.0.0.1", port, passwords={STATION: PASSWORD}, tls=server_context(pair, folder, name=name))


def station(folder: Path, url: str, version: str, authority: Authority) -> Watched:
    """A station whose configuration leads to this URL and trusts this authority; its state is kept in the folder."""
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o600)
    authority.write(folder)
    text = FILE.format(url=url, version=version, keep="disk", directory=folder / "state") + MORE
    file = folder / "station.toml"
    file.write_text(text.replace("\n[[evse]]\nmaximum_ampere = 32", SECURE.format(folder=folder), 1))
    return Watched(agent_of(file))


async def started(folder: Path, url: str, version: str, authority: Authority) -> Watched:
    """A station that has been accepted by whomever it has found."""
    watched = station(folder, url, version, authority)
    await watched.agent.start()
    await watched.until("registration", status="Accepted")
    return watched


def root_use(version: str) -> str:
    """What the version calls a CSMS root."""
    return "CentralSystemRootCertificate" if version == "1.6" else "CSMSRootCertificate"


async def install(csms: Csms, version: str, authority: Authority) -> str:
    """InstallCertificate of a CSMS root: its status."""
    payload = {"certificateType": root_use(version), "certificate": authority.pem}
    return str((await csms.call(STATION, "InstallCertificate", payload))["status"])


async def migrate(csms: Csms, url: str) -> None:
    """SetNetworkProfile of slot 1, then first in the priority, then a reset (steps 1 to 6 of TC_B_45_CS and those like it)."""
    profile: dict[str, Any] = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 20,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    }
    answer = await csms.call(STATION, "SetNetworkProfile", {"configurationSlot": 1, "connectionData": profile})
    assert answer["status"] == "Accepted", answer
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": "1,0",
    }
    answer = await csms.call(STATION, "SetVariables", {"setVariableData": [data]})
    assert answer["setVariableResult"][0]["attributeStatus"] in ("Accepted", "RebootRequired"), answer
    assert (await csms.call(STATION, "Reset", {"type": "OnIdle"}))["status"] == "Accepted"


async def restarted(first: Watched, folder: Path, url: str, version: str, authority: Authority) -> Watched:
    """The station restarts by itself; start it anew on the same state, and wait until somebody accepts it."""
    assert (await first.agent.ended()).value == "reset"
    await first.agent.stop()
    return await started(folder, url, version, authority)


async def active_slot(csms: Csms) -> str:
    """ActiveNetworkProfile."""
    data = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "ActiveNetworkProfile"}}
    (result,) = (await csms.call(STATION, "GetVariables", {"getVariableData": [data]}))["getVariableResult"]
    return str(result["attributeValue"])


def told(csms: Csms, action: str) -> list[dict[str, Any]]:
    """The payloads of that action which the station has sent to this CSMS."""
    if STATION not in csms.stations:
        return []
    frames = [one.frame for one in csms.stations[STATION].messages if one.direction == "received"]
    return [frame[3] for frame in frames if frame is not None and frame[0] == 2 and frame[2] == action]
