"""Variables of reservation."""

from chargepoint.station.variables import DataType, Mutability, Variable

RESERVATION_AVAILABLE = Variable(
    "ReservationCtrlr", "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY
)
RESERVATION_ENABLED = Variable("ReservationCtrlr", "Enabled", DataType.BOOLEAN, True)
RESERVATION_NON_EVSE_SPECIFIC = Variable(
    "ReservationCtrlr",
    "NonEvseSpecific",
    DataType.BOOLEAN,
    True,
    key16="ReserveConnectorZeroSupported",
    mutability=Mutability.READ_ONLY,
)
