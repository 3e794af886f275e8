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

ENDED_BY_DEAUTHORIZATION = AUTHORIZED | POWER_PATH_CLOSED | ENERGY_TRANSFER
"""The stop points that a revoked authorization brings to their end (E05.FR.10)."""


def mask(points: tuple[str, ...]) -> int:
    """The bits of a list of point names."""
    bits = 0
    for point in points:
        bits |= BITS.get(point, 0)
    return bits


def over(before: int, now: int, stop: int) -> bool:
    """Whether a transaction ends: a stop point has ceased to hold, or no stop point can cease to hold any more.

    That is where energy was to flow and now nobody is authorized, and where nothing holds at all: a transaction whose start and stop
    points do not fit each other would never end (warning in 2.x E §1.1).
    """
    if before & ~now & stop or not now:
        return True
    energy = AUTHORIZED | ENERGY_TRANSFER
    return bool(stop & ENERGY_TRANSFER and before & energy) and not now & energy


def conditions(evse: Evse, *, flowing: bool, signed: bool) -> int:
    """The conditions that hold now. flowing: whether energy flows. signed: whether the meter has signed a value for the session."""
    bits = PARKING_BAY_OCCUPANCY if evse.occupied else 0
    if evse.plugged:
        bits |= EV_CONNECTED
    if evse.authorization is not None:
        bits |= AUTHORIZED
        if evse.plugged and evse.secured:  # G05.FR.01
            bits |= POWER_PATH_CLOSED
            if signed:
                bits |= DATA_SIGNED
    if flowing:
        bits |= ENERGY_TRANSFER
    return bits
