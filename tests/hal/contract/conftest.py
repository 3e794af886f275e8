"""The contract suites: one per kind of device, run against every backend."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.hal.contract.{kind}_contract" for kind in ("board", "lock", "meter", "reader")),
)
