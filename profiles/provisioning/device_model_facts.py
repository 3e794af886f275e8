"""What the station reports of its device model."""

import msgspec

from chargepoint.station.device_model.address import ComponentName, VariableName
from chargepoint.station.facts import Fact
from chargepoint.station.instant import Instant
from chargepoint.station.variables import Attribute, DataType, Mutability


class ReportedAttribute(msgspec.Struct, frozen=True):
    """An attribute and its text. value: None = write-only."""

    attribute: Attribute
    value: str | None
    mutability: Mutability
    persistent: bool


class ReportEntry(msgspec.Struct, frozen=True):
    """One variable of one component, with all that is known of it (2.x ReportDataType)."""

    component: ComponentName
    variable: VariableName
    attributes: tuple[ReportedAttribute, ...]
    data_type: DataType
    unit: str
    minimum: float | None
    maximum: float | None
    values: tuple[str, ...]
    supports_monitoring: bool


class ReportPart(Fact, frozen=True, kw_only=True):
    """A part of a report (2.x NotifyReport). Answer: none.

    It travels as a request: nothing but transactions is kept for later when the connection is gone (2.x QueueAllMessages = false), and a
    CSMS that misses the end of a report asks for a new one.
    """

    request_id: int
    sequence: int
    instant: Instant
    entries: tuple[ReportEntry, ...]
    more: bool
