"""Block B: network connection profiles, and connecting by them (B09, B10; part 4 §5.4)."""

from typing import Any

import pytest

from tests.conformance.states import not_applicable
from tests.conformance.v201.test_b_reset import reset
from tests.conformance.v201.test_b_variables import get, named, put, reason
from tests.support.network import NEW, OLD, NetworkBench

MINIMUM_SECOND = 4


def profile(host: str = NEW, *, scheme: str = "ws", **changes: Any) -> dict[str, Any]:
    """connectionData of SetNetworkProfile."""
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": f"{scheme}://{host}/ocpp",
        "messageTimeout": 20,
        "securityProfile": 0,
        "ocppInterface": "Wired0",
        **changes,
    }


def station(version: str, *, attempts: int = 3, **options: Any) -> NetworkBench:
    """A station that is connected with slot 0."""
    variables = {
        "OCPPCommCtrlr.NetworkProfileConnectionAttempts": attempts,
        "OCPPCommCtrlr.RetryBackOffRepeatTimes": 0,
        "OCPPCommCtrlr.RetryBackOffWaitMinimum": MINIMUM_SECOND,
        **options.pop("variables", {}),
    }
    bench = NetworkBench(version, variables=variables, **options)
    bench.boot()
    assert bench.hosts() == [OLD]
    return bench


def set_profile(bench: NetworkBench, slot: int, data: dict[str, Any]) -> dict[str, Any]:
    """SetNetworkProfile: its answer."""
    answer = bench.call("SetNetworkProfile", configurationSlot=slot, connectionData=data)
    assert answer.payload is not None, answer
    return answer.payload


def migrate(bench: NetworkBench, data: dict[str, Any] | None = None) -> None:
    """Steps 1 to 6 of the migrations: a profile in slot 1, first in the priority; a reset."""
    assert active_slot(bench) == "0"
    assert set_profile(bench, 1, data or profile())["status"] == "Accepted"
    (result,) = put(bench, named("OCPPCommCtrlr", "NetworkConfigurationPriority", attributeValue="1,0"))
    assert result["attributeStatus"] in ("Accepted", "RebootRequired")
    reset(bench, "OnIdle", "Accepted")


def active_slot(bench: NetworkBench) -> str:
    """ActiveNetworkProfile."""
    value: str = get(bench, named("OCPPCommCtrlr", "ActiveNetworkProfile"))[0]["attributeValue"]
    return value


def restarted(bench: NetworkBench, **refusing: int | None) -> NetworkBench:
    """The station has restarted, and dials. refusing: how many attempts the old and the new address do not answer well."""
    new = bench.restarted()
    assert isinstance(new, NetworkBench)
    new.run(0.1)
    assert bench.connected_to is None, "the old CSMS is left before the new one is dialled (B10.FR.06)"
    new.sites[OLD].refusing = refusing.get("old", 0)
    new.sites[NEW].refusing = refusing.get("new", 0)
    new.connect()
    return new


def assert_booted(bench: NetworkBench, reason: str = "RemoteReset") -> None:
    """The station has introduced itself to the CSMS that it is connected to, and told its status."""
    bench.expect("BootNotification", reason=reason)
    bench.expect("StatusNotification", connectorStatus="Available")


@pytest.mark.case("TC_B_43_CS")
@pytest.mark.req("B09.FR.02", "B09.FR.05")
def test_tc_b_43_cs_rejected(version: str) -> None:
    bench = station(version)
    answer = set_profile(bench, 999, profile())
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "InvalidConfSlot"


@pytest.mark.case("TC_B_45_CS")
@pytest.mark.req("B09.FR.01", "B10.FR.01", "B10.FR.04", "B10.FR.06")
def test_tc_b_45_cs_success(version: str) -> None:
    bench = station(version)
    migrate(bench)
    new = restarted(bench)
    assert new.hosts() == [NEW]
    assert new.attempts[0].caller.path == "/ocpp/CP-1"
    assert_booted(new)
    assert active_slot(new) == "1"
    (timeout,) = get(new, named("OCPPCommCtrlr", "MessageTimeout", instance="Default"))
    assert timeout["attributeValue"] == "20"


@pytest.mark.case("TC_B_46_CS")
@pytest.mark.req("B10.FR.03", "B10.FR.04")
def test_tc_b_46_cs_fallback(version: str) -> None:
    bench = station(version, attempts=2)
    migrate(bench)
    new = restarted(bench, new=None)
    new.run(10 * MINIMUM_SECOND)
    assert new.hosts() == [f"{NEW} refused", f"{NEW} refused", OLD]
    assert_booted(new)
    assert active_slot(new) == "0"


@pytest.mark.case("TC_B_47_CS")
def test_tc_b_47_cs_fallback_new_root() -> None:
    not_applicable("AdditionalRootCertificateCheck (AS-2) is not supported: its variable is read-only and false")


@pytest.mark.case("TC_B_49_CS")
@pytest.mark.req("B10.FR.03", "B10.FR.07", "B10.FR.09")
def test_tc_b_49_cs_fallback_and_reconnection(version: str) -> None:
    bench = station(version, attempts=1)
    migrate(bench)
    new = restarted(bench, new=None, old=1)
    new.run(10 * MINIMUM_SECOND)
    assert new.hosts() == [f"{NEW} refused", f"{OLD} refused", OLD]
    first, second, third = (attempt.at for attempt in new.attempts)
    assert second - first >= MINIMUM_SECOND
    assert third - second >= MINIMUM_SECOND
    assert_booted(new)


@pytest.mark.case("TC_B_57_CS")
@pytest.mark.req("B10.FR.03")
def test_tc_b_57_cs_reconnection_after_connection_loss(version: str) -> None:
    bench = station(version, variables={"OCPPCommCtrlr.RetryBackOffRepeatTimes": 2})
    lost: list[float] = []
    for refusing in (0, 1):
        bench.sites[OLD].refusing = refusing
        lost.append(bench.time.now)
        bench.sites[OLD].hang_up()
        bench.run(10 * MINIMUM_SECOND)
    _boot, first, refused, second = bench.attempts
    assert first.at - lost[0] == pytest.approx(MINIMUM_SECOND, abs=0.5)
    assert refused.at - lost[1] == pytest.approx(MINIMUM_SECOND, abs=0.5)
    assert not refused.accepted
    assert second.at - refused.at == pytest.approx(2 * MINIMUM_SECOND, abs=0.5)
    assert not bench.csms.of("BootNotification"), "the same CSMS: no new registration"


def test_reasons_are_given(version: str) -> None:
    """A refusal says why, in a word for the program and a sentence for the operator."""
    bench = station(version)
    answer = set_profile(bench, 1, profile(ocppTransport="SOAP"))
    assert answer["statusInfo"] == {
        "reasonCode": "InvalidNetworkConf",
        "additionalInfo": "OcppTransport: expected one of JSON",
    }
    (result,) = put(bench, named("OCPPCommCtrlr", "NetworkConfigurationPriority", attributeValue="2,0"))
    assert result["attributeStatus"] == "Rejected"
    assert reason(result) == "InvalidNetworkConf"
