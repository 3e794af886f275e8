"""Block F: triggered messages (F06)."""

from typing import Any

import pytest

from tests.conformance import states
from tests.conformance.states import not_applicable
from tests.support.bench import Bench
from tests.support.csms import Received

EVSES = 2


@pytest.fixture
def bench(version: str) -> Bench:
    return Bench(version, evses=EVSES).boot()


def trigger(bench: Bench, message: str, evse: dict[str, int] | None = None) -> str:
    """The CSMS asks for a message; returns the status of the answer, which has come before any message."""
    fields: dict[str, Any] = {"requestedMessage": message, **({"evse": evse} if evse is not None else {})}
    before = len(bench.csms.log)
    answer = bench.csms.call("TriggerMessage", fields)
    while not answer.done:
        assert len(bench.csms.log) == before, "F06.FR.04: the answer goes first"
        bench.run(0.001)
    status: str = answer["status"]
    return status


def all_charging(bench: Bench) -> None:
    """State EnergyTransferStarted for all EVSEs, what they tell left aside."""
    for evse in bench.station.evses:
        bench.plug_in(evse.id)
        bench.tap(f"04AABB{evse.id:02}")
        bench.run(3)
        assert states.is_charging(bench, evse.id)
    bench.csms.forget()


def assert_triggered(values: list[dict[str, Any]]) -> None:
    """Every value bears the context of the trigger."""
    assert values
    assert {sample["context"] for value in values for sample in value["sampledValue"]} == {"Trigger"}


# --- MeterValues ---------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_F_11_CS")
@pytest.mark.req("F06.FR.02", "F06.FR.04", "F06.FR.05", "F06.FR.06", "F06.FR.10")
@pytest.mark.parametrize("evse_id", [1, 2])
@pytest.mark.parametrize("charging", [False, True])
def test_tc_f_11_cs_meter_values_of_an_evse(bench: Bench, evse_id: int, charging: bool) -> None:
    """Also during a transaction it is a MeterValues that comes (F06.FR.06)."""
    if charging:
        all_charging(bench)
    assert trigger(bench, "MeterValues", {"id": evse_id}) == "Accepted"
    values = bench.expect("MeterValues", evseId=evse_id)["meterValue"]
    assert_triggered(values)
    bench.expect_none()


@pytest.mark.case("TC_F_12_CS")
@pytest.mark.req("F06.FR.04", "F06.FR.05", "F06.FR.06", "F06.FR.10", "F06.FR.11")
@pytest.mark.parametrize("main_meter", [False, True])
def test_tc_f_12_cs_meter_values_of_all_evses(version: str, main_meter: bool) -> None:
    bench = Bench(version, evses=EVSES, main_meter=main_meter).boot()
    assert trigger(bench, "MeterValues") == "Accepted"
    for evse_id in (1, 2, 0)[: 3 if main_meter else 2]:
        assert_triggered(bench.expect("MeterValues", evseId=evse_id)["meterValue"])
    bench.expect_none()


# --- TransactionEvent ----------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_F_13_CS")
@pytest.mark.req("F06.FR.02", "F06.FR.04", "F06.FR.05", "F06.FR.07", "F06.FR.10")
@pytest.mark.parametrize("evse_id", [1, 2])
def test_tc_f_13_cs_transaction_event_of_an_evse(bench: Bench, evse_id: int) -> None:
    all_charging(bench)
    assert trigger(bench, "TransactionEvent", {"id": evse_id}) == "Accepted"
    assert_event(bench, bench.expect("TransactionEvent"), evse_id)
    bench.expect_none()


def assert_event(bench: Bench, event: Received, evse_id: int) -> None:
    """A triggered event of the transaction on that EVSE."""
    assert (event["eventType"], event["triggerReason"]) == ("Updated", "Trigger")
    assert event["transactionInfo"]["chargingState"] == "Charging"
    assert event["transactionInfo"]["transactionId"] == states.transaction_id(bench, evse_id)
    assert event.get("evse", {}).get("id", evse_id) == evse_id
    assert_triggered(event["meterValue"])


@pytest.mark.case("TC_F_14_CS")
@pytest.mark.req("F06.FR.04", "F06.FR.05", "F06.FR.07", "F06.FR.10", "F06.FR.11")
def test_tc_f_14_cs_transaction_event_of_all_evses(bench: Bench) -> None:
    all_charging(bench)
    assert trigger(bench, "TransactionEvent") == "Accepted"
    for evse in bench.station.evses:
        assert_event(bench, bench.expect("TransactionEvent"), evse.id)
    bench.expect_none()


# --- logs and firmware ---------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_F_15_CS")
@pytest.mark.req("F06.FR.04", "F06.FR.05", "F06.FR.10", "F06.FR.15")
def test_tc_f_15_cs_log_status_idle(bench: Bench) -> None:
    assert trigger(bench, "LogStatusNotification") == "Accepted"
    assert bench.expect("LogStatusNotification").payload == {"status": "Idle"}
    bench.expect_none()


@pytest.mark.case("TC_F_16_CS")
def test_tc_f_16_cs_log_status_uploading(bench: Bench) -> None:
    assert (
        bench.call("GetLog", logType="DiagnosticsLog", requestId=1, log={"remoteLocation": "http://x/"}).error
        is not None
    )
    not_applicable("the station does not upload logs: GetLog is NotSupported")


@pytest.mark.case("TC_F_17_CS")
@pytest.mark.req("F06.FR.03", "F06.FR.04", "F06.FR.05", "F06.FR.10")
@pytest.mark.parametrize("evse_id", [1, 99])
def test_tc_f_17_cs_firmware_status_whatever_the_evse(bench: Bench, evse_id: int) -> None:
    assert trigger(bench, "FirmwareStatusNotification", {"id": evse_id}) == "Accepted"
    assert bench.expect("FirmwareStatusNotification").payload == {"status": "Idle"}
    bench.expect_none()


@pytest.mark.case("TC_F_18_CS")
@pytest.mark.req("F06.FR.04", "F06.FR.05", "F06.FR.10", "F06.FR.16")
def test_tc_f_18_cs_firmware_status_idle(bench: Bench) -> None:
    assert trigger(bench, "FirmwareStatusNotification") == "Accepted"
    assert bench.expect("FirmwareStatusNotification").payload == {"status": "Idle"}
    bench.expect_none()


@pytest.mark.case("TC_F_19_CS")
def test_tc_f_19_cs_firmware_status_downloading(bench: Bench) -> None:
    firmware = {"location": "http://x/", "retrieveDateTime": states.time_of_day(bench, -7200)}
    assert bench.call("UpdateFirmware", requestId=1, firmware=firmware).error is not None
    not_applicable("the station does not download firmware: UpdateFirmware is NotSupported")


# --- Heartbeat, StatusNotification, BootNotification ---------------------------------------------------------------------


@pytest.mark.case("TC_F_20_CS")
@pytest.mark.req("F06.FR.04", "F06.FR.05", "F06.FR.10")
def test_tc_f_20_cs_heartbeat(bench: Bench) -> None:
    assert trigger(bench, "Heartbeat") == "Accepted"
    bench.expect("Heartbeat")
    bench.expect_none()


@pytest.mark.case("TC_F_23_CS")
@pytest.mark.req("F06.FR.02", "F06.FR.04", "F06.FR.05", "F06.FR.10")
def test_tc_f_23_cs_status_of_an_available_connector(bench: Bench) -> None:
    assert trigger(bench, "StatusNotification", {"id": 2, "connectorId": 1}) == "Accepted"
    states.expect_statuses(bench, "Available", (2, 1))
    bench.expect_none()


@pytest.mark.case("TC_F_24_CS")
@pytest.mark.req("F06.FR.02", "F06.FR.04", "F06.FR.05", "F06.FR.10")
def test_tc_f_24_cs_status_of_an_occupied_connector(bench: Bench) -> None:
    states.ev_connected_pre_session(bench)
    assert trigger(bench, "StatusNotification", {"id": 1, "connectorId": 1}) == "Accepted"
    states.expect_statuses(bench, "Occupied", (1, 1))
    bench.expect_none()


@pytest.mark.case("TC_F_26_CS")
@pytest.mark.req("F06.FR.04", "F06.FR.05", "F06.FR.17")
def test_tc_f_26_cs_boot_notification_is_refused_once_accepted(bench: Bench) -> None:
    assert trigger(bench, "BootNotification") == "Rejected"
    bench.expect_none(during=5)


@pytest.mark.case("TC_F_27_CS")
@pytest.mark.req("F06.FR.08")
def test_tc_f_27_cs_not_implemented(bench: Bench) -> None:
    assert trigger(bench, "SignCombinedCertificate") == "NotImplemented"
    bench.expect_none(during=5)
