"""A bench for each OCPP version."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.bench import Bench

VERSIONS = ("1.6", "2.0.1", "2.1")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Each OCPP version in turn."""
    return str(request.param)


@pytest.fixture(params=("2.0.1", "2.1"))
def version2(request: pytest.FixtureRequest) -> str:
    """Each 2.x version in turn."""
    return str(request.param)


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    """Makes a station that the central system has accepted."""

    def make(version: str, **options: Any) -> Bench:
        return Bench(version, **options).boot()

    return make
