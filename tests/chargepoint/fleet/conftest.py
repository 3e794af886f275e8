"""A central system for fleets in processes of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.chargepoint.fleet.stub_csms import StubCsms


@pytest.fixture
async def csms() -> AsyncIterator[StubCsms]:
    async with StubCsms() as csms:
        yield csms
