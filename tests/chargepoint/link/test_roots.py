"""Roots that the CSMS has installed: trusted besides what is configured, and asked for by the rules of certificates."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from chargepoint.link.connection import Connection
from chargepoint.link.errors import Reason
from chargepoint.link.link import LinkState
from chargepoint.link.network import LinkNetwork
from chargepoint.link.settings import LinkSettings, TlsSettings
from chargepoint.link.tls import Tls, context_of
from chargepoint.station.network import NetworkProfile
from chargepoint.station.timers import SimulatedTime
from tests.certificates import Authority, server_context
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.test_network import Rig
from tests.chargepoint.link.test_tls import HOST, refused, secure_server, secured

CONFIGURED, INSTALLED, STRANGER = Authority("Configured"), Authority("Installed"), Authority("Stranger")
GARBAGE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def settings(folder: Path, *roots: str) -> TlsSettings:
    return TlsSettings(ca_file=CONFIGURED.write(folder), roots=roots)


# --- whom they make trusted ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("authority", [CONFIGURED, INSTALLED], ids=["configured", "installed"])
async def test_an_installed_root_stands_beside_those_of_the_file(
    dial: Dialling, tmp_path: Path, authority: Authority
) -> None:
    async with secure_server(server_context(authority.issue(HOST), tmp_path)) as csms:
        _, listener = dial(secured(csms.port, settings(tmp_path, INSTALLED.pem, STRANGER.pem)))
        await listener.expect("opened")


@pytest.mark.parametrize("authority", [CONFIGURED, INSTALLED], ids=["system", "installed"])
async def test_an_installed_root_stands_beside_those_of_the_operating_system(
    dial: Dialling, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", CONFIGURED.write(tmp_path))
    async with secure_server(server_context(authority.issue(HOST), tmp_path)) as csms:
        _, listener = dial(secured(csms.port, TlsSettings(roots=(INSTALLED.pem,))))
        await listener.expect("opened")


async def test_nobody_else_is_trusted(dial: Dialling, tmp_path: Path) -> None:
    error = await refused(dial, server_context(STRANGER.issue(HOST), tmp_path), settings(tmp_path, INSTALLED.pem))
    assert error.reason is Reason.SERVER_CERTIFICATE_UNTRUSTED


async def test_a_root_that_cannot_be_read_costs_no_connection(
    dial: Dialling, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with secure_server(server_context(INSTALLED.issue(HOST), tmp_path)) as csms:
            _, listener = dial(secured(csms.port, settings(tmp_path, GARBAGE, "", INSTALLED.pem)))
            await listener.expect("opened")
    assert "installed root certificate cannot be used" in caplog.text


def test_a_context_is_shared_by_those_who_trust_the_same(tmp_path: Path) -> None:
    file = CONFIGURED.write(tmp_path)
    one = context_of(TlsSettings(ca_file=file, roots=(INSTALLED.pem,)))
    assert context_of(TlsSettings(ca_file=file, roots=(INSTALLED.pem,))) is one
    assert context_of(TlsSettings(ca_file=file)) is not one


# --- who vouches for a connection ------------------------------------------------------------------------------------------


async def test_the_root_of_a_connection_is_known(dial: Dialling, tmp_path: Path) -> None:
    """The anchor, not an intermediate."""
    below = Authority("Below", signed_by=INSTALLED)
    async with secure_server(server_context(below.issue(HOST), tmp_path)) as csms:
        connection, listener = dial(secured(csms.port, settings(tmp_path, INSTALLED.pem)))
        assert isinstance(connection, Connection)
        assert connection.root_certificate() is None
        await listener.expect("opened")
        assert connection.root_certificate() == INSTALLED.pair.certificate.public_bytes(Encoding.DER)


def test_before_the_handshake_nobody_vouches(tmp_path: Path) -> None:
    assert Tls(context_of(settings(tmp_path)), HOST).root_certificate() is None


class Vouched:
    """An open connection for which somebody vouches."""

    def root_certificate(self) -> bytes | None:
        return b"der"


def test_the_rules_are_told_a_fingerprint() -> None:
    rig = Rig()
    network = LinkNetwork(LinkSettings(url="ws://old/ocpp", station_id="CP-1"), rig.time.timers, lambda: None)
    assert network.root_in_use() is None, "no link yet"
    network.link = rig.link
    assert network.root_in_use() is None, "not connected"
    rig.link.connect()
    rig.time.advance(1)
    assert rig.link.connected
    assert network.root_in_use() is None, "no TLS"
    rig.link._channel = Vouched()  # type: ignore[assignment]  # the rest of a channel is not asked for
    assert network.root_in_use() == hashlib.sha256(b"der").hexdigest()
    rig.link.state = LinkState.WAITING
    assert network.root_in_use() is None


# --- what a profile brings -------------------------------------------------------------------------------------------------


def network(tls: TlsSettings) -> LinkNetwork:
    base = LinkSettings(url="wss://old/ocpp", station_id="CP-1", versions=("2.0.1",), password="x" * 16, tls=tls)
    return LinkNetwork(base, SimulatedTime().timers, lambda: None)


def test_the_roots_of_a_profile_are_added_to_the_settings(tmp_path: Path) -> None:
    tls = settings(tmp_path)
    profile = NetworkProfile(slot=1, url="wss://new/ocpp", security_profile=2, roots=(INSTALLED.pem,))
    made = network(tls).settings(profile).tls
    assert (made.ca_file, made.roots) == (tls.ca_file, (INSTALLED.pem,))
    without = network(tls).settings(NetworkProfile(slot=1, url="wss://new/ocpp", security_profile=2))
    assert without.tls is tls, "a station that has been given none pays for none"


def test_the_station_s_own_certificate_is_read_where_there_is_one(tmp_path: Path) -> None:
    pair = CONFIGURED.issue("CP-1")
    certificate, key = pair.write(tmp_path, "own")
    own = TlsSettings(certificate_file=certificate, key_file=key)
    assert network(own).own_certificate() == pair.certificate_pem
    assert network(TlsSettings()).own_certificate() is None
    Path(certificate).unlink()
    assert network(own).own_certificate() is None


def test_an_installed_root_is_no_secret_and_no_noise() -> None:
    made = network(TlsSettings()).settings(NetworkProfile(slot=1, url="wss://new", roots=(INSTALLED.pem,)))
    assert "BEGIN" not in repr(made)
