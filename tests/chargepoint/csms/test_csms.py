"""The central system, as stations and tests see it."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chargepoint.csms import (
    CallError,
    CallFailedError,
    Csms,
    Delayed,
    Message,
    NoAnswer,
    NotConnectedError,
    Payload,
    Raw,
    Rules,
)
from tests.certificates import Authority, server_context
from tests.chargepoint.csms.stations import PATIENCE_SECOND, Station, smallest, station

NOW = 1_700_000_000.0
NOW_TEXT = "2023-11-14T22:13:20.000Z"

ACTIONS_16 = (
    *("Authorize", "BootNotification", "DataTransfer", "DiagnosticsStatusNotification", "FirmwareStatusNotification"),
    *("Heartbeat", "LogStatusNotification", "MeterValues", "SecurityEventNotification", "SignCertificate"),
    *("SignedFirmwareStatusNotification", "StartTransaction", "StatusNotification", "StopTransaction"),
)
ACTIONS_201 = (
    *("Authorize", "BootNotification", "ClearedChargingLimit", "DataTransfer", "FirmwareStatusNotification"),
    *("Get15118EVCertificate", "GetCertificateStatus", "Heartbeat", "LogStatusNotification", "MeterValues"),
    *("NotifyChargingLimit", "NotifyCustomerInformation", "NotifyDisplayMessages", "NotifyEVChargingNeeds"),
    *("NotifyEVChargingSchedule", "NotifyEvent", "NotifyMonitoringReport", "NotifyReport"),
    *("PublishFirmwareStatusNotification", "ReportChargingProfiles", "ReservationStatusUpdate"),
    *("SecurityEventNotification", "SignCertificate", "StatusNotification", "TransactionEvent"),
)
ACTIONS_21 = (
    *ACTIONS_201,
    *("BatterySwap", "ClosePeriodicEventStream", "GetCertificateChainStatus", "NotifyDERAlarm", "NotifyDERStartStop"),
    *("NotifyPriorityCharging", "NotifySettlement", "NotifyWebPaymentStarted", "OpenPeriodicEventStream"),
    *("PullDynamicScheduleUpdate", "ReportDERControl", "VatNumberValidation"),
)


def rules(**changes: Any) -> Rules:
    return Rules(wall=lambda: NOW, **changes)


def csms(**changes: Any) -> Csms:
    return Csms(**{"rules": rules(), **changes})


async def boot(made: Station, version: str) -> Any:
    return await made.ask("BootNotification", smallest(version, "BootNotification"))


# --- answers -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "action"),
    [
        *(("1.6", action) for action in ACTIONS_16),
        *(("2.0.1", action) for action in ACTIONS_201),
        *(("2.1", action) for action in ACTIONS_21),
    ],
)
async def test_every_request_of_a_station_is_answered(version: str, action: str) -> None:
    # The `ocpp` package checks the answer against its schema before it is sent.
    async with csms() as system, station(system, version=version) as made:
        assert isinstance(await made.ask(action, smallest(version, action)), dict)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_boot(version: str) -> None:
    async with csms(rules=rules(interval_second=60)) as system, station(system, version=version) as made:
        assert await boot(made, version) == {"currentTime": NOW_TEXT, "interval": 60, "status": "Accepted"}
        record = system.stations["CS001"]
        assert record.version == version
        assert record.connected
        assert record.boot_status == "Accepted"
        assert record.last_seen == NOW


async def test_boot_can_be_pending_for_all_or_for_one() -> None:
    async with csms(rules=rules(boot_status="Pending", boot_statuses={"B": "Rejected"})) as system:
        async with station(system, "A") as made:
            assert (await boot(made, "2.0.1"))["status"] == "Pending"
            system.rules.boot_status = "Accepted"
            assert (await boot(made, "2.0.1"))["status"] == "Accepted"
        async with station(system, "B") as made:
            assert (await boot(made, "2.0.1"))["status"] == "Rejected"


async def test_tokens() -> None:
    chosen = rules(tokens={"BAD": "Blocked"}, parent_tokens={"GOOD": "FAMILY"})
    async with csms(rules=chosen) as system:
        async with station(system, "A", "1.6") as made:
            assert await made.ask("Authorize", {"idTag": "BAD"}) == {"idTagInfo": {"status": "Blocked"}}
            assert (await made.ask("Authorize", {"idTag": "GOOD"}))["idTagInfo"] == {
                "status": "Accepted",
                "parentIdTag": "FAMILY",
            }
            chosen.token_status = "Invalid"
            assert (await made.ask("Authorize", {"idTag": "NEW"}))["idTagInfo"] == {"status": "Invalid"}
            chosen.token_status = "Accepted"
        async with station(system, "B") as made:
            for id_token, info in (
                ("BAD", {"status": "Blocked"}),
                ("GOOD", {"status": "Accepted", "groupIdToken": {"idToken": "FAMILY", "type": "Central"}}),
            ):
                answer = await made.ask("Authorize", {"idToken": {"idToken": id_token, "type": "ISO14443"}})
                assert answer["idTokenInfo"] == info


async def test_a_request_that_breaks_the_schema_gets_a_callerror() -> None:
    async with csms() as system, station(system) as made:
        assert (await made.ask("BootNotification", {}))[0] == 4
        assert (await made.ask("Nonsense"))[0] == 4


# --- records --------------------------------------------------------------------------------------------------------------------


async def test_a_transaction_of_16() -> None:
    async with csms() as system, station(system, version="1.6") as made:
        start = {"connectorId": 1, "idTag": "TAG", "meterStart": 1000, "timestamp": "2026-01-01T00:00:00Z"}
        first = await made.ask("StartTransaction", start, message_id="once")
        again = await made.ask("StartTransaction", start, message_id="once")
        assert first == again  # repeated because the answer was lost
        transaction_id = first["transactionId"]
        samples = [
            {"value": "1.5", "unit": "kWh"},
            {"value": "16", "measurand": "Current.Import", "unit": "A"},
            {"value": "700", "phase": "L1"},
        ]
        await made.ask(
            "MeterValues",
            {
                "connectorId": 1,
                "transactionId": transaction_id,
                "meterValue": [{"timestamp": "2026-01-01T00:10:00Z", "sampledValue": samples}],
            },
        )
        (transaction,) = system.stations["CS001"].active_transactions
        assert transaction.energy_watt_hour == 500.0
        stop = {"transactionId": transaction_id, "meterStop": 3500, "timestamp": "2026-01-01T01:00:00Z", "idTag": "TAG"}
        assert (await made.ask("StopTransaction", stop))["idTagInfo"]["status"] == "Accepted"
        assert not transaction.active
        assert transaction.energy_watt_hour == 2500.0
        assert (transaction.evse_id, transaction.id_token, transaction.reason) == (1, "TAG", "Local")
        assert system.stations["CS001"].active_transactions == []


async def test_a_stop_of_a_transaction_that_nobody_started_is_kept() -> None:
    async with csms() as system, station(system, version="1.6") as made:
        await made.ask("StopTransaction", {"transactionId": 77, "meterStop": 1, "timestamp": "2026-01-01T00:00:00Z"})
        assert not system.stations["CS001"].transactions["77"].active


def event(kind: str, number: int, watt_hour: float, **changes: Any) -> dict[str, Any]:
    sample = {"value": watt_hour / 1000.0, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}}
    return {
        "eventType": kind,
        "timestamp": f"2026-01-01T00:0{number}:00Z",
        "triggerReason": "ChargingStateChanged",
        "seqNo": number,
        "transactionInfo": {"transactionId": "T1", "chargingState": "Charging"},
        "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [sample]}],
        **changes,
    }


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_transaction_of_2x(version: str) -> None:
    async with csms(rules=rules(tokens={"TAG": "Invalid"})) as system, station(system, version=version) as made:
        token = {"idToken": "TAG", "type": "ISO14443"}
        started = event("Started", 0, 1000, evse={"id": 2, "connectorId": 1}, idToken=token)
        assert (await made.ask("TransactionEvent", started))["idTokenInfo"]["status"] == "Invalid"
        assert await made.ask("TransactionEvent", event("Updated", 1, 1800)) == {}
        (transaction,) = system.stations["CS001"].active_transactions
        assert transaction.energy_watt_hour == 800.0
        assert (transaction.evse_id, transaction.connector_id, transaction.id_token) == (2, 1, "TAG")
        assert transaction.charging_state == "Charging"
        ended = event("Ended", 2, 4000, transactionInfo={"transactionId": "T1", "stoppedReason": "EVDisconnected"})
        await made.ask("TransactionEvent", ended)
        assert not transaction.active
        assert transaction.energy_watt_hour == 3000.0
        assert transaction.reason == "EVDisconnected"
        assert transaction.sequence == [0, 1, 2]


async def test_statuses_reports_events_and_the_like() -> None:
    async with csms() as system:
        async with station(system, "A", "1.6") as made:
            status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
            await made.ask("StatusNotification", status)
            await made.ask("DiagnosticsStatusNotification", {"status": "Uploaded"})
            await made.ask("FirmwareStatusNotification", {"status": "Installed"})
        record = system.stations["A"]
        assert record.statuses == {(1, 0): "Available"}
        assert (record.log_status, record.firmware_status) == ("Uploaded", "Installed")
        async with station(system, "B") as made:
            for action in ("NotifyReport", "NotifyEvent", "SecurityEventNotification", "StatusNotification"):
                await made.ask(action, smallest("2.0.1", action))
            variable = {
                "component": {"name": "EVSE"},
                "variable": {"name": "Power"},
                "variableAttribute": [{"value": "11000"}],
            }
            more = smallest("2.0.1", "NotifyReport") | {"requestId": 7, "reportData": [variable]}
            await made.ask("NotifyReport", more)
            await made.ask("NotifyReport", more)
        record = system.stations["B"]
        assert len(record.reports[7]) == 2
        assert len(record.events) == 1
        assert len(record.security_events) == 1
        assert record.statuses == {(1, 1): "Available"}
        assert len(record.requests()) == 6
        assert len(record.requests("NotifyReport")) == 3


async def test_21_sends_are_kept_and_not_answered() -> None:
    async with csms() as system, station(system, version="2.1") as made:
        await made.connection.send(json.dumps([6, "1", "NotifyPeriodicEventStream", {"id": 1}]))
        await made.ask("Heartbeat")
        assert system.stations["CS001"].unanswered == [("NotifyPeriodicEventStream", {"id": 1})]
        sent = [message.frame for message in system.stations["CS001"].messages if message.direction == "sent"]
        assert len(sent) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "hello",
        "{}",
        "[]",
        "[2]",
        '[2,"1"]',
        '[2,"1",{},{}]',
        '[2,"1",[],null]',
        '[3,"x",{}]',
        '[9,"1",{}]',
        "null",
        '[2,"1","Heartbeat",null]',
    ],
)
async def test_garbage_does_not_end_a_connection(garbage: str) -> None:
    async with csms() as system, station(system) as made:
        await made.connection.send(garbage)
        await made.connection.send(garbage.encode())
        assert (await made.ask("Heartbeat"))["currentTime"] == NOW_TEXT


# --- who may connect ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("A00.FR.207")
async def test_passwords() -> None:
    async with csms(passwords={"A": "correct horse battery", "B": b"\x00\xff"}) as system:
        for headers in (
            {},
            {"Authorization": "Basic QTp3cm9uZw=="},
            {"Authorization": "Basic !"},
            {"Authorization": "Bearer x"},
            {"Authorization": "Basic QjpjcnQ="},
        ):
            with pytest.raises(InvalidStatus) as refusal:
                async with station(system, "A", additional_headers=headers):
                    pass
            assert refusal.value.response.status_code == 401
            assert "WWW-Authenticate" in refusal.value.response.headers
        async with station(system, "A", additional_headers={"Authorization": "Basic QTpjb3JyZWN0IGhvcnNlIGJhdHRlcnk="}):
            assert system.connected("A")
        async with station(system, "B", additional_headers={"Authorization": "Basic QjoA/w=="}):
            assert system.connected("B")


async def test_an_unknown_station_gets_404() -> None:
    async with csms(known={"RDAM 123"}) as system:
        with pytest.raises(InvalidStatus) as refusal:
            async with station(system, "OTHER"):
                pass
        assert refusal.value.response.status_code == 404
        async with station(system, "RDAM%20123"):
            assert system.connected("RDAM 123")


async def test_tls(tmp_path: Path) -> None:
    authority = Authority()
    context = server_context(authority.issue("localhost"), tmp_path)
    client = ssl.create_default_context(cadata=authority.pem)
    async with csms(host="localhost", tls=context) as system:
        assert system.url.startswith("wss://localhost:")
        async with station(system, ssl=client) as made:
            assert (await boot(made, "2.0.1"))["status"] == "Accepted"


async def test_the_stations_preference_decides_the_version() -> None:
    async with csms(subprotocols=("ocpp1.6", "ocpp2.0.1")) as system:
        offered: Any = ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"]
        async with connect(f"{system.url}/A", subprotocols=offered, proxy=None) as connection:
            assert connection.subprotocol == "ocpp2.0.1"


async def test_without_a_common_version_the_connection_is_closed_at_once() -> None:
    async with csms() as system:
        offered: Any = ["ocpp1.5"]
        async with connect(f"{system.url}/A", subprotocols=offered, proxy=None) as connection:
            assert connection.subprotocol is None
            with pytest.raises(ConnectionClosed):
                await connection.recv()
            assert connection.close_code == 1002
        assert system.stations == {}


async def test_a_station_that_comes_back_replaces_its_old_connection() -> None:
    async with csms() as system, station(system) as old:
        await old.ask("Heartbeat")
        async with station(system) as new:
            await new.ask("Heartbeat")
            async with asyncio.timeout(PATIENCE_SECOND):
                await old.connection.wait_closed()
            assert (await new.ask("Heartbeat"))["currentTime"] == NOW_TEXT
            assert system.connected("CS001")
            assert system.stations["CS001"].connections == 2


async def test_it_says_where_it_listens() -> None:
    said: list[str] = []
    async with csms(announce=said.append) as system:
        assert said == [f"central system listening on {system.url}"]
        assert system.port > 0


# --- calls ----------------------------------------------------------------------------------------------------------------------


async def test_a_call_returns_the_payload_as_it_came() -> None:
    async with csms() as system, station(system) as made:
        made.answer = lambda action, payload: [
            3,
            {
                "status": "Accepted",
                "statusInfo": {"reasonCode": "None", "customData": {"vendorId": "x", "some_Thing": 1}},
            },
        ]
        evse = {"evse": {"id": 1}, "requestedMessage": "StatusNotification"}
        answer = await system.call("CS001", "TriggerMessage", evse)
        assert answer["statusInfo"]["customData"] == {"vendorId": "x", "some_Thing": 1}
        assert made.calls == [("TriggerMessage", evse)]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_calls_in_each_version(version: str) -> None:
    async with csms() as system, station(system, version=version) as made:
        made.answer = lambda action, payload: [3, {"status": "Accepted"}]
        assert await system.call("CS001", "Reset", smallest(version, "Reset")) == {"status": "Accepted"}


async def test_calls_without_a_usable_answer() -> None:
    async with csms(call_timeout_second=0.05) as system, station(system) as made:
        made.answer = lambda action, payload: [4, "NotSupported", "not here", {}]
        with pytest.raises(CallFailedError, match="NotSupported: not here"):
            await system.call("CS001", "ClearCache")
        made.answer = lambda action, payload: [4, "MadeUp", "no such code", {}]
        with pytest.raises(CallFailedError):
            await system.call("CS001", "ClearCache")
        made.answer = lambda action, payload: [3, {"status": "Perhaps"}]
        with pytest.raises(CallFailedError):
            await system.call("CS001", "ClearCache")
        made.answer = lambda action, payload: None
        with pytest.raises(CallFailedError) as failure:
            await system.call("CS001", "ClearCache")
        assert failure.value.code == "Timeout"


async def test_a_call_ends_with_the_connection() -> None:
    async with csms() as system, station(system) as made:

        def hang_up(action: str, payload: dict[str, Any]) -> None:
            made.connection.transport.abort()

        made.answer = hang_up
        with pytest.raises(CallFailedError) as failure:
            await system.call("CS001", "ClearCache")
        assert failure.value.code == "ConnectionLost"
        with pytest.raises(NotConnectedError):
            await system.call("CS001", "ClearCache")


async def test_calls_that_cannot_be_sent() -> None:
    async with csms() as system, station(system) as made:
        with pytest.raises(NotConnectedError, match="connected are: CS001"):
            await system.call("OTHER", "ClearCache")
        for action, payload in (
            ("RemoteStartTransaction", {}),  # 1.6
            ("Reset", {}),
            ("Reset", {"type": "Sideways"}),
            ("Reset", {"no such field": 1}),
        ):
            with pytest.raises(ValueError, match=r"has no|this is no"):
                await system.call("CS001", action, payload)
        assert made.calls == []


async def test_anything_can_be_sent_and_connections_ended() -> None:
    async with csms() as system:
        async with station(system) as made:
            await system.send_text("CS001", "not OCPP")
            assert await made.garbage.get() == "not OCPP"
            await system.close("CS001", 1012, "restarting")
            await made.connection.wait_closed()
            assert made.connection.close_code == 1012
        async with station(system) as made:
            await made.ask("Heartbeat")
            system.drop("CS001")
            await made.connection.wait_closed()
            assert made.connection.close_code == 1006


# --- answers that stand in ------------------------------------------------------------------------------------------------------


async def test_answers_can_be_replaced() -> None:
    async with csms() as system, station(system) as made:
        system.answer("Heartbeat", Payload({"currentTime": "never"}), times=1)
        assert await made.ask("Heartbeat") == {"currentTime": "never"}
        assert await made.ask("Heartbeat") == {"currentTime": NOW_TEXT}
        error = system.answer("Heartbeat", CallError("InternalError", "on strike"))
        assert (await made.ask("Heartbeat"))[2:] == ["InternalError", "on strike", {}]
        assert (await boot(made, "2.0.1"))["status"] == "Accepted"
        error.remove()
        assert await made.ask("Heartbeat") == {"currentTime": NOW_TEXT}


async def test_answers_can_be_replaced_for_one_station() -> None:
    async with csms() as system, station(system, "A") as a, station(system, "B") as b:
        system.answer("Heartbeat", CallError(), station_id="A")
        assert (await a.ask("Heartbeat"))[0] == 4
        assert await b.ask("Heartbeat") == {"currentTime": NOW_TEXT}


async def test_answers_can_be_computed() -> None:
    async with csms() as system, station(system, version="1.6") as made:
        system.answer("Authorize", lambda payload: CallError() if payload["idTag"] == "X" else None)
        assert (await made.ask("Authorize", {"idTag": "X"}))[0] == 4
        assert await made.ask("Authorize", {"idTag": "Y"}) == {"idTagInfo": {"status": "Accepted"}}


async def test_answers_can_be_late_missing_or_garbage() -> None:
    async with csms() as system, station(system) as made:
        system.answer("Heartbeat", Delayed(0.02), times=1)
        system.answer("BootNotification", Delayed(0.01, Payload({"late": True})))
        late = asyncio.create_task(made.ask("Heartbeat"))
        assert await boot(made, "2.0.1") == {"late": True}
        assert await late == {"currentTime": NOW_TEXT}
        system.answer("Heartbeat", NoAnswer(), times=1)
        never = asyncio.create_task(made.ask("Heartbeat"))
        await asyncio.sleep(0)
        assert await made.ask("Heartbeat") == {"currentTime": NOW_TEXT}
        assert not never.done()
        never.cancel()
        system.answer("Heartbeat", Raw("<html>{id}</html>"), times=1)
        await made.connection.send('[2,"abc","Heartbeat",{}]')
        assert await made.garbage.get() == "<html>abc</html>"


# --- what is written down -------------------------------------------------------------------------------------------------------


async def test_the_log_has_a_line_for_each_message_without_passwords(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []
    with caplog.at_level(logging.DEBUG, "chargepoint"):
        async with csms(log=lines.append) as system, station(system, version="1.6") as made:
            made.answer = lambda action, payload: [3, {"status": "Accepted"}]
            await system.call("CS001", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "0123456789abcdef"})
            await made.ask("Heartbeat")
            await made.connection.send("not OCPP")
            await made.ask("Heartbeat")
    parsed = [json.loads(line) for line in lines]
    assert [line["direction"] for line in parsed] == [
        "sent",
        "received",
        "received",
        "sent",
        "received",
        "received",
        "sent",
    ]
    assert parsed[0]["message"][3] == {"key": "AuthorizationKey", "value": "***"}
    assert parsed[2] == {
        "wall": NOW,
        "station": "CS001",
        "direction": "received",
        "message": [2, "station-1", "Heartbeat", {}],
    }
    assert parsed[4]["message"] == "not OCPP"
    assert "0123456789abcdef" not in caplog.text
    assert made.calls[0][1]["value"] == "0123456789abcdef"


def test_a_log_line_keeps_what_is_no_secret() -> None:
    data = [{"variable": {"name": "Interval"}, "attributeValue": "300"}]
    line = Message(0.0, "A", "sent", json.dumps([2, "1", "SetVariables", {"setVariableData": data}])).log_line()
    assert json.loads(line)["message"][3]["setVariableData"] == data


async def test_messages_can_be_watched() -> None:
    seen: list[Message] = []
    async with csms() as system, station(system) as made:
        stop = system.watch(seen.append)
        await made.ask("Heartbeat")
        stop()
        await made.ask("Heartbeat")
        assert [message.direction for message in seen] == ["received", "sent"]


def test_only_the_versions_that_are_spoken_are_loaded() -> None:
    code = (
        "import asyncio, sys, chargepoint.csms\n"
        "assert not [name for name in sys.modules if name.startswith('ocpp.v')]\n"
        "from tests.chargepoint.csms.stations import station\n"
        "async def main():\n"
        "    async with chargepoint.csms.Csms() as system, station(system, version='1.6') as made:\n"
        "        await made.ask('Heartbeat')\n"
        "asyncio.run(main())\n"
        "assert {name for name in sys.modules if name.startswith('ocpp.v') and name.count('.') == 1} == {'ocpp.v16'}\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert result.returncode == 0, result.stderr
