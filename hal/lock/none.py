"""The lock of a connector that has none: a tethered cable."""

import msgspec

from hal.contract import Emit, HardwareError, HardwareErrorReason, LockChanged, Resources

__all__ = ["NoLock"]


class NoLock:
    """A fixed cable cannot be pulled out of the station: it counts as locked always, and cannot be unlocked."""

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """None."""

    def __init__(self, options: Options, resources: Resources, evse_id: int, connector_id: int) -> None:
        self._evse_id = evse_id
        self._connector_id = connector_id

    async def open(self, emit: Emit) -> None:
        """Emit that the cable is held."""
        emit(LockChanged(self._evse_id, self._connector_id, locked=True))

    async def close(self) -> None:
        """Nothing to release."""

    async def lock(self) -> None:
        """Nothing to do: the cable is held."""

    async def unlock(self) -> None:
        """Raises: HardwareError UNSUPPORTED (OCPP 1.6 §5.18: UnlockConnector is answered NotSupported)."""
        text = f"Connector {self._connector_id} of EVSE {self._evse_id} has a fixed cable: there is nothing to unlock."
        raise HardwareError(HardwareErrorReason.UNSUPPORTED, text)
