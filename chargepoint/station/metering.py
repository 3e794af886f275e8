"""Meter values as OCPP words them: a measurand, a phase, a context, a unit."""

import msgspec

from chargepoint.station.instant import Instant
from hal.contract import SignedMeterValue


class Kind(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a value is of, in the words of OCPP. unit: V, A, W, Wh, var, varh, VA, Hz, Celsius, Percent."""

    measurand: str = "Energy.Active.Import.Register"
    context: str = "Sample.Periodic"
    phase: str | None = None
    location: str = "Outlet"
    unit: str = "Wh"


REGISTER = "Energy.Active.Import.Register"


class MeterValue(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Values taken at one instant.

    kinds, numbers: of each value; thousands of stations share the kinds of what they tell. signed: by place, what the meter has signed.
    """

    instant: Instant
    kinds: tuple[Kind, ...]
    numbers: tuple[float, ...]
    signed: dict[int, SignedMeterValue] | None = None

    def energy_watt_hour(self) -> float | None:
        """The import register among the values."""
        for kind, number in zip(self.kinds, self.numbers, strict=True):
            if kind.measurand == REGISTER and kind.phase is None:
                return number
        return None


UNITS: dict[str, str] = {
    "Current.Export": "A",
    "Current.Import": "A",
    "Current.Offered": "A",
    "Current.Export.Offered": "A",
    "Current.Export.Minimum": "A",
    "Current.Import.Offered": "A",
    "Current.Import.Minimum": "A",
    "Display.PresentSOC": "Percent",
    "Display.MinimumSOC": "Percent",
    "Display.TargetSOC": "Percent",
    "Display.MaximumSOC": "Percent",
    "Energy.Active.Export.Register": "Wh",
    "Energy.Active.Import.Register": "Wh",
    "Energy.Reactive.Export.Register": "varh",
    "Energy.Reactive.Import.Register": "varh",
    "Energy.Active.Export.Interval": "Wh",
    "Energy.Active.Import.Interval": "Wh",
    "Energy.Active.Import.CableLoss": "Wh",
    "Energy.Active.Import.LocalGeneration.Register": "Wh",
    "Energy.Active.Net": "Wh",
    "Energy.Active.Setpoint.Interval": "Wh",
    "Energy.Apparent.Export": "VAh",
    "Energy.Apparent.Import": "VAh",
    "Energy.Apparent.Net": "VAh",
    "Energy.Reactive.Export.Interval": "varh",
    "Energy.Reactive.Import.Interval": "varh",
    "Energy.Reactive.Net": "varh",
    "Frequency": "Hz",
    "Power.Active.Export": "W",
    "Power.Active.Import": "W",
    "Power.Factor": "",
    "Power.Offered": "W",
    "Power.Reactive.Export": "var",
    "Power.Reactive.Import": "var",
    "SoC": "Percent",
    "Temperature": "Celsius",
    "Voltage": "V",
}
"""The unit of each measurand, as the meter layer gives it."""
