"""Contract certificates as far as the message goes (C07): what is asked, and that the certificate has to count too.

There is no ISO 15118 on this station yet, so the question is put where its controller will put it.
"""

from typing import Any

import pytest

from chargepoint.station.token import Token
from profiles.authorization.facts import CertificateHash
from profiles.authorization.service import Contract, Decision
from tests.support.bench import Bench

EMAID = Token("DE8AA1A2B3C4D59", "eMAID")
HASHES = tuple(
    CertificateHash("SHA256", f"{n:064x}", f"{n + 1:064x}", f"{n:x}", "http://ocsp.example.com/") for n in range(1, 5)
)
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def decide(bench: Bench, contract: Contract) -> Decision:
    decisions: list[Decision] = []
    bench.station.turn(lambda: bench.station.authorization.decide(EMAID, decisions.append, contract=contract))
    bench.run(1)
    assert len(decisions) == 1
    return decisions[0]


@pytest.mark.req("C07.FR.01")
@pytest.mark.req("C07.FR.02")
@pytest.mark.req("C07.FR.06")
@pytest.mark.parametrize("certificate", [None, CERTIFICATE])
def test_the_question_holds_what_an_ocsp_request_needs(version2: str, certificate: str | None) -> None:
    bench = Bench(version2).boot()
    assert decide(bench, Contract(certificate, HASHES)).accepted
    request = bench.expect("Authorize", idToken={"idToken": EMAID.value, "type": "eMAID"})
    assert request.get("certificate") == certificate
    expected: list[dict[str, Any]] = [
        {
            "hashAlgorithm": "SHA256",
            "issuerNameHash": one.issuer_name_hash,
            "issuerKeyHash": one.issuer_key_hash,
            "serialNumber": one.serial_number,
            "responderURL": one.responder_url,
        }
        for one in HASHES
    ]
    assert request["iso15118CertificateHashData"] == expected


@pytest.mark.parametrize(
    ("status", "certificate_status", "accepted"),
    [
        ("Accepted", "Accepted", True),
        ("Accepted", None, True),
        ("Accepted", "CertificateRevoked", False),
        ("Accepted", "NoCertificateAvailable", False),
        ("Invalid", "ContractCancelled", False),
        ("ConcurrentTx", "Accepted", False),
    ],
)
def test_token_and_certificate_must_both_be_accepted(
    version2: str, status: str, certificate_status: str | None, accepted: bool
) -> None:
    bench = Bench(version2).boot()
    answer: dict[str, Any] = {"idTokenInfo": {"status": status}}
    if certificate_status is not None:
        answer["certificateStatus"] = certificate_status
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: answer
    assert decide(bench, Contract(None, HASHES[:1])).accepted is accepted
