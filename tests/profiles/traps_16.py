"""What drivers, operators and power cuts do in the tests of traps for 1.6 stations."""

from typing import Any

from tests.support.bench import Bench
from tests.support.csms import Received

KNOWN = "04AABBCC"
OTHER = "04DDEEFF"


def knowing(bench: Bench) -> Bench:
    """KNOWN is in the cache."""
    bench.tap(KNOWN)
    bench.expect("Authorize", idTag=KNOWN)
    bench.run(1)
    bench.tap(KNOWN)
    bench.run(1)
    bench.csms.forget()
    return bench


def charge(bench: Bench, token: str = KNOWN, evse_id: int = 1) -> None:
    """Plug in, present the card, and charge."""
    bench.plug_in(evse_id)
    bench.tap(token)
    bench.run(5)
    assert bench.evse(evse_id).contactor_closed


def configure(bench: Bench, key: str, value: str) -> None:
    """The Central System changes a key."""
    assert bench.call("ChangeConfiguration", key=key, value=value)["status"] == "Accepted"


def power_cut(bench: Bench, **changes: Any) -> Bench:
    """The same station after a power cut, not connected yet; the Central System counts on."""
    new = bench.power_cut(**changes)
    new.csms.transaction_ids = bench.csms.transaction_ids
    new.csms.tokens = bench.csms.tokens
    return new


def transaction_messages(bench: Bench) -> list[Received]:
    """What the Central System has got of transactions, in the order of arrival."""
    return [r for r in bench.csms.log if r.action in ("StartTransaction", "MeterValues", "StopTransaction")]


def taken_at(request: Received) -> str:
    """When the content of a transaction message was noted."""
    return str(request["meterValue"][0]["timestamp"] if request.action == "MeterValues" else request["timestamp"])


def assert_in_order(bench: Bench) -> None:
    """Transaction messages have come in the order in which they happened."""
    times = [taken_at(request) for request in transaction_messages(bench)]
    assert times == sorted(times)


def told(bench: Bench, connector: int = 1) -> list[str]:
    """The statuses that a connector has told since the last `forget`."""
    return [r["status"] for r in bench.csms.of("StatusNotification") if r["connectorId"] == connector]
