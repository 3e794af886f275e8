"""The fixtures where pytest-asyncio is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chargepoint.testing.virtual import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chargepoint.testing.fleet import Fleets
    from chargepoint.testing.stations import ChargePoints


class Common:
    """Those that need no event loop."""

    @pytest.fixture
    def virtual_clock(self) -> VirtualClock:
        """The clock of a test with `@virtual_time`."""
        return VirtualClock()


class Plain(Common):
    """All of them. A test ends what it makes by `async with`, or by `@virtual_time`."""

    @pytest.fixture
    def charge_point(self) -> Iterator[ChargePoints]:
        """Makes simulated charging stations: `async with charge_point(url=…, version="1.6") as station:`."""
        from chargepoint.testing.stations import ChargePoints

        factory = ChargePoints()
        yield factory
        factory.require_ended()

    @pytest.fixture
    def fleet(self) -> Iterator[Fleets]:
        """Makes fleets of simulated stations: `async with fleet(count=20, url=…) as town:`."""
        from chargepoint.testing.fleet import Fleets

        factory = Fleets()
        yield factory
        factory.require_ended()
