"""Vendor messages from the CSMS."""

from chargepoint.station.command import Command


class DataTransfer(Command, frozen=True, kw_only=True):
    """A vendor message. Result: DataTransferAnswer. (2.x P01; 1.6 §5.6)"""

    vendor_id: str
    message_id: str | None = None
    data: object = None
