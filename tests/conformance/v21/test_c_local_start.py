"""Local start of a transaction in 2.1 (C01)."""

import pytest

from tests.conformance import memory, states

TIMEOUT_SECOND = 60


@pytest.mark.case("TC_C_100_CS")
@pytest.mark.req("C01.FR.26")
@pytest.mark.parametrize("points", [memory.GENERAL, memory.USUAL], ids=("general", "usual"))
@pytest.mark.parametrize("stop", ["ParkingBayOccupancy", "Authorized", "EVConnected"])
def test_tc_c_100_cs_authorization_first_cable_plugin_timeout(points: dict[str, str], stop: str) -> None:
    """The case wants Updated wherever TxStopPoint lacks Authorized; E03.FR.05 leaves that to ParkingBayOccupancy alone."""
    bench = memory.station(
        "2.1",
        {**points, "TxCtrlr.TxStopPoint": stop},
        ConnectionTimeOut=TIMEOUT_SECOND,
        AuthorizationCacheEnabled=False,
        LocalPreAuthorize=False,
    )
    states.parking_bay_occupied(bench)
    states.authorized(bench, asks=True)
    running = states.transaction_id(bench)
    bench.run(TIMEOUT_SECOND)
    if running is not None:
        event = states.transaction_event(bench, trigger="EVConnectTimeout")
        ends = stop != "ParkingBayOccupancy"
        assert event["eventType"] == ("Ended" if ends else "Updated")
        assert event["transactionInfo"].get("stoppedReason") == ("Timeout" if ends else None)
    bench.csms.forget()
    bench.plug_in()
    bench.run(30)
    assert not states.is_charging(bench)
