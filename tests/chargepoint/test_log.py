"""Logs and traces: one line an event, and nothing in them that a stranger may not read."""

import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.log import configure
from chargepoint.redaction import redacted_frame, redacted_text
from chargepoint.trace import Trace

SECRET = "hunter2-CORRECT-horse"
TOKEN = "04A2B3C4D5E6F7"


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(message: str, *arguments: object, form: Any = "text", unredacted: bool = False, **extra: object) -> str:
    stream = io.StringIO()
    configure(form=form, stream=stream, unredacted=unredacted)
    logging.getLogger("chargepoint.link").info(message, *arguments, extra=extra)
    return stream.getvalue()


# --- log -------------------------------------------------------------------------------------------------------------


def test_an_event_is_one_line_with_its_fields() -> None:
    line = logged("connected\nto %s", "the CSMS", url="ws://h/CP001", reason="it is time")
    assert line.count("\n") == 1
    assert line.endswith(' INFO link: connected\\nto the CSMS url=ws://h/CP001 reason="it is time"\n')


def test_json_lines_hold_the_same() -> None:
    line = json.loads(logged("connected", form="json", url="ws://h/CP001", evse_id=1, path=Path("/x")))
    assert {key: line[key] for key in ("level", "logger", "message", "url", "evse_id", "path")} == {
        "level": "info",
        "logger": "link",
        "message": "connected",
        "url": "ws://h/CP001",
        "evse_id": 1,
        "path": "/x",
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_stays_in_its_line(form: Any) -> None:
    stream = io.StringIO()
    configure(form=form, stream=stream)
    try:
        raise ValueError(f"password={SECRET}")
    except ValueError:
        logging.getLogger("chargepoint").exception("it broke")
    assert stream.getvalue().count("\n") == 1
    assert "Traceback" in stream.getvalue()
    assert SECRET not in stream.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "message",
    [
        f"> Authorization: Basic {SECRET}",
        f"connecting to wss://CP001:{SECRET}@host/ocpp",
        f"AuthorizationKey={SECRET}",
        f'{{"password": "{SECRET}"}}',
        f"basicAuthPassword: '{SECRET}'",
        f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----",
        f'[2,"1","Authorize",{{"idTag":"{SECRET}"}}]',
        f'[2,"1","Authorize",{{"idToken":{{"idToken":"{SECRET}","type":"Central"}}}}]',
    ],
)
def test_no_secret_in_a_message_reaches_the_log(form: str, message: str) -> None:
    assert SECRET not in logged(message, form=form)
    assert SECRET not in logged("got %s", message, form=form)
    assert SECRET not in logged("got", form=form, what=message)
    if "\n" not in message:
        assert SECRET in logged(message, form=form, unredacted=True)


def test_fields_that_hold_a_token_or_a_secret_are_masked_by_their_name() -> None:
    line = logged("presented", token=TOKEN, csms_password=SECRET)
    assert "token=04… csms_password=***" in line
    assert TOKEN in logged("presented", token=TOKEN, unredacted=True)


def test_ordinary_text_is_left_as_it_is() -> None:
    text = "Heartbeat answered; mail ops@example.com, key OK, token ring"
    assert redacted_text(text) == text


PIECES = st.sampled_from(
    [
        '"',
        "'",
        "\\",
        "\n",
        " ",
        ":",
        "=",
        "{",
        "}",
        "@",
        "password",
        '"idTag":"',
        "Basic abcd",
        "://u:p",
        "-----BEGIN PRIVATE KEY-----",
        "é",
        "x",
    ]
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=6).map("".join))
def test_whatever_is_logged_a_json_line_stays_json_and_a_frame_stays_one_line(message: str, value: str) -> None:
    line = logged("%s", message, form="json", value=value)
    assert line.count("\n") == 1
    assert json.loads(line)["logger"] == "link"
    frame = redacted_frame(json.dumps([2, "1", message, {"data": value, value: message}]).encode())
    assert b"\n" not in frame
    assert json.loads(frame)[:2] == [2, "1"]
    json.loads(redacted_frame(value.encode()))


def test_fields_do_not_take_the_place_of_what_every_line_has() -> None:
    line = json.loads(logged("connected", form="json", time="then", level="high"))
    assert (line["message"], line["time_"], line["level_"], line["level"]) == ("connected", "then", "high", "info")


def test_libraries_speak_only_when_they_warn() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    logging.getLogger("websockets.client").info("> GET / HTTP/1.1")
    assert stream.getvalue() == ""


# --- frames ----------------------------------------------------------------------------------------------------------

FRAMES = {
    "1.6 Authorize": [2, "1", "Authorize", {"idTag": TOKEN}],
    "1.6 StartTransaction": [2, "1", "StartTransaction", {"connectorId": 1, "idTag": TOKEN, "meterStart": 0}],
    "1.6 answer": [3, "1", {"idTagInfo": {"status": "Accepted", "parentIdTag": TOKEN}, "transactionId": 1}],
    "1.6 SendLocalList": [
        2,
        "1",
        "SendLocalList",
        {"localAuthorizationList": [{"idTag": "x", "idTagInfo": {"parentIdTag": TOKEN}}]},
    ],
    "1.6 ChangeConfiguration": [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}],
    "1.6 in another case": [2, "1", "ChangeConfiguration", {"key": "authorizationkey", "value": SECRET}],
    "1.6 GetConfiguration": [
        3,
        "1",
        {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": SECRET}]},
    ],
    "1.6 DataTransfer": [
        2,
        "1",
        "DataTransfer",
        {"vendorId": "v", "data": json.dumps({"idToken": {"idToken": TOKEN}, "password": SECRET})},
    ],
    "1.6 GetDiagnostics": [2, "1", "GetDiagnostics", {"location": f"ftp://user:{SECRET}@host/dir"}],
    "2.0.1 Authorize": [
        2,
        "1",
        "Authorize",
        {
            "idToken": {
                "idToken": TOKEN,
                "type": "ISO14443",
                "additionalInfo": [{"additionalIdToken": TOKEN, "type": "x"}],
            }
        },
    ],
    "2.0.1 answer": [
        3,
        "1",
        {"idTokenInfo": {"status": "Accepted", "groupIdToken": {"idToken": TOKEN, "type": "Central"}}},
    ],
    "2.0.1 SetVariables": [
        2,
        "1",
        "SetVariables",
        {
            "setVariableData": [
                {
                    "attributeValue": SECRET,
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                }
            ]
        },
    ],
    "2.0.1 GetVariables": [
        3,
        "1",
        {
            "getVariableResult": [
                {"attributeValue": SECRET, "component": {"name": "X"}, "variable": {"name": "MyPassword"}}
            ]
        },
    ],
    "2.0.1 NotifyReport": [
        2,
        "1",
        "NotifyReport",
        {"reportData": [{"variable": {"name": "BasicAuthPassword"}, "variableAttribute": [{"value": SECRET}]}]},
    ],
    "2.0.1 NotifyEvent": [
        2,
        "1",
        "NotifyEvent",
        {"eventData": [{"actualValue": SECRET, "variable": {"name": "VpnPassword"}}]},
    ],
    "2.0.1 SetNetworkProfile": [
        2,
        "1",
        "SetNetworkProfile",
        {
            "connectionData": {
                "apn": {"apn": "internet", "apnUserName": TOKEN, "apnPassword": SECRET, "simPin": SECRET},
                "vpn": {"server": "vpn.example", "user": TOKEN, "password": SECRET, "key": SECRET},
            }
        },
    ],
    "2.0.1 CustomerInformation": [
        2,
        "1",
        "CustomerInformation",
        {"customerIdentifier": TOKEN, "idToken": {"idToken": TOKEN}},
    ],
    "2.0.1 NotifyCustomerInformation": [
        2,
        "1",
        "NotifyCustomerInformation",
        {"data": f"card {TOKEN}", "generatedAt": "2026-11-22T13:00:00Z"},
    ],
    "2.1 SetNetworkProfile": [
        2,
        "1",
        "SetNetworkProfile",
        {"connectionData": {"identity": "CP1", "basicAuthPassword": SECRET}},
    ],
    "2.1 GetTariffs": [3, "1", {"status": "Accepted", "tariffAssignments": [{"idTokens": [TOKEN]}]}],
    "2.1 contract": [2, "1", "Get15118EVCertificate", {"prioritizedEMAIDs": [TOKEN, {"idToken": TOKEN}]}],
    "a private key": [3, "1", {"data": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"}],
    "an error": [4, "1", "SecurityError", f"password={SECRET}", {}],
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("indent", [None, 1])
def test_secrets_and_tokens_of_a_frame_are_redacted(name: str, indent: int | None) -> None:
    frame = json.dumps(FRAMES[name], indent=indent).encode()
    line = redacted_frame(frame)
    assert TOKEN.encode() not in line
    assert SECRET.encode() not in line
    assert b"\n" not in line
    said = json.loads(line)
    assert type(said) is list
    assert said[:2] == FRAMES[name][:2]


def test_a_token_keeps_two_characters_so_that_two_cards_can_be_told_apart() -> None:
    assert json.loads(redacted_frame(json.dumps(FRAMES["1.6 Authorize"]).encode())) == [
        2,
        "1",
        "Authorize",
        {"idTag": "04…"},
    ]
    assert json.loads(redacted_frame(b'[2,"1","Authorize",{"idTag":"1234"}]'))[3] == {"idTag": "…"}


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}],
        [
            2,
            "1",
            "SetVariables",
            {"setVariableData": [{"attributeValue": "30", "variable": {"name": "TxUpdatedInterval"}}]},
        ],
        [
            2,
            "1",
            "CertificateSigned",
            {"certificateChain": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"},
        ],
        [2, "1", "MeterValues", {"meterValue": [{"sampledValue": [{"value": "1.5", "unit": "Wh"}]}]}],
        [3, "1", {}],
    ],
)
def test_what_is_no_secret_is_kept(frame: list[Any]) -> None:
    assert json.loads(redacted_frame(json.dumps(frame).encode())) == frame


def test_what_is_not_json_is_kept_as_text_without_its_secrets() -> None:
    assert json.loads(redacted_frame(b"[2,")) == "[2,"
    assert json.loads(redacted_frame(b'{"idTag": "04A2B3C4"')) == '{"idTag": "04…"'
    assert json.loads(redacted_frame(b"\xff")) == "\ufffd"


# --- trace -----------------------------------------------------------------------------------------------------------


def test_each_frame_is_a_line_of_json(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "ocpp.jsonl")
    trace.frame("CP001", "sent", b'[2,"1","Heartbeat",{}]')
    trace.frame("CP001", "received", b'[3, "1",\n {"idTag": "04A2B3C4"}]')
    trace.close()
    trace.frame("CP001", "sent", b'[2,"2","Heartbeat",{}]')
    lines = [json.loads(line) for line in (tmp_path / "ocpp.jsonl").read_text().splitlines()]
    assert [(line["station"], line["direction"], line["frame"]) for line in lines] == [
        ("CP001", "sent", [2, "1", "Heartbeat", {}]),
        ("CP001", "received", [3, "1", {"idTag": "04…"}]),
    ]
    assert os.stat(tmp_path / "ocpp.jsonl").st_mode & 0o777 == 0o600


def test_the_trace_is_limited_in_size_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "ocpp.jsonl"
    for _ in range(4):
        trace = Trace(path, limit_byte=400)
        for number in range(5):
            trace.frame("CP001", "sent", b'[2,"%d","Heartbeat",{}]' % number)
        trace.close()
    assert path.stat().st_size <= 400
    assert 0 < (tmp_path / "ocpp.jsonl.1").stat().st_size <= 400
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ocpp.jsonl", "ocpp.jsonl.1"]
    assert json.loads(path.read_text().splitlines()[-1])["frame"][1] == "4"


def test_a_trace_that_cannot_be_written_ends_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trace = Trace(tmp_path / "ocpp.jsonl", limit_byte=10)
    trace.frame("CP001", "sent", b"[]")
    (tmp_path / "ocpp.jsonl").unlink()  # its disk is gone: the next rotation fails
    trace.frame("CP001", "sent", b"[]")
    trace.frame("CP001", "sent", b"[]")
    assert [record.message for record in caplog.records] == [
        f"the trace ends here: {tmp_path}/ocpp.jsonl cannot be written: No such file or directory"
    ]


def test_an_unredacted_trace_is_a_choice(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "ocpp.jsonl", unredacted=True)
    trace.frame("CP001", "sent", json.dumps(FRAMES["1.6 Authorize"], indent=1).encode())
    trace.frame("CP001", "sent", b"[2,")
    trace.close()
    first, second = (tmp_path / "ocpp.jsonl").read_text().splitlines()
    assert json.loads(first)["frame"][3] == {"idTag": TOKEN}
    assert json.loads(second)["frame"] == "[2,"
