"""What the 1.6 text says of configuration and cache beyond the cases: §5.3, §5.4, §5.8, §9 with errata 3.23, 3.84."""

import pytest

from profiles.catalogue import Capabilities
from tests.conformance import states16 as s
from tests.support.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Two connectors."""
    return Bench("1.6", evses=2, capabilities=Capabilities(reservation=True)).boot()


def test_a_cache_that_is_not_there_cannot_be_cleared() -> None:
    """Errata 3.23."""
    bench = Bench("1.6", capabilities=Capabilities(authorization_cache=False)).boot()
    assert bench.call("ClearCache")["status"] == "Rejected"
    assert bench.call("GetConfiguration", key=["AuthorizationCacheEnabled"])["unknownKey"]


def test_keys_are_told_apart_into_known_and_unknown_without_regard_to_case(bench: Bench) -> None:
    answer = bench.call("GetConfiguration", key=["heartbeatinterval", "Nonsense", "NUMBEROFCONNECTORS"])
    assert {entry["key"]: entry["value"] for entry in answer["configurationKey"]} == {
        "HeartbeatInterval": "300",
        "NumberOfConnectors": "2",
    }
    assert answer["unknownKey"] == ["Nonsense"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("HeartbeatInterval", "-1"),
        ("HeartbeatInterval", "soon"),
        ("HeartbeatInterval", ""),
        ("WebSocketPingInterval", "-1"),
        ("ConnectionTimeOut", "-5"),
        ("AuthorizeRemoteTxRequests", "perhaps"),
        ("LocalPreAuthorize", "2"),
        ("NumberOfConnectors", "4"),
        ("SupportedFeatureProfiles", "Core"),
        ("ConnectorPhaseRotation", "1.ABC"),
        ("ConnectorPhaseRotation", "9.RST"),
        ("TransactionMessageAttempts", "-1"),
        ("MinimumStatusDuration", "-1"),
        ("MaxEnergyOnInvalidId", "-1"),
    ],
)
def test_what_is_out_of_range_or_read_only_is_rejected_and_changes_nothing(bench: Bench, key: str, value: str) -> None:
    """§5.3."""
    before = s.configuration(bench, key)
    assert bench.call("ChangeConfiguration", key=key, value=value)["status"] == "Rejected"
    assert s.configuration(bench, key) == before


@pytest.mark.parametrize("sockets", [True, False])
def test_unlock_on_disconnect_is_the_choice_of_whoever_has_a_lock(sockets: bool) -> None:
    """Errata 3.84: read-only false with a fixed cable."""
    bench = Bench("1.6", sockets=sockets, capabilities=Capabilities(sockets=sockets)).boot()
    (found,) = bench.call("GetConfiguration", key=["UnlockConnectorOnEVSideDisconnect"])["configurationKey"]
    assert found["readonly"] is not sockets
    if not sockets:
        assert found["value"] == "false"
