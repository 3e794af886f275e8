"""From settings to what is dialled."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from websockets.uri import parse_uri

from chargepoint.link.errors import ConfigurationError, Reason
from chargepoint.link.settings import LinkSettings, PasswordForm, TlsSettings
from chargepoint.link.target import connection_url, endpoint_url, names_identity_twice, password_bytes, target_of

PASSWORD = "correct horse battery"
CERTIFICATE = TlsSettings(certificate_file="station.pem", key_file="station.key")


def settings(**changes: Any) -> LinkSettings:
    return LinkSettings(**{"url": "ws://csms.example.com/ocpp", "station_id": "CS001", **changes})


# --- the URL (1.6 OCPP-J §3.1.1; 2.x part 4 §3.1.1) ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "identity", "expected"),
    [
        ("ws://csms.example.com/ocpp", "CS001", "ws://csms.example.com/ocpp/CS001"),
        ("wss://csms.example.com/ocppj", "RDAM|123", "wss://csms.example.com/ocppj/RDAM%7C123"),
        ("wss://centralsystem.example.com/ocppj", "RDAM 123", "wss://centralsystem.example.com/ocppj/RDAM%20123"),
        ("ws://host", "A", "ws://host/A"),
        ("ws://host/", "A", "ws://host/A"),
        ("ws://host/a/b/", "A", "ws://host/a/b/A"),
        ("ws://host/a?token=1&x=%2F", "A", "ws://host/a/A?token=1&x=%2F"),
        ("ws://host/a/?token=1", "A", "ws://host/a/A?token=1"),
        ("ws://host:8887/a%20b", "A", "ws://host:8887/a%20b/A"),
        ("ws://[::1]:9000/ocpp", "A", "ws://[::1]:9000/ocpp/A"),
        ("ws://host/ocpp", "a/b?c#d%e", "ws://host/ocpp/a%2Fb%3Fc%23d%25e"),
        ("ws://host/ocpp", "DE*ABC*E1@x=+_-.", "ws://host/ocpp/DE*ABC*E1@x=+_-."),
        ("ws://host/ocpp", "Säule", "ws://host/ocpp/S%C3%A4ule"),
        ("  ws://host/ocpp\n", "A", "ws://host/ocpp/A"),
    ],
)
def test_the_identity_is_appended_to_the_path(endpoint: str, identity: str, expected: str) -> None:
    assert connection_url(endpoint, identity) == expected


segments = st.text(alphabet="abcXYZ019-._~!$&'()*+,;=:@", min_size=1, max_size=8)
paths = st.lists(segments, max_size=4).map(lambda parts: "".join(f"/{part}" for part in parts))
queries = st.one_of(st.just(""), st.text(alphabet="abc123=&%20", min_size=1, max_size=12).map(lambda text: f"?q{text}"))


@given(st.sampled_from(["ws", "wss"]), paths, st.sampled_from(["", "/"]), queries, st.text(min_size=1, max_size=48))
def test_any_identity_survives_the_way_through_the_url(
    scheme: str, path: str, slash: str, query: str, identity: str
) -> None:
    assume(identity.isprintable() or not any("\ud800" <= character <= "\udfff" for character in identity))
    assume(identity not in (".", ".."))
    url = connection_url(f"{scheme}://csms.example.com:9000{path}{slash}{query}", identity)
    assert url.isascii()
    parts = urlsplit(url)
    prefix, _, last = parts.path.rpartition("/")
    assert unquote(last, errors="strict") == identity
    assert prefix == path
    assert (f"?{parts.query}" if parts.query else "") == query
    assert parse_uri(url).resource_name == parts.path + (f"?{parts.query}" if parts.query else "")


@given(st.sampled_from(["ws", "wss"]), paths, st.sampled_from(["", "/"]), queries, st.text(min_size=1, max_size=48))
def test_the_library_reads_the_same_in_the_url(scheme: str, path: str, slash: str, query: str, identity: str) -> None:
    assume(identity not in (".", ".."))
    assume(all(not "\ud800" <= character <= "\udfff" for character in identity))
    endpoint = f"{scheme}://Csms.example.com:9000{path}{slash}{query}"
    target = target_of(LinkSettings(url=endpoint, station_id=identity, versions=("1.6",)))

    assert target.url == connection_url(endpoint, identity)
    assert target.uri == parse_uri(target.url)


@given(st.text())
def test_any_text_is_a_url_or_a_clear_refusal(text: str) -> None:
    refusal: ConfigurationError | None = None
    url = ""
    try:
        url = endpoint_url(text)
    except ConfigurationError as error:
        refusal = error
    if refusal is None:
        assert parse_uri(url).host
    else:
        assert refusal.reason is Reason.URL
        assert str(refusal)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "must begin with ws:// or wss://"),
        ("csms.example.com/ocpp", "must begin with ws:// or wss://"),
        ("http://csms.example.com/ocpp", "write ws://csms.example.com/ocpp"),
        ("https://csms.example.com", "write wss://csms.example.com"),
        ("mqtt://csms.example.com", "begins with mqtt://"),
        ("ws://", "names no host"),
        ("ws:///ocpp", "names no host"),
        ("ws://host:99999/", "cannot be read"),
        ("ws://host:0/", "port 0"),
        ("ws://host:port/", "cannot be read"),
        ("ws://[::1/", "cannot be read"),
        ("ws://host/ocpp#part", "after #"),
        ("ws://host/my path", "blanks"),
        ("ws://host/a\r\nHost: evil", "blanks"),
    ],
)
def test_a_wrong_url_is_refused_with_what_to_do(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        endpoint_url(url)
    assert refusal.value.reason is Reason.URL
    assert words in str(refusal.value)


@pytest.mark.parametrize("url", ["ws://me:secret@host/", "https://me:secret@host/", "ws://me:secret@host:port/"])
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        endpoint_url(url)
    assert "secret" not in str(refusal.value)


def test_the_identity_is_not_appended_when_it_is_there_already() -> None:
    assert target_of(settings(url="ws://host/ocpp/CS001?a=b", append_id=False)).url == "ws://host/ocpp/CS001?a=b"


def test_an_identity_that_would_be_there_twice_is_noticed() -> None:
    assert names_identity_twice(settings(url="ws://host/ocpp/CS001/"))
    assert not names_identity_twice(settings(url="ws://host/ocpp/CS001", append_id=False))
    assert not names_identity_twice(settings(url="ws://host/ocpp"))


# --- versions ----------------------------------------------------------------------------------------------------------


def test_all_versions_are_offered_the_newest_first() -> None:
    assert target_of(settings()).subprotocols == ("ocpp2.1", "ocpp2.0.1", "ocpp1.6")


def test_versions_are_offered_in_the_order_of_preference() -> None:
    assert target_of(settings(versions=("1.6", "2.0.1"))).subprotocols == ("ocpp1.6", "ocpp2.0.1")


@pytest.mark.parametrize("versions", [(), ("2.0",), ("ocpp1.6",)])
def test_a_version_that_is_not_spoken_is_refused(versions: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        target_of(settings(versions=versions))
    assert refusal.value.reason is Reason.VERSIONS


# --- identity ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["", ".", "..", "a:b", "x" * 49, "\ud800"])
def test_an_identity_that_2x_forbids_is_refused(identity: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        target_of(settings(station_id=identity))
    assert refusal.value.reason is Reason.IDENTITY


def test_16_alone_takes_longer_identities_and_colons() -> None:
    assert target_of(settings(station_id="a:b" + "x" * 60, versions=("1.6",))).url.endswith("/a:b" + "x" * 60)


def test_a_colon_cannot_go_with_basic_authentication() -> None:
    with pytest.raises(ConfigurationError, match="Basic") as refusal:
        target_of(settings(station_id="a:b", versions=("1.6",), password=PASSWORD))
    assert refusal.value.reason is Reason.IDENTITY


# --- credentials (2.x A00.FR.204, .205, .303, .304; 1.6 A00.FR.204, .205 and OCPP-J §6.2.2) ------------------------------


@pytest.mark.req("A00.FR.204")
@pytest.mark.req("A00.FR.205")
@pytest.mark.case("TC_A_01_CS")
def test_the_user_name_is_the_identity_and_the_password_is_utf8() -> None:
    authorization = target_of(settings(password="pässword|with=16+")).authorization
    assert authorization is not None
    scheme, _, encoded = authorization.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "CS001:pässword|with=16+"


def test_a_16_authorization_key_is_sent_as_the_bytes_it_stands_for() -> None:
    # The example of OCPP-J 1.6 §6.2.2.
    target = target_of(
        settings(station_id="AL1000", versions=("1.6",), password="0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF")
    )
    assert target.authorization == "Basic QUwxMDAwOgABAgMEBQYH////////////////"


@pytest.mark.parametrize(
    ("password", "versions", "form", "sent"),
    [
        ("00" * 16, ("1.6",), PasswordForm.BY_VERSION, bytes(16)),
        (
            "00" * 15,
            ("1.6",),
            PasswordForm.BY_VERSION,
            b"00" * 15,
        ),  # too short for a key: a password that looks like one
        ("00" * 21, ("1.6",), PasswordForm.BY_VERSION, b"00" * 21),
        ("not hexadecimal", ("1.6",), PasswordForm.BY_VERSION, b"not hexadecimal"),
        ("00" * 16, ("2.0.1", "1.6"), PasswordForm.BY_VERSION, b"00" * 16),
        ("00" * 16, ("1.6",), PasswordForm.TEXT, b"00" * 16),
        ("c0ffee", ("2.0.1",), PasswordForm.HEXADECIMAL, b"\xc0\xff\xee"),
        (None, ("1.6",), PasswordForm.BY_VERSION, None),
    ],
)
def test_the_form_of_the_password(
    password: str | None, versions: tuple[str, ...], form: PasswordForm, sent: bytes | None
) -> None:
    assert password_bytes(settings(password=password, versions=versions, password_form=form)) == sent


def test_a_password_that_should_be_hexadecimal_and_is_not() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        target_of(settings(password=PASSWORD, password_form=PasswordForm.HEXADECIMAL))
    assert refusal.value.reason is Reason.CREDENTIALS
    assert PASSWORD not in str(refusal.value)


def test_no_repr_shows_a_password() -> None:
    with_password = settings(password=PASSWORD)
    assert PASSWORD not in repr(with_password)
    assert "Basic" not in repr(target_of(with_password))
    assert "None" in repr(settings())


# --- security profiles (2.x A00; 1.6 security white paper §2) -------------------------------------------------------------

WS, WSS = "ws://csms.example.com/ocpp", "wss://csms.example.com/ocpp"


@pytest.mark.parametrize(
    ("profile", "url", "password", "tls", "authenticates"),
    [
        (0, WS, None, TlsSettings(), False),
        (0, WS, PASSWORD, TlsSettings(), False),
        (1, WS, PASSWORD, TlsSettings(), True),
        (2, WSS, PASSWORD, TlsSettings(), True),
        (3, WSS, PASSWORD, CERTIFICATE, False),  # A00.FR.001: one profile at a time
        (None, WS, None, TlsSettings(), False),
        (None, WS, PASSWORD, TlsSettings(), True),
        (None, WSS, None, TlsSettings(), False),
    ],
)
def test_a_security_profile_decides_what_is_sent(
    profile: int | None, url: str, password: str | None, tls: TlsSettings, authenticates: bool
) -> None:
    target = target_of(settings(url=url, security_profile=profile, password=password, tls=tls))
    assert (target.authorization is not None) is authenticates


@pytest.mark.parametrize(
    ("profile", "url", "password", "tls", "reason"),
    [
        (0, WSS, None, TlsSettings(), Reason.SECURITY_PROFILE),
        (1, WSS, PASSWORD, TlsSettings(), Reason.SECURITY_PROFILE),
        (2, WS, PASSWORD, TlsSettings(), Reason.SECURITY_PROFILE),
        (3, WS, None, CERTIFICATE, Reason.SECURITY_PROFILE),
        (4, WSS, PASSWORD, CERTIFICATE, Reason.SECURITY_PROFILE),
        (1, WS, None, TlsSettings(), Reason.CREDENTIALS),
        (2, WSS, "", TlsSettings(), Reason.CREDENTIALS),
        (3, WSS, None, TlsSettings(), Reason.CLIENT_CERTIFICATE),
        (3, WSS, None, TlsSettings(certificate_file="station.pem"), Reason.CLIENT_CERTIFICATE),
        (None, WSS, None, TlsSettings(key_file="station.key"), Reason.CLIENT_CERTIFICATE),
    ],
)
def test_a_security_profile_that_does_not_fit_is_refused(
    profile: int | None, url: str, password: str | None, tls: TlsSettings, reason: Reason
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        target_of(settings(url=url, security_profile=profile, password=password, tls=tls))
    assert refusal.value.reason is reason
