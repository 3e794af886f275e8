"""The entry point for pytest. It costs two small modules; the fixtures load the rest when a test makes a station.

With pytest-asyncio the fixtures end what they have made on its event loop, in both of its modes. Without it they work in tests with
`@virtual_time`, and with `async with`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_ASYNCIO = "asyncio"  # as pytest-asyncio calls itself


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures that fit the other plugins."""
    from chargepoint.testing import fixtures

    plugin: object = fixtures.Plain()
    if config.pluginmanager.hasplugin(_ASYNCIO):
        from chargepoint.testing.fixtures_asyncio import OnAsyncio

        plugin = OnAsyncio()
    config.pluginmanager.register(plugin, "chargepoint-fixtures")
