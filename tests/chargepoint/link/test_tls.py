"""TLS: who is trusted, who is not, and what the person who must act is told. Real sockets, certificates made for the test."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from chargepoint.link.errors import ConfigurationError, LinkError, Reason
from chargepoint.link.settings import TlsSettings
from chargepoint.link.tls import CIPHER_SUITES, Tls, classify, context_of
from tests.certificates import DAY, Authority, Pair, server_context
from tests.chargepoint.link.conftest import Dialling
from tests.chargepoint.link.peers import Socket, for_ever, raw_server, refusing_tls_server, settings_for

HOST = "localhost"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test Root")


@pytest.fixture(scope="module")
def good(authority: Authority) -> Pair:
    return authority.issue(HOST)  # a common name, as OCPP wants it (A00.FR.510)


class Csms:
    """A server with TLS that sends messages back."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.port = 0

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for message in connection:
            await connection.send(message)


@asynccontextmanager
async def secure_server(context: ssl.SSLContext) -> AsyncIterator[Csms]:
    csms = Csms()
    options: dict[str, Any] = {"subprotocols": ["ocpp1.6"], "compression": None, "ssl": context}
    async with serve(csms.handle, "127.0.0.1", 0, **options) as server:
        csms.port = next(iter(server.sockets)).getsockname()[1]
        yield csms


def secured(port: int, tls: TlsSettings, host: str = HOST, **changes: Any) -> Any:
    return settings_for(port, url=f"wss://{host}:{port}/ocpp", tls=tls, **changes)


async def refused(dial: Dialling, context: ssl.SSLContext, tls: TlsSettings, host: str = HOST) -> LinkError:
    async with secure_server(context) as csms:
        _, listener = dial(secured(csms.port, tls, host))
        error = await listener.expect_error()
        assert csms.connections == []
        return error


# --- what is accepted ------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_A_04_CS")
@pytest.mark.req("A00.FR.308")
async def test_a_csms_whose_root_is_trusted(dial: Dialling, authority: Authority, good: Pair, tmp_path: Path) -> None:
    async with secure_server(server_context(good, tmp_path)) as csms:
        connection, listener = dial(secured(csms.port, TlsSettings(ca_file=authority.write(tmp_path))))
        await listener.expect("opened")
        for size in (3, 20_000, 500_000):  # several records
            connection.send("x" * size)
        assert [len(text) for text in await listener.expect_texts(3)] == [3, 20_000, 500_000]
        connection.close(1000, "done")
        assert await listener.expect("closed") == (1000, "done")


async def test_an_address_in_the_certificate(dial: Dialling, authority: Authority, tmp_path: Path) -> None:
    pair = authority.issue("csms", addresses=("127.0.0.1",))
    async with secure_server(server_context(pair, tmp_path)) as csms:
        _, listener = dial(secured(csms.port, TlsSettings(ca_pem=authority.pem), "127.0.0.1"))
        await listener.expect("opened")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_tls_from_12_on(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    context = server_context(good, tmp_path)
    context.minimum_version = context.maximum_version = version
    async with secure_server(context) as csms:
        connection, listener = dial(secured(csms.port, TlsSettings(ca_pem=authority.pem)))
        await listener.expect("opened")
        connection.send("hello")
        assert await listener.expect_texts(1) == ["hello"]


@pytest.mark.req("A00.FR.319")
@pytest.mark.req("A00.FR.422")
@pytest.mark.parametrize(
    ("kind", "suite"),
    [
        ("ec", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("ec", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("rsa", "AES128-GCM-SHA256"),
        ("rsa", "AES256-GCM-SHA384"),
    ],
)
async def test_each_cipher_suite_that_a_csms_must_support(
    dial: Dialling, authority: Authority, tmp_path: Path, kind: Any, suite: str
) -> None:
    context = server_context(authority.issue(HOST, kind=kind), tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    async with secure_server(context) as csms:
        _, listener = dial(secured(csms.port, TlsSettings(ca_pem=authority.pem)))
        await listener.expect("opened")


@pytest.mark.req("A00.FR.320")
def test_no_weak_cipher_suite_is_offered() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(CIPHER_SUITES)
    names = [cipher["name"] for cipher in context.get_ciphers()]
    assert names
    assert not [name for name in names if "GCM" not in name and "POLY1305" not in name]


async def test_an_intermediate_authority(dial: Dialling, authority: Authority, tmp_path: Path) -> None:
    below = Authority("Test Intermediate", signed_by=authority)
    async with secure_server(server_context(below.issue(HOST), tmp_path)) as csms:
        _, listener = dial(secured(csms.port, TlsSettings(ca_pem=authority.pem)))
        await listener.expect("opened")


async def test_a_root_that_another_root_has_signed_is_an_anchor_too(
    dial: Dialling, authority: Authority, tmp_path: Path
) -> None:
    # 1.6 security white paper §7.1: the new root of AdditionalRootCertificateCheck.
    new = Authority("New Root", signed_by=authority)
    async with secure_server(server_context(new.issue(HOST), tmp_path)) as csms:
        _, listener = dial(secured(csms.port, TlsSettings(ca_pem=new.pem)))
        await listener.expect("opened")


async def test_a_directory_of_authorities(dial: Dialling, authority: Authority, good: Pair, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    anchors.mkdir()
    Authority("Another").write(anchors, "another")
    authority.write(anchors, "right")
    (anchors / "README.txt").write_text("not a certificate")
    async with secure_server(server_context(good, tmp_path)) as csms:
        _, listener = dial(secured(csms.port, TlsSettings(ca_directory=str(anchors))))
        await listener.expect("opened")


@pytest.mark.case("TC_A_07_CS")
@pytest.mark.req("A00.FR.401")
@pytest.mark.req("A00.FR.402")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_security_profile_3(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    stations = Authority("Station Root")
    certificate, key = stations.issue("SN0001").write(tmp_path, "station")
    context = server_context(good, tmp_path, client_authority=stations)
    context.minimum_version = context.maximum_version = version
    async with secure_server(context) as csms:
        tls = TlsSettings(ca_pem=authority.pem, certificate_file=certificate, key_file=key)
        _, listener = dial(secured(csms.port, tls, security_profile=3, password="never sent"))
        await listener.expect("opened")
        request = csms.connections[0].request
        assert request is not None
        assert "Authorization" not in request.headers
        peer = csms.connections[0].transport.get_extra_info("peercert")
        assert (("commonName", "SN0001"),) in peer["subject"]


# --- what is refused (A00.FR.310, .311, .413, .414; TC_A_05_CS) --------------------------------------------------------------


@pytest.mark.case("TC_A_05_CS")
@pytest.mark.req("A00.FR.310")
@pytest.mark.req("A00.FR.413")
@pytest.mark.parametrize(
    ("validity", "reason"),
    [
        ((-10 * DAY, -DAY), Reason.SERVER_CERTIFICATE_EXPIRED),
        ((DAY, 10 * DAY), Reason.SERVER_CERTIFICATE_NOT_YET_VALID),
    ],
)
async def test_a_certificate_out_of_its_time(
    dial: Dialling, authority: Authority, tmp_path: Path, validity: tuple[timedelta, timedelta], reason: Reason
) -> None:
    starts, ends = validity
    context = server_context(authority.issue(HOST, starts=starts, ends=ends), tmp_path)
    error = await refused(dial, context, TlsSettings(ca_pem=authority.pem))
    assert error.reason is reason
    assert error.reason.security_event == "InvalidCsmsCertificate"


@pytest.mark.case("TC_A_05_CS")
async def test_a_certificate_of_an_unknown_authority(dial: Dialling, good: Pair, tmp_path: Path) -> None:
    error = await refused(dial, server_context(good, tmp_path), TlsSettings(ca_pem=Authority("Other Root").pem))
    assert error.reason is Reason.SERVER_CERTIFICATE_UNTRUSTED
    assert "install the CSMS's root certificate" in str(error)
    assert error.reason.security_event == "InvalidCsmsCertificate"


async def test_a_private_certificate_when_nothing_is_configured(dial: Dialling, good: Pair, tmp_path: Path) -> None:
    error = await refused(dial, server_context(good, tmp_path), TlsSettings())
    assert error.reason is Reason.SERVER_CERTIFICATE_UNTRUSTED


@pytest.mark.case("TC_A_05_CS")
@pytest.mark.req("A00.FR.309")
@pytest.mark.req("A00.FR.412")
async def test_a_certificate_of_another_host(dial: Dialling, authority: Authority, tmp_path: Path) -> None:
    context = server_context(authority.issue("csms.example.com"), tmp_path)
    error = await refused(dial, context, TlsSettings(ca_pem=authority.pem))
    assert error.reason is Reason.SERVER_CERTIFICATE_HOST
    assert error.reason.security_event == "InvalidCsmsCertificate"


async def test_a_certificate_without_the_address(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    error = await refused(dial, server_context(good, tmp_path), TlsSettings(ca_pem=authority.pem), "127.0.0.1")
    assert error.reason is Reason.SERVER_CERTIFICATE_HOST


class Handshake:
    """A client's and a server's TLS, joined without a network, so that the host may have any name."""

    def __init__(self, pair: Pair, tls: TlsSettings, host: str, directory: Path) -> None:
        self.client = Tls(context_of(tls), host, allow_wildcards=tls.allow_wildcards)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = server_context(pair, directory).wrap_bio(self.incoming, self.outgoing, server_side=True)

    def run(self) -> Tls:
        self.client.start()
        for _ in range(4):
            self.incoming.write(self.client.data_to_send())
            with suppress(ssl.SSLWantReadError):
                self.server.do_handshake()
            self.client.receive(self.outgoing.read())
            if self.client.error is not None:
                break
        return self.client


@pytest.mark.case("TC_A_05_CS")
@pytest.mark.parametrize("as_alternative_name", [True, False])
def test_a_wildcard_is_refused_unless_it_is_allowed(
    authority: Authority, tmp_path: Path, as_alternative_name: bool
) -> None:
    # SecurityCtrlr.AllowCSMSTLSWildcards
    names = ("*.example.com",) if as_alternative_name else ()
    pair = authority.issue("*.example.com", names=names)
    tls = TlsSettings(ca_pem=authority.pem)
    refusal = Handshake(pair, tls, "csms.example.com", tmp_path).run().error
    assert refusal is not None
    assert refusal.reason is Reason.SERVER_CERTIFICATE_WILDCARD
    assert refusal.reason.security_event == "InvalidCsmsCertificate"
    allowed = TlsSettings(ca_pem=authority.pem, allow_wildcards=True)
    assert Handshake(pair, allowed, "csms.example.com", tmp_path).run().ready


def test_a_name_beside_a_wildcard_is_accepted(authority: Authority, tmp_path: Path) -> None:
    pair = authority.issue("csms", names=("*.example.com", "CSMS.example.com"))
    tls = TlsSettings(ca_pem=authority.pem)
    client = Handshake(pair, tls, "csms.example.com", tmp_path).run()
    assert client.ready
    assert client.version in ("TLSv1.2", "TLSv1.3")


@pytest.mark.case("TC_A_06_CS")
@pytest.mark.req("A00.FR.316")
@pytest.mark.req("A00.FR.419")
async def test_a_csms_that_speaks_old_tls_only(dial: Dialling, authority: Authority) -> None:
    async def script(socket: Socket) -> None:
        await socket.reader.read(1000)
        # A ServerHello for TLS 1.1, built by hand: this machine's OpenSSL would not.
        hello = b"\x03\x02" + bytes(32) + b"\x00" + b"\xc0\x0a" + b"\x00"
        message = b"\x02" + len(hello).to_bytes(3, "big") + hello
        socket.writer.write(b"\x16\x03\x02" + len(message).to_bytes(2, "big") + message)
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        error = await listener.expect_error()
        assert error.reason is Reason.TLS_VERSION
        assert error.reason.security_event == "InvalidTLSVersion"


@pytest.mark.req("A00.FR.316")
async def test_a_csms_that_refuses_our_version_by_an_alert(dial: Dialling, authority: Authority) -> None:
    async def script(socket: Socket) -> None:
        await socket.reader.read(1000)
        socket.writer.write(b"\x15\x03\x01\x00\x02\x02\x46")  # fatal, protocol_version
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        assert (await listener.expect_error()).reason is Reason.TLS_VERSION


@pytest.mark.req("A00.FR.323")
@pytest.mark.req("A00.FR.426")
async def test_a_csms_with_weak_cipher_suites_only(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    context = server_context(good, tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with refusing_tls_server(context) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        error = await listener.expect_error()
    assert error.reason is Reason.TLS_CIPHER_SUITE
    assert error.reason.security_event == "InvalidTLSCipherSuite"


async def test_a_csms_without_tls(dial: Dialling, authority: Authority) -> None:
    async def script(socket: Socket) -> None:
        socket.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await socket.reader.read()

    async with raw_server(script) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        error = await listener.expect_error()
        assert error.reason is Reason.NOT_TLS
        assert "ws://" in str(error)


async def test_a_csms_that_hangs_up_in_the_handshake(dial: Dialling, authority: Authority) -> None:
    async def script(socket: Socket) -> None:
        await socket.reader.read(1000)

    async with raw_server(script) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        assert (await listener.expect_error()).reason is Reason.CLOSED


# --- our own certificate ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("what", ["expired", "unknown", "none"])
async def test_a_csms_that_refuses_our_certificate(
    dial: Dialling, authority: Authority, tmp_path: Path, version: ssl.TLSVersion, what: str
) -> None:
    good = authority.issue(HOST)
    stations = Authority("Station Root")
    issuer = Authority("Unknown Root") if what == "unknown" else stations
    ends = -DAY if what == "expired" else DAY
    certificate, key = issuer.issue("SN0001", starts=-2 * DAY, ends=ends).write(tmp_path, "station")
    context = server_context(good, tmp_path, client_authority=stations)
    context.minimum_version = context.maximum_version = version
    files: Any = {} if what == "none" else {"certificate_file": certificate, "key_file": key}
    with refusing_tls_server(context) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem, **files)))
        error = await listener.expect_error()
    assert error.reason is Reason.CLIENT_CERTIFICATE_REFUSED
    assert error.reason.security_event == "FailedToAuthenticateAtCsms"


async def test_files_are_read_again_for_every_connection(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    tls = TlsSettings(ca_file=Authority("Other Root").write(tmp_path, "anchor"))
    async with secure_server(server_context(good, tmp_path)) as csms:
        _, listener = dial(secured(csms.port, tls))
        assert (await listener.expect_error()).reason is Reason.SERVER_CERTIFICATE_UNTRUSTED
        authority.write(tmp_path, "anchor")
        _, listener = dial(secured(csms.port, tls))
        await listener.expect("opened")


def test_connections_share_a_context_while_no_file_changes(authority: Authority, tmp_path: Path) -> None:
    path = Path(authority.write(tmp_path))
    first = context_of(TlsSettings(ca_file=str(path)))
    assert context_of(TlsSettings(ca_file=str(path))) is first
    os.utime(path, ns=(1, 1))
    assert context_of(TlsSettings(ca_file=str(path))) is not first


@pytest.mark.parametrize(
    ("settings", "reason", "words"),
    [
        ({"ca_file": "missing.pem"}, Reason.TRUST_ANCHORS, "No such file"),
        ({"ca_file": "empty.pem"}, Reason.TRUST_ANCHORS, "PEM is expected"),
        ({"ca_directory": "missing"}, Reason.TRUST_ANCHORS, "No such file"),
        ({"ca_pem": "nonsense"}, Reason.TRUST_ANCHORS, "cannot be read"),
        ({"certificate_file": "missing.pem", "key_file": "station.key"}, Reason.CLIENT_CERTIFICATE, "No such file"),
        ({"certificate_file": "station.pem", "key_file": "other.key"}, Reason.CLIENT_CERTIFICATE, "belong together"),
        ({"certificate_file": "station.pem", "key_file": "locked.key"}, Reason.CLIENT_CERTIFICATE, "is encrypted"),
        ({"certificate_file": "empty.pem", "key_file": "station.key"}, Reason.CLIENT_CERTIFICATE, "PEM is expected"),
    ],
)
def test_files_that_cannot_be_used_are_a_matter_of_configuration(
    settings: dict[str, Any], reason: Reason, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.pem").write_text("")
    authority.issue("SN1").write(tmp_path, "station")
    authority.issue("SN2").write(tmp_path, "other")
    authority.issue("SN3").write(tmp_path, "locked", password=b"secret")
    with pytest.raises(ConfigurationError) as refusal:
        context_of(TlsSettings(**settings))
    assert refusal.value.reason is reason
    assert words in str(refusal.value)


# --- the layer ---------------------------------------------------------------------------------------------------------------


async def test_a_csms_that_ends_tls_but_not_tcp(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade(first=Frame(Opcode.TEXT, b"last words").serialize(mask=False))
        socket.writer.close()
        await for_ever(socket)

    async with raw_server(script, server_context(good, tmp_path)) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        code, _ = await listener.expect("closed")
        assert code == 1006
        assert listener.texts() == ["last words"]


async def test_bytes_that_are_no_tls_end_an_open_connection(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        transport = socket.writer.transport.get_extra_info("socket")
        os.write(transport.fileno(), b"this is no TLS record at all")
        await for_ever(socket)

    async with raw_server(script, server_context(good, tmp_path)) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        code, reason = await listener.expect("closed")
        assert code == 1006
        assert "TLS" in reason


@pytest.mark.parametrize("alert", ["TLSV1_ALERT_INTERNAL_ERROR", ""])
def test_an_unusual_failure_is_told_as_it_is(alert: str) -> None:
    error = ssl.SSLError(1, "something odd")
    error.reason = alert
    told = classify(error, "csms")
    assert told.reason is Reason.TLS
    assert "csms" in str(told)


async def test_a_csms_without_a_common_version_sees_a_close_through_tls(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    close: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def script(socket: Socket) -> None:
        await socket.upgrade(subprotocol=None)
        close.set_result(await socket.expect_frame(Opcode.CLOSE))

    async with raw_server(script, server_context(good, tmp_path)) as port:
        _, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        assert (await listener.expect_error()).reason is Reason.NO_SUBPROTOCOL
        assert b"no OCPP version" in await close


async def test_a_csms_that_sends_an_alert_to_an_open_connection(
    dial: Dialling, authority: Authority, good: Pair, tmp_path: Path
) -> None:
    async def script(socket: Socket) -> None:
        await socket.upgrade()
        await socket.expect_frame(Opcode.TEXT)
        os.write(socket.writer.transport.get_extra_info("socket").fileno(), b"no TLS at all, whatever it may be")
        await for_ever(socket)

    async with raw_server(script, server_context(good, tmp_path)) as port:
        connection, listener = dial(secured(port, TlsSettings(ca_pem=authority.pem)))
        await listener.expect("opened")
        connection.send("hello")
        code, reason = await listener.expect("closed")
        assert code == 1006
        assert "TLS" in reason
        connection.send("nobody hears this")


async def test_a_tls_handshake_that_never_ends(dial_on: Dialling, time: Any, authority: Authority) -> None:
    asked = asyncio.Event()

    async def script(socket: Socket) -> None:
        await socket.reader.read(100)
        asked.set()
        await for_ever(socket)

    async with raw_server(script) as port:
        _, listener = dial_on(secured(port, TlsSettings(ca_pem=authority.pem), connect_timeout_second=30.0))
        await asked.wait()
        time.advance(30.0)
        error = await listener.expect_error()
        assert error.reason is Reason.TIMED_OUT
        assert "TLS handshake" in str(error)
