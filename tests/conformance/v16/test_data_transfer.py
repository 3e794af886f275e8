"""DataTransfer: the case (§2.23), and what the text says beyond it (§4.3, §5.6)."""

from typing import Any

import pytest

from profiles.data_transfer.facts import DataTransferAnswer
from tests.conformance.states16 import quiet
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER


@pytest.mark.case("TC_062_CS")
def test_tc_062_cs_data_transfer_of_an_unknown_vendor() -> None:
    bench = Bench("1.6").boot()
    answer = bench.call("DataTransfer", vendorId="org.unknown", messageId="Anything", data="{}")
    assert answer.payload == {"status": "UnknownVendorId"}
    assert bench.call("DataTransfer", vendorId="org.unknown").payload == {"status": "UnknownVendorId"}
    quiet(bench)


@pytest.fixture
def bench() -> Bench:
    return Bench("1.6").boot()


def test_a_vendor_that_is_known_answers_and_may_not_know_the_message(bench: Bench) -> None:
    bench.station.data_transfer.register(
        "org.known",
        lambda message_id, data: DataTransferAnswer("Accepted", f"got {data}") if message_id == "Echo" else None,
    )
    answer = bench.call("DataTransfer", vendorId="org.known", messageId="Echo", data="x")
    assert answer.payload == {"status": "Accepted", "data": "got x"}
    assert bench.call("DataTransfer", vendorId="org.known", messageId="Other").payload == {"status": "UnknownMessageId"}


def test_the_station_sends_vendor_messages_too(bench: Bench) -> None:
    bench.csms.handlers["DataTransfer"] = lambda _csms, _payload: {"status": "Accepted", "data": "y"}
    came: list[Any] = []
    bench.station.data_transfer.send("org.known", "Echo", {"a": 1}, came.append)
    bench.expect("DataTransfer", vendorId="org.known", messageId="Echo", data='{"a": 1}')
    bench.run(1)
    (answer,) = came
    assert (answer.status, answer.data) == ("Accepted", "y")
    bench.csms.handlers["DataTransfer"] = lambda _csms, _payload: NO_ANSWER
    bench.station.data_transfer.send("org.known", None, None, came.append)
    bench.run(60)
    assert len(came) == 2
