"""Extensions: what a third party adds to DataTransfer, by an entry point in its own package.

The group is `chargepoint.data_transfer`, the name is the vendorId, and the object makes the handler of one station:

    [project.entry-points."chargepoint.data_transfer"]
    "com.example" = "example_station:extend"

    def extend(line: VendorLine) -> Handler:
        def handle(message_id: str | None, data: object) -> DataTransferAnswer | None:
            if message_id != "Door":
                return None  # UnknownMessageId
            return DataTransferAnswer("Accepted", "closed")
        return handle

A handler runs within the station's turn: it answers at once, and waits for nothing. What it raises is answered with InternalError.
"""

import functools
import logging
from collections.abc import Callable
from importlib.metadata import entry_points

from chargepoint.station.facts import Refused
from profiles.data_transfer.facts import DataTransferAnswer

ENTRY_POINT_GROUP = "chargepoint.data_transfer"

_log = logging.getLogger(__name__)

Handler = Callable[[str | None, object], DataTransferAnswer | None]
"""Takes message id and data (text in 1.6, any JSON value in 2.x); returns the answer, or None when it does not know the message id."""
Answered = Callable[[DataTransferAnswer | Refused], None]
Send = Callable[[str | None, object, Answered], None]


class VendorLine:
    """A vendor's line to the CSMS, from one station. send(message_id, data, answered): `answered` is called once, in a later turn."""

    __slots__ = ("send", "station_id", "vendor_id")

    def __init__(self, station_id: str, vendor_id: str, send: Send) -> None:
        self.station_id = station_id
        self.vendor_id = vendor_id
        self.send = send


Extension = Callable[[VendorLine], Handler]


@functools.cache
def extensions() -> tuple[tuple[str, Extension], ...]:
    """(vendorId, extension) of every package that has one, looked up once per process. What cannot be imported is logged and left out."""
    found: list[tuple[str, Extension]] = []
    for point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            found.append((point.name, point.load()))
        except Exception:
            _log.exception("the DataTransfer extension of %s (%s) cannot be imported", point.name, point.value)
    return tuple(found)
