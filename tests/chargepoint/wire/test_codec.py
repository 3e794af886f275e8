"""Payloads are validated on the way in and on the way out, and a fault is named as each version names it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from chargepoint.rpc import errors
from chargepoint.wire import v16, v21, v201
from chargepoint.wire.base import CustomData, decode_extension
from chargepoint.wire.codec import Codec, codec_for

BOOT_201 = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}


def payload(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def boot(**fields: Any) -> bytes:
    return payload(**{**BOOT_201, **fields})


def test_a_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'1\.5' is none of 1\.6, 2\.0\.1, 2\.1"):
        Codec("1.5")


def test_all_stations_of_a_process_share_the_decoders_of_a_version() -> None:
    assert codec_for("1.6") is codec_for("1.6")
    assert codec_for("1.6").version == "1.6"


def test_a_request_and_a_response_are_read() -> None:
    codec = codec_for("1.6")

    assert codec.decode_request("Authorize", payload(idTag="AA11")) == v16.AuthorizeRequest(id_tag="AA11")
    assert codec.decode_response("Authorize", payload(idTagInfo={"status": "Blocked"})) == v16.AuthorizeResponse(
        id_tag_info=v16.IdTagInfo(status="Blocked")
    )


def test_absent_fields_are_none_and_are_not_written() -> None:
    request = codec_for("2.0.1").decode_request("BootNotification", boot())

    assert isinstance(request, v201.BootNotificationRequest)
    assert request.charging_station.serial_number is None
    assert json.loads(codec_for("2.0.1").encode(request)) == BOOT_201


def test_an_unconfirmed_message_is_read() -> None:
    raw = payload(id=1, pending=0, basetime="2024-08-27T12:30:40Z", data=[{"t": 0.5, "v": "230.4"}])

    message = codec_for("2.1").decode_send("NotifyPeriodicEventStream", raw)

    assert isinstance(message, v21.NotifyPeriodicEventStream)
    assert message.data == [v21.StreamDataElement(t=0.5, v="230.4")]


FAULTS = [
    # version, action, payload, code, description
    ("1.6", "Authorize", b"{}", "OccurenceConstraintViolation", "idTag: required field is missing"),
    ("2.0.1", "Authorize", b"{}", "OccurrenceConstraintViolation", "idToken: required field is missing"),
    ("1.6", "Authorize", b'{"idTag":"a","x":1}', "FormationViolation", "x: unknown field"),
    ("2.1", "Heartbeat", b'{"x":1}', "FormatViolation", "x: unknown field"),
    ("1.6", "Authorize", b"[]", "FormationViolation", "payload: expected object, got array"),
    ("2.0.1", "Heartbeat", b"7", "FormatViolation", "payload: expected object, got integer"),
    ("1.6", "Authorize", b'{"idTag":7}', "TypeConstraintViolation", "idTag: expected string, got integer"),
    ("1.6", "Authorize", b'{"idTag":null}', "TypeConstraintViolation", "idTag: expected string, got null"),
    ("2.0.1", "UnlockConnector", b'{"evseId":1.0}', "TypeConstraintViolation", "evseId: expected integer, got number"),
    (
        "2.0.1",
        "UnlockConnector",
        b'{"evseId":true}',
        "TypeConstraintViolation",
        "evseId: expected integer, got boolean",
    ),
    (
        "1.6",
        "Authorize",
        payload(idTag="x" * 21),
        "PropertyConstraintViolation",
        "idTag: expected at most 20 characters",
    ),
    (
        "2.0.1",
        "Reset",
        payload(type="Soon"),
        "PropertyConstraintViolation",
        "type: 'Soon' is not one of the allowed values",
    ),
    (
        "2.0.1",
        "GetVariables",
        payload(getVariableData=[]),
        "OccurrenceConstraintViolation",
        "getVariableData: expected at least 1 elements",
    ),
    (
        "2.0.1",
        "GetVariables",
        payload(getVariableData=[{"component": {"name": "C"}, "variable": {"name": "x" * 51}}]),
        "PropertyConstraintViolation",
        "getVariableData[0].variable.name: expected at most 50 characters",
    ),
    (
        "2.1",
        "AdjustPeriodicEventStream",
        payload(id=-1, params={}),
        "PropertyConstraintViolation",
        "id: expected at least 0",
    ),
    (
        "1.6",
        "GetCompositeSchedule",
        payload(connectorId="1", duration=1),
        "TypeConstraintViolation",
        "connectorId: expected integer, got string",
    ),
    ("1.6", "Authorize", b'{"idTag":"\xff"}', "FormationViolation", "payload: not valid JSON ("),
    ("2.0.1", "Heartbeat", b"{", "FormatViolation", "payload: not valid JSON ("),
    ("1.6", "NoSuchAction", b"{}", "NotImplemented", "'NoSuchAction' is no action of OCPP 1.6"),
    ("1.6", "TransactionEvent", b"{}", "NotImplemented", "'TransactionEvent' is no action of OCPP 1.6"),
    ("2.0.1", "x" * 300, b"{}", "NotImplemented", f"'{'x' * 50}' is no action of OCPP 2.0.1"),
    (
        "2.1",
        "NotifyPeriodicEventStream",
        b"{}",
        "NotSupported",
        "NotifyPeriodicEventStream is sent unconfirmed and cannot be called",
    ),
]


@pytest.mark.parametrize(("version", "action", "raw", "code", "description"), FAULTS)
def test_a_fault_has_the_code_of_its_version_and_names_the_place(
    version: str, action: str, raw: bytes, code: str, description: str
) -> None:
    with pytest.raises(errors.CallError) as caught:
        codec_for(version).decode_request(action, raw)

    assert caught.value.code(version) == code
    assert caught.value.description.startswith(description)


def test_a_request_is_no_unconfirmed_message() -> None:
    with pytest.raises(errors.ActionNotImplementedError, match="'Heartbeat' is no unconfirmed message"):
        codec_for("2.1").decode_send("Heartbeat", b"{}")


def test_a_fault_below_a_list_names_its_element() -> None:
    raw = payload(listVersion=1, updateType="Full", localAuthorizationList=[{"idTag": "a"}, {"idTag": 1}])
    with pytest.raises(errors.TypeConstraintViolationError) as caught:
        codec_for("1.6").decode_request("SendLocalList", raw)

    assert caught.value.description == "localAuthorizationList[1].idTag: expected string, got integer"


def test_2_x_takes_plain_decimals() -> None:
    message = codec_for("2.0.1").decode_request("CostUpdated", payload(totalCost=4.1111, transactionId="1"))

    assert isinstance(message, v201.CostUpdatedRequest)
    assert message.total_cost == 4.1111


# customData (OCPP 2.1 part 4 chapter 9)


def test_custom_data_comes_back_as_it_came() -> None:
    custom = {"vendorId": "com.example", "count": 342, "ratio": 1.0, "deep": {"list": [None, True, "é"], "big": 2**70}}
    codec = codec_for("2.0.1")

    request = codec.decode_request("Heartbeat", payload(customData=custom))

    assert isinstance(request, v201.HeartbeatRequest)
    assert request.custom_data == custom
    assert json.loads(codec.encode_checked(request)) == {"customData": custom}


def test_custom_data_of_our_own_is_a_plain_dict() -> None:
    request = v201.HeartbeatRequest(custom_data={"vendorId": "com.example"})

    assert codec_for("2.0.1").encode_checked(request) == b'{"customData":{"vendorId":"com.example"}}'


@pytest.mark.parametrize(
    ("custom", "code", "description"),
    [
        ({}, "OccurrenceConstraintViolation", "customData.vendorId: required field is missing"),
        ({"vendorId": 1}, "TypeConstraintViolation", "customData.vendorId: expected string, got integer"),
        ({"vendorId": None}, "TypeConstraintViolation", "customData.vendorId: expected string, got null"),
        (
            {"vendorId": "x" * 256},
            "PropertyConstraintViolation",
            "customData.vendorId: expected at most 255 characters",
        ),
        ([], "TypeConstraintViolation", "customData: expected object, got array"),
        (None, "TypeConstraintViolation", "customData: expected object, got null"),
        ("x", "TypeConstraintViolation", "customData: expected object, got string"),
    ],
)
def test_custom_data_needs_a_vendor(custom: object, code: str, description: str) -> None:
    with pytest.raises(errors.CallError) as caught:
        codec_for("2.0.1").decode_request("Heartbeat", payload(customData=custom))

    assert (caught.value.code("2.0.1"), caught.value.description) == (code, description)


def test_the_longest_vendor_is_accepted() -> None:
    codec_for("2.0.1").decode_request("Heartbeat", payload(customData={"vendorId": "x" * 255}))


def test_no_other_type_asks_for_the_check_of_custom_data() -> None:
    with pytest.raises(NotImplementedError):
        decode_extension(complex, 1)
    assert decode_extension(CustomData, {"vendorId": "v"}) == {"vendorId": "v"}


# On the way out


@pytest.mark.parametrize(
    ("message", "description"),
    [
        (v16.AuthorizeRequest(id_tag="x" * 21), "AuthorizeRequest: idTag: expected at most 20 characters"),
        (v16.AuthorizeRequest(id_tag=None), "AuthorizeRequest: idTag: expected string, got null"),  # type: ignore[arg-type]  # wrong on purpose
        (v16.ResetRequest(type="Soon"), "ResetRequest: type: 'Soon' is not one of the allowed values"),  # type: ignore[arg-type]  # wrong on purpose
        (v16.CancelReservationRequest(reservation_id=1.0), "CancelReservationRequest: reservationId: expected integer"),  # type: ignore[arg-type]  # wrong on purpose
        (v16.AuthorizeRequest(id_tag=object()), "AuthorizeRequest: Encoding objects of type object is unsupported"),  # type: ignore[arg-type]  # wrong on purpose
        (v16.AuthorizeRequest(id_tag="\ud800"), "AuthorizeRequest: "),
        (
            v201.CostUpdatedRequest(total_cost=float("nan"), transaction_id="1"),
            "CostUpdatedRequest: totalCost: expected",
        ),
        (v201.GetVariablesRequest(get_variable_data=[]), "GetVariablesRequest: getVariableData: expected at least 1"),
        (
            v201.HeartbeatRequest(custom_data={"a": 1}),
            "HeartbeatRequest: customData.vendorId: required field is missing",
        ),
    ],
)
def test_a_message_that_breaks_its_schema_is_not_sent(message: Any, description: str) -> None:
    codec = codec_for("1.6" if type(message).__module__.endswith("v16") else "2.0.1")

    with pytest.raises(errors.UnsendablePayloadError) as caught:
        codec.encode_checked(message)

    assert caught.value.description.startswith(description)
    assert caught.value.code("2.0.1") == "InternalError"


def test_a_value_without_end_is_not_sent() -> None:
    endless: dict[str, Any] = {"vendorId": "v"}
    endless["self"] = endless

    with pytest.raises(errors.UnsendablePayloadError):
        codec_for("2.0.1").encode_checked(v201.HeartbeatRequest(custom_data=endless))


def test_raw_json_of_a_frame_is_read_without_a_copy() -> None:
    assert codec_for("2.0.1").decode_request("Heartbeat", msgspec.Raw(b"{}")) == v201.HeartbeatRequest()
