"""Firmware in 2.x: FirmwareStatusNotification."""

from chargepoint.wire import v201 as wire
from profiles.firmware.facts import FirmwareStatusReported, SignedFirmwareStatusReported
from profiles.mapping import Table, word

table = Table()


@table.sends(FirmwareStatusReported, "FirmwareStatusNotification")
@table.sends(SignedFirmwareStatusReported, "FirmwareStatusNotification")
def reported(fact: FirmwareStatusReported, _station: object) -> wire.FirmwareStatusNotificationRequest:
    """L01, F06."""
    return wire.FirmwareStatusNotificationRequest(status=word(fact.status), request_id=fact.request_id)
