"""The authorization cache: tokens in it (C12), what is stored (C10), and clearing it (C11)."""

import pytest

from tests.conformance import memory, states
from tests.support.bench import Bench

LIFE_TIME_SECOND = 300


@pytest.fixture(params=(memory.GENERAL, memory.USUAL), ids=("general", "usual"))
def points(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


@pytest.fixture
def bench(version: str, points: dict[str, str]) -> Bench:
    return memory.station(version, points, LocalPreAuthorize=True, LocalAuthListEnabled=True)


@pytest.mark.case("TC_C_08_CS")
@pytest.mark.req("C12.FR.02")
@pytest.mark.req("C12.FR.04")
def test_tc_c_08_cs_accepted(bench: Bench) -> None:
    memory.id_token_cached(bench)
    memory.authorized_by_itself(bench)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_09_CS")
@pytest.mark.req("C12.FR.05")
@pytest.mark.req("C10.FR.03")
def test_tc_c_09_cs_invalid_and_not_accepted(bench: Bench) -> None:
    memory.id_token_cached(bench, memory.INVALID, status="Invalid")
    memory.refused(bench, memory.INVALID)


@pytest.mark.case("TC_C_10_CS")
@pytest.mark.req("C12.FR.05")
@pytest.mark.req("C10.FR.03")
def test_tc_c_10_cs_blocked(bench: Bench) -> None:
    memory.id_token_cached(bench, memory.BLOCKED, status="Blocked")
    memory.refused(bench, memory.BLOCKED)


@pytest.mark.case("TC_C_11_CS")
@pytest.mark.req("C12.FR.05")
@pytest.mark.req("C10.FR.03")
def test_tc_c_11_cs_expired(bench: Bench) -> None:
    memory.id_token_cached(bench, memory.EXPIRED, status="Expired")
    memory.refused(bench, memory.EXPIRED)


@pytest.mark.case("TC_C_12_CS")
@pytest.mark.req("C12.FR.05")
@pytest.mark.req("C10.FR.03")
def test_tc_c_12_cs_invalid_and_accepted(bench: Bench) -> None:
    memory.id_token_cached(bench, memory.INVALID, status="Invalid")
    bench.csms.tokens[memory.INVALID] = memory.info()
    states.authorized(bench, token=memory.INVALID, asks=True)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_13_CS")
@pytest.mark.req("C12.FR.02")
@pytest.mark.req("C12.FR.04")
def test_tc_c_13_cs_accepted_but_cable_not_connected_yet(bench: Bench) -> None:
    memory.id_token_cached(bench)
    memory.authorized_by_itself(bench)
    bench.run(20)
    assert not states.is_charging(bench)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_57_CS")
@pytest.mark.req("C12.FR.05")
@pytest.mark.req("C10.FR.03")
def test_tc_c_57_cs_auth_cache_disable_post_authorize(version: str, points: dict[str, str]) -> None:
    bench = memory.station(version, points, LocalPreAuthorize=True, AuthCacheCtrlr__DisablePostAuthorize=True)
    memory.id_token_cached(bench, memory.INVALID, status="Invalid")
    memory.refused(bench, memory.INVALID, asks=False)
    states.ev_connected_pre_session(bench)
    states.expect_settled(bench, during=30)
    assert not states.is_charging(bench)


@pytest.mark.case("TC_C_32_CS")
@pytest.mark.req("C10.FR.02")
def test_tc_c_32_cs_persistent_over_reboot(bench: Bench) -> None:
    memory.id_token_cached(bench)
    bench = states.booted(bench)
    memory.authorized_by_itself(bench)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_33_CS")
@pytest.mark.req("C10.FR.04")
@pytest.mark.req("C12.FR.06")
def test_tc_c_33_cs_update_on_authorize_response(bench: Bench) -> None:
    memory.id_token_cached(bench)
    memory.authorized_by_itself(bench)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_34_CS")
@pytest.mark.req("C10.FR.05")
@pytest.mark.req("C12.FR.06")
def test_tc_c_34_cs_update_on_transaction_event_response(version: str, points: dict[str, str]) -> None:
    bench = memory.station(
        version, points, LocalPreAuthorize=True, StopTransactionOnInvalidId=True, MaxEnergyOnInvalidId=0
    )
    memory.id_token_cached(bench)
    bench.csms.tokens[states.TOKEN] = memory.info("Invalid")
    memory.authorized_by_itself(bench)
    states.deauthorized(bench)
    if not states.is_plugged(bench):
        bench.plug_in()
        states.expect_status(bench, "Occupied")
        states.transaction_event(bench, trigger="CablePluggedIn")
    states.ev_disconnected(bench)
    states.parking_bay_unoccupied(bench)
    states.parking_bay_occupied(bench)
    memory.refused(bench, states.TOKEN)


@pytest.mark.case("TC_C_36_CS")
@pytest.mark.req("C10.FR.11")
def test_tc_c_36_cs_local_pre_authorize_is_false(version: str, points: dict[str, str]) -> None:
    bench = memory.station(version, points, LocalPreAuthorize=False)
    memory.id_token_cached(bench)
    bench.csms.tokens[states.TOKEN] = memory.info("Invalid")
    memory.refused(bench, states.TOKEN)


@pytest.mark.case("TC_C_37_CS")
@pytest.mark.req("C11.FR.01")
@pytest.mark.req("C11.FR.02")
@pytest.mark.req("C11.FR.03")
def test_tc_c_37_cs_clear_accepted(bench: Bench) -> None:
    memory.id_token_cached(bench)
    assert bench.call("ClearCache")["status"] == "Accepted"
    states.authorized(bench, asks=True)
    states.ev_connected_pre_session(bench)
    states.energy_transfer_started(bench)


@pytest.mark.case("TC_C_38_CS")
@pytest.mark.req("C11.FR.01")
@pytest.mark.req("C11.FR.02")
@pytest.mark.req("C11.FR.04")
def test_tc_c_38_cs_clear_rejected(version: str, points: dict[str, str]) -> None:
    bench = memory.station(version, points, AuthorizationCacheEnabled=False)
    memory.id_token_cached(bench)
    assert bench.call("ClearCache")["status"] == "Rejected"


@pytest.mark.case("TC_C_46_CS")
@pytest.mark.req("C10.FR.08")
@pytest.mark.req("C10.FR.10")
def test_tc_c_46_cs_auth_cache_life_time(version: str, points: dict[str, str]) -> None:
    bench = memory.station(version, points, LocalPreAuthorize=True, AuthCacheCtrlr__LifeTime=LIFE_TIME_SECOND)
    memory.id_token_cached(bench)
    bench.run(LIFE_TIME_SECOND)
    bench.csms.forget()
    states.authorized(bench, asks=True)
