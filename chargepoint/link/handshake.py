"""The opening handshakes without I/O: through an HTTP proxy, and from HTTP to WebSocket.

Both feed on lines, and stop at the blank one: what follows belongs to the next layer. So the objects of the handshake, with all the
headers of the answer, live no longer than the handshake; an open connection is a bare `websockets.protocol.Protocol`.
"""

from __future__ import annotations

import base64
import functools
import logging
import os
import re
from typing import NamedTuple

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidMessage, InvalidProxy, InvalidStatus, NegotiationError
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import CloseCode
from websockets.headers import build_authorization_basic, build_host
from websockets.http11 import Response
from websockets.protocol import CLIENT, OPEN, Protocol
from websockets.proxy import Proxy, get_proxy, parse_proxy
from websockets.utils import accept_key

from chargepoint import __version__
from chargepoint.link.errors import (
    ConfigurationError,
    LinkError,
    NetworkError,
    ProxyError,
    Reason,
    SubprotocolError,
    UpgradeError,
)
from chargepoint.link.settings import LinkSettings
from chargepoint.link.target import Target, names_identity_twice
from chargepoint.station.chance import random_bytes

USER_AGENT = f"chargepoint/{__version__}"

_LONGEST_HEAD_BYTE = 64 << 10
_LONGEST_EXCERPT = 120
_PROXY_NAMES = tuple(f"{word}_proxy" for word in ("ws", "wss", "socks", "https", "http")) + tuple(
    f"{word}_PROXY" for word in ("WS", "WSS", "SOCKS", "HTTPS", "HTTP")
)
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-5][0-9][0-9]) (.*)")
"""Of an answer that is final and no upgrade (RFC 9112 §4)."""

_SWITCHING = re.compile(rb"HTTP/1\.1 101 [\t -~]*(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~]*){3,30}")
"""An answer that is one, as far as its form goes."""

# The library logs every header and frame when debugging, passwords included: this logger never does.
_discreet = logging.getLogger("chargepoint.link.websocket")
_discreet.setLevel(logging.INFO)

# A smaller window for what we send only: asking the CSMS for one makes those decline that cannot (RFC 7692 §7.1.2.1).
_DEFLATE = ClientPerMessageDeflateFactory(client_max_window_bits=12, compress_settings={"memLevel": 5})


_host_of = functools.lru_cache(maxsize=64)(build_host)


class Opened(NamedTuple):
    """A WebSocket connection: its protocol where extensions were agreed on, the subprotocol, and what came after the handshake."""

    protocol: Protocol | None
    subprotocol: str
    rest: bytes


def protocol_of(settings: LinkSettings) -> Protocol:
    """The client's side of a WebSocket connection that is open."""
    return Protocol(CLIENT, state=OPEN, max_size=settings.maximum_message_byte, logger=_discreet)


class Upgrade:
    """The client's side of the WebSocket opening handshake (RFC 6455 §4.1), with what OCPP-J adds to it.

    The answer that nearly all servers give is checked here, in one step; whatever else it may be is for the library to say.
    """

    __slots__ = ("_head_ended", "_host", "_key", "_library", "_pending", "_settings", "_status_line", "_target")

    def __init__(self, settings: LinkSettings, target: Target) -> None:
        self._settings = settings
        self._target = target
        self._host = _host_of(target.uri.host, target.uri.port, target.uri.secure)
        self._pending = bytearray()
        self._head_ended = False
        self._status_line = b""
        self._key = base64.b64encode(random_bytes(16)).decode()
        self._library: ClientProtocol | None = None

    @property
    def _client(self) -> ClientProtocol:
        if self._library is None:
            settings, target = self._settings, self._target
            self._library = ClientProtocol(
                target.uri,
                subprotocols=target.subprotocols,
                extensions=[_DEFLATE] if settings.deflate else None,
                max_size=settings.maximum_message_byte,
                logger=_discreet,
            )
            self._library.key = self._key
        return self._library

    def request(self) -> bytes:
        """The request to send."""
        target = self._target
        if self._settings.deflate:
            request = self._client.connect()
            request.headers["User-Agent"] = USER_AGENT
            if target.authorization is not None:
                request.headers["Authorization"] = target.authorization
            return request.serialize()
        authorization = "" if target.authorization is None else f"Authorization: {target.authorization}\r\n"
        return (
            f"GET {target.uri.resource_name} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {self._key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {', '.join(target.subprotocols)}\r\nUser-Agent: {USER_AGENT}\r\n{authorization}\r\n"
        ).encode("ascii")

    def receive(self, data: bytes) -> Opened | None:
        """Take bytes from the server. Returns the open connection once there is one.

        Raises: UpgradeError, SubprotocolError.
        """
        if self._library is None:
            opened = self._usual(data)
            if opened is not None:
                return opened
        client = self._client
        self._pending += data
        while self._pending and client.handshake_exc is None and not self._head_ended:
            end = self._pending.find(b"\r\n\r\n")
            length = end + 4 if end >= 0 else self._pending.find(b"\n") + 1
            if not length and len(self._pending) < _LONGEST_HEAD_BYTE:
                return None
            line = bytes(self._pending[: length or len(self._pending)])
            del self._pending[: len(line)]
            client.receive_data(line)
            self._status_line = self._status_line or line.partition(b"\r\n")[0]
            self._head_ended = line == b"\r\n" or end >= 0
        if client.state is OPEN:
            return self._opened()
        if client.handshake_exc is None and self._pending:  # the body of a refusal
            client.receive_data(bytes(self._pending))
            self._pending.clear()
        if client.handshake_exc is not None:
            raise self._error(client.handshake_exc)
        return None

    def _usual(self, answer: bytes) -> Opened | None:
        """The connection, where this is the whole head of an answer that says yes and no more; None = it has to be looked at."""
        head, blank, rest = answer.partition(b"\r\n\r\n")
        if not blank or _SWITCHING.fullmatch(head) is None:
            return None
        pairs = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        fields = {name.lower(): value.strip(b" \t") for name, _, value in pairs}
        if len(fields) < len(pairs):
            return None  # one of them is there twice
        chosen = fields.get(b"sec-websocket-protocol", b"").decode("latin-1")
        if (
            fields.get(b"upgrade", b"").lower() != b"websocket"
            or fields.get(b"connection", b"").lower() != b"upgrade"
            or fields.get(b"sec-websocket-accept") != accept_key(self._key).encode()
            or b"sec-websocket-extensions" in fields
            or chosen not in self._target.subprotocols
        ):
            return None
        return Opened(None, chosen, rest)

    def farewell(self) -> bytes:
        """What to send before hanging up."""
        return b"" if self._library is None else b"".join(self._library.data_to_send())

    def receive_eof(self) -> LinkError:
        """The server has ended the stream: why there is no connection."""
        if self._client.handshake_exc is None:
            if self._pending:
                self._client.receive_data(bytes(self._pending))
            if self._client.handshake_exc is None:
                self._client.receive_eof()
        refusal = _STATUS_LINE.match(self._status_line) if self._head_ended else None
        if refusal is not None and not isinstance(self._client.handshake_exc, InvalidStatus):
            # It has refused, and hung up before the end of the page that says why: the status is what matters.
            return self._status_error(Response(int(refusal[1]), refusal[2].decode("latin-1"), Headers()))
        return self._error(self._client.handshake_exc or EOFError())

    def _opened(self) -> Opened:
        client = self._client
        if client.subprotocol is None:
            # OCPP-J §3.2: so does a CSMS that agrees to none; a connection whose messages have no agreed meaning is of no use.
            client.send_close(CloseCode.PROTOCOL_ERROR, "no OCPP version in common")
            raise SubprotocolError(
                Reason.NO_SUBPROTOCOL,
                f"{self._host} speaks none of {', '.join(self._target.subprotocols)}: enable one of them there, or another version here",
            )
        protocol = None
        if client.extensions:
            protocol = protocol_of(self._settings)
            protocol.extensions = client.extensions
        return Opened(protocol, client.subprotocol, bytes(self._pending))

    def _error(self, error: Exception) -> LinkError:
        if isinstance(error, InvalidStatus):
            return self._status_error(error.response)
        if isinstance(error, NegotiationError):
            response = next((event for event in self._client.events if isinstance(event, Response)), None)
            chosen = ", ".join(response.headers.get_all("Sec-WebSocket-Protocol")) if response is not None else ""
            if chosen and chosen not in self._target.subprotocols:
                return SubprotocolError(
                    Reason.SUBPROTOCOL_NOT_OFFERED,
                    f"{self._host} chose {_excerpt(chosen)}, which was not offered; offered were {', '.join(self._target.subprotocols)}",
                )
        if isinstance(error, EOFError) or (isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError)):
            hint = "; it may not accept the station's certificate" if self._settings.tls.certificate_file else ""
            return NetworkError(
                Reason.CLOSED, f"{self._host} closed the connection instead of answering the WebSocket request{hint}"
            )
        cause = f" ({_excerpt(str(error.__cause__))})" if error.__cause__ is not None else ""
        return UpgradeError(
            Reason.NOT_WEBSOCKET,
            f"{self._host} does not answer as a WebSocket server: {_excerpt(str(error))}{cause}; check host and port",
        )

    def _status_error(self, response: Response) -> UpgradeError:
        status = response.status_code
        path = self._target.uri.resource_name.partition("?")[0]
        identity = self._settings.station_id
        if 300 <= status < 400:
            where = _excerpt(", ".join(response.headers.get_all("Location"))) or "no address"
            # A redirect could lead the station, with its password, to anybody.
            reason = Reason.REDIRECTED
            sentence = f"redirects to {where}; redirects are not followed: set the URL to where the CSMS is"
        elif status == 401:
            sent = (
                "no password" if self._target.authorization is None else f"the user name {identity!r} and its password"
            )
            reason = Reason.UNAUTHORIZED
            sentence = f"wants other credentials than {sent}: set the password that the CSMS has for this station"
        elif status == 403:
            reason = Reason.FORBIDDEN
            sentence = f"does not admit {identity!r}: have it enabled in the CSMS, or check password and certificate"
        elif status == 404:
            reason = Reason.NOT_FOUND
            sentence = f"does not know {path}: register {identity!r} in the CSMS, or correct the URL"
            if names_identity_twice(self._settings):
                sentence += ", which ends in the identity before the identity is appended"
        elif status >= 500:
            reason = Reason.SERVER_ERROR
            sentence = "has a problem of its own, or what stands before it has"
        else:
            reason = Reason.HTTP_STATUS
            sentence = "refuses the WebSocket"
        answer = f"HTTP {status} {_excerpt(response.reason_phrase)}".rstrip()
        said = _excerpt(response.body.decode(errors="replace")) if response.body else ""
        if said and "<" not in said:  # no web page
            answer += f"; it says: {said}"
        return UpgradeError(reason, f"{self._host} {sentence} ({answer})", status)


# --- proxy -------------------------------------------------------------------------------------------------------------


def names_proxy() -> bool:
    """Whether the environment names a proxy for anything.

    The library reads all of the environment, twice: a tenth of what a connection costs. These are its names, as they are written.
    """
    return any(name in os.environ for name in _PROXY_NAMES)


def proxy_for(settings: LinkSettings, target: Target) -> Proxy | None:
    """The HTTP proxy on the way, None = direct.

    Raises: ConfigurationError: PROXY_ADDRESS.
    """
    if settings.proxy == "none":
        return None
    address: str | None = settings.proxy
    if address == "environment":
        address = get_proxy(target.uri) if names_proxy() else None
    if not address:
        return None
    origin = "in the environment" if settings.proxy == "environment" else "in the settings"
    try:
        proxy = parse_proxy(address)
    except (InvalidProxy, ValueError):
        # Its text would show the proxy's password.
        raise ConfigurationError(
            Reason.PROXY_ADDRESS,
            f"the proxy {origin} cannot be read: write http://host:port, or http://user:password@host:port",
        ) from None
    if proxy.scheme != "http":
        raise ConfigurationError(
            Reason.PROXY_ADDRESS,
            f"the proxy {origin} is a {proxy.scheme}:// one: only http:// proxies (CONNECT) are supported",
        )
    return proxy


class Tunnel:
    """The client's side of HTTP CONNECT (RFC 9110 §9.3.6)."""

    __slots__ = ("_destination", "_head", "_proxy")

    def __init__(self, proxy: Proxy, target: Target) -> None:
        self._proxy = proxy
        self._destination = build_host(target.uri.host, target.uri.port, target.uri.secure, always_include_port=True)
        self._head = bytearray()

    def request(self) -> bytes:
        """The request to send."""
        lines = [f"CONNECT {self._destination} HTTP/1.1", f"Host: {self._destination}", f"User-Agent: {USER_AGENT}"]
        if self._proxy.user_info is not None:
            lines.append(f"Proxy-Authorization: {build_authorization_basic(*self._proxy.user_info)}")
        return "\r\n".join((*lines, "", "")).encode()

    def receive(self, data: bytes) -> bytes | None:
        """Take bytes from the proxy. Returns what came after its answer, once the way is free.

        Raises: ProxyError.
        """
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0 and len(self._head) < _LONGEST_HEAD_BYTE:
            return None
        protocol, _, rest = self._head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        code, _, phrase = rest.partition(" ")
        name = f"the proxy {self._proxy.host}:{self._proxy.port}"
        if end < 0 or not protocol.startswith("HTTP/1.") or not (code.isascii() and code.isdigit()):
            raise ProxyError(Reason.PROXY_REFUSED, f"{name} does not answer as an HTTP proxy: check its address")
        if code == "407":
            raise ProxyError(
                Reason.PROXY_CREDENTIALS, f"{name} wants other credentials: set user and password in its address"
            )
        if not 200 <= int(code) < 300:
            raise ProxyError(
                Reason.PROXY_REFUSED,
                f"{name} does not connect to {self._destination}: HTTP {code} {_excerpt(phrase)}".rstrip(),
            )
        return bytes(self._head[end + 4 :])

    def receive_eof(self) -> LinkError:
        """The proxy has ended the stream: why there is no connection."""
        return NetworkError(
            Reason.CLOSED, f"the proxy {self._proxy.host}:{self._proxy.port} closed the connection without an answer"
        )


def _excerpt(text: str) -> str:
    """What a stranger sent, fit for one line of a log."""
    printable = "".join(character if character.isprintable() else " " for character in text[: 4 * _LONGEST_EXCERPT])
    words = " ".join(printable.split())
    return words if len(words) <= _LONGEST_EXCERPT else words[: _LONGEST_EXCERPT - 1] + "…"
