"""What the CSMS cannot mean: requests about certificates that break the schema are errors in words, and change nothing."""

from typing import Any

import pytest
from ocpp.messages import Call

from tests.profiles.certificates.roots import ROOT, USES_16, install, named
from tests.support.bench import Bench

OCCURRENCE = {"1.6": "OccurenceConstraintViolation"}
USE = {"1.6": USES_16["CSMSRootCertificate"]}
LENGTH = {"1.6": 5500, "2.0.1": 5500, "2.1": 10_000}
WRONG_USE = {"1.6": "CSMSRootCertificate", "2.0.1": "OEMRootCertificate", "2.1": "RootCertificate"}


def cases(version: str) -> list[tuple[str, dict[str, Any], str]]:
    """Action, payload, CALLERROR code; "" = any."""
    use = USE.get(version, "CSMSRootCertificate")
    occurrence = OCCURRENCE.get(version, "OccurrenceConstraintViolation")
    good, data = {"certificateType": use, "certificate": ROOT.pem}, named(ROOT)
    of_type, of_value = "TypeConstraintViolation", "PropertyConstraintViolation"
    found: list[tuple[str, dict[str, Any], str]] = [
        ("InstallCertificate", {}, occurrence),
        ("InstallCertificate", {"certificate": ROOT.pem}, occurrence),
        ("InstallCertificate", {"certificateType": use}, occurrence),
        ("InstallCertificate", {**good, "certificateType": WRONG_USE[version]}, of_value),
        ("InstallCertificate", {**good, "certificateType": [use]}, of_type),
        ("InstallCertificate", {**good, "certificate": 7}, of_type),
        ("InstallCertificate", {**good, "certificate": None}, of_type),
        ("InstallCertificate", {**good, "certificate": [ROOT.pem]}, of_type),
        ("InstallCertificate", {**good, "certificate": "x" * (LENGTH[version] + 1)}, of_value),
        ("InstallCertificate", {**good, "colour": "red"}, ""),
        ("GetInstalledCertificateIds", {"certificateType": 7}, of_type),
        ("GetInstalledCertificateIds", {"colour": "red"}, ""),
        ("DeleteCertificate", {}, occurrence),
        ("DeleteCertificate", {"certificateHashData": []}, of_type),
        ("DeleteCertificate", {"certificateHashData": {}}, occurrence),
        ("DeleteCertificate", {"certificateHashData": {**data, "hashAlgorithm": "SHA1"}}, of_value),
        ("DeleteCertificate", {"certificateHashData": {**data, "issuerNameHash": "a" * 129}}, of_value),
        ("DeleteCertificate", {"certificateHashData": {**data, "issuerKeyHash": "a" * 129}}, of_value),
        ("DeleteCertificate", {"certificateHashData": {**data, "serialNumber": "a" * 41}}, of_value),
        ("DeleteCertificate", {"certificateHashData": {**data, "serialNumber": 4095}}, of_type),
        ("DeleteCertificate", {"certificateHashData": [data]}, of_type),
    ]
    found += [
        ("DeleteCertificate", {"certificateHashData": {k: v for k, v in data.items() if k != field}}, occurrence)
        for field in data
    ]
    if version == "1.6":
        found += [
            ("GetInstalledCertificateIds", {}, occurrence),
            ("GetInstalledCertificateIds", {"certificateType": "V2GRootCertificate"}, of_value),
        ]
    else:
        found += [
            ("GetInstalledCertificateIds", {"certificateType": use}, of_type),
            ("GetInstalledCertificateIds", {"certificateType": []}, occurrence),
            ("GetInstalledCertificateIds", {"certificateType": ["Root"]}, of_value),
            ("InstallCertificate", {**good, "certificateType": "V2GCertificateChain"}, of_value),
        ]
    return found


CASES = [(version, *case) for version in ("1.6", "2.0.1", "2.1") for case in cases(version)]


@pytest.mark.parametrize(("version", "action", "payload", "code"), CASES)
def test_what_is_no_request_is_an_error(version: str, action: str, payload: dict[str, Any], code: str) -> None:
    bench = Bench(version).boot()
    install(bench, ROOT)
    before = dict(bench.store.items("certificate"))
    answer = bench.csms.call_unchecked(Call("x-1", action, payload))
    bench.run(5)
    assert answer.error is not None, answer
    assert answer.error[0] == code or not code
    assert answer.error[1]
    assert dict(bench.store.items("certificate")) == before


# A request that the schema permits and that can mean nothing.
EMPTY_HASHES = [
    {"issuerNameHash": "", "issuerKeyHash": "", "serialNumber": ""},
    {"issuerNameHash": "zz", "issuerKeyHash": "no hexadecimal", "serialNumber": "0x1"},
    {"serialNumber": "0"},
    {"issuerKeyHash": ""},
    {"issuerNameHash": "\u0000", "serialNumber": "ſ"},
]


@pytest.mark.parametrize("changes", EMPTY_HASHES)
def test_hashes_that_name_nothing_are_not_found(version: str, changes: dict[str, str]) -> None:
    bench = Bench(version).boot()
    install(bench, ROOT)
    before = dict(bench.store.items("certificate"))
    answer = bench.csms.call_unchecked(Call("x-1", "DeleteCertificate", {"certificateHashData": named(ROOT) | changes}))
    bench.run(5)
    assert answer["status"] == "NotFound"
    assert dict(bench.store.items("certificate")) == before


@pytest.mark.parametrize("length", [5500, 10_000])
@pytest.mark.req("M05.FR.07")
def test_the_longest_text_that_the_schema_permits_is_looked_at(version: str, length: int) -> None:
    if length > LENGTH[version]:
        return  # the schema's matter, above
    bench = Bench(version).boot()
    assert install(bench, "x" * length)["status"] == "Rejected"
    assert install(bench, (ROOT.pem + "\n" * length)[:length])["status"] == "Accepted"
