"""Block F: UnlockConnector (F05)."""

import pytest

from hal.sim.car import Cable
from tests.conformance import states
from tests.support.bench import Bench


@pytest.fixture
def bench(version: str) -> Bench:
    """A socket with a lock."""
    return Bench(version, sockets=True).boot()


@pytest.mark.case("TC_F_05_CS")
@pytest.mark.req("F05.FR.01", "F05.FR.02")
def test_tc_f_05_cs_unlock_with_ongoing_transaction(bench: Bench) -> None:
    states.energy_transfer_started(bench)
    answer = bench.call("UnlockConnector", evseId=1, connectorId=1)
    assert answer["status"] == "OngoingAuthorizedTransaction"
    states.expect_settled(bench, during=5)
    assert bench.evse().bolt(1).locked
    assert states.is_charging(bench)


@pytest.mark.case("TC_F_06_CS")
@pytest.mark.req("F05.FR.01", "F05.FR.04")
def test_tc_f_06_cs_unlock_without_transaction(bench: Bench) -> None:
    bench.evse().insert_cable(Cable(), 1)
    states.expect_statuses(bench, "Occupied", (1, 1))
    bench.evse().bolt(1).lock()
    assert bench.call("UnlockConnector", evseId=1, connectorId=1)["status"] == "Unlocked"
    assert not bench.evse().bolt(1).locked
    states.expect_settled(bench)


@pytest.mark.case("TC_F_07_CS")
@pytest.mark.req("F05.FR.01", "F05.FR.06")
def test_tc_f_07_cs_unlock_without_cable(bench: Bench) -> None:
    assert bench.call("UnlockConnector", evseId=1, connectorId=1)["status"] == "Unlocked"
    states.expect_settled(bench)


@pytest.mark.case("TC_F_10_CS")
@pytest.mark.req("F05.FR.03")
def test_tc_f_10_cs_unlock_an_unknown_connector(bench: Bench) -> None:
    assert bench.call("UnlockConnector", evseId=1, connectorId=999)["status"] == "UnknownConnector"
    states.expect_settled(bench)
