"""The memory of an idle connection, against a server in another process."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("options", "limit_kibibyte"),
    [
        ([], 8.0),  # 4 are usual, the event loop's transport included
        (["--tls"], 64.0),  # 32 are usual, nearly all of it OpenSSL's; asyncio's own TLS transport takes 290
    ],
)
def test_an_idle_connection_is_small(options: list[str], limit_kibibyte: float) -> None:
    command = [sys.executable, "-m", "tests.chargepoint.link.footprint", "--link", "--connections", "400", *options]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout.split()[0]) < limit_kibibyte
