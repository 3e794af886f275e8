"""From settings to what is dialled: the connection URL, the subprotocols offered, the credentials, and whether they fit each other."""

from __future__ import annotations

import base64
import functools
import ipaddress
import re
import urllib.parse
from typing import NamedTuple

from websockets.exceptions import InvalidURI
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI, parse_uri

from chargepoint.link.errors import ConfigurationError, Reason
from chargepoint.link.settings import VERSIONS, LinkSettings, PasswordForm

MAXIMUM_IDENTITY_LENGTH = 48  # 2.x part 4 §3.1.1
_PATH_CHARACTERS = (
    "!$&'()*+,;=:@"  # RFC 3986 §3.3: what a path segment may hold as it is, besides letters, digits and -._~
)
_HEXADECIMAL_KEY = re.compile(r"(?:[0-9A-Fa-f]{2}){16,20}")  # 1.6 A00.FR.205: 16 to 20 bytes
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")


class Target(NamedTuple):
    """One connection's destination. authorization: the header's value, secret; None = no HTTP Basic authentication."""

    url: str
    uri: WebSocketURI
    subprotocols: tuple[Subprotocol, ...]
    authorization: str | None

    def __repr__(self) -> str:
        return f"Target({self.url!r}, {self.subprotocols!r})"


_latest: tuple[LinkSettings, Target] | None = None


def target_of(settings: LinkSettings) -> Target:
    """What to dial for these settings.

    Raises: ConfigurationError: URL, IDENTITY, VERSIONS, SECURITY_PROFILE, CREDENTIALS, CLIENT_CERTIFICATE.
    """
    global _latest  # noqa: PLW0603 - whoever dials asks twice, one station after the other
    latest = _latest
    if latest is not None and latest[0] is settings:
        return latest[1]
    target = _target_of(settings)
    _latest = settings, target
    return target


def _target_of(settings: LinkSettings) -> Target:
    subprotocols = _subprotocols_of(settings.versions)
    _check_identity(settings)
    if settings.append_id:
        quoted = urllib.parse.quote(settings.station_id, safe=_PATH_CHARACTERS)
        around = _around_identity(settings.url)
        url, uri = around.url_of(quoted), around.uri_of(quoted)
    else:
        url = endpoint_url(settings.url)
        uri = _uri(url)
    _check_profile(settings, uri)
    return Target(url, uri, subprotocols, _authorization(settings))


@functools.lru_cache(maxsize=8)
def _subprotocols_of(versions: tuple[str, ...]) -> tuple[Subprotocol, ...]:
    """Raises: ConfigurationError: VERSIONS."""
    if not versions or not set(versions) <= set(VERSIONS):
        raise ConfigurationError(
            Reason.VERSIONS,
            f"versions are {', '.join(versions) or 'empty'}: name at least one of {', '.join(VERSIONS)}",
        )
    return tuple(map(subprotocol_of, versions))


def subprotocol_of(version: str) -> Subprotocol:
    """The WebSocket subprotocol of an OCPP version: "ocpp2.0.1" (1.6 OCPP-J §3.1.2; 2.x part 4 §3.1.2)."""
    return Subprotocol(f"ocpp{version}")


def version_of(subprotocol: str) -> str:
    """The OCPP version of a WebSocket subprotocol."""
    return subprotocol.removeprefix("ocpp")


_uri = functools.lru_cache(maxsize=8)(parse_uri)


@functools.lru_cache(maxsize=8)
def endpoint_url(url: str) -> str:
    """The URL as it was given, after a check.

    Raises: ConfigurationError: URL.
    """
    if _UNPRINTABLE.search(url.strip()):
        raise ConfigurationError(
            Reason.URL, f"the URL {url!r} contains blanks or control characters: write them as %20 and the like"
        )
    url = url.strip()
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ConfigurationError(Reason.URL, f"{url!r} is no URL: it must begin with ws:// or wss://")
    if scheme.casefold() in ("http", "https"):
        better = f"{scheme.casefold().replace('http', 'ws')}://{_without_user(rest)}"
        raise ConfigurationError(Reason.URL, f"an OCPP connection is no web page: write {better}")
    if scheme.casefold() not in ("ws", "wss"):
        raise ConfigurationError(Reason.URL, f"the URL begins with {scheme}://, not with ws:// or wss://")
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(
            Reason.URL, f"the URL {scheme}://{_without_user(rest)} cannot be read: {error}"
        ) from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            Reason.URL,
            "the URL contains a user name or password: the user name is always the identity, and the password is a setting",
        )
    if not parts.hostname:
        raise ConfigurationError(Reason.URL, f"the URL {url!r} names no host")
    if port == 0:
        raise ConfigurationError(Reason.URL, f"the URL {url!r} names port 0")
    if parts.fragment or url.endswith("#"):
        raise ConfigurationError(
            Reason.URL, f"the URL {url!r} has a part after #, which is never sent: leave it out, or write %23"
        )
    try:
        parse_uri(url)
    except (InvalidURI, ValueError) as error:
        raise ConfigurationError(Reason.URL, f"the URL {url!r} cannot be read: {error}") from None
    return url


_SAMPLE = "identity"


def connection_url(endpoint: str, station_id: str) -> str:
    """The endpoint's URL with `/` and the percent-encoded identity appended to its path; its query stays where it is.

    (1.6 OCPP-J §3.1.1; 2.x part 4 §3.1.1)

    Raises: ConfigurationError: URL.
    """
    return _around_identity(endpoint).url_of(urllib.parse.quote(station_id, safe=_PATH_CHARACTERS))


class _Around(NamedTuple):
    """What the URLs of all stations at an endpoint have in common. before, behind: the identity. uri: with a path up to the identity."""

    before: str
    behind: str
    uri: WebSocketURI

    def url_of(self, quoted: str) -> str:
        """The URL of a station."""
        return f"{self.before}{quoted}{self.behind}"

    def uri_of(self, quoted: str) -> WebSocketURI:
        """What the library reads in it."""
        uri = self.uri
        return WebSocketURI(uri.secure, uri.host, uri.port, uri.path + quoted, uri.query)


@functools.lru_cache(maxsize=8)
def _around_identity(endpoint: str) -> _Around:
    """Raises: ConfigurationError: URL."""
    parts = urllib.parse.urlsplit(endpoint_url(endpoint))
    whole = urllib.parse.urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/"))
    behind = f"?{parts.query}" if parts.query else ""
    before = whole.removesuffix(behind)
    sample = parse_uri(f"{before}{_SAMPLE}{behind}")
    uri = WebSocketURI(sample.secure, sample.host, sample.port, sample.path.removesuffix(_SAMPLE), sample.query)
    return _Around(before, behind, uri)


@functools.lru_cache(maxsize=64)
def is_address(host: str) -> bool:
    """Whether a host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def names_identity_twice(settings: LinkSettings) -> bool:
    """Whether the configured URL already ended in the identity that is appended to it: a likely mistake."""
    path = urllib.parse.urlsplit(settings.url).path.rstrip("/")
    return settings.append_id and urllib.parse.unquote(path.rpartition("/")[2]) == settings.station_id


def password_bytes(settings: LinkSettings) -> bytes | None:
    """The password as it is sent.

    Raises: ConfigurationError: CREDENTIALS: it should be hexadecimal and is not.
    """
    password = settings.password
    if password is None:
        return None
    form = settings.password_form
    if form is PasswordForm.BY_VERSION:
        # Plain text is common in 1.6 as well; only what reads as a key of the specified size is taken for one.
        only_16 = set(settings.versions) == {"1.6"}
        form = PasswordForm.HEXADECIMAL if only_16 and _HEXADECIMAL_KEY.fullmatch(password) else PasswordForm.TEXT
    if form is PasswordForm.TEXT:
        return password.encode()
    try:
        return bytes.fromhex(password)
    except ValueError:
        raise ConfigurationError(
            Reason.CREDENTIALS, "the password should be hexadecimal digits, two for each byte, and is not"
        ) from None


def _without_user(rest: str) -> str:
    return rest.rpartition("@")[2]


def _check_identity(settings: LinkSettings) -> None:
    identity = settings.station_id
    if not identity or identity in (".", ".."):
        raise ConfigurationError(Reason.IDENTITY, f"{identity!r} cannot be a station's identity")
    try:
        identity.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(Reason.IDENTITY, f"the identity {identity!r} is no text that can be sent") from None
    if set(settings.versions) == {"1.6"}:
        return
    if ":" in identity:
        raise ConfigurationError(
            Reason.IDENTITY, f"the identity {identity!r} contains a colon, which OCPP 2.x forbids (part 4 §3.1.1)"
        )
    if len(identity) > MAXIMUM_IDENTITY_LENGTH:
        raise ConfigurationError(
            Reason.IDENTITY,
            f"the identity {identity!r} is longer than the {MAXIMUM_IDENTITY_LENGTH} characters of OCPP 2.x",
        )


def _check_profile(settings: LinkSettings, uri: WebSocketURI) -> None:
    profile = settings.security_profile
    if profile is not None and profile not in (0, 1, 2, 3):
        raise ConfigurationError(Reason.SECURITY_PROFILE, f"there is no security profile {profile}: it is 0, 1, 2 or 3")
    if profile in (0, 1) and uri.secure:
        raise ConfigurationError(
            Reason.SECURITY_PROFILE,
            f"security profile {profile} is without TLS, and the URL begins with wss://: set profile 2 or 3, or ws://",
        )
    if profile in (2, 3) and not uri.secure:
        raise ConfigurationError(
            Reason.SECURITY_PROFILE,
            f"security profile {profile} needs TLS, and the URL begins with ws://: write wss://, or set profile 1",
        )
    if profile in (1, 2) and not settings.password:
        raise ConfigurationError(Reason.CREDENTIALS, f"security profile {profile} needs a password, and none is set")
    tls = settings.tls
    if bool(tls.certificate_file) != bool(tls.key_file):
        present, absent = ("certificate", "key") if tls.certificate_file else ("key", "certificate")
        raise ConfigurationError(
            Reason.CLIENT_CERTIFICATE, f"the station's {present} file is set, its {absent} file is not"
        )
    if profile == 3 and not tls.certificate_file:
        raise ConfigurationError(
            Reason.CLIENT_CERTIFICATE,
            "security profile 3 needs the station's certificate and key files, and none are set",
        )


def _authorization(settings: LinkSettings) -> str | None:
    # A00.FR.001: one security profile at a time; so no password with a client certificate, and none where the profile has none.
    if settings.security_profile in (0, 3):
        return None
    password = password_bytes(settings)
    if password is None:
        return None
    # A00.FR.204, A00.FR.303: the user name is the identity; a colon in it could not be told from the separator (RFC 7617 §2).
    if ":" in settings.station_id:
        raise ConfigurationError(
            Reason.IDENTITY,
            f"the identity {settings.station_id!r} contains a colon: HTTP Basic authentication cannot carry it",
        )
    return "Basic " + base64.b64encode(settings.station_id.encode() + b":" + password).decode()
