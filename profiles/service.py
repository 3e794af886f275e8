"""The base of all services of a charging station."""

from typing import TYPE_CHECKING

from chargepoint.station.service import Service

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation  # noqa: F401 - in the quotes below, where the linter does not look


class BlockService(Service["ChargingStation"]):
    """The rules of a functional block, or of a part of it."""

    __slots__ = ()
