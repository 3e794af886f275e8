"""Every message of the decoder is understood, and none is passed on that is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.rpc import errors
from chargepoint.wire.diagnosis import diagnose

MESSAGES = [
    # what msgspec says, the fault, what we say
    (
        "Expected `int`, got `str` - at `$.a.b`",
        errors.TypeConstraintViolationError,
        "a.b: expected integer, got string",
    ),
    ("Expected `bool`, got `float` - at `$.a`", errors.TypeConstraintViolationError, "a: expected boolean, got number"),
    ("Expected `object`, got `array`", errors.FormatViolationError, "payload: expected object, got array"),
    ("Object missing required field `x`", errors.OccurrenceConstraintViolationError, "x: required field is missing"),
    (
        "Object missing required field `x` - at `$.a[2]`",
        errors.OccurrenceConstraintViolationError,
        "a[2].x: required field is missing",
    ),
    ("Object contains unknown field `x` - at `$.a`", errors.FormatViolationError, "a.x: unknown field"),
    ("Object contains unknown field `x\ny`", errors.FormatViolationError, "x\ny: unknown field"),
    (
        "Expected `str` of length <= 20 - at `$.a`",
        errors.PropertyConstraintViolationError,
        "a: expected at most 20 characters",
    ),
    (
        "Expected `array` of length >= 1 - at `$.a`",
        errors.OccurrenceConstraintViolationError,
        "a: expected at least 1 elements",
    ),
    (
        "Invalid enum value 'X' - at `$.a`",
        errors.PropertyConstraintViolationError,
        "a: 'X' is not one of the allowed values",
    ),
    ("Expected `int` >= 0 - at `$.a`", errors.PropertyConstraintViolationError, "a: expected at least 0"),
    ("Expected `float` <= 100.0 - at `$.a`", errors.PropertyConstraintViolationError, "a: expected at most 100.0"),
    (
        "`limit`: Expected multiple of 0.1 - at `$.a[0]`",
        errors.PropertyConstraintViolationError,
        "a[0].limit: expected at most",
    ),
    ("Integer value out of range - at `$.a`", errors.PropertyConstraintViolationError, "a: number too large"),
    ("Number out of range", errors.PropertyConstraintViolationError, "payload: number too large"),
    ("Something new - at `$.a`", errors.PropertyConstraintViolationError, "a: Something new"),
]


@pytest.mark.parametrize(("message", "fault", "description"), MESSAGES)
def test_the_decoders_words_become_those_of_ocpp(message: str, fault: type[errors.CallError], description: str) -> None:
    found = diagnose(message)

    assert type(found) is fault
    assert found.description.startswith(description)


def test_a_long_text_of_the_peer_is_not_repeated_in_full() -> None:
    assert len(diagnose(f"Object contains unknown field `{'x' * 1000}`").description) < 100
    assert len(diagnose(f"Invalid enum value '{'x' * 1000}' - at `$.a`").description) < 100


@settings(deadline=None)
@given(st.text())
def test_whatever_the_decoder_says_there_is_a_fault_to_answer_with(message: str) -> None:
    assert len(diagnose(message).description) <= errors.MAXIMUM_DESCRIPTION_LENGTH
