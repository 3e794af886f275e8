"""Start and stop points: the conditions between which a transaction lasts (2.x E §1.1, TxStartPoint, TxStopPoint)."""

from chargepoint.station.evse import Evse

PARKING_BAY_OCCUPANCY = 1
EV_CONNECTED = 2
AUTHORIZED = 4
DATA_SIGNED = 8
POWER_PATH_CLOSED = 16
ENERGY_TRANSFER = 32

BITS: dict[str, int] = {
    "ParkingBayOccupancy": PARKING_BAY_OCCUPANCY,
    "EVConnected": EV_CONNECTED,
    "Authorized": AUTHORIZED,
    "DataSigned": DATA_SIGNED,
    "PowerPathClosed": POWER_PATH_CLOSED,
    "EnergyTransfer": ENERGY_TRANSFER,
}


def mask(points: tuple[str, ...]) -> int:
    """The bits of a list of point names."""
    bits = 0
    for point in points:
        bits |= BITS.get(point, 0)
    return bits


def conditions(evse: Evse, *, connected: bool) -> int:
    """The conditions that hold now.

    connected: whether a vehicle counts as connected (a session may be told to survive a disconnection, E10).
    """
    bits = PARKING_BAY_OCCUPANCY if evse.occupied else 0
    if connected:
        bits |= EV_CONNECTED
    if evse.authorization is not None:
        bits |= AUTHORIZED
        if connected:
            bits |= POWER_PATH_CLOSED
    if evse.contactor_closed and evse.requests_power:
        bits |= ENERGY_TRANSFER
    return bits
