"""Block K: what the CSMS sets and removes (K01, K05, K10)."""

from typing import Any

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states
from tests.support.bench import Bench
from tests.support.charging_profiles import clear, composite, ids, install, offer, profile, reported, transaction_of

MAX = "ChargingStationMaxProfile"
LOCAL = 32.0
"""What the hardware gives, in ampere per phase."""


@pytest.fixture
def bench(version: str) -> Bench:
    """Two EVSEs; remote starts are not asked about."""
    return Bench(version, evses=2, variables={"AuthCtrlr.AuthorizeRemoteStart": False}).boot()


@pytest.fixture(params=("A", "W"))
def unit(request: pytest.FixtureRequest) -> str:
    """The configured chargingRateUnit."""
    return str(request.param)


def of(unit: str, ampere: float) -> float:
    """A limit of the document in the configured unit: in watt it is a thousand times the number."""
    return ampere if unit == "A" else ampere * 1000


def local(unit: str) -> float:
    """The local limit of an EVSE."""
    return LOCAL if unit == "A" else LOCAL * 690


# --- K01 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_K_01_CS")
@pytest.mark.req("K01.FR.07", "K01.FR.15", "K09.FR.01")
def test_tc_k_01_cs_default_profile_of_an_evse(bench: Bench, unit: str) -> None:
    sent = install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, duration=400)
    assert reported(bench, chargingProfileId=[1]) == [(1, sent)]


@pytest.mark.case("TC_K_10_CS")
@pytest.mark.req("K01.FR.07", "K01.FR.14")
def test_tc_k_10_cs_default_profile_of_all_evses(bench: Bench, unit: str) -> None:
    sent = install(bench, 0, (0, of(unit, 6)), unit=unit, phases=3, duration=400)
    assert reported(bench, chargingProfileId=[1]) == [(0, sent)]
    assert [composite(bench, evse_id, 60, unit) for evse_id in (1, 2)] == [[(0, of(unit, 6))]] * 2


@pytest.mark.case("TC_K_60_CS")
@pytest.mark.req("K01.FR.04", "K01.FR.07")
def test_tc_k_60_cs_profile_of_the_running_transaction(bench: Bench, unit: str) -> None:
    states.energy_transfer_started(bench)
    sent = install(
        bench,
        1,
        (0, of(unit, 6)),
        unit=unit,
        phases=3,
        purpose="TxProfile",
        kind="Relative",
        transaction=transaction_of(bench),
    )
    assert reported(bench, chargingProfileId=[1]) == [(1, sent)]
    bench.run(5)
    assert bench.evse().drawn_ampere == pytest.approx(6.0 if unit == "A" else 6000 / 690)


@pytest.mark.case("TC_K_02_CS")
@pytest.mark.req("K01.FR.09")
def test_tc_k_02_cs_transaction_profile_without_transaction(bench: Bench) -> None:
    sent = profile(bench, (0, 6.0), purpose="TxProfile", transaction="UNKNOWN-TRANSACTION-ID")
    assert offer(bench, 1, sent)["status"] == "Rejected"


@pytest.mark.case("TC_K_11_CS")
@pytest.mark.req("K01.FR.16")
def test_tc_k_11_cs_transaction_profile_of_all_evses(bench: Bench) -> None:
    states.energy_transfer_started(bench)
    sent = profile(bench, (0, 6.0), purpose="TxProfile", transaction=transaction_of(bench))
    assert offer(bench, 0, sent)["status"] == "Rejected"


@pytest.mark.case("TC_K_03_CS")
@pytest.mark.req("K04.FR.03")
def test_tc_k_03_cs_profile_of_the_station(bench: Bench, unit: str) -> None:
    sent = install(bench, 0, (0, of(unit, 6)), unit=unit, phases=3, duration=400, purpose=MAX)
    assert reported(bench, chargingProfileId=[1]) == [(0, sent)]


@pytest.mark.case("TC_K_19_CS")
@pytest.mark.req("K01.FR.40")
@pytest.mark.parametrize("recurrence", ["Daily", "Weekly"])
def test_tc_k_19_cs_recurring(bench: Bench, recurrence: str) -> None:
    install(bench, 1, (0, 6.0), kind="Recurring", recurrence=recurrence)


@pytest.mark.case("TC_K_12_CS")
@pytest.mark.req("K01.FR.26")
@pytest.mark.parametrize(("supported", "asked"), [("A", "W"), ("W", "A")])
def test_tc_k_12_cs_unit_that_is_not_supported(version: str, supported: str, asked: str) -> None:
    bench = Bench(version, variables={"SmartChargingCtrlr.RateUnit": supported}).boot()
    answer = offer(bench, 1, profile(bench, (0, of(asked, 6)), unit=asked))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedRateUnit")


@pytest.mark.case("TC_K_13_CS")
@pytest.mark.req("K01.FR.27")
def test_tc_k_13_cs_default_profile_persists(bench: Bench, unit: str) -> None:
    sent = install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, duration=4000)
    bench = states.booted(bench)
    assert reported(bench, chargingProfileId=[1]) == [(1, sent)]


@pytest.mark.case("TC_K_14_CS")
@pytest.mark.req("K01.FR.28")
def test_tc_k_14_cs_unknown_evse(bench: Bench) -> None:
    answer = offer(bench, 3, profile(bench, (0, 6.0)))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnknownEvse")


@pytest.mark.case("TC_K_28_CS")
@pytest.mark.req("K01.FR.32", "K01.FR.61")
def test_tc_k_28_cs_default_profile_in_a_transaction(bench: Bench, unit: str) -> None:
    _set_significance(bench)
    states.energy_transfer_started(bench)
    install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, start=-5, duration=405)
    assert composite(bench, 1, 300, unit) == [(0, of(unit, 6))]
    states.transaction_event(bench, eventType="Updated", trigger="ChargingRateChanged")


def _set_significance(bench: Bench) -> None:
    data = {
        "component": {"name": "SmartChargingCtrlr"},
        "variable": {"name": "LimitChangeSignificance"},
        "attributeValue": "1.0",
    }
    (result,) = bench.call("SetVariables", setVariableData=[data])["setVariableResult"]
    assert result["attributeStatus"] == "Accepted"


@pytest.mark.case("TC_K_16_CS")
@pytest.mark.req("K01.FR.33")
def test_tc_k_16_cs_profile_of_an_unknown_transaction(bench: Bench) -> None:
    states.energy_transfer_started(bench)
    sent = profile(bench, (0, 6.0), purpose="TxProfile", transaction="UNKNOWN-TRANSACTION-ID")
    answer = offer(bench, 1, sent)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "TxNotFound")


@pytest.mark.case("TC_K_21_CS")
@pytest.mark.req("K01.FR.36")
def test_tc_k_21_cs_valid_from(bench: Bench, unit: str) -> None:
    install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, kind="Relative", valid_from=300)
    assert composite(bench, 1, 400, unit) == [(0, local(unit)), (300, of(unit, 6))]


@pytest.mark.case("TC_K_22_CS")
@pytest.mark.req("K01.FR.37")
def test_tc_k_22_cs_valid_to(bench: Bench, unit: str) -> None:
    install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, start=-5, valid_from=-5, valid_to=300)
    assert composite(bench, 1, 400, unit) == [(0, of(unit, 6)), (300, local(unit))]


@pytest.mark.case("TC_K_23_CS")
@pytest.mark.req("K01.FR.30")
def test_tc_k_23_cs_start_in_the_future(bench: Bench, unit: str) -> None:
    install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, start=60)
    assert composite(bench, 1, 300, unit) == [(0, local(unit)), (60, of(unit, 6))]


@pytest.mark.case("TC_K_04_CS")
@pytest.mark.req("K01.FR.05")
def test_tc_k_04_cs_replace_by_id(bench: Bench, unit: str) -> None:
    install(bench, 1, (0, of(unit, 6)), unit=unit)
    sent = install(bench, 1, (0, of(unit, 10)), unit=unit)
    assert reported(bench, chargingProfileId=[1]) == [(1, sent)]


@pytest.mark.case("TC_K_15_CS")
@pytest.mark.req("K01.FR.29")
def test_tc_k_15_cs_without_smart_charging(version: str) -> None:
    bench = Bench(version, capabilities=Capabilities(smart_charging=False)).boot()
    answer = offer(bench, 1, profile(bench, (0, 6.0)))
    assert answer.error is not None
    assert answer.error[0] == "NotSupported"


# --- K05 ---------------------------------------------------------------------------------------------------------------


def _start_with_profile(bench: Bench) -> dict[str, Any]:
    """From a connected vehicle, by remote start with a TxProfile, to energy that flows; returns the profile."""
    running = states.transaction_id(bench)
    sent = profile(bench, (0, 6.0), phases=3, purpose="TxProfile", kind="Relative")
    answer = bench.call(
        "RequestStartTransaction",
        idToken={"idToken": states.TOKEN, "type": "ISO14443"},
        remoteStartId=4711,
        evseId=1,
        chargingProfile=sent,
    )
    assert answer["status"] == "Accepted"
    assert answer.get("transactionId") == running
    event = states.transaction_event(bench, trigger="RemoteStart", idToken__idToken=states.TOKEN)
    assert event["transactionInfo"]["remoteStartId"] == 4711
    states.energy_transfer_started(bench)
    return sent


POINTS = [
    {"TxCtrlr.TxStartPoint": "PowerPathClosed"},
    {"TxCtrlr.TxStartPoint": "EVConnected,Authorized", "TxCtrlr.TxStopPoint": "EVConnected"},
]


@pytest.mark.case("TC_K_37_CS")
@pytest.mark.req("K05.FR.03", "E01.FR.02", "F01.FR.10", "F01.FR.13")
@pytest.mark.parametrize("points", POINTS, ids=("usual", "general"))
def test_tc_k_37_cs_remote_start_with_profile(version: str, points: dict[str, object]) -> None:
    bench = Bench(version, variables={**points, "AuthCtrlr.AuthorizeRemoteStart": False}).boot()
    states.ev_connected_pre_session(bench)
    sent = _start_with_profile(bench)
    ((evse_id, found),) = reported(bench, chargingProfileId=[1])
    assert found.pop("transactionId") == states.transaction_id(bench)
    assert (evse_id, found) == (1, sent)
    assert bench.evse().drawn_ampere == 6.0


@pytest.mark.case("TC_K_38_CS")
@pytest.mark.req("F01.FR.12", "K05.FR.04")
def test_tc_k_38_cs_remote_start_ignores_the_profile(version: str) -> None:
    kind = Capabilities(smart_charging=False)
    bench = Bench(version, variables={"AuthCtrlr.AuthorizeRemoteStart": False}, capabilities=kind).boot()
    states.ev_connected_pre_session(bench)
    _start_with_profile(bench)
    assert bench.evse().offered_ampere == LOCAL


# --- K10 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_K_05_CS")
@pytest.mark.req("K10.FR.03")
def test_tc_k_05_cs_clear_by_id(bench: Bench) -> None:
    install(bench, 1, (0, 6.0), profile_id=4)
    assert clear(bench, profile_id=4) == "Accepted"
    assert reported(bench, chargingProfileId=[4]) == []


@pytest.mark.case("TC_K_06_CS")
@pytest.mark.req("K10.FR.04")
def test_tc_k_06_cs_clear_by_level_and_purpose(bench: Bench) -> None:
    install(bench, 1, (0, 6.0), level=2)
    states.energy_transfer_started(bench)
    assert clear(bench, purpose="TxDefaultProfile", level=2) == "Accepted"
    assert reported(bench, chargingProfilePurpose="TxDefaultProfile", stackLevel=2) == []


@pytest.mark.case("TC_K_07_CS")
@pytest.mark.req("K10.FR.01")
def test_tc_k_07_cs_clear_unknown_level_and_purpose(bench: Bench) -> None:
    install(bench, 1, (0, 6.0), level=2)
    assert clear(bench, purpose="TxDefaultProfile", level=3) == "Unknown"
    assert ids(reported(bench, stackLevel=2)) == [1]


@pytest.mark.case("TC_K_08_CS")
@pytest.mark.req("K10.FR.01")
def test_tc_k_08_cs_clear_without_any(bench: Bench) -> None:
    assert clear(bench, profile_id=4) == "Unknown"


@pytest.mark.case("TC_K_24_CS")
@pytest.mark.req("K10.FR.04")
def test_tc_k_24_cs_clear_several(bench: Bench) -> None:
    for evse_id in (1, 2):
        install(bench, evse_id, (0, 6.0), profile_id=evse_id, level=2)
    assert clear(bench, purpose="TxDefaultProfile", level=2) == "Accepted"
    assert reported(bench, chargingProfilePurpose="TxDefaultProfile", stackLevel=2) == []


@pytest.mark.case("TC_K_09_CS")
@pytest.mark.req("K10.FR.05", "K10.FR.07", "K01.FR.61")
def test_tc_k_09_cs_clear_the_default_of_a_running_transaction(bench: Bench, unit: str) -> None:
    _set_significance(bench)
    install(bench, 1, (0, of(unit, 6)), unit=unit, phases=3, duration=405)
    states.energy_transfer_started(bench)
    assert composite(bench, 1, 300, unit) == [(0, of(unit, 6))]
    assert clear(bench, purpose="TxDefaultProfile") == "Accepted"
    assert composite(bench, 1, 300, unit) == [(0, local(unit))]
    states.transaction_event(bench, eventType="Updated", trigger="ChargingRateChanged")
    bench.run(5)
    assert bench.evse().offered_ampere == LOCAL
