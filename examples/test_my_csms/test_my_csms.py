"""Tests of a CSMS with simulated stations. Run them with `pytest`; they need chargepoint and pytest-asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from my_csms import MyCsms

from chargepoint.testing import ChargePoints, Fleets, VirtualClock, virtual_time

DRIVER = "04AABBCC"


@pytest.fixture
def csms() -> MyCsms:
    return MyCsms({DRIVER})


@pytest_asyncio.fixture
async def url(csms: MyCsms) -> AsyncIterator[str]:
    """The CSMS behind a socket, as stations in the field reach it."""
    async with csms.serve() as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"


# --- over real sockets, in real time --------------------------------------------------------------------------------------


async def test_a_known_driver_may_charge(charge_point: ChargePoints, csms: MyCsms, url: str) -> None:
    station = await charge_point(url, version="1.6")
    station.plug_in()
    station.tap(DRIVER)
    started = await station.until_sent("StartTransaction")
    assert started.answer == {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    await station.until(lambda: station.status() == "Charging")

    station.tap(DRIVER)
    await station.until_sent("StopTransaction")
    assert csms.bills[1].reason == "Local"


async def test_a_stranger_may_not(charge_point: ChargePoints, csms: MyCsms, url: str) -> None:
    station = await charge_point(url)
    station.plug_in()
    station.tap("DEADBEEF")
    await station.until("token_refused")
    assert not csms.bills


async def test_an_operator_stops_a_transaction(charge_point: ChargePoints, csms: MyCsms, url: str) -> None:
    station = await charge_point(url)
    station.plug_in()
    station.tap(DRIVER)
    await station.until_sent("StartTransaction")
    assert await csms.stop_charging(1) == "Accepted"
    await station.until_sent("StopTransaction")
    assert csms.bills[1].reason == "Remote"


async def test_a_bill_survives_the_loss_of_the_network(charge_point: ChargePoints, csms: MyCsms, url: str) -> None:
    station = await charge_point(url)
    station.plug_in()
    station.tap(DRIVER)
    await station.until_sent("StartTransaction")
    station.cut_link()
    station.unplug()
    await station.until(lambda: station.queued > 0)
    assert csms.bills[1].watt_hour is None
    station.restore_link()
    await station.until_sent("StopTransaction")
    assert csms.bills[1].watt_hour is not None


# --- in the test's own process, on virtual time ---------------------------------------------------------------------------


@virtual_time
async def test_a_night_of_charging_is_billed(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    csms = MyCsms({DRIVER}, now=lambda: virtual_clock.wall)
    station = await charge_point(csms=csms.handler)
    station.plug_in(maximum_ampere=16, phases=1, battery_watt_hour=50_000, state_of_charge=0.2)
    station.tap(DRIVER)
    await station.until_sent("StartTransaction")

    await virtual_clock.advance(hours=8)
    station.tap(DRIVER)
    await station.until_sent("StopTransaction")
    watt_hour = csms.bills[1].watt_hour
    assert watt_hour is not None
    assert 8 * 16 * 225 < watt_hour < 8 * 16 * 235


@virtual_time
async def test_a_power_failure_ends_in_a_bill(charge_point: ChargePoints, virtual_clock: VirtualClock) -> None:
    csms = MyCsms({DRIVER}, now=lambda: virtual_clock.wall)
    station = await charge_point(csms=csms.handler)
    station.plug_in()
    station.tap(DRIVER)
    await station.until_sent("StartTransaction")
    await virtual_clock.advance(hours=1)
    station.cut_power()
    await virtual_clock.advance(hours=2)
    station.power_on()
    await station.until_sent("StopTransaction", timeout_second=60)
    assert csms.bills[1].reason == "PowerLoss"


@virtual_time
async def test_a_day_of_a_small_town(fleet: Fleets, virtual_clock: VirtualClock) -> None:
    drivers = [f"DRIVER{number:02}" for number in range(40)]
    csms = MyCsms(set(drivers), now=lambda: virtual_clock.wall)
    town = await fleet(5, csms=csms.handler, sessions={"idTags": drivers, "arrivals": {"per_day": 6}})
    await town.run(86_400)
    assert town.report("failed < 1", "p99 < 1s")
    assert len(csms.bills) == town.snapshot.actions["StartTransaction"].answered > 5
    assert {bill.id_tag for bill in csms.bills.values()} <= set(drivers)
