"""Triggered messages (2.x F06; 1.6 §5.17, security extension §6.16)."""

from typing import Any

import pytest

from hal.fault import FaultName
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER


def trigger(bench: Bench, kind: str, *, extended: bool = False, **fields: Any) -> Any:
    """The CSMS asks for a message; the answer has come before any request of the station."""
    before = len(bench.csms.log)
    answer = bench.csms.call("ExtendedTriggerMessage" if extended else "TriggerMessage", fields, requestedMessage=kind)
    while not answer.done:
        assert len(bench.csms.log) == before, "the answer goes first"
        bench.run(0.001)
    return answer


def came(bench: Bench) -> list[str]:
    """The actions that have come since."""
    bench.run(1)
    actions = bench.actions()
    bench.csms.forget()
    return actions


def at(bench: Bench, evse_id: int | None) -> dict[str, Any]:
    """The field that names an EVSE."""
    if evse_id is None:
        return {}
    return {"connectorId": evse_id} if bench.version == "1.6" else {"evse": {"id": evse_id}}


# --- which kinds there are -------------------------------------------------------------------------------------------------

KINDS: list[tuple[str, bool, str, list[str]]] = [
    ("1.6", False, "BootNotification", []),
    ("1.6", False, "Heartbeat", ["Heartbeat"]),
    ("1.6", False, "StatusNotification", ["StatusNotification"] * 3),
    ("1.6", False, "MeterValues", ["MeterValues"] * 2),
    ("1.6", False, "DiagnosticsStatusNotification", ["DiagnosticsStatusNotification"]),
    ("1.6", False, "FirmwareStatusNotification", ["FirmwareStatusNotification"]),
    ("1.6", True, "BootNotification", []),
    ("1.6", True, "Heartbeat", ["Heartbeat"]),
    ("1.6", True, "StatusNotification", ["StatusNotification"] * 3),
    ("1.6", True, "MeterValues", ["MeterValues"] * 2),
    ("1.6", True, "LogStatusNotification", ["LogStatusNotification"]),
    ("1.6", True, "FirmwareStatusNotification", ["SignedFirmwareStatusNotification"]),
    ("2.0.1", False, "BootNotification", []),
    ("2.0.1", False, "Heartbeat", ["Heartbeat"]),
    ("2.0.1", False, "StatusNotification", ["StatusNotification"] * 2),
    ("2.0.1", False, "MeterValues", ["MeterValues"] * 2),
    ("2.0.1", False, "TransactionEvent", []),
    ("2.0.1", False, "LogStatusNotification", ["LogStatusNotification"]),
    ("2.0.1", False, "FirmwareStatusNotification", ["FirmwareStatusNotification"]),
]
KINDS += [("2.1", *row[1:]) for row in KINDS if row[0] == "2.0.1"]
ABSENT = [
    ("1.6", "SignChargePointCertificate"),
    ("2.0.1", "SignV2GCertificate"),
    ("2.0.1", "SignCombinedCertificate"),
    ("2.0.1", "PublishFirmwareStatusNotification"),
    ("2.1", "SignV2G20Certificate"),
    ("2.1", "CustomTrigger"),
]


@pytest.mark.req(
    "F06.FR.04", "F06.FR.05", "F06.FR.09", "F06.FR.10", "F06.FR.11", "F06.FR.12", "F06.FR.15", "F06.FR.16", "F06.FR.17"
)
@pytest.mark.parametrize(("version", "extended", "kind", "messages"), KINDS)
def test_what_can_be_triggered(version: str, extended: bool, kind: str, messages: list[str]) -> None:
    """Accepted where something is sent, and only there."""
    bench = Bench(version, evses=2).boot()
    answer = trigger(bench, kind, extended=extended)
    assert answer["status"] == ("Accepted" if messages else "Rejected")
    if not messages and version != "1.6":
        assert answer["statusInfo"]["reasonCode"]
    assert came(bench) == messages


@pytest.mark.req("F06.FR.08", "F06.FR.19")
@pytest.mark.parametrize(("version", "kind"), ABSENT)
def test_what_cannot_be_triggered(version: str, kind: str) -> None:
    bench = Bench(version).boot()
    answer = trigger(
        bench, kind, extended=version == "1.6", **({"customTrigger": "X"} if kind == "CustomTrigger" else {})
    )
    assert answer["status"] == "NotImplemented"
    assert came(bench) == []


# --- for which EVSE ----------------------------------------------------------------------------------------------------------

OF_AN_EVSE = ("StatusNotification", "MeterValues", "TransactionEvent")
OF_THE_STATION = ("Heartbeat", "FirmwareStatusNotification", "LogStatusNotification", "DiagnosticsStatusNotification")
UNKNOWN: list[dict[str, Any]] = [
    {"evse": {"id": 3}},
    {"evse": {"id": 1, "connectorId": 2}},
    {"evse": {"id": -1}},
    {"evse": {"id": 1, "connectorId": -1}},
    {"connectorId": 3},
    {"connectorId": -1},
]


def unknown(version: str) -> list[dict[str, Any]]:
    """EVSEs and connectors that do not exist, as the version may name them."""
    found = [place for place in UNKNOWN if ("connectorId" in place) is (version == "1.6")]
    return found if version != "2.1" else [place for place in found if "-1" not in str(place)]


@pytest.mark.req("F06.FR.02", "F06.FR.05")
@pytest.mark.parametrize("kind", OF_AN_EVSE)
def test_an_unknown_evse_is_refused_where_it_matters(version: str, kind: str) -> None:
    if version == "1.6" and kind == "TransactionEvent":
        return  # 1.6 has no such message
    bench = Bench(version, evses=2).boot()
    for place in unknown(version):
        answer = trigger(bench, kind, **place)
        assert answer["status"] == "Rejected"
        if version != "1.6":
            assert answer["statusInfo"]["reasonCode"] in ("UnknownEvse", "UnknownConnectorId")
        assert came(bench) == []


@pytest.mark.req("F06.FR.03")
@pytest.mark.parametrize("kind", OF_THE_STATION)
def test_an_unknown_evse_does_not_matter_elsewhere(version: str, kind: str) -> None:
    if kind.startswith("Log" if version == "1.6" else "Diagnostics"):
        return  # the other's word
    bench = Bench(version, evses=2).boot()
    for place in unknown(version):
        assert trigger(bench, kind, **place)["status"] == "Accepted"
        assert came(bench) == [kind]


def test_16_tells_the_station_apart_from_everything() -> None:
    """Connector 0 is the station; none is the station and all connectors (1.6 §5.17)."""
    bench = Bench("1.6", evses=2).boot()
    for number, expected in ((0, [0]), (1, [1]), (2, [2]), (None, [0, 1, 2])):
        assert trigger(bench, "StatusNotification", **at(bench, number))["status"] == "Accepted"
        bench.run(1)
        assert [r["connectorId"] for r in bench.csms.of("StatusNotification")] == expected
        bench.csms.forget()


def test_2x_has_no_status_of_the_station(version2: str) -> None:
    bench = Bench(version2).boot()
    assert trigger(bench, "StatusNotification", evse={"id": 0})["status"] == "Rejected"


def test_16_values_are_told_of_the_connector_that_was_asked_for() -> None:
    bench = Bench("1.6", connectors=2, sockets=True).boot()
    bench.plug_in(connector_id=1)
    bench.tap()
    bench.run(3)
    bench.csms.forget()
    for number, transaction in ((2, None), (1, 1001)):
        assert trigger(bench, "MeterValues", connectorId=number)["status"] == "Accepted"
        values = bench.expect("MeterValues", connectorId=number)
        assert values.get("transactionId") == transaction


@pytest.mark.req("F06.FR.12")
def test_2x_statuses_of_an_evse(version2: str) -> None:
    """FR.12 would let it refuse; it tells all connectors that are meant."""
    bench = Bench(version2, evses=2, connectors=2, sockets=True).boot()
    assert trigger(bench, "StatusNotification", evse={"id": 2})["status"] == "Accepted"
    bench.run(1)
    assert [(r["evseId"], r["connectorId"]) for r in bench.csms.of("StatusNotification")] == [(2, 1), (2, 2)]


# --- meter values --------------------------------------------------------------------------------------------------------------


@pytest.mark.req("F06.FR.06")
@pytest.mark.parametrize("charging", [False, True])
def test_which_measurands(version: str, charging: bool) -> None:
    """2.x AlignedDataMeasurands; 1.6 MeterValuesSampledData (errata 3.46), with the transaction."""
    bench = Bench(
        version,
        variables={
            "AlignedDataCtrlr.Measurands": "Voltage",
            "SampledDataCtrlr.TxUpdatedMeasurands": "Current.Import",
        },
    ).boot()
    if charging:
        bench.plug_in()
        bench.tap()
        bench.run(3)
        bench.csms.forget()
    assert trigger(bench, "MeterValues", **at(bench, 1))["status"] == "Accepted"
    values = bench.expect("MeterValues")
    samples = [sample for value in values["meterValue"] for sample in value["sampledValue"]]
    assert {sample["measurand"] for sample in samples} == {"Current.Import" if version == "1.6" else "Voltage"}
    assert {sample["context"] for sample in samples} == {"Trigger"}
    if version == "1.6":
        assert values.get("transactionId") == (1001 if charging else None)


@pytest.mark.parametrize("evse_id", [None, 0])
def test_the_main_meter(version: str, evse_id: int | None) -> None:
    bench = Bench(version, evses=2, main_meter=True).boot()
    assert trigger(bench, "MeterValues", **at(bench, evse_id))["status"] == "Accepted"
    bench.run(1)
    key = "connectorId" if version == "1.6" else "evseId"
    assert [r[key] for r in bench.csms.of("MeterValues")] == ([0] if evse_id == 0 else [1, 2, 0])


@pytest.mark.req("F06.FR.05")
@pytest.mark.parametrize("why", ["no meter", "nothing configured", "meter silent"])
def test_without_values_it_is_refused(version: str, why: str) -> None:
    """Accepted would be a promise (F06.FR.10)."""
    if (version, why) == ("1.6", "nothing configured"):
        return  # then it is the register (1.6 §9.1.17)
    nothing = {"AlignedDataCtrlr.Measurands": "", "SampledDataCtrlr.TxUpdatedMeasurands": ""}
    bench = Bench(version, variables=nothing if why == "nothing configured" else None).boot()
    if why == "meter silent":
        bench.evse().meter.break_()
        bench.run(60)
        bench.csms.forget()
    evse_id = 0 if why == "no meter" else 1
    assert trigger(bench, "MeterValues", **at(bench, evse_id))["status"] == "Rejected"
    assert came(bench) == []


@pytest.mark.req("F06.FR.07", "F06.FR.10")
def test_an_event_of_every_transaction(version2: str) -> None:
    bench = Bench(version2, evses=3).boot()
    for evse_id, card in ((1, "A"), (3, "B")):
        bench.plug_in(evse_id)
        bench.tap(card)
        bench.run(3)
    bench.csms.forget()
    assert trigger(bench, "TransactionEvent", evse={"id": 2})["status"] == "Rejected"
    assert came(bench) == []
    assert trigger(bench, "TransactionEvent")["status"] == "Accepted"
    bench.run(1)
    told = bench.csms.of("TransactionEvent")
    assert len({event["transactionInfo"]["transactionId"] for event in told}) == 2
    for event in told:
        assert (event["eventType"], event["triggerReason"]) == ("Updated", "Trigger")
        assert event["transactionInfo"]["chargingState"] == "Charging"
        assert {s["context"] for v in event["meterValue"] for s in v["sampledValue"]} == {"Trigger"}


# --- at unusual times ------------------------------------------------------------------------------------------------------------


def pending(version: str) -> Bench:
    """A station that the CSMS has not accepted yet."""
    bench = Bench(version)
    bench.csms.boot_status = "Pending"
    bench.connect()
    bench.run(1)
    bench.csms.forget()
    return bench


@pytest.mark.req("F06.FR.10")
@pytest.mark.parametrize(
    "kind", ["BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "FirmwareStatusNotification"]
)
def test_while_pending_what_was_asked_for_is_sent(version: str, kind: str) -> None:
    """And nothing else (B02.FR.02), not even what waits before it."""
    bench = pending(version)
    assert trigger(bench, kind, **at(bench, 1))["status"] == "Accepted"
    bench.run(1)
    assert bench.actions() == [kind]
    if kind == "BootNotification" and version != "1.6":
        assert bench.csms.requests[0]["reason"] == "Triggered"


def test_while_pending_no_event_can_be_told(version2: str) -> None:
    """It would have to wait behind those that are queued."""
    bench = Bench(version2, variables={"AllowOfflineTxForUnknownId": True})
    bench.csms.boot_status = "Pending"
    bench.connect()
    bench.run(1)
    bench.plug_in()
    bench.tap()
    bench.run(3)
    assert bench.evse().contactor_closed
    bench.csms.forget()
    answer = trigger(bench, "TransactionEvent")
    assert answer["status"] == "Rejected"
    assert came(bench) == []


def test_what_was_asked_for_goes_before_a_backlog(version: str) -> None:
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": True}).boot()
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(600)
    bench.connect()
    bench.csms.handlers["Heartbeat"] = lambda _csms, _payload: NO_ANSWER
    bench.csms.forget()
    trigger_after = bench.csms.call("TriggerMessage", requestedMessage="MeterValues", **at(bench, 1))
    bench.run(0.1)
    assert trigger_after["status"] == "Accepted"
    assert "MeterValues" in bench.actions()


def test_a_triggered_status_is_that_of_now(version: str) -> None:
    bench = Bench(version).boot()
    bench.evse().raise_fault(FaultName.GROUND_FAILURE)
    bench.run(1)
    bench.csms.forget()
    place = {"connectorId": 1} if version == "1.6" else {"evse": {"id": 1, "connectorId": 1}}
    assert trigger(bench, "StatusNotification", **place)["status"] == "Accepted"
    word = {"status": "Faulted"} if version == "1.6" else {"connectorStatus": "Faulted"}
    bench.expect("StatusNotification", **word)
    assert came(bench) == []
