"""The rules of firmware: this station is given new firmware by its owner, not by the CSMS, so it never has an update to tell of."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Service
from profiles.firmware.facts import FirmwareStatusReported, SignedFirmwareStatusReported

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class FirmwareService(Service):
    """Functional block L."""

    __slots__ = ()

    station: "ChargingStation"

    def status(self) -> FirmwareStatusReported:
        """How far the update is: without one, Idle (F06.FR.16; 1.6 §4.5)."""
        return FirmwareStatusReported(status="Idle")

    def signed_status(self) -> SignedFirmwareStatusReported:
        """How far the signed update is (1.6 security extension L01.FR.25)."""
        return SignedFirmwareStatusReported(status="Idle")
