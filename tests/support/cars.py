"""Cars whose own limits are beyond those that a test is about."""

from hal.sim.car import Car


def long_range_car() -> Car:
    """Takes 32 A on three phases, and is not full within a day."""
    return Car(maximum_ampere=32.0, battery_watt_hour=2_000_000.0)
