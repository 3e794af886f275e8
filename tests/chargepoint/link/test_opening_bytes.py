"""The way to an open connection, byte by byte, without a network: through a proxy, TLS and the upgrade."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.proxy import parse_proxy
from websockets.utils import accept_key

from chargepoint.link.errors import LinkError, Reason
from chargepoint.link.handshake import Opened
from chargepoint.link.opening import Opening
from chargepoint.link.settings import LinkSettings, TlsSettings
from chargepoint.link.target import target_of
from chargepoint.link.tls import context_of
from tests.certificates import Authority, server_context

HOST = "csms.example.com"
PROXY = parse_proxy("http://proxy.example.com:3128")
FREE = b"HTTP/1.1 200 Connection established\r\n\r\n"


def plain(*, by_proxy: bool = False) -> Opening:
    settings = LinkSettings(url=f"ws://{HOST}/ocpp", station_id="CS001", versions=("1.6",))
    return Opening(settings, target_of(settings), PROXY if by_proxy else None)


def switching(request: bytes, subprotocol: str = "ocpp1.6") -> bytes:
    key = request.decode().partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key)}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
    ).encode()


class Secure:
    """An opening with TLS, and the server's end of it."""

    def __init__(self, folder: Path, *, by_proxy: bool = False, trusted: bool = True) -> None:
        authority = Authority("Test Root")
        tls = TlsSettings(ca_pem=(authority if trusted else Authority("Another")).pem)
        settings = LinkSettings(url=f"wss://{HOST}/ocpp", station_id="CS001", versions=("1.6",), tls=tls)
        self.opening = Opening(settings, target_of(settings), PROXY if by_proxy else None, context_of(tls))
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = server_context(authority.issue(HOST), folder)
        self.server = context.wrap_bio(self._in, self._out, server_side=True)

    def shake_hands(self) -> Opened | LinkError | None:
        """Go on until TLS is there on both sides, or there is an outcome."""
        for _ in range(3):
            self.tell(self.opening.data_to_send())
            with suppress(ssl.SSLWantReadError):
                self.server.do_handshake()
            if (data := self._out.read()) and (outcome := self.opening.receive(data)) is not None:
                return outcome
        return None

    def tell(self, data: bytes) -> None:
        self._in.write(data)

    def request(self) -> bytes:
        self.tell(self.opening.data_to_send())
        return self.server.read(10_000)

    def answer(self, data: bytes, *, end: bool = False) -> Opened | LinkError | None:
        self.server.write(data)
        if end:
            with suppress(ssl.SSLWantReadError):
                self.server.unwrap()
        return self.opening.receive(self._out.read())


def test_without_anything_between_it_is_the_upgrade() -> None:
    opening = plain()
    assert opening.data_to_send() == b"", "there is no TCP connection yet"
    opening.tcp_connected()
    request = opening.data_to_send()
    assert request.startswith(b"GET /ocpp/CS001 HTTP/1.1\r\n")
    assert opening.data_to_send() == b"", "it is said once"
    assert opening.receive(switching(request) + b"rest") == Opened(None, "ocpp1.6", b"rest")
    assert opening.tls is None


def test_the_proxy_comes_first() -> None:
    opening = plain(by_proxy=True)
    opening.tcp_connected()
    assert opening.data_to_send().startswith(f"CONNECT {HOST}:80 HTTP/1.1\r\n".encode())
    assert opening.receive(FREE[:10]) is None
    assert opening.data_to_send() == b""
    assert opening.receive(FREE[10:]) is None
    assert isinstance(opening.receive(switching(opening.data_to_send())), Opened)


@pytest.mark.parametrize("by_proxy", [False, True])
def test_tls_lies_below_the_upgrade_and_stays(by_proxy: bool, tmp_path: Path) -> None:
    secure = Secure(tmp_path, by_proxy=by_proxy)
    opening = secure.opening
    opening.tcp_connected()
    if by_proxy:
        assert opening.data_to_send().startswith(f"CONNECT {HOST}:443 HTTP/1.1\r\n".encode())
        assert opening.tls is None
        assert opening.receive(FREE) is None
    assert secure.shake_hands() is None
    request = secure.request()
    assert request.startswith(b"GET /ocpp/CS001 HTTP/1.1\r\n")
    assert secure.answer(switching(request)) == Opened(None, "ocpp1.6", b"")
    assert opening.tls is not None
    assert opening.tls.ready
    assert not opening.tls_ended


def test_what_is_open_may_have_ended_with_the_same_bytes(tmp_path: Path) -> None:
    secure = Secure(tmp_path)
    secure.opening.tcp_connected()
    secure.shake_hands()
    opened = secure.answer(switching(secure.request()) + b"last words", end=True)
    assert isinstance(opened, Opened)
    assert opened.rest == b"last words"
    assert secure.opening.tls_ended


def test_tls_that_ends_before_the_answer_is_a_csms_that_hangs_up(tmp_path: Path) -> None:
    secure = Secure(tmp_path)
    secure.opening.tcp_connected()
    secure.shake_hands()
    secure.request()
    error = secure.answer(b"HTTP/1.1", end=True)
    assert isinstance(error, LinkError)
    assert error.reason is Reason.CLOSED
    assert secure.opening.data_to_send(), "TLS is ended on this side, too"


def test_a_certificate_that_is_not_accepted_is_told_to_both_sides(tmp_path: Path) -> None:
    secure = Secure(tmp_path, trusted=False)
    secure.opening.tcp_connected()
    error = secure.shake_hands()
    assert isinstance(error, LinkError)
    assert error.reason is Reason.SERVER_CERTIFICATE_UNTRUSTED
    secure.tell(secure.opening.data_to_send() + secure.opening.farewell())
    with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
        secure.server.do_handshake()


def test_a_refusal_says_goodbye_where_the_csms_has_agreed() -> None:
    opening = plain()
    opening.tcp_connected()
    answer = switching(opening.data_to_send()).replace(b"Sec-WebSocket-Protocol: ocpp1.6\r\n", b"")
    error = opening.receive(answer)
    assert isinstance(error, LinkError)
    assert error.reason is Reason.NO_SUBPROTOCOL
    assert opening.farewell()[0] == 0x88, "a close frame"


def test_how_far_it_has_come_is_said_when_it_takes_too_long(tmp_path: Path) -> None:
    secure = Secure(tmp_path, by_proxy=True)
    opening = secure.opening
    stages = [str(opening.timed_out())]
    opening.tcp_connected()
    opening.data_to_send()
    stages.append(str(opening.timed_out()))
    opening.receive(FREE)
    stages.append(str(opening.timed_out()))
    secure.shake_hands()
    stages.append(str(opening.timed_out()))
    assert [stage.partition(" within")[0] for stage in stages] == [
        "no TCP connection",
        "no answer from the proxy",
        "TLS handshake not finished",
        "no answer to the WebSocket request",
    ]
