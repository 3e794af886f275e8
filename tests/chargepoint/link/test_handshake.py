"""The opening handshakes, byte by byte, without a network."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.proxy import parse_proxy
from websockets.utils import accept_key

from chargepoint.link.errors import ConfigurationError, LinkError, ProxyError, Reason, SubprotocolError, UpgradeError
from chargepoint.link.handshake import USER_AGENT, Opened, Tunnel, Upgrade, proxy_for
from chargepoint.link.settings import LinkSettings
from chargepoint.link.target import target_of


class Exchange:
    """An upgrade, and the server's side of it."""

    def __init__(self, **changes: Any) -> None:
        settings = LinkSettings(**{"url": "ws://csms.example.com:9000/ocpp", "station_id": "CS001", **changes})
        self.upgrade = Upgrade(settings, target_of(settings))
        self.request = self.upgrade.request().decode()
        lines = self.request.split("\r\n")
        self.request_line = lines[0]
        self.headers = dict(line.split(": ", 1) for line in lines[1:] if line)

    def switching(self, *headers: str, subprotocol: str | None = "ocpp2.0.1") -> bytes:
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept_key(self.headers['Sec-WebSocket-Key'])}",
        ]
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        return "\r\n".join((*lines, *headers, "", "")).encode()

    def refusal(self, response: bytes) -> LinkError:
        try:
            assert self.upgrade.receive(response) is None
        except LinkError as error:
            return error
        return self.upgrade.receive_eof()


def test_the_request() -> None:
    exchange = Exchange(password="correct horse battery")
    assert exchange.request_line == "GET /ocpp/CS001 HTTP/1.1"
    assert exchange.headers["Host"] == "csms.example.com:9000"
    assert exchange.headers["Upgrade"] == "websocket"
    assert exchange.headers["Sec-WebSocket-Version"] == "13"
    assert exchange.headers["Sec-WebSocket-Protocol"] == "ocpp2.1, ocpp2.0.1, ocpp1.6"
    assert base64.b64decode(exchange.headers["Authorization"].removeprefix("Basic ")) == b"CS001:correct horse battery"
    assert "Sec-WebSocket-Extensions" not in exchange.headers
    assert exchange.headers["User-Agent"].startswith("chargepoint/")


@pytest.mark.parametrize("password", [None, "correct horse battery"])
@pytest.mark.parametrize("url", ["ws://csms.example.com/ocpp", "wss://[2001:db8::1]:8443/a%20b?tenant=1&x=2"])
def test_the_request_is_the_library_s(url: str, password: str | None) -> None:
    settings = LinkSettings(url=url, station_id="CS 001/ü", password=password)
    target = target_of(settings)
    upgrade = Upgrade(settings, target)
    key = dict(line.split(": ", 1) for line in upgrade.request().decode().split("\r\n")[1:] if line)[
        "Sec-WebSocket-Key"
    ]
    client = ClientProtocol(target.uri, subprotocols=target.subprotocols)
    client.key = key
    request = client.connect()
    request.headers["User-Agent"] = USER_AGENT
    if target.authorization is not None:
        request.headers["Authorization"] = target.authorization

    assert upgrade.request() == request.serialize()
    assert len(base64.b64decode(key)) == 16


CHANGES = (
    lambda answer: answer,
    lambda answer: answer.replace(b"websocket", b"WebSocket"),
    lambda answer: answer.replace(b"Connection: Upgrade", b"connection:upgrade"),
    lambda answer: answer.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"),
    lambda answer: answer.replace(b"Connection: Upgrade", b"Connection: keep-alive"),
    lambda answer: answer.replace(b"Connection: Upgrade\r\n", b""),
    lambda answer: answer.replace(b"Upgrade: websocket", b"Upgrade: websocket, h2c"),
    lambda answer: answer.replace(b"Upgrade: websocket", b"Upgrade: h2c"),
    lambda answer: answer.replace(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: x"),
    lambda answer: answer.replace(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept:\t  "),
    lambda answer: answer.replace(b"101 Switching Protocols", b"101 "),
    lambda answer: answer.replace(b"101 Switching Protocols", b"101"),
    lambda answer: answer.replace(b"101 Switching Protocols", b"200 OK"),
    lambda answer: answer.replace(b"HTTP/1.1", b"HTTP/1.0"),
    lambda answer: answer.replace(b"ocpp2.0.1", b"ocpp1.6"),
    lambda answer: answer.replace(b"ocpp2.0.1", b"ocpp1.5"),
    lambda answer: answer.replace(b"ocpp2.0.1", b"OCPP2.0.1"),
    lambda answer: answer.replace(b"ocpp2.0.1", b"ocpp2.0.1, ocpp1.6"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nServer: one\r\nServer: two\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nX: a\r\n  folded\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nBad name: a\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nX: \xff\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nX: \x00\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nno colon\r\n\r\n"),
    lambda answer: answer.replace(b"\r\n", b"\n"),
    lambda answer: answer.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
)


@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=2))
def test_whoever_checks_an_answer_comes_to_the_same_end(changes: list[Any]) -> None:
    """In one piece it is checked here at first; in two, by the library alone."""
    ends: list[object] = []
    for in_one_piece in (True, False):
        exchange = Exchange(versions=("2.0.1", "1.6"))
        answer = exchange.switching()
        for change in changes:
            answer = change(answer)
        try:
            if not in_one_piece:
                assert exchange.upgrade.receive(answer[:3]) is None
                answer = answer[3:]
            opened = exchange.upgrade.receive(answer)
            ends.append(None if opened is None else (opened.subprotocol, opened.rest))
        except LinkError as error:
            ends.append((error.reason, str(error).replace(exchange.headers["Sec-WebSocket-Key"], "")))
    # A wrong Sec-WebSocket-Accept is quoted, and is another one each time.
    first, second = (end[:1] if isinstance(end, tuple) and "Accept" in str(end) else end for end in ends)
    assert first == second


def test_nothing_of_the_request_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        exchange = Exchange(password="correct horse battery")
        exchange.upgrade.receive(exchange.switching())
    assert not caplog.records


def test_an_accepted_connection() -> None:
    exchange = Exchange()
    opened = exchange.upgrade.receive(exchange.switching())
    assert opened is not None
    assert opened.subprotocol == "ocpp2.0.1"
    assert opened.rest == b""


def test_a_first_message_that_comes_with_the_answer_is_kept() -> None:
    exchange = Exchange()
    frame = Frame(Opcode.TEXT, b"[2]").serialize(mask=False)
    opened = exchange.upgrade.receive(exchange.switching() + frame + frame[:2])
    assert opened is not None
    assert opened.rest == frame + frame[:2]


@given(st.data())
def test_the_answer_may_come_in_any_pieces(data: st.DataObject) -> None:
    exchange = Exchange()
    answer = exchange.switching() + b"\x81\x03[2]"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=12)))
    opened: Opened | None = None
    rest = b""
    for start, end in zip((0, *cuts), (*cuts, len(answer)), strict=True):
        piece = answer[start:end]
        if opened is not None:
            rest += piece
        elif (opened := exchange.upgrade.receive(piece)) is not None:
            rest = opened.rest
    assert opened is not None
    assert rest == b"\x81\x03[2]"


def test_no_subprotocol_is_refused_politely() -> None:
    exchange = Exchange()
    with pytest.raises(SubprotocolError, match=r"speaks none of ocpp2\.1, ocpp2\.0\.1, ocpp1\.6") as refusal:
        exchange.upgrade.receive(exchange.switching(subprotocol=None))
    assert refusal.value.reason is Reason.NO_SUBPROTOCOL
    assert exchange.upgrade.farewell()[0] == 0x80 | Opcode.CLOSE


@pytest.mark.parametrize("chosen", ["ocpp1.5", "soap", "ocpp2.0.1, ocpp1.6"])
def test_a_subprotocol_that_was_not_offered_is_refused(chosen: str) -> None:
    exchange = Exchange(versions=("2.0.1",))
    with pytest.raises(LinkError) as refusal:
        exchange.upgrade.receive(exchange.switching(subprotocol=chosen))
    assert refusal.value.reason in (Reason.SUBPROTOCOL_NOT_OFFERED, Reason.NOT_WEBSOCKET)
    if "," not in chosen:
        assert isinstance(refusal.value, SubprotocolError)
        assert chosen in str(refusal.value)


# --- compression -----------------------------------------------------------------------------------------------------


def test_deflate_is_offered_when_configured_only() -> None:
    assert "permessage-deflate" in Exchange(deflate=True).headers["Sec-WebSocket-Extensions"]


@pytest.mark.parametrize("agreed", ["permessage-deflate", "permessage-deflate; client_max_window_bits=12", None])
def test_deflate_is_used_when_the_csms_agrees(agreed: str | None) -> None:
    exchange = Exchange(deflate=True)
    headers = () if agreed is None else (f"Sec-WebSocket-Extensions: {agreed}",)
    opened = exchange.upgrade.receive(exchange.switching(*headers))
    assert opened is not None
    assert (opened.protocol is not None and len(opened.protocol.extensions)) == (agreed is not None)


def test_deflate_that_was_not_offered_is_refused() -> None:
    exchange = Exchange()
    refusal = exchange.refusal(exchange.switching("Sec-WebSocket-Extensions: permessage-deflate"))
    assert refusal.reason is Reason.NOT_WEBSOCKET


# --- refusals --------------------------------------------------------------------------------------------------------


def response(status: str, *headers: str, body: str = "") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body)).encode()


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("401 Unauthorized", Reason.UNAUTHORIZED, "set the password"),
        ("403 Forbidden", Reason.FORBIDDEN, "have it enabled in the CSMS"),
        ("404 Not Found", Reason.NOT_FOUND, "does not know /ocpp/CS001: register 'CS001' in the CSMS"),
        ("400 Bad Request", Reason.HTTP_STATUS, "refuses the WebSocket"),
        ("426 Upgrade Required", Reason.HTTP_STATUS, "HTTP 426 Upgrade Required"),
        ("429 Too Many Requests", Reason.HTTP_STATUS, "HTTP 429"),
        ("200 OK", Reason.HTTP_STATUS, "HTTP 200"),
        ("500 Internal Server Error", Reason.SERVER_ERROR, "HTTP 500"),
        ("503 Service Unavailable", Reason.SERVER_ERROR, "HTTP 503"),
    ],
)
def test_an_http_refusal_says_what_to_do(status: str, reason: Reason, words: str) -> None:
    refusal = Exchange().refusal(response(status))
    assert isinstance(refusal, UpgradeError)
    assert refusal.reason is reason
    assert refusal.status == int(status[:3])
    assert words in str(refusal)


def test_a_404_notices_the_identity_twice() -> None:
    refusal = Exchange(url="ws://csms.example.com/CS001").refusal(response("404 Not Found"))
    assert "ends in the identity before" in str(refusal)


def test_redirects_are_not_followed_and_the_sentence_says_where_to() -> None:
    refusal = Exchange().refusal(response("307 Temporary Redirect", "Location: wss://new.example.com/ocpp"))
    assert refusal.reason is Reason.REDIRECTED
    assert "redirects to wss://new.example.com/ocpp; redirects are not followed" in str(refusal)


def test_what_the_server_says_is_repeated_in_one_line() -> None:
    refusal = Exchange().refusal(response("403 Forbidden", body="Station \x1b[31mblocked\r\nby operator" + "!" * 500))
    assert "it says: Station [31mblocked by operator!!!" in str(refusal)
    assert "\n" not in str(refusal)
    assert len(str(refusal)) < 400


def test_a_web_page_is_not_repeated() -> None:
    assert "html" not in str(Exchange().refusal(response("502 Bad Gateway", body="<html><body>nginx</body></html>")))


def test_a_chunked_refusal_is_read_to_its_end() -> None:
    exchange = Exchange()
    exchange.upgrade.receive(b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno ")
    with pytest.raises(UpgradeError, match="it says: no way"):
        exchange.upgrade.receive(b"\r\n3\r\nway\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    ("status", "reason"),
    [("401 Unauthorized", Reason.UNAUTHORIZED), ("404 Not Found", Reason.NOT_FOUND), ("503 Busy", Reason.SERVER_ERROR)],
)
@pytest.mark.parametrize("body", [b"Content-Length: 100\r\n\r\nno", b"Transfer-Encoding: chunked\r\n\r\n30\r\nno"])
def test_a_refusal_that_is_cut_off_is_a_refusal(status: str, reason: Reason, body: bytes) -> None:
    refusal = Exchange().refusal(b"HTTP/1.1 " + status.encode() + b"\r\n" + body)
    assert refusal.reason is reason
    assert f"HTTP {status}" in str(refusal)


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.0 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"\x00" * 70_000,
        b"HTTP/1.1 101 X\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 101 X\r\nA: " + b"b" * 70_000,
        b"\r\n\r\n",
    ],
)
def test_whatever_is_no_websocket_server_is_called_that(garbage: bytes) -> None:
    refusal = Exchange().refusal(garbage)
    assert refusal.reason is Reason.NOT_WEBSOCKET
    assert "check host and port" in str(refusal)


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 10", b"HTTP/1.1 101 X\r\nUpgr"])
def test_hanging_up_instead_of_answering(beginning: bytes) -> None:
    assert Exchange().refusal(beginning).reason is Reason.CLOSED


@given(st.binary(max_size=300))
def test_no_bytes_break_it(garbage: bytes) -> None:
    assert isinstance(Exchange().refusal(garbage), LinkError)


# --- proxy -------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "ws_proxy", "wss_proxy", "socks_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def proxy_of(**changes: Any) -> tuple[str, int, tuple[str, str] | None] | None:
    settings = LinkSettings(**{"url": "wss://csms.example.com/ocpp", "station_id": "CS001", **changes})
    proxy = proxy_for(settings, target_of(settings))
    return None if proxy is None else (proxy.host, proxy.port, proxy.user_info)


def test_no_proxy_unless_there_is_one() -> None:
    assert proxy_of() is None


def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://user:p%40ss@proxy.example.com:3128")
    assert proxy_of() == ("proxy.example.com", 3128, ("user", "p@ss"))
    assert proxy_of(proxy="none") is None
    assert proxy_of(proxy="http://other:8080") == ("other", 8080, None)


def test_no_proxy_excepts_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "localhost,.example.com")
    assert proxy_of() is None
    assert proxy_of(url="wss://csms.example.org/") == ("proxy.example.com", 3128, None)


@pytest.mark.parametrize(
    "address",
    ["socks5://proxy:1080", "https://proxy:443", "proxy:3128", "http://user:secret@", "http://user:secret@proxy:x/"],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        proxy_of(proxy=address)
    assert refusal.value.reason is Reason.PROXY_ADDRESS
    assert "secret" not in str(refusal.value)


def tunnel(address: str = "http://user:pass@proxy:3128", url: str = "ws://csms.example.com/ocpp") -> Tunnel:
    settings = LinkSettings(url=url, station_id="CS001")
    return Tunnel(parse_proxy(address), target_of(settings))


def test_the_proxy_is_asked_to_connect_and_given_credentials() -> None:
    lines = tunnel().request().decode().split("\r\n")
    assert lines[0] == "CONNECT csms.example.com:80 HTTP/1.1"
    assert "Host: csms.example.com:80" in lines
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'user:pass').decode()}" in lines


def test_the_way_is_free_when_the_proxy_says_so() -> None:
    way = tunnel("http://proxy:3128")
    assert "Proxy-Authorization" not in way.request().decode()
    assert way.receive(b"HTTP/1.0 200 Connection est") is None
    assert way.receive(b"ablished\r\nVia: x\r\n\r\nrest") == b"rest"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Reason.PROXY_CREDENTIALS),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Reason.PROXY_REFUSED),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", Reason.PROXY_REFUSED),
        (b"nonsense\r\n\r\n", Reason.PROXY_REFUSED),
        (b"\x00" * 70_000, Reason.PROXY_REFUSED),
        (b"\r\n\r\n", Reason.PROXY_REFUSED),
    ],
)
def test_a_proxy_that_refuses(answer: bytes, reason: Reason) -> None:
    with pytest.raises(ProxyError, match="proxy:3128") as refusal:
        tunnel().receive(answer)
    assert refusal.value.reason is reason
    assert "pass" not in str(refusal.value).replace("password in its address", "")
