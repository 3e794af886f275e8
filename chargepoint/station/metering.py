"""Meter values as OCPP words them: a measurand, a phase, a context, a unit."""

import msgspec

from chargepoint.station.instant import Instant
from hal.contract import SignedMeterValue


class SampledValue(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value. value: in `unit` (V, A, W, Wh, var, varh, VA, Hz, Celsius, Percent)."""

    value: float
    measurand: str = "Energy.Active.Import.Register"
    context: str = "Sample.Periodic"
    phase: str | None = None
    location: str = "Outlet"
    unit: str = "Wh"
    signed: SignedMeterValue | None = None


class MeterValue(msgspec.Struct, frozen=True, gc=False):
    """Values taken at one instant."""

    instant: Instant
    values: tuple[SampledValue, ...]

    def energy_watt_hour(self) -> float | None:
        """The import register among the values."""
        for value in self.values:
            if value.measurand == "Energy.Active.Import.Register" and value.phase is None:
                return value.value
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
