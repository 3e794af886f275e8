"""Sentences for the person with the screwdriver."""

from pathlib import Path

import pytest

from hal.contract import HardwareError, HardwareErrorReason
from hal.meter.modbus_meter import ModbusMeter, Options
from hal.meter.probe import probe
from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter

PATIENT = {"timeout_second": 20.0, "gap_second": 0.0, "quiet_second": 0.01}
HASTY = {"timeout_second": 0.05, "retries": 0, "gap_second": 0.0, "quiet_second": 0.01}


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search finds the meter, however busy the machine is."""
    monkeypatch.setattr("hal.meter.probe._SEARCH_TIMEOUT_SECOND", 20.0)


async def test_the_meter_is_there(line: SimulatedLine) -> None:
    report = await probe(Options(map="eastron_sdm630", port=line.port, **PATIENT))
    assert report.found
    assert (
        report.sentence
        == f"Eastron SDM630 is device 1 on {line.port} at 9600 Bd 8N1: 230 V, 3680 W, 1234500 Wh imported."
    )


@pytest.mark.usefixtures("unhurried")
async def test_the_address_is_another(line: SimulatedLine) -> None:
    report = await probe(Options(map="eastron_sdm630", port=line.port, device_id=7, **HASTY), device_ids=[1])
    assert not report.found
    assert report.device_id == 1
    assert "Nobody answers as device 7" in report.sentence
    assert "device 1 does" in report.sentence


@pytest.mark.usefixtures("unhurried")
async def test_a_refusal_is_a_sign_of_life(shown) -> None:
    line = SimulatedLine(SimulatedModbusMeter("abb_b23", lambda: shown, unmapped="refuse", device_id=5))
    port = await line.open_pty()
    report = await probe(Options(map="eastron_sdm630", port=port, **HASTY), device_ids=[5])
    await line.close()
    assert report.device_id == 5


async def test_nobody_is_there(line: SimulatedLine) -> None:
    line.silence()
    report = await probe(Options(map="eastron_sdm630", port=line.port, **HASTY), device_ids=[1, 2, 5])
    assert not report.found
    assert report.device_id is None
    assert "asked 1–2, 5" in report.sentence
    assert "wires A and B" in report.sentence


async def test_the_search_asks_where_meters_usually_are(line: SimulatedLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hal.meter.probe._SEARCH_TIMEOUT_SECOND", 0.01)
    monkeypatch.setattr("hal.meter.probe._SEARCH_QUIET_SECOND", 0.001)
    line.silence()
    await probe(Options(map="eastron_sdm630", port=line.port, **HASTY))
    while (await line.asked(len(line.history))).device_id != 247:
        await line.asked(len(line.history) + 1)
    assert {1, 2, 3, 33, 42, 247} <= {request.device_id for request in line.history}


async def test_the_port_is_absent(tmp_path: Path) -> None:
    report = await probe(Options(map="eastron_sdm630", port=str(tmp_path / "none"), **HASTY))
    assert not report.found
    assert "plugged in" in report.sentence


async def test_the_station_has_the_port(line: SimulatedLine, station) -> None:
    meter = ModbusMeter(Options(map="eastron_sdm630", port=line.port, **PATIENT), station.resources)
    await meter.open(station.emit)
    report = await probe(Options(map="eastron_sdm630", port=line.port, **PATIENT))
    await meter.close()
    assert not report.found
    assert "in use" in report.sentence


async def test_nobody_listens_over_tcp() -> None:
    line = SimulatedLine()
    port = await line.open_tcp()
    await line.close()
    report = await probe(Options(map="eastron_sdm630", host="127.0.0.1", tcp_port=port, **HASTY))
    assert not report.found
    assert f"127.0.0.1:{port} does not accept a connection" in report.sentence


async def test_it_is_another_meter(shown) -> None:
    line = SimulatedLine(SimulatedModbusMeter("abb_b23", lambda: shown, identification="B24 "))
    port = await line.open_pty()
    assert (await probe(Options(map="abb_b23", port=port, **PATIENT))).identification == "B24"
    report = await probe(Options(map="abb_b21", port=port, **PATIENT))
    await line.close()
    assert not report.found
    assert report.sentence == "Device 1 says it is 'B24 ', but the map ABB B21 is for 'B21 '."


async def test_the_word_order_is_wrong(shown) -> None:
    line = SimulatedLine(SimulatedModbusMeter("carlo_gavazzi_em111", lambda: shown, word_order="big"))
    port = await line.open_pty()
    report = await probe(Options(map="carlo_gavazzi_em111", port=port, **PATIENT))
    assert not report.found
    assert "word order" in report.sentence
    assert (await probe(Options(map="carlo_gavazzi_em111", port=port, word_order="big", **PATIENT))).found
    await line.close()


async def test_the_options_are_wrong() -> None:
    with pytest.raises(HardwareError) as caught:
        await probe(Options(map="sdm", port="/dev/null"))
    assert caught.value.reason is HardwareErrorReason.BAD_OPTION
