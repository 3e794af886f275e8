"""The local authorization list (§2.17)."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.conformance.states16 import PARENT, TAG, TAG_2, Step, expect, status
from tests.support.bench import Bench
from tests.support.csms import Answer

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
def bench() -> Bench:
    return s.configured(Bench("1.6").boot(), LocalAuthListEnabled=True)


@pytest.fixture
def without_list() -> Bench:
    """A station that has no local list."""
    return Bench("1.6", capabilities=Capabilities(local_list=False)).boot()


def _send(bench: Bench, version: int, kind: str = "Full", *tags: str) -> Answer:
    answer: Answer = bench.call(
        "SendLocalList",
        listVersion=version,
        updateType=kind,
        localAuthorizationList=[{"idTag": tag, "idTagInfo": ACCEPTED} for tag in tags],
    )
    return answer


def _version(bench: Bench) -> int:
    version: int = bench.call("GetLocalListVersion")["listVersion"]
    return version


@pytest.mark.case("TC_042_1_CS")
def test_tc_042_1_cs_version_where_lists_are_not_supported(bench: Bench, without_list: Bench) -> None:
    s.configured(bench, LocalAuthListEnabled=False)
    assert _version(bench) == -1
    answer = without_list.call("GetLocalListVersion")
    assert (answer.error and answer.error[0] == "NotSupported") or answer["listVersion"] == -1


@pytest.mark.case("TC_042_2_CS")
def test_tc_042_2_cs_version_of_an_empty_list(bench: Bench) -> None:
    assert bench.call("SendLocalList", listVersion=1, updateType="Full")["status"] == "Accepted"
    assert _version(bench) == 0


@pytest.mark.case("TC_043_CS")
def test_tc_043_cs_send_local_list(bench: Bench) -> None:
    assert _send(bench, 1, "Full", TAG)["status"] == "Accepted"
    assert _send(bench, 2, "Differential", TAG_2)["status"] == "Accepted"
    assert _version(bench) == 2
    bench.disconnect()
    bench.plug_in()
    for tag in (TAG, TAG_2):  # both are on the list now
        bench.tap(tag)
        bench.run(5)
        assert bench.evse().contactor_closed
        bench.tap(tag)
        bench.run(5)
        assert not bench.evse().contactor_closed


@pytest.mark.case("TC_043_1_CS")
def test_tc_043_1_cs_send_local_list_not_supported(without_list: Bench) -> None:
    answer = _send(without_list, 1, "Full", TAG)
    assert (answer.error and answer.error[0] == "NotSupported") or answer["status"] == "NotSupported"


@pytest.mark.case("TC_043_2_CS")
def test_tc_043_2_cs_send_local_list_version_mismatch(bench: Bench) -> None:
    assert _send(bench, 2, "Full", TAG)["status"] == "Accepted"
    assert _version(bench) == 2
    assert _send(bench, 5, "Differential", TAG_2)["status"] == "Accepted"
    assert _version(bench) == 5
    assert _send(bench, 4, "Differential", "04FFFFFF")["status"] == "VersionMismatch"
    assert _version(bench) == 5


@pytest.mark.case("TC_043_3_CS")
def test_tc_043_3_cs_send_local_list_fails() -> None:
    bench = Bench("1.6", variables={"LocalAuthListMaxLength": 1}).boot()  # there is no room for two
    s.configured(bench, LocalAuthListEnabled=True)
    assert _send(bench, 1, "Full", TAG)["status"] == "Accepted"
    assert _send(bench, 2, "Full", TAG, TAG_2)["status"] == "Failed"
    assert _version(bench) == 1


@pytest.mark.case("TC_008_CS")
def test_tc_008_cs_start_with_an_id_in_the_list(bench: Bench) -> None:
    s.configured(
        bench,
        LocalPreAuthorize=True,
        AuthorizationCacheEnabled=False,
        LocalAuthListEnabled=True,
        AuthorizeRemoteTxRequests=True,
    )
    assert _version(bench) == 0
    s.id_tag_in_local_list(bench, tag=TAG, parent=PARENT)
    bench.plug_in()
    expect(bench, status("Preparing"))
    assert bench.call("RemoteStartTransaction", idTag=TAG, connectorId=1)["status"] == "Accepted"
    expect(bench, (Step("StartTransaction", connectorId=1, idTag=TAG), status("Charging")))
    s.assert_charging(bench)
