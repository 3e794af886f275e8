"""What the station sends in vendor messages."""

import msgspec

from chargepoint.station.facts import Fact


class DataTransferAnswer(msgspec.Struct, frozen=True):
    """status: Accepted, Rejected, UnknownMessageId, UnknownVendorId. data: whatever the vendor agreed on."""

    status: str
    data: object = None


class DataTransferRequested(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A vendor message to the CSMS. Answer: DataTransferAnswer. data: any JSON value in 2.x; text in 1.6."""

    vendor_id: str
    message_id: str | None = None
    data: object = None
