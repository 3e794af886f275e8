"""A Modbus exception response: the device understood the request and says no."""

from enum import IntEnum

from hal.contract import HardwareError, HardwareErrorReason

__all__ = ["ModbusRefusedError", "RefusalCode"]


class RefusalCode(IntEnum):
    """Exception codes (MODBUS Application Protocol V1.1b3 §7)."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_DATA_ADDRESS = 2
    ILLEGAL_DATA_VALUE = 3
    SERVER_DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    SERVER_DEVICE_BUSY = 6
    MEMORY_PARITY_ERROR = 8
    GATEWAY_PATH_UNAVAILABLE = 10
    GATEWAY_TARGET_SILENT = 11


_NAME: dict[int, str] = {code: code.name.lower().replace("_", " ") for code in RefusalCode}
_REASON: dict[int, HardwareErrorReason] = {
    RefusalCode.ILLEGAL_FUNCTION: HardwareErrorReason.UNSUPPORTED,
    RefusalCode.ILLEGAL_DATA_ADDRESS: HardwareErrorReason.UNSUPPORTED,
    RefusalCode.ILLEGAL_DATA_VALUE: HardwareErrorReason.UNSUPPORTED,
    RefusalCode.ACKNOWLEDGE: HardwareErrorReason.NO_ANSWER,
    RefusalCode.SERVER_DEVICE_BUSY: HardwareErrorReason.NO_ANSWER,
    RefusalCode.GATEWAY_PATH_UNAVAILABLE: HardwareErrorReason.NO_ANSWER,
    RefusalCode.GATEWAY_TARGET_SILENT: HardwareErrorReason.NO_ANSWER,
}
_ASK_AGAIN: set[int] = {RefusalCode.ACKNOWLEDGE, RefusalCode.SERVER_DEVICE_BUSY, RefusalCode.GATEWAY_TARGET_SILENT}


class ModbusRefusedError(HardwareError):
    """The device answered with an exception code instead of a result; `code` as the device sent it."""

    def __init__(self, code: int, text: str) -> None:
        name = _NAME.get(code, "unknown")
        super().__init__(_REASON.get(code, HardwareErrorReason.BAD_ANSWER), f"{text}: exception {code} ({name})")
        self.code = code

    @property
    def passes(self) -> bool:
        """The same request may succeed in a moment."""
        return self.code in _ASK_AGAIN
