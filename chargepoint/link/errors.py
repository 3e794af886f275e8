"""Why there is no connection: a reason for the program, and a sentence for the person who must act.

LinkError
├── ConfigurationError    no network can cure it: URL, identity, security profile, certificate files
├── NetworkError          no TCP connection, or it broke, or nobody answered in time
├── ProxyError            the proxy on the way refused
├── TlsError              there is a connection, but it would not be secure
├── UpgradeError          the server refused the WebSocket, or is none
└── SubprotocolError      the server speaks no OCPP version that was offered
"""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """What stood in the way."""

    # The configuration
    URL = "url"
    IDENTITY = "identity"
    VERSIONS = "versions"
    SECURITY_PROFILE = "security profile"
    CREDENTIALS = "credentials"
    TRUST_ANCHORS = "trust anchors"
    CLIENT_CERTIFICATE = "client certificate"
    PROXY_ADDRESS = "proxy address"
    # The network
    NAME_UNRESOLVED = "name unresolved"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    CLOSED = "closed"
    NO_PORT = "no port"
    NO_DESCRIPTOR = "no descriptor"
    # The proxy
    PROXY_CREDENTIALS = "proxy credentials"
    PROXY_REFUSED = "proxy refused"
    # TLS
    SERVER_CERTIFICATE_EXPIRED = "server certificate expired"
    SERVER_CERTIFICATE_NOT_YET_VALID = "server certificate not yet valid"
    SERVER_CERTIFICATE_UNTRUSTED = "server certificate untrusted"
    SERVER_CERTIFICATE_HOST = "server certificate of another host"
    SERVER_CERTIFICATE_WILDCARD = "server certificate with a wildcard"
    SERVER_CERTIFICATE_INVALID = "server certificate invalid"
    CLIENT_CERTIFICATE_REFUSED = "client certificate refused"
    TLS_VERSION = "tls version"
    TLS_CIPHER_SUITE = "tls cipher suite"
    NOT_TLS = "not tls"
    TLS = "tls"
    # HTTP
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    REDIRECTED = "redirected"
    SERVER_ERROR = "server error"
    HTTP_STATUS = "http status"
    NOT_WEBSOCKET = "not websocket"
    # OCPP
    NO_SUBPROTOCOL = "no subprotocol"
    SUBPROTOCOL_NOT_OFFERED = "subprotocol not offered"

    @property
    def needs_person(self) -> bool:
        """Whether waiting is unlikely to help: somebody has to change something at this station or at the CSMS."""
        return self not in _TRANSIENT

    @property
    def security_event(self) -> str | None:
        """The 2.x name of the security event that this amounts to; None = it is no security matter.

        (OCPP 2.0.1 A00.FR.310, .316, .323, .413, .419, .426 and the list of security events in part 2, appendices)
        """
        return _SECURITY_EVENTS.get(self)


_TRANSIENT = frozenset(
    {
        Reason.NAME_UNRESOLVED,
        Reason.UNREACHABLE,
        Reason.REFUSED,
        Reason.TIMED_OUT,
        Reason.CLOSED,
        Reason.PROXY_REFUSED,
        Reason.SERVER_ERROR,
        Reason.HTTP_STATUS,
    }
)

_SECURITY_EVENTS = {
    Reason.SERVER_CERTIFICATE_EXPIRED: "InvalidCsmsCertificate",
    Reason.SERVER_CERTIFICATE_NOT_YET_VALID: "InvalidCsmsCertificate",
    Reason.SERVER_CERTIFICATE_UNTRUSTED: "InvalidCsmsCertificate",
    Reason.SERVER_CERTIFICATE_HOST: "InvalidCsmsCertificate",
    Reason.SERVER_CERTIFICATE_WILDCARD: "InvalidCsmsCertificate",
    Reason.SERVER_CERTIFICATE_INVALID: "InvalidCsmsCertificate",
    Reason.TLS_VERSION: "InvalidTLSVersion",
    Reason.TLS_CIPHER_SUITE: "InvalidTLSCipherSuite",
    Reason.CLIENT_CERTIFICATE_REFUSED: "FailedToAuthenticateAtCsms",
    Reason.UNAUTHORIZED: "FailedToAuthenticateAtCsms",
}


class LinkError(Exception):
    """There is no connection, or there is none any more."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class ConfigurationError(LinkError):
    """The settings contradict themselves, or name what is not there."""


class NetworkError(LinkError):
    """The way to the CSMS is broken."""


class ProxyError(LinkError):
    """The proxy answered, and would not let us through."""


class TlsError(LinkError):
    """The TLS handshake failed, on either side."""


class UpgradeError(LinkError):
    """The HTTP answer to the upgrade request was no. status: the HTTP status; None when there was no proper answer."""

    def __init__(self, reason: Reason, sentence: str, status: int | None = None) -> None:
        super().__init__(reason, sentence)
        self.status = status


class SubprotocolError(LinkError):
    """The server would speak no OCPP version that was offered (1.6 OCPP-J §3.2; 2.x part 4 §3.2)."""
