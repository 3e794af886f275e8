"""Messages of the local list and of the cache that break the schema: the error that OCPP-J names, and nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest
from ocpp.messages import Call

from tests.support.bench import Bench

LONG = {"1.6": 21, "2.0.1": 37, "2.1": 256}


def good(version: str) -> dict[str, Any]:
    """A message that is right."""
    if version == "1.6":
        entry: dict[str, Any] = {"idTag": "BOB", "idTagInfo": {"status": "Accepted"}}
        return {"listVersion": 9, "updateType": "Full", "localAuthorizationList": [entry]}
    entry = {"idToken": {"idToken": "BOB", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    return {"versionNumber": 9, "updateType": "Full", "localAuthorizationList": [entry]}


def names(version: str) -> tuple[str, str, str]:
    """How the version calls the version of the list, and what is said of a token; and how it spells an error."""
    if version == "1.6":
        return "listVersion", "idTagInfo", "OccurenceConstraintViolation"
    return "versionNumber", "idTokenInfo", "OccurrenceConstraintViolation"


def without(message: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != field}


def with_token(version: str, value: str) -> dict[str, Any]:
    message = good(version)
    entry = message["localAuthorizationList"][0]
    if version == "1.6":
        entry["idTag"] = value
    else:
        entry["idToken"]["idToken"] = value
    return message


def with_info(version: str, **fields: Any) -> dict[str, Any]:
    message = good(version)
    message["localAuthorizationList"][0][names(version)[1]].update(fields)
    return message


BAD: dict[str, tuple[Callable[[str], dict[str, Any]], str]] = {
    "no version": (lambda v: without(good(v), names(v)[0]), "Occurrence"),
    "no type of update": (lambda v: without(good(v), "updateType"), "Occurrence"),
    "version is a text": (lambda v: {**good(v), names(v)[0]: "nine"}, "TypeConstraintViolation"),
    "version is a fraction": (lambda v: {**good(v), names(v)[0]: 9.5}, "TypeConstraintViolation"),
    "unknown type of update": (lambda v: {**good(v), "updateType": "Partial"}, "PropertyConstraintViolation"),
    "list is an object": (lambda v: {**good(v), "localAuthorizationList": {}}, "TypeConstraintViolation"),
    "entry without a token": (
        lambda v: {**good(v), "localAuthorizationList": [{names(v)[1]: {"status": "Accepted"}}]},
        "Occurrence",
    ),
    "token is too long": (lambda v: with_token(v, "9" * LONG[v]), "PropertyConstraintViolation"),
    "unknown status": (lambda v: with_info(v, status="Perhaps"), "PropertyConstraintViolation"),
    "unknown field": (lambda v: {**good(v), "colour": "red"}, ""),
}


def answer_to(bench: Bench, action: str, payload: dict[str, Any]) -> Any:
    answer = bench.csms.call_unchecked(Call(f"bad-{bench.time.now}", action, payload))
    bench.run(1)
    assert answer.done
    return answer


def version_of(bench: Bench) -> int:
    answer = bench.call("GetLocalListVersion")
    return int(answer.payload[names(bench.version)[0]])


@pytest.mark.parametrize("name", BAD)
def test_a_send_local_list_that_breaks_the_schema(version: str, make_bench: Callable[..., Bench], name: str) -> None:
    make, code = BAD[name]
    bench = make_bench(version)
    first = {**good(version), names(version)[0]: 5}
    assert bench.call("SendLocalList", first)["status"] == "Accepted"
    answer = answer_to(bench, "SendLocalList", make(version))
    assert answer.error is not None, answer
    if code:
        assert answer.error[0] == (names(version)[2] if code == "Occurrence" else code)
    assert answer.error[1]
    assert version_of(bench) == 5
    assert len(bench.station.local_list) == 1


@pytest.mark.parametrize("action", ["GetLocalListVersion", "ClearCache"])
def test_a_message_without_fields_that_has_one(version: str, make_bench: Callable[..., Bench], action: str) -> None:
    bench = make_bench(version)
    bench.plug_in()
    bench.tap("CARD")
    bench.run(1)
    entries = len(bench.station.authorization.cache)
    assert entries == 1
    answer = answer_to(bench, action, {"colour": "red"})
    assert answer.error is not None
    assert len(bench.station.authorization.cache) == entries
