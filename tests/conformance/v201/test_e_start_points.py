"""Block E: when a transaction starts (E01)."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.meters import PUBLIC_KEY

SOURCES = ("local", "remote")


def bench_with(version: str, start: str, **variables: object) -> Bench:
    """A station whose transactions start there, and end with the authorization."""
    points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": "Authorized,EVConnected"}
    return Bench(version, variables={**points, **variables}).boot()


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_01_CS")
@pytest.mark.req("E01.FR.05", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
def test_tc_e_01_cs_power_path_closed(version: str, by: str) -> None:
    bench = bench_with(version, "PowerPathClosed")
    states.authorized(bench, by=by)
    bench.expect_none("TransactionEvent", during=2)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)
    events = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    assert [(e["eventType"], e["seqNo"]) for e in events] == [("Started", 0), ("Updated", 1)]
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_02_CS")
@pytest.mark.req("E01.FR.06", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
def test_tc_e_02_cs_energy_transfer(version: str, by: str) -> None:
    bench = bench_with(version, "EnergyTransfer")
    states.authorized(bench, by=by)
    bench.plug_in()
    states.expect_status(bench, "Occupied")
    started = states.transaction_event(
        bench,
        eventType="Started",
        trigger="RemoteStart" if by == "remote" else "ChargingStateChanged",
        state="Charging",
        idToken={"idToken": states.TOKEN, "type": "ISO14443"},
        evse={"id": 1, "connectorId": 1},
        seqNo=0,
    )
    assert started["transactionInfo"].get("remoteStartId") == (4711 if by == "remote" else None)
    assert states.is_charging(bench)
    states.expect_settled(bench)


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_09_CS")
@pytest.mark.req("E01.FR.02", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16", "E01.FR.18", "E02.FR.06", "E02.FR.13")
def test_tc_e_09_cs_ev_connected(version: str, by: str) -> None:
    bench = bench_with(version, "EVConnected")
    states.parking_bay_occupied(bench)
    states.ev_connected_pre_session(bench)
    started = next(r for r in bench.csms.log if r.action == "TransactionEvent")
    assert started["transactionInfo"]["chargingState"] == "EVConnected"
    assert "idToken" not in started.payload
    states.authorized(bench, by=by)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_E_10_CS")
@pytest.mark.req("E01.FR.03", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
def test_tc_e_10_cs_authorized_local(version: str) -> None:
    bench = bench_with(version, "Authorized")
    states.authorized(bench, by="local", asks=True)
    started = next(r for r in bench.csms.log if r.action == "TransactionEvent")
    assert "evse" not in started.payload  # no vehicle yet: told with the first event after one was connected
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_E_13_CS")
@pytest.mark.req("E01.FR.03", "E01.FR.10", "E01.FR.16")
def test_tc_e_13_cs_authorized_remote(version: str) -> None:
    bench = bench_with(version, "Authorized")
    states.authorized(bench, by="remote")
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)
    first, *rest = [r for r in bench.csms.log if r.action == "TransactionEvent"]
    assert first["transactionInfo"]["remoteStartId"] == 4711
    assert all("remoteStartId" not in event["transactionInfo"] for event in rest)


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_11_CS")
@pytest.mark.req("E01.FR.04", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16", "E02.FR.14")
def test_tc_e_11_cs_data_signed(version: str, by: str) -> None:
    bench = Bench(
        version,
        capabilities=Capabilities(signed_values=True),
        variables={
            "TxCtrlr.TxStartPoint": "DataSigned",
            "TxCtrlr.TxStopPoint": "EVConnected",
            "SampledDataCtrlr.SignReadings": True,
            "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": "EveryMeterValue",
        },
    ).boot()
    states.authorized(bench, by=by)
    bench.plug_in()
    states.expect_status(bench, "Occupied")
    started = states.transaction_event(
        bench,
        eventType="Started",
        trigger="RemoteStart" if by == "remote" else "SignedDataReceived",
        idToken={"idToken": states.TOKEN, "type": "ISO14443"},
        evse={"id": 1, "connectorId": 1},
    )
    sample = started["meterValue"][0]["sampledValue"][0]
    assert sample["context"] == "Transaction.Begin"
    assert sample["signedMeterValue"]["signedMeterData"].startswith("OCMF|")
    assert sample["signedMeterValue"]["signingMethod"] == "ECDSA-secp256r1-SHA256"
    assert sample["signedMeterValue"]["encodingMethod"] == "OCMF"
    assert sample["signedMeterValue"]["publicKey"] == PUBLIC_KEY
    states.transaction_event(bench, eventType="Updated", trigger="ChargingStateChanged", state="Charging")
    states.expect_settled(bench)


@pytest.mark.parametrize("by", SOURCES)
@pytest.mark.case("TC_E_12_CS")
@pytest.mark.req("E01.FR.01", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
def test_tc_e_12_cs_parking_bay_occupied(version: str, by: str) -> None:
    bench = bench_with(version, "ParkingBayOccupancy")
    states.parking_bay_occupied(bench)
    started = next(r for r in bench.csms.log if r.action == "TransactionEvent")
    assert started["eventType"] == "Started"
    assert started["triggerReason"] == "EVDetected"
    assert started["transactionInfo"]["chargingState"] == "Idle"
    states.authorized(bench, by=by)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)
