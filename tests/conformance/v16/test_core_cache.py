"""The authorization cache (§2.4)."""

import pytest

from tests.conformance import states16 as s
from tests.conformance.states16 import TAG, Step, expect, status
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


@pytest.mark.case("TC_007_CS")
def test_tc_007_cs_start_with_a_cached_id(bench: Bench) -> None:
    s.configured(bench, AuthorizationCacheEnabled=True, AuthorizeRemoteTxRequests=True, LocalPreAuthorize=True)
    s.id_tag_cached(bench)
    bench.plug_in()
    expect(bench, status("Preparing"))
    assert bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Accepted"
    expect(bench, (Step("StartTransaction", connectorId=1, idTag=TAG), status("Charging")))
    s.assert_charging(bench)


@pytest.mark.case("TC_061_CS")
def test_tc_061_cs_clear_the_authorization_cache(bench: Bench) -> None:
    s.configured(bench, AuthorizationCacheEnabled=True, LocalPreAuthorize=True, ConnectionTimeOut=30)
    s.authorized(bench)
    bench.tap(TAG)
    expect(bench, status("Available"))
    bench.tap(TAG)  # the cache holds it now
    expect(bench, status("Preparing"))
    bench.tap(TAG)
    expect(bench, status("Available"))
    assert bench.call("ClearCache")["status"] == "Accepted"
    bench.tap(TAG)
    expect(bench, (Step("Authorize", idTag=TAG), status("Preparing")))
