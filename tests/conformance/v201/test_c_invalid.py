"""Tokens that were accepted offline, and that the CSMS does not accept afterwards (C12, C15): StopTxOnInvalidId, MaxEnergyOnInvalidId."""

import pytest

from tests.conformance import memory, states
from tests.support.bench import Bench
from tests.support.csms import Received


@pytest.fixture(params=(memory.GENERAL, memory.USUAL), ids=("general", "usual"))
def points(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


def charged_offline(bench: Bench, second: float) -> float:
    """The steps that these cases have in common: a cached token starts offline, and the connection comes back after some time.

    Returns the meter's register at the start.
    """
    memory.id_token_cached(bench)
    memory.id_token_local_auth_list(bench, memory.listed())
    states.ev_connected_pre_session(bench)
    register = bench.evse().imported_watt_hour
    bench.disconnect()
    bench.tap(states.TOKEN)
    bench.run(second)
    assert states.is_charging(bench)
    bench.csms.tokens[states.TOKEN] = memory.info("Invalid")
    bench.csms.forget()
    bench.connect()
    return register


def events(bench: Bench) -> list[Received]:
    return [event for event in bench.csms.of("TransactionEvent") if event["triggerReason"] not in states.MEASURED]


def offline_events(bench: Bench) -> None:
    """What waited in the queue: the authorization with its token, and the beginning of the charging; both marked as offline."""
    bench.run(2)
    queued = [event for event in events(bench) if event.get("offline")]
    authorized = [event for event in queued if event["triggerReason"] == "Authorized"]
    assert [event["idToken"]["idToken"] for event in authorized] == [states.TOKEN]
    charging = [event for event in queued if event["transactionInfo"].get("chargingState") == "Charging"]
    assert [event["triggerReason"] for event in charging] == ["ChargingStateChanged"]


def has_state(bench: Bench, state: str) -> bool:
    return any(event["transactionInfo"].get("chargingState") == state for event in events(bench))


def has_trigger(bench: Bench, trigger: str) -> bool:
    return any(event["triggerReason"] == trigger for event in events(bench))


@pytest.mark.case("TC_C_15_CS")
@pytest.mark.req("C12.FR.02")
@pytest.mark.req("C12.FR.04")
@pytest.mark.req("C15.FR.02")
@pytest.mark.req("C15.FR.07")
def test_tc_c_15_cs_not_stopped_and_energy_is_limited(version: str, points: dict[str, str]) -> None:
    bench = memory.station(
        version,
        points,
        LocalPreAuthorize=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        StopTransactionOnInvalidId=False,
        MaxEnergyOnInvalidId=10_000,
    )
    at_start = charged_offline(bench, 600)
    offline_events(bench)
    assert bench.evse().imported_watt_hour - at_start > 1000
    bench.run(300)
    assert states.is_charging(bench)
    assert not has_trigger(bench, "Deauthorized")
    assert not has_state(bench, "SuspendedEVSE")
    bench.run(3 * 3600)
    assert not states.is_charging(bench)
    assert 10_000 <= bench.evse().imported_watt_hour - at_start < 10_100


@pytest.mark.case("TC_C_16_CS")
@pytest.mark.req("C12.FR.02")
@pytest.mark.req("C12.FR.04")
@pytest.mark.req("C15.FR.02")
@pytest.mark.req("C15.FR.04")
@pytest.mark.req("C15.FR.03")
def test_tc_c_16_cs_stopped(version: str, points: dict[str, str]) -> None:
    bench = memory.station(
        version, points, LocalPreAuthorize=True, StopTransactionOnInvalidId=True, MaxEnergyOnInvalidId=0
    )
    charged_offline(bench, 5)
    offline_events(bench)
    deauthorized(bench)


def deauthorized(bench: Bench) -> None:
    """Steps 5 and 6: the transaction is deauthorized, and ends where its stop points say so."""
    found = [event for event in events(bench) if event["triggerReason"] == "Deauthorized"]
    assert len(found) == 1
    ends = bool(states.stop_points(bench) & states.ENDING)
    assert found[0]["eventType"] == ("Ended" if ends else "Updated")
    assert found[0]["transactionInfo"].get("stoppedReason") == ("DeAuthorized" if ends else None)
    assert has_state(bench, "EVConnected")
    assert not states.is_charging(bench)
    assert states.is_plugged(bench)


@pytest.mark.case("TC_C_17_CS")
@pytest.mark.req("C12.FR.02")
@pytest.mark.req("C12.FR.04")
@pytest.mark.req("C15.FR.02")
@pytest.mark.req("C15.FR.06")
def test_tc_c_17_cs_suspended(version: str, points: dict[str, str]) -> None:
    bench = memory.station(
        version,
        points,
        LocalPreAuthorize=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        StopTransactionOnInvalidId=False,
        MaxEnergyOnInvalidId=0,
    )
    charged_offline(bench, 5)
    offline_events(bench)
    suspended = [e for e in events(bench) if e["transactionInfo"].get("chargingState") == "SuspendedEVSE"]
    assert [(e["eventType"], e["triggerReason"]) for e in suspended] == [("Updated", "ChargingStateChanged")]
    assert not has_trigger(bench, "Deauthorized")
    assert not states.is_charging(bench)


@pytest.mark.case("TC_C_18_CS")
@pytest.mark.req("C12.FR.02")
@pytest.mark.req("C12.FR.04")
@pytest.mark.req("C15.FR.02")
@pytest.mark.req("C15.FR.03")
@pytest.mark.req("C15.FR.04")
def test_tc_c_18_cs_stopped_whatever_energy_is_left(version: str, points: dict[str, str]) -> None:
    bench = memory.station(
        version,
        points,
        LocalPreAuthorize=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        StopTransactionOnInvalidId=True,
        MaxEnergyOnInvalidId=500,
    )
    charged_offline(bench, 30)
    offline_events(bench)
    deauthorized(bench)


@pytest.mark.case("TC_C_26_CS")
@pytest.mark.req("C15.FR.02")
@pytest.mark.req("C15.FR.06")
@pytest.mark.req("C15.FR.08")
@pytest.mark.req("C13.FR.04")
@pytest.mark.req("C13.FR.06")
def test_tc_c_26_cs_unknown_id(version: str, points: dict[str, str]) -> None:
    bench = memory.station(
        version,
        points,
        LocalPreAuthorize=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        StopTransactionOnInvalidId=False,
        MaxEnergyOnInvalidId=0,
    )
    bench.csms.tokens[memory.UNKNOWN] = memory.info("Invalid")
    states.started_offline_transaction(bench, token=memory.UNKNOWN)
    bench.run(2)
    states.expect_status(bench, "Occupied")
    queued = [e for e in events(bench) if e["transactionInfo"].get("chargingState") != "SuspendedEVSE"]
    assert queued
    assert all(event.get("offline") for event in queued)
    assert [e["idToken"]["idToken"] for e in queued if "idToken" in e.payload] == [memory.UNKNOWN]
    assert has_state(bench, "SuspendedEVSE")
    assert not states.is_charging(bench)
    bench.csms.forget()
    bench.tap(memory.UNKNOWN)
    event = states.transaction_event(bench, trigger="StopAuthorized", idToken__idToken=memory.UNKNOWN)
    assert event["transactionInfo"].get("stoppedReason") in ("Local", None)
    bench.run(1)
    states.ev_disconnected(bench)
