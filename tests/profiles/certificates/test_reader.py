"""Reading X.509: what is made of a PEM text, and what is said of one that is none."""

import ssl
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from profiles.certificates import x509 as module
from profiles.certificates.certificate import HashData, ReaderMissing, UnreadableCertificate
from profiles.certificates.x509 import X509Reader
from tests.certificates import Authority
from tests.profiles.certificates.roots import OTHER, ROOT, hash_data

READER = X509Reader()
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Made by hand")])


def made(
    key: CertificateIssuerPrivateKeyTypes,
    *extensions: tuple[x509.ExtensionType, bool],
    serial: int = 4095,
    issuer: x509.Name = NAME,
    signer: CertificateIssuerPrivateKeyTypes | None = None,
) -> x509.Certificate:
    """A certificate, signed by its own key where no other one is given."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    algorithm = None if isinstance(signer or key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signer or key, algorithm)


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


CA = (x509.BasicConstraints(ca=True, path_length=None), True)


def usage(*, signs: bool) -> tuple[x509.KeyUsage, bool]:
    rest = dict.fromkeys(
        ("key_encipherment", "content_commitment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return x509.KeyUsage(True, key_cert_sign=signs, crl_sign=True, decipher_only=False, **rest), True


@pytest.mark.parametrize("authority", [ROOT, OTHER], ids=["ec", "rsa"])
@pytest.mark.req("M03.FR.04")
def test_hashes_are_those_of_ocsp(authority: Authority) -> None:
    read = READER.read(authority.pem)
    assert [data.algorithm for data in read.hashes] == ["SHA256", "SHA384", "SHA512"]
    for data in read.hashes:
        wanted = hash_data(authority.pair.certificate, data.algorithm)
        assert (data.issuer_name_hash, data.issuer_key_hash, data.serial_number) == tuple(wanted.values())[1:]


def test_what_is_read_of_a_root() -> None:
    read = READER.read(ROOT.pem)
    certificate = ROOT.pair.certificate
    assert (read.authority, read.self_signed) == (True, True)
    assert (read.key_kind, read.key_bit) == ("EC", 256)
    assert read.valid_until - read.valid_from == timedelta(days=40 * 365).total_seconds()
    assert read.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
    assert "Root of tests" in read.subject
    assert read.pem == ROOT.pem


def test_only_the_certificate_is_kept_of_a_text_with_more_around_it() -> None:
    assert READER.read(f"subject=CN = x\r\n{ROOT.pem}\r\n# the end\r\n".replace("\n", "\r\n")).pem == ROOT.pem


@pytest.mark.parametrize(
    ("serial", "text"), [(1, "1"), (4095, "fff"), (0x0A0B, "a0b"), ((1 << 159) - 1, "7" + "f" * 39)]
)
def test_the_serial_number_has_no_leading_zeros(serial: int, text: str) -> None:
    read = READER.read(pem(made(ec.generate_private_key(ec.SECP256R1()), CA, serial=serial)))
    assert {data.serial_number for data in read.hashes} == {text}


def test_an_intermediate_and_a_leaf_are_told_from_a_root() -> None:
    below = READER.read(Authority("Below", signed_by=ROOT).pem)
    assert (below.authority, below.self_signed, below.hashes) == (True, False, ())
    leaf = READER.read(pem(ROOT.issue("leaf").certificate))
    assert (leaf.authority, leaf.self_signed) == (False, False)


def test_who_uses_the_name_of_a_root_has_not_its_key() -> None:
    """Subject and issuer alike, but signed by another key."""
    forged = made(ec.generate_private_key(ec.SECP256R1()), CA, signer=ec.generate_private_key(ec.SECP256R1()))
    assert not READER.read(pem(forged)).self_signed


@pytest.mark.parametrize(
    ("extensions", "authority"),
    [
        ((), False),
        ((CA,), True),
        ((CA, usage(signs=True)), True),
        ((CA, usage(signs=False)), False),
        (((x509.BasicConstraints(ca=False, path_length=None), True),), False),
    ],
)
def test_who_may_sign_certificates(extensions: tuple[tuple[x509.ExtensionType, bool], ...], *, authority: bool) -> None:
    assert READER.read(pem(made(ec.generate_private_key(ec.SECP256R1()), *extensions))).authority is authority


@pytest.mark.parametrize(
    ("key", "kind", "bits"),
    [
        (ec.generate_private_key(ec.SECP192R1()), "EC", 192),
        (rsa.generate_private_key(65537, 1024), "RSA", 1024),  # noqa: S505 - that is the point
        (dsa.generate_private_key(1024), "DSA", 1024),  # noqa: S505 - a weak key is the case
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519PublicKey", 0),
    ],
    ids=["ec", "rsa", "dsa", "ed25519"],
)
def test_kinds_and_lengths_of_keys(key: CertificateIssuerPrivateKeyTypes, kind: str, bits: int) -> None:
    read = READER.read(pem(made(key, CA)))
    assert (read.key_kind, read.key_bit, read.self_signed) == (kind, bits, True)


BASE64 = ROOT.pem.splitlines()[1:-1]
BROKEN = {
    "nothing": "",
    "words": "certificate",
    "no end": ROOT.pem.partition("-----END")[0],
    "no header": "\n".join(BASE64),
    "cut short": ROOT.pem.replace(BASE64[2], ""),
    "no base64": ROOT.pem.replace(BASE64[1], "§" * 64),
    "another object": ROOT.pair.key_pem(),
    "certificate and key": ROOT.pem + ROOT.pair.key_pem(),
    "two certificates": ROOT.pem + OTHER.pem,
    "long nonsense": "-----BEGIN CERTIFICATE-----\n" + "QUJD" * 2000 + "\n-----END CERTIFICATE-----\n",
    "a null": ROOT.pem.replace(BASE64[1], "\0" * 64),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_certificate_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(UnreadableCertificate) as caught:
        READER.read(text)
    assert len(str(caught.value)) > 20
    assert "\n" not in str(caught.value)


def test_every_cut_and_flip_of_a_certificate_is_answered() -> None:
    """Whatever bytes come, it is a certificate or `UnreadableCertificate`."""
    der = ROOT.pair.certificate.public_bytes(Encoding.DER)
    for place in range(len(der)):
        broken = der[:place] + bytes((der[place] ^ 0xFF,)) + der[place + 1 :]
        for text in (ssl.DER_cert_to_PEM_cert(broken), ssl.DER_cert_to_PEM_cert(der[:place])):
            try:
                READER.read(text)
            except UnreadableCertificate:
                continue


def test_a_serial_number_that_ocpp_cannot_tell() -> None:
    der = bytearray(made(ec.generate_private_key(ec.SECP256R1()), CA, serial=(1 << 159) - 1).public_bytes(Encoding.DER))
    place = der.index(b"\x02\x14\x7f")
    der[place + 2] = 0x80  # now negative
    with pytest.raises(UnreadableCertificate, match="serial"):
        READER.read(ssl.DER_cert_to_PEM_cert(bytes(der)))


# --- the station's own certificate -----------------------------------------------------------------------------------------


def test_the_first_of_a_chain_is_named_by_its_issuer() -> None:
    below = Authority("Below", signed_by=ROOT)
    leaf = below.issue("station")
    first = READER.first_of(leaf.certificate_pem)[0]
    assert first.serial_number == f"{leaf.certificate.serial_number:x}"
    assert first.issuer_key_hash == hash_data(below.pair.certificate)["issuerKeyHash"]
    alone = READER.first_of(pem(leaf.certificate))[0]
    assert alone.issuer_key_hash == ""
    assert alone.names(first), "what is not known is not compared"
    assert not first.names(alone)


def test_hash_data_is_compared_as_hexadecimal() -> None:
    data = HashData("SHA256", "ab", "cd", "fff")
    assert data.names(HashData("SHA256", "AB", "CD", "0FFF"))
    for other in (
        HashData("SHA384", "ab", "cd", "fff"),
        HashData("SHA256", "ac", "cd", "fff"),
        HashData("SHA256", "ab", "ce", "fff"),
        HashData("SHA256", "ab", "", "fff"),
        HashData("SHA256", "ab", "cd", "ffe"),
    ):
        assert not data.names(other)


# --- the library -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module_name", ["cryptography", "cryptography.x509", "cryptography.exceptions"])
def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, module_name: str) -> None:
    """Or where only a part of it can be imported."""
    monkeypatch.setitem(sys.modules, module_name, None)
    for read in (READER.read, READER.first_of):
        with pytest.raises(ReaderMissing, match=r"chargepoint\[certificates\]"):
            read(ROOT.pem)


def test_whether_it_is_there_is_known_without_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    look = module.installed.__wrapped__  # past the cache
    assert look()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert not look()
