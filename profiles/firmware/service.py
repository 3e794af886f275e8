"""The rules of firmware: this station is given new firmware by its owner, not by the CSMS, so it never has an update to tell of."""

from typing import TYPE_CHECKING

from profiles.firmware.facts import FirmwareStatusReported, SignedFirmwareStatusReported
from profiles.service import BlockService

if TYPE_CHECKING:
    pass


class FirmwareService(BlockService):
    """Functional block L."""

    __slots__ = ()

    def status(self) -> FirmwareStatusReported:
        """How far the update is: without one, Idle (F06.FR.16; 1.6 §4.5)."""
        return FirmwareStatusReported(status="Idle")

    def signed_status(self) -> SignedFirmwareStatusReported:
        """How far the signed update is (1.6 security extension L01.FR.25)."""
        return SignedFirmwareStatusReported(status="Idle")
