"""Authorization by GroupId (C09), and the master pass (C16)."""

from typing import Any

import pytest

from tests.conformance import memory, states
from tests.conformance.states import not_applicable
from tests.support.bench import Bench


@pytest.fixture(params=(memory.GENERAL, memory.USUAL), ids=("general", "usual"))
def points(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


@pytest.fixture
def bench(version: str, points: dict[str, str]) -> Bench:
    return memory.station(version, points, LocalPreAuthorize=True)


def begin(bench: Bench, *, asks: bool) -> None:
    """The first steps of these cases: the token with the group starts the charging."""
    bench.csms.tokens[states.TOKEN] = memory.info("Accepted", memory.GROUP)
    states.ev_connected_pre_session(bench)
    states.authorized(bench, asks=asks)
    states.energy_transfer_started(bench)


def stopped_by(bench: Bench, token: str, *, asks: bool) -> None:
    """The last steps: the other token of the group stops it, and the car leaves."""
    bench.run(10)
    bench.tap(token)
    if asks:
        bench.expect("Authorize", idToken__idToken=token, idToken__type="ISO14443")
    event = states.transaction_event(bench, trigger="StopAuthorized", idToken__idToken=token)
    ends = bool(states.stop_points(bench) & {"Authorized", "PowerPathClosed"})
    assert event["eventType"] == ("Ended" if ends else "Updated")
    if not ends:
        states.transaction_event(bench, eventType="Updated", trigger="ChargingStateChanged", state="EVConnected")
    states.expect_settled(bench)
    assert not states.is_charging(bench)
    states.ev_disconnected(bench)
    states.parking_bay_unoccupied(bench)


def not_stopped_by(bench: Bench, token: str) -> None:
    """The other token is asked about, is not accepted, and nothing happens."""
    bench.csms.tokens[token] = memory.info("Invalid", memory.GROUP)
    bench.tap(token)
    bench.expect("Authorize", idToken__idToken=token, idToken__type="ISO14443")
    states.expect_settled(bench, during=30)
    assert states.is_charging(bench)


@pytest.mark.case("TC_C_39_CS")
@pytest.mark.req("C09.FR.02")
@pytest.mark.req("C09.FR.03")
@pytest.mark.req("C09.FR.05")
def test_tc_c_39_cs_success(version: str, points: dict[str, str]) -> None:
    bench = memory.station(version, points)
    begin(bench, asks=True)
    bench.csms.tokens[memory.TOKEN2] = memory.info("Accepted", memory.GROUP)
    stopped_by(bench, memory.TOKEN2, asks=True)


@pytest.mark.case("TC_C_40_CS")
@pytest.mark.req("C09.FR.02")
@pytest.mark.req("C09.FR.03")
@pytest.mark.req("C09.FR.07")
def test_tc_c_40_cs_success_with_local_authorization_list(bench: Bench) -> None:
    memory.id_token_local_auth_list(
        bench, memory.listed(group=memory.GROUP), memory.listed(memory.TOKEN2, group=memory.GROUP)
    )
    begin(bench, asks=False)
    stopped_by(bench, memory.TOKEN2, asks=False)


@pytest.mark.case("TC_C_41_CS")
@pytest.mark.req("C09.FR.02")
@pytest.mark.req("C09.FR.03")
@pytest.mark.req("C09.FR.07")
def test_tc_c_41_cs_success_with_authorization_cache(bench: Bench) -> None:
    memory.id_token_cached(bench, group=memory.GROUP)
    memory.id_token_cached(bench, memory.TOKEN2, group=memory.GROUP)
    begin(bench, asks=False)
    stopped_by(bench, memory.TOKEN2, asks=False)


@pytest.mark.case("TC_C_42_CS")
@pytest.mark.req("C09.FR.11")
def test_tc_c_42_cs_not_stopped_by_group_id(version: str, points: dict[str, str]) -> None:
    bench = memory.station(version, points)
    begin(bench, asks=True)
    not_stopped_by(bench, memory.INVALID)


@pytest.mark.case("TC_C_43_CS")
@pytest.mark.req("C09.FR.02")
@pytest.mark.req("C09.FR.11")
def test_tc_c_43_cs_invalid_status_with_local_authorization_list(bench: Bench) -> None:
    memory.id_token_local_auth_list(
        bench, memory.listed(group=memory.GROUP), memory.listed(memory.INVALID, "Invalid", memory.GROUP)
    )
    begin(bench, asks=False)
    not_stopped_by(bench, memory.INVALID)


@pytest.mark.case("TC_C_44_CS")
@pytest.mark.req("C09.FR.02")
@pytest.mark.req("C09.FR.11")
def test_tc_c_44_cs_invalid_status_with_authorization_cache(bench: Bench) -> None:
    memory.id_token_cached(bench, group=memory.GROUP)
    memory.id_token_cached(bench, memory.INVALID, status="Invalid", group=memory.GROUP)
    begin(bench, asks=False)
    not_stopped_by(bench, memory.INVALID)


# --- master pass -------------------------------------------------------------------------------------------------------------


def with_master_pass(version: str, points: dict[str, str], **options: Any) -> Bench:
    bench = memory.station(version, points, AuthCtrlr__MasterPassGroupId=memory.MASTER_GROUP, **options)
    bench.csms.tokens[memory.MASTER] = memory.info("Accepted", memory.MASTER_GROUP)
    return bench


@pytest.mark.case("TC_C_45_CS")
@pytest.mark.req("C16.FR.03")
@pytest.mark.parametrize("start", ["Authorized", "PowerPathClosed"])
def test_tc_c_45_cs_master_pass_cannot_start(version: str, start: str) -> None:
    bench = with_master_pass(version, {"TxCtrlr.TxStartPoint": start})
    bench.tap(memory.MASTER)
    bench.expect("Authorize", idToken__idToken=memory.MASTER, idToken__type="ISO14443")
    states.expect_settled(bench)
    states.ev_connected_pre_session(bench)
    states.expect_settled(bench, during=30)
    assert not states.is_charging(bench)


@pytest.mark.case("TC_C_47_CS")
def test_tc_c_47_cs_with_ui_all_transactions(version: str) -> None:
    not_applicable(f"no user interface with input, so no master pass UI (C-07, {version})")


@pytest.mark.case("TC_C_48_CS")
def test_tc_c_48_cs_with_ui_specific_transactions(version: str) -> None:
    not_applicable(f"no user interface with input, so no master pass UI (C-07, {version})")


@pytest.mark.case("TC_C_49_CS")
@pytest.mark.req("C16.FR.02")
@pytest.mark.req("C16.FR.08")
@pytest.mark.parametrize("evses", [1, 2])
def test_tc_c_49_cs_without_ui(version: str, points: dict[str, str], evses: int) -> None:
    bench = with_master_pass(version, points, evses=evses)
    for evse_id, token in enumerate((states.TOKEN, memory.TOKEN2)[:evses], 1):
        states.ev_connected_pre_session(bench, evse_id=evse_id)
        states.authorized(bench, evse_id=evse_id, token=token)
        states.energy_transfer_started(bench, evse_id=evse_id)
    bench.tap(memory.MASTER)
    bench.expect("Authorize", idToken__idToken=memory.MASTER, idToken__type="ISO14443")
    bench.run(1)
    for evse_id in range(1, evses + 1):
        states.transaction_event(bench, trigger="StopAuthorized", idToken__idToken=memory.MASTER)
        assert not states.is_charging(bench, evse_id)
    if states.transaction_id(bench) is not None:
        for _ in range(evses):
            states.transaction_event(bench, eventType="Updated", trigger="ChargingStateChanged", state="EVConnected")
    for evse_id in range(1, evses + 1):
        states.ev_disconnected(bench, evse_id=evse_id)
        states.parking_bay_unoccupied(bench, evse_id=evse_id)
    ended = [e for e in bench.csms.log if e.action == "TransactionEvent" and e["eventType"] == "Ended"]
    assert [e["transactionInfo"]["stoppedReason"] for e in ended] == ["MasterPass"] * evses
