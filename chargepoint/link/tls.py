"""TLS as a layer without I/O, the contexts it is made from, and what its failures mean.

asyncio's own TLS transport keeps a buffer of 256 KiB for each connection; this layer keeps what OpenSSL keeps.
"""

from __future__ import annotations

import logging
import os
import ssl
import weakref
from collections.abc import Iterator
from typing import Any, cast

from chargepoint.link.errors import ConfigurationError, NetworkError, Reason, TlsError
from chargepoint.link.settings import TlsSettings
from chargepoint.link.target import is_address

# A00.FR.319 and .422 ask for ECDHE_ECDSA or RSA with AES-GCM; both are offered, for a CSMS may have a certificate of either kind, and
# must support no others (A00.FR.318). Authenticated encryption only: nothing that is unsuitable even for legacy use (A00.FR.320).
CIPHER_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20:RSA+AESGCM"

_log = logging.getLogger(__name__)

_READ_BYTE = 64 << 10
_DER = 2  # _ssl.ENCODING_DER


class Tls:
    """The client's end of one TLS connection: bytes of the network in and out on one side, plain bytes on the other."""

    __slots__ = ("_allow_wildcards", "_host", "_incoming", "_object", "_outgoing", "error", "ready")

    def __init__(self, context: ssl.SSLContext, host: str, *, allow_wildcards: bool = False) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._host = host
        self._allow_wildcards = allow_wildcards
        self.ready = False
        self.error: TlsError | None = None

    def receive(self, data: bytes) -> tuple[bytes, bool]:
        """Take bytes from the network. Returns the plain bytes in them, and whether the peer has ended the stream.

        The first calls do the handshake; `ready` says when it is done. After each call there may be something in `data_to_send`, and
        `error` says whether the handshake has failed, or TLS after it; the plain bytes came before that.
        """
        self._incoming.write(data)
        return self._proceed()

    def receive_eof(self) -> tuple[bytes, bool]:
        """Take the end of the network's stream; for the rest as `receive`."""
        self._incoming.write_eof()
        return self._proceed()

    def start(self) -> None:
        """Begin the handshake."""
        self._proceed()

    def send(self, data: bytes) -> None:
        """Encrypt plain bytes into `data_to_send`."""
        self._object.write(data)

    def close(self) -> None:
        """Tell the peer that nothing more will come."""
        if self.ready:
            try:
                self._object.unwrap()
            except ssl.SSLError:
                return  # the peer's own end of the stream is not there yet, or never will be: nobody waits for it

    def data_to_send(self) -> bytes:
        """The bytes for the network."""
        return self._outgoing.read()

    @property
    def version(self) -> str | None:
        """The version agreed on, "TLSv1.3" for instance, once the handshake is done."""
        return self._object.version()

    def root_certificate(self) -> bytes | None:
        """The anchor at the end of the peer's verified chain, DER; None before the handshake is done."""
        if not self.ready:
            return None
        # ssl.SSLObject.get_verified_chain is public from Python 3.13 on; before, the object inside has it.
        chain = cast("Any", self._object)._sslobj.get_verified_chain()
        return cast("bytes", chain[-1].public_bytes(_DER)) if chain else None

    def _proceed(self) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        ended = False
        try:
            if not self.ready:
                self._object.do_handshake()
                self._check_wildcards()
                self.ready = True
            while part := self._object.read(_READ_BYTE):
                parts.append(part)
            ended = True
        except ssl.SSLWantReadError:
            pass  # that is all for now
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            ended = True
        except (ssl.SSLError, ssl.CertificateError) as error:
            self.error = classify(error, self._host, suite_agreed=self._object.cipher() is not None)
            self.error.__cause__ = error
        except TlsError as error:
            self.error = error
        return (parts[0] if len(parts) == 1 else b"".join(parts)), ended

    def _check_wildcards(self) -> None:
        # OpenSSL has found the host in the certificate, a wildcard being as good as a name; OCPP wants the name
        # (SecurityCtrlr.AllowCSMSTLSWildcards, part 2 §2.2.11).
        if self._allow_wildcards or is_address(self._host):
            return
        certificate = cast("dict[str, Any]", self._object.getpeercert() or {})
        names = [name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS"] or [
            name for rdn in certificate.get("subject", ()) for kind, name in rdn if kind == "commonName"
        ]
        host = self._host.rstrip(".").casefold()
        if not any(name.rstrip(".").casefold() == host for name in names):
            raise TlsError(
                Reason.SERVER_CERTIFICATE_WILDCARD,
                f"the certificate of {self._host} names it by a wildcard only, which OCPP does not permit: have the CSMS name its host, "
                "or set AllowCSMSTLSWildcards",
            )


# --- contexts ----------------------------------------------------------------------------------------------------------

_contexts: weakref.WeakValueDictionary[object, ssl.SSLContext] = weakref.WeakValueDictionary()


def context_of(settings: TlsSettings) -> ssl.SSLContext:
    """A client's context for these settings, as the files are now.

    Connections that are open share one as long as no file has changed: a context with many trust anchors is large.

    Raises: ConfigurationError: TRUST_ANCHORS, CLIENT_CERTIFICATE.
    """
    key = (settings, tuple(_state_of(path) for path in _files_of(settings)))
    context = _contexts.get(key)
    if context is None:
        context = _make_context(settings)
        _contexts[key] = context
    return context


def _make_context(settings: TlsSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the chain and the host
    newest_only = settings.minimum_version == "1.3"
    context.minimum_version = (
        ssl.TLSVersion.TLSv1_3 if newest_only else ssl.TLSVersion.TLSv1_2
    )  # A00.FR.313, A00.FR.416
    context.set_ciphers(CIPHER_SUITES)
    context.options |= ssl.OP_NO_COMPRESSION  # A00.FR.321, A00.FR.424
    context.options |= ssl.OP_NO_RENEGOTIATION  # so that sending never waits for the peer
    # OCPP names the host in the common name (A00.FR.510); alternative names win where there are any.
    context.hostname_checks_common_name = True
    # What the operator has installed is an anchor, whether it signed itself or not: a new root of AdditionalRootCertificateCheck is
    # signed by the old one (1.6 security white paper §7.1).
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not (settings.ca_file or settings.ca_directory or settings.ca_pem):
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    for path in _anchor_files(settings):
        try:
            context.load_verify_locations(cafile=path)
        except OSError as error:
            raise ConfigurationError(
                Reason.TRUST_ANCHORS,
                f"the CA certificates in {path} cannot be used: {_words_of(error)}; PEM is expected",
            ) from None
    if settings.ca_pem:
        try:
            context.load_verify_locations(cadata=settings.ca_pem)
        except (ssl.SSLError, ValueError) as error:
            raise ConfigurationError(
                Reason.TRUST_ANCHORS, f"the installed CA certificates cannot be read: {_words_of(error)}"
            ) from None
    for root in settings.roots:
        try:
            context.load_verify_locations(cadata=root)
        except (ssl.SSLError, ValueError) as error:  # one bad root must not cost the station all its connections
            _log.error("an installed root certificate cannot be used: %s", _words_of(error))
    if settings.certificate_file:
        _load_own_certificate(context, settings)
    return context


def _load_own_certificate(context: ssl.SSLContext, settings: TlsSettings) -> None:
    encrypted = False

    def no_password() -> str:
        nonlocal encrypted
        encrypted = True
        return ""

    try:
        # Without a callback OpenSSL would ask on the terminal.
        context.load_cert_chain(settings.certificate_file, settings.key_file, password=no_password)
    except OSError as error:
        files = f"{settings.certificate_file} and {settings.key_file}"
        if encrypted:
            raise ConfigurationError(
                Reason.CLIENT_CERTIFICATE,
                f"the key in {settings.key_file} is encrypted: store it unencrypted, readable by this user only",
            ) from None
        if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigurationError(
                Reason.CLIENT_CERTIFICATE, f"{files} do not belong together: the key is of another certificate"
            ) from None
        raise ConfigurationError(
            Reason.CLIENT_CERTIFICATE,
            f"the station's certificate and key in {files} cannot be used: {_words_of(error)}; PEM is expected",
        ) from None


def _anchor_files(settings: TlsSettings) -> Iterator[str]:
    if settings.ca_file:
        yield settings.ca_file
    if settings.ca_directory:
        # All files, not OpenSSL's way of names that are hashes: nobody has to run a program over the directory.
        try:
            names = sorted(os.listdir(settings.ca_directory))
        except OSError as error:
            raise ConfigurationError(
                Reason.TRUST_ANCHORS,
                f"the directory of CA certificates {settings.ca_directory} cannot be read: {error.strerror}",
            ) from None
        for name in names:
            if name.casefold().endswith((".pem", ".crt", ".cer")):
                yield os.path.join(settings.ca_directory, name)


def _files_of(settings: TlsSettings) -> Iterator[str]:
    yield from _anchor_files(settings)
    if settings.certificate_file:
        yield settings.certificate_file
        yield settings.key_file


def _state_of(path: str) -> tuple[str, int, int, int]:
    try:
        state = os.stat(path)
    except OSError:
        return path, 0, 0, 0  # said properly when the file is read
    return path, state.st_mtime_ns, state.st_size, state.st_ino


def _words_of(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "no certificate found").replace("_", " ").lower()
    return getattr(error, "strerror", None) or str(error)


# --- failures ----------------------------------------------------------------------------------------------------------

_EXPIRED, _NOT_YET_VALID, _HOST, _ADDRESS = 10, 9, 62, 64  # X509_V_ERR_… of OpenSSL's x509_vfy.h
_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 24, 27})

_CLIENT_REFUSED = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_NO_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    }
)
_WRONG_VERSION = frozenset(
    {
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSUPPORTED_PROTOCOL",
        "VERSION_TOO_LOW",
        "VERSION_TOO_HIGH",
        "NO_PROTOCOLS_AVAILABLE",
    }
)
_WRONG_CIPHER = frozenset(
    {
        "CA_KEY_TOO_SMALL",
        "CA_MD_TOO_WEAK",
        "DH_KEY_TOO_SMALL",
        "EE_KEY_TOO_SMALL",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        "UNKNOWN_CIPHER_RETURNED",
        "WRONG_CIPHER_RETURNED",
    }
)
_NOT_TLS = frozenset(
    {"HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "WRONG_VERSION_NUMBER"}
)


def classify(error: ssl.SSLError | ssl.CertificateError, host: str, *, suite_agreed: bool = False) -> TlsError:
    """What a failure of OpenSSL means to the person who must act, and which security event it is.

    suite_agreed: the handshake had come as far as a cipher suite.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _classify_certificate(error, host)
    reason = error.reason or ""
    # The same alert says that there is no suite in common, and, in TLS 1.2, that a certificate was wanted (RFC 5246 §7.4.6).
    if reason in _CLIENT_REFUSED or (reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" and suite_agreed):
        what = {
            "SSLV3_ALERT_HANDSHAKE_FAILURE": "it wants one, and none was sent",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it has expired",
            "TLSV1_ALERT_UNKNOWN_CA": "it does not know the CA that signed it",
            "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it wants one, and none was sent",
        }.get(reason, "the alert was " + reason.partition("ALERT_")[2].replace("_", " ").lower())
        return TlsError(
            Reason.CLIENT_CERTIFICATE_REFUSED,
            f"{host} refuses the station's certificate: {what}; renew it, or have the CSMS trust it",
        )
    if reason in _WRONG_VERSION:
        return TlsError(
            Reason.TLS_VERSION,
            f"{host} speaks no version of TLS from 1.2 on, and OCPP permits no older one: update the CSMS",
        )
    if reason in _WRONG_CIPHER:
        return TlsError(
            Reason.TLS_CIPHER_SUITE,
            f"{host} and this station have no secure cipher suite in common: the CSMS must offer ECDHE or RSA with AES-GCM",
        )
    if reason in _NOT_TLS:
        return TlsError(
            Reason.NOT_TLS, f"{host} does not answer with TLS on that port: check the port, or use ws:// there"
        )
    return TlsError(Reason.TLS, f"the TLS handshake with {host} failed: {reason.replace('_', ' ').lower() or error}")


def _classify_certificate(error: ssl.SSLCertVerificationError, host: str) -> TlsError:
    code = error.verify_code
    if code == _EXPIRED:
        return TlsError(
            Reason.SERVER_CERTIFICATE_EXPIRED,
            f"a certificate of {host} has expired: the CSMS must renew it, or this clock is wrong",
        )
    if code == _NOT_YET_VALID:
        return TlsError(
            Reason.SERVER_CERTIFICATE_NOT_YET_VALID,
            f"a certificate of {host} is not valid yet: set the station's clock, or the CSMS's",
        )
    if code in (_HOST, _ADDRESS):
        return TlsError(
            Reason.SERVER_CERTIFICATE_HOST, f"the certificate that came from {host} is for another host: check the URL"
        )
    if code in _UNTRUSTED:
        return TlsError(
            Reason.SERVER_CERTIFICATE_UNTRUSTED,
            f"no installed CA vouches for the certificate of {host}: install the CSMS's root certificate ({error.verify_message})",
        )
    return TlsError(
        Reason.SERVER_CERTIFICATE_INVALID, f"the certificate of {host} is not accepted: {error.verify_message}"
    )


def closed_in_handshake(host: str) -> NetworkError:
    """What it means when the peer hangs up in mid-handshake, without an alert."""
    return NetworkError(
        Reason.CLOSED,
        f"{host} closed the connection during the TLS handshake: it may not speak TLS on that port, or want a certificate",
    )
