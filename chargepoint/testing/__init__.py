"""For people who test a CSMS: simulated stations and fleets as pytest fixtures, on real or on virtual time.

Installed with `chargepoint`, pytest finds the fixtures `charge_point`, `fleet` and `virtual_clock` by itself; see docs/testing-a-csms.md.
Nothing of the stations is imported before one is made.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from chargepoint.testing.virtual import VirtualClock, virtual_time

if TYPE_CHECKING:
    from chargepoint.testing.fleet import Fleet, Fleets
    from chargepoint.testing.in_process import InProcess, InProcessConnection
    from chargepoint.testing.messages import Event, Exchange, Frame
    from chargepoint.testing.station import NotYetError, Station
    from chargepoint.testing.stations import ChargePoints

__all__ = [
    "ChargePoints",
    "Event",
    "Exchange",
    "Fleet",
    "Fleets",
    "Frame",
    "InProcess",
    "InProcessConnection",
    "NotYetError",
    "Station",
    "VirtualClock",
    "virtual_time",
]

_HOME = {
    "ChargePoints": "stations",
    "Event": "messages",
    "Exchange": "messages",
    "Fleet": "fleet",
    "Fleets": "fleet",
    "Frame": "messages",
    "InProcess": "in_process",
    "InProcessConnection": "in_process",
    "NotYetError": "station",
    "Station": "station",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"chargepoint.testing.{home}"), name)
