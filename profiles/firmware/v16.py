"""Firmware in 1.6: FirmwareStatusNotification, and SignedFirmwareStatusNotification of the security extension."""

from chargepoint.wire import v16 as wire
from profiles.firmware.facts import FirmwareStatusReported, SignedFirmwareStatusReported
from profiles.mapping import Table, word

table = Table()


@table.sends(FirmwareStatusReported, "FirmwareStatusNotification")
def reported(fact: FirmwareStatusReported, _station: object) -> wire.FirmwareStatusNotificationRequest:
    """1.6 §4.5."""
    return wire.FirmwareStatusNotificationRequest(status=word(fact.status))


@table.sends(SignedFirmwareStatusReported, "SignedFirmwareStatusNotification")
def signed(fact: SignedFirmwareStatusReported, _station: object) -> wire.SignedFirmwareStatusNotificationRequest:
    """1.6 security extension L01."""
    return wire.SignedFirmwareStatusNotificationRequest(status=word(fact.status), request_id=fact.request_id)
