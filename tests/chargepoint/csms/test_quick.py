"""The central system for fleets in one process: it answers as the full one does, with records that tests can look at."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from chargepoint.csms import (
    CallError,
    CallFailedError,
    Csms,
    Delayed,
    NoAnswer,
    NotConnectedError,
    Payload,
    QuickCsms,
    Raw,
    Rules,
)
from chargepoint.csms.quick_answers import HANDLERS, TRANSACTIONS_KEPT
from chargepoint.link.memory import MemoryNetwork
from chargepoint.link.settings import LinkSettings
from chargepoint.runtime import Runtime, VirtualTimeLoop
from chargepoint.wire.codec import codec_for

WALL = 1_700_000_000.0
TIME = "2023-11-14T22:13:20Z"


class Caller:
    """A station's end of a connection, that says what a test wants."""

    def __init__(self, network: MemoryNetwork, version: str, station_id: str = "CP1") -> None:
        settings = LinkSettings(url="ws://csms.example.com/ocpp", station_id=station_id, versions=(version,))
        self.heard: list[Any] = []
        self.end: tuple[int, str] | None = None
        self.subprotocol = ""
        self._ids = itertools.count(1)
        self.channel = network.dial(settings, self)

    def opened(self, subprotocol: str) -> None:
        self.subprotocol = subprotocol

    def failed(self, error: Exception) -> None:
        raise error

    def received(self, text: str) -> None:
        self.heard.append(json.loads(text))

    def closed(self, code: int, reason: str) -> None:
        self.end = (code, reason)

    async def ask(self, action: str, payload: dict[str, Any], message_id: str | None = None) -> Any:
        message_id = message_id or f"m{next(self._ids)}"
        self.channel.send(json.dumps([2, message_id, action, payload]))
        await asyncio.sleep(0.01)
        return next((frame for frame in reversed(self.heard) if frame[1] == message_id), None)


def simulate(story: Callable[[MemoryNetwork, QuickCsms], Any], **options: Any) -> QuickCsms:
    """A network with a quick CSMS on virtual time."""

    async def main() -> QuickCsms:
        runtime = Runtime()
        network = MemoryNetwork(runtime.timers, latency_second=0.001)
        rules = Rules(wall=lambda: WALL + runtime.timers.monotonic(), **options.pop("rules", {}))
        csms = QuickCsms(runtime.timers, rules=rules, **options)
        network.listen("csms.example.com", csms)
        await story(network, csms)
        await csms.stop()
        await asyncio.sleep(0.01)
        return csms

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


async def connect(network: MemoryNetwork, version: str = "1.6", station_id: str = "CP1") -> Caller:
    caller = Caller(network, version, station_id)
    await asyncio.sleep(0.01)
    assert caller.subprotocol == f"ocpp{version}"
    return caller


# --- the same as the full one ---------------------------------------------------------------------------------------------

_TOKEN = {"idToken": "ABC", "type": "ISO14443"}
_SAMPLES = [
    {
        "timestamp": TIME,
        "sampledValue": [{"value": 1.5, "unitOfMeasure": {"unit": "kWh"}}, {"value": 7, "measurand": "Voltage"}],
    }
]
_SAMPLES_16 = [{"timestamp": TIME, "sampledValue": [{"value": "1500"}, {"value": "230", "measurand": "Voltage"}]}]
_EVENT = {
    "timestamp": TIME,
    "triggerReason": "Authorized",
    "transactionInfo": {"transactionId": "T1", "chargingState": "Charging"},
    "evse": {"id": 1, "connectorId": 1},
}
_START = {"connectorId": 1, "idTag": "ABC", "meterStart": 1000, "timestamp": TIME}

SAID: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "1.6": [
        ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}),
        ("Heartbeat", {}),
        ("Authorize", {"idTag": "ABC"}),
        ("Authorize", {"idTag": "BAD"}),
        ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"}),
        ("StartTransaction", _START),
        ("MeterValues", {"connectorId": 1, "transactionId": 1, "meterValue": _SAMPLES_16}),
        ("StopTransaction", {"transactionId": 1, "meterStop": 2500, "timestamp": TIME, "idTag": "ABC"}),
        ("StopTransaction", {"transactionId": 99, "meterStop": 5, "timestamp": TIME, "reason": "PowerLoss"}),
        ("DataTransfer", {"vendorId": "V"}),
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("DiagnosticsStatusNotification", {"status": "Idle"}),
        ("LogStatusNotification", {"status": "Idle"}),
        ("SecurityEventNotification", {"type": "X", "timestamp": TIME}),
        ("SignCertificate", {"csr": "x"}),
    ],
    "2.0.1": [
        ("BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}),
        ("Heartbeat", {}),
        ("Authorize", {"idToken": _TOKEN}),
        ("StatusNotification", {"timestamp": TIME, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}),
        ("TransactionEvent", {**_EVENT, "eventType": "Started", "seqNo": 0, "idToken": _TOKEN}),
        ("TransactionEvent", {**_EVENT, "eventType": "Updated", "seqNo": 1, "meterValue": _SAMPLES}),
        ("TransactionEvent", {**_EVENT, "eventType": "Ended", "seqNo": 2}),
        ("MeterValues", {"evseId": 1, "meterValue": _SAMPLES}),
        ("NotifyReport", {"requestId": 4, "generatedAt": TIME, "seqNo": 0}),
        ("DataTransfer", {"vendorId": "V"}),
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("LogStatusNotification", {"status": "Idle"}),
        ("SecurityEventNotification", {"type": "X", "timestamp": TIME}),
        ("SignCertificate", {"csr": "x"}),
        (
            "GetCertificateStatus",
            {
                "ocspRequestData": {
                    "hashAlgorithm": "SHA256",
                    "issuerNameHash": "a",
                    "issuerKeyHash": "b",
                    "serialNumber": "c",
                    "responderURL": "d",
                }
            },
        ),
        ("ReservationStatusUpdate", {"reservationId": 1, "reservationUpdateStatus": "Expired"}),
    ],
}
SAID["2.1"] = [
    *SAID["2.0.1"],
    ("VatNumberValidation", {"vatNumber": "X1"}),
    (
        "BatterySwap",
        {
            "batteryData": [{"evseId": 1, "serialNumber": "1", "soC": 50, "soH": 90}],
            "eventType": "BatteryIn",
            "idToken": _TOKEN,
            "requestId": 1,
        },
    ),
]


async def _conversation(version: str, csms: Csms | QuickCsms, network: MemoryNetwork) -> list[Any]:
    network.listen("csms.example.com", csms)
    caller = await connect(network, version)
    return [(await caller.ask(action, payload))[2] for action, payload in SAID[version]]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_it_answers_and_remembers_as_the_full_one_does(version: str) -> None:
    async def main() -> None:
        runtime = Runtime()
        network = MemoryNetwork(runtime.timers, latency_second=0.001)
        answers, records = [], []
        for make in (
            lambda rules: Csms(rules=rules),
            lambda rules: QuickCsms(runtime.timers, rules=rules),
        ):
            rules = Rules(wall=lambda: WALL, tokens={"BAD": "Blocked"}, parent_tokens={"ABC": "FAMILY"})
            csms: Csms | QuickCsms = make(rules)
            answers.append(await _conversation(version, csms, network))
            records.append(csms.stations["CP1"])
            await csms.stop()
        full, quick = records
        assert answers[0] == answers[1]
        assert full.transactions == quick.transactions
        assert quick.transactions
        for name in ("statuses", "boot_status", "firmware_status", "log_status", "version", "connections"):
            assert getattr(full, name) == getattr(quick, name), name
        assert [message.text for message in quick.messages if message.direction == "received"] == [
            message.text for message in full.messages if message.direction == "received"
        ]
        assert quick.last_seen == WALL

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_every_action_that_is_answered_is_one_of_the_version(version: str) -> None:
    assert set(HANDLERS[version]) <= set(codec_for(version).actions)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_its_answers_are_valid(version: str) -> None:
    async def story(network: MemoryNetwork, _csms: QuickCsms) -> None:
        caller = await connect(network, version)
        for action, payload in SAID[version]:
            answer = await caller.ask(action, payload)
            codec_for(version).decode_response(action, json.dumps(answer[2]).encode())

    simulate(story)


# --- what stations may do wrong -------------------------------------------------------------------------------------------

MALFORMED: list[tuple[str, Any, str]] = [
    ("StartTransaction", {}, "FormationViolation"),
    ("StartTransaction", {**_START, "meterStart": "many"}, "FormationViolation"),
    ("MeterValues", {"transactionId": 1}, "FormationViolation"),
    ("BootNotification", [], "FormationViolation"),
    ("StopTransaction", None, "FormationViolation"),
    ("Dance", {}, "NotImplemented"),
]


@pytest.mark.parametrize(("action", "payload", "code"), MALFORMED)
def test_a_payload_in_which_a_rule_misses_something_is_refused(action: str, payload: Any, code: str) -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)
        await caller.ask("StartTransaction", _START)
        answer = await caller.ask(action, payload)
        assert answer[0] == 4
        assert answer[2] == code
        assert len(csms.stations["CP1"].transactions) == 1

    simulate(story)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "[2]", '[2,"1","Heartbeat"]', '[9,"1",{}]', '[3,"1",{}]', '[4,"1"]']
)
def test_what_is_no_message_is_kept_and_nothing_else(text: str) -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)
        caller.channel.send(text)
        await asyncio.sleep(1)
        assert caller.heard == []
        assert caller.end is None
        assert csms.stations["CP1"].messages[-1].text == text
        assert (await caller.ask("Heartbeat", {}))[0] == 3

    simulate(story)


def test_a_repeated_start_of_a_transaction_gets_the_same_number() -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)
        first = await caller.ask("StartTransaction", _START, "again")
        second = await caller.ask("StartTransaction", _START, "again")
        third = await caller.ask("StartTransaction", _START, "other")
        assert first[2]["transactionId"] == second[2]["transactionId"] != third[2]["transactionId"]
        assert len(csms.stations["CP1"].transactions) == 2

    simulate(story)


# --- what it is asked to do -----------------------------------------------------------------------------------------------


def test_calls_are_answered_refused_late_or_lost() -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)

        async def call() -> Any:
            return await csms.call("CP1", "Reset", {"type": "Soft"})

        asking = asyncio.ensure_future(call())
        await asyncio.sleep(0.01)
        kind, message_id, action, payload = caller.heard[-1]
        assert (kind, action, payload) == (2, "Reset", {"type": "Soft"})
        caller.channel.send(json.dumps([3, message_id, {"status": "Accepted"}]))
        assert await asking == {"status": "Accepted"}

        asking = asyncio.ensure_future(call())
        await asyncio.sleep(0.01)
        caller.channel.send(json.dumps([4, caller.heard[-1][1], "InternalError", "broken", {}]))
        with pytest.raises(CallFailedError, match="InternalError: broken"):
            await asking

        with pytest.raises(CallFailedError, match="Timeout: CP1 did not answer Reset"):
            await call()

        asking = asyncio.ensure_future(call())
        await asyncio.sleep(0.01)
        caller.channel.abort()
        with pytest.raises(CallFailedError, match="ConnectionLost"):
            await asking
        assert not csms.connected("CP1")
        with pytest.raises(NotConnectedError, match="CP1 is not connected"):
            await call()

    simulate(story, call_timeout_second=5.0)


@pytest.mark.parametrize(("action", "payload"), [("Dance", {}), ("Reset", {}), ("Reset", {"type": "Gentle"})])
def test_a_call_that_breaks_the_schema_is_not_sent(action: str, payload: dict[str, Any]) -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)
        with pytest.raises(ValueError, match=f"this is no {action}"):
            await csms.call("CP1", action, payload)
        assert caller.heard == []

    simulate(story)


def test_answers_can_be_replaced() -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)
        csms.answer("Heartbeat", Payload({"x": 1}), times=1)
        assert await caller.ask("Heartbeat", {}, "a") == [3, "a", {"x": 1}]
        csms.answer("Heartbeat", CallError("InternalError", "no"), times=1)
        assert await caller.ask("Heartbeat", {}, "b") == [4, "b", "InternalError", "no", {}]
        csms.answer("Heartbeat", Raw('[3,"{id}",7]'), times=1)
        assert await caller.ask("Heartbeat", {}, "c") == [3, "c", 7]
        never = csms.answer("Heartbeat", NoAnswer())
        assert await caller.ask("Heartbeat", {}, "d") is None
        never.remove()
        csms.answer("Heartbeat", Delayed(100.0), times=1)
        assert await caller.ask("Heartbeat", {}, "e") is None
        await asyncio.sleep(100)
        assert caller.heard[-1][:2] == [3, "e"]
        csms.answer("Heartbeat", Payload({}), station_id="CP2")
        assert "currentTime" in (await caller.ask("Heartbeat", {}))[2]

    simulate(story)


def test_connections_are_closed_dropped_and_replaced() -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        first = await connect(network)
        second = await connect(network)
        await asyncio.sleep(0.1)
        assert first.end == (1000, "replaced by a newer connection")
        assert csms.connected("CP1")
        assert csms.stations["CP1"].connections == 2
        await csms.close("CP1", 1012, "restarting")
        await asyncio.sleep(0.1)
        assert second.end == (1012, "restarting")
        assert not csms.connected("CP1")
        third = await connect(network)
        csms.drop("CP1")
        assert not csms.stations["CP1"].connected
        await asyncio.sleep(0.1)
        assert third.end is not None
        assert third.end[0] == 1006
        fourth = await connect(network)
        await csms.send_text("CP1", "hello?")
        watched: list[str] = []
        end = csms.watch(lambda message: watched.append(message.direction))
        fourth.received = lambda text: None  # type: ignore[method-assign]  # deaf
        await fourth.ask("Heartbeat", {})
        end()
        await fourth.ask("Heartbeat", {})
        assert watched == ["received", "sent"]

    csms = simulate(story)
    assert not csms.stations["CP1"].connected


def test_memory_is_bounded() -> None:
    async def story(network: MemoryNetwork, csms: QuickCsms) -> None:
        caller = await connect(network)
        for number in range(1, TRANSACTIONS_KEPT + 50):
            await caller.ask("StartTransaction", _START)
            await caller.ask("StopTransaction", {"transactionId": number, "meterStop": 5, "timestamp": TIME})
        record = csms.stations["CP1"]
        assert len(record.messages) == 20
        assert len(record.transactions) == len(record.transaction_of_message) == TRANSACTIONS_KEPT
        assert str(TRANSACTIONS_KEPT + 49) in record.transactions

    simulate(story, messages_kept=20)


def test_it_has_no_task_for_a_connection() -> None:
    async def story(network: MemoryNetwork, _csms: QuickCsms) -> None:
        before = len(asyncio.all_tasks())
        for number in range(20):
            await connect(network, station_id=f"CP{number}")
        assert len(asyncio.all_tasks()) == before

    simulate(story)


def test_a_version_that_it_does_not_speak_is_not_chosen() -> None:
    async def story(network: MemoryNetwork, _csms: QuickCsms) -> None:
        caller = Caller(network, "2.1")
        failures: list[Exception] = []
        caller.failed = failures.append  # type: ignore[method-assign]  # noted
        await asyncio.sleep(0.1)
        assert "speaks none of ocpp2.1" in str(failures[0])

    simulate(story, versions=("1.6",))
