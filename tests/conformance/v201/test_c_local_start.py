"""Local start and stop of a transaction (C01): tokens that the CSMS does not accept, and one that did not start the transaction."""

import pytest

from tests.conformance import memory, states
from tests.conformance.states import not_applicable
from tests.support.bench import Bench


@pytest.fixture(params=(memory.GENERAL, memory.USUAL), ids=("general", "usual"))
def bench(version: str, request: pytest.FixtureRequest) -> Bench:
    return memory.station(version, request.param)


@pytest.mark.case("TC_C_02_CS")
@pytest.mark.req("C01.FR.02")
@pytest.mark.req("C06.FR.02")
def test_tc_c_02_cs_authorization_invalid(bench: Bench) -> None:
    states.ev_connected_pre_session(bench)
    memory.refused(bench, memory.INVALID)


@pytest.mark.case("TC_C_05_CS")
def test_tc_c_05_cs_authorization_invalid_cable_lock(version: str) -> None:
    not_applicable(f"no lock keeps a cable out of the socket before authorization ({version})")


@pytest.mark.case("TC_C_04_CS")
@pytest.mark.req("C01.FR.02")
@pytest.mark.req("C01.FR.03")
def test_tc_c_04_cs_different_id_token(bench: Bench) -> None:
    states.energy_transfer_started(bench)
    bench.tap(memory.TOKEN2)
    bench.expect("Authorize", idToken__idToken=memory.TOKEN2)
    states.expect_settled(bench, during=30)
    assert states.is_charging(bench)


@pytest.mark.case("TC_C_06_CS")
@pytest.mark.req("C01.FR.02")
def test_tc_c_06_cs_authorization_blocked(bench: Bench) -> None:
    states.ev_connected_pre_session(bench)
    memory.refused(bench, memory.BLOCKED)


@pytest.mark.case("TC_C_07_CS")
@pytest.mark.req("C01.FR.02")
def test_tc_c_07_cs_authorization_expired(bench: Bench) -> None:
    states.ev_connected_pre_session(bench)
    memory.refused(bench, memory.EXPIRED)


@pytest.mark.case("TC_C_56_CS")
@pytest.mark.req("C01.FR.02")
def test_tc_c_56_cs_authorization_unknown(bench: Bench) -> None:
    states.ev_connected_pre_session(bench)
    memory.refused(bench, memory.UNKNOWN)
