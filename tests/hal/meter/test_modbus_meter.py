"""The driver: readings, silence, nonsense, and what the station is told of it. Over a real terminal."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hal.contract import EnergyMeter, HardwareError, HardwareErrorReason
from hal.fault import FaultName
from hal.meter.modbus_meter import ModbusMeter, Options
from hal.modbus import RefusalCode
from hal.registry import load, options_type
from hal.sim.modbus_meter import SimulatedLine, SimulatedModbusMeter, refuse

IMPORT = ("Energy.Active.Import.Register", None)
LOST = FaultName.METER_COMMUNICATION_FAULT
ODD = FaultName.METER_IMPLAUSIBLE
HASTY: dict[str, Any] = {"timeout_second": 0.05}
"""For readings that are sure not to be answered."""


class TestReading:
    async def test_gives_all_values_of_this_moment(self, driver, station, shown) -> None:
        meter = await driver()
        assert isinstance(meter, EnergyMeter)
        station.now = 4711.0
        shown[IMPORT] += 100
        reading = await meter.read()
        assert reading.monotonic == 4711.0
        assert reading.energy_import_watt_hour == shown[IMPORT]
        assert reading.values["Voltage", "L1-N"] == 230.0
        assert not station.events

    async def test_has_no_value_for_what_the_meter_has_not(self, driver) -> None:
        reading = await (await driver()).read()
        assert ("Voltage", "L2-N") not in reading.values  # NaN on the wire
        assert ("SoC", None) not in reading.values

    async def test_asks_for_blocks_and_not_for_single_registers(self, driver, line: SimulatedLine) -> None:
        await driver()
        assert [(request.address, request.quantity) for request in line.history] == [(0x00, 80), (0x15A, 30)]

    async def test_of_power_that_flows_back_is_export(self, driver, shown) -> None:
        shown["Power.Active.Import", None] = -1200.0
        reading = await (await driver()).read()
        assert reading.values["Power.Active.Import", None] == 0
        assert reading.values["Power.Active.Export", None] == 1200

    async def test_of_a_meter_that_is_wired_the_other_way_round(self, driver, shown) -> None:
        shown |= {("Energy.Active.Export.Register", None): 5000.0, ("Power.Active.Import", None): -1200.0}
        reading = await (await driver(direction="reversed")).read()
        assert reading.energy_import_watt_hour == 5000
        assert reading.values["Energy.Active.Export.Register", None] == 1_234_500
        assert reading.values["Power.Active.Import", None] == 1200
        assert reading.values["Current.Import", "L1"] == 16

    async def test_two_at_once_are_two_readings(self, driver, line: SimulatedLine) -> None:
        meter = await driver()
        one, other = await asyncio.gather(meter.read(), meter.read())
        assert one == other
        assert len(line.history) == 2 * 3

    async def test_slow_registers_come_with_every_nth(self, driver, line: SimulatedLine, shown) -> None:
        shown["Energy.Active.Import.Register", "L1"] = 1000.0
        meter = await driver(slow_every=3)
        seen = [("Energy.Active.Import.Register", "L1") in (await meter.read()).values for _ in range(6)]
        assert seen == [False, False, True, False, False, True]  # the first was read by open()

    async def test_word_order_can_be_set_against_the_map(self, station, shown) -> None:
        line = SimulatedLine(SimulatedModbusMeter("carlo_gavazzi_em111", lambda: shown, word_order="big"))
        options = Options(map="carlo_gavazzi_em111", host="127.0.0.1", tcp_port=await line.open_tcp(), word_order="big")
        meter = ModbusMeter(options, station.resources)
        await meter.open(station.emit)
        assert (await meter.read()).values["Voltage", "L1-N"] == 230.0
        await meter.close()
        await line.close()

    async def test_two_meters_share_a_line(self, station, shown) -> None:
        others = {IMPORT: 5000.0}
        line = SimulatedLine(
            SimulatedModbusMeter("eastron_sdm630", lambda: shown),
            SimulatedModbusMeter("abb_b21", lambda: others, device_id=2),
        )
        port = await line.open_pty()
        one = ModbusMeter(Options(map="eastron_sdm630", port=port, timeout_second=20, gap_second=0), station.resources)
        other = ModbusMeter(
            Options(map="abb_b21", port=port, device_id=2, timeout_second=20, gap_second=0), station.resources
        )
        await asyncio.gather(one.open(station.emit), other.open(station.emit))
        readings = await asyncio.gather(one.read(), other.read(), one.read(), other.read())
        assert [reading.energy_import_watt_hour for reading in readings] == [1_234_500, 5000, 1_234_500, 5000]
        await one.close()
        assert (await other.read()).energy_import_watt_hour == 5000
        await other.close()
        await line.close()


class TestSilence:
    async def test_at_the_start_is_a_fault_that_ends_by_itself(self, driver, station, line: SimulatedLine) -> None:
        line.silence()
        await driver(**HASTY, evse_id=3)
        assert station.told == [("raised", LOST)]
        assert station.events[0].fault.evse_id == 3
        assert line.port in station.events[0].fault.message
        line.heal()
        await station.hear(("raised", LOST), ("cleared", LOST))

    async def test_later_is_a_fault_after_so_many_readings(self, driver, station, line: SimulatedLine) -> None:
        meter = await driver(failures=3, retry_second=3600)
        line.spoil(*[refuse(RefusalCode.SERVER_DEVICE_FAILURE)] * 2)
        for _ in range(2):
            await fails(meter, HardwareErrorReason.BAD_ANSWER)
        await meter.read()
        line.spoil_always(refuse(RefusalCode.SERVER_DEVICE_FAILURE))
        for _ in range(2):
            await fails(meter, HardwareErrorReason.BAD_ANSWER)
        assert not station.events  # the good one in between counts
        for _ in range(2):
            await fails(meter, HardwareErrorReason.BAD_ANSWER)
        assert station.told == [("raised", LOST)]
        line.heal()
        await meter.read()
        assert station.told == [("raised", LOST), ("cleared", LOST)]

    async def test_is_noticed_when_nobody_reads(self, driver, station, line: SimulatedLine) -> None:
        await driver(check_second=0.01)
        line.spoil_always(refuse(RefusalCode.SERVER_DEVICE_FAILURE))
        await station.hear(("raised", LOST))
        line.heal()
        await station.hear(("raised", LOST), ("cleared", LOST))

    async def test_in_the_middle_of_a_reading_gives_no_half_of_it(self, driver, line: SimulatedLine, shown) -> None:
        meter = await driver()
        line.spoil(lambda answer: ((0.0, answer),), refuse(RefusalCode.GATEWAY_TARGET_SILENT))
        await fails(meter, HardwareErrorReason.NO_ANSWER)
        shown[IMPORT] += 100
        assert (await meter.read()).energy_import_watt_hour == shown[IMPORT]

    async def test_of_a_port_that_is_absent_and_comes(self, driver, station, simulated, tmp_path: Path) -> None:
        link = tmp_path / "usb-adapter"
        meter = await driver(port=str(link))
        assert station.told == [("raised", LOST)]
        assert "plugged in" in station.events[0].fault.message
        await fails(meter, HardwareErrorReason.NO_ANSWER)
        line = SimulatedLine(simulated)
        await line.open_pty(link)
        await station.hear(("raised", LOST), ("cleared", LOST))
        line.unplug()
        for _ in range(3):
            await fails(meter, HardwareErrorReason.NO_ANSWER)
        assert station.told[2:] == [("raised", LOST)]
        line.plug()
        await station.hear(*[("raised", LOST), ("cleared", LOST)] * 2)
        assert (await meter.read()).energy_import_watt_hour == 1_234_500
        await line.close()

    async def test_after_close_and_before_open(self, driver, station, line: SimulatedLine) -> None:
        meter = await driver()
        await meter.close()
        await fails(meter, HardwareErrorReason.NO_ANSWER)
        await meter.close()
        await meter.open(station.emit)
        assert (await meter.read()).energy_import_watt_hour == 1_234_500

    async def test_a_cancelled_reading_counts_for_nothing(self, driver, station, line: SimulatedLine) -> None:
        meter = await driver(failures=1)
        line.hold()
        reading = asyncio.create_task(meter.read())
        await line.asked(3)
        reading.cancel()
        await asyncio.wait({reading})
        line.release()
        assert (await meter.read()).energy_import_watt_hour == 1_234_500
        assert not station.events

    async def test_open_can_be_cancelled(self, station, line: SimulatedLine) -> None:
        line.hold()
        meter = ModbusMeter(Options(map="eastron_sdm630", port=line.port, timeout_second=20), station.resources)
        opening = asyncio.create_task(meter.open(station.emit))
        await line.asked(1)
        opening.cancel()
        await asyncio.wait({opening})
        line.release()
        assert opening.cancelled()
        await meter.open(station.emit)  # the port is free again
        assert (await meter.read()).energy_import_watt_hour == 1_234_500
        await meter.close()


class TestNonsense:
    async def test_an_energy_that_falls_is_absent_and_a_fault(self, driver, station, shown) -> None:
        meter = await driver()
        station.now += 10
        shown[IMPORT] = 230.0
        reading = await meter.read()
        assert reading.energy_import_watt_hour is None
        assert reading.values["Voltage", "L1-N"] == 230.0
        assert station.told == [("raised", ODD)]
        assert "fell from 1234500 to 230" in station.events[0].fault.message
        station.now += 10
        shown[IMPORT] = 1_234_600.0
        assert (await meter.read()).energy_import_watt_hour == 1_234_600
        assert station.told == [("raised", ODD), ("cleared", ODD)]

    async def test_an_energy_that_jumps_is_absent(self, driver, station, shown) -> None:
        meter = await driver(maximum_watt=22_000, rise_factor=1.0)
        station.now += 3600
        shown[IMPORT] += 22_000
        assert (await meter.read()).energy_import_watt_hour == shown[IMPORT]
        station.now += 3600
        shown[IMPORT] += 22_100
        assert (await meter.read()).energy_import_watt_hour is None
        assert station.told == [("raised", ODD)]

    async def test_a_new_meter_is_taken_up_without_a_restart(self, driver, station, shown) -> None:
        meter = await driver(retry_second=3600, confirmation_second=60)
        shown[IMPORT] = 0.0
        seen = []
        for _ in range(4):
            station.now += 30
            seen.append((await meter.read()).energy_import_watt_hour)
        assert seen == [None, None, 0.0, 0.0]
        assert station.told == [("raised", ODD), ("cleared", ODD)]


class TestRefusals:
    async def test_what_a_model_has_not_is_absent(self, station, line: SimulatedLine) -> None:
        """iEM3x50 count import only (hardware facts §1.2)."""
        lacks = [
            ("Energy.Active.Export.Register", None),
            *(("Energy.Active.Import.Register", phase) for phase in ("L1", "L2", "L3")),
        ]
        values = {IMPORT: 5000.0, ("Energy.Reactive.Import.Register", None): 7.0}
        simulated = SimulatedModbusMeter("schneider_iem3000", lambda: values, lacks=lacks, unmapped="refuse")
        line = SimulatedLine(simulated)
        options = Options(map="schneider_iem3000", host="127.0.0.1", tcp_port=await line.open_tcp(), gap_second=0)
        meter = ModbusMeter(options, station.resources)
        await meter.open(station.emit)
        before = len(line.history)
        reading = await meter.read()
        assert reading.energy_import_watt_hour == 5000
        assert reading.values["Energy.Reactive.Import.Register", None] == 7
        assert not set(lacks) & set(reading.values)
        assert len(line.history) - before < before  # what was refused is not asked for again
        assert not station.events
        await meter.close()
        await line.close()

    async def test_a_meter_that_refuses_gaps_is_asked_without(self, station, shown) -> None:
        line = SimulatedLine(SimulatedModbusMeter("eastron_sdm120", lambda: shown, unmapped="refuse"))
        meter = ModbusMeter(Options(map="eastron_sdm120", port=await line.open_pty(), gap_second=0), station.resources)
        await meter.open(station.emit)
        reading = await meter.read()
        assert reading.energy_import_watt_hour == shown[IMPORT]
        assert reading.values["Current.Import", "L1"] == 16
        assert not station.events
        await meter.close()
        await line.close()

    async def test_of_the_energy_mean_that_the_map_is_wrong(self, station, shown) -> None:
        line = SimulatedLine(
            simulated := SimulatedModbusMeter("eastron_sdm120", lambda: shown, lacks=[IMPORT], unmapped="refuse")
        )
        meter = ModbusMeter(Options(map="eastron_sdm120", port=await line.open_pty(), gap_second=0), station.resources)
        await meter.open(station.emit)
        assert station.told == [("raised", LOST)]
        for _ in range(5):
            with pytest.raises(HardwareError, match="is the register map right") as caught:
                await meter.read()
            assert caught.value.reason is HardwareErrorReason.BAD_ANSWER
        simulated.lacks.clear()  # it was only starting up
        reading = await meter.read()
        assert reading.energy_import_watt_hour == shown[IMPORT]
        assert reading.values["Current.Import", "L1"] == 16
        assert station.told == [("raised", LOST), ("cleared", LOST)]
        await meter.close()
        await line.close()

    @pytest.mark.parametrize("name", ["eastron_sdm630", "sunspec_201"])
    async def test_a_device_that_is_no_such_sunspec_meter(self, station, name: str) -> None:
        line = SimulatedLine(SimulatedModbusMeter(name, dict, device_id=1, unmapped="refuse"))
        options = Options(map="sunspec_203", host="127.0.0.1", tcp_port=await line.open_tcp(), gap_second=0)
        meter = ModbusMeter(options, station.resources)
        await meter.open(station.emit)
        with pytest.raises(HardwareError, match="SunSpec") as caught:
            await meter.read()
        assert caught.value.reason is HardwareErrorReason.BAD_ANSWER
        await meter.close()
        await line.close()


class TestOptions:
    def test_are_found_by_the_name_of_the_driver(self) -> None:
        assert options_type("meter", "modbus") is Options
        assert load("meter", "modbus") is ModbusMeter

    async def test_the_evse_is_that_of_the_station_not_of_the_options(self, station, tmp_path: Path) -> None:
        options = Options(map="eastron_sdm630", port=str(tmp_path / "none"), evse_id=1)
        meter = ModbusMeter(options, station.resources, 2)
        await meter.open(station.emit)
        await meter.close()
        assert [event.fault.evse_id for event in station.events] == [2]

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({}, "either port or host"),
            ({"port": "/dev/ttyUSB0", "host": "gateway"}, "either port or host"),
            ({"port": "/dev/ttyUSB0", "framer": "socket"}, "socket"),
            ({"port": "/dev/ttyUSB0", "map": "sdm630"}, "eastron_sdm630"),
            ({"port": "/dev/ttyUSB0", "map": "phoenix_eem_350", "direction": "reversed"}, "one direction"),
        ],
    )
    def test_that_contradict_themselves(self, station, options: dict[str, Any], sentence: str) -> None:
        with pytest.raises(HardwareError, match=sentence) as caught:
            ModbusMeter(Options(**({"map": "eastron_sdm630"} | options)), station.resources)
        assert caught.value.reason is HardwareErrorReason.BAD_OPTION

    def test_that_contradict_another_meter_on_the_line(self, station) -> None:
        ModbusMeter(Options(map="eastron_sdm630", port="/dev/ttyUSB0"), station.resources)
        with pytest.raises(HardwareError, match=r"9600.*115200") as caught:
            ModbusMeter(Options(map="iskra_wm3m4", port="/dev/ttyUSB0"), station.resources)
        assert caught.value.reason is HardwareErrorReason.BAD_OPTION

    @pytest.mark.parametrize(
        "options",
        [
            {"prot": "/dev/ttyUSB0"},
            {"baudrate": "fast"},
            {"device_id": 256},
            {"timeout_second": 0},
            {"rise_factor": 0.5},
            {"parity": "X"},
        ],
    )
    def test_that_are_none(self, options: dict[str, Any]) -> None:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"map": "eastron_sdm630", "port": "/dev/ttyUSB0"} | options, Options)


async def fails(meter: ModbusMeter, reason: HardwareErrorReason) -> None:
    """A reading fails for this reason."""
    with pytest.raises(HardwareError) as caught:
        await meter.read()
    assert caught.value.reason is reason
