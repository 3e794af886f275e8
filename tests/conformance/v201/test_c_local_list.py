"""Authorization through the local authorization list, offline (C13) and online (C14)."""

from typing import Any

import pytest

from tests.conformance import memory, states
from tests.support.bench import Bench


@pytest.fixture(params=(memory.GENERAL, memory.USUAL), ids=("general", "usual"))
def points(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


def station(version: str, points: dict[str, str], **variables: Any) -> Bench:
    options = {"LocalAuthListEnabled": True, "LocalPreAuthorize": True, "LocalAuthorizeOffline": True, **variables}
    return memory.station(version, points, **options)


@pytest.fixture
def bench(version: str, points: dict[str, str]) -> Bench:
    return station(version, points)


# --- offline -----------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_C_21_CS")
@pytest.mark.req("C13.FR.02")
@pytest.mark.req("C13.FR.05")
def test_tc_c_21_cs_offline_accepted(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed())
    states.started_offline_transaction(bench)
    assert states.is_charging(bench)
    bench.tap(states.TOKEN)
    bench.unplug()
    bench.evse().leave_bay()
    bench.run(3)
    events = bench.csms.of("TransactionEvent")
    stop = next(n for n, event in enumerate(events) if event["triggerReason"] == "StopAuthorized")
    assert stop > 0
    assert all(event.get("offline") for event in events[:stop])
    assert events[-1]["eventType"] == "Ended"
    assert not bench.csms.of("Authorize")


def refused_offline(bench: Bench, token: str, status: str) -> None:
    """The steps of the cases for tokens on the list that may not charge."""
    memory.id_token_local_auth_list(bench, memory.listed(token, status))
    bench.disconnect()
    bench.evse().occupy_bay()
    bench.tap(token)
    bench.run(30)
    assert not states.is_authorized(bench)
    bench.connect()
    bench.run(3)
    assert not bench.csms.of("TransactionEvent")
    assert not bench.csms.of("Authorize")


@pytest.mark.case("TC_C_22_CS")
@pytest.mark.req("C13.FR.02")
@pytest.mark.req("C13.FR.05")
def test_tc_c_22_cs_offline_invalid(bench: Bench) -> None:
    refused_offline(bench, memory.INVALID, "Invalid")


@pytest.mark.case("TC_C_23_CS")
@pytest.mark.req("C13.FR.02")
@pytest.mark.req("C13.FR.05")
def test_tc_c_23_cs_offline_blocked(bench: Bench) -> None:
    refused_offline(bench, memory.BLOCKED, "Blocked")


@pytest.mark.case("TC_C_24_CS")
@pytest.mark.req("C13.FR.02")
@pytest.mark.req("C13.FR.05")
def test_tc_c_24_cs_offline_expired(bench: Bench) -> None:
    refused_offline(bench, memory.EXPIRED, "Expired")


@pytest.mark.case("TC_C_25_CS")
@pytest.mark.req("C13.FR.01")
@pytest.mark.req("C14.FR.01")
def test_tc_c_25_cs_local_authorization_list_before_authorization_cache(version: str, points: dict[str, str]) -> None:
    bench = station(version, points, AuthCtrlr__OfflineTxForUnknownIdEnabled=True, StopTransactionOnInvalidId=False)
    memory.id_token_cached(bench)
    memory.id_token_local_auth_list(bench, memory.listed(status="Invalid"))
    states.ev_connected_pre_session(bench)
    bench.disconnect()
    bench.tap(states.TOKEN)
    bench.run(60)
    assert not states.is_charging(bench)
    bench.connect()
    bench.run(3)
    events = [e for e in bench.csms.of("TransactionEvent") if e["triggerReason"] not in states.MEASURED]
    assert not events


# --- online ------------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_C_27_CS")
@pytest.mark.req("C14.FR.02")
@pytest.mark.req("C14.FR.04")
def test_tc_c_27_cs_online_accepted(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed())
    memory.authorized_by_itself(bench)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_28_CS")
@pytest.mark.req("C14.FR.03")
def test_tc_c_28_cs_online_invalid_and_not_accepted(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(memory.INVALID, "Invalid"))
    memory.refused(bench, memory.INVALID)


@pytest.mark.case("TC_C_29_CS")
@pytest.mark.req("C14.FR.03")
def test_tc_c_29_cs_online_blocked(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(memory.BLOCKED, "Blocked"))
    memory.refused(bench, memory.BLOCKED)


@pytest.mark.case("TC_C_30_CS")
@pytest.mark.req("C14.FR.03")
def test_tc_c_30_cs_online_expired(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(memory.EXPIRED, "Expired"))
    memory.refused(bench, memory.EXPIRED)


@pytest.mark.case("TC_C_31_CS")
@pytest.mark.req("C14.FR.03")
def test_tc_c_31_cs_online_invalid_and_accepted(bench: Bench) -> None:
    memory.id_token_local_auth_list(bench, memory.listed(memory.INVALID, "Invalid"))
    bench.csms.tokens[memory.INVALID] = memory.info()
    states.authorized(bench, token=memory.INVALID, asks=True)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_58_CS")
@pytest.mark.req("C14.FR.03")
def test_tc_c_58_cs_local_auth_list_disable_post_authorize(version: str, points: dict[str, str]) -> None:
    bench = station(version, points, LocalAuthListCtrlr__DisablePostAuthorize=True)
    memory.id_token_local_auth_list(bench, memory.listed(memory.INVALID, "Invalid"))
    memory.refused(bench, memory.INVALID, asks=False)
    states.ev_connected_pre_session(bench)
    states.expect_settled(bench, during=30)
    assert not states.is_charging(bench)
