"""Every fault has a code in every version, and a description that can be sent."""

from __future__ import annotations

import pytest

from chargepoint.rpc import errors
from chargepoint.rpc.errors import CallError, ErrorCode2, ErrorCode16


def faults() -> list[type[CallError]]:
    found, new = [CallError], [CallError]
    while new:
        new = [below for one in new for below in one.__subclasses__()]
        found += new
    return found


@pytest.mark.parametrize("fault", faults())
def test_a_fault_has_a_code_of_each_version(fault: type[CallError]) -> None:
    assert fault("x").code("1.6") in set(ErrorCode16)
    assert fault("x").code("2.0.1") == fault("x").code("2.1")
    assert fault("x").code("2.1") in set(ErrorCode2)


def test_every_code_has_a_fault() -> None:
    assert {one("").code("1.6") for one in faults()} == set(ErrorCode16)
    assert {one("").code("2.1") for one in faults()} == set(ErrorCode2)


@pytest.mark.parametrize(
    ("fault", "code_16", "code_2"),
    [
        # The misspelt codes of 1.6 stay (1.6 errata §5.1, §5.2).
        (errors.OccurrenceConstraintViolationError, "OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        (errors.FormatViolationError, "FormationViolation", "FormatViolation"),
        # 1.6 has no code for the frame or its type.
        (errors.RpcFrameworkError, "FormationViolation", "RpcFrameworkError"),
        (errors.MessageTypeNotSupportedError, "GenericError", "MessageTypeNotSupported"),
        (errors.UnsendablePayloadError, "InternalError", "InternalError"),
    ],
)
def test_the_versions_spell_a_fault_differently(fault: type[CallError], code_16: str, code_2: str) -> None:
    assert (fault("").code("1.6"), fault("").code("2.0.1")) == (code_16, code_2)


def test_a_description_has_at_most_255_characters() -> None:
    assert len(CallError("é" * 300).description) == 255


def test_a_description_can_always_be_sent() -> None:
    assert CallError("half a pair \ud800").description == "half a pair ?"


def test_details_are_an_object() -> None:
    assert CallError("").details == {}
    assert CallError("", {"cause": 1}).details == {"cause": 1}
