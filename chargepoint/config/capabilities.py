"""What a station of a configuration can do: what its device model is fitted to."""

from chargepoint.config.driver import Driver
from chargepoint.config.schema import Configuration
from profiles.catalogue import Capabilities
from profiles.certificates import x509
from profiles.meter_values.variables import MEASURANDS

OFFERED = ("Current.Offered", "Power.Offered")
"""What the station knows without a meter."""


def capabilities_of(configuration: Configuration) -> Capabilities:
    """Locks, sensors, meters and modem as the configuration names them, and what the libraries that are there permit."""
    drivers = [driver for _evse_id, _connector_id, driver in configuration.drivers()]
    station = configuration.station
    return Capabilities(
        sockets=any(driver.kind == "lock" and driver.name != "none" for driver in drivers),
        trust_store=x509.installed(),
        modem=bool(station.iccid or station.imsi),
        occupancy=any(driver.kind == "board" and _sees_the_bay(driver) for driver in drivers),
        measurands=_measurands([driver for driver in drivers if driver.kind == "meter"]),
    )


def _sees_the_bay(board: Driver) -> bool:
    return board.name == "simulated" or getattr(board.options, "parking", None) is not None


def _measurands(meters: list[Driver]) -> tuple[str, ...]:
    """What all meters together give, in OCPP's order; a meter of somebody else's may give anything."""
    given: set[str] = set(OFFERED)
    for meter in meters:
        if meter.name != "modbus":
            return MEASURANDS
        from hal.meter.register_map import load_map

        given |= {register.measurand for register in load_map(meter.options.map).registers}  # type: ignore[union-attr]  # its Options
    return tuple(measurand for measurand in MEASURANDS if measurand in given)
