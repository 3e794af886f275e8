"""One reading of a meter by its register map: blocks of registers in, SI values out. Knows no faults and remembers no values."""

import logging
from collections.abc import Mapping, Set
from dataclasses import replace

from hal.contract import HardwareError, HardwareErrorReason, MeterReading, Time
from hal.meter.codec import DataType, WordOrder, decode
from hal.meter.layout import Block, Layout, Span
from hal.meter.register_map import IMPORT_REGISTER, Key, Register, RegisterMap
from hal.modbus import Bus, FunctionCode, ModbusRefusedError, RefusalCode, Timing

__all__ = ["MapReader"]

_SUNSPEC_STARTS = (40000, 50000, 0)  # where the marker may be (SunSpec Device Information Model Specification §6)
_SUNSPEC_MARKER = (0x5375, 0x6E53)  # "SunS"
_SUNSPEC_END = 0xFFFF
_NOT_THERE = {RefusalCode.ILLEGAL_DATA_ADDRESS, RefusalCode.ILLEGAL_DATA_VALUE}
_INTEGERS = {DataType.U16, DataType.S16, DataType.U32, DataType.S32, DataType.U64, DataType.S64}

log = logging.getLogger(__name__)

_Words = dict[tuple[int, int], int]


class MapReader:
    """Reads one device.

    steps: the resolution of each quantity in its unit, where the map tells it.
    """

    def __init__(
        self,
        bus: Bus,
        register_map: RegisterMap,
        device_id: int,
        timing: Timing,
        time: Time,
        *,
        word_order: WordOrder | None = None,
        slow_every: int = 1,
    ) -> None:
        self.steps: Mapping[Key, float] = {
            key: register.scale
            for register in register_map.registers
            if register.type in _INTEGERS and register.exponent_address is None
            for key in register.keys
        }
        self._map = register_map
        self._device_id = device_id
        self._bus = bus
        self._timing = timing
        self._time = time
        self._word_order = word_order
        self._slow_every = slow_every
        self._fast_before_slow = 0
        self._start: int | None = None if register_map.sunspec_model is not None else -register_map.base
        self._layout = Layout(
            maximum_registers=register_map.maximum_registers, gap_registers=register_map.gap_registers
        )
        self._import_spans = {
            span
            for register in register_map.registers
            if register.key == IMPORT_REGISTER
            for span in self._spans(register)
        }

    async def read(self) -> MeterReading:
        """All quantities of the meter, or all but the slow ones while those are not due.

        Raises: HardwareError; BAD_ANSWER when the map cannot be that of this meter.
        """
        slow = self._fast_before_slow == 0
        fast_after_this = (self._slow_every if slow else self._fast_before_slow) - 1
        self._fast_before_slow = 0  # after an error, everything
        wanted = [register for register in self._map.registers if slow or register.group == "fast"]
        words, monotonic = await self._read_words({span for register in wanted for span in self._spans(register)})
        self._fast_before_slow = fast_after_this
        values = {key: value for register in self._map.registers for key, value in self._values(register, words)}
        return MeterReading(monotonic=monotonic, values=values)

    async def identify(self) -> str | None:
        """What the meter says it is; None when the map knows no place where it says so.

        Raises: HardwareError; BAD_ANSWER when it is another meter than the map is for.
        """
        known = self._map.identification
        if known is None:
            return None
        code = known.function_code or self._map.function_code
        words = await self._ask(Block(code, known.address - self._map.base, known.count))
        text = b"".join(word.to_bytes(2, "big") for word in words).decode("ascii", "replace")
        if known.texts and text.startswith(known.texts):
            return text.strip(" \0")
        if words[0] in known.numbers:
            return str(words[0])
        said = repr(text) if known.texts else str(words[0])
        expected = " or ".join(repr(one) for one in known.texts or known.numbers)
        raise HardwareError(
            HardwareErrorReason.BAD_ANSWER,
            f"Device {self._device_id} says it is {said}, but the map {self._map.name} is for {expected}",
        )

    async def touch(self) -> None:
        """Ask for as little as possible, to see whether anybody answers. A refusal is an answer, too.

        Raises: HardwareError when nobody does.
        """
        first = min(self._map.registers, key=lambda register: register.count)
        address = 0 if self._map.sunspec_model is not None else first.address - self._map.base
        try:
            await self._ask(Block(first.function_code or self._map.function_code, address, first.count))
        except ModbusRefusedError as refusal:
            if refusal.reason is HardwareErrorReason.NO_ANSWER:  # that was a gateway
                raise

    def forget(self) -> None:
        """Contact was lost: the next device to answer may be another one."""
        self._layout = _layout_of(self._map)
        if self._map.sunspec_model is not None:
            self._start = None

    # --- asking ------------------------------------------------------------------------------------------------------

    async def _read_words(self, spans: Set[Span]) -> tuple[_Words, float]:
        """The registers, and the time when the one that billing is made from was read."""
        if self._start is None:
            self._start = await self._find_model(self._map.sunspec_model)
        while True:
            words: _Words = {}
            monotonic = self._time.monotonic()
            for block in self._layout.blocks(spans):
                try:
                    answer = await self._ask(replace(block, address=self._start + block.address))
                except ModbusRefusedError as refusal:
                    if refusal.code not in _NOT_THERE:
                        raise
                    self._learn(refusal, block, spans)
                    break
                words.update(((block.function_code, block.address + index), word) for index, word in enumerate(answer))
                if any(block.address <= span.address < block.end for span in self._import_spans):
                    monotonic = self._time.monotonic()
            else:
                return words, monotonic

    def _learn(self, refusal: ModbusRefusedError, block: Block, spans: Set[Span]) -> None:
        self._layout.learn_refusal(block, spans)
        log.info("%s; asking in smaller pieces, without %d numbers", refusal, len(self._layout.refused))
        if self._layout.refused & self._import_spans:
            self._layout.refused -= self._import_spans  # the next reading asks again: it may have been starting up
            raise HardwareError(
                HardwareErrorReason.BAD_ANSWER,
                f"The meter does not have the energy register of a {self._map.name}; is the register map right? {refusal}",
            ) from refusal

    async def _find_model(self, wanted: int | None) -> int:
        """The address of the header of a SunSpec model: walk the chain of models from the marker."""
        code = self._map.function_code
        for start in _SUNSPEC_STARTS:
            try:
                marker = await self._ask(Block(code, start, 2))
            except ModbusRefusedError as refusal:
                if refusal.code not in _NOT_THERE:
                    raise
                continue
            if marker == _SUNSPEC_MARKER:
                break
        else:
            raise HardwareError(HardwareErrorReason.BAD_ANSWER, f"Device {self._device_id} does not speak SunSpec")
        address = start + 2
        while address < 0xFFFE:
            model, length = await self._ask(Block(code, address, 2))
            if model == wanted:
                return address
            if model == _SUNSPEC_END:
                break
            address += 2 + length
        raise HardwareError(HardwareErrorReason.BAD_ANSWER, f"Device {self._device_id} has no SunSpec model {wanted}")

    async def _ask(self, block: Block) -> tuple[int, ...]:
        code = FunctionCode(block.function_code)
        return await self._bus.read(self._device_id, code, block.address, block.count, timing=self._timing)

    # --- values ------------------------------------------------------------------------------------------------------

    def _spans(self, register: Register) -> list[Span]:
        code = register.function_code or self._map.function_code
        spans = [Span(code, register.address, register.count)]
        if register.exponent_address is not None:
            spans.append(Span(code, register.exponent_address, 1))
        return spans

    def _values(self, register: Register, words: _Words) -> list[tuple[Key, float]]:
        spans = self._spans(register)
        read = [words.get((span.function_code, address)) for span in spans for address in range(span.address, span.end)]
        present = [word for word in read if word is not None]
        if len(present) < len(read) or self._layout.refused & set(spans):
            return []
        exponent = 0
        if register.exponent_address is not None:
            exponent = int(decode(present[-1:], DataType.S16) or 0)
        value = decode(
            present[: register.count],
            register.type,
            self._word_order or register.word_order or self._map.word_order,
            scale=register.scale,
            exponent=exponent,
            invalid=register.invalid,
        )
        if value is None:
            return []
        if register.negative is None:
            return [(register.key, value)]
        return [(register.key, max(value, 0.0)), ((register.negative, register.phase), max(-value, 0.0))]


def _layout_of(register_map: RegisterMap) -> Layout:
    return Layout(maximum_registers=register_map.maximum_registers, gap_registers=register_map.gap_registers)
