"""What a link needs to know: where the CSMS is, who the station is, how they trust each other, and the limits on the way."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Literal

import msgspec

from chargepoint.link.reconnection import BackOff
from chargepoint.station.chance import SYSTEM

UNIFORM = SYSTEM.uniform

VERSIONS = ("2.1", "2.0.1", "1.6")
"""Every version that this station speaks, the preferred one first."""


class PasswordForm(Enum):
    """How the password of HTTP Basic authentication is written down.

    TEXT: sent as UTF-8 (2.x A00.FR.205). HEXADECIMAL: the digits of what is sent (1.6 AuthorizationKey). BY_VERSION: hexadecimal where
    only 1.6 is offered and it reads as 16 to 20 bytes (1.6 A00.FR.205), else text.
    """

    BY_VERSION = "by version"
    TEXT = "text"
    HEXADECIMAL = "hexadecimal"


class TlsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to trust, and how to show who we are. Files are read again for every connection.

    ca_file, ca_directory, ca_pem: trust anchors as a PEM file, as all PEM files of a directory, as PEM text; with none of the three the
    operating system's. roots: PEM certificates that the CSMS has installed; trusted besides all those.
    certificate_file, key_file: the station's own chain and unencrypted key, PEM, for security profile 3.
    minimum_version: oldest TLS version to accept; 1.2 is the least that OCPP permits (A00.FR.313).
    allow_wildcards: accept a server certificate that fits the host by a wildcard only (2.x AllowCSMSTLSWildcards; not compliant).
    """

    ca_file: str = ""
    ca_directory: str = ""
    ca_pem: str = ""
    roots: tuple[str, ...] = ()
    certificate_file: str = ""
    key_file: str = ""
    allow_wildcards: bool = False
    minimum_version: Literal["1.2", "1.3"] = "1.2"


def never() -> float:
    """No interval."""
    return 0.0


class LinkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about the connection of one station.

    url: the CSMS's OCPP-J endpoint, ws:// or wss://. station_id: the identity, also the user name of HTTP Basic authentication.
    append_id: whether the identity is still to be appended to the URL. versions: offered, in the order of preference.
    security_profile: 0 to 3; None = not checked, the URL and the password say what happens.
    password: None = none. It is shown by no `repr`.
    proxy: "environment" (HTTPS_PROXY, NO_PROXY …), "none", or http://[user:password@]host:port.
    deflate: offer permessage-deflate; it costs some 100 KiB for each connection.
    ping_interval: seconds between our WebSocket pings, 0 = none; read before every ping. pong_timeout_second: silence after a ping
    that ends the connection. stall_timeout_second: how long the CSMS may leave what we send unread.
    write_limit_byte: unread data beyond which it counts as not reading; write_maximum_byte: beyond which the connection is given up.
    back_off: parameters of reconnection, read at each connection loss; None = the link's own, where 2.x is not spoken.
    uniform: chooses random waits.
    """

    url: str
    station_id: str
    append_id: bool = True
    versions: tuple[str, ...] = VERSIONS
    security_profile: int | None = None
    password: str | None = None
    password_form: PasswordForm = PasswordForm.BY_VERSION
    tls: TlsSettings = TlsSettings()
    proxy: str = "environment"
    deflate: bool = False
    ping_interval: Callable[[], float] = never
    pong_timeout_second: float = 20.0
    connect_timeout_second: float = 30.0
    close_timeout_second: float = 5.0
    stall_timeout_second: float = 60.0
    maximum_message_byte: int = 1 << 20
    write_limit_byte: int = 64 << 10
    write_maximum_byte: int = 4 << 20
    back_off: Callable[[], BackOff] | None = None
    uniform: Callable[[float, float], float] = UNIFORM

    def __repr__(self) -> str:
        password = None if self.password is None else "***"
        return f"LinkSettings(url={self.url!r}, station_id={self.station_id!r}, versions={self.versions!r}, password={password!r})"
