"""The oldest TLS version that the link accepts is configurable, and never older than OCPP permits (A00.FR.313)."""

import ssl

from chargepoint.link.settings import TlsSettings
from chargepoint.link.tls import context_of


def test_the_oldest_version_is_the_configured_one() -> None:
    assert context_of(TlsSettings()).minimum_version is ssl.TLSVersion.TLSv1_2
    assert context_of(TlsSettings(minimum_version="1.3")).minimum_version is ssl.TLSVersion.TLSv1_3
