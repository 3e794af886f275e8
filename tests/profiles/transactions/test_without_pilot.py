"""A board that does not sense the vehicle: one is taken to be there once somebody may charge, and the EVSE is free before and after."""

import pytest

from tests.support.bench import Bench


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_card_alone_begins_and_ends_the_session(version: str) -> None:
    bench = Bench(version)
    (evse,) = bench.station.evses
    evse.senses_vehicle = False
    bench.boot()
    bench.plug_in()
    assert bench.station.availability.status(evse, evse.connector).status == "Available"
    bench.tap()
    bench.run(2)
    assert evse.transaction is not None
    assert bench.evse().contactor_closed
    bench.tap()
    bench.run(2)
    assert evse.transaction is None
    assert not bench.evse().contactor_closed
    assert bench.station.availability.status(evse, evse.connector).status == "Available"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_rules_of_the_version_spoken_last_hold_after_a_restart(version: str) -> None:
    bench = Bench(version).boot()
    other = Bench("2.0.1" if version == "1.6" else "1.6", store=bench.store, time=bench.time, boot=1)
    assert other.station.policy.version == version
