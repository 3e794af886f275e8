"""A CSMS that cannot be trusted is left, and told of it once it can be reached (A00.FR.310 ff.)."""

import asyncio
from pathlib import Path

import pytest

from chargepoint.assembly import build
from chargepoint.config.load import load
from chargepoint.csms import Csms
from chargepoint.link.channel import Handler
from chargepoint.link.connection import Connection
from chargepoint.link.dial import SocketDialer
from chargepoint.link.errors import Reason, TlsError
from chargepoint.link.settings import LinkSettings
from chargepoint.runtime import Runtime
from tests.support.patience import until

FILE = """
[station]
id = "CP 1"

[csms]
url = "{url}"
versions = ["{version}"]

[[evse]]
maximum_ampere = 32
board = {{ driver = "simulated" }}

[state]
keep = "memory"

[simulation]
speed = 20

[variables]
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 0
"""


class Untrusting:
    """Dials, and twice finds something wrong with TLS before it lets a connection be."""

    def __init__(self, runtime: Runtime, reason: Reason) -> None:
        self._dialer = SocketDialer(runtime.timers)
        self._reason = reason
        self.refused = 0

    def dial(self, settings: LinkSettings, handler: Handler) -> Connection:
        """See `SocketDialer.dial`."""
        connection = self._dialer.dial(settings, handler)
        if self.refused < 2:
            self.refused += 1
            error = TlsError(self._reason, "it offers nothing that may be used")
            asyncio.get_running_loop().call_soon(connection.fail, error)
        return connection


@pytest.mark.req("A00.FR.310", "A00.FR.316", "A00.FR.323", "A00.FR.413", "A00.FR.419", "A00.FR.426")
@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.SERVER_CERTIFICATE_EXPIRED, "InvalidCsmsCertificate"),
        (Reason.SERVER_CERTIFICATE_UNTRUSTED, "InvalidCsmsCertificate"),
        (Reason.TLS_VERSION, "InvalidTLSVersion"),
        (Reason.TLS_CIPHER_SUITE, "InvalidTLSCipherSuite"),
    ],
)
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_what_is_wrong_with_tls_is_told_when_it_is_right_again(
    version: str, reason: Reason, kind: str, tmp_path: Path
) -> None:
    """Once, however often it was met meanwhile."""
    async with Csms("127.0.0.1", 0) as csms:
        file = tmp_path / "station.toml"
        file.write_text(FILE.format(url=csms.url, version=version))
        runtime = Runtime(speed=20)
        untrusting = Untrusting(runtime, reason)
        agent = build(load(file, environ={}).configuration, runtime=runtime, dial=untrusting.dial)
        await agent.start()
        try:
            await until(lambda: "CP 1" in csms.stations and not agent.describe().link.waiting)
        finally:
            await agent.stop()
            runtime.close()
        assert untrusting.refused == 2
        kinds = [event["type"] for event in csms.stations["CP 1"].security_events]
        assert kinds.count(kind) == 1
