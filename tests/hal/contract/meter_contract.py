"""What every energy meter promises (hal/contract.py)."""

import asyncio
from math import isfinite
from typing import Protocol

import pytest

from hal.contract import EnergyMeter, FaultName, FaultRaised, HardwareError, HardwareErrorReason, ImmediateMeter
from tests.hal.contract.ears import LONGEST_WAIT_SECOND, Ears

__all__ = ["MeterContract", "MeterRig"]

IMPORT = ("Energy.Active.Import.Register", None)
UNITS = {"Energy", "Power", "Current", "Voltage", "Frequency", "SoC", "Temperature"}


class MeterRig(Protocol):
    """The meter of EVSE 1, not yet open, and what it is wired into."""

    meter: EnergyMeter

    def show_energy(self, watt_hour: float) -> None:
        """Let the import register show this, a believable while after what it showed before."""

    def hide(self, measurand: str, phase: str | None) -> None:
        """The device no longer has that quantity, or marks it as invalid."""

    def now(self) -> float:
        """`Time.monotonic()` of the driver."""
        ...

    def silence(self) -> None:
        """The device no longer answers."""

    def heal(self) -> None:
        """It answers again."""


class MeterContract:
    """Subclass it with a fixture `rig`, which closes the meter at its end."""

    @pytest.fixture
    def ears(self) -> Ears:
        return Ears()

    @pytest.fixture
    async def opened(self, rig: MeterRig, ears: Ears) -> MeterRig:
        rig.show_energy(1000)
        await self.patiently(rig.meter.open(ears))
        assert ears.take() == []
        return rig

    async def patiently(self, call):
        async with asyncio.timeout(LONGEST_WAIT_SECOND):
            return await call

    def test_it_is_a_meter(self, rig: MeterRig) -> None:
        assert isinstance(rig.meter, EnergyMeter)

    async def test_it_reads_watt_hours_of_this_instant(self, opened: MeterRig) -> None:
        before = opened.now()
        reading = await self.patiently(opened.meter.read())
        assert reading.energy_import_watt_hour == pytest.approx(1000)
        assert before <= reading.monotonic <= opened.now()

    async def test_all_values_are_numbers_of_known_measurands(self, opened: MeterRig) -> None:
        reading = await self.patiently(opened.meter.read())
        assert all(isfinite(value) for value in reading.values.values())
        assert {measurand.partition(".")[0] for measurand, _ in reading.values} <= UNITS
        for measurand, phase in reading.values:
            assert phase is None or phase in (
                {"L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"} if measurand == "Voltage" else {"L1", "L2", "L3"}
            )

    async def test_every_reading_is_new(self, opened: MeterRig) -> None:
        for watt_hour in (1010, 1020, 1030):
            opened.show_energy(watt_hour)
            reading = await self.patiently(opened.meter.read())
            assert reading.energy_import_watt_hour == pytest.approx(watt_hour)

    async def test_a_reading_does_not_change_afterwards(self, opened: MeterRig) -> None:
        reading = await self.patiently(opened.meter.read())
        before = dict(reading.values)
        opened.show_energy(1010)
        await self.patiently(opened.meter.read())
        assert dict(reading.values) == before

    async def test_what_the_meter_does_not_have_is_absent(self, opened: MeterRig) -> None:
        key = ("Voltage", "L1-N")
        assert key in (await self.patiently(opened.meter.read())).values
        opened.hide(*key)
        assert key not in (await self.patiently(opened.meter.read())).values

    async def test_a_silent_meter_gives_no_value_and_is_one_fault_until_it_answers(
        self, opened: MeterRig, ears: Ears
    ) -> None:
        opened.silence()
        for _ in range(4):
            with pytest.raises(HardwareError) as caught:
                await self.patiently(opened.meter.read())
            assert caught.value.reason is HardwareErrorReason.NO_ANSWER
        (raised,) = ears.told(FaultRaised)
        assert raised.fault.key == (FaultName.METER_COMMUNICATION_FAULT, 1, 0)
        ears.take()
        opened.show_energy(1020)
        opened.heal()
        (cleared,) = await ears.hear()  # it goes on trying by itself
        assert cleared.fault.key == raised.fault.key
        assert (await self.patiently(opened.meter.read())).energy_import_watt_hour == pytest.approx(1020)

    async def test_open_on_a_silent_meter_raises_its_fault_and_no_error(self, rig: MeterRig, ears: Ears) -> None:
        rig.silence()
        await self.patiently(rig.meter.open(ears))
        assert ears.faults(FaultName.METER_COMMUNICATION_FAULT) == ["raised"]
        ears.take()
        rig.show_energy(1000)
        rig.heal()
        await ears.hear()
        assert (await self.patiently(rig.meter.read())).energy_import_watt_hour == pytest.approx(1000)

    async def test_a_reading_that_is_cancelled_does_not_spoil_the_next(self, opened: MeterRig) -> None:
        reading = asyncio.create_task(opened.meter.read())
        await asyncio.sleep(0)
        reading.cancel()
        opened.show_energy(1030)
        assert (await self.patiently(opened.meter.read())).energy_import_watt_hour == pytest.approx(1030)

    async def test_readings_at_the_same_time_are_all_answered(self, opened: MeterRig) -> None:
        readings = await self.patiently(asyncio.gather(*(opened.meter.read() for _ in range(5))))
        assert [reading.energy_import_watt_hour for reading in readings] == pytest.approx([1000] * 5)

    async def test_after_close_nothing_is_heard_and_it_can_be_opened_again(self, opened: MeterRig, ears: Ears) -> None:
        await self.patiently(opened.meter.close())
        opened.silence()
        await asyncio.sleep(0.05)  # time enough for a driver that goes on
        assert ears.take() == []
        opened.heal()
        await self.patiently(opened.meter.open(ears))
        assert ears.take() == []

    async def test_an_immediate_meter_needs_no_waiting(self, opened: MeterRig) -> None:
        meter = opened.meter
        if not isinstance(meter, ImmediateMeter):
            pytest.skip("this meter has to be waited for")
        sample = meter.sample()
        assert sample is not None
        assert sample == await meter.read()
        opened.silence()
        assert meter.sample() is None
