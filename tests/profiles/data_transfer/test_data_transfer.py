"""Vendor messages in both directions, and what third parties add to them (2.x P01, P02; 1.6 §4.3, §5.6)."""

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chargepoint.station.facts import Failure, Refused
from profiles.data_transfer import vendors
from profiles.data_transfer.facts import DataTransferAnswer
from tests.support.bench import Bench

VENDOR = "com.example"
EXTENSION = """
    from profiles.data_transfer.facts import DataTransferAnswer

    LINES = []

    def extend(line):
        LINES.append(line)

        def handle(message_id, data):
            match message_id:
                case "Echo":
                    return DataTransferAnswer("Accepted", data)
                case "Refuse":
                    return DataTransferAnswer("Rejected", "not today")
                case "Break":
                    raise RuntimeError("a defect of the vendor")
            return None

        return handle
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution with an extension, as pip would; it is gone after the test."""
    monkeypatch.syspath_prepend(tmp_path)

    def installed(module: str, source: str, *, vendor: str = VENDOR, target: str = "extend") -> None:
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source))
        metadata = tmp_path / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{vendors.ENTRY_POINT_GROUP}]\n{vendor} = {module}:{target}\n")
        vendors.extensions.cache_clear()

    vendors.extensions.cache_clear()
    yield installed
    vendors.extensions.cache_clear()


@pytest.fixture
def bench(version: str, install: Install) -> Bench:
    """A station on which a vendor's extension is installed."""
    install("example_station", EXTENSION)
    return Bench(version).boot()


def line(module: str = "example_station") -> vendors.VendorLine:
    """The line that the extension was given last."""
    found: vendors.VendorLine = __import__(module).LINES[-1]
    return found


def call(bench: Bench, message_id: str | None, data: object = None, vendor: str = VENDOR) -> Any:
    """A DataTransfer of the CSMS; 1.6 knows text only."""
    fields: dict[str, object] = {"vendorId": vendor}
    if message_id is not None:
        fields["messageId"] = message_id
    if data is not None:
        fields["data"] = data if bench.version != "1.6" or isinstance(data, str) else json.dumps(data)
    return bench.call("DataTransfer", fields)


# --- from the CSMS -------------------------------------------------------------------------------------------------------


@pytest.mark.req("P01.FR.03", "P01.FR.04", "P01.FR.07")
@pytest.mark.parametrize("data", ["text", {"a": [1, None, True]}, [1, 2], 4.5, True, "x" * 50_000])
def test_the_vendors_handler_gets_the_data_and_answers(bench: Bench, data: object) -> None:
    answer = call(bench, "Echo", data)
    assert answer["status"] == "Accepted"
    expected = json.dumps(data) if bench.version == "1.6" and not isinstance(data, str) else data
    assert answer["data"] == expected


@pytest.mark.req("P01.FR.07")
def test_a_handler_may_refuse(bench: Bench) -> None:
    answer = call(bench, "Refuse")
    assert (answer["status"], answer["data"]) == ("Rejected", "not today")


@pytest.mark.req("P01.FR.06")
@pytest.mark.parametrize("message_id", [None, "Other", ""])
def test_an_unknown_message(bench: Bench, message_id: str | None) -> None:
    answer = call(bench, message_id)
    assert answer.payload == {"status": "UnknownMessageId"}


@pytest.mark.req("P01.FR.05")
def test_an_unknown_vendor_gets_no_data(bench: Bench) -> None:
    assert call(bench, "Echo", "x", vendor="org.other").payload == {"status": "UnknownVendorId"}


def test_a_vendor_is_known_whatever_the_case(bench: Bench) -> None:
    assert call(bench, "Echo", "x", vendor="COM.Example")["status"] == "Accepted"


def test_a_defect_of_a_vendor_costs_that_message_only(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    answer = call(bench, "Break")
    assert answer.error is not None
    assert answer.error[0] == "InternalError"
    assert "a defect of the vendor" in caplog.text
    assert call(bench, "Echo", "x")["status"] == "Accepted"


# --- what is installed -----------------------------------------------------------------------------------------------------


def test_what_cannot_be_imported_is_said_and_left_out(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("broken_station", "import no_such_library", vendor="com.broken")
    install("misnamed_station", "", vendor="com.misnamed")
    install("example_two", EXTENSION)
    bench = Bench("2.0.1").boot()
    assert "com.broken" in caplog.text
    assert "com.misnamed" in caplog.text
    assert call(bench, "Echo", "x", vendor="com.broken")["status"] == "UnknownVendorId"
    assert call(bench, "Echo", "x")["status"] == "Accepted"


def test_what_fails_on_a_station_is_said_and_left_out(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("failing_station", "def extend(line):\n    raise OSError('no such device')", vendor="com.failing")
    bench = Bench("2.0.1").boot()
    assert "com.failing failed on station CP-1" in caplog.text
    assert call(bench, "Echo", "x", vendor="com.failing")["status"] == "UnknownVendorId"


def test_every_station_has_a_line_of_its_own(install: Install) -> None:
    install("example_lines", EXTENSION)
    Bench("2.0.1"), Bench("1.6")
    lines = __import__("example_lines").LINES
    assert [(one.station_id, one.vendor_id) for one in lines] == [("CP-1", VENDOR)] * 2
    assert lines[0] is not lines[1]


# --- to the CSMS -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("P02.FR.01", "P02.FR.03", "P02.FR.04", "P02.FR.05", "P02.FR.08")
@pytest.mark.parametrize("data", [None, "text", {"a": 1}])
def test_an_extension_sends(bench: Bench, data: object) -> None:
    bench.csms.handlers["DataTransfer"] = lambda _csms, payload: {
        "status": "Accepted",
        "data": payload.get("data", "-"),
    }
    answers: list[DataTransferAnswer | Refused] = []
    line().send("Door", data, answers.append)
    sent = bench.expect("DataTransfer", vendorId=VENDOR, messageId="Door")
    written = json.dumps(data) if bench.version == "1.6" and isinstance(data, dict) else data
    assert sent.get("data") == written
    bench.run(1)
    assert answers == [DataTransferAnswer("Accepted", written if written is not None else "-")]


@pytest.mark.req("P02.FR.06", "P02.FR.07")
@pytest.mark.parametrize("status", ["UnknownVendorId", "UnknownMessageId", "Rejected"])
def test_the_extension_learns_what_the_csms_says(bench: Bench, status: str) -> None:
    bench.csms.handlers["DataTransfer"] = lambda _csms, _payload: {"status": status}
    answers: list[DataTransferAnswer | Refused] = []
    line().send(None, None, answers.append)
    assert "messageId" not in bench.expect("DataTransfer").payload
    bench.run(1)
    assert answers == [DataTransferAnswer(status)]


def test_what_cannot_be_sent_is_answered_too(bench: Bench) -> None:
    bench.disconnect()
    answers: list[DataTransferAnswer | Refused] = []
    line().send("Door", "x", answers.append)
    assert answers == [], "the answer comes in a turn of its own"
    bench.run(1)
    assert answers == [Refused(Failure.OFFLINE)]
    bench.connect()
    bench.expect_none("DataTransfer", during=5)
