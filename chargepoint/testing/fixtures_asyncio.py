"""The fixtures for pytest-asyncio, in either of its modes: what was made ends on the loop of the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from chargepoint.testing.fixtures import Common

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chargepoint.testing.fleet import Fleets
    from chargepoint.testing.stations import ChargePoints


class OnAsyncio(Common):
    """All of them."""

    @pytest_asyncio.fixture
    async def charge_point(self) -> AsyncIterator[ChargePoints]:
        """Makes simulated charging stations: `station = await charge_point(url=…, version="1.6")`."""
        import asyncio

        from chargepoint.testing.stations import ChargePoints

        factory = ChargePoints(asyncio.get_running_loop())
        yield factory
        await factory.end()

    @pytest_asyncio.fixture
    async def fleet(self) -> AsyncIterator[Fleets]:
        """Makes fleets of simulated stations: `town = await fleet(count=20, url=…)`."""
        import asyncio

        from chargepoint.testing.fleet import Fleets

        factory = Fleets(asyncio.get_running_loop())
        yield factory
        await factory.end()
