"""What the certification cases share.

A test stands for one case: `@pytest.mark.case("TC_E_01_CS")`, named `test_tc_e_01_cs_…`. In `v201` a case that 2.1 has too runs in both
versions (fixture `version`); `v21` holds what only 2.1 has. Requirements that a case shows are marked `@pytest.mark.req("E01.FR.05")`.
A case that cannot apply to this station says so with `not_applicable("…")` in the document's terms.
"""

import pytest


@pytest.fixture(params=("2.0.1", "2.1"))
def version(request: pytest.FixtureRequest) -> str:
    """The OCPP version of the case."""
    return str(request.param)
