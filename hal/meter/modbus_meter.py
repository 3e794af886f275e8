"""The driver for energy meters with Modbus, RTU or TCP, whatever the make: what differs is in a register map.

What it makes of trouble:
- A reading that fails raises and gives no value, neither an old one nor zero; `failures` of them in a row are
  a METER_COMMUNICATION_FAULT, the first good reading is its end. At `open()` the first one is enough.
- While there is a fault, and when nobody has asked for a while, the driver reads by itself.
- An energy register that does what energy cannot do (hal/meter/plausibility.py) is absent from the reading and
  a METER_IMPLAUSIBLE fault; the reading is good otherwise.
"""

import asyncio
import contextlib

from hal.contract import Emit, FaultCleared, FaultRaised, HardwareError, HardwareErrorReason, MeterReading, Resources
from hal.fault import Fault, FaultName
from hal.meter.map_reader import MapReader
from hal.meter.options import ModbusMeterOptions, line_of, timing_of
from hal.meter.plausibility import EnergyWatch
from hal.meter.register_map import IMPORT_REGISTER, Key, load_map
from hal.modbus import Bus

__all__ = ["ModbusMeter", "Options"]

# what a reading may fail with (EnergyMeter.read), by what the bus says
_REASONS = {
    HardwareErrorReason.ABSENT: HardwareErrorReason.NO_ANSWER,
    HardwareErrorReason.BUSY: HardwareErrorReason.NO_ANSWER,
    HardwareErrorReason.NO_ANSWER: HardwareErrorReason.NO_ANSWER,
}

Options = ModbusMeterOptions


class ModbusMeter:
    """An EnergyMeter behind a register map.

    evse_id: the EVSE that faults are reported for; None = the one that the options name, 0 = the station.
    Raises: HardwareError BAD_OPTION for options that contradict themselves, the map, or another device on the same line.
    """

    Options = ModbusMeterOptions

    def __init__(self, options: ModbusMeterOptions, resources: Resources, evse_id: int | None = None) -> None:
        self._options = options
        self._evse_id = options.evse_id if evse_id is None else evse_id
        register_map = load_map(options.map)
        if IMPORT_REGISTER not in {self._directed(key) for register in register_map.registers for key in register.keys}:
            raise HardwareError(
                HardwareErrorReason.BAD_OPTION,
                f"A {register_map.name} counts in one direction only, so with direction = {options.direction!r} nothing is left to bill",
            )
        self._bus = Bus.shared(resources, line_of(options, register_map))
        self._reader = MapReader(
            self._bus,
            register_map,
            register_map.defaults.device_id if options.device_id is None else options.device_id,
            timing_of(options),
            resources.time,
            word_order=options.word_order,
            slow_every=options.slow_every,
        )
        self._watch = EnergyWatch(
            maximum_watt=options.maximum_watt,
            rise_factor=options.rise_factor,
            confirmation_second=options.confirmation_second,
        )
        self._turn = asyncio.Lock()
        self._emit: Emit | None = None
        self._faults: dict[FaultName, Fault] = {}
        self._failed = 0
        self._asked_at = 0.0
        self._keeper: asyncio.Task[None] | None = None
        self._worried = asyncio.Event()

    async def open(self, emit: Emit) -> None:
        """Connect and read once. A meter or a port that is not there is a fault, and tried again for ever.

        Raises: HardwareError BAD_OPTION when the port cannot do what the options ask for.
        """
        await self._bus.open()
        self._emit = emit
        self._faults.clear()
        self._failed = self._options.failures - 1  # what is silent at the start is a fault at once
        try:
            with contextlib.suppress(HardwareError):  # it has been emitted as a fault
                await self.read()
        except BaseException:  # cancelled, too: what has not been opened holds nothing
            await self.close()
            raise
        self._keeper = asyncio.create_task(self._keep_contact(), name="meter contact")

    async def close(self) -> None:
        """Stop reading and let go of the line."""
        if self._emit is None:
            return
        self._emit = None
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
        self._reader.forget()
        await self._bus.close()

    async def read(self) -> MeterReading:
        """Read all quantities now; one caller at a time, in the order of the calls.

        Raises: HardwareError NO_ANSWER (also: no port), BAD_ANSWER (also: the meter refuses what the map asks for).
        """
        async with self._turn:
            if self._emit is None:
                raise HardwareError(HardwareErrorReason.NO_ANSWER, "The meter is not open")
            try:
                reading = await self._reader.read()
            except HardwareError as error:
                self._note_failure(error)
                raise HardwareError(_REASONS.get(error.reason, HardwareErrorReason.BAD_ANSWER), str(error)) from error
            finally:
                self._asked_at = asyncio.get_running_loop().time()
            return self._note_success(reading)

    # --- trouble -----------------------------------------------------------------------------------------------------

    async def _keep_contact(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            pause = self._options.retry_second if self._faults else self._options.check_second
            if (wait := self._asked_at + pause - loop.time()) > 0:
                self._worried.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._worried.wait()
                continue
            with contextlib.suppress(
                HardwareError
            ):  # read() has counted it, and raised the fault when it was one too many
                await self.read()

    def _note_failure(self, error: HardwareError) -> None:
        self._failed += 1
        if self._failed >= self._options.failures:
            self._reader.forget()
            self._raise(FaultName.METER_COMMUNICATION_FAULT, str(error))

    def _note_success(self, reading: MeterReading) -> MeterReading:
        self._failed = 0
        self._clear(FaultName.METER_COMMUNICATION_FAULT)
        values = {self._directed(key): value for key, value in reading.values.items()}
        steps = {self._directed(key): step for key, step in self._reader.steps.items()}
        values, doubts = self._watch.judge(values, steps, reading.monotonic)
        if doubts:
            self._raise(FaultName.METER_IMPLAUSIBLE, "; ".join(doubts))
        else:
            self._clear(FaultName.METER_IMPLAUSIBLE)
        return MeterReading(monotonic=reading.monotonic, values=values)

    def _directed(self, key: Key) -> Key:
        measurand, phase = key
        if self._options.direction == "normal" or measurand.startswith("Current."):  # meters show current without sign
            return key
        if ".Import" in measurand:
            return (measurand.replace(".Import", ".Export"), phase)
        return (measurand.replace(".Export", ".Import"), phase)

    def _raise(self, name: FaultName, message: str) -> None:
        if name not in self._faults and self._emit is not None:
            self._faults[name] = fault = Fault(name, evse_id=self._evse_id, message=message)
            self._worried.set()
            self._emit(FaultRaised(fault))

    def _clear(self, name: FaultName) -> None:
        fault = self._faults.pop(name, None)
        if fault is not None and self._emit is not None:
            self._emit(FaultCleared(fault))
