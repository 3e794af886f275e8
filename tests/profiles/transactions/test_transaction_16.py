"""Transactions as a 1.6 central system sees them (1.6 §4.8, §4.10, §3.6)."""

import pytest

from hal.sim.car import Car
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6", variables={"MeterValueSampleInterval": 60}).boot()


def start(bench: Bench) -> None:
    bench.plug_in()
    bench.tap()
    bench.expect("StartTransaction")
    bench.expect("StatusNotification", status="Preparing")
    bench.expect("StatusNotification", status="Charging")
    bench.csms.forget()


def test_cable_first(bench: Bench) -> None:
    bench.plug_in()
    bench.expect("StatusNotification", connectorId=1, status="Preparing")
    bench.tap("CARD1")
    bench.expect("Authorize", idTag="CARD1")
    bench.expect("StartTransaction", connectorId=1, idTag="CARD1", meterStart=0)
    bench.expect("StatusNotification", connectorId=1, status="Charging")


def test_card_first(bench: Bench) -> None:
    bench.tap("CARD1")
    bench.expect("Authorize", idTag="CARD1")
    bench.expect("StatusNotification", connectorId=1, status="Preparing")
    bench.plug_in()
    bench.expect("StartTransaction", connectorId=1, idTag="CARD1")
    bench.expect("StatusNotification", connectorId=1, status="Charging")


def test_energy_is_metered_and_billed(bench: Bench) -> None:
    start(bench)
    bench.run(3600)
    bench.csms.forget()
    bench.tap()
    stop = bench.expect("StopTransaction", reason="Local", transactionId=1001, idTag="04AABBCC")
    assert stop["meterStop"] == pytest.approx(bench.evse().imported_watt_hour, abs=2)
    assert 10_000 < stop["meterStop"] < 11_500  # 16 A on three phases for an hour
    bench.expect("StatusNotification", status="Finishing")
    bench.unplug()
    bench.expect("StatusNotification", status="Available")
    assert not bench.evse().contactor_closed


def test_nobody_plugs_in(bench: Bench) -> None:
    """EV connection time-out (1.6 §9.1.5)."""
    bench.tap()
    bench.expect("StatusNotification", status="Preparing")
    bench.run(200)
    bench.expect("StatusNotification", status="Available")
    assert not bench.csms.of("StartTransaction")
    bench.plug_in()
    assert not bench.evse().contactor_closed


def test_a_refused_card_gets_no_power(bench: Bench) -> None:
    bench.csms.tokens["BAD"] = {"status": "Blocked"}
    bench.plug_in()
    bench.tap("BAD")
    bench.expect("Authorize", idTag="BAD")
    bench.expect_none("StartTransaction", during=30)
    assert not bench.evse().contactor_closed


def test_another_card_does_not_stop(bench: Bench) -> None:
    start(bench)
    bench.tap("OTHER")
    bench.expect_none("Authorize", "StopTransaction", during=5)
    assert bench.evse().contactor_closed


def test_a_card_of_the_same_parent_stops(bench: Bench) -> None:
    bench.csms.tokens["A"] = {"status": "Accepted", "parentIdTag": "FLEET"}
    bench.csms.tokens["B"] = {"status": "Accepted", "parentIdTag": "FLEET"}
    bench.plug_in()
    bench.tap("A")
    bench.expect("StartTransaction")
    bench.tap("B")
    bench.expect("StopTransaction", idTag="B", reason="Local")


def test_unplugging_ends_it(bench: Bench) -> None:
    start(bench)
    bench.unplug()
    bench.expect("StopTransaction", reason="EVDisconnected")
    bench.expect("StatusNotification", status="Available")
    assert not bench.evse().contactor_closed


def test_the_car_suspends_and_resumes(bench: Bench) -> None:
    start(bench)
    bench.evse().pause()
    bench.expect("StatusNotification", status="SuspendedEV")
    bench.evse().resume()
    bench.expect("StatusNotification", status="Charging")


def test_a_full_car_suspends(bench: Bench) -> None:
    bench.plug_in(car=Car(target_watt_hour=500.0))
    bench.tap()
    bench.expect("StartTransaction")
    bench.run(600)
    bench.expect("StatusNotification", status="Preparing")
    bench.expect("StatusNotification", status="Charging")
    bench.expect("StatusNotification", status="SuspendedEV")


def test_the_token_turns_out_invalid_and_stops(bench: Bench) -> None:
    """StopTransactionOnInvalidId (1.6 §4.8)."""
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: {
        "transactionId": 7,
        "idTagInfo": {"status": "Blocked"},
    }
    bench.plug_in()
    bench.tap()
    bench.expect("StartTransaction")
    bench.expect("StopTransaction", transactionId=7, reason="DeAuthorized")
    bench.run(1)
    assert not bench.evse().contactor_closed


def test_the_token_turns_out_invalid_and_only_power_stops() -> None:
    bench = Bench("1.6", variables={"StopTransactionOnInvalidId": False, "MaxEnergyOnInvalidId": 0}).boot()
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: {
        "transactionId": 7,
        "idTagInfo": {"status": "Blocked"},
    }
    bench.plug_in()
    bench.tap()
    bench.expect("StartTransaction")
    bench.expect_none("StopTransaction", during=60)
    assert not bench.evse().contactor_closed
    bench.unplug()
    bench.expect("StopTransaction", transactionId=7)


def test_energy_on_an_invalid_token_is_limited() -> None:
    bench = Bench("1.6", variables={"StopTransactionOnInvalidId": False, "MaxEnergyOnInvalidId": 500}).boot()
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: {
        "transactionId": 7,
        "idTagInfo": {"status": "Blocked"},
    }
    bench.plug_in()
    bench.tap()
    bench.run(60)
    assert bench.evse().contactor_closed
    bench.run(3600)
    assert not bench.evse().contactor_closed
    assert 500 <= bench.evse().imported_watt_hour < 900


@pytest.mark.parametrize("transaction_id", [0, -1, -2147483648, 2147483647])
def test_any_number_is_a_transaction_id(bench: Bench, transaction_id: int) -> None:
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: {
        "transactionId": transaction_id,
        "idTagInfo": {"status": "Accepted"},
    }
    start(bench)
    bench.run(61)
    bench.expect("MeterValues", transactionId=transaction_id)
    bench.csms.forget()
    answer = bench.call("RemoteStopTransaction", transactionId=transaction_id)
    assert answer["status"] == "Accepted"
    bench.expect("StopTransaction", transactionId=transaction_id, reason="Remote")


def test_offline_from_start_to_end_is_told_later_with_the_right_number(bench: Bench) -> None:
    """Not with -1, and with the meter values mapped to the number learnt late (1.6 §3.7)."""
    bench.plug_in()
    bench.tap("KNOWN")  # now in the cache
    bench.expect("StartTransaction")
    bench.tap("KNOWN")
    bench.expect("StopTransaction")
    bench.unplug()
    bench.disconnect()
    bench.run(100)
    bench.plug_in()
    bench.tap("KNOWN")
    bench.run(130)
    assert bench.evse().contactor_closed
    bench.tap("KNOWN")
    bench.unplug()
    bench.csms.forget()
    bench.connect()
    start_message = bench.expect("StartTransaction", idTag="KNOWN")
    number = 1002
    bench.expect("MeterValues", transactionId=number)
    bench.expect("MeterValues", transactionId=number)
    bench.expect(
        "StopTransaction", transactionId=number, meterStop={start_message["meterStart"] + n for n in range(300, 500)}
    )


def test_an_unknown_card_offline_is_refused_unless_allowed() -> None:
    for allowed in (False, True):
        bench = Bench("1.6", variables={"AllowOfflineTxForUnknownId": allowed}).boot()
        bench.disconnect()
        bench.plug_in()
        bench.tap("STRANGER")
        bench.run(5)
        assert bench.evse().contactor_closed is allowed


def test_a_silent_central_system_does_not_lose_the_driver(bench: Bench) -> None:
    """Authorize without answer counts as offline; a cached card still charges (1.6 §3.4.2)."""
    start(bench)
    bench.tap()
    bench.unplug()
    bench.csms.forget()
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
    bench.plug_in()
    bench.tap()
    bench.expect("Authorize")
    bench.expect("StartTransaction", within=60)


def test_stop_transaction_carries_the_configured_samples() -> None:
    bench = Bench(
        "1.6",
        variables={
            "MeterValueSampleInterval": 30,
            "StopTxnSampledData": "Energy.Active.Import.Register,Power.Active.Import",
        },
    ).boot()
    start(bench)
    bench.run(95)
    bench.tap()
    data = bench.expect("StopTransaction")["transactionData"]
    contexts = [
        sample["context"]
        for value in data
        for sample in value["sampledValue"]
        if sample["measurand"].startswith("Energy")
    ]
    assert contexts == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]
